"""Abuse rows A, C, D and E: what somebody gets by asking at the wrong time, in the wrong order or too often."""

import io
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

import make
import people
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Slot, Step
from quizapp.services import finishing, starting
from quizapp.web import logs

WHY = "Because a tree keeps its order."
TOKEN = "a-token-of-the-form"
DOCUMENT = make.document("asked-twice", explanation=WHY)
RIGHT = make.right(DOCUMENT)


def db(app: Flask) -> Database:
    found: Database = app.extensions["quizapp_database"]
    return found


def attempts(who: people.Browser) -> int:
    with db(who.app).reading() as session:
        found = select(func.count()).select_from(Attempt).where(Attempt.learner_id == who.id)
        return session.scalar(found) or 0


@pytest.fixture
def practice(learner: people.Browser) -> str:
    """A practice that was left open, over one question that is not answered yet: its address."""
    with db(learner.app).writing() as session:
        _, attempt_id = make.running(
            session, learner.actor, [DOCUMENT], mode="practice", time_limit_minutes=None
        )
    return f"/attempts/{attempt_id}"


def exam(who: people.Browser, **fields: Any) -> str:
    """Start an exam that asks the same question: its address."""
    with db(who.app).writing() as session:
        uid = make.quiz(session, ["asked-twice"], **fields).uid
        attempt_id = starting.start_quiz(session, who.actor, uid, now=who.app.config["CLOCK"]()).attempt_id
    return f"/attempts/{attempt_id}"


def check(who: people.Browser, attempt: str, **answer: Any) -> Any:
    return who.post(f"{attempt}/questions/1", {"sequence": "0", "action": "check", **(answer or RIGHT)})


@pytest.mark.parametrize("action", ["check", "dont-know"])
def test_a_practice_left_open_checks_nothing_that_an_exam_asks(
    learner: people.Browser, practice: str, action: str
) -> None:
    """A1: the practice was begun first, so no draw could leave the question out."""
    sitting = exam(learner)

    refused = learner.post(f"{practice}/questions/1", {"sequence": "0", "action": action, **RIGHT})

    assert refused.status_code == 422
    assert "An exam of yours asks this question too" in refused.text
    assert WHY not in refused.text
    with db(learner.app).reading() as session:
        assert session.scalars(select(Step.kind)).all() == []
    learner.post(f"{sitting}/submit")
    assert check(learner, practice).status_code == 302
    assert WHY in learner.get(f"{practice}/questions/1").text


def test_what_was_checked_before_an_exam_is_hidden_during_it(learner: people.Browser, practice: str) -> None:
    """A1: an answered practice in another tab is a crib."""
    check(learner, practice)
    page = f"{practice}/questions/1"
    assert WHY in learner.get(page).text

    sitting = exam(learner)
    meanwhile = learner.get(page).text
    assert "An exam of yours asks this question too" in meanwhile
    assert WHY not in meanwhile
    assert "is-right" not in meanwhile

    learner.post(f"{sitting}/submit")
    assert WHY in learner.get(page).text


def test_an_exam_that_ran_out_unnoticed_holds_nothing_back(
    learner: people.Browser, practice: str, clock: people.Clock
) -> None:
    """B20: nobody looked at it since, and the practice goes on all the same."""
    exam(learner)
    clock.forward(hours=1)

    assert check(learner, practice).status_code == 302
    assert WHY in learner.get(f"{practice}/questions/1").text


@pytest.mark.parametrize("mode", ["exam", "practice"])
def test_a_quiz_of_ones_own_draws_nothing_that_an_exam_asks(learner: people.Browser, mode: str) -> None:
    """A11: its result is there at once, whatever its mode, so one would try answer after answer."""
    with db(learner.app).writing() as session:
        make.questions(session, [DOCUMENT, *(make.document() for _ in range(6))])
    exam(learner)

    own = learner.post("/practice", {"questions": "7", "mode": mode, "token": TOKEN})

    assert own.status_code == 303
    with db(learner.app).reading() as session:
        drawn = select(func.count()).select_from(Slot).where(Slot.attempt_id == own.location.split("/")[-1])
        assert session.scalar(drawn) == 6


