"""Being asked how sure one is: before the quiz, with every answer, and afterwards."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import make
import people
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Quiz, Step

DOCUMENTS = [
    make.document(f"certain-{number}", stem=f"Which structure, number {number}?") for number in range(1, 8)
]
RADIO = re.compile(r'<input type="radio"\s+name="confidence"\s+value="(\w+)"\s*(checked)?>')
PRACTICE = {"mode": "practice", "time_limit_minutes": None}


def db(app: Flask) -> Database:
    found: Database = app.extensions["quizapp_database"]
    return found


def offered(app: Flask, documents: list[dict[str, Any]] = DOCUMENTS, **fields: Any) -> str:
    """Publish a quiz; its address."""
    with db(app).writing() as session:
        rows = make.questions(session, documents)
        return f"/quizzes/{make.quiz(session, [row.uid for row in rows], **fields).uid}"


def begun(app: Flask, who: people.Browser, **fields: Any) -> str:
    return str(who.post(f"{offered(app, **fields)}/start").headers["Location"])


def answer(who: people.Browser, attempt: str, position: int, mark: str, said: str = "") -> Any:
    document = DOCUMENTS[position - 1]
    given = make.right(document) if mark == "r" else make.wrong(document)
    fields = {"sequence": "0", "action": "next", **given} | ({"confidence": said} if said else {})
    return who.post(f"{attempt}/questions/{position}", fields)


def words(page: str) -> str:
    """A page's text without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def order(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="q(\d+)-heading"', page)]


@pytest.fixture
def marked(app: Flask, learner: people.Browser) -> str:
    """A marked quiz that was handed in, answered with every confidence and once without a word of it."""
    attempt = begun(app, learner, confidence="marked")
    given = "r high, w medium, r high, r high, w high, r, r low"
    for position, (mark, _, said) in enumerate((each.partition(" ") for each in given.split(", ")), start=1):
        assert answer(learner, attempt, position, mark, said).status_code == 302
    learner.post(f"{attempt}/submit")
    return attempt


def test_the_rule_is_told_before_the_start(app: Flask, learner: people.Browser) -> None:
    told = words(learner.get(offered(app, confidence="marked")).text)

    assert "Low +1/3 0 less than 67 % sure" in told
    assert "Medium +2/3 −2/3 67 % to 80 % sure" in told
    assert "High +1 −2 more than 80 % sure" in told
    assert "counts as low" in told


def test_a_quiz_that_only_asks_says_that_nothing_hangs_on_it(app: Flask, learner: people.Browser) -> None:
    told = words(learner.get(offered(app, confidence="asked")).text)

    assert "how sure you are of each answer. It does not change the score" in told
    assert "+1/3" not in told


def test_a_quiz_that_does_not_ask_stays_as_it_was(app: Flask, learner: people.Browser) -> None:
    quiz = offered(app)
    attempt = str(learner.post(f"{quiz}/start").headers["Location"])
    pages = [learner.get(f"{attempt}/{page}").text for page in ("questions/1", "summary")]

    assert "how sure" not in words(learner.get(quiz).text).lower()
    assert "I am guessing" in pages[0]
    assert all("How sure" not in page for page in pages)


def test_every_question_asks_and_tells_what_its_points_make_of_it(
    app: Flask, learner: people.Browser
) -> None:
    attempt = begun(app, learner, documents=[make.document(points=2)], confidence="marked")
    page = learner.get(f"{attempt}/questions/1").text

    assert [value for value, _ in RADIO.findall(page)] == ["low", "medium", "high"]
    assert "I am guessing" not in page
    told = words(page)
    assert "Low right +2/3, wrong 0" in told
    assert "Medium right +1 1/3, wrong −1 1/3" in told
    assert "High right +2, wrong −4" in told
    assert "high only when more than 80 %" in told


