"""Fixtures: servers that end with their test, and people to use them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import make
from faults.browsers import Browser, Person, SignInDesk
from faults.processes import Holder, Server
from quizapp.db.engine import Database

QUESTIONS = 5
SEED = os.environ.get("QUIZAPP_TEST_SEED", "1")
"""Decides when servers are killed and what learners do; a failing test tells it."""


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether to take as long as it takes: `QUIZAPP_TEST_FULL=1`."""
    return os.environ.get("QUIZAPP_TEST_FULL") == "1"


@pytest.fixture
def serve(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server on the test's database."""
    servers: list[Server] = []

    def started(url: str = database_url, **options: Any) -> Server:
        server = Server(url, tmp_path, **options)
        servers.append(server)
        server.start()
        return server

    yield started
    for server in servers:
        server.kill()


@pytest.fixture
def browse() -> Iterator[Callable[..., Browser]]:
    """Open a browser on a server."""
    browsers: list[Browser] = []

    def opened(server: Server, person: Person | None = None) -> Browser:
        browser = Browser(server, person)
        browsers.append(browser)
        return browser

    yield opened
    for browser in browsers:
        browser.close()


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    """Start a process that holds something."""
    holders: list[Holder] = []

    def held(program: str, *arguments: str) -> Holder:
        holder = Holder(program, *arguments)
        holders.append(holder)
        return holder

    yield held
    for holder in holders:
        holder.kill()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SignInDesk]:
    desk = SignInDesk(tmp_path)
    yield desk
    desk.close()


@pytest.fixture
def quiz(database: Database) -> str:
    """A published exam of five questions that are answered with a number."""
    return published(database)


@pytest.fixture
def lena(database: Database, desk: SignInDesk) -> Person:
    return desk.arrive(database, 1)[0]


def published(database: Database, mode: str = "exam") -> str:
    """The id of a new quiz.  The right answer to all of it is 42."""
    documents = [
        make.document(type="number", answer=42, stem="How many milliseconds does it take?")
        for _ in range(QUESTIONS)
    ]
    with database.writing() as session:
        rows = make.questions(session, documents)
        return make.quiz(session, [row.uid for row in rows], mode=mode, time_limit_minutes=None).uid
