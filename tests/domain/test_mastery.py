"""What answers say about a topic, and what they do not say."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from quizapp.domain.mastery import NOTHING, Evidence, Standing, Trend, combined, estimate, trend

NOON = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp())


def results(*shares: float, start: int = NOON) -> Evidence:
    """Evidence of these credits, oldest first, a second apart."""
    pairs = [(start + number, int(credit * 1_000_000)) for number, credit in enumerate(shares)]
    total = sum((Decimal(str(credit)) for credit in shares), Decimal(0))
    last = datetime.fromtimestamp(pairs[-1][0], UTC) if pairs else None
    return Evidence(len(shares), total, tuple(pairs[-10:]), last)


def test_nothing_is_known_of_somebody_without_answers():
    known = estimate(NOTHING)

    assert (known.mid, known.standing, known.trend) == (0.5, Standing.UNKNOWN, None)
    assert NOTHING.share is None


@pytest.mark.parametrize("shares", [(0, 0), (1, 1), (0, 0, 0, 0), (1, 1, 1, 1)])
def test_a_few_answers_make_no_verdict(shares):
    assert estimate(results(*shares)).is_thin


def test_many_mixed_answers_are_needed_before_the_band_is_narrow():
    assert estimate(results(1, 0, 1, 0, 1)).standing is Standing.UNKNOWN
    assert estimate(results(*[1, 0] * 10)).standing is Standing.WEAK


@pytest.mark.parametrize(
    ("right", "wrong", "standing"),
    [(2, 18, Standing.WEAK), (15, 5, Standing.MIDDLING), (19, 1, Standing.STRONG)],
)
def test_enough_answers_make_a_standing(right, wrong, standing):
    assert estimate(results(*[1] * right, *[0] * wrong)).standing is standing


def test_the_band_holds_the_middle_and_stays_on_the_scale():
    for evidence in (results(*[1] * 40), results(*[0] * 40), results(1, 0, 0.5)):
        known = estimate(evidence)
        assert 0 <= known.low <= known.mid <= known.high <= 1


def test_more_answers_make_the_band_narrower():
    few, many = estimate(results(*[1, 0] * 5)), estimate(results(*[1, 0] * 50))

    assert many.high - many.low < (few.high - few.low) / 2


def test_partial_credit_counts_as_what_it_is():
    assert results(0.5, 0.5).share == pytest.approx(0.5)
    assert estimate(results(*[0.5] * 20)).mid == pytest.approx(0.5)


def test_getting_better_is_seen_once_there_are_enough_of_both():
    assert trend(results(*[0] * 10, *[1] * 10)) is Trend.UP
    assert trend(results(*[1] * 10, *[0] * 10)) is Trend.DOWN
    assert trend(results(*[1, 0] * 10)) is Trend.FLAT
    assert trend(results(*[0] * 4, *[1] * 10)) is None


def test_a_topic_adds_up_its_subtopics_and_keeps_the_latest_results():
    old, new = results(*[0] * 8), results(*[1] * 8, start=NOON + 1000)

    whole = combined([new, old])

    assert (whole.answers, whole.credit, whole.last_at) == (16, Decimal(8), new.last_at)
    assert [credit for _, credit in whole.recent] == [0, 0] + [1_000_000] * 8
    assert combined([]) == NOTHING
