"""Reads of the library: all questions that somebody who teaches may see, searched and filtered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    TableValuedAlias,
    and_,
    case,
    func,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from quizapp.db.models import Attempt, Question, QuestionSet, Revision, Slot, Step
from quizapp.domain.permissions import Actor
from quizapp.domain.texts import text_of
from quizapp.queries.attempts import COUNTS
from quizapp.queries.results import SILENT
from quizapp.queries.sets import IS_CURRENT, IS_IN_REVIEW, changeable, may_change, readable

ENOUGH = 10
"""Answers from which on the share of right ones is told."""

MILLION = 1_000_000
MOST_TAGS = 300

_Later = aliased(Step, name="later")


class Health(StrEnum):
    """What the answers so far say of a question."""

    NEVER = "never"
    FEW = "few"
    HARD = "hard"
    """Facility below 0.2."""
    EASY = "easy"
    """Facility above 0.95."""
    FINE = "fine"


class Owner(StrEnum):
    MINE = "mine"
    SHARED = "shared"
    """Of colleagues."""
    BANK = "bank"


class Sort(StrEnum):
    CHANGED = "changed"
    """The last changed first."""
    TOPIC = "topic"
    HARDEST = "hardest"
    ANSWERED = "answered"
    """The most answered first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty is not asked about."""

    words: tuple[str, ...] = ()
    """Each of them occurs, in any letters."""
    place: str = ""
    """A topic or a subtopic."""
    type: str = ""
    level: str = ""
    status: str = ""
    """`draft`, `review`, `published`, `retired` or `any`; empty is all but retired."""
    set_id: int | None = None
    tag: str = ""
    owner: str = ""
    health: str = ""
    sort: str = Sort.CHANGED


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of the answers to a question, over all its revisions."""

    count: int = 0
    facility: Decimal | None = None
    """The mean credit in per cent; None below `ENOUGH` answers."""


@dataclass(frozen=True, slots=True)
class Found:
    """A question in the list, with its current document and its set."""

    question: Question
    document: dict[str, Any]
    changed_at: datetime
    home: QuestionSet
    may_change: bool
    answers: Answers

    @property
    def stem(self) -> str:
        return text_of(self.document, "stem")

    @property
    def tags(self) -> Sequence[str]:
        tags = self.document.get("tags", ())
        return tags if isinstance(tags, list) else ()


def found(
    session: Session, actor: Actor, wanted: Wanted, *, limit: int, offset: int = 0, now: datetime
) -> list[Found]:
    """A page of the questions that are looked for, in two statements."""
    items = _answers(now)
    statement = _chosen(session, actor, wanted, items, Question, Revision.document, Revision.created_at)
    rows = session.execute(
        statement.add_columns(QuestionSet).order_by(*_order(wanted, items)).limit(limit).offset(offset)
    ).all()
    known = answers_of(session, [row[0].id for row in rows], now)
    return [
        Found(question, document, at, home, may_change(actor, home), known.get(question.id, Answers()))
        for question, document, at, home in rows
    ]


def total(session: Session, actor: Actor, wanted: Wanted, *, now: datetime) -> int:
    return session.scalar(_chosen(session, actor, wanted, _answers(now), func.count())) or 0


def ids(session: Session, actor: Actor, wanted: Wanted, *, limit: int, now: datetime) -> list[int]:
    """The numbers of the questions that are looked for and that the actor may change."""
    statement = _chosen(session, actor, wanted, _answers(now), Question.id).where(changeable(actor))
    return list(session.scalars(statement.order_by(Question.id).limit(limit)))


def answers_of(session: Session, question_ids: Collection[int], now: datetime) -> dict[int, Answers]:
    """How some questions were answered; those that never were are missing."""
    if not question_ids:
        return {}
    items = _answers(now, question_ids)
    return {row[0]: _known(row[1], row[2]) for row in session.execute(select(items))}


def tags(session: Session, actor: Actor) -> list[tuple[str, int]]:
    """The tags of all questions that the actor may see, with how many have each; by name."""
    each = _each_tag(session)
    count = func.count()
    rows = session.execute(
        select(each.c.value, count)
        .select_from(Question)
        .join(Revision, IS_CURRENT)
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .join(each, true())
        .where(readable(actor))
        .group_by(each.c.value)
        .order_by(count.desc(), each.c.value)
        .limit(MOST_TAGS)
    )
    return sorted((str(tag), number) for tag, number in rows)


def places(session: Session, actor: Actor) -> list[tuple[str, str | None]]:
    """The topics and subtopics of all questions that the actor may see."""
    rows = session.execute(
        select(Question.topic, Question.subtopic)
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .where(readable(actor))
        .distinct()
    )
    return [(topic, subtopic) for topic, subtopic in rows]


def homes(session: Session, actor: Actor) -> Sequence[QuestionSet]:
    """The sets that the actor may see, own ones first, each by title."""
    return session.scalars(
        select(QuestionSet)
        .where(readable(actor))
        .order_by(
            case((QuestionSet.owner_id == actor.id, 0), else_=1),
            func.lower(QuestionSet.title),
            QuestionSet.id,
        )
    ).all()


