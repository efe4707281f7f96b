"""Abuse row E63 and its neighbours: numbers, characters and bodies that no page of ours sends."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

import make
import people
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Quiz, Step

KINDS = ("single_choice", "multiple_choice", "true_false", "number", "short_text", "ordering", "matching")
NUMBERS = ["9" * 5000, "9" * 20, "9223372036854775808", "2147483648", "-1", "²", "1e400", "NaN", "0x10"]
FORM = "application/x-www-form-urlencoded"


def db(app: Flask) -> Database:
    found: Database = app.extensions["quizapp_database"]
    return found


def quiz_form(**fields: str) -> dict[str, str]:
    return {
        "title": "Trees",
        "mode": "exam",
        "token": "01234567",
        "rows-0-count": "1",
        "weights": "points",
        "feedback": "",
        "at_deadline": "autosubmit",
        **fields,
    }


@pytest.mark.parametrize("number", NUMBERS)
def test_a_limit_of_ones_own_is_a_small_number_or_none(
    app: Flask, learner: people.Browser, number: str
) -> None:
    """B16: whatever is asked for, the attempt has the usual limit up to ten times, or no limit."""
    with db(app).writing() as session:
        make.questions(session, [make.document()])
        uid = make.quiz(session, mode="practice", items=[{"draw": {"count": 1}}]).uid

    reply = learner.post(f"/quizzes/{uid}/start", {"own_factor": number})

    with db(app).reading() as session:
        deadlines = session.scalars(select(Attempt.deadline_at)).all()
    assert (reply.status_code, deadlines) in [(302, [None]), (409, [])]


@pytest.mark.parametrize("number", NUMBERS)
def test_strange_numbers_in_addresses_find_nothing_or_the_first_page(
    app: Flask, learner: people.Browser, instructor: people.Browser, number: str
) -> None:
    """E63: neither database is asked for a number that it does not have."""
    with db(app).writing() as session:
        _, attempt_id = make.running(session, learner.actor)
    for address in ("/attempts?page=", "/missed?page=", "/teach/quizzes/new?set="):
        who = instructor if "teach" in address else learner
        assert who.get(f"{address}{number}").status_code == 200, address
    for address in (
        f"/attempts/{attempt_id}/questions/{number}",
        f"/teach/sets/{number}",
        f"/teach/sets/{number}.yaml",
        f"/teach/quizzes/{number}/preview",
    ):
        who = instructor if "teach" in address else learner
        assert who.get(address).status_code == 404, address


@pytest.mark.parametrize("number", NUMBERS)
def test_rows_of_a_quiz_have_ordinary_numbers(app: Flask, instructor: people.Browser, number: str) -> None:
    """E63: the number of a row stands in the name of its fields."""
    with db(app).writing() as session:
        make.questions(session, [make.document()])

    kept = instructor.post("/teach/quizzes/new", quiz_form(**{f"rows-{number}-count": "7"}))

    assert kept.status_code == 302
    with db(app).reading() as session:
        (document,) = session.scalars(select(Quiz.document)).all()
    assert document["items"] == [{"draw": {"count": 1}}]


@pytest.mark.parametrize("closes", ["9999-12-31T23:59", "9999-01-01T00:00"])
def test_a_quiz_cannot_close_at_the_end_of_the_calendar(
    app: Flask, instructor: people.Browser, closes: str
) -> None:
    """B25: the grace period would lie outside of it, and every page of whoever started it would break."""
    fields = {"closes_at": closes, "at_deadline": "grace", "grace_minutes": "1440"}

    refused = instructor.post("/teach/quizzes/new", quiz_form(**fields))

    assert refused.status_code == 422
    assert "outside the calendar" in refused.text
    with db(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(Quiz)) == 0


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_character_that_no_database_keeps_is_left_out_of_an_answer(
    app: Flask, learner: people.Browser, kind: str, character: str
) -> None:
    """E63: JSON can carry half a character, in a value and in a field's name."""
    document = make.sample(kind)
    right = make.right(document)
    with db(app).writing() as session:
        _, attempt_id = make.running(session, learner.actor, [document])
    attempt, sequence = f"/attempts/{attempt_id}", 0
    for answer in (
        {**right, f"x{character}": ["1"]},
        {**right, "x": [f"{character}2"]},
        {"dont_know": ["1"], character: [character]},
        {name: [character] for name in right},
    ):
        sent = {"sequence": sequence + 1, "answer": answer, "confidence": None}
        reply = learner.put_json(f"/api{attempt}/questions/1", sent)
        assert reply.status_code in {200, 422}, answer
        sequence = reply.get_json().get("sequence", sequence)
        assert learner.get(f"{attempt}/questions/1").status_code == 200
        assert learner.get(f"{attempt}/summary").status_code == 200

    assert sequence >= 3
    assert learner.post("/account/export").status_code == 200
    learner.post(f"{attempt}/submit")
    assert learner.get(f"{attempt}/review").status_code == 200
    with db(app).reading() as session:
        assert character not in str(session.scalars(select(Step.submission)).all())


@pytest.mark.parametrize(
    "body", ["[" * 90_000, '{"a":' * 30_000, "9" * 5000, '{"sequence":' + "9" * 5000 + "}"]
)
def test_endless_json_is_a_bad_request(learner: people.Browser, body: str) -> None:
    """E63: nested deeper than the parser can go, or a number without end."""
    headers = {"X-CSRFToken": learner.token(), "Content-Type": "application/json"}
    for address in ("/api/attempts/x/questions/1", "/api/attempts/x/questions/1/flag"):
        reply = learner.client.put(address, data=body, headers=headers)
        assert reply.status_code == 400, address


