"""Choosing, taking and submitting a quiz over HTTP; the abuse rows B, C and D that concern it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import make
import people
from quizapp.db.engine import Database
from quizapp.db.models import Account, Attempt, Slot, Step
from quizapp.services import extra_time

DOCUMENTS = [
    make.document(f"q-{n}", stem=f"Question number {n}, which structure does it use?") for n in range(1, 4)
]
RIGHT = [make.right(document) for document in DOCUMENTS]
WRONG = [make.wrong(document) for document in DOCUMENTS]


def db(app: Flask) -> Database:
    found: Database = app.extensions["quizapp_database"]
    return found


@pytest.fixture
def offer(app: Flask) -> Callable[..., str]:
    """Publishes a quiz over some questions and gives its address."""

    def publish(documents: list[dict[str, Any]] = DOCUMENTS, **fields: Any) -> str:
        with db(app).writing() as session:
            rows = make.questions(session, documents)
            return f"/quizzes/{make.quiz(session, [row.uid for row in rows], **fields).uid}"

    return publish


def begin(who: people.Browser, quiz: str) -> str:
    """Start a quiz; the attempt's address."""
    response = who.post(f"{quiz}/start")
    assert response.status_code == 302, response.text
    return str(response.headers["Location"])


def send(who: people.Browser, attempt: str, position: int, answer: Any, **fields: Any) -> TestResponse:
    data = {"sequence": "0", "action": "next", **answer, **fields}
    return who.post(f"{attempt}/questions/{position}", data)


def save(
    who: people.Browser, attempt: str, position: int, answer: Any, sequence: Any = 1, **rest: Any
) -> TestResponse:
    document = {"sequence": sequence, "answer": answer, "confidence": None, **rest}
    return who.put_json(f"/api{attempt}/questions/{position}", document)


def steps(app: Flask) -> int:
    with db(app).reading() as session:
        return session.scalar(select(func.count()).select_from(Step)) or 0


def test_a_whole_sitting_without_javascript(app: Flask, learner: people.Browser, offer: Any) -> None:
    quiz = offer()
    assert "Start the 20-minute exam" in learner.get(quiz).text
    attempt = begin(learner, quiz)
    assert learner.get(attempt).headers["Location"] == f"{attempt}/questions/1"

    first = send(learner, attempt, 1, RIGHT[0])
    send(learner, attempt, 2, WRONG[1])
    summary = learner.get(f"{attempt}/summary").text
    end = learner.post(f"{attempt}/submit")

    assert first.headers["Location"] == f"{attempt}/questions/2"
    assert "Submit 2 of 3 answers" in summary
    assert end.headers["Location"] == f"{attempt}/result"
    with db(app).reading() as session:
        assert session.scalars(select(Attempt.score)).one() == 1


def test_buttons_go_where_they_say_and_keep_the_answer(learner: people.Browser, offer: Any) -> None:
    attempt = begin(learner, offer())
    ways = {
        "next": "questions/3",
        "back": "questions/1",
        "summary": "summary",
        "flag": "questions/2",
        "clear": "questions/2",
    }

    for number, (action, leads_to) in enumerate(ways.items()):
        sequence = 0 if number == 0 else 1
        response = send(learner, attempt, 2, RIGHT[1], action=action, sequence=str(sequence))
        assert response.headers["Location"] == f"{attempt}/{leads_to}", action

    page = learner.get(f"{attempt}/questions/2").text
    assert 'aria-pressed="true"' in page
    assert "checked" not in page.split("data-player")[1].split("I am guessing")[0]


def test_the_last_question_leads_to_the_summary(learner: people.Browser, offer: Any) -> None:
    attempt = begin(learner, offer())

    assert send(learner, attempt, 3, RIGHT[2]).headers["Location"] == f"{attempt}/summary"


