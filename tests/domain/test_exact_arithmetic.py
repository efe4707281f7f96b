"""Arithmetic of formulas, against fractions, powers and trees."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from operator import add, floordiv, mod, mul, sub, truediv
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas import value_of
from quizapp.domain.exact_values import MAX_BITS
from quizapp.domain.expressions import FormulaError, Value, decimal

BIG = 2 ** (MAX_BITS - 1)
NUMBERS = st.one_of(st.integers(-(10**12), 10**12), st.fractions(-(10**9), 10**9, max_denominator=10**6))


def fits(number: int | Fraction) -> bool:
    return max(number.numerator.bit_length(), number.denominator.bit_length()) <= MAX_BITS


def outcome(source: str, **values: Value) -> Any:
    """What a formula is worth, or why it was refused."""
    try:
        return value_of(source, **values)
    except FormulaError as refused:
        return str(refused)


@pytest.mark.parametrize(
    ("source", "digits"),
    [
        ("sqrt(2)", "1.41421356237309504880168872421"),
        ("sqrt(1 / 3)", "0.577350269189625764509148780502"),
        ("ln(10)", "2.30258509299404568401799145468"),
        ("log(2, 10)", "0.301029995663981195213738894724"),
        ("log2(10)", "3.32192809488736234787031942949"),
        ("log10(7)", "0.845098040014256830712216258593"),
        # Near one a logarithm is what lies beyond one, however little that is.
        ("ln(1 + 10 ** -40)", "9.99999999999999999999999999999E-41"),
    ],
)
def test_what_is_not_rational_has_thirty_right_digits(source: str, digits: str) -> None:
    found = decimal(value_of(source))

    assert abs(found - Decimal(digits)) <= Decimal(digits).copy_abs() * Decimal("1e-29")
    assert len(found.as_tuple().digits) <= 30


@pytest.mark.parametrize(
    ("sign", "operate"), [("+", add), ("-", sub), ("*", mul), ("/", truediv), ("//", floordiv), ("%", mod)]
)
@given(a=NUMBERS, b=NUMBERS)
def test_arithmetic_agrees_with_that_of_fractions(
    sign: str, operate: Callable[[Fraction, Fraction], Fraction], a: Value, b: Value
) -> None:
    if b == 0 and sign in {"/", "//", "%"}:
        assert outcome(f"a {sign} b", a=a, b=b) == "division by zero"
    else:
        assert value_of(f"a {sign} b", a=a, b=b) == operate(Fraction(a), Fraction(b))


@given(st.fractions(max_denominator=1000), st.integers(-12, 12))
def test_powers_agree_with_those_of_fractions(base: Fraction, exponent: int) -> None:
    found = outcome("base ** exponent", base=base, exponent=exponent)

    if base == 0 and exponent < 0:
        assert found == "division by zero"
    else:
        assert found == (base**exponent if fits(base**exponent) else "too large")


@given(st.integers(-(2**600), 2**600), st.integers(0, 600))
def test_what_fits_is_computed_and_what_does_not_is_too_large(number: int, places: int) -> None:
    if number.bit_length() > MAX_BITS or (number << places).bit_length() > MAX_BITS:
        assert outcome("n << k", n=number, k=places) == "too large"
    else:
        assert value_of("n << k", n=number, k=places) == number * 2**places


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_a_decimal_literal_is_worth_what_is_written(number: Decimal) -> None:
    written = value_of(format(number, "f"))

    assert written == Fraction(number)
    assert decimal(written) == number


@given(st.fractions(min_value=0, max_denominator=10**9))
def test_a_square_has_its_root(number: Fraction) -> None:
    assert value_of("sqrt(x * x)", x=number) == number


@given(st.integers(2, 60), st.integers(1, 40), st.integers(1, 40))
def test_logarithms_of_powers_are_exact(base: int, above: int, below: int) -> None:
    if base ** max(above, below) < BIG:
        assert value_of("log(x ** a, x ** b)", x=base, a=above, b=below) == Fraction(above, below)


@given(st.integers(1, 10**30), st.integers(2, 100))
def test_rounded_up_logarithms_count_the_levels_of_a_tree(entries: int, fan_out: int) -> None:
    levels = 0
    while fan_out**levels < entries:
        levels += 1

    assert value_of("ceil(log(entries, fan_out))", entries=entries, fan_out=fan_out) == levels


@given(st.integers(1, 10**15))
def test_logarithms_agree_with_those_of_floats(number: int) -> None:
    assert float(decimal(value_of("ln(x)", x=number))) == pytest.approx(math.log(number))
    assert float(decimal(value_of("log2(x)", x=number))) == pytest.approx(math.log2(number))
