"""Reads about the diagrams of answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizapp.db.models import Upload
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor
from quizapp.queries import scoring


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored diagram without its bytes."""

    id: str
    sha256: str


def shown(session: Session, actor: Actor, upload_id: str) -> Upload:
    """A diagram of the actor's own, or of an answer that the actor is to score.  Raises `NotFound`."""
    own = session.get(Upload, (actor.id, upload_id))
    if own is not None:
        return own
    if actor.may_teach:
        for other in session.scalars(select(Upload).where(Upload.id == upload_id)):
            scoring.require_scorer(session, actor, other.learner_id, other.attempt_id)
            return other
    raise NotFound


def of_answer(session: Session, learner_id: int, attempt_id: str, position: int) -> list[Kept]:
    """The stored diagrams of an answer, the oldest first, whether they still are in it or not."""
    rows = session.execute(
        select(Upload.id, Upload.sha256)
        .where(Upload.learner_id == learner_id, Upload.attempt_id == attempt_id, Upload.position == position)
        .order_by(Upload.created_at, Upload.id)
    )
    return [Kept(*row) for row in rows]


def bytes_of(session: Session, learner_id: int) -> int:
    """How much room a learner's diagrams take."""
    return (
        session.scalar(
            select(func.coalesce(func.sum(func.length(Upload.data)), 0)).where(
                Upload.learner_id == learner_id
            )
        )
        or 0
    )


def of_learner(session: Session, learner_id: int) -> Sequence[Upload]:
    """All of them, the oldest first."""
    return session.scalars(
        select(Upload).where(Upload.learner_id == learner_id).order_by(Upload.created_at, Upload.id)
    ).all()
