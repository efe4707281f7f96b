"""A learner's attempts as the history lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from quizapp.db.models import Attempt
from quizapp.domain.attempts import State, has_passed, percent
from quizapp.domain.modes import Mode, quiz_modes
from quizapp.domain.quizzes import Blueprint
from quizapp.queries.results import is_released


@dataclass(frozen=True, slots=True)
class Scored:
    """What may be said of a released attempt."""

    score: Decimal
    of: Decimal
    percent: Decimal
    passed: bool | None
    awaiting: int
    """Answers that a person has to score; what is said here is so far only."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt.  Until its release it carries no score that a template could show."""

    id: str
    title: str
    mode: type[Mode]
    started_at: datetime
    state: State
    release_at: datetime | None
    result: Scored | None


def entries_of(found: Sequence[Attempt], awaiting: Mapping[str, int], now: datetime) -> list[Entry]:
    """`awaiting` says how many answers of an attempt await a score."""
    return [_entry(attempt, awaiting.get(attempt.id, 0), now) for attempt in found]


def _entry(attempt: Attempt, awaiting: int, now: datetime) -> Entry:
    return Entry(
        attempt.id,
        attempt.title,
        quiz_modes[attempt.mode],
        attempt.started_at,
        State(attempt.state),
        attempt.release_at,
        _scored(attempt, awaiting) if is_released(attempt, now) else None,
    )


def _scored(attempt: Attempt, awaiting: int) -> Scored:
    score, of = attempt.score or Decimal(0), attempt.max_score
    mark = Blueprint.model_validate(attempt.blueprint).pass_mark
    passed = None if awaiting else has_passed(score, of, mark)
    return Scored(score, of, percent(score, of), passed, awaiting)
