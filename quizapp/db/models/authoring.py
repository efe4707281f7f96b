"""What those who write questions leave behind: pictures, unfinished edits, and changes that can be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.db.base import Base, Identity, Ordered


class Image(Base):
    """A picture inside questions, as it was drawn anew.  Texts name it `asset:` and its name."""

    __tablename__ = "image"
    __table_args__ = (Index("ix_image_sha256", "sha256"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    """The SHA-256 of the file it came in, so that the same import names the same picture."""
    sha256: Mapped[str]
    """Of the bytes that are kept."""
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    """Who brought it first."""
    created_at: Mapped[datetime]


class Draft(Base):
    """An edit that was typed and not saved yet; each author has one of a question."""

    __tablename__ = "question_draft"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """The question's id, or `new:` with the set and the type."""
    fields: Mapped[dict[str, Any]] = mapped_column(Ordered)
    """The form's fields as they were typed."""
    base_revision: Mapped[int]
    """The revision that was opened; 0 for a new question."""
    updated_at: Mapped[datetime]


class PendingImport(Base):
    """A file that was read and shown to its author, who has not said yet whether to keep it."""

    __tablename__ = "pending_import"

    id: Mapped[str] = mapped_column(primary_key=True)
    """Opaque; made by the server."""
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str]
    data: Mapped[bytes]
    """The file itself, to read it again another way."""
    options: Mapped[dict[str, Any]] = mapped_column(Ordered)
    """How it was read: the format that was asked for, the topic, what its columns mean."""
    answer: Mapped[bytes]
    """What the reading gave, as the child wrote it."""
    created_at: Mapped[datetime]


class BulkChange(Base):
    """A change of many questions at once, with what they were before it."""

    __tablename__ = "bulk_change"

    id: Mapped[Identity]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    words: Mapped[str]
    """What was done, as the page says it."""
    before: Mapped[dict[str, Any]] = mapped_column(Ordered)
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
