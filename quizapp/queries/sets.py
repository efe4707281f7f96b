"""Reads about question sets, for those who teach."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from quizapp.db.models import Attempt, Question, QuestionSet, Revision, Slot
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor
from quizapp.domain.question_types import answerable
from quizapp.domain.selection import Candidate
from quizapp.domain.texts import text_of
from quizapp.queries.attempts import COUNTS
from quizapp.queries.quizzes import candidate

NOWHERE = -1
"""The position of a question that the newest file of its set no longer holds."""

CHUNK = 5_000
"""Values in one `IN` list: well below what each database allows."""

IS_CURRENT = and_(Revision.question_id == Question.id, Revision.number == Question.revision)

IS_IN_REVIEW = and_(QuestionSet.status == "draft", QuestionSet.handed_in_at.is_not(None))
"""A draft that its owner asks colleagues to look at."""

IN_ORDER = (Question.position == NOWHERE, Question.position, Question.id)
"""As in the file; questions that are no longer in it come last."""


@dataclass
class Summary:
    """A set and what it holds, counted."""

    row: QuestionSet
    topics: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)

    @property
    def questions(self) -> int:
        return self.topics.total()


@dataclass(frozen=True, slots=True)
class Listed:
    """A question of a set with its current document."""

    question: Question
    document: dict[str, Any]

    @property
    def stem(self) -> str:
        """What it asks, in its own markup."""
        return text_of(self.document, "stem")


@dataclass(frozen=True, slots=True)
class Stored:
    """A question of a set with its current document and the document's hash."""

    question: Question
    content_hash: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """Who uses a question's id."""

    uid: str
    set_id: int
    owner_id: int | None
    title: str
    is_bank: bool


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A question's number in its set, and the ids before and after it."""

    number: int
    total: int
    before: str | None
    after: str | None


def may_change(actor: Actor, row: QuestionSet) -> bool:
    """What came from a bank file is changed in the file, by whoever keeps the bank."""
    return row.source is None and actor.may_edit(row.owner_id)


def is_in_review(row: QuestionSet) -> bool:
    return row.status == "draft" and row.handed_in_at is not None


def changeable(actor: Actor) -> ColumnElement[bool]:
    """The same as `may_change`, for a statement."""
    owned = true() if actor.may_administer else QuestionSet.owner_id == actor.id
    return and_(QuestionSet.source.is_(None), owned)


def readable(actor: Actor) -> ColumnElement[bool]:
    """The sets that `visible` gives to somebody who teaches, for a statement."""
    return or_(QuestionSet.status == "published", IS_IN_REVIEW, changeable(actor))


def own(session: Session, actor: Actor) -> list[Summary]:
    """The actor's sets, whatever their status, the newest first."""
    rows = session.scalars(
        select(QuestionSet)
        .where(QuestionSet.owner_id == actor.id)
        .order_by(QuestionSet.updated_at.desc(), QuestionSet.id.desc())
    ).all()
    return _summaries(session, rows)


def shared(session: Session, actor: Actor) -> list[Summary]:
    """The published sets of the bank and of other instructors."""
    rows = session.scalars(
        select(QuestionSet)
        .where(
            QuestionSet.status == "published",
            or_(QuestionSet.owner_id.is_(None), QuestionSet.owner_id != actor.id),
        )
        .order_by(QuestionSet.source.is_(None), QuestionSet.title, QuestionSet.id)
    ).all()
    return _summaries(session, rows)


def waiting(session: Session, actor: Actor) -> list[Summary]:
    """Drafts of colleagues that were handed in for a review, the longest waiting first."""
    rows = session.scalars(
        select(QuestionSet)
        .where(IS_IN_REVIEW, or_(QuestionSet.owner_id.is_(None), QuestionSet.owner_id != actor.id))
        .order_by(QuestionSet.handed_in_at, QuestionSet.id)
    ).all()
    return _summaries(session, rows)


