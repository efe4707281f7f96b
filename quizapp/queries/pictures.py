"""Reads about the diagrams of answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizapp.db.models import Picture
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor
from quizapp.queries import scoring


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored diagram without its bytes."""

    id: str
    sha256: str


def shown(session: Session, actor: Actor, picture_id: str) -> Picture:
    """A diagram of the actor's own, or of an answer that the actor is to score.  Raises `NotFound`."""
    own = session.get(Picture, (actor.id, picture_id))
    if own is not None:
        return own
    if actor.may_teach:
        for other in session.scalars(select(Picture).where(Picture.id == picture_id)):
            scoring.require_scorer(session, actor, other.learner_id, other.attempt_id)
            return other
    raise NotFound


def of_answer(session: Session, learner_id: int, attempt_id: str, position: int) -> list[Kept]:
    """The stored diagrams of an answer, the oldest first, whether they still are in it or not."""
    rows = session.execute(
        select(Picture.id, Picture.sha256)
        .where(
            Picture.learner_id == learner_id, Picture.attempt_id == attempt_id, Picture.position == position
        )
        .order_by(Picture.created_at, Picture.id)
    )
    return [Kept(*row) for row in rows]


def bytes_of(session: Session, learner_id: int) -> int:
    """How much room a learner's diagrams take."""
    return (
        session.scalar(
            select(func.coalesce(func.sum(func.length(Picture.data)), 0)).where(
                Picture.learner_id == learner_id
            )
        )
        or 0
    )


def of_learner(session: Session, learner_id: int) -> Sequence[Picture]:
    """All of them, the oldest first."""
    return session.scalars(
        select(Picture).where(Picture.learner_id == learner_id).order_by(Picture.created_at, Picture.id)
    ).all()
