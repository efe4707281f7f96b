"""The values of formulas: exact numbers, texts, true and false; their bounds, and how they are read."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from quizapp.domain.characters import UNSTORABLE

MAX_BITS = 512
"""Of a numerator or denominator: about 154 digits, more than any honest question needs."""
MAX_TEXT = 200
FIGURES = 30
SHOWN_FIGURES = 12

Number = int | Fraction
Value = int | Fraction | str | bool

_DECIMAL_SPEC = re.compile(r"(,?)(?:\.([0-9]|1[0-2]))?")
_BASE_SPEC = re.compile(r"(?:0([1-9][0-9]{0,2}))?([xb])")
_EXACT = Context(prec=3 * MAX_BITS)
"""Wide enough that no finite expansion of a bounded fraction is ever rounded."""
_HALF_UP = Context(prec=FIGURES, rounding=ROUND_HALF_UP)


class FormulaError(ValueError):
    """A formula that cannot be read or computed; the message says why, in lower case."""


def bounded(value: Value) -> Value:
    """A value just computed, in its plainest form.  Refuses what outgrew the language."""
    if isinstance(value, bool):
        return value
    return bounded_text(value) if isinstance(value, str) else bounded_number(value)


def bounded_number(number: Number) -> Number:
    """The number, whole numbers as int.  Refuses more than `MAX_BITS`."""
    if type(number) is int:
        if number.bit_length() > MAX_BITS:
            raise FormulaError("too large")
        return number
    if number.numerator.bit_length() > MAX_BITS or number.denominator.bit_length() > MAX_BITS:
        raise FormulaError("too large")
    return number.numerator if number.denominator == 1 else number


def bounded_text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise FormulaError(f"too large: a text has at most {MAX_TEXT} characters")
    return text


def accepted(value: object) -> Value:
    """A value from outside the language, checked as one computed inside.

    Documents may hold subclasses of int and str, which become the plain thing.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return bounded_number(int(value))
    if isinstance(value, Fraction):
        return bounded_number(value)
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise FormulaError("a text holds a character that cannot be kept")
        return bounded_text(str(value))
    raise FormulaError("a value must be a whole number, an exact fraction, a text, or true or false")


def said(value: Value) -> str:
    """What kind of thing a value is, for messages."""
    if isinstance(value, bool):
        return "true or false"
    return "a text" if isinstance(value, str) else "a number"


def number_of(value: Value) -> Number:
    if isinstance(value, bool | str):
        raise FormulaError(f"a number is needed here, not {said(value)}")
    return value


def whole_of(value: Value) -> int:
    number = number_of(value)
    if not isinstance(number, int):
        raise FormulaError("a whole number is needed here")
    return number


def text_of(value: Value) -> str:
    if not isinstance(value, str):
        raise FormulaError(f"a text is needed here, not {said(value)}")
    return value


def truth_of(value: Value) -> bool:
    if not isinstance(value, bool):
        raise FormulaError(f"a condition must be true or false, not {said(value)}")
    return value


def scaled(number: Number, places: int) -> int:
    """The number times ten to the power of `places`, rounded; halves go away from zero."""
    above, below = abs(number.numerator), number.denominator
    if places < 0:
        below *= 10**-places
    else:
        above *= 10**places
    size = (2 * above + below) // (2 * below)
    return -size if number < 0 else size


def decimal(value: Value) -> Decimal:
    """A number as a finite Decimal: exact if it can be, otherwise rounded half up to `FIGURES` digits."""
    number = number_of(accepted(value))
    twos, fives, rest = _factors(number.denominator)
    if rest != 1:
        return _HALF_UP.divide(Decimal(number.numerator), Decimal(number.denominator))
    places = max(twos, fives)
    return _EXACT.scaleb(Decimal(number.numerator * 10**places // number.denominator), -places)


def _factors(number: int) -> tuple[int, int, int]:
    """How often two and five divide a number, and what remains."""
    twos = (number & -number).bit_length() - 1
    rest, fives = number >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return twos, fives, rest


def show(value: Value, spec: str = "") -> str:
    """The value as a learner reads it.

    The spec is `,` for thousands, `.2` for decimals, both, or `x`, `b`, `08b` for
    hexadecimal and binary.  Without one a fraction has at most twelve significant
    digits, but never fewer than its whole part has.
    """
    value = accepted(value)
    if isinstance(value, bool | str):
        if spec:
            raise FormulaError(f"the format '{spec[:20]}' is for numbers, not for {said(value)}")
        return value if isinstance(value, str) else str(value).lower()
    if based := _BASE_SPEC.fullmatch(spec):
        return _in_base(value, int(based[1] or 0), based[2])
    plain = _DECIMAL_SPEC.fullmatch(spec)
    if plain is None:
        raise FormulaError(f"'{spec[:20]}' is not a format: use , or .2 or ,.2 or x or b or 08b")
    if plain[2] is not None:
        return _with_decimals(value, int(plain[2]), plain[1])
    if isinstance(value, int):
        return format(value, plain[1])
    places = _places(value)
    text = _with_decimals(value, places, plain[1])
    return text.rstrip("0").rstrip(".") if places else text


def _in_base(number: Number, width: int, base: str) -> str:
    if not isinstance(number, int):
        raise FormulaError("only whole numbers are shown in hexadecimal or binary")
    if width > MAX_TEXT:
        raise FormulaError(f"a format is at most {MAX_TEXT} wide")
    return format(number, f"0{width}{base}" if width else base)


def _with_decimals(number: Number, places: int, grouping: str) -> str:
    size = scaled(number, places)
    whole, part = divmod(abs(size), 10**places)
    text = format(whole, grouping) + (f".{part:0{places}d}" if places else "")
    return f"-{text}" if size < 0 else text


def _places(number: Fraction) -> int:
    """How many decimals the significant digits reach to."""
    first = _HALF_UP.divide(Decimal(number.numerator), Decimal(number.denominator)).adjusted()
    return max(0, SHOWN_FIGURES - 1 - first)
