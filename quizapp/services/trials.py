"""Trying a set out as a learner would take it, with the ordinary player and without a trace in any figure."""

from datetime import datetime

from sqlalchemy.orm import Session

from quizapp.db.models import Attempt, QuestionSet
from quizapp.domain.attempts import TRIAL, State
from quizapp.domain.errors import NotAvailable
from quizapp.domain.permissions import Actor
from quizapp.domain.quizzes import MAX_SLOTS, Blueprint, Item
from quizapp.domain.selection import Candidate
from quizapp.queries import attempts, sets
from quizapp.services.starting import Started, begin_over, locked_learner

TITLE_CHARS = 400


def try_set(session: Session, actor: Actor, set_id: int, *, now: datetime) -> Started:
    """Begin a practice over a set's questions, drafts too, or go on with the one that runs.

    A running trial of a set that has changed since is left behind for a new one.  Raises
    `NotFound`, and `NotAvailable` where nothing of the set can be asked.
    """
    row = sets.visible(session, actor, set_id)
    askable = sets.askable(session, row)
    if not askable:
        raise NotAvailable("Nothing in this set can be asked yet.")
    learner = locked_learner(session, actor.id)
    origin = f"{TRIAL}{row.id}"
    chosen = askable[:MAX_SLOTS]
    running = attempts.open_of_origin(session, actor.id, origin)
    if running is not None:
        if _asks(session, running, chosen):
            return Started(running.id, resumed=True)
        running.state = State.NEVER_SUBMITTED
        running.finished_at = now
        session.flush()  # one trial of a set is open at a time
    started = begin_over(session, learner, origin, _blueprint(row, chosen), chosen, now)
    return Started(started.attempt_id, resumed=False, missing=len(askable) - len(chosen))


def _asks(session: Session, attempt: Attempt, chosen: list[Candidate]) -> bool:
    """Whether a running trial asks exactly these, as they are now."""
    slots = attempts.slots(session, attempt.learner_id, attempt.id)
    placed = [(slot.question_id, slot.revision) for slot in slots]
    return placed == [(each.question_id, each.revision) for each in chosen]


def _blueprint(row: QuestionSet, chosen: list[Candidate]) -> Blueprint:
    return Blueprint(
        id="trial",
        title=f"Trial: {row.title[:TITLE_CHARS]}",
        mode="practice",
        items=tuple(Item(question=each.uid) for each in chosen),
        shuffle_questions=False,
    )