def test_an_answer_comes_back_when_the_page_is_opened_again(learner: people.Browser, offer: Any) -> None:
    attempt = begin(learner, offer())
    save(learner, attempt, 1, RIGHT[0])

    [key] = RIGHT[0]["choice"]
    page = learner.get(f"{attempt}/questions/1").text

    assert f'value="{key}"' in page
    row = page.split(f'value="{key}"')[1].split(">")[0]
    assert "checked" in row


def test_what_cannot_be_read_is_shown_again_with_the_reason(
    app: Flask, learner: people.Browser, offer: Any
) -> None:
    attempt = begin(learner, offer([make.sample("number")]))

    response = send(learner, attempt, 1, {"number": "about <b>twelve</b>"})

    assert response.status_code == 422
    assert "Type a number" in response.text
    assert "about &lt;b&gt;twelve&lt;/b&gt;" in response.text
    assert response.text.count("<title>Error:") == 1
    assert steps(app) == 0


def test_a_stale_page_is_told_and_overwrites_nothing(app: Flask, learner: people.Browser, offer: Any) -> None:
    attempt = begin(learner, offer())
    save(learner, attempt, 1, RIGHT[0])

    page = send(learner, attempt, 1, WRONG[0])
    reply = save(learner, attempt, 1, WRONG[0])

    assert page.status_code == reply.status_code == 409
    assert "another tab" in page.text
    assert reply.json == {
        "error": "changed_elsewhere",
        "message": "This answer was changed in another tab or on another device.",
        "sequence": 1,
        "answer": RIGHT[0],
    }
    assert steps(app) == 1


def test_right_and_wrong_saves_look_identical(learner: people.Browser, offer: Any) -> None:
    attempt = begin(learner, offer())

    right, wrong = save(learner, attempt, 1, RIGHT[0]), save(learner, attempt, 2, WRONG[1])

    assert right.status_code == wrong.status_code == 200
    assert right.data == wrong.data
    assert sorted(right.headers.keys()) == sorted(wrong.headers.keys())


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"sequence": 1},
        {"sequence": "1", "answer": {}},
        {"sequence": True, "answer": {}},
        {"sequence": -1, "answer": {}},
        {"sequence": 10**12, "answer": {}},
        {"sequence": 1, "answer": []},
        {"sequence": 1, "answer": {"choice": "x"}},
        {"sequence": 1, "answer": {"choice": [1]}},
        {"sequence": 1, "answer": {"choice": ["x"]}, "confidence": "certain"},
        {"sequence": 1, "answer": {"choice": ["x"]}, "confidence": ["low"]},
    ],
)
def test_malformed_saves_are_refused_and_change_nothing(
    app: Flask, learner: people.Browser, offer: Any, document: Any
) -> None:
    attempt = begin(learner, offer())

    response = learner.put_json(f"/api{attempt}/questions/1", document)

    assert response.status_code == 400
    assert steps(app) == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"choice": ["unknown"]},
        {"choice": ["a", "a"]},
        {"choice": ["x" * 30_000]},
        {f"field-{n}": ["x"] for n in range(100)},
    ],
)
def test_unreadable_answers_are_refused_with_a_hint(
    app: Flask, learner: people.Browser, offer: Any, answer: Any
) -> None:
    attempt = begin(learner, offer())

    response = save(learner, attempt, 1, answer)

    assert response.status_code == 422
    assert response.json and response.json["message"]
    assert steps(app) == 0


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(
    app: Flask, learner: people.Browser, offer: Any
) -> None:
    attempt = begin(learner, offer())

    response = save(learner, attempt, 1, {"choice": ["x" * (9 * 1024 * 1024)]})

    assert response.status_code in {413, 422}
    assert steps(app) == 0


