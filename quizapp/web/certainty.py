"""The words for how sure somebody is, and for what that is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quizapp.domain.certainty import COSTS, GAINS, Confidence, ConfidenceRule, worth_from
from quizapp.web.filters import number

MINUS = "\N{MINUS SIGN}"
LABELS: Mapping[str, str] = {level.value: level.value.capitalize() for level in Confidence}
NOT_SAID = "Not said"


@dataclass(frozen=True, slots=True)
class Level:
    """One choice: what it earns and costs, and when it pays."""

    value: str
    label: str
    right: str
    wrong: str
    pays: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The choices, and when to take which."""

    levels: list[Level]
    is_marked: bool
    advice: str


def scale(rule: ConfidenceRule, weight: Decimal = Decimal(1)) -> Scale:
    """The choices for a question that counts `weight` points."""
    return Scale(_levels(Fraction(weight)), rule is ConfidenceRule.MARKED, ADVICE)


def _levels(points: Fraction) -> list[Level]:
    return [
        Level(
            level, LABELS[level], signed(points * GAINS[level]), signed(-points * COSTS[level]), _pays(level)
        )
        for level in Confidence
    ]


def signed(points: Fraction) -> str:
    """Points as people write them: +1/3, −2, +1 1/3, 0."""
    if not points:
        return "0"
    whole, rest = divmod(abs(points), 1)
    parts = [str(whole)] if whole else []
    parts += [f"{rest.numerator}/{rest.denominator}"] if rest else []
    return ("+" if points > 0 else MINUS) + " ".join(parts)


def said(confidence: str | None, points: Decimal | None = None) -> str:
    """`High`, or `High: −2` where that is what it made of the answer."""
    if points is None:
        return LABELS[confidence] if confidence else NOT_SAID
    label = LABELS[confidence] if confidence else f"{NOT_SAID}, so low"
    return f"{label}: {in_decimals(points)}"


def in_decimals(points: Decimal) -> str:
    """Points that were earned, perhaps fewer than none: 0.333, −2."""
    return number(points).replace("-", MINUS)


def _pays(level: Confidence) -> str:
    """Between which chances of being right a level is the best choice."""
    above = [other for other in Confidence if worth_from(other) > worth_from(level)]
    low, high = _percent(worth_from(level)), _percent(worth_from(above[0])) if above else ""
    if not worth_from(level):
        return f"less than {high} sure"
    return f"{low} to {high} sure" if high else f"more than {low} sure"


def _percent(chance: Fraction) -> str:
    return f"{round(chance * 100)} %"


ADVICE = (
    f"Say medium only when you are more than {_percent(worth_from(Confidence.MEDIUM))} sure, "
    f"and high only when more than {_percent(worth_from(Confidence.HIGH))}."
)
FACTS: Mapping[ConfidenceRule, str] = {
    ConfidenceRule.ASKED: "You may say how sure you are of each answer. It does not change the score",
    ConfidenceRule.MARKED: "You say how sure you are of each answer, and that decides what it earns or costs",
}
"""What is told before the start."""
