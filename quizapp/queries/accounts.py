"""Reads about accounts."""

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
