"""When nothing can be run, answers are kept, nothing is graded, and people are told to come back."""

import pytest
from flask import Flask
from sqlalchemy import select

import make
import people
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Step
from quizapp.domain import execution
from quizapp.domain.errors import Overloaded


def test_a_quiz_that_cannot_be_graded_now_is_submitted_later(
    app: Flask, learner: people.Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Database = app.extensions["quizapp_database"]
    document = make.sample("sql_query")
    with database.writing() as session:
        [row] = make.questions(session, [document])
        quiz = make.quiz(session, [row.uid]).uid
    attempt = learner.post(f"/quizzes/{quiz}/start").headers["Location"]
    learner.post(f"{attempt}/questions/1", {"sequence": "0", "action": "next", "sql": document["answer"]})

    with monkeypatch.context() as broken:
        broken.setattr(execution, "_installed", [refuse])
        refused = learner.post(f"{attempt}/submit")
    with database.reading() as session:
        left = session.scalars(select(Attempt.state)).one(), session.scalars(select(Step.kind)).all()
    done = learner.post(f"{attempt}/submit")

    assert (refused.status_code, refused.headers["Retry-After"].isdigit()) == (503, True)
    assert "try again in a few seconds" in refused.text
    assert left == ("open", ["save"])
    assert done.status_code == 302
    with database.reading() as session:
        assert session.scalars(select(Attempt.score)).one() == 1


def refuse(_: object) -> execution.Outcome:
    raise Overloaded
