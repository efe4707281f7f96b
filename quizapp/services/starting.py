"""Use cases of beginning a sitting."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from quizapp.db.models import Account, Attempt, Encounter, Slot
from quizapp.db.upsert import upsert
from quizapp.domain import timing
from quizapp.domain.attempts import is_trial, weight_of
from quizapp.domain.errors import NotAvailable, NotFound, Refused
from quizapp.domain.modes import quiz_modes
from quizapp.domain.permissions import Actor
from quizapp.domain.quizzes import Blueprint
from quizapp.domain.selection import Candidate, Placed, assemble
from quizapp.queries import attempts, quizzes
from quizapp.services import finishing

OWN = "own:"


@dataclass(frozen=True, slots=True)
class Started:
    """The attempt that a start led to, and whether it had been running already."""

    attempt_id: str
    resumed: bool
    missing: int = 0
    """How many questions the bank could not provide."""


def start_quiz(
    session: Session,
    actor: Actor,
    quiz_uid: str,
    *,
    now: datetime,
    own_factor: int | None = None,
    seed: int | None = None,
) -> Started:
    """Begin a published quiz, or go on with the one that is running.

    `own_factor` stretches the limit of an untimed mode (1..10; None: no limit).
    `seed` decides the questions and their order; nobody knows it unless it is told.
    Raises `NotFound` and `NotAvailable`.  The caller commits.
    """
    learner = locked_learner(session, actor.id)
    quiz = quizzes.published_by_uid(session, quiz_uid)
    if quiz is None:
        raise NotFound
    origin = f"quiz:{quiz.id}"
    running = _running(session, learner, origin, now)
    if running is not None:
        return Started(running.id, resumed=True)
    blueprint = quizzes.blueprint_of(quiz)
    require_available(blueprint, attempts.taken(session, learner.id, origin), now)
    return _begin(session, learner, origin, _with_own_time(blueprint, own_factor), now, seed)


def start_own(
    session: Session,
    actor: Actor,
    blueprint: Blueprint,
    token: str,
    *,
    now: datetime,
    seed: int | None = None,
) -> Started:
    """Begin a quiz that the learner composed.

    `token` comes with the form, so that pressing the button twice starts one attempt.
    """
    learner = locked_learner(session, actor.id)
    origin = f"{OWN}{token}"
    running = _running(session, learner, origin, now)
    if running is not None:
        return Started(running.id, resumed=True)
    return _begin(session, learner, origin, blueprint, now, seed)


def require_available(blueprint: Blueprint, taken: attempts.Taken, now: datetime) -> None:
    """Raise `NotAvailable` with the reason, and the moment from which on it is."""
    if blueprint.opens_at is not None and now < blueprint.opens_at:
        raise NotAvailable(f"This quiz opens on {blueprint.opens_at:%d %b %Y at %H:%M} UTC.")
    if blueprint.closes_at is not None and now >= blueprint.closes_at:
        raise NotAvailable(f"This quiz closed on {blueprint.closes_at:%d %b %Y at %H:%M} UTC.")
    if blueprint.attempts_allowed is not None and taken.times >= blueprint.attempts_allowed:
        raise NotAvailable(f"You have used all {blueprint.attempts_allowed} attempts.")
    if blueprint.wait_minutes and taken.last_finished_at is not None:
        again = taken.last_finished_at + timedelta(minutes=blueprint.wait_minutes)
        if now < again:
            raise NotAvailable(f"You can try again on {again:%d %b %Y at %H:%M} UTC.")


def locked_learner(session: Session, account_id: int) -> Account:
    """The learner's row, held until the commit: one learner's starts and ends take turns."""
    return session.scalars(
        select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    ).one()


def allowance_of(learner: Account) -> timing.Allowance:
    if learner.time_percent is None:
        return timing.Allowance(None)
    return timing.Allowance(Decimal(learner.time_percent) / 100)


def _running(session: Session, learner: Account, origin: str, now: datetime) -> Attempt | None:
    """The open attempt of this origin; one that ended by itself is settled first."""
    attempt = attempts.open_of_origin(session, learner.id, origin)
    if attempt is not None and attempts.clock_of(attempt).is_over(now):
        finishing.end_by_deadline(session, attempt, now=now)
        return None
    return attempt


def _with_own_time(blueprint: Blueprint, factor: int | None) -> Blueprint:
    if quiz_modes[blueprint.mode].timed or blueprint.time_limit_minutes is None:
        return blueprint
    if factor is None:
        return blueprint.model_copy(update={"time_limit_minutes": None})
    if not 1 <= factor <= timing.MAX_OWN_FACTOR:
        raise Refused("Choose a limit of 1 to 10 times the usual time.", "own_factor")
    return blueprint.model_copy(update={"time_limit_minutes": blueprint.time_limit_minutes * factor})


def _begin(
    session: Session,
    learner: Account,
    origin: str,
    blueprint: Blueprint,
    now: datetime,
    told_seed: int | None,
) -> Started:
    # What learners compose by themselves is released at their own wish, whatever its mode.
    shows_keys = quiz_modes[blueprint.mode].feedback_at_once or origin.startswith(OWN)
    pool = quizzes.candidates(session, learner.id, blueprint, may_be_running=not shows_keys)
    return begin_over(session, learner, origin, blueprint, pool, now, told_seed)


def begin_over(
    session: Session,
    learner: Account,
    origin: str,
    blueprint: Blueprint,
    pool: Sequence[Candidate],
    now: datetime,
    told_seed: int | None = None,
) -> Started:
    """Begin a sitting over these candidates.  The caller holds the learner's row.

    A trial is born counted, so that nothing of it ever is; nor does it count as seen.
    """
    seed = secrets.randbits(31) if told_seed is None else told_seed
    assembly = assemble(blueprint, pool, seed)
    if not assembly.slots:
        raise NotAvailable("There is no question that fits. Choose more topics or levels.")
    deadline = timing.deadline_of(blueprint, now, allowance_of(learner))
    clock = timing.Clock.of(blueprint, deadline)
    attempt = Attempt(
        learner_id=learner.id,
        id=secrets.token_urlsafe(12),
        origin=origin,
        title=blueprint.title,
        mode=blueprint.mode,
        blueprint=blueprint.document(),
        seed=seed,
        state="open",
        started_at=now,
        deadline_at=clock.deadline,
        deadline_reason=deadline.reason if deadline else None,
        ends_at=clock.ends_at,
        tallied_at=now if is_trial(origin) else None,
        max_score=sum((weight_of(placed.points, blueprint.marking) for placed in assembly.slots), Decimal(0)),
    )
    session.add(attempt)
    session.flush()  # slots refer to the attempt
    _place(session, attempt, assembly.slots, now)
    return Started(attempt.id, resumed=False, missing=assembly.missing)


def _place(session: Session, attempt: Attempt, placed: Sequence[Placed], now: datetime) -> None:
    session.execute(
        insert(Slot),
        [
            {
                "learner_id": attempt.learner_id,
                "attempt_id": attempt.id,
                "position": position,
                "question_id": each.candidate.question_id,
                "revision": each.candidate.revision,
                "seed": each.seed,
                "variant": each.variant,
                "points": each.points,
                "topic": each.candidate.topic,
                "subtopic": each.candidate.subtopic or "",
                "flagged": False,
            }
            for position, each in enumerate(placed, start=1)
        ],
    )
    if is_trial(attempt.origin):
        return
    upsert(
        session,
        Encounter,
        [
            {
                "learner_id": attempt.learner_id,
                "question_id": each.candidate.question_id,
                "seen_at": now,
                "misses": 0,
                "missed": False,
            }
            for each in placed
        ],
        lambda new: {"seen_at": new.seen_at},
    )
