"""Reads about answers that await a person's score."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Exists, Select, Text, cast, func, literal, select, text
from sqlalchemy.orm import Session, aliased

from quizapp.db.models import Account, Attempt, Quiz, Slot, Step
from quizapp.domain.attempts import StepKind
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor
from quizapp.domain.quizzes import OpenAnswers, scores_oneself

IS_AWAITING = text("step.verdict IS NULL AND step.kind IN ('check', 'grade')")
"""Said in the words of the index, or a database would not use it."""

_Score = aliased(Step, name="score")


@dataclass(frozen=True, slots=True)
class Awaiting:
    """An answer that an instructor has to score.  It does not say whose it is."""

    learner_id: int
    attempt_id: str
    position: int
    at: datetime
    """When it became final."""
    quiz: str
    question_id: int
    revision: int
    variant: int | None

    @property
    def place(self) -> tuple[int, str, int]:
        return (self.learner_id, self.attempt_id, self.position)


def awaiting(session: Session, actor: Actor, *, limit: int) -> list[Awaiting]:
    """Answers in the actor's quizzes that nobody scored yet, the oldest first."""
    columns: tuple[Any, ...] = (
        *(Step.learner_id, Step.attempt_id, Step.position, Step.at, Attempt.title),
        *(Slot.question_id, Slot.revision, Slot.variant),
    )
    rows = session.execute(
        _in_quizzes_of(actor, select(*columns))
        .order_by(Step.at, Step.learner_id, Step.attempt_id, Step.position)
        .limit(limit)
    )
    return [Awaiting(*row) for row in rows]


def how_many_await(session: Session, actor: Actor) -> int:
    return session.scalar(_in_quizzes_of(actor, select(func.count()))) or 0


def counts(session: Session, learner_id: int, attempt_ids: Collection[str]) -> dict[str, int]:
    """How many answers of some attempts of a learner await a score, for those that have any."""
    if not attempt_ids:
        return {}
    rows = session.execute(
        select(Step.attempt_id, func.count())
        .where(
            Step.learner_id == learner_id,
            Step.attempt_id.in_(sorted(attempt_ids)),
            IS_AWAITING,
            ~_is_scored(),
        )
        .group_by(Step.attempt_id)
    )
    return {row[0]: row[1] for row in rows}


def require_scorer(session: Session, actor: Actor, learner_id: int, attempt_id: str) -> Attempt:
    """The attempt, where the actor is to score its open answers.  Raises `NotFound`."""
    attempt = session.get(Attempt, (learner_id, attempt_id))
    if attempt is None or scores_oneself(attempt.blueprint):
        raise NotFound
    kind, _, number = attempt.origin.partition(":")
    quiz = session.get(Quiz, int(number)) if kind == "quiz" else None
    if quiz is None or not actor.may_edit(quiz.owner_id):
        raise NotFound
    return attempt


def _in_quizzes_of(actor: Actor, statement: Select[Any]) -> Select[Any]:
    found = (
        statement.select_from(Step)
        .join(Attempt, (Attempt.learner_id == Step.learner_id) & (Attempt.id == Step.attempt_id))
        .join(
            Slot,
            (Slot.learner_id == Step.learner_id)
            & (Slot.attempt_id == Step.attempt_id)
            & (Slot.position == Step.position),
        )
        .join(Quiz, Attempt.origin == literal("quiz:") + cast(Quiz.id, Text))
        .join(Account, Account.id == Step.learner_id)
        .where(
            IS_AWAITING,
            Account.deleted_at.is_(None),
            Attempt.blueprint["open_answers"].as_string() == OpenAnswers.INSTRUCTOR,
            ~_is_scored(),
        )
    )
    return found if actor.may_administer else found.where(Quiz.owner_id == actor.id)


def _is_scored() -> Exists:
    return (
        select(_Score.number)
        .where(
            _Score.learner_id == Step.learner_id,
            _Score.attempt_id == Step.attempt_id,
            _Score.position == Step.position,
            _Score.kind == StepKind.SCORE,
        )
        .exists()
    )
