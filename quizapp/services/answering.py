"""Use cases of a learner answering questions."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from quizapp.db.models import Slot, Step
from quizapp.db.prepared import Door, Prepared
from quizapp.db.upsert import insert_new
from quizapp.domain.attempts import (
    Judged,
    Outcome,
    State,
    StepKind,
    bounded,
    is_dont_know,
    judge,
)
from quizapp.domain.certainty import Confidence
from quizapp.domain.errors import (
    AlreadyChecked,
    AlreadyFinished,
    ChangedElsewhere,
    HeldBack,
    NotAllowed,
    NotFound,
    TimeIsUp,
    UnreadableAnswer,
)
from quizapp.domain.modes import quiz_modes
from quizapp.domain.permissions import Credential
from quizapp.domain.questions import Body, Submission
from quizapp.queries import attempts, results, revisions
from quizapp.queries.attempts import SlotState, Standing
from quizapp.services import finishing, progress
from quizapp.services.starting import locked_learner

MAX_NUMBER = 1_000_000


@dataclass(frozen=True, slots=True)
class Saved:
    """What the page is told: the answer's sequence number and when it was on disk."""

    number: int
    at: datetime
    read_as: str = ""
    """How the answer was understood, where there can be a doubt; it says nothing of the key."""


def save_answer(
    door: Door,
    learner_id: int,
    attempt_id: str,
    position: int,
    submission: Submission,
    *,
    number: int,
    confidence: Confidence | None = None,
    now: datetime,
) -> Saved:
    """Keep an answer.  Nothing is graded, so right and wrong answers look alike.

    `number` is the sequence number that this save wants to be: one more than the
    last one its page knows.  The same save sent again changes nothing.  Raises
    `NotFound`, `AlreadyFinished`, `AlreadyChecked`, `TimeIsUp`, `AnswersAreClosed`,
    `ChangedElsewhere` and `UnreadableAnswer`; none of them leaves a step.
    """
    standing = attempts.standing(door, learner_id, attempt_id, position, lock=True)
    return _save(door, standing, learner_id, attempt_id, position, submission, number, confidence, now)


def save_from_browser(
    door: Door,
    who: Credential,
    attempt_id: str,
    position: int,
    submission: Submission,
    *,
    number: int,
    confidence: Confidence | None = None,
    now: datetime,
) -> Saved:
    """The same for the player: who asks is checked in the statement that reads the answer's state.

    `NotFound` can also mean that the browser is not signed in.
    """
    standing = attempts.standing_of_browser(door, who, attempt_id, position, now)
    return _save(door, standing, who.account_id, attempt_id, position, submission, number, confidence, now)


def _save(
    door: Door,
    standing: Standing | None,
    learner_id: int,
    attempt_id: str,
    position: int,
    submission: Submission,
    number: int,
    confidence: Confidence | None,
    now: datetime,
) -> Saved:
    slot = _require_open(standing, now).slot
    body = revisions.asked(door, slot).body
    kept = bounded(body.of_learner(submission))
    confidence = None if is_dont_know(kept) else confidence
    if _is_replay(slot, number, kept, confidence):
        return Saved(slot.number, slot.at or now, echo_of(body, kept))
    read_as = echo_of(body, kept)
    step = _step(learner_id, attempt_id, position, number, StepKind.SAVE, now, kept, confidence)
    if not _INSERT_STEP.run(door, **step):
        return _beaten(door, step)
    return Saved(number, now, read_as)


def echo_of(body: Body[Any], submission: Submission) -> str:
    """How an answer is understood; "I don't know" needs no reading.  Raises `UnreadableAnswer`."""
    if not submission or is_dont_know(submission):
        return ""
    return body.echo(body.read(submission))


def rehearse(
    session: Session,
    learner_id: int,
    attempt_id: str,
    position: int,
    submission: Submission,
    *,
    number: int,
    now: datetime,
) -> None:
    """Grade an answer that has to be run, before the transaction that keeps its grade (see `finishing`).

    Nothing is run that `check_answer` would refuse: it could be sent again and again.  Raises what
    that raises for an answer that can no longer be changed.
    """
    standing = _require_open(attempts.standing(session, learner_id, attempt_id, position, lock=False), now)
    slot, body = standing.slot, revisions.asked(session, standing.slot).body
    if not body.can_run or not quiz_modes[standing.mode].feedback_at_once:
        return
    if slot.question_id in results.asked_in_silence(session, learner_id):
        finishing.rehearse_due(session, learner_id, now=now)
        return
    with suppress(UnreadableAnswer):
        kept = bounded(body.of_learner(submission))
        if kept and (number == slot.number + 1 or kept == slot.submission):
            judge(body, kept)


