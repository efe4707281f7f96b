"""How the values of formulas are shown, and what they are as decimals."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.domain.exact_values import Number
from quizapp.domain.expressions import FormulaError, Value, decimal, parse, show

NUMBERS = st.one_of(st.integers(-(10**12), 10**12), st.fractions(-(10**9), 10**9, max_denominator=10**6))
THIRD = Fraction(1, 3)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (5, "", "5"),
        (10**30, "", "1" + "0" * 30),
        (1234567, ",", "1,234,567"),
        (-1234567, ",.1", "-1,234,567.0"),
        (THIRD, "", "0.333333333333"),
        (2 * THIRD, "", "0.666666666667"),
        (Fraction(-1, 8), "", "-0.125"),
        (Fraction(1, 10**30), "", "0." + "0" * 29 + "1"),
        (Fraction(10**20, 3), "", "33333333333333333333"),
        (Fraction(10**20, 3), ",", "33,333,333,333,333,333,333"),
        (Fraction(10**9, 3), ",", "333,333,333.333"),
        (Fraction(9999999999999, 10**13), "", "1"),
        (THIRD, ".2", "0.33"),
        (Fraction(5, 2), ".0", "3"),
        (Fraction(-5, 2), ".0", "-3"),
        (Fraction(1, 1000), ".2", "0.00"),
        (Fraction(-1, 1000), ".2", "0.00"),
        (2, ".12", "2.000000000000"),
        (255, "x", "ff"),
        (255, "04x", "00ff"),
        (-5, "b", "-101"),
        (10, "08b", "00001010"),
        (1, "032b", "0" * 31 + "1"),
        (True, "", "true"),
        (False, "", "false"),
        ("as it is", "", "as it is"),
    ],
)
def test_is_shown_as(value: Value, spec: str, text: str) -> None:
    assert show(value, spec) == text


@pytest.mark.parametrize(
    ("value", "spec"),
    [
        *[(1, spec) for spec in ("d", "e", ".2f", ".13", ".", ".-1", ",,", "8b", "0b ", "00b", "0999x", "X")],
        *[(1, spec) for spec in (".2\n", ".٢", " ", "{}", "!r", "0" * 9999 + "b", ">10", "_")],
        (THIRD, "x"),
        (THIRD, "08b"),
        ("a", ".2"),
        ("a", "x"),
        (True, "x"),
        (True, ","),
    ],
)
def test_what_is_no_format_for_the_value_is_refused(value: Value, spec: str) -> None:
    with pytest.raises(FormulaError):
        show(value, spec)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, "5"),
        (10**40, "1" + "0" * 40),
        (Fraction(1, 8), "0.125"),
        (Fraction(-3, 2), "-1.5"),
        (THIRD, "0." + "3" * 30),
        (2 * THIRD, "0." + "6" * 29 + "7"),
        (Fraction(10**40 + 1, 10), "1" + "0" * 39 + ".1"),
    ],
)
def test_as_a_decimal_is(value: Value, number: str) -> None:
    assert decimal(value) == Decimal(number)


@pytest.mark.parametrize("value", ["1", True])
def test_what_is_no_number_is_no_decimal(value: Value) -> None:
    with pytest.raises(FormulaError):
        decimal(value)


@given(NUMBERS)
def test_a_number_reads_back_as_shown(number: Number) -> None:
    shown = Fraction(show(number))

    assert abs(shown - number) <= abs(Fraction(number)) * Fraction(1, 10**11)
    assert Fraction(show(number, ",").replace(",", "")) == shown
    assert Fraction(show(decimal_value(number))) == shown


def decimal_value(number: Number) -> Fraction:
    return Fraction(decimal(number))


@given(NUMBERS, st.integers(0, 12))
def test_decimals_that_are_shown_are_the_nearest(number: Number, places: int) -> None:
    shown = show(number, f".{places}")

    assert abs(Fraction(shown) - number) <= Fraction(1, 2 * 10**places)
    assert len(shown.partition(".")[2]) == places
    assert parse("round(x, n)").evaluate({"x": number, "n": places}) == Fraction(shown)


@given(st.integers(0, 2**64))
def test_binary_and_hexadecimal_read_back(number: int) -> None:
    assert int(show(number, "b"), 2) == int(show(number, "x"), 16) == int(show(number, "070b"), 2) == number
