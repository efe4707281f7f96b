"""The server as a process: how it starts, what it refuses, and how it ends."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

import make
from quizapp.cli import main
from quizapp.cli.serving import next_free_port, url_of
from quizapp.db.engine import Database
from quizapp.db.models import Account, Question

PATIENCE = 60
"""Seconds after which something has gone wrong."""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The settings of a server with a data directory of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUIZAPP_")}
    root = str(Path(__file__).parents[2])
    return kept | {"QUIZAPP_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": root}


@pytest.fixture
def migrated(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """The server's database, migrated and empty."""
    path = tmp_path / "data" / "quizapp.db"
    path.parent.mkdir()
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def quizapp(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    """Runs `quizapp …` in this process, for what ends by itself."""
    for name, value in environ.items():
        if name.startswith("QUIZAPP_"):
            monkeypatch.setenv(name, value)

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, words, input=typed)

    return run


@contextmanager
def served(
    environ: Mapping[str, str], *words: str, last_line: str = "quizapp is at"
) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """A running server, its address, and the lines it printed up to the last one."""
    command = [sys.executable, "-P", "-m", "quizapp", *words]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines: list[str] = []
        try:
            for line in process.stdout:
                lines.append(line.strip())
                if last_line in line:
                    break
            assert lines, f"it ended with {process.wait()}"
            yield process, lines[0].rpartition(" ")[2], lines
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def answer(url: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, timeout=PATIENCE) as response:
        return response.status, response.read()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in found.split()]


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def eventually(question) -> bool:
    """Whether it becomes true before our patience ends."""
    give_up = time.monotonic() + PATIENCE
    while not question():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def test_one_line_with_the_address_is_printed_when_people_can_come(environ, migrated):
    with served(environ, "serve", "--port", "0") as (process, url, lines):
        assert lines == [f"quizapp is at {url}"]
        assert answer(f"{url}/healthz") == (200, b'{"ok":true}\n')
        assert answer(f"{url}/")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_ctrl_c_ends_it_quietly(environ, migrated):
    with served(environ, "serve", "--port", "0") as (process, _url, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def test_it_can_be_stopped_while_its_workers_begin(environ, migrated):
    with served(environ, "serve", "--port", "0", "--workers", "4") as (process, _url, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_several_workers_serve_one_address_and_share_one_secret(environ, migrated, tmp_path):
    with served(environ, "serve", "--port", "0", "--workers", "2") as (process, url, _):
        assert len(workers_of(process)) == 2
        assert {answer(f"{url}/readyz")[0] for _ in range(8)} == {200}
        key = tmp_path / "data" / "secret_key"
        assert len(key.read_text()) >= 32
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_a_worker_that_dies_is_replaced(environ, migrated):
    with served(environ, "serve", "--port", "0") as (process, url, _):
        (worker,) = workers_of(process)
        os.kill(worker, signal.SIGKILL)
        assert eventually(lambda: [pid for pid in workers_of(process) if pid != worker])
        assert eventually(lambda: _answers(url))


def _answers(url: str) -> bool:
    try:
        return answer(f"{url}/healthz")[0] == 200
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_workers_do_not_outlive_a_server_that_was_killed(environ, migrated):
    with served(environ, "serve", "--port", "0") as (process, _url, _):
        (worker,) = workers_of(process)
        process.kill()
        process.wait(PATIENCE)
        assert eventually(lambda: not lives(worker))


def test_a_busy_port_is_an_error_with_advice(quizapp, migrated):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = quizapp("serve", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "Cannot listen on 127.0.0.1" in result.stderr
    assert "--port" in result.stderr


def test_two_servers_never_share_a_port(environ, quizapp, migrated):
    with served(environ, "serve", "--port", "0") as (_, url, _lines):
        result = quizapp("serve", "--port", url.rpartition(":")[2])
        assert result.exit_code == 1
        assert "Cannot listen" in result.stderr


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_of_another_machine_is_refused(quizapp, migrated, host):
    result = quizapp("serve", "--host", host, "--port", "0")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)


def test_a_database_without_tables_is_refused_until_asked_to_migrate(environ, quizapp):
    result = quizapp("serve", "--port", "0")
    assert result.exit_code == 1
    assert "--migrate" in result.stderr
    with served(environ, "serve", "--port", "0", "--migrate") as (_, url, _lines):
        assert answer(f"{url}/readyz")[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7"])
def test_a_demo_is_never_shown_to_other_machines(quizapp, migrated, monkeypatch, host):
    with migrated.writing() as session:
        make.account(session, "Demo Learner").is_demo = True
    result = quizapp("serve", "--host", host, "--port", "0")
    assert result.exit_code == 1
    assert "this machine only" in result.stderr
    monkeypatch.setenv("QUIZAPP_HOST", host)
    for command in (["serve"], ["demo"]):
        result = quizapp(*command)
        assert result.exit_code == 1
        assert "this machine only" in result.stderr


def test_settings_that_cannot_be_read_are_named(quizapp, monkeypatch):
    monkeypatch.setenv("QUIZAPP_WORKERS", "many")
    result = quizapp("serve")
    assert result.exit_code == 1
    assert "QUIZAPP_WORKERS" in result.stderr
    assert quizapp("serve", "--port", "70000").exit_code == 2


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("quiz.example", "http://quiz.example:80"),
    ],
)
def test_the_address_can_be_opened_in_a_browser(host, url):
    assert url_of(host, 80) == url


def test_the_demo_goes_to_the_next_free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert next_free_port("127.0.0.1", port) != port


def accounts_told(lines: Sequence[str]) -> dict[str, str]:
    told = [line.removeprefix("Sign in as ").split("password") for line in lines if "Sign in as" in line]
    return {name.strip(): password.strip() for name, password in told}


def test_the_demo_is_made_once_and_found_again(environ, tmp_path, quizapp):
    data = tmp_path / "data"
    words = ("demo", "--port", "0")
    with served(environ, *words, last_line="Ctrl-C") as (_, url, first):
        assert answer(f"{url}/")[0] == 200
        assert set(accounts_told(first)) == {"Demo Instructor", "Demo Learner"}
        refused = quizapp("reset-demo", "--yes")
        assert refused.exit_code == 1
        assert "server is using" in refused.stderr
    kept = data / "demo-accounts.json"
    assert json.loads(kept.read_text()) == accounts_told(first)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    counts = counted(data)
    assert counts["questions"] > 50
    assert counts["demo"] > 10

    with served(environ, *words, last_line="Ctrl-C") as (_, _url, second):
        assert accounts_told(second) == accounts_told(first)
    assert counted(data) == counts

    with Database(f"sqlite:///{data / 'quizapp.db'}").writing() as session:
        make.account(session, "Somebody Real")
    asked = quizapp("reset-demo", typed="n\n")
    assert asked.exit_code == 1
    assert "real people" in asked.stderr
    assert counted(data) == counts | {"real": 1}

    anew = quizapp("reset-demo", "--yes")
    assert anew.exit_code == 0, anew.stderr
    assert counted(data) == counts
    assert accounts_told(anew.stdout.splitlines()) != accounts_told(first)


def counted(data: Path) -> dict[str, int]:
    database = Database(f"sqlite:///{data / 'quizapp.db'}")
    with database.reading() as session:
        questions = session.scalar(select(func.count()).select_from(Question))
        demo = session.scalar(select(func.count()).select_from(Account).where(Account.is_demo))
        real = session.scalar(select(func.count()).select_from(Account).where(~Account.is_demo))
    database.dispose()
    return {"questions": questions or 0, "demo": demo or 0, "real": real or 0}


def test_a_database_of_real_people_gets_no_demo(quizapp, migrated):
    with migrated.writing() as session:
        make.account(session, "Somebody Real")
    result = quizapp("demo", "--port", "0")
    assert result.exit_code == 1
    assert "quizapp serve" in result.stderr
    with migrated.reading() as session:
        assert session.scalars(select(Account.name)).all() == ["Somebody Real"]


def test_a_demo_on_a_database_server_is_not_deleted(quizapp, monkeypatch):
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    result = quizapp("reset-demo", "--yes")
    assert result.exit_code == 1
    assert "database file" in result.stderr
