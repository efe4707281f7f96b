"""Use cases of people who score what no program can judge: the learner alone, or the instructor."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from quizapp.db.models import Attempt, Step
from quizapp.domain.attempts import Judged, State, StepKind, is_dont_know, is_trial, judge, score_of
from quizapp.domain.errors import HeldBack, NotFound, NotReleased
from quizapp.domain.permissions import Actor
from quizapp.domain.questions import Body, Submission
from quizapp.domain.quizzes import Blueprint, asks_confidence, scores_oneself
from quizapp.queries import attempts, results, revisions, scoring
from quizapp.queries.attempts import SlotState
from quizapp.services import finishing, progress, rebuilding
from quizapp.services.starting import locked_learner


@dataclass(frozen=True, slots=True)
class _Answer:
    """A final answer that somebody may score now."""

    attempt: Attempt
    slot: SlotState
    body: Body[Any]


def score_own(
    session: Session,
    learner_id: int,
    attempt_id: str,
    position: int,
    given: Submission,
    *,
    now: datetime,
) -> Judged:
    """A learner scores an own answer against its rubric; done again, the later score counts.

    Allowed once the results are released, or the answer was checked in practice.  Raises
    `NotFound`, `NotReleased`, `HeldBack` and `Refused` with the field that is wrong.
    """
    locked_learner(session, learner_id)
    finishing.settle(session, learner_id, now=now)
    answer = _answer(session, learner_id, attempt_id, position)
    if not scores_oneself(answer.attempt.blueprint):
        raise NotFound
    if answer.attempt.state == State.FINISHED and not results.is_released(answer.attempt, now):
        raise NotReleased(answer.attempt.release_at)
    if answer.slot.question_id in results.asked_in_silence(session, learner_id):
        raise HeldBack
    return _score(session, answer, given, now)


def score_for(
    session: Session,
    actor: Actor,
    learner_id: int,
    attempt_id: str,
    position: int,
    given: Submission,
    *,
    now: datetime,
) -> Judged:
    """Whoever owns a quiz scores an answer given in it, where the quiz wants that, released or not.

    Raises `NotFound` and `Refused`.
    """
    scoring.require_scorer(session, actor, learner_id, attempt_id)
    locked_learner(session, learner_id)
    finishing.settle(session, learner_id, now=now)
    return _score(session, _answer(session, learner_id, attempt_id, position), given, now)


def _answer(session: Session, learner_id: int, attempt_id: str, position: int) -> _Answer:
    """The answer, held until the commit.  Raises `NotFound`, and `NotReleased` while it can change."""
    attempt = attempts.of_learner(session, learner_id, attempt_id, lock=True)
    standing = attempts.standing(session, learner_id, attempt_id, position, lock=False)
    if attempt is None or standing is None:
        raise NotFound
    slot = standing.slot
    body = revisions.asked(session, slot).body
    if not body.scored_by_people or not slot.answered or is_dont_know(slot.submission):
        raise NotFound
    if attempt.state == State.OPEN and not slot.checked:
        raise NotReleased(None)
    if not (slot.awaits_score or slot.kind == StepKind.SCORE):
        raise NotFound
    return _Answer(attempt, slot, body)


def _score(session: Session, answer: _Answer, given: Submission, now: datetime) -> Judged:
    attempt, slot = answer.attempt, answer.slot
    submission = {name: [*values] for name, values in answer.body.scored(slot.submission, given).items()}
    judged = judge(answer.body, submission)
    if submission == slot.submission:
        return judged  # the same score was sent again
    # A score never seems to be older than the count that it came too late for.
    at = max(now, attempt.tallied_at or now)
    _add_step(session, answer, submission, judged, at)
    if attempt.state == State.FINISHED:
        attempt.score = _score_of(session, attempt)
        session.flush()
    _count(session, answer, judged, at)
    return judged


def _add_step(
    session: Session, answer: _Answer, submission: dict[str, list[str]], judged: Judged, at: datetime
) -> None:
    session.execute(
        insert(Step).values(
            learner_id=answer.attempt.learner_id,
            attempt_id=answer.attempt.id,
            position=answer.slot.position,
            number=answer.slot.number + 1,
            kind=StepKind.SCORE,
            at=at,
            submission=submission,
            confidence=answer.slot.confidence,
            verdict=judged.verdict,
            credit=judged.kept_credit,
            bucket=judged.bucket,
        )
    )


def _score_of(session: Session, attempt: Attempt) -> Decimal:
    blueprint = Blueprint.model_validate(attempt.blueprint)
    slots = attempts.slots(session, attempt.learner_id, attempt.id)
    return score_of(
        [slot.outcome for slot in slots], blueprint.marking, by_confidence=blueprint.marks_confidence
    )


def _count(session: Session, answer: _Answer, judged: Judged, at: datetime) -> None:
    """Count a first score; after a later one the learner's rows are made anew, which is rare.

    Before the release nothing is counted: the release does it.
    """
    attempt, slot = answer.attempt, answer.slot
    if is_trial(attempt.origin):
        return
    if attempt.state == State.FINISHED and attempt.tallied_at is None:
        return
    if slot.verdict is not None:
        rebuilding.recount(session, attempt.learner_id)
        return
    result = progress.result_of(
        attempt.id,
        slot,
        replace(slot.outcome, verdict=judged.verdict, credit=judged.credit),
        at=at,
        asks_confidence=asks_confidence(attempt.blueprint),
    )
    progress.count(session, attempt.learner_id, [result])
