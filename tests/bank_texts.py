"""Bank files made of documents, and what a load made of them in the database."""

import hashlib
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from quizapp.db.base import Base
from quizapp.db.models import Question, QuestionSet, Quiz, Revision
from quizapp.services import banks
from quizapp.services.bank_files import BankFile
from quizapp.services.bank_loads import LoadReport

NOW = make.NOW


def file(name: str, text: str) -> BankFile:
    data = text.encode()
    return BankFile(name, data, hashlib.sha256(data).hexdigest())


def dumped(value: Any) -> str:
    text = StringIO()
    YAML(typ="safe").dump(value, text)
    return text.getvalue()


def set_file(name: str, *questions: dict[str, Any] | str, title: str = "Indexes") -> BankFile:
    documents = [make.document(q) if isinstance(q, str) else q for q in questions]
    return file(name, dumped({"title": title, "questions": documents}))


def quiz_file(name: str, uid: str, *fixed: str, title: str = "A quiz") -> BankFile:
    items: list[dict[str, Any]] = [{"question": each} for each in fixed]
    return file(name, dumped({"id": uid, "title": title, "items": items or [{"draw": {"count": 1}}]}))


def load(session: Session, *files: BankFile, **options: Any) -> LoadReport:
    report = banks.load(session, files, now=NOW, **options)
    session.expire_all()
    return report


def counts(report: LoadReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.retired


def question(session: Session, uid: str) -> Question:
    return session.scalars(select(Question).where(Question.uid == uid)).one()


def status(session: Session, uid: str) -> str:
    return question(session, uid).status


def home(session: Session, uid: str) -> str | None:
    return session.get_one(QuestionSet, question(session, uid).set_id).source


def quiz(session: Session, uid: str) -> Quiz:
    return session.scalars(select(Quiz).where(Quiz.uid == uid)).one()


def revisions(session: Session, uid: str) -> list[tuple[int, str]]:
    rows = session.scalars(
        select(Revision).where(Revision.question_id == question(session, uid).id).order_by(Revision.number)
    )
    return [(row.number, row.document["stem"]) for row in rows]


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    session.flush()
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def codes(report: LoadReport) -> list[tuple[str, str]]:
    return [(problem.where, problem.code) for problem in report.problems]
