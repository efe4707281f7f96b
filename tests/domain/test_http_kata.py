"""An HTTP kata: goals are reached by requests, and never by doing nothing."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import make
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Verdict
from quizapp.domain.http_goals import HttpCheck
from quizapp.domain.http_play import play
from quizapp.domain.http_requests import read_requests
from quizapp.domain.question_types.http_kata import HttpKata

JSON = "Content-Type: application/json"
CHANGED = f'PUT /orders/1\n{JSON}\n\n{{"total": 6}}'

ITEMS = {"1": {"total": 5}, "2": {"total": 7}, "3": {"total": 7}}
SERVICE = {"collections": [{"name": "orders", "path": "/orders", "items": ITEMS, "idempotency": "optional"}]}
STATE = {"collection": "orders"}


def kata(*checks, **fields):
    """A kata whose goals are these checks; the first is to change order 1."""
    checks = checks or ({"state": {**STATE, "id": "1", "has": {"total": 6}}},)
    goals = [{"text": f"Goal {n}", "feedback": f"Hint {n}", "check": check} for n, check in enumerate(checks)]
    return HttpKata.model_validate(
        {
            "documentation": "Orders are at `/orders`.",
            "service": SERVICE,
            "goals": goals,
            "solution": CHANGED,
            "wrong": [{"requests": "GET /orders/1", "feedback": "Only read.", "misconception": "GET writes"}],
            **fields,
        }
    )


def graded(body, text):
    return body.grade(body.read({"requests": [text]}))


UNTOUCHED = {"state": {**STATE, "untouched_except": ["1"]}}
CHANGE = {"state": {**STATE, "id": "1", "has": {"total": 6}}}
POLITE = {"exchange": {"status": "4xx", "at_most": 0}}


# Grading


def test_all_goals_make_it_right_and_some_make_it_partly_right():
    body = kata(CHANGE, UNTOUCHED, POLITE)

    assert graded(body, CHANGED).verdict is Verdict.RIGHT
    assert graded(body, f"{CHANGED}\n###\nGET /nothing").credit == Decimal("0.666667")


def test_weights_count():
    body = kata(CHANGE, POLITE)
    heavy = body.model_dump() | {
        "goals": [body.goals[0].model_dump() | {"weight": 3}, body.goals[1].model_dump()]
    }

    assert graded(HttpKata.model_validate(heavy), f"{CHANGED}\n###\nGET /no").credit == Decimal("0.75")


def test_what_holds_anyway_earns_nothing():
    body = kata(CHANGE, UNTOUCHED, POLITE)

    for text in ("GET /orders", "OPTIONS *", "WAIT 9\nHEAD /orders"):
        assert graded(body, text).verdict is Verdict.WRONG


def test_trying_out_shows_the_transcript_and_nothing_of_the_goals():
    body = kata(CHANGE, POLITE)
    outcome = body.run(body.read({"requests": ["WAIT 5\nGET /orders/1"]}))

    (exchange,) = outcome["exchanges"]
    assert exchange["at"] == 5
    assert exchange["response"]["status"] == 200
    assert exchange["response"]["body"] == '{"id": "1", "total": 5}'
    assert "Goal" not in str(outcome)
    assert "Hint" not in str(outcome)


def test_the_echo_says_how_the_requests_were_understood():
    body = kata()

    assert body.echo(body.read({"requests": [f"GET /orders\n###\nWAIT 3\n{CHANGED}"]})) == (
        "2 requests: GET /orders; after 3 s PUT /orders/1 with 1 header and a body of 12 characters"
    )


def test_the_face_keeps_untold_goals_and_may_hide_the_state():
    body = kata(CHANGE, POLITE)
    hidden = body.model_dump() | {"show_state": False}
    hidden["goals"][1]["told"] = False
    face = HttpKata.model_validate(hidden).face(None)

    assert (face["goals"], face["untold"], face["state"]) == (["Goal 0"], 1, [])
    assert body.face(None)["state"][0]["objects"][0] == '{"id": "1", "total": 5}'


def test_the_hint_counts_the_requests_that_are_allowed():
    with pytest.raises(UnreadableAnswer, match="at most 1 request"):
        graded(kata(max_requests=1), "GET /a\n###\nGET /b")


# Known wrong ways


def test_a_known_wrong_way_names_its_misconception():
    sample = HttpKata.model_validate(
        {name: value for name, value in make.sample("http_kata").items() if name in HttpKata.model_fields}
    )
    unkeyed, unrepeated = (wrong.requests for wrong in sample.wrong)
    other_words = unkeyed.replace("WAIT 30", "WAIT 45").replace("Content-Type", "X-Trace: 7\nContent-Type")

    assert sample.bucket(sample.read({"requests": [other_words]})) == sample.wrong[0].misconception
    assert sample.bucket(sample.read({"requests": [unrepeated]})) == sample.wrong[1].misconception
    assert sample.remark(sample.read({"requests": [sample.solution]})) is None


def test_who_reached_nothing_is_not_said_to_have_gone_a_known_way():
    body = kata(CHANGE, POLITE)

    assert body.bucket(body.read({"requests": ["GET /orders/1"]})) == "GET writes"
    assert body.bucket(body.read({"requests": ["GET /orders/2"]})) == "missed: Goal 0"


def test_the_review_tells_each_goal_and_survives_any_submission():
    body = kata(CHANGE, POLITE)
    after = body.aftermath({"requests": ["GET /nothing"]})

    assert after is not None
    assert [reached for _, reached in after.goals] == [False, False]
    assert after.transcript[0]["response"]["phrase"] == "Not Found"
    for values in ([], ["nonsense"], ["a", "b"]):
        assert body.aftermath({"requests": values}) is None
    assert body.aftermath({}) is None


# What is refused while the file is read


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"solution": "GET /orders"}, "the solution misses the goal 'Goal 0'"),
        ({"solution": "orders"}, "solution: Request 1, line 1"),
        ({"wrong": [{"requests": CHANGED}]}, "wrong 1 reaches every goal"),
        ({"wrong": [{"requests": "GET"}]}, "wrong 1: Request 1, line 1"),
        ({"wrong": []}, "wrong"),
        ({"goals": []}, "goals"),
        ({"max_requests": 21}, "max_requests"),
        ({"solution": f"GET /orders\n###\n{CHANGED}", "max_requests": 1}, "solution: Send at most 1 request"),
    ],
)
def test_a_kata_that_does_not_play_out_is_refused(fields, why):
    with pytest.raises(ValidationError) as refused:
        kata(**fields)

    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("checks", "why"),
    [
        ([POLITE, UNTOUCHED], "wrong 1 reaches every goal"),
        ([{"exchange": {"method": "PUT", "at_most": 1}}, {"requests": {"at_most": 1}}], "wrong 1 reaches"),
        ([CHANGE, {"state": {"collection": "nothing", "count": 1}}], "is not there"),
        ([CHANGE, {"seen": {"collection": "nothing"}}], "is not there"),
        ([CHANGE, {}], "exactly one of"),
        ([CHANGE, {**POLITE, "requests": {"at_most": 3}}], "exactly one of"),
        ([{"state": {**STATE, "id": "1"}}], "give `id` and one of"),
        ([{"state": {**STATE, "absent": True}}], "give `id` and one of"),
        ([{"state": {**STATE, "id": "1", "count": 2}}], "give `id` and one of"),
        ([{"state": {**STATE, "id": "1", "absent": True, "where": {}}}], "`where` needs"),
        ([{"exchange": {"at_least": 3, "at_most": 2}}], "at_least is more"),
        ([{"exchange": {"path": "/orders?a=b"}}], "path"),
        ([{"exchange": {"sent": {"Bad Name": "*"}}}], "sent"),
    ],
)
def test_goals_that_make_no_sense_are_refused(checks, why):
    with pytest.raises(ValidationError) as refused:
        kata(*checks)

    assert why in str(refused.value)


def test_a_kata_that_pays_for_doing_nothing_is_refused():
    idle = {"wrong": [{"requests": "GET /orders\n###\nGET /nothing"}], "solution": "GET /orders"}
    with pytest.raises(ValidationError, match="every goal holds when nothing is sent"):
        kata(POLITE, **idle)

    any_request = {"exchange": {"at_least": 1}}
    with pytest.raises(ValidationError, match="without any use"):
        kata(any_request, POLITE, **idle)


# Checks, one by one


def holds(check, *blocks, **fields):
    body = kata(**fields)
    played = play(body.service, read_requests("\n###\n".join(blocks), host=body.service.host))
    return HttpCheck.model_validate(check).holds(played, body.service)


@pytest.mark.parametrize(
    ("check", "reached"),
    [
        ({"id": "1", "has": {"total": 6}}, True),
        ({"id": "1", "has": {"total": 5}}, False),
        ({"id": "1", "equals": {"total": 6, "note": "x"}}, True),
        ({"id": "1", "equals": {"total": 6}}, False),
        ({"id": "9", "has": {}}, False),
        ({"id": "3", "absent": True}, True),
        ({"id": "1", "absent": True}, False),
        ({"id": "2", "without": ["note"]}, True),
        ({"id": "1", "without": ["note"]}, False),
        ({"id": "3", "without": ["note"]}, False),
        ({"count": 3}, True),
        ({"where": {"total": 7}, "count": 1}, True),
        ({"where": {"total": 7}, "count": 2}, False),
        ({"untouched_except": ["1", "3", "4"]}, True),
        ({"untouched_except": ["1", "3"]}, False),
        ({"untouched_except": ["1", "4"]}, False),
    ],
)
def test_the_final_state_is_asked(check, reached):
    blocks = [
        f'PUT /orders/1\n{JSON}\n\n{{"total": 6, "note": "x"}}',
        "DELETE /orders/3",
        f"POST /orders\n{JSON}\n\n{{}}",
    ]

    assert holds({"state": {**STATE, **check}}, *blocks) is reached


@pytest.mark.parametrize(
    ("check", "reached"),
    [
        ({"method": "GET", "at_least": 2}, True),
        ({"method": ["GET", "PUT"], "at_least": 3, "at_most": 3}, True),
        ({"method": "DELETE"}, False),
        ({"path": "/orders/*"}, True),
        ({"path": "/*/*/*"}, False),
        ({"path": "/orders", "query": {"page": "*"}}, True),
        ({"query": {"page": "3"}}, False),
        ({"status": 400}, True),
        ({"status": [404, "5xx"]}, False),
        ({"status": "4xx", "at_most": 1}, True),
        ({"status": "4xx", "at_most": 0}, False),
        ({"sent": {"x-trace": "a*"}}, True),
        ({"sent": {"X-Trace": "b*"}}, False),
        ({"method": "PUT", "lacks": ["If-Match"]}, True),
        ({"method": "PUT", "lacks": ["X-Trace"]}, False),
        ({"got": {"Content-Type": "application/json"}}, True),
        ({"got": {"ETag": "*"}}, False),
        ({"body": {"total": 6}}, True),
        ({"body": {"total": True}}, False),
        ({"sent_body": {"total": 6}}, True),
        ({"sent_body": {"id": "1"}}, False),
    ],
)
def test_exchanges_are_counted(check, reached):
    blocks = ["GET /orders/1", "GET /orders?page=2", CHANGED.replace(JSON, f"{JSON}\nX-Trace: abc")]

    assert holds({"exchange": check}, *blocks) is reached


def test_order_and_end_matter():
    put, get = {"method": "PUT"}, {"method": "GET", "body": {"total": 6}}

    assert holds({"in_order": [put, get]}, CHANGED, "GET /orders", "GET /orders/1")
    assert not holds({"in_order": [put, get]}, "GET /orders/1", CHANGED)
    assert not holds({"in_order": [put, put]}, CHANGED)
    assert holds({"last": put}, "GET /orders", CHANGED)
    assert not holds({"last": put}, CHANGED, "GET /orders")


def test_requests_are_counted():
    assert holds({"requests": {"at_most": 2}}, "GET /a", "GET /b")
    assert not holds({"requests": {"at_most": 2}}, "GET /a", "GET /b", "GET /c")


BUSY = {"failures": [{"method": "GET", "path": "/orders", "status": 503, "retry_after": 10}]}
LIMITED = {"rate_limit": {"requests": 1, "seconds": 30}}


@pytest.mark.parametrize(
    ("service", "blocks", "reached"),
    [
        (BUSY, ["GET /orders", "WAIT 10\nGET /orders"], True),
        (BUSY, ["GET /orders", "WAIT 9\nGET /orders"], False),
        (BUSY, ["GET /orders", "GET /orders/1"], True),
        (LIMITED, ["GET /orders/1", "GET /orders/1", "WAIT 30\nGET /orders/1"], True),
        (LIMITED, ["GET /orders/1", "GET /orders/1", "GET /orders/2"], False),
    ],
)
def test_patience_is_asked(service, blocks, reached):
    changed = {"service": {**SERVICE, **service}, "solution": CHANGED}

    assert holds({"respects_retry_after": True}, *blocks, **changed) is reached


def test_what_was_seen_is_asked():
    assert holds({"seen": {"collection": "orders"}}, "GET /orders")
    assert holds({"seen": {"collection": "orders", "ids": ["1", "2"]}}, "GET /orders/1", "GET /orders/2")
    assert not holds({"seen": {"collection": "orders"}}, "GET /orders/1", "HEAD /orders")
    assert not holds({"seen": {"collection": "orders"}}, "GET /orders?what=1")


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from([CHANGED, "GET /orders", "DELETE /orders/2", "WAIT 1"]), max_size=5).map(
        "\n###\n".join
    )
)
def test_any_text_is_refused_or_graded_in_range(text):
    body = kata(CHANGE, UNTOUCHED, POLITE)

    with suppress(UnreadableAnswer):
        answer = body.read({"requests": [text]})
        grade = body.grade(answer)
        assert 0 <= grade.credit <= 1
        assert body.run(answer) == body.run(answer)
        assert body.bucket(answer)
        assert body.echo(answer)
