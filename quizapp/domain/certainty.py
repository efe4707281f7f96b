"""How sure somebody is of an answer, and what that makes of its points where it is marked.

A right answer earns more the surer one is, a wrong one costs more, and the steps
are such that telling the truth pays best: see `worth_from`.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from quizapp.domain.grading import CREDIT_STEP, Verdict


class Confidence(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ConfidenceRule(StrEnum):
    """What a quiz makes of how sure its learners are."""

    NONE = "none"
    """They may only say that they are guessing."""
    ASKED = "asked"
    """They are asked with each answer; it never changes the score."""
    MARKED = "marked"
    """They are asked, and it decides what an answer earns or costs."""


GAINS: Mapping[Confidence, Fraction] = {
    Confidence.LOW: Fraction(1, 3),
    Confidence.MEDIUM: Fraction(2, 3),
    Confidence.HIGH: Fraction(1),
}
"""What a right answer earns, as a share of the question's points."""

COSTS: Mapping[Confidence, Fraction] = {
    Confidence.LOW: Fraction(0),
    Confidence.MEDIUM: Fraction(2, 3),
    Confidence.HIGH: Fraction(2),
}
"""What a wrong answer takes away."""


def share(verdict: Verdict | None, credit: Decimal, confidence: Confidence | None) -> Fraction:
    """The share of its points that an answer is worth; who does not say how sure, is taken to be unsure."""
    if verdict is None:
        return Fraction(0)
    level = confidence or Confidence.LOW
    return -COSTS[level] if verdict is Verdict.WRONG else Fraction(credit) * GAINS[level]


def worth_from(level: Confidence) -> Fraction:
    """From which chance of being right on a level is worth more than the one below it.

    With the chance p a level is worth p·gain - (1 - p)·cost on average; this is
    where two such lines cross.
    """
    levels = list(Confidence)
    place = levels.index(level)
    if place == 0:
        return Fraction(0)
    below = levels[place - 1]
    dearer = COSTS[level] - COSTS[below]
    return dearer / (GAINS[level] - GAINS[below] + dearer)


def in_millionths(points: Fraction) -> Decimal:
    """Points as they are kept: rounded once, after everything has been added up."""
    return round(points / Fraction(CREDIT_STEP)) * CREDIT_STEP
