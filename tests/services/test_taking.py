"""Whole sittings, told as use cases."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

import make
from quizapp.queries import attempts
from quizapp.services import answering, finishing


def test_a_learner_answers_submits_and_is_scored(session: Session, now: datetime) -> None:
    documents = [make.document() for _ in range(3)]
    learner, attempt_id = make.running(session, documents=documents)
    answering.save_answer(session, learner.id, attempt_id, 1, make.right(documents[0]), number=1, now=now)
    answering.save_answer(session, learner.id, attempt_id, 2, make.wrong(documents[1]), number=1, now=now)

    attempt = finishing.submit(session, learner.id, attempt_id, now=now + timedelta(minutes=5))

    assert (attempt.state, attempt.score, attempt.max_score) == ("finished", Decimal(1), Decimal(3))
    verdicts = [slot.verdict for slot in attempts.slots(session, learner.id, attempt_id)]
    assert verdicts == ["right", "wrong", None]
