"""Counting a learner's progress anew from what happened, and mending what differs.

The aggregates are written where results are made (`progress`).  This module makes
the same rows from attempts, slots and steps alone, in the order in which the
results were counted: a practice check at its own time, a score that came late when
it was given first, and an attempt's other questions when the attempt was tallied.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, delete, insert, or_, select
from sqlalchemy.orm import Session

from quizapp.db.base import Base
from quizapp.db.engine import Database
from quizapp.db.models import Account, Attempt, Encounter, Slot, Step, Tally
from quizapp.domain.attempts import Outcome, State, StepKind
from quizapp.domain.certainty import Confidence
from quizapp.domain.grading import Verdict
from quizapp.domain.quizzes import asks_confidence
from quizapp.queries import progress as reads
from quizapp.services import progress
from quizapp.services.progress import Result
from quizapp.services.starting import locked_learner

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]
"""Rows of one table and one learner, by the rest of their primary key."""

TALLY = Base.metadata.tables[Tally.__tablename__]
ENCOUNTER = Base.metadata.tables[Encounter.__tablename__]
KEYS: Mapping[Table, tuple[str, ...]] = {TALLY: ("topic", "subtopic"), ENCOUNTER: ("question_id",)}
LEARNERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the steps say; None where it is missing on one side."""

    learner_id: int
    table: Table
    key: tuple[Any, ...]
    stored: Row | None
    counted: Row | None

    def __str__(self) -> str:
        place = f"learner {self.learner_id}, {self.table.name} {'/'.join(map(str, self.key))}"
        if self.stored is None or self.counted is None:
            return f"{place}: {'missing' if self.stored is None else 'nothing accounts for it'}"
        wrong = [name for name, value in self.counted.items() if self.stored[name] != value]
        return f"{place}: {', '.join(wrong)}"


@dataclass
class Rebuilt:
    """How many rows there should be, and which were not as they should."""

    rows: int = 0
    differences: list[Difference] = field(default_factory=list)


def rebuild(
    database: Database, *, check: bool = False, tell: Callable[[Difference], None] | None = None
) -> Rebuilt:
    """Compare every learner's aggregates with what happened; mend them unless `check`.

    A learner without differences is only read.  The others are looked at once more
    while nothing of theirs can change, in a short transaction each.
    """
    report = Rebuilt()
    for learner_id in _learners(database):
        with database.reading() as session:
            counted = _counted(session, learner_id)
            found = _differences(session, learner_id, counted)
        if found:
            with database.writing() as session:
                locked_learner(session, learner_id)
                counted = _counted(session, learner_id)
                found = _differences(session, learner_id, counted)
                if not check:
                    _mend(session, found)
        report.rows += sum(map(len, counted.values()))
        report.differences += found
        if tell:
            for difference in found:
                tell(difference)
    return report


def recount(session: Session, learner_id: int) -> None:
    """Make one learner's rows what the steps say.  The caller holds the learner's row."""
    _mend(session, _differences(session, learner_id, _counted(session, learner_id)))


def _learners(database: Database) -> Iterator[int]:
    """Everybody with attempts or aggregates, in small portions."""
    last = 0
    while True:
        with database.reading() as session:
            ids = session.scalars(
                select(Account.id)
                .where(
                    Account.id > last,
                    or_(
                        *(
                            select(model.learner_id).where(model.learner_id == Account.id).exists()
                            for model in (Attempt, Tally, Encounter)
                        )
                    ),
                )
                .order_by(Account.id)
                .limit(LEARNERS_AT_ONCE)
            ).all()
        if not ids:
            return
        yield from ids
        last = ids[-1]


def _counted(session: Session, learner_id: int) -> dict[Table, Rows]:
    """The rows that the learner's steps make."""
    attempts = {attempt.id: attempt for attempt in reads.attempts(session, learner_id)}
    slots = reads.slots(session, learner_id)
    results = _results(attempts, slots, reads.judgements(session, learner_id))
    tallies: dict[tuple[str, str], Row] = {}
    encounters = _shown(learner_id, attempts, slots)
    for result in results:
        if result.verdict is not None:
            place = (result.topic, result.subtopic)
            tallies[place] = progress.added(tallies.get(place), result)
        _meet(encounters[(result.question_id,)], progress.encountered(learner_id, result))
    return {
        TALLY: {place: {"learner_id": learner_id, **row} for place, row in tallies.items()},
        ENCOUNTER: encounters,
    }