def test_fields_that_a_learner_may_not_set_change_nothing(
    app: Flask, learner: people.Browser, offer: Any
) -> None:
    attempt = begin(learner, offer())
    extra = {
        "deadline": "2099-01-01",
        "deadline_at": "2099-01-01",
        "score": "100",
        "learner_id": "99",
        "time": "1",
    }

    save(learner, attempt, 1, RIGHT[0], **extra)
    learner.post(f"{attempt}/submit", extra)

    with db(app).reading() as session:
        row = session.scalars(select(Attempt)).one()
        assert (row.learner_id, row.score) == (learner.id, 1)
        assert row.deadline_at == make.NOW + timedelta(minutes=20)


def test_a_forged_request_saves_nothing(app: Flask, learner: people.Browser, offer: Any) -> None:
    attempt = begin(learner, offer())
    document = {"sequence": 1, "answer": RIGHT[0], "confidence": None}

    for options in (
        {"json": document},
        {"json": document, "headers": {"X-CSRFToken": "made up"}},
        {"data": '{"sequence": 1}', "content_type": "text/plain"},
    ):
        assert learner.client.put(f"/api{attempt}/questions/1", **options).status_code == 400
    assert (
        learner.client.post(f"{attempt}/questions/1", data={"sequence": "0", **RIGHT[0]}).status_code == 400
    )
    assert learner.client.post(f"{attempt}/submit").status_code == 400
    assert steps(app) == 0


def test_others_see_nothing_of_an_attempt(
    app: Flask, learner: people.Browser, other_learner: people.Browser, instructor: people.Browser, offer: Any
) -> None:
    attempt = begin(learner, offer())
    for stranger in (other_learner, instructor):
        for path in ("", "/questions/1", "/summary", "/result", "/review"):
            mine, random = stranger.get(f"{attempt}{path}"), stranger.get(f"/attempts/AAAAAAAAAAAAAAAA{path}")
            assert mine.status_code == random.status_code == 404, path
            assert len(mine.data) == len(random.data), path
        assert save(stranger, attempt, 1, RIGHT[0]).status_code == 404
        assert send(stranger, attempt, 1, RIGHT[0]).status_code == 404
        assert stranger.post(f"{attempt}/submit").status_code == 404
        assert stranger.get(f"/api{attempt}/time").status_code == 404
        assert stranger.put_json(f"/api{attempt}/questions/1/flag", {"flagged": True}).status_code == 404
    assert steps(app) == 0


def test_without_signing_in_pages_lead_to_the_sign_in_and_the_api_says_401(
    learner: people.Browser, visitor: people.Browser, offer: Any
) -> None:
    quiz = offer()
    attempt = begin(learner, quiz)

    for path in ("/quizzes", quiz, attempt, f"{attempt}/questions/1", f"{attempt}/summary"):
        response = visitor.get(path)
        assert response.status_code == 302
        assert "/sign-in" in response.headers["Location"]
    reply = save(visitor, attempt, 1, RIGHT[0])
    assert (reply.status_code, reply.content_type) == (401, "application/json")


@pytest.mark.parametrize("position", ["0", "4", "99999999999999999999", "-1", "x"])
def test_there_is_no_question_outside_the_quiz(learner: people.Browser, offer: Any, position: str) -> None:
    attempt = begin(learner, offer())

    assert learner.get(f"{attempt}/questions/{position}").status_code == 404
    assert save(learner, attempt, position, RIGHT[0]).status_code == 404  # type: ignore[arg-type]  # on purpose


def test_after_the_deadline_nothing_is_taken_and_the_saved_answers_count(
    app: Flask, learner: people.Browser, offer: Any, clock: people.Clock
) -> None:
    attempt = begin(learner, offer())
    save(learner, attempt, 1, RIGHT[0])
    clock.forward(minutes=20, seconds=4)
    assert save(learner, attempt, 2, RIGHT[1]).status_code == 200
    clock.forward(seconds=2)

    late = save(learner, attempt, 3, RIGHT[2])

    assert late.status_code == 409
    assert late.json and late.json["error"] == "deadline_passed"
    assert learner.get(f"{attempt}/questions/1").headers["Location"] == f"{attempt}/result"
    with db(app).reading() as session:
        row = session.scalars(select(Attempt)).one()
        assert (row.state, row.score, row.ended_by) == ("finished", 2, "deadline")
        assert row.finished_at == make.NOW + timedelta(minutes=20)


