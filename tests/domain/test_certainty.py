"""What being sure of an answer earns and costs."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import make
from quizapp.domain.attempts import Outcome, earned, percent, score_of, worth
from quizapp.domain.certainty import COSTS, GAINS, Confidence, share, worth_from
from quizapp.domain.grading import Grade, Verdict
from quizapp.domain.quizzes import Marking, Weights, asks_confidence

LOW, MEDIUM, HIGH = Confidence
PLAIN = Marking()


def outcome(verdict: Verdict | None, confidence: Confidence | None, points: int = 1) -> Outcome:
    return Outcome(points, verdict, Decimal(verdict is Verdict.RIGHT), confidence)


def score(*outcomes: Outcome) -> Decimal:
    return score_of(outcomes, PLAIN, by_confidence=True)


@pytest.mark.parametrize(
    ("confidence", "right", "wrong"),
    [
        (LOW, Fraction(1, 3), 0),
        (MEDIUM, Fraction(2, 3), Fraction(-2, 3)),
        (HIGH, 1, -2),
        (None, Fraction(1, 3), 0),
    ],
)
def test_the_table(confidence: Confidence | None, right: Fraction, wrong: Fraction) -> None:
    assert share(Verdict.RIGHT, Decimal(1), confidence) == right
    assert share(Verdict.WRONG, Decimal(0), confidence) == wrong
    assert share(Verdict.PARTIAL, Decimal("0.5"), confidence) == right / 2
    assert share(None, Decimal(0), confidence) == 0


def test_a_level_pays_from_where_it_beats_the_one_below() -> None:
    assert [worth_from(level) for level in Confidence] == [0, Fraction(2, 3), Fraction(4, 5)]


@given(st.fractions(min_value=0, max_value=1, max_denominator=1000))
def test_whoever_says_honestly_how_sure_they_are_gets_the_most(chance: Fraction) -> None:
    expected = {level: chance * GAINS[level] - (1 - chance) * COSTS[level] for level in Confidence}
    honest = [level for level in Confidence if chance >= worth_from(level)][-1]

    assert expected[honest] == max(expected.values())


def test_three_thirds_are_one() -> None:
    assert score(*[outcome(Verdict.RIGHT, LOW)] * 3) == 1
    assert score(*[outcome(Verdict.RIGHT, MEDIUM)] * 3) == 2
    assert score(*[outcome(Verdict.RIGHT, LOW)] * 2) == Decimal("0.666667")


def test_the_sum_alone_is_rounded() -> None:
    third = Outcome(1, Verdict.PARTIAL, Grade.part(1, of=3).credit, LOW)

    assert worth(third, PLAIN, by_confidence=True) == Fraction(333333, 3_000_000)
    assert score(*[third] * 9) == Decimal("0.999999")


def test_wrong_answers_count_against_the_rest_but_never_below_nothing() -> None:
    right, wrong = outcome(Verdict.RIGHT, HIGH), outcome(Verdict.WRONG, HIGH)

    assert earned(wrong, PLAIN, by_confidence=True) == -2
    assert score(right, right, right, wrong) == 1
    assert score(right, wrong) == 0


def test_points_and_equal_weights_are_what_it_is_a_share_of() -> None:
    heavy = outcome(Verdict.WRONG, MEDIUM, points=3)

    assert earned(heavy, PLAIN, by_confidence=True) == -2
    assert earned(heavy, Marking(weights=Weights.EQUAL), by_confidence=True) == Decimal("-0.666667")


LEVELS = st.sampled_from([None, *Confidence])
CREDITS = st.integers(0, 1_000_000)


@given(st.lists(st.tuples(st.integers(1, 100), CREDITS, LEVELS), min_size=1, max_size=200))
def test_the_score_lies_between_nothing_and_all(rows: list[tuple[int, int, Confidence | None]]) -> None:
    verdicts = {0: Verdict.WRONG, 1_000_000: Verdict.RIGHT}
    outcomes = [
        Outcome(points, verdicts.get(credit, Verdict.PARTIAL), Decimal(credit) / 1_000_000, level)
        for points, credit, level in rows
    ]
    of = Decimal(sum(points for points, _, _ in rows))
    total = score(*outcomes)

    assert 0 <= total <= of
    assert total == total.quantize(Decimal("0.000001"))
    assert percent(total, of) <= 100
    assert total == score(*reversed(outcomes))


@given(st.lists(st.tuples(CREDITS, LEVELS), max_size=50))
def test_confidence_that_is_not_marked_changes_nothing(rows: list[tuple[int, Confidence | None]]) -> None:
    said = [Outcome(2, Verdict.PARTIAL, Decimal(credit) / 1_000_000, level) for credit, level in rows]
    silent = [Outcome(2, Verdict.PARTIAL, Decimal(credit) / 1_000_000) for credit, _ in rows]

    assert score_of(said, PLAIN) == score_of(silent, PLAIN)


def test_a_penalty_and_marked_confidence_contradict_each_other() -> None:
    with pytest.raises(ValidationError, match="penalty"):
        make.blueprint(confidence="marked", marking={"penalty": "0.25"})
    with pytest.raises(ValidationError, match="confidence"):
        make.blueprint(confidence="certain")
    assert make.blueprint(confidence="asked", marking={"penalty": "0.25"}).asks_confidence


def test_a_quiz_that_says_nothing_asks_nothing_and_its_document_stays_the_same() -> None:
    assert "confidence" not in make.blueprint().document()
    assert not asks_confidence(make.blueprint().document())
    assert asks_confidence(make.blueprint(confidence="marked").document())
