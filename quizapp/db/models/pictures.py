"""Pictures that belong to answers."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.db.base import Base


class Picture(Base):
    """A learner's diagram, as it was drawn anew from the file that was sent.

    The answer's submission says whether it still is a part of it.
    """

    __tablename__ = "picture"
    __table_args__ = (
        ForeignKeyConstraint(
            ["learner_id", "attempt_id", "position"],
            ["slot.learner_id", "slot.attempt_id", "slot.position"],
        ),
        Index("ix_picture_answer", "learner_id", "attempt_id", "position"),
        Index("ix_picture_id", "id"),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(primary_key=True)
    """Opaque; made by the server."""
    attempt_id: Mapped[str]
    position: Mapped[int]
    sha256: Mapped[str]
    """Of the bytes that are kept."""
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes]
    created_at: Mapped[datetime]