def test_a_form_sent_too_late_says_so_and_shows_the_result(
    learner: people.Browser, offer: Any, clock: people.Clock
) -> None:
    attempt = begin(learner, offer())
    clock.forward(hours=1)

    response = send(learner, attempt, 1, RIGHT[0])
    page = learner.client.get(response.headers["Location"], follow_redirects=True)

    assert "Time is up" in page.text
    assert page.request.path == f"{attempt}/result"


def test_in_the_grace_period_the_summary_is_all_there_is(
    learner: people.Browser, offer: Any, clock: people.Clock
) -> None:
    attempt = begin(learner, offer(at_deadline="grace", grace_minutes=3))
    save(learner, attempt, 1, RIGHT[0])
    clock.forward(minutes=21)

    reply = save(learner, attempt, 2, RIGHT[1])

    assert reply.status_code == 409
    assert reply.json and reply.json["error"] == "answers_closed"
    assert learner.get(attempt).headers["Location"] == f"{attempt}/summary"
    assert "Answers can no longer be changed" in learner.get(f"{attempt}/summary").text
    assert learner.post(f"{attempt}/submit").status_code == 302


def test_the_time_is_the_servers(learner: people.Browser, offer: Any, clock: people.Clock) -> None:
    attempt = begin(learner, offer())
    clock.forward(minutes=3)

    time = learner.get(f"/api{attempt}/time", headers={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}).json

    assert time == {
        "now": "2026-11-21T09:03:00+00:00",
        "seconds_left": 1020,
        "deadline": "2026-11-21T09:20:00+00:00",
        "reason": "time_limit",
        "over": False,
    }
    assert 'data-seconds-left="1020"' in learner.get(f"{attempt}/questions/1").text


def test_a_late_start_says_what_cuts_it_short(learner: people.Browser, offer: Any) -> None:
    quiz = offer(closes_at=(make.NOW + timedelta(minutes=7)).isoformat())
    assert "You have less than the full time" in learner.get(quiz).text
    attempt = begin(learner, quiz)
    for path in ("questions/1", "summary"):
        assert "That is the moment at which the quiz closes." in learner.get(f"{attempt}/{path}").text

    time = learner.get(f"/api{attempt}/time").json

    assert time and (time["seconds_left"], time["reason"]) == (420, "quiz_closes")


def test_extra_time_shows_at_the_next_request(
    app: Flask, learner: people.Browser, offer: Any, clock: people.Clock
) -> None:
    attempt = begin(learner, offer())
    clock.forward(minutes=19)
    with db(app).writing() as session:
        extra_time.grant(session, learner.id, 200, now=clock())
    clock.forward(minutes=10)

    assert save(learner, attempt, 1, RIGHT[0]).status_code == 200
    time = learner.get(f"/api{attempt}/time").json
    assert time and (time["seconds_left"], time["reason"]) == (660, "extra_time")


def test_own_extra_time_stands_on_the_start_page(app: Flask, learner: people.Browser, offer: Any) -> None:
    with db(app).writing() as session:
        session.get_one(Account, learner.id).time_percent = 150

    page = learner.get(offer()).text

    assert "Start the 30-minute exam" in page
    assert "30 min for you" in page


def test_practice_shows_the_verdict_at_once_and_the_key_only_then(
    learner: people.Browser, offer: Any
) -> None:
    attempt = begin(learner, offer(mode="practice", time_limit_minutes=None))
    before = learner.get(f"{attempt}/questions/1").text

    send(learner, attempt, 1, WRONG[0], action="check")
    after = learner.get(f"{attempt}/questions/1").text

    assert "Ordered, so ranges work." not in before
    assert "Ordered, so ranges work." in after
    assert 'class="verdict is-wrong' in after
    assert 'class="verdict' not in before


