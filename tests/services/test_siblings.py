"""Another variant of a question: only of one whose answer the learner has been shown."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

import make
from quizapp.domain.errors import NotAvailable, NotFound
from quizapp.domain.permissions import Actor
from quizapp.queries import attempts, revisions
from quizapp.services import answering, composing, finishing, scoring, starting

DRAWN = {"variants": {"parameters": {"n": {"from": 1, "to": 5000}}}}
NUMBER = {"type": "number", "stem": "What is twice {{n}}?", "answer": "= n * 2", **DRAWN}
OPEN = {
    "type": "open_response",
    "stem": "Serve {{n}} requests a second.",
    "prompts": [{"id": "plan", "title": "Plan"}],
    "rubric": [{"id": "depth", "title": "Depth", "levels": ["none", "some"]}],
    "model_answer": "Add servers.",
    **DRAWN,
}


def begun(session: Session, learner: Actor, document: dict[str, Any], **fields: Any) -> str:
    known = {name: value for name, value in make.document(**document).items() if name != "options"}
    rows = make.questions(session, [known])
    quiz = make.quiz(session, [rows[0].uid], **fields)
    return starting.start_quiz(session, learner, quiz.uid, now=make.NOW, seed=1).attempt_id


def check(session: Session, learner: Actor, attempt: str, **answer: str) -> None:
    sent = {name.replace("_", "-"): [value] for name, value in answer.items()}
    answering.check_answer(session, learner.id, attempt, 1, sent, number=1, now=make.NOW)


def stem(session: Session, learner: Actor, attempt: str) -> str:
    [slot] = attempts.slots(session, learner.id, attempt)
    return revisions.asked(session, slot).stem


def test_a_checked_question_has_a_sibling_with_other_values_and_pressing_twice_starts_one(session):
    learner = make.actor(session)
    attempt = begun(session, learner, NUMBER, mode="practice", time_limit_minutes=None)
    check(session, learner, attempt, number="3")

    first = composing.sibling(session, learner, attempt, 1, now=make.NOW)
    second = composing.sibling(session, learner, attempt, 1, now=make.NOW)

    assert (first.resumed, second.resumed, second.attempt_id) == (False, True, first.attempt_id)
    assert stem(session, learner, first.attempt_id) != stem(session, learner, attempt)


def test_an_answer_that_was_scored_in_practice_has_one_too(session):
    learner = make.actor(session)
    attempt = begun(session, learner, OPEN, mode="practice", time_limit_minutes=None)
    check(session, learner, attempt, text_plan="Add servers.")
    scoring.score_own(session, learner.id, attempt, 1, {"level-depth": ["1"]}, now=make.NOW)

    assert not composing.sibling(session, learner, attempt, 1, now=make.NOW).resumed


def test_what_has_not_been_shown_has_none(session):
    learner, other = make.actor(session), make.actor(session)
    attempt = begun(session, learner, NUMBER)

    for who, position in ((learner, 1), (learner, 2), (other, 1)):
        with pytest.raises(NotFound):
            composing.sibling(session, who, attempt, position, now=make.NOW)


def test_a_question_without_variants_has_none(session):
    learner = make.actor(session)
    _, attempt = make.running(session, learner, [make.document()])
    finishing.submit(session, learner.id, attempt, now=make.NOW)

    with pytest.raises(NotAvailable):
        composing.sibling(session, learner, attempt, 1, now=make.NOW)
