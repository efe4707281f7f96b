"""Scores, and what is made of times."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.domain.attempts import (
    Outcome,
    bounded,
    has_passed,
    is_blank,
    percent,
    score_of,
    slow_positions,
    time_spent,
)
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade, Verdict
from quizapp.domain.quizzes import Marking, Weights

RIGHT = Outcome(2, Verdict.RIGHT, Decimal(1))
WRONG = Outcome(2, Verdict.WRONG, Decimal(0))
BLANK = Outcome(2, None, Decimal(0))


def test_points_add_up() -> None:
    third = Outcome(1, Verdict.PARTIAL, Grade.part(1, of=3).credit)

    assert score_of([RIGHT, third, third, third], Marking()) == Decimal("2.999999")


def test_equal_weights_ignore_points() -> None:
    assert score_of([RIGHT, RIGHT], Marking(weights=Weights.EQUAL)) == 2


def test_a_penalty_is_for_wrong_answers_alone_and_never_goes_below_zero() -> None:
    marking = Marking(penalty=Decimal("0.25"))

    assert score_of([RIGHT, WRONG, BLANK], marking) == Decimal("1.5")
    assert score_of([WRONG, WRONG], marking) == 0


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 1_000_000)), max_size=50))
def test_sums_do_not_depend_on_the_order(pairs: list[tuple[int, int]]) -> None:
    outcomes = [Outcome(points, Verdict.PARTIAL, Decimal(credit) / 1_000_000) for points, credit in pairs]

    assert score_of(outcomes, Marking()) == score_of(reversed(outcomes), Marking())


def test_exactly_at_the_mark_is_passed() -> None:
    assert has_passed(Decimal(7), Decimal(10), Decimal(70)) is True
    assert has_passed(Decimal("6.999999"), Decimal(10), Decimal(70)) is False
    assert has_passed(Decimal(7), Decimal(10), None) is None


def test_almost_everything_is_not_a_hundred_per_cent() -> None:
    assert percent(Decimal("2.999999"), Decimal(3)) == Decimal("99.9")
    assert percent(Decimal(2), Decimal(12)) == Decimal("16.7")
    assert percent(Decimal(3), Decimal(3)) == 100
    assert percent(Decimal(0), Decimal(0)) == 0


def test_time_belongs_to_the_question_that_was_then_answered(now: datetime) -> None:
    after = [(now + timedelta(seconds=s), position) for s, position in ((30, 1), (90, 2), (100, 1))]

    assert time_spent(now, after) == {1: timedelta(seconds=40), 2: timedelta(seconds=60)}


def test_slow_is_far_beyond_the_usual() -> None:
    spent = {n: timedelta(seconds=s) for n, s in enumerate((40, 45, 50, 200), start=1)}

    assert slow_positions(spent) == {4}
    assert slow_positions({1: timedelta(hours=1)}) == set()


def test_what_is_out_of_all_proportion_is_refused() -> None:
    with pytest.raises(UnreadableAnswer):
        bounded({"text": ["x" * 20_001]})
    with pytest.raises(UnreadableAnswer):
        bounded({f"place-{n}": ["1"] for n in range(201)})


def test_an_emptied_answer_is_no_answer() -> None:
    assert is_blank({"place-a": ["", " "]})
    assert bounded({"text": ["  "]}) == {}