def test_practice_takes_ones_own_limit_up_to_ten_times(
    app: Flask, learner: people.Browser, offer: Any
) -> None:
    quiz = offer(mode="practice")

    assert learner.post(f"{quiz}/start", {"own_factor": "11"}).status_code == 409
    assert learner.post(f"{quiz}/start", {"own_factor": "10"}).status_code == 302
    with db(app).reading() as session:
        assert session.scalars(select(Attempt.deadline_at)).one() == make.NOW + timedelta(minutes=200)


def test_practice_is_untimed_unless_one_wants_a_limit(
    app: Flask, learner: people.Browser, offer: Any
) -> None:
    begin(learner, offer(mode="practice"))

    with db(app).reading() as session:
        assert session.scalars(select(Attempt.deadline_at)).one() is None


def test_an_exam_ignores_a_limit_that_a_learner_asks_for(
    app: Flask, learner: people.Browser, offer: Any
) -> None:
    learner.post(f"{offer()}/start", {"own_factor": "10"})

    with db(app).reading() as session:
        assert session.scalars(select(Attempt.deadline_at)).one() == make.NOW + timedelta(minutes=20)


def test_flags_survive_and_can_be_taken_away(app: Flask, learner: people.Browser, offer: Any) -> None:
    attempt = begin(learner, offer())

    assert learner.put_json(f"/api{attempt}/questions/2/flag", {"flagged": True}).json == {"flagged": True}
    assert "Flagged" in learner.get(f"{attempt}/summary").text
    learner.put_json(f"/api{attempt}/questions/2/flag", {"flagged": False})
    with db(app).reading() as session:
        assert not any(session.scalars(select(Slot.flagged)))


@pytest.mark.parametrize("document", [{}, {"flagged": "yes"}, {"flagged": 1}, []])
def test_a_flag_is_true_or_false(learner: people.Browser, offer: Any, document: Any) -> None:
    attempt = begin(learner, offer())

    assert learner.put_json(f"/api{attempt}/questions/2/flag", document).status_code == 400


def test_a_quiz_that_is_not_published_does_not_exist(app: Flask, learner: people.Browser, offer: Any) -> None:
    quiz = offer()
    with db(app).writing() as session:
        from quizapp.db.models import Quiz

        session.scalars(select(Quiz)).one().status = "draft"

    assert learner.get(quiz).status_code == 404
    assert learner.post(f"{quiz}/start").status_code == 404
    assert quiz not in learner.get("/quizzes").text


def test_the_session_tells_a_browser_its_token(learner: people.Browser, visitor: people.Browser) -> None:
    mine, nobodys = learner.get("/api/session").json, visitor.get("/api/session").json

    assert mine and mine["signed_in"] and mine["learner"] == learner.id and mine["csrf_token"]
    assert nobodys and not nobodys["signed_in"] and nobodys["learner"] is None


def long_quiz(offer: Any) -> str:
    documents = [
        make.document(f"long-{n}", stem=f"Long question {n}, which structure is it?") for n in range(40)
    ]
    return str(offer(documents))


def test_statements_do_not_grow_with_the_quiz(
    learner: people.Browser, offer: Any, sql: people.Statements
) -> None:
    attempt = begin(learner, long_quiz(offer))
    token = learner.token()

    with sql.counted() as page:
        learner.get(f"{attempt}/questions/7")
    with sql.counted() as saving:
        learner.client.put(
            f"/api{attempt}/questions/7",
            json={"sequence": 1, "answer": make.right(make.document("long-7")), "confidence": None},
            headers={"X-CSRFToken": token},
        )
    with sql.counted() as summary:
        learner.get(f"{attempt}/summary")

    assert len(page) <= 5, page
    assert len(saving) <= 4, saving
    assert len(summary) <= 5, summary
    assert steps(learner.app) == 1
