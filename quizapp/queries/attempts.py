"""Reads about attempts.  All of them are about the learner who asks."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import Integer, Select, Text, and_, bindparam, case, func, select
from sqlalchemy.orm import Session, aliased

from quizapp.db.base import UtcDateTime
from quizapp.db.models import Account, Attempt, SignIn, Slot, Step
from quizapp.db.prepared import Door, Prepared
from quizapp.domain import quizzes
from quizapp.domain.attempts import TRIAL, Outcome, StepKind, is_trial
from quizapp.domain.certainty import Confidence
from quizapp.domain.grading import Verdict
from quizapp.domain.permissions import Credential
from quizapp.domain.timing import Clock

BY_LEARNER = (StepKind.SAVE, StepKind.CHECK)
"""What learners do while they answer; grades and scores come later."""

COUNTS = ~Attempt.origin.startswith(TRIAL)
"""Of attempts: trials are in no list, no figure and no aggregate."""

_Later = aliased(Step, name="later")


@dataclass(frozen=True, slots=True)
class SlotState:
    """A slot with its last step, which decides what the slot is like now."""

    position: int
    question_id: int
    revision: int
    seed: int | None
    variant: int | None
    points: int
    topic: str
    subtopic: str
    flagged: bool
    number: int
    """The sequence number of the last step; 0 before the first."""
    kind: str | None
    at: datetime | None
    submission: dict[str, list[str]]
    confidence: str | None
    verdict: str | None
    credit: Decimal | None
    bucket: str | None

    @property
    def answered(self) -> bool:
        return bool(self.submission)

    @property
    def checked(self) -> bool:
        """Whether the answer of a running attempt is final, because its feedback was asked for."""
        return self.kind in (StepKind.CHECK, StepKind.SCORE)

    @property
    def awaits_score(self) -> bool:
        """Whether the answer is final, and a person has to say how good it is."""
        return self.verdict is None and self.kind in (StepKind.CHECK, StepKind.GRADE)

    @property
    def outcome(self) -> Outcome:
        """What it is scored by."""
        return Outcome(
            self.points,
            Verdict(self.verdict) if self.verdict else None,
            self.credit or Decimal(0),
            Confidence(self.confidence) if self.confidence else None,
            by_person=self.kind == StepKind.SCORE,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What saving one answer needs to know, in one row."""

    state: str
    mode: str
    clock: Clock
    slot: SlotState


class Dated(Protocol):
    """What time can do to an attempt: a stored one, or one as a page sees it."""

    @property
    def state(self) -> str: ...
    @property
    def deadline_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def release_at(self) -> datetime | None: ...
    @property
    def tallied_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class SeenAttempt:
    """An attempt as the pages of taking it need it."""

    id: str
    title: str
    mode: str
    state: str
    started_at: datetime
    deadline_at: datetime | None
    deadline_reason: str | None
    ends_at: datetime | None
    release_at: datetime | None
    tallied_at: datetime | None
    origin: str
    blueprint: dict[str, Any]


def seen(door: Door, learner_id: int, attempt_id: str) -> SeenAttempt | None:
    """A learner's own attempt to look at; somebody else's looks like none."""
    row = _SEEN.one(door, learner=learner_id, attempt=attempt_id)
    return None if row is None else SeenAttempt(*row)


