"""Reads about quizzes, for those who made them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.db.models import Quiz
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor


def own(session: Session, actor: Actor) -> Sequence[Quiz]:
    """The actor's quizzes, whatever their status, the newest first."""
    return session.scalars(
        select(Quiz).where(Quiz.owner_id == actor.id).order_by(Quiz.updated_at.desc(), Quiz.id.desc())
    ).all()


def editable(session: Session, actor: Actor, quiz_id: int, *, hold: bool = False) -> Quiz:
    """A quiz that the actor may change; `hold` keeps it from others until the commit.

    Raises `NotFound`: others' quizzes do not exist here, and the bank's are changed in its files.
    """
    row = session.get(Quiz, quiz_id, with_for_update=hold, populate_existing=hold)
    if row is None or row.source is not None or not actor.may_edit(row.owner_id):
        raise NotFound
    return row


def by_uid(session: Session, uid: str) -> Quiz | None:
    return session.scalars(select(Quiz).where(Quiz.uid == uid)).one_or_none()
