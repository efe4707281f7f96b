"""Counters of rate limits, shared by all server processes."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from quizapp.db.base import Base


class RateLimit(Base):
    """How often something happened in a window that ends at `expires_at`."""

    __tablename__ = "rate_limit"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)
