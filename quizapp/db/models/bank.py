"""Shared content: sets, questions with their revisions, quizzes, and the files they came from."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.db.base import Base, Identity, Ordered

STATUS = "status IN ('draft', 'published', 'retired')"


class QuestionSet(Base):
    """Questions that belong together, from a bank file or an instructor's upload."""

    __tablename__ = "question_set"
    __table_args__ = (CheckConstraint(STATUS, name="status"),)

    id: Mapped[Identity]
    source: Mapped[str | None] = mapped_column(unique=True)
    """The bank file's name; NULL for an upload."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    licence: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="published")
    handed_in_at: Mapped[datetime | None]
    """Since when a draft asks colleagues for a review: until then nobody else sees it."""
    origin: Mapped[str | None]
    """The format and the name of the file it was imported from; the same file again updates it."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Question(Base):
    """A question's identity, with the columns that SQL filters on."""

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint(STATUS, name="status"),
        Index("ix_question_status_topic", "status", "topic"),
    )

    id: Mapped[Identity]
    uid: Mapped[str] = mapped_column(unique=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("question_set.id"), index=True)
    position: Mapped[int]
    revision: Mapped[int]
    """The number of the current revision."""
    topic: Mapped[str]
    subtopic: Mapped[str | None]
    type: Mapped[str]
    level: Mapped[str]
    points: Mapped[int]
    status: Mapped[str] = mapped_column(default="published")
    words: Mapped[str] = mapped_column(default="")
    """Every text of the current revision in lower case, to search in."""


class Revision(Base):
    """What a question said at a time.  Rows are added, never changed."""

    __tablename__ = "question_revision"

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(Ordered)
    created_at: Mapped[datetime]
    author_id: Mapped[int | None]
    """Whose account wrote it; NULL for the bank's files.  It decides nothing, so nothing holds it."""


class Quiz(Base):
    """A blueprint that learners can start."""

    __tablename__ = "quiz"
    __table_args__ = (CheckConstraint(STATUS, name="status"),)

    id: Mapped[Identity]
    uid: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str | None] = mapped_column(unique=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    title: Mapped[str]
    status: Mapped[str] = mapped_column(default="published")
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BankFile(Base):
    """A file of the bank as it was last loaded; an unchanged one is not read again."""

    __tablename__ = "bank_file"

    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the file says, where no other table holds it: the curriculum."""