def test_until_the_release_practice_and_reviews_say_nothing_of_the_exam(
    learner: people.Browser, practice: str, clock: people.Clock
) -> None:
    """A3: it is submitted, but whoever looks the keys up knows the score."""
    old = exam(learner)
    learner.post(f"{old}/submit")
    assert WHY in learner.get(f"{old}/review").text
    closes = (clock() + timedelta(days=1)).isoformat()
    learner.post(f"{exam(learner, feedback='after_close', closes_at=closes)}/submit")

    assert WHY not in learner.get(f"{old}/review").text
    assert check(learner, practice).status_code == 422
    own = {"questions": "5", "mode": "practice", "token": TOKEN}
    assert "no question that fits" in learner.post("/practice", own).text

    clock.forward(days=1, seconds=1)
    learner.get("/")
    assert WHY in learner.get(f"{old}/review").text
    assert check(learner, practice).status_code == 302


def test_the_copy_of_ones_data_keeps_old_answers_back_while_an_exam_asks_the_same(
    learner: people.Browser, practice: str
) -> None:
    """A1: a right answer of then is the key of now; the answer in the exam itself is there."""
    check(learner, practice)
    learner.post(f"{practice}/submit")
    sitting = exam(learner)
    learner.post(f"{sitting}/questions/1", {"sequence": "0", "action": "next", **RIGHT})

    def answers() -> list[Any]:
        copy = learner.post("/account/export").get_json()
        return [step["submission"] for each in copy["attempts"] for step in each["slots"][0]["steps"]]

    assert answers() in ([None, RIGHT], [RIGHT, None])
    learner.post(f"{sitting}/submit")
    assert answers() == [RIGHT] * 3


def test_of_many_starts_at_once_no_more_count_than_are_allowed(app: Flask, learner: people.Browser) -> None:
    """C33: start and submit as fast as one can; two attempts are two attempts."""
    with db(app).writing() as session:
        rows = make.questions(session, [DOCUMENT])
        uid = make.quiz(session, [row.uid for row in rows], attempts_allowed=2).uid

    def once(number: int) -> None:
        try:
            with db(app).writing() as session:
                begun = starting.start_quiz(session, learner.actor, uid, now=make.NOW)
            with db(app).writing() as session:
                finishing.submit(session, learner.id, begun.attempt_id, now=make.NOW)
        except starting.NotAvailable:
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(once, range(24)))

    assert attempts(learner) == 2
    refused = learner.post(f"/quizzes/{uid}/start")
    assert refused.status_code == 409
    assert "used all 2 attempts" in refused.text


def changing(app: Flask) -> list[tuple[str, str]]:
    """Every route that changes something, as method and address."""
    values = {"uid": "x", "attempt_id": "x", "position": 1, "set_id": 1, "quiz_id": 1, "learner_id": 1}
    values |= {"change_id": 1, "number": 1, "pending_id": "x"}
    found = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "DELETE", "PATCH"}:
            address = app.url_map.bind("localhost").build(
                rule.endpoint, {name: values[name] for name in rule.arguments}, method=method
            )
            found.append((method, address))
    return found


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "text/plain"])
def test_nothing_changes_without_the_token_of_the_session_whatever_the_body_claims_to_be(
    app: Flask, instructor: people.Browser, visitor: people.Browser, kind: str
) -> None:
    """E51: every route that changes something, with no token and with that of another session."""
    routes = changing(app)
    assert len(routes) > 20
    for method, address in routes:
        for headers in ({}, {"X-CSRFToken": visitor.token()}):
            body = '{"csrf_token": "x"}' if "json" in kind else "csrf_token=x"
            reply = instructor.client.open(
                address, method=method, data=body, content_type=kind, headers=headers
            )
            assert reply.status_code == 400, (method, address)


