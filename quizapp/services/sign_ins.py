"""Being signed in: a token in the cookie, its hash in the database."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from quizapp.db.models import SignIn
from quizapp.domain.permissions import Credential

LIFETIME = timedelta(days=30)

__all__ = ["LIFETIME", "Credential", "credential", "sign_in", "sign_out", "sign_out_everywhere"]


def sign_in(session: Session, account_id: int, *, now: datetime) -> str:
    """Begin a session of an account; returns what the cookie keeps."""
    token = secrets.token_urlsafe(32)
    row = SignIn(account_id=account_id, token_hash=_hash(token), created_at=now, expires_at=now + LIFETIME)
    session.add(row)
    session.execute(delete(SignIn).where(SignIn.account_id == account_id, SignIn.expires_at < now))
    return f"{account_id}.{token}"


def credential(cookie: str | None) -> Credential | None:
    """Take a cookie's text apart; None for anything that was not made here."""
    account, _, token = (cookie or "").partition(".")
    if not (account.isascii() and account.isdigit() and len(account) < 12 and token):
        return None
    return Credential(int(account), _hash(token))


def sign_out(session: Session, who: Credential) -> None:
    """End one browser's session: its cookie is worthless from now on."""
    session.execute(
        delete(SignIn).where(SignIn.account_id == who.account_id, SignIn.token_hash == who.token_hash)
    )


def sign_out_everywhere(session: Session, account_id: int, *, but: Credential | None = None) -> None:
    """End all sessions of an account, except perhaps the one that asks."""
    statement = delete(SignIn).where(SignIn.account_id == account_id)
    if but is not None:
        statement = statement.where(SignIn.token_hash != but.token_hash)
    session.execute(statement)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