def check_answer(
    session: Session,
    learner_id: int,
    attempt_id: str,
    position: int,
    submission: Submission,
    *,
    number: int,
    confidence: Confidence | None = None,
    now: datetime,
) -> Judged:
    """Grade an answer at once, in a mode that does so; the first check counts.

    What only people can judge is shown its feedback, too, and awaits a score.  Raises what
    `save_answer` raises, `NotAllowed` in a silent mode, and `HeldBack`.
    """
    locked_learner(session, learner_id)
    standing = _require_open(attempts.standing(session, learner_id, attempt_id, position, lock=True), now)
    slot = standing.slot
    if not quiz_modes[standing.mode].feedback_at_once:
        raise NotAllowed("This quiz shows feedback after it is submitted.")
    _require_told(session, learner_id, slot.question_id, now)
    body = revisions.asked(session, slot).body
    kept = bounded(body.of_learner(submission))
    if not kept:
        raise UnreadableAnswer("Answer the question first, or choose “I don't know”.")
    if number != slot.number + 1 and kept != slot.submission:
        raise ChangedElsewhere(slot.number, slot.submission)
    judged = judge(body, kept)
    confidence = None if is_dont_know(kept) else confidence
    step = _step(learner_id, attempt_id, position, slot.number + 1, StepKind.CHECK, now, kept, confidence)
    step |= {"verdict": judged.verdict, "credit": judged.kept_credit, "bucket": judged.bucket}
    if not _INSERT_STEP.run(session, **step):
        _beaten(session, step)
        raise AlreadyChecked
    if judged.verdict is not None:  # or else it counts once it is scored
        outcome = Outcome(slot.points, judged.verdict, judged.credit, confidence)
        _count(session, learner_id, attempt_id, slot, outcome, now)
    return judged


def _count(
    session: Session, learner_id: int, attempt_id: str, slot: SlotState, outcome: Outcome, now: datetime
) -> None:
    how = attempts.counting(session, learner_id, attempt_id)
    if how.is_trial:
        return
    result = progress.result_of(attempt_id, slot, outcome, at=now, asks_confidence=how.asks_confidence)
    progress.count(session, learner_id, [result])


def flag(
    session: Session, learner_id: int, attempt_id: str, position: int, *, flagged: bool, now: datetime
) -> None:
    """Mark a question to come back to, or take the mark away.  Allowed until the end."""
    standing = attempts.standing(session, learner_id, attempt_id, position, lock=True)
    if standing is None:
        raise NotFound
    _require_running(standing, now)
    session.execute(
        update(Slot)
        .where(Slot.learner_id == learner_id, Slot.attempt_id == attempt_id, Slot.position == position)
        .values(flagged=flagged)
    )


def _require_told(session: Session, learner_id: int, question_id: int, now: datetime) -> None:
    """Raise `HeldBack` while an exam of the learner asks the question too; its time may be over, though."""
    if question_id in results.asked_in_silence(session, learner_id):
        finishing.settle(session, learner_id, now=now)
        if question_id in results.asked_in_silence(session, learner_id):
            raise HeldBack


def _require_open(standing: Standing | None, now: datetime) -> Standing:
    if standing is None:
        raise NotFound
    _require_running(standing, now)
    standing.clock.require_open(now)
    if standing.slot.checked:
        raise AlreadyChecked
    return standing


def _require_running(standing: Standing, now: datetime) -> None:
    if standing.state == State.OPEN and not standing.clock.is_over(now):
        return
    deadline = standing.clock.deadline
    if deadline is not None and now > deadline:
        raise TimeIsUp(deadline)
    raise AlreadyFinished


def _is_replay(
    slot: SlotState, number: int, submission: Mapping[str, Any], confidence: Confidence | None
) -> bool:
    """Whether this very save is here already.  Raises `ChangedElsewhere` for a stale page."""
    same = dict(submission) == slot.submission and confidence == slot.confidence
    if slot.number and same:
        return True
    if number != slot.number + 1 or number > MAX_NUMBER:
        raise ChangedElsewhere(slot.number, slot.submission)
    return not submission and confidence is None and not slot.number


def _step(
    learner_id: int,
    attempt_id: str,
    position: int,
    number: int,
    kind: StepKind,
    now: datetime,
    submission: dict[str, list[str]],
    confidence: Confidence | None,
) -> dict[str, Any]:
    return {
        "learner_id": learner_id,
        "attempt_id": attempt_id,
        "position": position,
        "number": number,
        "kind": kind,
        "at": now,
        "submission": submission,
        "confidence": confidence,
        "verdict": None,
        "credit": None,
        "bucket": None,
    }


_INSERT_STEP = Prepared(lambda dialect: insert_new(Step, dialect.name))


def _beaten(door: Door, step: dict[str, Any]) -> Saved:
    """Another save came first.  The same one is as good as ours; any other wins.

    On PostgreSQL the standing that was read while waiting for the attempt's lock
    can be older than the save that held it, so only now is the newer one seen.
    """
    standing = attempts.standing(door, step["learner_id"], step["attempt_id"], step["position"], lock=False)
    assert standing is not None  # it was there a moment ago
    theirs = (standing.slot.submission, standing.slot.confidence, standing.slot.kind)
    if theirs == (step["submission"], step["confidence"], step["kind"]):
        return Saved(standing.slot.number, standing.slot.at or step["at"])
    raise ChangedElsewhere(standing.slot.number, standing.slot.submission)
