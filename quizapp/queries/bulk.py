"""Reads about changes of many questions, for whoever made them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.db.models import BulkChange
from quizapp.domain.permissions import Actor


def changes(session: Session, actor: Actor, *, limit: int) -> Sequence[BulkChange]:
    """The actor's own changes, the last first."""
    return session.scalars(
        select(BulkChange)
        .where(BulkChange.account_id == actor.id)
        .order_by(BulkChange.at.desc(), BulkChange.id.desc())
        .limit(limit)
    ).all()
