"""Use cases of writing questions by hand: a set, a new question, another text for one, an older text again.

Every text passes the one door before it is kept.  A question keeps its id and its type for ever,
and what it said before stays in its revisions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizapp.db.models import Question, QuestionSet, Revision
from quizapp.domain.documents import read_question
from quizapp.domain.errors import QuizError, Refused
from quizapp.domain.imports import as_id
from quizapp.domain.permissions import Actor, require
from quizapp.domain.problems import Place
from quizapp.domain.questions import Question as QuestionValue
from quizapp.queries import history, sets
from quizapp.services.revising import describe, revise

DRAFT = "draft"
MOST_IN_A_SET = 20_000
TRIED_IDS = 200


class ChangedMeanwhile(QuizError):
    """Somebody saved a newer text while this one was written."""

    def __init__(self, number: int, document: Mapping[str, Any]) -> None:
        super().__init__("This question was changed while you were editing it.")
        self.number = number
        self.document = document


@dataclass(frozen=True, slots=True)
class Saved:
    """A question as it stands after saving; the same text again is no new revision."""

    uid: str
    revision: int
    is_new: bool


def new_set(
    session: Session, actor: Actor, *, title: str, description: str, licence: str, now: datetime
) -> QuestionSet:
    """An empty draft of the actor's."""
    require(actor.may_teach)
    row = QuestionSet(
        owner_id=actor.id,
        title=title,
        description=description,
        licence=licence,
        status=DRAFT,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def add(session: Session, actor: Actor, set_id: int, written: Mapping[str, Any], *, now: datetime) -> Saved:
    """A new question at the end of a set; `written` is a judged document.

    Its id is the document's own, or else made of its name or stem.  The same text sent a second
    time is the question of the first time.  Raises `NotFound`, and `Refused` where an id that the
    document names is taken.
    """
    row = sets.editable(session, actor, set_id, hold=True)
    if sets.count(session, set_id) >= MOST_IN_A_SET:
        raise Refused("This set holds as many questions as a set can. Begin another one.")
    for identity in _identities(written):
        value = _judged({**written, "id": identity})
        there = _there(session, set_id, value)
        if there is not None:
            return there
        if not sets.users_of(session, [identity]) and _inserted(session, actor, row, value, now):
            row.updated_at = now
            return Saved(identity, 1, True)
    raise Refused(f"The id {written.get('id', '')!r} is taken. Choose another one.", "id")


def change(
    session: Session,
    actor: Actor,
    set_id: int,
    uid: str,
    written: Mapping[str, Any],
    *,
    base: int,
    now: datetime,
) -> Saved:
    """Another text for a question, written on top of its revision `base`.

    Raises `NotFound`, `Refused`, and `ChangedMeanwhile` where there is a newer revision that says
    something else.
    """
    row, question = _held(session, actor, set_id, uid)
    value = _judged({**written, "id": uid, "type": question.type})
    current = history.entry(session, question.id, question.revision)
    if value.content_hash() == current.content_hash:
        return Saved(uid, question.revision, False)
    if base != question.revision:
        raise ChangedMeanwhile(question.revision, current.document)
    return _revised(session, actor, row, question, value, now)


def restore(session: Session, actor: Actor, set_id: int, uid: str, number: int, *, now: datetime) -> Saved:
    """Let a question say again what it said at a revision: that is a new one.

    Raises `NotFound`, and `Refused` where that text is one that could no longer be asked.
    """
    row, question = _held(session, actor, set_id, uid)
    older = history.entry(session, question.id, number)
    current = history.entry(session, question.id, question.revision)
    if older.content_hash == current.content_hash:
        return Saved(uid, question.revision, False)
    return _revised(session, actor, row, question, _judged(older.document), now)


def _held(session: Session, actor: Actor, set_id: int, uid: str) -> tuple[QuestionSet, Question]:
    """The set, then the question, kept from others until the commit."""
    row = sets.editable(session, actor, set_id, hold=True)
    question = sets.question(session, set_id, uid)
    session.refresh(question, with_for_update=True)
    return row, question


def _revised(
    session: Session,
    actor: Actor,
    row: QuestionSet,
    question: Question,
    value: QuestionValue,
    now: datetime,
) -> Saved:
    revise(session, question, value.document(), value.content_hash(), author_id=actor.id, now=now)
    row.updated_at = now
    session.flush()
    return Saved(question.uid, question.revision, True)


def _identities(written: Mapping[str, Any]) -> Iterator[str]:
    """The id that the document names, and no other; or else those to try, one after the other."""
    if written.get("id"):
        yield str(written["id"])
        return
    stem = written.get("stem", "")
    text = next(iter(stem.values()), "") if isinstance(stem, Mapping) else stem
    wanted = as_id(str(written.get("name") or text))
    yield wanted
    yield from (f"{wanted}-{number}" for number in islice(count(2), TRIED_IDS))


def _there(session: Session, set_id: int, value: QuestionValue) -> Saved | None:
    """The question of this set that has this id and says exactly this."""
    found = session.execute(
        select(Question.uid, Question.revision, Revision.content_hash)
        .join(Revision, sets.IS_CURRENT)
        .where(Question.uid == value.id, Question.set_id == set_id)
    ).one_or_none()
    if found is None or found.content_hash != value.content_hash():
        return None
    return Saved(found.uid, found.revision, False)


def _inserted(session: Session, actor: Actor, row: QuestionSet, value: QuestionValue, now: datetime) -> bool:
    """Keep a new question; False where somebody took its id in this very moment."""
    last = session.scalar(select(func.max(Question.position)).where(Question.set_id == row.id))
    question = Question(
        uid=value.id,
        set_id=row.id,
        position=0 if last is None else max(last, -1) + 1,
        revision=0,
        status=row.status,
    )
    describe(question, value.document())
    try:
        with session.begin_nested():
            session.add(question)
            session.flush()
    except IntegrityError:
        return False
    revise(session, question, value.document(), value.content_hash(), author_id=actor.id, now=now)
    session.flush()
    return True


def _judged(document: Mapping[str, Any]) -> QuestionValue:
    value, problems = read_question(document, Place("", {}))
    if value is None:
        raise Refused(f"This text can no longer be asked: {problems[0].message}.")
    return value
