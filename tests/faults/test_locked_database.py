"""Somebody else holds what a write needs for longer than a write may wait."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from faults.browsers import Answer, Browser, Request, SignInDesk, save, start, submit
from faults.processes import Holder, Server
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Step

WAITS = 0.5
ANSWER = {"number": ["42"]}

SQLITE_OPEN = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
POSTGRESQL_OPEN = "import psycopg, sys; c = psycopg.connect(sys.argv[1]);"
HELD = "print('held', flush=True); input(); c.rollback()"
OTHER_PROGRAM = f"{SQLITE_OPEN} c.execute('BEGIN EXCLUSIVE'); {HELD}"
ANOTHER_QUIZAPP = """
import sys
from quizapp.db.engine import Database
with Database(f"sqlite:///{sys.argv[1]}").writing():
    print("held", flush=True)
    input()
"""
ROWS = f"{POSTGRESQL_OPEN} c.execute('SELECT * FROM attempt FOR UPDATE'); {HELD}"
MIGRATION = f"{POSTGRESQL_OPEN} c.execute('LOCK TABLE step IN ACCESS EXCLUSIVE MODE'); {HELD}"


@pytest.fixture
def held(database: Database, hold: Callable[..., Holder]) -> Callable[[str], Holder]:
    """Start another process that holds something of this database."""
    if database.is_sqlite:
        return lambda program: hold(program, str(database.url.database))
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return lambda program: hold(program, url)


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    return serve(busy_timeout_seconds=WAITS)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("holder", [OTHER_PROGRAM, ANOTHER_QUIZAPP], ids=["program", "quizapp"])
def test_a_write_that_another_process_holds_up_says_that_nothing_was_saved(
    holder: str,
    database: Database,
    server: Server,
    held: Callable[[str], Holder],
    browse: Callable[..., Browser],
    desk: SignInDesk,
    quiz: str,
) -> None:
    browser = browse(server, desk.arrive(database, 1)[0])
    attempt = browser.start(quiz)
    lock = held(holder)

    _refuse([save(attempt, 1, 1, ANSWER), submit(attempt), start(quiz)], browser, database, server)
    _pages_open(browser, quiz, attempt)

    lock.release()
    _goes_on(browser, attempt)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_write_to_a_row_that_another_session_holds_says_that_nothing_was_saved(
    database: Database,
    server: Server,
    held: Callable[[str], Holder],
    browse: Callable[..., Browser],
    desk: SignInDesk,
    quiz: str,
) -> None:
    browser = browse(server, desk.arrive(database, 1)[0])
    attempt = browser.start(quiz)
    lock = held(ROWS)

    _refuse([save(attempt, 1, 1, ANSWER), submit(attempt)], browser, database, server)
    _pages_open(browser, quiz, attempt)

    lock.release()
    _goes_on(browser, attempt)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_long_migration_refuses_reads_of_its_table_too_and_then_all_goes_on(
    database: Database,
    server: Server,
    held: Callable[[str], Holder],
    browse: Callable[..., Browser],
    desk: SignInDesk,
    quiz: str,
) -> None:
    browser = browse(server, desk.arrive(database, 1)[0])
    attempt = browser.start(quiz)
    lock = held(MIGRATION)

    question = Request("GET", f"/attempts/{attempt}/questions/1")
    refused = [browser.send(request) for request in (save(attempt, 1, 1, ANSWER), submit(attempt), question)]

    assert [answer.status for answer in refused] == [503, 503, 503], server.said()
    lock.release()
    assert server.unexpected() == []
    _goes_on(browser, attempt)


def _refuse(requests: list[Request], browser: Browser, database: Database, server: Server) -> None:
    answers = [browser.send(request) for request in requests]
    assert [answer.status for answer in answers] == [503] * len(answers), server.said()
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert all("not saved" in answer.body.lower() for answer in answers)
    assert server.unexpected() == []
    _is_json(answers[0])
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Step)) == 0
        assert session.scalars(select(Attempt.state)).all() == ["open"]


def _is_json(answer: Answer) -> None:
    assert answer.headers.get_content_type() == "application/json"
    assert set(answer.json()) == {"error", "message", "request_id"}


def _pages_open(browser: Browser, quiz: str, attempt: str) -> None:
    paths = [
        "/quizzes",
        f"/quizzes/{quiz}",
        f"/attempts/{attempt}/questions/1",
        f"/attempts/{attempt}/summary",
    ]
    assert {path: browser.get(path).status for path in paths} == dict.fromkeys(paths, 200)


def _goes_on(browser: Browser, attempt: str) -> None:
    saved = browser.send(save(attempt, 1, 1, ANSWER))
    assert saved.status == 200
    assert saved.json()["sequence"] == 1
    assert browser.send(submit(attempt)).status == 302
    assert browser.get(f"/attempts/{attempt}/result").status == 200
