"""Undoing a change of many questions: what changed again since is left alone and said."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from quizapp.db.models import BulkChange, Question, QuestionSet, Revision
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.permissions import Actor
from quizapp.queries import sets
from quizapp.services.bulk import DRAFT, PUBLISHED, Kind, Left, held
from quizapp.services.revising import revise

SINCE = "changed again since"
GONE = "no longer yours to change"
ASKED = "already asked of learners"
SET_CHANGED = "in a set that changed its status since"


@dataclass(frozen=True, slots=True)
class Undone:
    """How many questions are as they were, and what was left as it is."""

    words: str
    restored: int
    left: Left


def undo(session: Session, actor: Actor, change_id: int, *, now: datetime) -> Undone:
    """Make questions what they were before a change: by new revisions, and by moving them back.

    Raises `NotFound` for somebody else's change, and `Refused` where it was undone before.
    """
    row = session.get(BulkChange, change_id, with_for_update=True, populate_existing=True)
    if row is None or row.account_id != actor.id or not actor.may_teach:
        raise NotFound
    if row.undone_at is not None:
        raise Refused("This change was undone before.")
    left: Left = Counter()
    rows: Sequence[list[Any]] = row.before["questions"]
    kinds = {Kind.REVISE: _revise, Kind.MOVE: _move, Kind.STATUS: _status}
    restored = kinds[Kind(row.before["kind"])](session, actor, row.before, left, now)
    left[GONE] += len(rows) - restored - left.total()
    row.undone_at = now
    session.flush()
    return Undone(row.words, restored, +left)


def _revise(session: Session, actor: Actor, before: dict[str, Any], left: Left, now: datetime) -> int:
    rows = before["questions"]
    questions = held(session, actor, [row[0] for row in rows])
    old = _documents(session, rows)
    restored = 0
    for question_id, then, after in rows:
        if question_id not in questions:
            continue
        question, home = questions[question_id]
        if question.revision != after:
            left[SINCE] += 1
            continue
        said = old[question_id, then]
        revise(session, question, said.document, said.content_hash, author_id=actor.id, now=now)
        home.updated_at = now
        restored += 1
    return restored


def _documents(session: Session, rows: Sequence[Sequence[int]]) -> dict[tuple[int, int], Revision]:
    found = session.scalars(select(Revision).where(Revision.question_id.in_([row[0] for row in rows])))
    return {(each.question_id, each.number): each for each in found}


def _move(session: Session, actor: Actor, before: dict[str, Any], left: Left, now: datetime) -> int:
    rows, moved_to = before["questions"], before["to"]
    questions = held(session, actor, [row[0] for row in rows], *{row[1] for row in rows})
    restored = 0
    for question_id, set_id, position, place in rows:
        if question_id not in questions:
            continue
        question, home = questions[question_id]
        if (question.set_id, question.position) != (moved_to, place):
            left[SINCE] += 1
            continue
        origin = session.get(QuestionSet, set_id)
        if origin is None or not sets.may_change(actor, origin):
            continue
        if question.status == PUBLISHED and origin.status != PUBLISHED:
            left[SET_CHANGED] += 1
            continue
        question.set_id, question.position = set_id, position
        home.updated_at = origin.updated_at = now
        restored += 1
    return restored


def _status(session: Session, actor: Actor, before: dict[str, Any], left: Left, now: datetime) -> int:
    rows = before["questions"]
    questions = held(session, actor, [row[0] for row in rows])
    drafts = [row[0] for row in rows if row[1] == DRAFT and row[3] == PUBLISHED]
    asked = sets.asked_of(session, drafts) if drafts else set()
    restored = 0
    for question_id, status, position, turned, place in rows:
        if question_id not in questions:
            continue
        question, home = questions[question_id]
        if (question.status, question.position) != (turned, place):
            left[SINCE] += 1
        elif question_id in asked:
            left[ASKED] += 1
        elif status == PUBLISHED and home.status != PUBLISHED:
            left[SET_CHANGED] += 1
        else:
            question.status, question.position = status, position
            home.updated_at = now
            restored += 1
    session.flush()
    _drafts_again(session, before["sets"], {home.id: home for _, home in questions.values()})
    return restored


def _drafts_again(
    session: Session, published: Sequence[Sequence[Any]], homes: dict[int, QuestionSet]
) -> None:
    """A set that was published with its first question is a draft again when none of it is published."""
    for set_id, handed_in_at in published:
        home = homes.get(set_id)
        if home is None or home.status != PUBLISHED:
            continue
        still = select(exists().where(Question.set_id == set_id, Question.status == PUBLISHED))
        if not session.scalar(still):
            home.status = DRAFT
            home.handed_in_at = datetime.fromisoformat(handed_in_at) if handed_in_at else None
