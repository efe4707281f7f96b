"""Loading a bank's sets: new questions, new revisions, and retired questions, in bulk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from quizapp.db import models
from quizapp.domain.problems import Path
from quizapp.domain.questions import Question
from quizapp.queries import bank as reads
from quizapp.services.bank_loads import PUBLISHED, RETIRED, Load
from quizapp.services.revising import words_of


def take_questions(load: Load) -> None:
    """Make the rows of questions say what the files say."""
    old = reads.stored_questions(load.session)
    owners = {question.uid: question.source for question in old if question.status == PUBLISHED}
    load.drop_repeated(lambda: _ids(load), owners)
    uploaded = reads.uploaded_ids(load.session, {question.id for _, _, question in _listed(load)})
    sets = _take_sets(load)
    rows = _Rows({question.uid: question for question in old})
    for name, position, question in _listed(load):
        if question.id in uploaded:
            _leave_out(load, name, position, question)
        elif rows.take(question, sets[name].id, position):
            sets[name].updated_at = load.now
    affected = load.banks.keys() | load.gone
    rows.retire(question for question in old if question.source in affected)
    rows.write(load.session, load.now)
    load.report.new += len(rows.new)
    load.report.changed += len(rows.changed) + rows.returned
    load.report.unchanged += rows.unchanged
    load.report.retired += len(rows.retired)


def _listed(load: Load) -> Iterator[tuple[str, int, Question]]:
    """Every question that is taken over: its file, its place in it, and itself."""
    for name, bank in load.banks.items():
        for each in bank.sets.values():
            for position, question in enumerate(each.questions):
                yield name, position, question


def _ids(load: Load) -> Iterator[tuple[str, str, Path]]:
    for name, position, question in _listed(load):
        yield name, question.id, ("questions", position)


def _leave_out(load: Load, name: str, position: int, question: Question) -> None:
    message = f"the id {question.id!r} belongs to an uploaded question, so this one was left out"
    path = ("questions", position, "id")
    load.report.problems.append(load.place(name).error(path, "id_taken", message))
    load.in_part.add(name)


def _take_sets(load: Load) -> dict[str, models.QuestionSet]:
    """The rows of the files' sets, up to date and with ids; a set without a file is retired."""
    rows = reads.bank_sets(load.session)
    for name, bank in load.banks.items():
        for each in bank.sets.values():
            if name not in rows:
                rows[name] = models.QuestionSet(source=name, created_at=load.now)
                load.session.add(rows[name])
            head = {"title": each.title, "description": each.description, "licence": each.licence}
            load.update(rows[name], head | {"status": PUBLISHED})
    for name in load.gone & rows.keys():
        load.update(rows[name], {"status": RETIRED})
    load.session.flush()
    return rows


# Without it, rows with and without a subtopic would need a statement each time they alternate.
NULLS = {"render_nulls": True}


@dataclass
class _Rows:
    """Rows to write, collected first, so that there is one statement for all of a kind."""

    old: dict[str, reads.StoredQuestion]
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    retired: list[dict[str, Any]] = field(default_factory=list)
    revisions: dict[str, tuple[int, str, dict[str, Any]]] = field(default_factory=dict)
    """By the question's id: number, content hash and document."""
    seen: set[str] = field(default_factory=set)
    unchanged: int = 0
    returned: int = 0
    """Questions that were retired and say the same again."""

    def take(self, question: Question, set_id: int, position: int) -> bool:
        """Note what one question needs; whether that is anything."""
        self.seen.add(question.id)
        old = self.old.get(question.id)
        content_hash = question.content_hash()
        if old is None or old.content_hash != content_hash:
            document = question.document()
            row = _columns(question) | {"set_id": set_id, "position": position, "words": words_of(document)}
            row["revision"] = number = old.revision + 1 if old else 1
            self.revisions[question.id] = number, content_hash, document
            if old:
                self.changed.append(row | {"id": old.id})
            else:
                self.new.append(row | {"uid": question.id})
            return True
        where = {"set_id": set_id, "position": position, "status": PUBLISHED}
        has_moved = where != {"set_id": old.set_id, "position": old.position, "status": old.status}
        if has_moved:
            self.moved.append({"id": old.id} | where)
        self.returned += old.status != PUBLISHED
        self.unchanged += old.status == PUBLISHED
        return has_moved

    def retire(self, candidates: Iterator[reads.StoredQuestion]) -> None:
        """Retire those that no file lists any more."""
        for question in candidates:
            if question.uid not in self.seen and question.status != RETIRED:
                self.retired.append({"id": question.id, "status": RETIRED})

    def write(self, session: Session, now: datetime) -> None:
        ids = {uid: question.id for uid, question in self.old.items()}
        if self.new:
            statement = insert(models.Question).returning(models.Question.uid, models.Question.id)
            made = session.execute(statement, self.new, execution_options=NULLS)
            ids |= {row.uid: row.id for row in made}
        for rows in (self.changed, self.moved, self.retired):
            if rows:
                session.execute(update(models.Question), rows)
        if self.revisions:
            session.execute(insert(models.Revision), list(self._revision_rows(ids, now)))

    def _revision_rows(self, ids: dict[str, int], now: datetime) -> Iterator[dict[str, Any]]:
        for uid, (number, content_hash, document) in self.revisions.items():
            yield {
                "question_id": ids[uid],
                "number": number,
                "content_hash": content_hash,
                "document": document,
                "created_at": now,
            }


def _columns(question: Question) -> dict[str, Any]:
    """What SQL filters on."""
    return {
        "topic": question.topic,
        "subtopic": question.subtopic,
        "type": question.type,
        "level": question.level.value,
        "points": question.points,
        "status": PUBLISHED,
    }
