"""Changing many questions at once, each time so that it can be undone.

What has to be judged is judged first, while nothing is locked (`prepare`); then the change is
made in one short transaction (`apply`), and whatever changed in between is left alone and said.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from quizapp.db.models import BulkChange, Question, QuestionSet
from quizapp.domain.documents import read_question
from quizapp.domain.errors import Refused
from quizapp.domain.permissions import Actor, require
from quizapp.domain.problems import Place
from quizapp.domain.questions import Level
from quizapp.queries import sets
from quizapp.queries.sets import NOWHERE, Stored
from quizapp.services.revising import revise

MOST = 1000
"""Questions in one change."""

KEPT_FOR = timedelta(days=30)
DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"
NOT_YOURS = "not yours to change"
ALREADY = "already so"
MEANWHILE = "changed meanwhile"
SET_RETIRED = "in a retired set; publish that set first"
INTO_DRAFT = "published, and that set is a draft; publish the set first"

Document = Mapping[str, Any]
Words = tuple[str, str]
"""What was done: the words before and after "12 questions"."""

Left = Counter[str]
"""How many questions were left alone, by the reason."""


class Kind(StrEnum):
    """What a change does to its rows, which says how it is undone."""

    REVISE = "revise"
    MOVE = "move"
    STATUS = "status"


class Turn(StrEnum):
    """Where a question's status goes."""

    PUBLISH = "publish"
    RETIRE = "retire"
    BRING_BACK = "bring_back"
    """To where its set stands."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of what questions say."""

    words: Words
    edited: Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class Move:
    set_id: int
    words: Words


@dataclass(frozen=True, slots=True)
class Turned:
    turn: Turn
    words: Words


Change = Edit | Move | Turned


@dataclass(frozen=True, slots=True)
class Revised:
    """A question as an edit would have it, made of one revision of it."""

    question_id: int
    revision: int
    document: Document
    content_hash: str


@dataclass(frozen=True, slots=True)
class Prepared:
    change: Change
    question_ids: tuple[int, ...]
    revised: tuple[Revised, ...] = ()
    left: Left = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a change: its number, to undo it by, and what was left alone."""

    change_id: int | None
    words: str
    changed: int
    left: Left


def add_tag(tag: str) -> Edit:
    """Raises `Refused` for a tag that is empty or too long, as the others do for what no question takes."""
    tag = _tag(tag)

    def edited(document: Document) -> Document:
        known = list(document.get("tags", ()))
        return document if tag.casefold() in map(str.casefold, known) else {**document, "tags": [*known, tag]}

    return Edit((f"Added the tag “{tag}” to ", ""), edited)


def remove_tag(tag: str) -> Edit:
    tag = _tag(tag)

    def edited(document: Document) -> Document:
        known = document.get("tags", ())
        return {**document, "tags": [each for each in known if each.casefold() != tag.casefold()]}

    return Edit((f"Removed the tag “{tag}” from ", ""), edited)


def set_place(topic: str, subtopic: str, title: str) -> Edit:
    """Another topic, and a subtopic of it or none; an objective stays only where it still belongs."""
    if not topic:
        raise Refused("Choose a topic.", "place")

    def edited(document: Document) -> Document:
        kept = {name: value for name, value in document.items() if name not in ("subtopic", "objective")}
        kept["topic"] = topic
        if subtopic:
            kept["subtopic"] = subtopic
            objective = document.get("objective") or ""
            if objective.startswith(f"{subtopic}."):
                kept["objective"] = objective
        return kept

    return Edit(("Set the topic of ", f" to {title}"), edited)


def set_level(level: str) -> Edit:
    if level not in set(Level):
        raise Refused("Choose a level.", "to_level")
    return Edit(("Set the level of ", f" to {level}"), lambda document: {**document, "level": level})


def move(session: Session, actor: Actor, set_id: int) -> Move:
    """Raises `NotFound` where the actor may not change the set that is to take the questions."""
    row = sets.editable(session, actor, set_id)
    return Move(row.id, ("Moved ", f" to {row.title}"))


def turn(which: Turn) -> Turned:
    said = {Turn.PUBLISH: "Published ", Turn.RETIRE: "Retired ", Turn.BRING_BACK: "Brought back "}
    return Turned(which, (said[which], ""))


def prepare(session: Session, actor: Actor, question_ids: Collection[int], change: Change) -> Prepared:
    """Judge what a change would make of these questions.  Nothing is written.  Raises `Refused`."""
    require(actor.may_teach)
    ids = tuple(sorted(set(question_ids)))
    if not ids:
        raise Refused("Check at least one question first.")
    if len(ids) > MOST:
        raise Refused(f"At most {MOST} questions can be changed at once.")
    if not isinstance(change, Edit):
        return Prepared(change, ids)
    found = sets.changeable_questions(session, actor, ids)
    left: Left = Counter({NOT_YOURS: len(ids) - len(found)})
    revised = [each for row in found for each in _revised(row, change, left)]
    return Prepared(change, ids, tuple(revised), left)


def apply(session: Session, actor: Actor, prepared: Prepared, *, now: datetime) -> Done:
    """Carry a change out.  Raises `NotFound` where the set that is to take questions is not the actor's."""
    change, left = prepared.change, Counter(prepared.left)
    if isinstance(change, Edit):
        ids: Sequence[int] = [each.question_id for each in prepared.revised]
        questions = held(session, actor, ids)
        left[MEANWHILE] += len(ids) - len(questions)
        before = {"kind": Kind.REVISE, "questions": _revise(session, actor, prepared, questions, left, now)}
    else:
        target = change.set_id if isinstance(change, Move) else None
        questions = held(session, actor, prepared.question_ids, target)
        left[NOT_YOURS] += len(prepared.question_ids) - len(questions)
        before = (
            _move(session, actor, change, questions, left, now)
            if isinstance(change, Move)
            else _turn(session, change.turn, questions, left, now)
        )
    return _kept(session, actor, change.words, before, +left, now)


