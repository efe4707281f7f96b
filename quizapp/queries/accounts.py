"""Reads about accounts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.db.models import Account, SignIn


def signed_in(session: Session, account_id: int, token_hash: str, now: datetime) -> Account | None:
    """The account behind a cookie, as long as its sign-in lasts."""
    return session.scalars(
        select(Account)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(
            Account.id == account_id,
            SignIn.token_hash == token_hash,
            SignIn.expires_at > now,
            Account.deleted_at.is_(None),
        )
    ).one_or_none()


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
