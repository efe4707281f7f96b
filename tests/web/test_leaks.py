"""While an attempt is open, no key, feedback, weight or pattern leaves the server, by any route."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

import make
import people
from quizapp.db.engine import Database
from quizapp.services import answering, finishing, starting

CANARY = "canary"


def watched() -> list[dict[str, Any]]:
    """One question of each type, with a canary in everything a learner must not see."""
    reasons = {
        "explanation": f"{CANARY}-explanation",
        "references": [{"title": f"{CANARY}-source", "section": "1"}],
    }
    told = {"feedback": f"{CANARY}-feedback", "misconception": f"{CANARY}-belief"}
    common = {"topic": "apis", "subtopic": "apis.http_caching", **reasons}
    options = [
        {"text": "One way", "key": True, **told},
        {"text": "Other way", **told},
        {"text": "Third way", **told},
    ]
    return [
        make.document("leak-single", type="single_choice", options=options, **common),
        make.document(
            "leak-multiple", type="multiple_choice", options=options, marking="per_option", **common
        ),
        make.document(
            "leak-true",
            type="true_false",
            answer=True,
            feedback_true=f"{CANARY}-true",
            feedback_false=f"{CANARY}-false",
            misconception=f"{CANARY}-belief",
            **common,
        ),
        make.document(
            "leak-number",
            type="number",
            answer="4711.4711",
            tolerance={"relative": "0.0471147"},
            mistakes=[{"value": "8", **told}],
            **common,
        ),
        make.document(
            "leak-text",
            type="short_text",
            answers=[{"text": f"{CANARY}-key"}, {"text": f"{CANARY}-*-pattern"}],
            mistakes=[{"text": f"{CANARY}-mistake", **told}],
            **common,
        ),
        make.document(
            "leak-order",
            type="ordering",
            items=[{"text": f"Step {n}", "feedback": f"{CANARY}-place"} for n in range(4)],
            misconception=f"{CANARY}-belief",
            **common,
        ),
        make.document(
            "leak-match",
            type="matching",
            pairs=[{"prompt": f"P{n}", "match": f"M{n}", **told} for n in range(3)],
            distractors=[{"text": "M9", **told}],
            **common,
        ),
        *_longer(common, told),
    ]


def _longer(common: dict[str, Any], told: dict[str, str]) -> list[dict[str, Any]]:
    """The same for the kinds that are worked on."""
    return [
        make.document(
            "leak-lines",
            type="line_select",
            source="first\nsecond\nthird\nfourth",
            keys=[{"line": 2, **told}],
            remarks=[{"line": 1, **told}],
            **common,
        ),
        make.document(
            "leak-bins",
            type="categorise",
            bins=[{"name": "Left"}, {"name": "Right"}],
            items=[{"text": "One", "bin": "Left", **told}, {"text": "Two", "bin": "Right", **told}],
            **common,
        ),
        make.document(
            "leak-rows",
            type="matrix",
            columns=["Yes", "No"],
            rows=[{"text": "Row one", "key": "Yes", **told}, {"text": "Row two", "key": "No", **told}],
            **common,
        ),
        make.document(
            "leak-parts",
            type="composite",
            parts=[
                {
                    "id": "a",
                    "type": "number",
                    "prompt": "How many?",
                    "answer": "4711.4711",
                    "explanation": f"{CANARY}-why",
                    "mistakes": [{"value": "7", **told}],
                },
                {"id": "b", "type": "true_false", "prompt": "So?", "answer": True, "misconception": CANARY},
            ],
            **common,
        ),
        make.document(
            "leak-drawn",
            type="number",
            variants={"parameters": {"n": [3, 4, 5]}, "computed": {CANARY: "n * 1000 + 711.4711"}},
            answer=f"= {CANARY}",
            mistakes=[{"value": "= n", **told}],
            **common,
        ),
        make.document(
            "leak-sql",
            type="sql_query",
            tables="CREATE TABLE t (a TEXT)",
            data={"t(a)": [["seen"]]},
            hidden=[
                {"kind": "other", "title": f"{CANARY}-title", "data": {"t(a)": [[f"{CANARY}-row"], ["seen"]]}}
            ],
            answer=f"SELECT a FROM t -- {CANARY}-answer",
            wrong=[
                {"sql": f"SELECT 'seen' -- {CANARY}", **told},
                {"sql": "SELECT a FROM t LIMIT 1", **told},
            ],
            **common,
        ),
        _kata(common, told),
        make.document(
            "leak-open",
            type="open_response",
            prompts=[{"id": "first", "title": "First"}],
            rubric=[{"id": "depth", "title": "Depth", "levels": [f"{CANARY}-0", f"{CANARY}-1"]}],
            model_answer=f"{CANARY}-model",
            follow_ups=[f"{CANARY}-next"],
            **common,
        ),
    ]


def _kata(common: dict[str, Any], told: dict[str, str]) -> dict[str, Any]:
    request = f'POST /things\nContent-Type: application/json\n\n{{"name": "{CANARY}-solution"}}'
    goals = [
        {"text": "There is a thing.", "check": {"state": {"collection": "things", "count": 1}}},
        {
            "text": f"{CANARY}-goal",
            "told": False,
            "feedback": f"{CANARY}-missed",
            "check": {"exchange": {"status": 201}},
        },
    ]
    return make.document(
        "leak-kata",
        type="http_kata",
        documentation="`POST /things` makes one.",
        service={"collections": [{"name": "things", "path": "/things", "items": {}}]},
        goals=goals,
        solution=request,
        wrong=[{"requests": "GET /things", **told}],
        **common,
    )


SECRETS = (CANARY, "4711.4711", "711.4711", "0.0471147", "per_option")


@pytest.fixture
def sitting(app: Flask, learner: people.Browser) -> tuple[str, str]:
    """An open exam over every type with some answers saved: its address and the quiz's."""
    database: Database = app.extensions["quizapp_database"]
    documents = watched()
    with database.writing() as session:
        rows = make.questions(session, documents)
        quiz = make.quiz(
            session,
            [row.uid for row in rows],
            feedback="after_close",
            closes_at=(make.NOW + timedelta(days=1)).isoformat(),
            marking={"penalty": "0.125"},
        )
        attempt_id = starting.start_quiz(session, learner.actor, quiz.uid, now=make.NOW).attempt_id
        for position, document in enumerate(documents, start=1):
            answering.save_answer(
                session, learner.id, attempt_id, position, make.wrong(document), number=1, now=make.NOW
            )
        return f"/attempts/{attempt_id}", f"/quizzes/{quiz.uid}"


