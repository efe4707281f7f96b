"""Reads about the bank: its files, what they hold, and who else uses an id."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from quizapp.db.models import BankFile, Question, QuestionSet, Quiz, Revision
from quizapp.domain.question_types import answerable

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


def bank_files(session: Session) -> dict[str, BankFile]:
    """Every file of the bank as it was last loaded, by name."""
    return {row.name: row for row in session.scalars(select(BankFile))}


def bank_sets(session: Session) -> dict[str, QuestionSet]:
    """The sets that came from files, by file name."""
    rows = session.scalars(select(QuestionSet).where(QuestionSet.source.is_not(None)))
    return {str(row.source): row for row in rows}


def bank_quizzes(session: Session) -> list[Quiz]:
    """The quizzes that came from files."""
    return list(session.scalars(select(Quiz).where(Quiz.source.is_not(None))))


def own_quiz_ids(session: Session) -> set[str]:
    """The ids of quizzes that people made themselves."""
    return set(session.scalars(select(Quiz.uid).where(Quiz.source.is_(None))))


def stored_questions(session: Session) -> list[StoredQuestion]:
    """Every question that came from a file, with the hash of its current revision."""
    current = (Revision.question_id == Question.id) & (Revision.number == Question.revision)
    rows = session.execute(
        select(
            Question.id,
            Question.uid,
            func.coalesce(QuestionSet.source, ""),
            Question.set_id,
            Question.position,
            Question.revision,
            Revision.content_hash,
            Question.status,
        )
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .join(Revision, current)
        .where(QuestionSet.source.is_not(None))
    )
    return [StoredQuestion(*row) for row in rows]


def published_in(session: Session, sources: Collection[str]) -> int:
    """How many questions these files have published."""
    count = (
        select(func.count(Question.id))
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .where(QuestionSet.source.in_(sources), Question.status == "published")
    )
    return session.scalar(count) or 0


def published_ids(session: Session, uids: Collection[str]) -> set[str]:
    """Which of these ids belong to published questions that came from files and can be asked."""
    published = (
        QuestionSet.source.is_not(None) & (Question.status == "published") & Question.type.in_(answerable())
    )
    return _ids_where(session, published, uids)


def uploaded_ids(session: Session, uids: Collection[str]) -> set[str]:
    """Which of these ids belong to questions of uploaded sets."""
    return _ids_where(session, QuestionSet.source.is_(None), uids)


def _ids_where(session: Session, condition: ColumnElement[bool], uids: Collection[str]) -> set[str]:
    chosen = select(Question.uid).join(QuestionSet, QuestionSet.id == Question.set_id).where(condition)
    return {uid for some in _chunks(uids) for uid in session.scalars(chosen.where(Question.uid.in_(some)))}


def _chunks(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
