"""Marking of questions with several right choices."""

from decimal import Decimal

import pytest

from quizapp.domain.grading import Grade, Verdict
from quizapp.domain.marking import MARKING_SCHEMES, MarkingScheme

OFFERED = frozenset("abcde")
KEY = frozenset("ab")


@pytest.mark.parametrize(
    ("scheme", "chosen", "verdict", "credit"),
    [
        ("all_or_nothing", "ab", "right", "1"),
        ("all_or_nothing", "a", "wrong", "0"),
        ("right_minus_wrong", "ab", "right", "1"),
        ("right_minus_wrong", "a", "partial", "0.5"),
        ("right_minus_wrong", "ac", "wrong", "0"),
        ("right_minus_wrong", "abc", "partial", "0.5"),
        ("right_minus_wrong", "abcde", "wrong", "0"),
        ("per_option", "ab", "right", "1"),
        ("per_option", "a", "partial", "0.6"),
        ("per_option", "abc", "partial", "0.6"),
        ("per_option", "c", "wrong", "0"),
        ("per_option", "abcde", "wrong", "0"),
    ],
)
def test_schemes(scheme: str, chosen: str, verdict: str, credit: str) -> None:
    grade = MARKING_SCHEMES[MarkingScheme(scheme)](frozenset(chosen), KEY, OFFERED)

    assert (grade.verdict, grade.credit) == (verdict, Decimal(credit))


def test_a_wrong_choice_beside_every_key_is_not_right() -> None:
    """All keys and one distractor: the surplus choice must cost something under every scheme."""
    for scheme in MARKING_SCHEMES.values():
        assert scheme(frozenset("abc"), KEY, OFFERED).verdict is not Verdict.RIGHT


def test_thirds_are_whole_millionths() -> None:
    assert Grade.part(1, of=3).credit == Decimal("0.333333")


@pytest.mark.parametrize("credit", ["0", "1", "0.0000001", "1.5", "-1"])
def test_partial_credit_lies_strictly_between(credit: str) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Grade.partial(Decimal(credit))
