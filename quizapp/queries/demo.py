"""Reads about who is real and who belongs to the demo."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.db.models import Account


def has_demo_accounts(session: Session) -> bool:
    return _any(session, is_demo=True)


def has_real_accounts(session: Session) -> bool:
    return _any(session, is_demo=False)


def _any(session: Session, *, is_demo: bool) -> bool:
    found = select(Account.id).where(Account.is_demo.is_(is_demo), Account.deleted_at.is_(None)).limit(1)
    return session.scalar(found) is not None
