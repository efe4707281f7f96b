"""Reads of the inbox: the questions whose last counted result was not right."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, select, true
from sqlalchemy.orm import Session

from quizapp.db.models import Encounter, Question, Slot
from quizapp.db.models.progress import IS_MISSED
from quizapp.domain.certainty import Confidence
from quizapp.domain.grading import Verdict
from quizapp.queries.results import asked_in_silence

_WAS_SURE: ColumnElement[bool] = case(
    ((Encounter.verdict == Verdict.WRONG) & (Encounter.confidence == Confidence.HIGH), true()), else_=false()
)


@dataclass(frozen=True, slots=True)
class Missed:
    """A question in the inbox, at the revision that the learner got wrong."""

    question_id: int
    revision: int
    variant: int | None
    topic: str
    misses: int
    answered_at: datetime
    attempt_id: str
    position: int
    """The attempt in which it was missed the last time, and the place in it."""
    was_sure: bool
    """Whether the learner was highly confident of the wrong answer."""


def inbox(
    session: Session, learner_id: int, *, topic: str | None = None, limit: int, offset: int = 0
) -> list[Missed]:
    """The learner's missed questions that are still asked: the sure misses first, then newest first."""
    statement = _missed(
        learner_id,
        topic,
        Encounter.question_id,
        Slot.revision,
        Slot.variant,
        Question.topic,
        Encounter.misses,
        Encounter.answered_at,
        Encounter.attempt_id,
        Encounter.position,
        _WAS_SURE,
    ).join(
        Slot,
        (Slot.learner_id == Encounter.learner_id)
        & (Slot.attempt_id == Encounter.attempt_id)
        & (Slot.position == Encounter.position),
    )
    ordered = statement.order_by(_WAS_SURE.desc(), Encounter.answered_at.desc(), Encounter.question_id)
    return [Missed(*row) for row in session.execute(ordered.limit(limit).offset(offset))]


def by_topic(session: Session, learner_id: int) -> dict[str, int]:
    """How many questions of each topic stand in the inbox, the fullest topic first."""
    count = func.count()
    rows = session.execute(
        _missed(learner_id, None, Question.topic, count)
        .group_by(Question.topic)
        .order_by(count.desc(), Question.topic)
    )
    return {row[0]: row[1] for row in rows}


def to_practise(session: Session, learner_id: int, *, topic: str | None = None, limit: int) -> list[str]:
    """Missed questions by uid, the one that waits longest first, so that each gets its turn.

    What a running exam asks is left out: feedback would give it away.
    """
    statement = _missed(learner_id, topic, Question.uid).where(
        Question.id.not_in(asked_in_silence(session, learner_id))
    )
    waiting = statement.order_by(Encounter.answered_at, Encounter.question_id)
    return list(session.scalars(waiting.limit(limit)))


def still_asked(session: Session, question_ids: Collection[int]) -> dict[int, str]:
    """The uids of those questions that are published, by id."""
    rows = session.execute(
        select(Question.id, Question.uid).where(
            Question.id.in_(sorted(question_ids)), Question.status == "published"
        )
    )
    return {row.id: row.uid for row in rows}


def _missed(learner_id: int, topic: str | None, *columns: Any) -> Select[Any]:
    statement = (
        select(*columns)
        .select_from(Encounter)
        .join(Question, Question.id == Encounter.question_id)
        .where(Encounter.learner_id == learner_id, IS_MISSED, Question.status == "published")
    )
    return statement.where(Question.topic == topic) if topic else statement
