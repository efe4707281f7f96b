"""Every question type is held to the same contract, including the ones to come."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
import quizapp.web
from quizapp.domain.attempts import bounded
from quizapp.domain.errors import AwaitsScore, UnreadableAnswer
from quizapp.domain.grading import Verdict
from quizapp.domain.question_types import answerable, question_types
from quizapp.queries.revisions import parsed

TEMPLATES = Path(quizapp.web.__file__).parent / "templates" / "question_types"
KINDS = answerable()


@pytest.fixture(params=KINDS)
def question(request: pytest.FixtureRequest) -> Any:
    """A question that learners can be asked."""
    return parsed(make.sample(request.param), request.param)


@pytest.fixture(params=question_types)
def kept(request: pytest.FixtureRequest) -> Any:
    """A question of any type, askable or not."""
    return parsed(make.sample(request.param), request.param)


def test_its_right_example_is_right(question: Any) -> None:
    grade = question.body.grade(question.body.read(question.body.examples().right))

    assert (grade.verdict, grade.credit) == (Verdict.RIGHT, 1)


def test_its_wrong_example_earns_nothing(question: Any) -> None:
    grade = question.body.grade(question.body.read(question.body.examples().wrong))

    assert (grade.verdict, grade.credit) == (Verdict.WRONG, 0)


def test_its_unreadable_example_is_refused_not_graded(question: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        question.body.read(question.body.examples().unreadable)


def test_an_empty_submission_is_refused_not_graded(question: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        question.body.read({})


def test_a_field_sent_twice_never_crashes(question: Any) -> None:
    twice = {name: [*values, *values] for name, values in question.body.examples().right.items()}

    with suppress(UnreadableAnswer):
        assert 0 <= question.body.grade(question.body.read(twice)).credit <= 1


def test_it_has_a_template_with_both_faces(kept: Any) -> None:
    source = (TEMPLATES / f"{kept.type}.html").read_text("utf-8")

    assert "macro answer(" in source
    assert "macro review(" in source


def test_its_document_is_read_as_the_same_question(kept: Any) -> None:
    again = parsed(json.loads(json.dumps(kept.document())), "again")

    assert again.body == kept.body
    assert again.content_hash() == kept.content_hash()


def test_its_face_shows_neither_feedback_nor_misconceptions(question: Any) -> None:
    hidden = json.dumps(question.body.model_dump(mode="json"))
    shown = json.dumps(question.body.face(seed=7))

    for secret in texts_under(
        json.loads(hidden), {"feedback", "misconception", "feedback_true", "feedback_false"}
    ):
        assert secret not in shown
    assert '"key"' not in shown


@pytest.mark.parametrize("kind", sorted(set(question_types) - set(KINDS)))
def test_what_cannot_be_asked_takes_no_answer_and_shows_nothing(kind: str) -> None:
    body = parsed(make.sample(kind), kind).body

    assert body.face(seed=3) == {}
    for submission in ({}, {"choice": ["A"]}, {"text": ["x"]}):
        with pytest.raises(UnreadableAnswer):
            body.read(submission)


def test_the_same_seed_gives_the_same_face(question: Any) -> None:
    assert question.body.face(11) == question.body.face(11)


def test_grading_is_deterministic(question: Any) -> None:
    answer = question.body.read(question.body.examples().wrong)

    assert question.body.grade(answer) == question.body.grade(answer)
    assert question.body.bucket(answer) == question.body.bucket(answer)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_no_submission_does_more_than_be_refused(kind: str, data: st.DataObject) -> None:
    """Random values in the type's own fields: a hint or a grade in range, nothing else."""
    body = parsed(make.sample(kind), kind).body
    names = sorted({*body.examples().right, "choice", "order", "number", "text", "place-x", "match-x"})
    known = sorted({value for values in body.examples().right.values() for value in values})
    value = st.text(max_size=30) | st.sampled_from(
        [*known, "NaN", "inf", "-inf", "1e309", "1e-400", "٣", "\x00"]
    )
    submission = data.draw(st.dictionaries(st.sampled_from(names), st.lists(value, max_size=6), max_size=6))

    with suppress(UnreadableAnswer, AwaitsScore):
        answer = body.read(bounded(submission))
        grade = body.grade(answer)
        assert 0 <= grade.credit <= 1
        assert (grade.verdict is Verdict.RIGHT) == (grade.credit == 1)
        assert (grade.verdict is Verdict.WRONG) == (grade.credit == 0)
        assert isinstance(body.bucket(answer), str)


def texts_under(value: Any, names: set[str]) -> list[str]:
    """Every text that stands under one of these field names."""
    if isinstance(value, list):
        return [text for part in value for text in texts_under(part, names)]
    if not isinstance(value, dict):
        return []
    found = [text for name, text in value.items() if name in names and isinstance(text, str) and text]
    return found + [text for part in value.values() for text in texts_under(part, names)]
