"""Granting a learner more time, in running attempts too."""

from datetime import datetime

from sqlalchemy.orm import Session

from quizapp.domain import timing
from quizapp.domain.attempts import State
from quizapp.domain.errors import Refused
from quizapp.domain.quizzes import Blueprint
from quizapp.queries import attempts
from quizapp.services import finishing
from quizapp.services.starting import allowance_of, locked_learner

PERCENTS = (100, 125, 150, 200, None)
"""What may be granted; None is no time limit at all."""


def grant(session: Session, account_id: int, percent: int | None, *, now: datetime) -> int:
    """Set a learner's own time, and move the deadlines of running attempts with it.

    Returns how many running attempts changed.  An attempt whose time was over
    before stays over.  Raises `Refused`.
    """
    if percent not in PERCENTS:
        raise Refused("Extra time is 1, 1.25, 1.5 or 2 times the limit, or no limit.", "percent")
    learner = locked_learner(session, account_id)
    finishing.settle(session, account_id, now=now)
    learner.time_percent = percent
    changed = 0
    for attempt in attempts.unsettled(session, account_id):
        if attempt.state != State.OPEN:
            continue
        blueprint = Blueprint.model_validate(attempt.blueprint)
        deadline = timing.deadline_of(blueprint, attempt.started_at, allowance_of(learner))
        clock = timing.Clock.of(blueprint, deadline)
        changed += attempt.deadline_at != clock.deadline
        attempt.deadline_at = clock.deadline
        attempt.deadline_reason = deadline.reason if deadline else None
        attempt.ends_at = clock.ends_at
    return changed