def addresses(app: Flask, attempt: str, quiz: str) -> list[str]:
    """Every GET route of the app, filled with what this learner could know."""
    known = {
        "attempt_id": attempt.split("/")[-1],
        "uid": quiz.split("/")[-1],
        "topic": "apis",
        "set_id": 1,
        "quiz_id": 1,
        "question_uid": "leak-single",
    }
    found = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint == "static_files.file":
                continue
            for position in range(1, len(watched()) + 1) if "position" in rule.arguments else [1]:
                values = {
                    name: {**known, "position": position}.get(name, "leak-single") for name in rule.arguments
                }
                try:
                    found.append(adapter.build(rule.endpoint, values))
                except (ValueError, TypeError):
                    found.append(adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1)))
    return sorted(set(found))


EXTRAS = (
    "/question_bank/databases/queries-and-indexes.yaml",
    "/static/../question_bank/curriculum.yaml",
    "/static/x/../../app.py",
    "/static/x/..%2f..%2fconfig.py",
    "/.git/config",
    "/instance/quizapp.db",
    "/quizapp.db",
)


def leaks(response: Any) -> list[str]:
    text = response.get_data(as_text=True) + str(response.headers)
    return [secret for secret in SECRETS if secret in text]


def test_no_page_of_an_open_attempt_leaks(
    app: Flask, learner: people.Browser, sitting: tuple[str, str]
) -> None:
    attempt, quiz = sitting
    paths = addresses(app, attempt, quiz)

    assert len(paths) > 20
    for path in (*paths, *EXTRAS):
        for headers in ({}, {"Accept": "application/json"}):
            response = learner.get(path, headers=headers)
            assert response.status_code < 500, path
            assert leaks(response) == [], path


