"""Reads about a learner's progress.  Results that are not released are in none of these rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizapp.db.models import Attempt, Question, Slot, Step, Tally
from quizapp.domain.attempts import State, StepKind
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.mastery import Evidence
from quizapp.domain.question_types import answerable
from quizapp.domain.skills import Place, Skill, skills
from quizapp.queries.attempts import COUNTS


def evidence(session: Session, learner_id: int) -> dict[Place, Evidence]:
    """What the learner's counted answers say, by topic and subtopic."""
    rows = session.execute(
        select(Tally.topic, Tally.subtopic, Tally.answers, Tally.credit, Tally.recent, Tally.last_at).where(
            Tally.learner_id == learner_id
        )
    )
    return {
        (row.topic, row.subtopic): Evidence(
            row.answers, row.credit, tuple((second, credit) for second, credit in row.recent), row.last_at
        )
        for row in rows
    }


def questions(session: Session) -> dict[Place, int]:
    """How many published questions each subtopic has."""
    rows = session.execute(
        select(Question.topic, Question.subtopic, func.count())
        .where(Question.status == "published", Question.type.in_(answerable()))
        .group_by(Question.topic, Question.subtopic)
    )
    return {(topic, subtopic or ""): count for topic, subtopic, count in rows}


def standing(session: Session, learner_id: int, known: Curriculum) -> tuple[Skill, ...]:
    """The learner on the whole map, in two statements."""
    return skills(known, evidence(session, learner_id), questions(session))


def running(session: Session, learner_id: int) -> Sequence[Attempt]:
    """The attempts that the learner can go on with, the most urgent first."""
    return session.scalars(
        select(Attempt)
        .where(Attempt.learner_id == learner_id, Attempt.tallied_at.is_(None), Attempt.state == State.OPEN)
        .order_by(Attempt.deadline_at.is_(None), Attempt.deadline_at, Attempt.started_at.desc())
    ).all()


def last_results(session: Session, learner_id: int, *, now: datetime, limit: int) -> Sequence[Attempt]:
    """The newest finished attempts whose results may be shown."""
    return session.scalars(
        select(Attempt)
        .where(
            Attempt.learner_id == learner_id,
            Attempt.state == State.FINISHED,
            Attempt.release_at <= now,
            COUNTS,
        )
        .order_by(Attempt.started_at.desc(), Attempt.id)
        .limit(limit)
    ).all()


def has_started(session: Session, learner_id: int) -> bool:
    """Whether the learner ever began anything."""
    mine = select(Attempt.id).where(Attempt.learner_id == learner_id, COUNTS)
    return session.scalar(mine.limit(1)) is not None


def attempts(session: Session, learner_id: int) -> Sequence[Attempt]:
    """Every attempt of a learner that counts, in the order in which they began."""
    mine = select(Attempt).where(Attempt.learner_id == learner_id, COUNTS)
    return session.scalars(mine.order_by(Attempt.started_at, Attempt.id)).all()


def slots(session: Session, learner_id: int) -> Sequence[Slot]:
    """Every question that a learner was ever shown, in order within each attempt; not those of trials."""
    return session.scalars(
        select(Slot)
        .join(Attempt, (Attempt.learner_id == Slot.learner_id) & (Attempt.id == Slot.attempt_id))
        .where(Slot.learner_id == learner_id, Attempt.learner_id == learner_id, COUNTS)
        .order_by(Slot.attempt_id, Slot.position)
    ).all()


def judgements(session: Session, learner_id: int) -> dict[tuple[str, int], list[Step]]:
    """The checks, grades and scores of each slot in their order, by attempt and position."""
    steps = session.scalars(
        select(Step)
        .where(Step.learner_id == learner_id, Step.kind != StepKind.SAVE)
        .order_by(Step.attempt_id, Step.position, Step.number)
    )
    found: dict[tuple[str, int], list[Step]] = {}
    for step in steps:
        found.setdefault((step.attempt_id, step.position), []).append(step)
    return found