@pytest.mark.parametrize("body", [b"a&" * 500_000, b"a=1&" * 200_000, b"name=" + b"%ff" * 200_000])
def test_a_large_form_is_refused_before_it_is_read(
    learner: people.Browser, instructor: people.Browser, visitor: people.Browser, body: bytes
) -> None:
    """E63: reading megabytes of fields takes seconds; only an upload may be so large."""
    for who, address in (
        (visitor, "/sign-in"),
        (visitor, "/register"),
        (visitor, "/teach/sets/new"),
        (learner, "/practice"),
        (learner, "/teach/sets/new"),
        (instructor, "/teach/quizzes/new"),
    ):
        reply = who.client.post(address, data=body, content_type=FORM)
        assert reply.status_code == 413, address
    assert instructor.client.post("/teach/sets/new", data=body, content_type=FORM).status_code == 400


def test_the_longest_answer_fits_however_it_is_encoded(app: Flask, learner: people.Browser) -> None:
    """E63: the limit of a form must not be met before that of an answer, whose refusal says why."""
    with db(app).writing() as session:
        _, attempt_id = make.running(session, learner.actor, [make.sample("short_text")])
    form = {"sequence": "0", "action": "next", "text": "\N{EARTH GLOBE EUROPE-AFRICA}" * 20_000}

    reply = learner.post(f"/attempts/{attempt_id}/questions/1", form)

    assert reply.status_code == 422
    assert "too long" in reply.text or "at most" in reply.text


@pytest.mark.parametrize("host", ["a..b", "\xff\xfe", "[::1", "a b", "evil.example:x", "x" * 5000, ""])
def test_a_host_that_is_none_is_no_error_of_ours(app: Flask, host: str) -> None:
    """A14: the name of the host is what the sender says it is."""
    for address in ("/", "/sign-in", "/attempts", "/static/x/y"):
        environ = EnvironBuilder(path=address).get_environ() | {"HTTP_HOST": host}
        body, status, headers = run_wsgi_app(app.wsgi_app, environ)
        assert int(status[:3]) < 500, address
        assert "evil" not in b"".join(body).decode()
        assert headers["X-Content-Type-Options"] == "nosniff"


STRANGE = [
    *("x%00y", "%ff%ed%a0%80", quote("\u202e\ufffe\U0010ffff"), "9" * 4400),
    *("%0d%0aSet-Cookie:%20a=b", quote("<script>alert(1)</script>{{7*7}}%s%n'\";--")),
]
FIELDS = (
    *("name", "password", "next", "theme", "topic", "topics", "levels", "token", "count", "questions"),
    *("mode", "minutes", "title", "description", "text", "percent", "confirmation", "new_password"),
    *("current_password", "do", "fingerprint", "rows-0-question", "rows-0-place", "rows-0-levels"),
    *("with_tag", "place", "to_level", "to_set", "filters", "question", "all", "page"),
    *("set", "choice", "feedback", "opens_at", "pass_mark", "penalty", "own_factor", "confidence", "x"),
)


LEFT_OUT = ("sign-out", "sign-out-everywhere", "/delete", "/sets/new", "/replace")
"""Where it would end the session, and uploads, whose hostile files have tests of their own."""


@pytest.fixture
def routes(app: Flask, learner: people.Browser, instructor: people.Browser) -> list[str]:
    """The address of every other form, over things that exist."""
    with db(app).writing() as session:
        _, attempt_id = make.running(session, learner.actor, [make.sample("short_text")])
        values: dict[str, Any] = {
            "attempt_id": attempt_id,
            "uid": make.quiz(session).uid,
            "position": 1,
            "learner_id": learner.id,
            "set_id": make.question_set(session, owner=instructor.id, status="draft").id,
            "quiz_id": make.quiz(session, owner=instructor.id).id,
            "change_id": 1,
            "number": 1,
            "pending_id": "x",
        }

    def address(rule: Rule) -> str:
        given = {name: values[name] for name in rule.arguments}
        return app.url_map.bind("localhost").build(rule.endpoint, given, method="POST")

    found = [address(rule) for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    return [each for each in found if not each.endswith(LEFT_OUT)]


def forms(token: str, strange: str) -> Iterator[str]:
    """Forms with something strange in every field, behind a good value, and in a field's name."""
    head = f"csrf_token={quote(token)}&sequence=0&action=next"
    yield "&".join([head, *(f"{name}={strange}" for name in FIELDS)])
    yield "&".join([head, *(f"{name}=ok&{name}={strange}" for name in FIELDS)])
    yield f"{head}&text=ok&{strange}=1"


@pytest.mark.parametrize("strange", STRANGE)
def test_no_field_of_any_form_takes_the_server_aback(
    routes: list[str],
    learner: people.Browser,
    instructor: people.Browser,
    visitor: people.Browser,
    strange: str,
) -> None:
    """E63: refused or understood, but never an error of ours, on either database."""
    assert len(routes) >= 20
    for who in (learner, instructor, visitor):
        token = who.token()
        for address in routes:
            for body in forms(token, strange):
                reply: TestResponse = who.client.post(address, data=body, content_type=FORM)
                assert reply.status_code < 500, (address, body[-60:])
                assert not re.search(r"<script>alert", reply.text), address
                assert "a=b" not in str(reply.headers.getlist("Set-Cookie")), address