def _chosen(session: Session, actor: Actor, wanted: Wanted, items: Subquery, *columns: Any) -> Select[Any]:
    statement = (
        select(*columns)
        .select_from(Question)
        .join(Revision, IS_CURRENT)
        .join(QuestionSet, QuestionSet.id == Question.set_id)
        .where(readable(actor), *_conditions(session, actor, wanted))
    )
    if not _asks_for_answers(wanted):
        return statement
    statement = statement.outerjoin(items, items.c.question_id == Question.id)
    return statement.where(_health(items)[wanted.health]) if wanted.health else statement


def _asks_for_answers(wanted: Wanted) -> bool:
    """Whether all answers have to be looked at before it is known what is found."""
    return bool(wanted.health) or wanted.sort in {Sort.HARDEST, Sort.ANSWERED}


def _conditions(session: Session, actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    asked = [Question.words.contains(word.lower(), autoescape=True) for word in wanted.words]
    if wanted.place:
        asked.append(or_(Question.topic == wanted.place, Question.subtopic == wanted.place))
    if wanted.type:
        asked.append(Question.type == wanted.type)
    if wanted.level:
        asked.append(Question.level == wanted.level)
    if wanted.set_id is not None:
        asked.append(Question.set_id == wanted.set_id)
    if wanted.tag:
        each = _each_tag(session)
        asked.append(select(each.c.value).where(each.c.value == wanted.tag).exists())
    owners: dict[str, ColumnElement[bool]] = {
        "": true(),
        Owner.MINE: QuestionSet.owner_id == actor.id,
        Owner.SHARED: and_(QuestionSet.source.is_(None), QuestionSet.owner_id.is_distinct_from(actor.id)),
        Owner.BANK: QuestionSet.source.is_not(None),
    }
    statuses: dict[str, ColumnElement[bool]] = {
        "": Question.status != "retired",
        "any": true(),
        "review": and_(IS_IN_REVIEW, Question.status == "draft"),
    }
    return [*asked, owners[wanted.owner], statuses.get(wanted.status, Question.status == wanted.status)]


def _order(wanted: Wanted, items: Subquery) -> tuple[Any, ...]:
    enough = func.coalesce(items.c.count, 0) >= ENOUGH
    orders: dict[str, tuple[Any, ...]] = {
        Sort.CHANGED: (Revision.created_at.desc(),),
        Sort.TOPIC: (Question.topic, func.coalesce(Question.subtopic, "")),
        Sort.HARDEST: (case((enough, 0), else_=1), items.c.credit * 1.0 / items.c.count),
        Sort.ANSWERED: (func.coalesce(items.c.count, 0).desc(),),
    }
    return (*orders[wanted.sort], Question.id)


def _health(items: Subquery) -> dict[str, ColumnElement[bool]]:
    count, credit = items.c.count, items.c.credit
    hard, easy = credit * 5 < count * MILLION, credit * 20 > count * 19 * MILLION
    return {
        Health.NEVER: count.is_(None),
        Health.FEW: count < ENOUGH,
        Health.HARD: and_(count >= ENOUGH, hard),
        Health.EASY: and_(count >= ENOUGH, easy),
        Health.FINE: and_(count >= ENOUGH, ~hard, ~easy),
    }


def _answers(now: datetime, question_ids: Collection[int] | None = None) -> Subquery:
    """How often each question was answered, and the sum of the credits in millionths.

    Every slot counts by its last step, once its learner may know the result; trials never do.
    """
    last = (
        ~select(_Later.number)
        .where(
            _Later.learner_id == Step.learner_id,
            _Later.attempt_id == Step.attempt_id,
            _Later.position == Step.position,
            _Later.number > Step.number,
        )
        .exists()
    )
    told = or_(Attempt.release_at <= now, Attempt.mode.not_in(SILENT))
    statement = (
        select(
            Slot.question_id,
            func.count().label("count"),
            func.sum(type_coerce(Step.credit, BigInteger)).label("credit"),
        )
        .join(
            Step,
            (Step.learner_id == Slot.learner_id)
            & (Step.attempt_id == Slot.attempt_id)
            & (Step.position == Slot.position),
        )
        .join(Attempt, (Attempt.learner_id == Slot.learner_id) & (Attempt.id == Slot.attempt_id))
        .where(Step.verdict.is_not(None), last, told, COUNTS)
        .group_by(Slot.question_id)
    )
    if question_ids is not None:
        statement = statement.where(Slot.question_id.in_(question_ids))
    return statement.subquery("answers")


def _known(count: int, credit: Any) -> Answers:
    if count < ENOUGH:
        return Answers(count)
    return Answers(count, Decimal(int(credit)) * 100 / (count * MILLION))


def _each_tag(session: Session) -> TableValuedAlias:
    """The tags of a revision as rows, in the words of each database."""
    if session.get_bind().dialect.name == "sqlite":
        return func.json_each(Revision.document, "$.tags").table_valued("value", name="each_tag")
    listed = Revision.document["tags"]
    # A document with variants may hold something else there.
    checked = case((func.json_typeof(listed) == "array", listed))
    return func.json_array_elements_text(checked).table_valued("value", name="each_tag")