def of_learner(session: Session, learner_id: int, attempt_id: str, *, lock: bool = False) -> Attempt | None:
    """A learner's own attempt; somebody else's looks like none."""
    statement = select(Attempt).where(Attempt.learner_id == learner_id, Attempt.id == attempt_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    return session.scalars(statement.execution_options(populate_existing=lock)).one_or_none()


def clock_of(attempt: Dated) -> Clock:
    return Clock(attempt.deadline_at, attempt.ends_at)


def slots(door: Door, learner_id: int, attempt_id: str) -> list[SlotState]:
    """All slots of an attempt with their last steps, in order, in one statement."""
    rows = _SLOTS.all(door, learner=learner_id, attempt=attempt_id)
    return [_slot_state(row) for row in rows]


def standing(door: Door, learner_id: int, attempt_id: str, position: int, *, lock: bool) -> Standing | None:
    """One slot of a learner's attempt, with the attempt's state and times."""
    statement = _STANDING_LOCKED if lock else _STANDING
    return _standing(statement.one(door, learner=learner_id, attempt=attempt_id, position=position))


def standing_of_browser(
    door: Door, who: Credential, attempt_id: str, position: int, now: datetime
) -> Standing | None:
    """The same, locked, and only for a browser that is signed in: who asks and what for, in one statement."""
    row = _STANDING_OF_BROWSER.one(
        door,
        learner=who.account_id,
        attempt=attempt_id,
        position=position,
        token_hash=who.token_hash,
        now=now,
    )
    return _standing(row)


def moments(session: Session, learner_id: int, attempt_id: str) -> list[tuple[datetime, int]]:
    """When the learner did something, and in which slot: what time spent is made of."""
    rows = session.execute(
        select(Step.at, Step.position).where(
            Step.learner_id == learner_id, Step.attempt_id == attempt_id, Step.kind.in_(BY_LEARNER)
        )
    )
    return [(row.at, row.position) for row in rows]


def unsettled(session: Session, learner_id: int) -> Sequence[Attempt]:
    """Attempts that are open, or finished and not yet counted in the learner's progress.

    In the order in which they began: results are counted in it, and counted again by a rebuild.
    """
    return session.scalars(
        select(Attempt)
        .where(Attempt.learner_id == learner_id, Attempt.tallied_at.is_(None))
        .order_by(Attempt.started_at, Attempt.id)
    ).all()


def open_of_origin(session: Session, learner_id: int, origin: str) -> Attempt | None:
    return session.scalars(
        select(Attempt).where(
            Attempt.learner_id == learner_id, Attempt.origin == origin, Attempt.state == "open"
        )
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class Taken:
    """How often a learner took a quiz, and when the last time ended."""

    times: int
    last_finished_at: datetime | None
    running: str | None = None
    """The id of the open attempt."""


def taken(session: Session, learner_id: int, origin: str) -> Taken:
    row = session.execute(
        select(func.count(), func.max(Attempt.finished_at)).where(
            Attempt.learner_id == learner_id, Attempt.origin == origin
        )
    ).one()
    return Taken(row[0], row[1])


def taken_by_origin(session: Session, learner_id: int) -> dict[str, Taken]:
    """The same for everything the learner ever started, in one statement."""
    is_open = Attempt.state == "open"
    rows = session.execute(
        select(
            Attempt.origin,
            func.count(),
            func.max(Attempt.finished_at),
            func.max(case((is_open, Attempt.id))),
        )
        .where(Attempt.learner_id == learner_id, Attempt.origin.startswith("quiz:"))
        .group_by(Attempt.origin)
    )
    return {row[0]: Taken(row[1], row[2], row[3]) for row in rows}


@dataclass(frozen=True, slots=True)
class Counting:
    """What counting an answer of an attempt needs to know."""

    is_trial: bool
    asks_confidence: bool
    """Whether the attempt's quiz asks how sure one is."""


def counting(session: Session, learner_id: int, attempt_id: str) -> Counting:
    rules = select(Attempt.origin, Attempt.blueprint)
    row = session.execute(rules.where(Attempt.learner_id == learner_id, Attempt.id == attempt_id)).one()
    return Counting(is_trial(row.origin), quizzes.asks_confidence(row.blueprint))


def time_percent(session: Session, learner_id: int) -> Decimal | None:
    """The learner's own time in per cent of a limit; None for no limit."""
    percent = session.scalar(select(Account.time_percent).where(Account.id == learner_id))
    return None if percent is None else Decimal(percent)


def history(session: Session, learner_id: int, *, limit: int, offset: int = 0) -> Sequence[Attempt]:
    """A learner's attempts, newest first; trials of those who teach are none."""
    return session.scalars(
        select(Attempt)
        .where(Attempt.learner_id == learner_id, COUNTS)
        .order_by(Attempt.started_at.desc(), Attempt.id)
        .limit(limit)
        .offset(offset)
    ).all()


def _slot_states() -> Select[Any]:
    """The learner is named in every table's own condition, so that each finds its one partition."""
    last = (
        select(func.max(_Later.number))
        .where(_Later.learner_id == _LEARNER, _Later.attempt_id == _ATTEMPT, _Later.position == Slot.position)
        .correlate(Slot)
        .scalar_subquery()
    )
    here = and_(
        Step.learner_id == _LEARNER,
        Step.attempt_id == _ATTEMPT,
        Step.position == Slot.position,
        Step.number == last,
    )
    columns: tuple[Any, ...] = (
        *(Slot.position, Slot.question_id, Slot.revision, Slot.seed, Slot.variant),
        *(Slot.points, Slot.topic, Slot.subtopic, Slot.flagged),
        func.coalesce(Step.number, 0).label("number"),
        *(Step.kind, Step.at, Step.submission, Step.confidence, Step.verdict, Step.credit, Step.bucket),
    )
    return (
        select(*columns)
        .select_from(Slot)
        .outerjoin(Step, here)
        .where(Slot.learner_id == _LEARNER, Slot.attempt_id == _ATTEMPT)
    )


def _with_attempt() -> Select[Any]:
    mine = and_(Attempt.learner_id == _LEARNER, Attempt.id == _ATTEMPT)
    return (
        _slot_states()
        .add_columns(Attempt.state, Attempt.mode, Attempt.deadline_at, Attempt.ends_at)
        .join(Attempt, mine)
        .where(Slot.position == bindparam("position", type_=Integer))
    )


def _of_browser() -> Select[Any]:
    return (
        _with_attempt()
        .join(SignIn, SignIn.account_id == Attempt.learner_id)
        .where(
            SignIn.account_id == _LEARNER,
            SignIn.token_hash == bindparam("token_hash", type_=Text),
            SignIn.expires_at > bindparam("now", type_=UtcDateTime),
        )
    )


_LEARNER = bindparam("learner", type_=Integer)
_ATTEMPT = bindparam("attempt", type_=Text)
_SEEN = Prepared(
    lambda dialect: select(*(getattr(Attempt, field.name) for field in fields(SeenAttempt))).where(
        Attempt.learner_id == _LEARNER, Attempt.id == _ATTEMPT
    )
)
_SLOTS = Prepared(lambda dialect: _slot_states().order_by(Slot.position))
_STANDING = Prepared(lambda dialect: _with_attempt())
_STANDING_LOCKED = Prepared(lambda dialect: _with_attempt().with_for_update(of=Attempt, key_share=True))
_STANDING_OF_BROWSER = Prepared(lambda dialect: _of_browser().with_for_update(of=Attempt, key_share=True))


def _standing(row: Any) -> Standing | None:
    if row is None:
        return None
    return Standing(row.state, row.mode, Clock(row.deadline_at, row.ends_at), _slot_state(row))


def _slot_state(row: Any) -> SlotState:
    return SlotState(
        row.position,
        row.question_id,
        row.revision,
        row.seed,
        row.variant,
        row.points,
        row.topic,
        row.subtopic,
        row.flagged,
        row.number,
        row.kind,
        row.at,
        row.submission or {},
        row.confidence,
        row.verdict,
        row.credit,
        row.bucket,
    )
