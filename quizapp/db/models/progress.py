"""A learner's aggregates.  Each can be recomputed from the steps (`quizapp rebuild`)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.db.base import Base

IS_MISSED = text("missed")


class Encounter(Base):
    """A learner and a question: when it was shown, and how it went the last time."""

    __tablename__ = "encounter"
    __table_args__ = (
        Index(
            "ix_encounter_missed",
            "learner_id",
            "answered_at",
            sqlite_where=IS_MISSED,
            postgresql_where=IS_MISSED,
        ),
    )

    learner_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    seen_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    attempt_id: Mapped[str | None]
    """The attempt of the last counted result, and the place in it."""
    position: Mapped[int | None]
    verdict: Mapped[str | None]
    confidence: Mapped[str | None]
    """How sure the learner was of that answer; NULL where the quiz did not ask."""
    misses: Mapped[int] = mapped_column(default=0)
    missed: Mapped[bool] = mapped_column(default=False)
    """Whether it stands in the inbox: the last counted result was not right."""


class Tally(Base):
    """A learner's results in one subtopic, counted in O(1) per answer."""

    __tablename__ = "tally"

    learner_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    subtopic: Mapped[str] = mapped_column(primary_key=True)
    """Empty for questions that name no subtopic."""
    answers: Mapped[int]
    credit: Mapped[Decimal]
    """The sum of credits, each in 0..1."""
    recent: Mapped[list[Any]]
    """The last results, oldest first: pairs of a UTC second and a credit in millionths."""
    last_at: Mapped[datetime]