def test_what_was_said_comes_back_and_stands_in_the_summary(app: Flask, learner: people.Browser) -> None:
    attempt = begun(app, learner, confidence="marked")
    answer(learner, attempt, 1, "r", "medium")
    answer(learner, attempt, 2, "r")

    chosen = dict(RADIO.findall(learner.get(f"{attempt}/questions/1").text))
    assert chosen == {"low": "", "medium": "checked", "high": ""}
    told = words(learner.get(f"{attempt}/summary").text)
    assert "A B-tree Medium" in told
    assert "A B-tree Not said, so low" in told


def test_what_was_said_is_kept_when_the_answer_cannot_be_read(app: Flask, learner: people.Browser) -> None:
    attempt = begun(app, learner, documents=[make.sample("number")], confidence="asked")
    page = learner.post(
        f"{attempt}/questions/1",
        {"sequence": "0", "action": "next", "number": "about twelve", "confidence": "high"},
    )

    assert page.status_code == 422
    assert dict(RADIO.findall(page.text))["high"] == "checked"


def test_the_score_is_as_computed_by_hand(app: Flask, learner: people.Browser, marked: str) -> None:
    # 1 - 2/3 + 1 + 1 - 2 + 1/3 + 1/3
    with db(app).reading() as session:
        assert session.scalars(select(Attempt.score)).one() == 1

    page = words(learner.get(f"{marked}/result").text)
    assert "1 of 7" in page
    assert "Of 4 answers you were highly confident of, 3 were right" in page
    assert "High 4 3 75 % 1" in page
    assert "Medium 1 0 0 % −0.667" in page
    assert "Low 1 1 100 % 0.333" in page
    assert "Not said 1 1 100 % 0.333" in page
    assert "Wrong answers cost 2.667 of your points." in page


def test_the_review_tells_points_and_begins_with_the_sure_misses(
    learner: people.Browser, marked: str
) -> None:
    everything = learner.get(f"{marked}/review").text
    told = words(everything)

    assert order(everything) == [1, 2, 3, 4, 5, 6, 7]
    assert order(learner.get(f"{marked}/review?show=missed").text) == [5, 2]
    assert order(learner.get(f"{marked}/review?show=sure").text) == [5]
    assert order(learner.get(f"{marked}/review?show=guessed").text) == [7]
    for said in ("High: −2 of 1 point", "Medium: −0.667 of 1 point", "Low: 0.333", "Not said, so low: 0.333"):
        assert said in told
    assert "guess" not in told


def test_the_inbox_begins_with_the_sure_miss_and_says_so(learner: people.Browser, marked: str) -> None:
    page = learner.get("/missed").text
    rows = page.split('<li class="row">')[1:]

    assert [re.search(r"number (\d)", row)[1] for row in rows] == ["5", "2"]  # type: ignore[index]
    assert ["You were sure" in row for row in rows] == [True, False]


def test_a_quiz_that_only_asks_is_scored_as_ever(app: Flask, learner: people.Browser) -> None:
    attempt = begun(app, learner, confidence="asked")
    for position, (mark, said) in enumerate((("r", "high"), ("w", "high"), ("r", "low")), start=1):
        answer(learner, attempt, position, mark, said)
    learner.post(f"{attempt}/submit")

    result, review = (words(learner.get(f"{attempt}/{page}").text) for page in ("result", "review"))
    assert "2 of 7" in result
    assert "High 2 1 50 %" in result
    assert "How sure you were: High" in review
    assert "Wrong answers cost" not in result


def test_confidence_where_nobody_asked_is_stored_and_shows_up_nowhere(
    app: Flask, learner: people.Browser
) -> None:
    attempt = begun(app, learner)
    answer(learner, attempt, 1, "w", "high")
    learner.post(f"{attempt}/submit")

    with db(app).reading() as session:
        assert set(session.scalars(select(Step.confidence))) == {"high"}
    pages = [f"{attempt}/result", f"{attempt}/review", f"{attempt}/review?show=sure", "/missed"]
    for page in pages:
        assert "sure" not in words(learner.get(page).text).lower().replace("measure", "")


