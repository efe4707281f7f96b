"""Use cases of a sitting's end.  It happens once, however often and by whomever it is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from quizapp.db.models import Account, Attempt, Step
from quizapp.db.prepared import Door
from quizapp.domain.attempts import EndedBy, Judged, Outcome, State, StepKind, is_trial, judge, score_of
from quizapp.domain.errors import NotFound, UnreadableAnswer
from quizapp.domain.quizzes import AtDeadline, Blueprint, Feedback, asks_confidence
from quizapp.queries import attempts, revisions
from quizapp.queries.attempts import SlotState
from quizapp.services import progress


def submit(session: Session, learner_id: int, attempt_id: str, *, now: datetime) -> Attempt:
    """Hand in an attempt.  One that has ended already is returned as it is.

    Raises `NotFound`.  Past its time it ends as the deadline wanted, not as now.
    """
    attempt = _locked(session, learner_id, attempt_id)
    if attempt is None:
        raise NotFound
    if attempt.state == State.OPEN:
        if attempts.clock_of(attempt).is_over(now):
            end_by_deadline(session, attempt, now=now)
        else:
            _finish(session, attempt, at=now, by=EndedBy.LEARNER, now=now)
    return attempt


def settle(session: Session, learner_id: int, *, now: datetime) -> None:
    """End what has ended by itself, and count what has been released since."""
    for known in attempts.unsettled(session, learner_id):
        if not is_due(known, now):
            continue
        attempt = _locked(session, learner_id, known.id)
        if attempt is None or not is_due(attempt, now):
            continue
        if attempt.state == State.OPEN:
            end_by_deadline(session, attempt, now=now)
        else:
            _count_graded(session, attempt, now)


def is_due(attempt: attempts.Dated, now: datetime) -> bool:
    """Whether time alone has changed what this attempt is."""
    if attempt.tallied_at is not None:
        return False
    if attempt.state == State.OPEN:
        return attempts.clock_of(attempt).is_over(now)
    return attempt.release_at is not None and attempt.release_at <= now


def rehearse(door: Door, learner_id: int, attempt_id: str) -> None:
    """Grade what has to be run before the transaction that ends an attempt, so that no lock waits for it.

    Nothing is kept here but the outcomes of the runs, by what runs them.
    """
    slots = attempts.slots(door, learner_id, attempt_id)
    questions = revisions.asked_in(door, slots)
    _graded(door, [slot for slot, question in zip(slots, questions, strict=True) if question.body.can_run])


def rehearse_due(session: Session, learner_id: int, *, now: datetime) -> None:
    """The same for every attempt that `settle` would end."""
    for known in attempts.unsettled(session, learner_id):
        if known.state == State.OPEN and is_due(known, now):
            rehearse(session, learner_id, known.id)


def end_by_deadline(session: Session, attempt: Attempt, *, now: datetime) -> None:
    """End an attempt whose time is over, as of its deadline.  The caller holds its row."""
    blueprint = Blueprint.model_validate(attempt.blueprint)
    end = attempt.ends_at or now
    if blueprint.at_deadline is AtDeadline.GRACE:
        attempt.state = State.NEVER_SUBMITTED
        attempt.finished_at = end
        attempt.ended_by = EndedBy.DEADLINE
        attempt.release_at = end
        attempt.tallied_at = now
        return
    _finish(session, attempt, at=end, by=EndedBy.DEADLINE, now=now)


def _locked(session: Session, learner_id: int, attempt_id: str) -> Attempt | None:
    """The learner's row first, then the attempt's: the same order everywhere."""
    session.execute(select(Account.id).where(Account.id == learner_id).with_for_update(key_share=True))
    return attempts.of_learner(session, learner_id, attempt_id, lock=True)


def _finish(session: Session, attempt: Attempt, *, at: datetime, by: EndedBy, now: datetime) -> None:
    blueprint = Blueprint.model_validate(attempt.blueprint)
    slots = attempts.slots(session, attempt.learner_id, attempt.id)
    graded = _graded(session, slots)
    _add_grades(session, attempt, [s for s in slots if s.position in graded], graded, at)
    outcomes = [_outcome(slot, graded.get(slot.position)) for slot in slots]
    attempt.state = State.FINISHED
    attempt.finished_at = at
    attempt.ended_by = by
    attempt.score = score_of(outcomes, blueprint.marking, by_confidence=blueprint.marks_confidence)
    attempt.release_at = _release(blueprint, at)
    if attempt.release_at <= now and not is_trial(attempt.origin):
        fresh = [
            _result(attempt, slot, judged)
            for slot in slots
            for judged in [graded.get(slot.position)]
            if not slot.checked and not (judged and judged.verdict is None)
        ]
        progress.count(session, attempt.learner_id, fresh)
        attempt.tallied_at = now


def _graded(door: Door, slots: Sequence[SlotState]) -> dict[int, Judged]:
    """The grades of the saved answers that have none yet, by position."""
    ungraded = [slot for slot in slots if slot.verdict is None and slot.answered and not slot.checked]
    questions = revisions.asked_in(door, ungraded)
    return {
        slot.position: judged
        for slot, question in zip(ungraded, questions, strict=True)
        for judged in [_judged(question.body, slot)]
        if judged is not None
    }


def _judged(body: object, slot: SlotState) -> Judged | None:
    """The grade of a saved answer; None where it can no longer be read, so that it costs nothing."""
    try:
        return judge(body, slot.submission)  # type: ignore[arg-type]  # any body reads its own kind
    except UnreadableAnswer:
        return None


def _add_grades(
    session: Session, attempt: Attempt, slots: list[SlotState], graded: dict[int, Judged], at: datetime
) -> None:
    if not slots:
        return
    session.execute(
        insert(Step),
        [
            {
                "learner_id": attempt.learner_id,
                "attempt_id": attempt.id,
                "position": slot.position,
                "number": slot.number + 1,
                "kind": StepKind.GRADE,
                "at": at,
                "submission": slot.submission,
                "confidence": slot.confidence,
                "verdict": graded[slot.position].verdict,
                "credit": graded[slot.position].kept_credit,
                "bucket": graded[slot.position].bucket,
            }
            for slot in slots
        ],
    )


def _count_graded(session: Session, attempt: Attempt, now: datetime) -> None:
    """Count the results of a finished attempt at its release; what awaits a score counts with it."""
    slots = attempts.slots(session, attempt.learner_id, attempt.id)
    results = [
        _result(attempt, slot, None)
        for slot in slots
        if slot.kind != StepKind.CHECK and not slot.awaits_score
    ]
    progress.count(session, attempt.learner_id, results)
    attempt.tallied_at = now


def _outcome(slot: SlotState, judged: Judged | None) -> Outcome:
    """What a slot is scored by: the grade that was just made, or the one that is kept."""
    kept = slot.outcome
    return kept if judged is None else replace(kept, verdict=judged.verdict, credit=judged.credit)


def _result(attempt: Attempt, slot: SlotState, judged: Judged | None) -> progress.Result:
    return progress.result_of(
        attempt.id,
        slot,
        _outcome(slot, judged),
        at=attempt.finished_at or slot.at or attempt.started_at,
        asks_confidence=asks_confidence(attempt.blueprint),
    )


def _release(blueprint: Blueprint, finished_at: datetime) -> datetime:
    if blueprint.feedback_policy is Feedback.AFTER_CLOSE and blueprint.closes_at is not None:
        return max(blueprint.closes_at, finished_at)
    return finished_at
