"""Reads about edits that were typed and not saved yet."""

from sqlalchemy.orm import Session

from quizapp.db.models import Draft
from quizapp.domain.permissions import Actor


def draft(session: Session, actor: Actor, key: str) -> Draft | None:
    """What the actor typed last of a question, or of a new one."""
    return session.get(Draft, (actor.id, key))
