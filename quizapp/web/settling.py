"""What time alone has changed, and what may be seen of an attempt now."""

from contextlib import suppress
from datetime import datetime

from flask import redirect, render_template, url_for
from werkzeug import Response

from quizapp.db.models import Attempt
from quizapp.domain.attempts import State
from quizapp.domain.errors import NotFound, Overloaded
from quizapp.queries import attempts, results
from quizapp.services import finishing
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing


def settle_mine() -> None:
    """End and count what is due, so that a page reads the truth.  Mostly it writes nothing."""
    who, moment = actor(), now()
    if any(finishing.is_due(attempt, moment) for attempt in attempts.unsettled(reading(), who.id)):
        with suppress(Overloaded):  # this page can do without; the next one tries again
            settle(who.id, moment)


def settle(learner_id: int, moment: datetime) -> None:
    """End and count; what has to be run for it is run before, while nobody waits for the database."""
    finishing.rehearse_due(reading(), learner_id, now=moment)
    with writing() as session:
        finishing.settle(session, learner_id, now=moment)


def settled(attempt_id: str) -> Attempt:
    """The asker's own attempt, ended and counted first where that is due.  Raises `NotFound`."""
    who, moment = actor(), now()
    attempt = attempts.of_learner(reading(), who.id, attempt_id)
    if attempt is not None and finishing.is_due(attempt, moment):
        settle(who.id, moment)
        attempt = attempts.of_learner(reading(), who.id, attempt_id)
    if attempt is None:
        raise NotFound
    return attempt


def instead_of_results(attempt: Attempt) -> Response | tuple[str, int] | None:
    """What is shown while results may not be: the running attempt, or a page that says why.

    None where they may.  The page holds no score and no key.
    """
    if attempt.state == State.OPEN:
        return redirect(url_for("taking.resume", attempt_id=attempt.id))
    if results.is_released(attempt, now()):
        return None
    return render_template("results/not_released.html", attempt=attempt), 403
