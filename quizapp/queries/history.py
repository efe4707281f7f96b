"""Reads about what a question said before, and about questions that say the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from quizapp.db.models import Account, Question, QuestionSet, Revision
from quizapp.domain.choices import text_id
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor
from quizapp.queries.sets import IS_CURRENT

LOOKED_AT = 20
"""Questions whose words hold a stem, and that are compared with it in full."""

SEARCHED_CHARS = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A revision and who wrote it; no name where nobody did, or where the account is gone."""

    number: int
    created_at: datetime
    author: str | None
    content_hash: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Alike:
    """A question that asks the same."""

    uid: str
    set_id: int
    title: str


def entries(session: Session, question_id: int, *, up_to: int, limit: int) -> Sequence[Entry]:
    """The revisions of a question from a number downwards, the newest first."""
    rows = session.execute(
        select(Revision.number, Revision.created_at, Account.name, Revision.content_hash, Revision.document)
        .outerjoin(Account, (Account.id == Revision.author_id) & Account.deleted_at.is_(None))
        .where(Revision.question_id == question_id, Revision.number <= up_to)
        .order_by(Revision.number.desc())
        .limit(limit)
    )
    return [Entry(*row) for row in rows]


def entry(session: Session, question_id: int, number: int) -> Entry:
    """One revision.  Raises `NotFound`."""
    found = entries(session, question_id, up_to=number, limit=1)
    if not found or found[0].number != number:
        raise NotFound
    return found[0]


def last_of(session: Session, set_id: int) -> Question | None:
    """The question that was written into a set last."""
    return session.scalars(
        select(Question).where(Question.set_id == set_id).order_by(Question.id.desc()).limit(1)
    ).one_or_none()


def asking_the_same(session: Session, actor: Actor, stem: str, *, but: str) -> Sequence[Alike]:
    """Questions with this very stem that the actor may see, but for the one that is edited."""
    # Words are compared with any space between them, but searched with the spaces that are there.
    line = max(re.split(r"\n|\s{2,}", stem.lower()), key=len).strip()[:SEARCHED_CHARS]
    if len(line) < 3:
        return []
    rows = session.execute(
        select(Question.uid, QuestionSet.id, QuestionSet.title, Revision.document)
        .join(Revision, IS_CURRENT)
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .where(
            Question.words.contains(line, autoescape=True),
            Question.uid != but,
            Question.status != "retired",
            or_(Question.status == "published", QuestionSet.owner_id == actor.id),
        )
        .order_by(Question.id)
        .limit(LOOKED_AT)
    )
    wanted = text_id(stem)
    return [Alike(uid, home, title) for uid, home, title, told in rows if text_id(_stem(told)) == wanted]


def _stem(document: dict[str, Any]) -> str:
    stem = document.get("stem", "")
    return str(next(iter(stem.values()), "")) if isinstance(stem, dict) else str(stem)
