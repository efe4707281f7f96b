"""When a sitting ends, why, and what may still be done at a given moment.

Everything here is told the time.  The seconds of `NETWORK_GRACE` are for answers
that were under way when the clock ran out, not for thinking.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from quizapp.domain.errors import AnswersAreClosed, TimeIsUp
from quizapp.domain.quizzes import Blueprint

NETWORK_GRACE = timedelta(seconds=5)
TIME_FACTORS = (Decimal("1"), Decimal("1.25"), Decimal("1.5"), Decimal("2"))
MAX_OWN_FACTOR = 10


class Reason(StrEnum):
    """Why the deadline is when it is; shown beside it."""

    TIME_LIMIT = "time_limit"
    EXTRA_TIME = "extra_time"
    QUIZ_CLOSES = "quiz_closes"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a sitting, and what set it."""

    at: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Allowance:
    """A learner's own time: a factor on every limit, or no limit at all."""

    factor: Decimal | None = Decimal(1)
    """None: the learner has no time limit."""


def deadline_of(blueprint: Blueprint, started_at: datetime, allowance: Allowance) -> Deadline | None:
    """The earlier of limit and closing time; None for an untimed sitting.

    Extra time stretches the limit.  A closing time ends it for everybody.
    """
    ends = []
    if blueprint.time_limit_minutes is not None and allowance.factor is not None:
        length = timedelta(seconds=int(blueprint.time_limit_minutes * 60 * allowance.factor))
        extra = allowance.factor != 1
        ends.append(Deadline(started_at + length, Reason.EXTRA_TIME if extra else Reason.TIME_LIMIT))
    if blueprint.closes_at is not None:
        ends.append(Deadline(blueprint.closes_at, Reason.QUIZ_CLOSES))
    return min(ends, key=lambda end: end.at, default=None)


@dataclass(frozen=True, slots=True)
class Clock:
    """The times of one attempt, as they were stored at its start."""

    deadline: datetime | None
    ends_at: datetime | None
    """After it nothing can be handed in; later than the deadline only in a grace period."""

    @classmethod
    def of(cls, blueprint: Blueprint, deadline: Deadline | None) -> "Clock":
        if deadline is None:
            return cls(None, None)
        return cls(deadline.at, deadline.at + timedelta(minutes=blueprint.grace_minutes or 0))

    def require_open(self, now: datetime) -> None:
        """Raise unless an answer may be saved: `TimeIsUp`, or `AnswersAreClosed` in a grace period."""
        if self.deadline is None or now <= self.deadline + NETWORK_GRACE:
            return
        if self.is_over(now):
            raise TimeIsUp(self.deadline)
        raise AnswersAreClosed

    def in_grace(self, now: datetime) -> bool:
        """Whether one may only submit: past the deadline, before the end of the grace period."""
        return self.deadline is not None and self.deadline + NETWORK_GRACE < now and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        """Whether the attempt has ended by itself, noticed or not."""
        return self.ends_at is not None and now > self.ends_at + NETWORK_GRACE

    def seconds_left(self, now: datetime) -> int | None:
        """Whole seconds until the deadline, never below zero; None when untimed."""
        if self.deadline is None:
            return None
        return max(0, int((self.deadline - now).total_seconds()))
