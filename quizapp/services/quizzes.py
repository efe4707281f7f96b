"""Use cases of an instructor's quizzes: build, change, publish, retire.

A running attempt has its own copy of the rules, so a change reaches new attempts only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizapp.db.models import Quiz
from quizapp.domain.errors import Refused
from quizapp.domain.permissions import Actor, require
from quizapp.domain.problems import Place, Problem
from quizapp.domain.quizzes import Blueprint, Item
from quizapp.domain.selection import Assembly, Candidate, assemble, supply
from quizapp.queries import own_quizzes, quizzes, sets

DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"
NOBODY = 0
"""No account has this number: a sample is drawn for somebody who never saw a question."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A line of a blueprint, and how many published questions fit it."""

    item: Item
    found: int

    @property
    def is_short(self) -> bool:
        return self.found < self.item.count


def create(session: Session, actor: Actor, blueprint: Blueprint, *, now: datetime) -> Quiz:
    """Keep a blueprint as a new draft.  The same id a second time changes the first one's draft.

    Raises `Refused` where a question cannot be asked or the id is somebody else's.
    """
    require(actor.may_teach)
    there = own_quizzes.by_uid(session, blueprint.id)
    if there is not None:
        if there.source is not None or there.owner_id != actor.id:
            raise Refused("Another quiz has this id. Save again under another title.", "title")
        return change(session, actor, there.id, blueprint, now=now)
    _require_usable(session, actor, blueprint)
    row = Quiz(uid=blueprint.id, owner_id=actor.id, status=DRAFT, created_at=now)
    _take(row, blueprint, now)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused("This quiz was saved a moment ago. Open it from the list.", "title") from error
    return row


def change(session: Session, actor: Actor, quiz_id: int, blueprint: Blueprint, *, now: datetime) -> Quiz:
    """Give a quiz new rules.  Its id stays.  Raises `NotFound` and `Refused`."""
    row = own_quizzes.editable(session, actor, quiz_id, hold=True)
    blueprint = blueprint.model_copy(update={"id": row.uid})
    _require_usable(session, actor, blueprint)
    if row.status == PUBLISHED:
        _require_covered(session, blueprint)
    if row.document != blueprint.document():
        _take(row, blueprint, now)
    return row


def publish(session: Session, actor: Actor, quiz_id: int, *, now: datetime) -> Quiz:
    """Let learners start a quiz.  Raises `Refused` where there are too few questions for it."""
    row = own_quizzes.editable(session, actor, quiz_id, hold=True)
    _require_covered(session, quizzes.blueprint_of(row))
    return _move(row, PUBLISHED, now)


def retire(session: Session, actor: Actor, quiz_id: int, *, now: datetime) -> Quiz:
    """Let nobody start a quiz any more.  Running attempts go on."""
    return _move(own_quizzes.editable(session, actor, quiz_id, hold=True), RETIRED, now)


def coverage(session: Session, blueprint: Blueprint) -> list[Covered]:
    """How many published questions fit each line."""
    fitting = supply(blueprint, _candidates(session, blueprint))
    return [Covered(item, fitting[number]) for number, item in enumerate(blueprint.items)]


def sample(session: Session, blueprint: Blueprint, seed: int) -> Assembly:
    """What a learner who is new here would get with this seed.  Nothing is written."""
    return assemble(blueprint, _candidates(session, blueprint), seed)


def item_problems(session: Session, actor: Actor, blueprint: Blueprint) -> Iterator[Problem]:
    """Fixed questions that are unknown to the actor, retired, or asked twice."""
    uids = [item.question for item in blueprint.items if item.question]
    usable = sets.usable(session, actor, uids)
    place = Place("quiz", {})
    seen: dict[str, int] = {}
    for number, item in enumerate(blueprint.items):
        if not item.question:
            continue
        path = ("items", number, "question")
        if item.question not in usable:
            yield place.error(path, "unknown_question", "there is no such question that can be asked")
        elif usable[item.question].question.status == RETIRED:
            yield place.error(path, "retired_question", "this question is retired; choose another one")
        elif item.question in seen:
            yield place.error(path, "same_question", "this question is already asked in an earlier row")
        seen.setdefault(item.question, number)


def _require_usable(session: Session, actor: Actor, blueprint: Blueprint) -> None:
    for problem in item_problems(session, actor, blueprint):
        raise Refused(problem.message, problem.where.rpartition(": ")[2])


def _require_covered(session: Session, blueprint: Blueprint) -> None:
    rows = coverage(session, blueprint)
    for number, row in enumerate(rows):
        if row.is_short:
            raise Refused(
                f"{row.item.count} asked, but {row.found} published fit. "
                "Publish more questions, or ask for fewer.",
                f"items.{number}",
            )
    missing = sample(session, blueprint, seed=0).missing
    if missing:
        raise Refused(
            f"The rows share questions, and {missing} would be missing. "
            "Publish more questions, or ask for fewer."
        )


def _candidates(session: Session, blueprint: Blueprint) -> Sequence[Candidate]:
    return quizzes.candidates(session, NOBODY, blueprint, may_be_running=True)


def _take(row: Quiz, blueprint: Blueprint, now: datetime) -> None:
    row.title = blueprint.title
    row.document = blueprint.document()
    row.updated_at = now


def _move(row: Quiz, status: str, now: datetime) -> Quiz:
    if row.status != status:
        row.status = status
        row.updated_at = now
    return row