def visible(session: Session, actor: Actor, set_id: int) -> QuestionSet:
    """A set that the actor may read.  Raises `NotFound`: others' drafts do not exist until handed in."""
    row = session.get(QuestionSet, set_id)
    if row is None or not actor.may_teach:
        raise NotFound
    if not (row.status == "published" or is_in_review(row) or may_change(actor, row)):
        raise NotFound
    return row


def editable(session: Session, actor: Actor, set_id: int, *, hold: bool = False) -> QuestionSet:
    """A set that the actor may change; `hold` keeps it from others until the commit.

    Raises `NotFound`.
    """
    row = session.get(QuestionSet, set_id, with_for_update=hold, populate_existing=hold)
    if row is None or not may_change(actor, row):
        raise NotFound
    return row


def imported_from(session: Session, owner_id: int, origin: str) -> QuestionSet | None:
    """The newest set that an instructor imported from a file of this format and name."""
    return session.scalars(
        select(QuestionSet)
        .where(QuestionSet.owner_id == owner_id, QuestionSet.origin == origin)
        .order_by(QuestionSet.id.desc())
        .limit(1)
    ).one_or_none()


def questions(session: Session, set_id: int, *, limit: int, offset: int = 0) -> list[Listed]:
    """The questions of a set in the order of its file; those no longer in it come last."""
    rows = session.execute(
        select(Question, Revision.document)
        .join(Revision, IS_CURRENT)
        .where(Question.set_id == set_id)
        .order_by(*IN_ORDER)
        .limit(limit)
        .offset(offset)
    )
    return [Listed(*row) for row in rows]


