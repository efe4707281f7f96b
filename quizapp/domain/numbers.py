"""Numbers as people type them, read exactly."""

import re
import unicodedata
from decimal import Context, Decimal, InvalidOperation

from quizapp.domain.errors import UnreadableAnswer

MAX_EXPONENT = 30
MAX_CHARS = 60
HINT = "Type a number, such as 12.5 or 1.5e3."

SUFFIXES = {mark: Decimal(10**power) for mark, power in zip("kKMGT", (3, 3, 6, 9, 12), strict=True)}

ARITHMETIC = Context(prec=60)
"""Wide enough that no bounded product or difference is ever rounded."""

# One pass, no nested repetition: a sign, digits with separators, an exponent; then the rest is the unit.
_NUMBER = re.compile(r"([+-]?)([0-9][0-9.,\u00a0 ']{0,45}|\.[0-9]{1,40})(?:[eE]([+-]?[0-9]{1,4}))?")
_GROUPS = re.compile(r"[0-9]{1,3}(?:([ ,'])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]+)?")


def read_quantity(typed: str) -> tuple[Decimal, str]:
    """A number and the unit behind it, both as typed; the unit may be empty.

    Thousands may be grouped by comma, space or apostrophe, in threes; a decimal
    point is a point.  `1,5` is refused with a hint, because it has two readings.
    """
    text = unicodedata.normalize("NFKC", typed).strip().replace("\u2212", "-").replace("\u2019", "'")
    if len(text) > MAX_CHARS:
        raise UnreadableAnswer("That is too long for a number.")
    found = _NUMBER.match(text)
    if found is None:
        raise UnreadableAnswer(HINT)
    sign, digits, exponent = found.groups()
    number = _bounded(f"{sign}{_ungrouped(digits.strip())}e{exponent or 0}")
    return number, text[found.end() :].strip()


def with_suffix(number: Decimal, unit: str) -> tuple[Decimal, str]:
    """A number whose unit begins with k, M, G or T on its own, written out: 1.5k is 1500."""
    if unit[:1] in SUFFIXES and unit[1:2] in {"", " "}:
        return ARITHMETIC.multiply(number, SUFFIXES[unit[0]]), unit[1:].strip()
    return number, unit


def _ungrouped(digits: str) -> str:
    if _GROUPS.fullmatch(digits):
        return digits.translate({ord(mark): None for mark in " ,'"})
    if "," in digits:
        raise UnreadableAnswer(f"“{digits}” has two readings: use a point for decimals, 1,500 for thousands.")
    return digits


def _bounded(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise UnreadableAnswer(HINT) from None
    if number and abs(number.adjusted()) >= MAX_EXPONENT:
        raise UnreadableAnswer("Please type an ordinary number.")
    return number


def round_to_figures(number: Decimal, figures: int) -> Decimal:
    """Round half up to significant figures; zero stays zero."""
    if not number:
        return Decimal(0)
    return Context(prec=figures, rounding="ROUND_HALF_UP").plus(number).normalize()


def spelled(number: Decimal) -> str:
    """The number without an exponent or needless zeros."""
    plain = format(number.normalize(ARITHMETIC), "f")
    return "0" if plain in {"-0", "0"} else plain