def test_after_the_submit_and_before_the_release_nothing_leaks_either(
    app: Flask, learner: people.Browser, sitting: tuple[str, str], clock: people.Clock
) -> None:
    attempt, quiz = sitting
    learner.post(f"{attempt}/submit")
    clock.forward(hours=1)

    for path in addresses(app, attempt, quiz):
        response = learner.get(path)
        assert response.status_code < 500, path
        assert leaks(response) == [], path
        assert "0 of 1" not in response.text, path
    for sub in ("result", "review", "review?show=missed"):
        held = learner.get(f"{attempt}/{sub}")
        assert held.status_code == 403
        assert "22 Nov 2026" in held.text
    assert "leak" not in learner.get("/missed").text


def test_at_the_release_everything_is_there(
    app: Flask, learner: people.Browser, sitting: tuple[str, str], clock: people.Clock
) -> None:
    """The canaries do sing when they may: otherwise the tests above would prove nothing."""
    attempt, _ = sitting
    learner.post(f"{attempt}/submit")
    clock.forward(days=1, seconds=1)

    page = learner.get(f"{attempt}/review").text

    for secret in ("explanation", "source", "feedback", "belief", "key", "place"):
        assert f"{CANARY}-{secret}" in page, secret
    assert "4711.4711" in page


def test_refusals_leak_nothing(learner: people.Browser, sitting: tuple[str, str]) -> None:
    attempt, _ = sitting
    for position in range(1, len(watched()) + 1):
        for answer in (
            {"choice": ["x"]},
            {"number": ["x"]},
            {"text": [""]},
            {"order": ["x"]},
            {"match-x": ["y"]},
        ):
            form = learner.post(
                f"{attempt}/questions/{position}", {"sequence": "1", "action": "check", **answer}
            )
            assert form.status_code in {302, 404, 409, 422}
            assert leaks(form) == []
            reply = learner.put_json(
                f"/api{attempt}/questions/{position}", {"sequence": 2, "answer": answer, "confidence": None}
            )
            assert leaks(reply) == []


def test_a_learner_cannot_look_into_the_bank(
    app: Flask, learner: people.Browser, sitting: tuple[str, str]
) -> None:
    for path in addresses(app, *sitting):
        if path.startswith("/teach"):
            assert learner.get(path).status_code == 404, path


def test_settling_moves_nothing_before_the_release(
    app: Flask, learner: people.Browser, sitting: tuple[str, str], clock: people.Clock
) -> None:
    attempt, _ = sitting
    before = learner.get("/topics").text
    learner.post(f"{attempt}/submit")
    database: Database = app.extensions["quizapp_database"]
    with database.writing() as session:
        finishing.settle(session, learner.id, now=clock())

    after = learner.get("/topics").text

    assert main_of(before) == main_of(after)


def main_of(page: str) -> str:
    """What a page says, without the tokens and nonces around it."""
    return page.split("<main", 1)[1].split("</main>", 1)[0]


def test_trying_an_answer_out_and_saving_it_tell_nothing_of_the_key(
    learner: people.Browser, sitting: tuple[str, str]
) -> None:
    attempt, _ = sitting
    tried = {"sql": "SELECT a FROM t", "requests": "GET /things", "number": "5", "a.number": "5"}
    for position in range(1, len(watched()) + 1):
        page = f"{attempt}/questions/{position}"
        found = re.search(r'name="sequence" value="(\d+)"', learner.get(page).text)
        assert found is not None
        response = learner.post(page, {**tried, "sequence": found[1], "action": "run"})
        assert response.status_code in {200, 422}, page
        assert leaks(response) == [], page
    assert leaks(learner.get(f"{attempt}/summary")) == []