def question(session: Session, set_id: int, uid: str) -> Question:
    """A question of a set.  Raises `NotFound`."""
    if not uid.isprintable():  # not every database can even be asked
        raise NotFound
    row = session.scalars(
        select(Question).where(Question.uid == uid, Question.set_id == set_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def stored(session: Session, set_id: int) -> dict[str, Stored]:
    """Every question of a set by its id, to compare a newer file with."""
    rows = session.execute(
        select(Question, Revision.content_hash, Revision.document)
        .join(Revision, IS_CURRENT)
        .where(Question.set_id == set_id)
        .order_by(Question.position, Question.id)
    )
    return {row[0].uid: Stored(*row) for row in rows}


def changeable_questions(session: Session, actor: Actor, question_ids: Collection[int]) -> list[Stored]:
    """Those of these questions that the actor may change, with their current documents."""
    return _stored_where(session, question_ids, changeable(actor))


def readable_questions(session: Session, actor: Actor, question_ids: Collection[int]) -> list[Stored]:
    """Those of these questions that the actor, who teaches, may see; set by set, each in its order."""
    return _stored_where(session, question_ids, readable(actor))


def _stored_where(
    session: Session, question_ids: Collection[int], allowed: ColumnElement[bool]
) -> list[Stored]:
    rows = session.execute(
        select(Question, Revision.content_hash, Revision.document)
        .join(Revision, IS_CURRENT)
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .where(Question.id.in_(question_ids), allowed)
        .order_by(Question.set_id, *IN_ORDER)
    )
    return [Stored(*row) for row in rows]


def users_of(session: Session, uids: Sequence[str]) -> dict[str, User]:
    """Which of these ids are in use, and by which set."""
    found: dict[str, User] = {}
    for start in range(0, len(uids), CHUNK):
        rows = session.execute(
            select(Question.uid, QuestionSet.id, QuestionSet.owner_id, QuestionSet.title, QuestionSet.source)
            .join(QuestionSet, QuestionSet.id == Question.set_id)
            .where(Question.uid.in_(uids[start : start + CHUNK]))
        )
        for uid, set_id, owner_id, title, source in rows:
            found[uid] = User(uid, set_id, owner_id, title, source is not None)
    return found


def usable(session: Session, actor: Actor, uids: Collection[str]) -> dict[str, Listed]:
    """Which of these ids name questions that the actor may put into a quiz; none that cannot be asked."""
    rows = session.execute(
        select(Question, Revision.document)
        .join(Revision, IS_CURRENT)
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .where(
            Question.uid.in_(uids),
            Question.type.in_(answerable()),
            or_(Question.status == "published", _is_own(actor)),
        )
    )
    return {row[0].uid: Listed(*row) for row in rows}


def askable(session: Session, row: QuestionSet) -> list[Candidate]:
    """What of a set could be asked now, drafts too, in its order; of a retired set what stood in it."""
    wanted = Question.status != "retired" if row.status != "retired" else true()
    found = session.scalars(
        select(Question)
        .where(Question.set_id == row.id, Question.position != NOWHERE)
        .where(Question.type.in_(answerable()), wanted)
        .order_by(*IN_ORDER)
    )
    return [candidate(question) for question in found]


def by_numbers(session: Session, question_ids: Collection[int]) -> dict[int, Listed]:
    """Questions with their current documents, for rights that were checked before."""
    rows = session.execute(
        select(Question, Revision.document).join(Revision, IS_CURRENT).where(Question.id.in_(question_ids))
    )
    return {row[0].id: Listed(*row) for row in rows}


def neighbours(session: Session, of: Question) -> Neighbours:
    """Where a question stands in its set, and which stand beside it."""
    uids = list(session.scalars(select(Question.uid).where(Question.set_id == of.set_id).order_by(*IN_ORDER)))
    place = uids.index(of.uid)
    before = uids[place - 1] if place else None
    after = uids[place + 1] if place + 1 < len(uids) else None
    return Neighbours(place + 1, len(uids), before, after)


def places(session: Session, actor: Actor) -> list[tuple[str, str | None]]:
    """The topics and subtopics of all questions that are published or the actor's own, and can be asked."""
    rows = session.execute(
        select(Question.topic, Question.subtopic)
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .where(Question.type.in_(answerable()), or_(Question.status == "published", _is_own(actor)))
        .distinct()
    )
    return [(topic, subtopic) for topic, subtopic in rows]


def _is_own(actor: Actor) -> ColumnElement[bool]:
    return QuestionSet.owner_id == actor.id


def count(session: Session, set_id: int) -> int:
    total = select(func.count()).select_from(Question).where(Question.set_id == set_id)
    return session.scalar(total) or 0


def drafts(session: Session, set_id: int) -> int:
    """How many questions of a set wait to be published."""
    waiting = select(func.count()).where(Question.set_id == set_id, Question.status == "draft")
    return session.scalar(waiting) or 0


def was_asked(session: Session, set_id: int) -> bool:
    """Whether any learner was ever given a question of this set.  It looks at all attempts but trials."""
    mine = select(Question.id).where(Question.set_id == set_id)
    return bool(asked_of(session, mine, limit=1))


def asked_of(session: Session, question_ids: Any, *, limit: int | None = None) -> set[int]:
    """Which of these questions any learner was ever given."""
    given = (
        select(Slot.question_id)
        .join(Attempt, (Attempt.learner_id == Slot.learner_id) & (Attempt.id == Slot.attempt_id))
        .where(Slot.question_id.in_(question_ids), COUNTS)
        .distinct()
    )
    return set(session.scalars(given.limit(limit)))


def _summaries(session: Session, rows: Collection[QuestionSet]) -> list[Summary]:
    summaries = {row.id: Summary(row) for row in rows}
    if not summaries:
        return []
    counted = session.execute(
        select(Question.set_id, Question.topic, Question.type, func.count())
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .where(
            Question.set_id.in_(summaries),
            Question.position != NOWHERE,
            or_(Question.status != "retired", QuestionSet.status == "retired"),
        )
        .group_by(Question.set_id, Question.topic, Question.type)
    )
    for set_id, topic, kind, number in counted:
        summaries[set_id].topics[topic] += number
        summaries[set_id].types[kind] += number
    return list(summaries.values())
