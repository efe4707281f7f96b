"""Use cases of unfinished edits: they are kept as they are typed, and forgotten when they are saved."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from quizapp.db.models import Draft
from quizapp.db.upsert import upsert
from quizapp.domain.permissions import Actor


def keep(
    session: Session, actor: Actor, key: str, fields: Mapping[str, str], *, base: int, now: datetime
) -> None:
    """Keep what was typed, in place of what was kept before; it holds only what can be stored."""
    row = {
        "account_id": actor.id,
        "key": key,
        "fields": dict(fields),
        "base_revision": base,
        "updated_at": now,
    }
    upsert(
        session,
        Draft,
        [row],
        lambda new: {
            "fields": new.fields,
            "base_revision": new.base_revision,
            "updated_at": new.updated_at,
        },
    )


def drop(session: Session, actor: Actor, key: str) -> None:
    """Forget what was typed.  A second time changes nothing."""
    session.execute(delete(Draft).where(Draft.account_id == actor.id, Draft.key == key))