def test_asking_which_names_are_taken_has_an_end(learner: people.Browser, visitor: people.Browser) -> None:
    """E60: registering must say that a name is taken, and is no list of everybody."""
    form = {"csrf_token": visitor.token(), "name": "Lena", "password": "four rusty kettles sing"}
    replies = [visitor.client.post("/register", data=form) for _ in range(61)]

    assert {reply.status_code for reply in replies[:60]} == {422}
    assert replies[60].status_code == 429
    assert int(replies[60].headers["Retry-After"]) > 0


def test_a_missing_file_is_a_page_like_others_and_kept_by_nobody(learner: people.Browser) -> None:
    """A5: it shows who is signed in, with a token of the session."""
    missing = learner.get("/static/x/nothing.css")

    assert missing.status_code == 404
    assert missing.headers["Cache-Control"] == "no-store"
    assert "Cookie" in missing.headers["Vary"]


@pytest.mark.parametrize("style", ["text", "json"])
def test_an_error_in_the_log_shows_no_value_that_somebody_sent(style: str) -> None:
    """A14: the traceback has lines of code, and no local variables beside them."""
    written = io.StringIO()
    before = structlog.get_config()
    logs.configure(style)
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(written))
    try:
        _fail({"password": "-".join(["four", "rusty"])})
    except ZeroDivisionError:
        structlog.get_logger().exception("unhandled")
    finally:
        structlog.configure(**before)

    assert "ZeroDivisionError" in written.getvalue()
    assert "four-rusty" not in written.getvalue()


def _fail(sent: dict[str, str]) -> float:
    return len(sent) / (len(sent) - 1)


def test_an_error_of_the_database_names_no_value(database: Database) -> None:
    """A14: such an error goes to the log as it is."""
    wrong = text("SELECT no_such_column FROM account WHERE name = :name")
    with database.engine.connect() as connection, pytest.raises(SQLAlchemyError) as caught:
        connection.execute(wrong, {"name": "four-rusty"})

    assert "no_such_column" in str(caught.value)
    assert "four-rusty" not in str(caught.value)


def test_a_new_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It holds everybody's answers, and the folder may be open to others."""
    path = tmp_path / "new.db"
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        session.execute(text("CREATE TABLE kept (number INTEGER)"))
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    database.dispose()

    assert "new.db" in modes
    assert set(modes.values()) == {0o600}


def test_an_attempt_of_somebody_else_looks_like_none_on_every_route(
    app: Flask, learner: people.Browser, other_learner: people.Browser
) -> None:
    """D38: the same status and the same page as for an id that nobody has."""
    with db(app).writing() as session:
        _, attempt_id = make.running(session, learner.actor, [make.document()])
    rules = [rule for rule in app.url_map.iter_rules() if "attempt_id" in rule.arguments]
    assert len(rules) > 8
    for rule in rules:
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        seen = []
        for known in (attempt_id, "x" * len(attempt_id)):
            values = {
                name: {"attempt_id": known, "position": 1, "learner_id": learner.actor.id}[name]
                for name in rule.arguments
            }
            address = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
            reply = _ask(other_learner, method, address)
            seen.append((reply.status_code, _plain(reply.text.replace(known, ""))))
        assert seen[0][0] == 404, rule
        assert seen[0] == seen[1], rule


def _ask(who: people.Browser, method: str, address: str) -> Any:
    if method == "PUT":
        return who.put_json(address, {"sequence": 1, "answer": RIGHT, "flagged": True})
    return who.get(address) if method == "GET" else who.post(address, {"sequence": "0", **RIGHT})


def _plain(page: str) -> str:
    """A page without what is new each time."""
    return re.sub(r'nonce="[^"]*"|csrf-token" content="[^"]*"|value="[^"]*"|[0-9a-f]{12}', "", page)
