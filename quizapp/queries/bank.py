"""Reads about the bank: its files, what they hold, and who else uses an id."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizapp.db.models import BankFile, Question, QuestionSet, Quiz, Revision

CHUNK = 5_000
"""Values in one `IN` list: well below what each database allows."""


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question of a bank file as the last load left it."""

    id: int
    uid: str
    source: str
    set_id: int
    position: int
    revision: int
    content_hash: str
    status: str


def file_hashes(session: Session) -> dict[str, str]:
    """The hash of every bank file as it was last loaded, by name."""
    return dict(session.execute(select(BankFile.name, BankFile.sha256)).tuples().all())


def stored_questions(session: Session) -> list[StoredQuestion]:
    """Every question that came from a file, with the hash of its current revision."""
    rows = session.execute(
        select(
            Question.id,
            Question.uid,
            QuestionSet.source,
            Question.set_id,
            Question.position,
            Question.revision,
            Revision.content_hash,
            Question.status,
        )
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .join(
            Revision,
            (Revision.question_id == Question.id) & (Revision.number == Question.revision),
        )
        .where(QuestionSet.source.is_not(None))
    )
    return [StoredQuestion(*row) for row in rows]


def published_in(session: Session, sources: Collection[str]) -> int:
    """How many questions these files have published."""
    total = select(func.count()).select_from(Question).join(QuestionSet, QuestionSet.id == Question.set_id)
    chosen = total.where(QuestionSet.source.in_(sources), Question.status == "published")
    return session.scalar(chosen) or 0


def uploaded_ids(session: Session, uids: Sequence[str]) -> set[str]:
    """Which of these ids belong to questions of an uploaded set."""
    found: set[str] = set()
    for start in range(0, len(uids), CHUNK):
        some = uids[start : start + CHUNK]
        found.update(
            session.scalars(
                select(Question.uid)
                .join(QuestionSet, QuestionSet.id == Question.set_id)
                .where(QuestionSet.source.is_(None), Question.uid.in_(some))
            )
        )
    return found


def bank_sets(session: Session) -> dict[str, QuestionSet]:
    """The sets that came from files, by file name."""
    rows = session.scalars(select(QuestionSet).where(QuestionSet.source.is_not(None)))
    return {str(row.source): row for row in rows}


def bank_quizzes(session: Session) -> dict[str, Quiz]:
    """The quizzes that came from files, by file name."""
    rows = session.scalars(select(Quiz).where(Quiz.source.is_not(None)))
    return {str(row.source): row for row in rows}


def own_quiz_ids(session: Session) -> set[str]:
    """The ids of quizzes that people made themselves."""
    return set(session.scalars(select(Quiz.uid).where(Quiz.source.is_(None))))


def curriculum_document(session: Session, name: str) -> dict[str, Any] | None:
    """The curriculum as its file said it when it was last loaded."""
    return session.scalar(select(BankFile.document).where(BankFile.name == name))
