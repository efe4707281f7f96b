"""Reads about accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, Text, bindparam, select
from sqlalchemy.orm import Session

from quizapp.db.base import UtcDateTime
from quizapp.db.models import Account, SignIn
from quizapp.db.prepared import Door, Prepared


def signed_in(door: Door, account_id: int, token_hash: str, now: datetime) -> Any:
    """The account behind a cookie, as long as its sign-in lasts; None otherwise.

    The row has `id`, `name`, `role`, `preferences` and `is_demo`.  Every page asks
    this, so it is a prepared statement and no mapped object.
    """
    return _SIGNED_IN.one(door, account=account_id, token_hash=token_hash, now=now)


def by_key(session: Session, name_key: str) -> Account | None:
    """The account with this normalised name."""
    return session.scalars(
        select(Account).where(Account.name_key == name_key, Account.deleted_at.is_(None))
    ).one_or_none()


def by_id(session: Session, account_id: int) -> Account | None:
    """An account that was not deleted."""
    return session.scalars(
        select(Account).where(Account.id == account_id, Account.deleted_at.is_(None))
    ).one_or_none()


def is_taken(session: Session, name_key: str) -> bool:
    """Whether a normalised name belongs to anybody; a deleted account keeps its own."""
    return session.scalar(select(Account.id).where(Account.name_key == name_key)) is not None


def everybody(session: Session) -> Sequence[Account]:
    """All accounts that were not deleted, by name.  For the operator."""
    return session.scalars(
        select(Account).where(Account.deleted_at.is_(None)).order_by(Account.name_key)
    ).all()


def _signed_in() -> Select[Any]:
    return (
        select(Account.id, Account.name, Account.role, Account.preferences, Account.is_demo)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(
            Account.id == bindparam("account", type_=Integer),
            SignIn.account_id == bindparam("account", type_=Integer),
            SignIn.token_hash == bindparam("token_hash", type_=Text),
            SignIn.expires_at > bindparam("now", type_=UtcDateTime),
            Account.deleted_at.is_(None),
        )
    )


_SIGNED_IN = Prepared(lambda dialect: _signed_in())
