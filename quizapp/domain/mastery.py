"""What a learner's answers say about a topic: a simple, honest estimate.

The share right is shrunk towards one half by `PRIOR` imaginary answers on each
side, and shown with the 80 % interval of the Beta posterior, so that two answers
never make a verdict.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import sqrt

PRIOR = 1.0
Z_80 = 1.2816
ENOUGH_ANSWERS = 5
WIDEST = 0.40
WEAK_BELOW = 0.70
STRONG_FROM = 0.80
RECENT = 10
SMALLEST_TREND = 0.15


class Standing(StrEnum):
    """What may be said; nothing is said without enough answers."""

    UNKNOWN = "unknown"
    WEAK = "weak"
    MIDDLING = "middling"
    STRONG = "strong"


class Trend(StrEnum):
    UP = "up"
    DOWN = "down"
    FLAT = "flat"


Recent = Sequence[tuple[int, int]]
"""The last results, oldest first: a UTC second and a credit in millionths."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Results in a topic or subtopic."""

    answers: int
    credit: Decimal
    recent: tuple[tuple[int, int], ...]
    last_at: datetime | None

    @property
    def share(self) -> float | None:
        """The plain share right in 0..1; None without answers."""
        return float(self.credit) / self.answers if self.answers else None


NOTHING = Evidence(0, Decimal(0), (), None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Low and high bound an 80 % interval around `mid`; all in 0..1."""

    low: float
    mid: float
    high: float
    standing: Standing
    trend: Trend | None

    @property
    def is_thin(self) -> bool:
        return self.standing is Standing.UNKNOWN


def estimate(evidence: Evidence) -> Estimate:
    """Normal approximation to the Beta(right + PRIOR, wrong + PRIOR) posterior.

    Gelman et al., Bayesian Data Analysis, section 2.4.
    """
    right = float(evidence.credit) + PRIOR
    total = evidence.answers + 2 * PRIOR
    mid = right / total
    half = Z_80 * sqrt(mid * (1 - mid) / (total + 1))
    low, high = max(0.0, mid - half), min(1.0, mid + half)
    return Estimate(low, mid, high, _standing(evidence.answers, low, mid, high), trend(evidence))


def _standing(answers: int, low: float, mid: float, high: float) -> Standing:
    """Weak only if the whole interval's upper part says so, never from a few answers."""
    if answers < ENOUGH_ANSWERS or high - low > WIDEST:
        return Standing.UNKNOWN
    if mid < WEAK_BELOW and high < STRONG_FROM:
        return Standing.WEAK
    return Standing.STRONG if mid >= STRONG_FROM else Standing.MIDDLING


def trend(evidence: Evidence) -> Trend | None:
    """The last results against all before them; None with too few of either."""
    late = [credit for _, credit in evidence.recent[-RECENT:]]
    earlier = evidence.answers - len(late)
    if len(late) < ENOUGH_ANSWERS or earlier < ENOUGH_ANSWERS:
        return None
    late_share = sum(late) / len(late) / 1_000_000
    early_share = (float(evidence.credit) - sum(late) / 1_000_000) / earlier
    if abs(late_share - early_share) < SMALLEST_TREND:
        return Trend.FLAT
    return Trend.UP if late_share > early_share else Trend.DOWN


def combined(parts: Iterable[Evidence]) -> Evidence:
    """The evidence of a topic, from that of its subtopics."""
    known = list(parts)
    recent = sorted(pair for part in known for pair in part.recent)[-RECENT:]
    last = max((part.last_at for part in known if part.last_at), default=None)
    return Evidence(
        sum(part.answers for part in known),
        sum((part.credit for part in known), Decimal(0)),
        tuple(recent),
        last,
    )
