"""Reads about attempts that have ended, and about what must stay hidden meanwhile."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.db.models import Attempt, Slot
from quizapp.domain.attempts import State
from quizapp.domain.errors import NotFound, NotReleased
from quizapp.domain.modes import quiz_modes
from quizapp.queries import attempts

SILENT = tuple(key for key, mode in quiz_modes.items() if not mode.feedback_at_once)
"""The modes that say nothing before the end."""


def is_released(attempt: Attempt, now: datetime) -> bool:
    """Whether the learner may see what came of it; an attempt that was not graded never is."""
    if attempt.state != State.FINISHED or attempt.release_at is None:
        return False
    return attempt.release_at <= now


def released(session: Session, learner_id: int, attempt_id: str, *, now: datetime) -> Attempt:
    """A learner's own attempt whose results may be shown.  Raises `NotFound` and `NotReleased`."""
    attempt = attempts.of_learner(session, learner_id, attempt_id)
    if attempt is None:
        raise NotFound
    if not is_released(attempt, now):
        raise NotReleased(attempt.release_at if attempt.state == State.FINISHED else None)
    return attempt


def previous(session: Session, attempt: Attempt, *, now: datetime) -> Attempt | None:
    """The learner's last released attempt of the same origin before this one."""
    return session.scalars(
        select(Attempt)
        .where(
            Attempt.learner_id == attempt.learner_id,
            Attempt.origin == attempt.origin,
            Attempt.state == State.FINISHED,
            Attempt.release_at <= now,
            Attempt.started_at < attempt.started_at,
        )
        .order_by(Attempt.started_at.desc())
        .limit(1)
    ).one_or_none()


def asked_in_silence(session: Session, learner_id: int) -> set[int]:
    """The questions of the learner's silent attempts that are open or not released yet.

    Whatever shows keys keeps those of these questions back meanwhile.
    """
    return set(
        session.scalars(
            select(Slot.question_id)
            .join(Attempt, (Attempt.learner_id == Slot.learner_id) & (Attempt.id == Slot.attempt_id))
            .where(Attempt.learner_id == learner_id, Attempt.tallied_at.is_(None), Attempt.mode.in_(SILENT))
        )
    )
