"""A question as Moodle knows it, whichever of its files told; and its fractions, numbers and switches."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from quizapp.domain.texts import Marked, Markup

MOST_PARTS = 1_000
"""No question has more answers; what has is none."""

HUNDRED = Decimal(100)
NEAR = Decimal("0.00001")
MARKS = tuple(
    Decimal(mark)
    for mark in (
        "1",
        "0.9",
        "0.8333333",
        "0.8",
        "0.75",
        "0.7",
        "0.6666667",
        "0.6",
        "0.5",
        "0.4",
        "0.3333333",
        "0.3",
        "0.25",
        "0.2",
        "0.1666667",
        "0.1428571",
        "0.125",
        "0.1111111",
        "0.1",
        "0.05",
        "0",
    )
)
"""The shares of a question that Moodle lets an answer earn; below zero the same."""

FORMATS = {
    "html": Markup.HTML,
    "1": Markup.HTML,
    "moodle_auto_format": Markup.MOODLE,
    "0": Markup.MOODLE,
    "plain_text": Markup.PLAIN,
    "plain": Markup.PLAIN,
    "2": Markup.PLAIN,
    "markdown": Markup.MARKDOWN,
    "4": Markup.MARKDOWN,
}
"""Markups by the names they have in Moodle XML, and by the numbers they have in backups."""

NUMBER = re.compile(r"[+-]?(?:[0-9]{1,60}(?:[.,][0-9]{0,60})?|[.,][0-9]{1,60})(?:[eE][+-]?[0-9]{1,4})?")
NOTHING = Marked("", Markup.HTML)


@dataclass(slots=True)
class Answer:
    """An answer with what it earns: a share of the whole, or None where nothing sensible is said."""

    text: Marked
    fraction: Decimal | None = None
    feedback: Marked = NOTHING
    tolerance: str = ""


@dataclass(slots=True)
class Pair:
    """A subquestion of a matching and its answer."""

    left: Marked
    right: str


@dataclass(slots=True)
class Row:
    """A row of a matrix, and the numbers of its right columns, from 0."""

    text: Marked
    right: tuple[int, ...]
    feedback: Marked = NOTHING


@dataclass(slots=True)
class Choice:
    """A word for the gaps of its group."""

    text: Marked
    group: str = "1"


@dataclass(slots=True)
class Unit:
    """A unit, and how many of it make one of the question's own."""

    name: str
    multiplier: str


@dataclass(slots=True)
class Asked:
    """One question."""

    kind: str
    name: str
    text: Marked
    line: int = 1
    general_feedback: Marked = NOTHING
    grade: str = ""
    idnumber: str = ""
    category: str = ""
    tags: list[str] = field(default_factory=list)
    hints: list[Marked] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    columns: list[Marked] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    overall: dict[str, Marked] = field(default_factory=dict)
    """What is said to right, partly right and wrong answers as a whole, by Moodle's names."""
    extra: dict[str, Marked] = field(default_factory=dict)
    """Other texts: for graders, the template of an answer, instructions."""
    settings: dict[str, str] = field(default_factory=dict)
    """Everything that is a word or a number, by Moodle's names."""

    def is_set(self, name: str, default: str = "0") -> bool:
        return truth(self.settings.get(name, default))


def truth(text: str) -> bool:
    """How Moodle reads a switch: nothing, zero and the word false are off."""
    return text.strip().casefold() not in ("", "0", "false")


def share(percent: str) -> Decimal | None:
    """`33.33333` per cent as Moodle keeps it, 0.3333333; None where it is no percentage."""
    number = number_of(percent)
    return None if number is None else kept_share(number / HUNDRED)


def kept_share(number: Decimal) -> Decimal | None:
    """A share with the digits that Moodle gives it; None where it is more than everything."""
    if abs(number) > 1 + NEAR:
        return None
    near = next((mark for mark in MARKS if abs(abs(number) - mark) < NEAR), None)
    if near is not None:
        return -near if number < 0 and near else near
    return number.quantize(Decimal("1e-9")).normalize()


def number_of(text: str) -> Decimal | None:
    """A number with a point or one comma for its decimals; None where it is anything else."""
    plain = text.strip().replace("\u2212", "-")
    if NUMBER.fullmatch(plain) is None:
        return None
    try:
        number = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def spelled(number: Decimal) -> str:
    """A number without needless zeros, and without an exponent where it is of usual size."""
    plain = number.normalize()
    if not plain:
        return "0"
    return format(plain, "f") if -20 < plain.adjusted() < 30 else str(plain)