def _results(
    attempts: Mapping[str, Attempt], slots: Sequence[Slot], judgements: Mapping[tuple[str, int], list[Step]]
) -> list[Result]:
    """Every counted result, in the order in which they were counted."""
    found = []
    for slot in slots:
        attempt = attempts[slot.attempt_id]
        steps = judgements.get((slot.attempt_id, slot.position), [])
        alone = _counted_alone(attempt, steps)
        when = alone or _counted_with_others(attempt, steps)
        if when is not None:
            late = alone is not None and steps[0].kind != StepKind.CHECK  # after its attempt was tallied
            order = (when, attempt.started_at, attempt.id, late, slot.position)
            at = alone or attempt.finished_at or attempt.started_at
            found.append((order, _result(attempt, slot, steps[-1] if steps else None, at)))
    return [result for _, result in sorted(found, key=lambda pair: pair[0])]


def _counted_alone(attempt: Attempt, steps: Sequence[Step]) -> datetime | None:
    """When a check, or a score that came late, was counted by itself.  A later score changes no moment."""
    first = next((step for step in steps if step.verdict is not None), None)
    if first is None or first.kind == StepKind.GRADE:
        return None
    tallied_at = attempt.tallied_at
    by_itself = steps[0].kind == StepKind.CHECK or (tallied_at is not None and first.at >= tallied_at)
    return first.at if by_itself else None


def _counted_with_others(attempt: Attempt, steps: Sequence[Step]) -> datetime | None:
    """When the attempt's results were; None where they are not yet, or this one awaits a score."""
    if attempt.state != State.FINISHED or (steps and steps[-1].verdict is None):
        return None
    return attempt.tallied_at


def _result(attempt: Attempt, slot: Slot, step: Step | None, at: datetime) -> Result:
    outcome = Outcome(
        slot.points,
        Verdict(step.verdict) if step and step.verdict else None,
        (step.credit if step else None) or Decimal(0),
        Confidence(step.confidence) if step and step.confidence else None,
    )
    asks = asks_confidence(attempt.blueprint)
    return progress.result_of(attempt.id, slot, outcome, at=at, asks_confidence=asks)


def _shown(learner_id: int, attempts: Mapping[str, Attempt], slots: Sequence[Slot]) -> Rows:
    """An encounter for every question that was placed, as of its latest start."""
    rows: Rows = {}
    for slot in slots:
        started_at = attempts[slot.attempt_id].started_at
        row = rows.setdefault(
            (slot.question_id,),
            {
                "learner_id": learner_id,
                "question_id": slot.question_id,
                "seen_at": started_at,
                "answered_at": None,
                "attempt_id": None,
                "position": None,
                "verdict": None,
                "confidence": None,
                "misses": 0,
                "missed": False,
            },
        )
        row["seen_at"] = max(row["seen_at"], started_at)
    return rows


def _meet(row: Row, met: Row) -> None:
    """The question's last result so far; when it was shown is known from the start."""
    misses = row["misses"] + met["misses"]
    row.update({**met, "seen_at": row["seen_at"], "misses": misses})


def _differences(session: Session, learner_id: int, counted: Mapping[Table, Rows]) -> list[Difference]:
    found = []
    for table, keys in KEYS.items():
        rows = session.execute(select(table).where(table.c.learner_id == learner_id)).mappings()
        stored = {tuple(row[key] for key in keys): dict(row) for row in rows}
        expected = counted[table]
        found += [
            Difference(learner_id, table, key, stored.get(key), expected.get(key))
            for key in sorted(stored.keys() | expected.keys())
            if stored.get(key) != expected.get(key)
        ]
    return found


def _mend(session: Session, found: Sequence[Difference]) -> None:
    """Put the counted rows in the place of those that differ."""
    for difference in found:
        table = difference.table
        same = [table.c[name] == value for name, value in zip(KEYS[table], difference.key, strict=True)]
        session.execute(delete(table).where(table.c.learner_id == difference.learner_id, *same))
        if difference.counted is not None:
            session.execute(insert(table), difference.counted)