@pytest.mark.parametrize("said", ["certain", "HIGH", "high\x00", "<script>"])
def test_a_level_nobody_knows_is_refused(app: Flask, learner: people.Browser, said: str) -> None:
    attempt = begun(app, learner, confidence="marked")

    assert answer(learner, attempt, 1, "r", said).status_code == 400
    sent = {"sequence": 1, "answer": make.right(DOCUMENTS[0]), "confidence": said}
    assert learner.put_json(f"/api{attempt}/questions/1", sent).status_code == 400
    with db(app).reading() as session:
        assert session.scalars(select(Step.number)).all() == []


def test_a_saved_answer_looks_the_same_right_or_wrong_and_however_sure(
    app: Flask, learner: people.Browser
) -> None:
    attempt = begun(app, learner, confidence="marked")
    replies = set()
    for position, (given, said) in enumerate(
        ((make.right, "high"), (make.wrong, "high"), (make.wrong, "low")), start=1
    ):
        sent = {"sequence": 1, "answer": given(DOCUMENTS[position - 1]), "confidence": said}
        reply = learner.put_json(f"/api{attempt}/questions/{position}", sent)
        replies.add((reply.status_code, reply.text, reply.headers["Content-Length"]))

    assert len(replies) == 1


def test_after_checking_the_confidence_stands(app: Flask, learner: people.Browser) -> None:
    attempt = begun(app, learner, **PRACTICE, confidence="marked")
    fields = {"sequence": "0", "action": "check", "confidence": "high", **make.wrong(DOCUMENTS[0])}
    learner.post(f"{attempt}/questions/1", fields)

    assert "How sure you were: High: −2 points" in words(learner.get(f"{attempt}/questions/1").text)
    changed = {"sequence": 2, "answer": make.wrong(DOCUMENTS[0]), "confidence": "low"}
    reply = learner.put_json(f"/api{attempt}/questions/1", changed)
    assert reply.status_code == 409
    assert "already_checked" in reply.text
    learner.post(f"{attempt}/submit")
    assert "High: −2 of 1 point" in words(learner.get(f"{attempt}/review").text)


FORM = {
    "token": "0a1b2c3d",
    "title": "How sure are you of indexes?",
    "mode": "exam",
    "rows-0-question": "",
    "rows-0-count": "3",
    "at_deadline": "autosubmit",
    "weights": "points",
    "feedback": "",
    "do": "save",
}


def test_an_instructor_chooses_it_and_the_sample_tells(app: Flask, instructor: people.Browser) -> None:
    saved = instructor.post("/teach/quizzes/new", {**FORM, "confidence": "marked"})
    assert saved.status_code == 302
    with db(app).reading() as session:
        assert session.scalars(select(Quiz)).one().document["confidence"] == "marked"

    assert '<option selected value="marked">' in instructor.get(saved.location).text
    assert "Marked by how sure learners are" in instructor.get(f"{saved.location}/preview").text


def test_the_contradiction_with_a_penalty_is_told_beside_the_field(instructor: people.Browser) -> None:
    page = instructor.post("/teach/quizzes/new", {**FORM, "confidence": "marked", "penalty": "25"})

    assert page.status_code == 422
    assert 'href="#penalty"' in page.text
    assert "Confidence marked says what a wrong answer costs, so this must be empty." in page.text


def test_who_composes_a_quiz_may_want_to_be_asked(app: Flask, learner: people.Browser) -> None:
    with db(app).writing() as session:
        make.questions(session, DOCUMENTS)
    form = {"questions": "5", "mode": "practice", "token": "a-token-of-the-form", "how_sure": "y"}
    attempt = learner.post("/practice", form).location

    assert "How sure are you?" in learner.get(f"{attempt}/questions/1").text
    with db(app).reading() as session:
        assert session.scalars(select(Attempt)).one().blueprint["confidence"] == "asked"
