"""People and the browsers they are signed in with."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.db.base import Base, Identity


class Account(Base):
    """Somebody.  A deleted account stays as a nameless row, so that statistics keep adding up."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("role IN ('learner', 'instructor', 'admin')", name="role"),)

    id: Mapped[Identity]
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    """The name after NFKC, casefold and trim: what must be unique."""
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(default="learner")
    time_percent: Mapped[int | None] = mapped_column(default=100)
    """The learner's own time in per cent of every limit; NULL is no limit."""
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class SignIn(Base):
    """One browser that is signed in.  Without its row the cookie is worth nothing."""

    __tablename__ = "sign_in"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