def held(
    session: Session, actor: Actor, question_ids: Collection[int], *also: int | None
) -> dict[int, tuple[Question, QuestionSet]]:
    """Those of these questions that the actor may change, with their sets, held until the commit.

    Sets come first, as in every use case that changes them, so that none waits for another in a circle.
    """
    homes = select(Question.set_id).where(Question.id.in_(question_ids))
    wanted = set(session.scalars(homes)) | {each for each in also if each is not None}
    rows = {
        row.id: row
        for row in session.scalars(
            select(QuestionSet)
            .where(QuestionSet.id.in_(wanted), sets.changeable(actor))
            .order_by(QuestionSet.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    questions = session.scalars(
        select(Question)
        .where(Question.id.in_(question_ids), Question.set_id.in_(list(rows)))
        .order_by(Question.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {question.id: (question, rows[question.set_id]) for question in questions}


def next_position(session: Session, set_id: int) -> int:
    """The place behind the last question of a set."""
    last = session.scalar(select(func.max(Question.position)).where(Question.set_id == set_id))
    return 0 if last is None else last + 1


def _tag(tag: str) -> str:
    tag = " ".join(tag.split())
    if not 1 <= len(tag) <= 100:
        raise Refused("Give a tag of 1 to 100 characters.", "with_tag")
    return tag


def _revised(row: Stored, change: Edit, left: Left) -> Iterator[Revised]:
    """What an edit makes of a question, judged like every document; nothing where it is refused."""
    question, problems = read_question(change.edited(row.document), Place(row.question.uid, {}))
    if question is None:
        left[f"refused: {problems[0].message}"] += 1
    elif question.content_hash() == row.content_hash:
        left[ALREADY] += 1
    else:
        at = row.question
        yield Revised(at.id, at.revision, question.document(), question.content_hash())


def _revise(
    session: Session,
    actor: Actor,
    prepared: Prepared,
    questions: Mapping[int, tuple[Question, QuestionSet]],
    left: Left,
    now: datetime,
) -> list[list[int]]:
    changed = []
    for each in prepared.revised:
        question, home = questions.get(each.question_id, (None, None))
        if question is None or home is None:
            continue
        if question.revision != each.revision:
            left[MEANWHILE] += 1
            continue
        revise(session, question, each.document, each.content_hash, author_id=actor.id, now=now)
        home.updated_at = now
        changed.append([question.id, each.revision, question.revision])
    return changed


def _move(
    session: Session,
    actor: Actor,
    change: Move,
    questions: Mapping[int, tuple[Question, QuestionSet]],
    left: Left,
    now: datetime,
) -> dict[str, Any]:
    target = sets.editable(session, actor, change.set_id)
    place = next_position(session, target.id)
    moved = []
    for question, home in questions.values():
        if home.id == target.id:
            left[ALREADY] += 1
        elif question.status == PUBLISHED and target.status != PUBLISHED:
            left[INTO_DRAFT if target.status == DRAFT else SET_RETIRED] += 1
        else:
            moved.append([question.id, home.id, question.position, place])
            question.set_id, question.position = target.id, place
            home.updated_at = target.updated_at = now
            place += 1
    return {"kind": Kind.MOVE, "to": target.id, "questions": moved}


def _turn(
    session: Session,
    which: Turn,
    questions: Mapping[int, tuple[Question, QuestionSet]],
    left: Left,
    now: datetime,
) -> dict[str, Any]:
    turned: list[list[Any]] = []
    published: dict[int, list[Any]] = {}
    for question, home in questions.values():
        status = _status(which, question, home)
        if status in (None, question.status):
            left[SET_RETIRED if status is None else ALREADY] += 1
            continue
        before = [question.status, question.position]
        if question.position == NOWHERE and status != RETIRED:
            question.position = next_position(session, home.id)
            session.flush()
        if status == PUBLISHED and home.status == DRAFT:
            published[home.id] = [home.id, home.handed_in_at.isoformat() if home.handed_in_at else None]
            home.status, home.handed_in_at = PUBLISHED, None
        question.status = str(status)
        home.updated_at = now
        turned.append([question.id, *before, question.status, question.position])
    return {"kind": Kind.STATUS, "questions": turned, "sets": list(published.values())}


def _status(which: Turn, question: Question, home: QuestionSet) -> str | None:
    """Where a question goes; None where its set stands in the way."""
    if which is Turn.RETIRE:
        return RETIRED
    if which is Turn.BRING_BACK and question.status != RETIRED:
        return question.status
    if home.status == RETIRED:
        return None
    return PUBLISHED if which is Turn.PUBLISH else home.status


def _kept(
    session: Session, actor: Actor, words: Words, before: dict[str, Any], left: Left, now: datetime
) -> Done:
    """Write down what was changed; old changes of the same account are forgotten."""
    count = len(before["questions"])
    said = ("1 question" if count == 1 else f"{count} questions").join(words)
    if not count:
        return Done(None, said, 0, left)
    mine = BulkChange.account_id == actor.id
    session.execute(delete(BulkChange).where(mine, BulkChange.at < now - KEPT_FOR))
    row = BulkChange(account_id=actor.id, words=said, before=before, at=now)
    session.add(row)
    session.flush()
    return Done(row.id, said, count, left)
