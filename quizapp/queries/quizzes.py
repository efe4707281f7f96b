"""Reads about quizzes and the questions they can draw."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Exists, and_, exists, or_, select
from sqlalchemy.orm import Session

from quizapp.db.models import Attempt, Encounter, Question, Quiz, Slot
from quizapp.domain.question_types import answerable
from quizapp.domain.quizzes import Blueprint
from quizapp.domain.selection import Candidate
from quizapp.queries.results import SILENT


def published(session: Session) -> Sequence[Quiz]:
    """The quizzes that learners may start, those of the bank first."""
    return session.scalars(
        select(Quiz)
        .where(Quiz.status == "published")
        .order_by(Quiz.source.is_(None), Quiz.source, Quiz.title)
    ).all()


def published_by_uid(session: Session, uid: str) -> Quiz | None:
    return session.scalars(select(Quiz).where(Quiz.uid == uid, Quiz.status == "published")).one_or_none()


def blueprint_of(quiz: Quiz) -> Blueprint:
    """A stored quiz as a blueprint.  It was judged before it was stored."""
    return Blueprint.model_validate(quiz.document)


def candidates(
    session: Session, learner_id: int, blueprint: Blueprint, *, may_be_running: bool
) -> list[Candidate]:
    """The published questions that fit any line of a blueprint, with when the learner saw them.

    With `may_be_running` false, questions of the learner's own silent attempts that are
    open or not released are left out: practice would give their keys away.
    """
    wanted = []
    for item in blueprint.items:
        if item.draw is None:
            wanted.append(Question.uid == item.question)
            continue
        draw = item.draw
        fits = [
            column == value
            for column, value in (
                (Question.topic, draw.topic),
                (Question.subtopic, draw.subtopic),
                (Question.type, draw.type),
            )
            if value is not None
        ]
        if draw.levels:
            fits.append(Question.level.in_(draw.levels))
        wanted.append(and_(True, *fits))
    statement = (
        select(Question, Encounter.seen_at)
        .outerjoin(
            Encounter,
            and_(Encounter.question_id == Question.id, Encounter.learner_id == learner_id),
        )
        .where(Question.status == "published", Question.type.in_(answerable()), or_(False, *wanted))
    )
    if not may_be_running:
        statement = statement.where(~_asked_in_silence(learner_id))
    return [candidate(question, seen_at) for question, seen_at in session.execute(statement)]


def _asked_in_silence(learner_id: int) -> Exists:
    return exists().where(
        Slot.learner_id == learner_id,
        Slot.question_id == Question.id,
        Attempt.learner_id == learner_id,
        Attempt.id == Slot.attempt_id,
        Attempt.tallied_at.is_(None),
        Attempt.mode.in_(SILENT),
    )


def candidate(question: Question, seen_at: datetime | None = None) -> Candidate:
    """A stored question as far as drawing is concerned."""
    return Candidate(
        question.id,
        question.uid,
        question.topic,
        question.subtopic,
        question.level,
        question.type,
        question.points,
        question.revision,
        seen_at,
    )
