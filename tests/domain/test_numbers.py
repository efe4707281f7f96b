"""Numbers as people type them."""

from decimal import Decimal

import pytest

import make
from quizapp.domain.documents import read_question
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Verdict
from quizapp.domain.numbers import read_quantity, round_to_figures, spelled
from quizapp.domain.problems import Place
from quizapp.queries.revisions import parsed


@pytest.mark.parametrize(
    ("typed", "number", "unit"),
    [
        ("12.5", "12.5", ""),
        (" 1,500 ", "1500", ""),
        ("1 500 000", "1500000", ""),
        ("1'500", "1500", ""),
        ("1.5e3", "1500", ""),
        ("1.5E-3 s", "0.0015", "s"),
        ("−4", "-4", ""),
        ("+.5", "0.5", ""),
        ("150ms", "150", "ms"),
        ("2.5 min", "2.5", "min"),
        ("５０", "50", ""),
        ("1,234,567.89", "1234567.89", ""),
        ("5 %", "5", "%"),
        ("0.1", "0.1", ""),
    ],
)
def test_is_read_as(typed: str, number: str, unit: str) -> None:
    assert read_quantity(typed) == (Decimal(number), unit)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "forty-two",
        "1,5",
        "12,34,5",
        "1,500,00",
        "NaN",
        "inf",
        "1e309",
        "1e-400",
        "--1",
        "1.2.3",
        "e5",
        "9" * 61,
    ],
)
def test_what_has_no_one_reading_is_refused_with_a_hint(typed: str) -> None:
    with pytest.raises(UnreadableAnswer) as refusal:
        read_quantity(typed)

    assert str(refusal.value)


@pytest.mark.parametrize(
    ("tolerance", "typed", "verdict"),
    [
        ({}, "0.3", "right"),
        ({}, "0.30000001", "wrong"),
        ({"absolute": "0.05"}, "0.35", "right"),
        ({"absolute": "0.05"}, "0.3500001", "wrong"),
        ({"relative": "0.1"}, "0.33", "right"),
        ({"relative": "0.1"}, "0.331", "wrong"),
        ({"significant_figures": 1}, "0.349", "right"),
        ({"significant_figures": 1}, "0.35", "wrong"),
    ],
)
def test_tolerances_are_exact(tolerance: dict[str, str], typed: str, verdict: str) -> None:
    body = parsed(make.document(type="number", answer="0.3", tolerance=tolerance), "n").body

    assert body.grade(body.read({"number": [typed]})).verdict is Verdict(verdict)


def test_a_unit_scales_the_number() -> None:
    body = parsed(make.sample("number"), "n").body

    assert body.grade(body.read({"number": ["2.5 min"]})).verdict is Verdict.RIGHT
    assert body.grade(body.read({"number": ["2.5"]})).verdict is Verdict.WRONG


def test_an_unknown_unit_costs_nothing_and_says_which_are_known() -> None:
    body = parsed(make.sample("number"), "n").body

    with pytest.raises(UnreadableAnswer, match="s or min"):
        body.read({"number": ["150 parsec"]})


def test_a_required_unit_is_asked_for() -> None:
    body = parsed(make.document(type="number", answer=5, unit="ms", unit_required=True), "n").body

    with pytest.raises(UnreadableAnswer, match="unit"):
        body.read({"number": ["5"]})


def test_rounding_keeps_zero_and_rounds_half_up() -> None:
    assert round_to_figures(Decimal(0), 3) == 0
    assert round_to_figures(Decimal("0.125"), 2) == Decimal("0.13")
    assert spelled(Decimal("1.50E+3")) == "1500"
    assert spelled(Decimal("-0.0")) == "0"


def test_a_mistake_may_lie_around_the_right_answer_but_not_within_it() -> None:
    close = {"value": 42, "tolerance": {"absolute": 5}, "feedback": "Close."}
    body = parsed(make.document(type="number", answer=42, mistakes=[close]), "n").body

    assert body.grade(body.read({"number": ["42"]})).verdict is Verdict.RIGHT
    assert body.grade(body.read({"number": ["45"]})).verdict is Verdict.WRONG
    assert body.remark(Decimal(45)).feedback == "Close."
    assert body.remark(Decimal(42)) is None


@pytest.mark.parametrize("tolerance", [None, {}, {"absolute": 1}])
def test_a_mistake_within_the_tolerance_of_the_answer_is_refused(tolerance: dict[str, int] | None) -> None:
    mistake = {"value": 42, "tolerance": tolerance}
    document = make.document(type="number", answer=42, tolerance={"absolute": 2}, mistakes=[mistake])

    assert read_question(document, Place("n", {}))[0] is None
