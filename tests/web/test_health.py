"""What load balancers, monitors and the log get to see."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask

from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db import migrations
from quizapp.db.engine import Database
from quizapp.web import errors, logs

TOKEN = "a token for the monitor"


def test_a_living_process_says_so_and_sets_no_cookie(visitor):
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"ok": True})
    assert "Set-Cookie" not in answer.headers


def test_a_ready_process_says_so_and_sets_no_cookie(visitor):
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ok": True})
    assert "Set-Cookie" not in answer.headers


def test_health_asks_the_database_nothing(visitor, sql):
    with sql.counted() as sent:
        visitor.get("/healthz")
    assert sent == []


def test_an_unmigrated_database_is_not_ready(app, visitor, monkeypatch):
    monkeypatch.setattr(migrations, "head", lambda: "9999")
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ok": False, "missing": "migrations"})
    assert visitor.get("/healthz").status_code == 200


def test_without_its_database_a_process_lives_but_is_not_ready(app, visitor, monkeypatch):
    away = Database("postgresql+psycopg://quizapp:hidden-word@127.0.0.1:1/quizapp", busy_timeout=1)
    monkeypatch.setitem(app.extensions, "quizapp_database", away)
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ok": False, "missing": "database"})
    assert visitor.get("/healthz").status_code == 200
    away.dispose()


@pytest.fixture
def monitored(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update={"metrics_token": TOKEN}))
    yield app
    app.extensions["quizapp_database"].dispose()


def test_without_a_token_there_are_no_metrics(visitor):
    assert visitor.get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer bl\u00e4h"])
def test_metrics_want_the_token(monitored, header):
    answer = monitored.test_client().get("/metrics", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "quizapp_request_seconds" not in answer.text


def test_metrics_count_routes_and_never_addresses(monitored):
    client = monitored.test_client()
    client.get("/healthz?token=in-the-query")
    client.get("/no/such/secret-looking-place")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert 'quizapp_request_seconds_count{method="GET",route="/healthz",status="200"}' in answer.text
    assert 'route="none",status="404"' in answer.text
    assert "secret-looking" not in answer.text
    assert "in-the-query" not in answer.text


@pytest.fixture
def lines(settings: Settings) -> Iterator[Any]:
    """A small app with the log of the real one; gives its log as documents."""
    written = io.StringIO()
    app = Flask("small")
    app.extensions["quizapp_settings"] = settings.model_copy(update={"log_format": "json"})
    app.add_url_rule("/save/<name>", "save", lambda name: f"saved {name}", methods=["POST"])
    app.add_url_rule("/broken", "broken", lambda: str(1 / 0))
    app.add_url_rule("/healthz", "health.healthz", lambda: "ok")
    app.register_error_handler(ZeroDivisionError, _say_broken)
    before = structlog.get_config()
    logs.init_app(app)
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(written))

    def ask(method: str, path: str, **options: Any) -> list[dict[str, Any]]:
        app.test_client().open(path, method=method, **options)
        return [json.loads(line) for line in written.getvalue().splitlines()]

    yield ask
    structlog.configure(**before)


def _say_broken(error: Exception) -> tuple[str, int]:
    logs.log.exception("unhandled", request_id=errors.request_id())
    return "broken", 500


def test_a_request_is_one_line_of_json(lines):
    (line,) = lines("POST", "/save/one")
    assert line["ms"] >= 0
    assert len(line["request_id"]) == 12
    assert line | {"ms": 0, "request_id": "", "timestamp": ""} == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "path": "/save/one",
        "status": 200,
        "ms": 0,
        "request_id": "",
        "timestamp": "",
    }


def test_what_people_send_is_never_logged(lines):
    found = lines(
        "POST",
        "/save/one?token=secret-query",
        data={"password": "secret-form"},
        headers={"Authorization": "secret-header", "Cookie": "session=secret-cookie"},
    )
    assert found
    assert "secret" not in json.dumps(found)


def test_an_error_and_its_request_carry_one_number(lines):
    error, request = lines("GET", "/broken")
    assert "ZeroDivisionError" in error["exception"]
    assert request["status"] == 500
    assert error["request_id"] == request["request_id"]


def test_an_address_cannot_forge_a_line(lines):
    (line,) = lines("POST", "/save/x%0a%1b[31mforged")
    assert line["path"] == "/save/x%0A%1B%5B31mforged"


def test_health_checks_do_not_fill_the_log(lines):
    assert lines("GET", "/healthz") == []
