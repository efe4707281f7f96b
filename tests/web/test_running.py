"""What is run, when and how often: running is dear, and nobody may wait for it inside a transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
import people
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Quiz
from quizapp.domain import execution
from quizapp.domain.execution import Outcome, Program
from quizapp.sandbox import runner

DOCUMENT = make.sample("sql_query")


class Watched:
    """Runs programs, and knows which were first run while the database was held."""

    def __init__(self) -> None:
        self.programs: set[Program] = set()
        self.late: list[str] = []
        self.holding = 0

    def __call__(self, program: Program) -> Outcome:
        if self.holding and program not in self.programs:
            self.late.append(program.statement)
        self.programs.add(program)
        return runner.running()(program)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched()
    real = Database.writing

    @contextmanager
    def writing(database: Database) -> Iterator[Session]:
        with real(database) as session:
            watched.holding += 1
            try:
                yield session
            finally:
                watched.holding -= 1

    monkeypatch.setattr(Database, "writing", writing)
    monkeypatch.setattr(execution, "_installed", [watched])
    return watched


@pytest.fixture
def task(app: Flask) -> str:
    """The id of a published task."""
    with app.extensions["quizapp_database"].writing() as session:
        [row] = make.questions(session, [DOCUMENT])
        return row.uid


@pytest.fixture
def begin(app: Flask, learner: people.Browser, task: str) -> Callable[..., str]:
    """Starts a new quiz that asks the task; the attempt's address."""

    def start(**fields: Any) -> str:
        with app.extensions["quizapp_database"].writing() as session:
            uid = make.quiz(session, [task], **fields).uid
        return str(learner.post(f"/quizzes/{uid}/start").headers["Location"])

    return start


def state_of(app: Flask, attempt: str) -> str:
    with app.extensions["quizapp_database"].reading() as session:
        mine = select(Attempt.state).where(Attempt.id == attempt.rpartition("/")[2])
        return str(session.scalars(mine).one())


def start_of_the_only_quiz(app: Flask) -> str:
    with app.extensions["quizapp_database"].reading() as session:
        return f"/quizzes/{session.scalars(select(Quiz.uid)).one()}/start"


def send(who: people.Browser, attempt: str, action: str, text: str, sequence: int = 0) -> int:
    fields = {"sequence": str(sequence), "action": action, "sql": text}
    return who.post(f"{attempt}/questions/1", fields).status_code


@pytest.mark.parametrize("end", ["submit", "late save", "result", "start", "export", "extra time"])
def test_nothing_is_run_while_the_database_is_held(
    app: Flask,
    learner: people.Browser,
    instructor: people.Browser,
    clock: people.Clock,
    watched: Watched,
    begin: Callable[..., str],
    end: str,
) -> None:
    attempt = begin()
    send(learner, attempt, "next", DOCUMENT["wrong"][0]["sql"])
    assert watched.programs == set()
    if end != "submit":
        clock.forward(minutes=21)

    if end in {"submit", "result"}:
        _ = learner.post(f"{attempt}/submit") if end == "submit" else learner.get(f"{attempt}/result")
    elif end == "late save":
        late = {"sequence": 2, "answer": {"sql": ["SELECT 1"]}, "confidence": None}
        assert learner.put_json(f"/api{attempt}/questions/1", late).status_code == 409
    elif end == "start":
        learner.post(start_of_the_only_quiz(app))
    elif end == "export":
        learner.post("/account/export")
    else:
        instructor.post("/teach/extra-time", {"name": "Lena", "percent": "150"})

    assert (watched.late, len(watched.programs) > 1) == ([], True)
    assert state_of(app, attempt) == "finished"


def test_a_check_is_run_before_it_is_kept(
    learner: people.Browser, watched: Watched, begin: Callable[..., str]
) -> None:
    attempt = begin(mode="practice", time_limit_minutes=None)

    assert send(learner, attempt, "check", DOCUMENT["wrong"][0]["sql"]) == 302
    assert (watched.late, len(watched.programs) > 1) == ([], True)


def test_what_cannot_be_checked_is_not_run(
    learner: people.Browser, clock: people.Clock, watched: Watched, begin: Callable[..., str]
) -> None:
    """Trying an answer out is limited, so checking one in vain must not be a way around that."""
    practice = begin(mode="practice", closes_at=(clock() + timedelta(minutes=20)).isoformat())
    assert send(learner, practice, "check", "SELECT 'of a stale page'", sequence=7) == 409
    exam = begin()
    assert send(learner, exam, "check", "SELECT 'in an exam'") == 404
    clock.forward(minutes=21)
    assert send(learner, practice, "check", "SELECT 'too late'") == 302

    assert [p.statement for p in watched.programs if p.statement.startswith("SELECT '")] == []


def test_what_a_running_exam_asks_is_not_run_by_checking_it(
    learner: people.Browser, watched: Watched, begin: Callable[..., str]
) -> None:
    practice = begin(mode="practice", time_limit_minutes=None)
    begin(mode="exam")

    assert send(learner, practice, "check", "SELECT 'held back'") == 422
    assert watched.programs == set()
