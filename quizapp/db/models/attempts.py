"""What happened: attempt → slot → step.

Every table here is owned by a learner and keyed by `learner_id` first, so that it
can be partitioned or distributed by learner without changing a query.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.db.base import Base

IS_OPEN = text("state = 'open'")
IS_UNSETTLED = text("tallied_at IS NULL")
IS_AWAITING = text("verdict IS NULL AND kind IN ('check', 'grade')")
"""A step that handed an answer over to the people who score it."""


class Attempt(Base):
    """One sitting, with its own copy of the rules."""

    __tablename__ = "attempt"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'finished', 'never_submitted')", name="state"),
        Index(
            "uq_attempt_open",
            "learner_id",
            "origin",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index("ix_attempt_learner_id_started_at", "learner_id", "started_at"),
        Index(
            "ix_attempt_unsettled",
            "learner_id",
            sqlite_where=IS_UNSETTLED,
            postgresql_where=IS_UNSETTLED,
        ),
    )

    learner_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    """Opaque; made by the server."""
    origin: Mapped[str]
    """What was started: `quiz:12`, or `own:…` for a quiz the learner composed."""
    title: Mapped[str]
    mode: Mapped[str]
    blueprint: Mapped[dict[str, Any]]
    seed: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    deadline_reason: Mapped[str | None]
    ends_at: Mapped[datetime | None]
    """After it nothing can be handed in: the deadline, or the end of its grace period."""
    finished_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    """`learner` or `deadline`."""
    release_at: Mapped[datetime | None]
    """From when on the learner may see results; NULL while open."""
    tallied_at: Mapped[datetime | None]
    """When the results were counted in the learner's progress; never before the release."""
    score: Mapped[Decimal | None]
    max_score: Mapped[Decimal]


class Slot(Base):
    """One question of an attempt, pinned to the revision and variant the learner got."""

    __tablename__ = "slot"
    __table_args__ = (
        ForeignKeyConstraint(["learner_id", "attempt_id"], ["attempt.learner_id", "attempt.id"]),
        ForeignKeyConstraint(
            ["question_id", "revision"], ["question_revision.question_id", "question_revision.number"]
        ),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attempt_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question_id: Mapped[int]
    revision: Mapped[int]
    seed: Mapped[int | None]
    """The order of its options; NULL keeps them as written."""
    variant: Mapped[int | None]
    """Which draw of a question with variants this is (see `domain.variants`)."""
    points: Mapped[int]
    topic: Mapped[str]
    subtopic: Mapped[str]
    """Empty where the question names none."""
    flagged: Mapped[bool] = mapped_column(default=False)


class Step(Base):
    """Something the learner did, or a grade.  Rows are added, never changed."""

    __tablename__ = "step"
    __table_args__ = (
        CheckConstraint("kind IN ('save', 'check', 'grade', 'score')", name="kind"),
        CheckConstraint("confidence IN ('low', 'medium', 'high')", name="confidence"),
        CheckConstraint("verdict IN ('right', 'partial', 'wrong')", name="verdict"),
        ForeignKeyConstraint(
            ["learner_id", "attempt_id", "position"],
            ["slot.learner_id", "slot.attempt_id", "slot.position"],
        ),
        Index(
            "ix_step_awaiting",
            *("learner_id", "attempt_id", "position"),
            sqlite_where=IS_AWAITING,
            postgresql_where=IS_AWAITING,
        ),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attempt_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The sequence number: 1, 2, 3 … inside a slot."""
    kind: Mapped[str]
    at: Mapped[datetime]
    submission: Mapped[dict[str, Any]]
    """What was sent; empty when the answer was cleared."""
    confidence: Mapped[str | None]
    verdict: Mapped[str | None]
    credit: Mapped[Decimal | None]
    bucket: Mapped[str | None]
