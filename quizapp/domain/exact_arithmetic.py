"""Arithmetic of formulas: exact, and bounded before anything large is computed."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from quizapp.domain.exact_values import (
    FIGURES,
    MAX_BITS,
    MAX_TEXT,
    FormulaError,
    Number,
    Value,
    bounded_number,
    number_of,
    said,
    scaled,
    whole_of,
)

MAX_PLACES = 30
_DIGITS = 50
_WORKING = Context(prec=_DIGITS)
_RESULT = Context(prec=FIGURES, rounding=ROUND_HALF_UP)


def add(left: Value, right: Value) -> Value:
    """Numbers are added, texts are joined."""
    if isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > MAX_TEXT:
            raise FormulaError(f"too large: a text has at most {MAX_TEXT} characters")
        return left + right
    if isinstance(left, str) or isinstance(right, str):
        raise FormulaError(f"'+' cannot join {said(left)} and {said(right)}: use str() for a number")
    return bounded_number(number_of(left) + number_of(right))


def subtract(left: Value, right: Value) -> Value:
    return bounded_number(number_of(left) - number_of(right))


def multiply(left: Value, right: Value) -> Value:
    return bounded_number(number_of(left) * number_of(right))


def divide(left: Value, right: Value) -> Value:
    return bounded_number(Fraction(number_of(left)) / _divisor(right))


def floor_divide(left: Value, right: Value) -> Value:
    return bounded_number(number_of(left) // _divisor(right))


def remainder(left: Value, right: Value) -> Value:
    """The sign is the divisor's, as in Python."""
    return bounded_number(number_of(left) % _divisor(right))


def _divisor(value: Value) -> Number:
    number = number_of(value)
    if not number:
        raise FormulaError("division by zero")
    return number


def power(left: Value, right: Value) -> Value:
    base, exponent = number_of(left), number_of(right)
    if not isinstance(exponent, int):
        raise FormulaError("an exponent must be a whole number")
    if exponent < 0:
        base, exponent = 1 / Fraction(_divisor(base)), -exponent
    if base in (0, 1) or exponent == 0:
        return base if exponent else 1
    if base == -1:
        return -1 if exponent % 2 else 1
    # A number of n bits is at least 2 to the power of n - 1, so this is no more than must come out.
    if (max(base.numerator.bit_length(), base.denominator.bit_length()) - 1) * exponent > MAX_BITS:
        raise FormulaError("too large")
    return bounded_number(base**exponent)


def negate(value: Value) -> Value:
    return -number_of(value)


def bit_and(left: Value, right: Value) -> Value:
    return bounded_number(whole_of(left) & whole_of(right))


def bit_or(left: Value, right: Value) -> Value:
    return bounded_number(whole_of(left) | whole_of(right))


def bit_xor(left: Value, right: Value) -> Value:
    return bounded_number(whole_of(left) ^ whole_of(right))


def shift_left(left: Value, right: Value) -> Value:
    number, places = whole_of(left), _places(right)
    if number and number.bit_length() + places > MAX_BITS:
        raise FormulaError("too large")
    return number << places if number else 0


def shift_right(left: Value, right: Value) -> Value:
    return whole_of(left) >> min(_places(right), MAX_BITS)


def _places(value: Value) -> int:
    places = whole_of(value)
    if places < 0:
        raise FormulaError("a shift cannot be negative")
    return places


def floor(x: Value) -> Value:
    """The largest whole number that is not above x."""
    return math.floor(number_of(x))


def ceil(x: Value) -> Value:
    """The smallest whole number that is not below x."""
    return math.ceil(number_of(x))


def absolute(x: Value) -> Value:
    """The number without its sign."""
    number = number_of(x)
    return -number if number < 0 else number


def least(*numbers: Value) -> Value:
    """The smallest of the numbers."""
    return min([number_of(each) for each in numbers])


def greatest(*numbers: Value) -> Value:
    """The largest of the numbers."""
    return max([number_of(each) for each in numbers])


def divisor(*numbers: Value) -> Value:
    """The greatest common divisor of whole numbers."""
    return math.gcd(*map(whole_of, numbers))


def rounded(x: Value, n: Value = 0) -> Value:
    """x rounded to n decimals; halves go away from zero."""
    number, places = number_of(x), whole_of(n)
    if abs(places) > MAX_PLACES:
        raise FormulaError(f"numbers are rounded to at most {MAX_PLACES} places")
    size = scaled(number, places)
    return bounded_number(Fraction(size, 10**places) if places > 0 else size * 10**-places)


def sqrt(x: Value) -> Value:
    """The square root: exact where it is rational, otherwise to 30 significant digits."""
    number = number_of(x)
    if number < 0:
        raise FormulaError("a negative number has no square root")
    above, below = math.isqrt(number.numerator), math.isqrt(number.denominator)
    if above * above == number.numerator and below * below == number.denominator:
        return bounded_number(Fraction(above, below))
    return _to_figures(_WORKING.sqrt(_WORKING.divide(Decimal(number.numerator), Decimal(number.denominator))))


def ln(x: Value) -> Value:
    """The natural logarithm, to 30 significant digits."""
    return _to_figures(_ln(_positive(x)))


def log(x: Value, base: Value) -> Value:
    """The logarithm of x: exact where it is rational, otherwise to 30 significant digits."""
    number, root = _positive(x), _positive(base)
    if root == 1:
        raise FormulaError("a logarithm cannot have the base 1")
    result = _WORKING.divide(_ln(number), _ln(root))
    # If both are powers of one number, then neither exponent is above MAX_BITS.
    near = Fraction(result).limit_denominator(MAX_BITS)
    if abs(near) <= MAX_BITS and _is_power(root, near, number):
        return bounded_number(near)
    return _to_figures(result)


def log2(x: Value) -> Value:
    """The logarithm to base 2, exact for powers of two."""
    return log(x, 2)


def log10(x: Value) -> Value:
    """The logarithm to base 10, exact for powers of ten."""
    return log(x, 10)


def _positive(value: Value) -> Number:
    number = number_of(value)
    if number <= 0:
        raise FormulaError("only numbers above zero have a logarithm")
    return number


def _ln(number: Number) -> Decimal:
    above, below = number.numerator, number.denominator
    # Near one the leading digits cancel, so as many more are computed.
    lost = max(0, below.bit_length() - abs(above - below).bit_length())
    context = Context(prec=_DIGITS + lost)
    return context.ln(context.divide(Decimal(above), Decimal(below)))


def _is_power(base: Number, exponent: Fraction, number: Number) -> bool:
    """Whether base to this exponent is exactly the number."""
    above = _root(base.numerator, exponent.denominator)
    below = _root(base.denominator, exponent.denominator)
    if above is None or below is None:
        return False
    try:
        return power(Fraction(above, below), exponent.numerator) == number
    except FormulaError:  # It would be larger than any number of the language.
        return False


def _root(number: int, degree: int) -> int | None:
    """The whole root of a positive whole number, or None."""
    low, high = 1, 1 << -(-number.bit_length() // degree)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < number:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == number else None


def _to_figures(number: Decimal) -> Number:
    return bounded_number(Fraction(_RESULT.plus(number)))
