"""When a sitting ends, and why."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

import make
from quizapp.domain.errors import AnswersAreClosed, TimeIsUp
from quizapp.domain.timing import Allowance, Clock, Deadline, Reason, deadline_of

NORMAL = Allowance()


def test_the_limit_counts_from_the_start(now: datetime) -> None:
    assert deadline_of(make.blueprint(), now, NORMAL) == Deadline(
        now + timedelta(minutes=20), Reason.TIME_LIMIT
    )


def test_closing_cuts_a_late_start_short_and_says_so(now: datetime) -> None:
    closes = now + timedelta(minutes=5)

    assert deadline_of(make.blueprint(closes_at=closes), now, NORMAL) == Deadline(closes, Reason.QUIZ_CLOSES)


@pytest.mark.parametrize(("factor", "minutes"), [("1.25", 25), ("1.5", 30), ("2", 40)])
def test_extra_time_stretches_the_limit(now: datetime, factor: str, minutes: int) -> None:
    found = deadline_of(make.blueprint(), now, Allowance(Decimal(factor)))

    assert found == Deadline(now + timedelta(minutes=minutes), Reason.EXTRA_TIME)


def test_without_a_limit_for_the_learner_only_closing_ends_it(now: datetime) -> None:
    closes = now + timedelta(hours=3)

    assert deadline_of(make.blueprint(), now, Allowance(None)) is None
    assert deadline_of(make.blueprint(closes_at=closes), now, Allowance(None)) == Deadline(
        closes, Reason.QUIZ_CLOSES
    )


def test_the_network_has_five_seconds_and_no_more(now: datetime) -> None:
    clock = Clock(now, now)

    clock.require_open(now + timedelta(seconds=5))
    with pytest.raises(TimeIsUp):
        clock.require_open(now + timedelta(seconds=5, milliseconds=1))


def test_in_a_grace_period_one_may_submit_but_not_change(now: datetime) -> None:
    clock = Clock(now, now + timedelta(minutes=2))
    later = now + timedelta(minutes=1)

    assert clock.in_grace(later)
    assert not clock.is_over(later)
    with pytest.raises(AnswersAreClosed):
        clock.require_open(later)
    with pytest.raises(TimeIsUp):
        clock.require_open(now + timedelta(minutes=3))


def test_seconds_left_never_fall_below_zero(now: datetime) -> None:
    assert Clock(now, now).seconds_left(now + timedelta(hours=1)) == 0
    assert Clock(None, None).seconds_left(now) is None
    assert not Clock(None, None).is_over(now + timedelta(days=9999))
