"""What the pages of a running attempt show.  While it is open, no key comes near a template."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, url_for

from quizapp.domain.attempts import State, earned, is_dont_know, weight_of
from quizapp.domain.certainty import ConfidenceRule
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.modes import Mode, quiz_modes
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Face, Question
from quizapp.domain.quizzes import Marking, confidence_rule, scores_oneself
from quizapp.domain.timing import Reason
from quizapp.queries import attempts, results, revisions
from quizapp.queries.attempts import SeenAttempt, SlotState
from quizapp.services import answering, finishing
from quizapp.web import certainty
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading
from quizapp.web.foreign_markup import may_have_math
from quizapp.web.settling import settle

REASONS = {
    Reason.TIME_LIMIT: "the quiz's time limit",
    Reason.EXTRA_TIME: "the time limit with your extra time",
    Reason.QUIZ_CLOSES: "the moment at which the quiz closes",
}
SHORT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Sitting:
    """A learner's attempt as its pages need it."""

    attempt: SeenAttempt
    slots: list[SlotState]
    at: datetime

    @property
    def is_open(self) -> bool:
        return self.attempt.state == State.OPEN

    @property
    def mode(self) -> type[Mode]:
        return quiz_modes[self.attempt.mode]

    @property
    def answered(self) -> int:
        return sum(slot.answered for slot in self.slots)

    @property
    def in_grace(self) -> bool:
        return attempts.clock_of(self.attempt).in_grace(self.at)

    @property
    def seconds_left(self) -> int | None:
        return attempts.clock_of(self.attempt).seconds_left(self.at)

    @property
    def seconds_in_all(self) -> int | None:
        end = self.attempt.deadline_at
        return None if end is None else int((end - self.attempt.started_at).total_seconds())

    @property
    def reason(self) -> str:
        known = self.attempt.deadline_reason
        return REASONS[Reason(known)] if known else ""

    @property
    def is_short(self) -> bool:
        return self.seconds_left is not None and self.seconds_left < SHORT_SECONDS

    def slot(self, position: int) -> SlotState:
        if not 1 <= position <= len(self.slots):
            abort(404)
        return self.slots[position - 1]

    @property
    def confidence(self) -> ConfidenceRule:
        return confidence_rule(self.attempt.blueprint)

    @property
    def scores_oneself(self) -> bool:
        return scores_oneself(self.attempt.blueprint)

    def scale(self, slot: SlotState) -> certainty.Scale:
        """How sure one can be of an answer, and what that does to the question's points."""
        return certainty.scale(self.confidence, weight_of(slot.points, self._marking))

    def said(self, slot: SlotState) -> str:
        """How sure the learner was of a checked answer, and what that earned; empty where not asked."""
        if self.confidence is ConfidenceRule.NONE or is_dont_know(slot.submission):
            return ""
        if self.confidence is ConfidenceRule.ASKED or slot.verdict is None:
            return certainty.said(slot.confidence)
        points = earned(slot.outcome, self._marking, by_confidence=True)
        return f"{certainty.said(slot.confidence, points)} {'point' if points == 1 else 'points'}"

    @property
    def _marking(self) -> Marking:
        return Marking.model_validate(self.attempt.blueprint.get("marking", {}))

    def first_unanswered(self) -> int | None:
        return next((slot.position for slot in self.slots if not slot.answered), None)

    def map(self, current: int | None = None) -> list[dict[str, Any]]:
        """The squares of the question map."""
        base = url_for("taking.resume", attempt_id=self.attempt.id)
        return [
            {
                "number": slot.position,
                "href": f"{base}/questions/{slot.position}",
                "answered": slot.answered,
                "flagged": slot.flagged,
                "current": slot.position == current,
            }
            for slot in self.slots
        ]


def sitting_of(attempt_id: str) -> Sitting:
    """The learner's own attempt; 404 for any other.  One whose time is over is settled first."""
    learner, moment = actor(), now()
    attempt = attempts.seen(reading(), learner.id, attempt_id)
    if attempt is None:
        abort(404)
    if attempt.state == State.OPEN and finishing.is_due(attempt, moment):
        settle(learner.id, moment)
        attempt = attempts.seen(reading(), learner.id, attempt_id)
        assert attempt is not None  # attempts are never deleted
    return Sitting(attempt, attempts.slots(reading(), learner.id, attempt_id), moment)


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """One question of an open attempt.

    `revealed` holds the whole of it once it was checked, unless an exam asks it too.
    """

    slot: SlotState
    type: str
    stem: str
    level: str
    face: Face
    read_as: str
    """How the saved answer is understood, where that is worth saying."""
    revealed: Question | None

    @property
    def checked(self) -> bool:
        return self.slot.checked

    @property
    def by_people(self) -> bool:
        """Whether a person scores it; then it is not asked how sure one is."""
        return question_types[self.type].scored_by_people

    @property
    def has_math(self) -> bool:
        """Whether there may be math on the page; a dollar alone may be code."""
        told = str(self.revealed.document()) if self.revealed else ""
        return may_have_math(f"{self.stem}{self.face}{told}".replace("\\\\", "\\"))


def shown_question(slot: SlotState) -> ShownQuestion:
    """The question of a slot, as far as it may be shown now."""
    question = revisions.asked(reading(), slot)
    told = slot.checked and not _is_held_back(slot)
    return ShownQuestion(
        slot,
        question.type,
        question.stem,
        question.level,
        question.body.face(slot.seed),
        _read_as(question, slot),
        question if told else None,
    )


def _read_as(question: Question, slot: SlotState) -> str:
    try:
        return answering.echo_of(question.body, slot.submission)
    except UnreadableAnswer:
        return ""


def ran(slot: SlotState) -> Mapping[str, Any] | None:
    """What comes of trying out the saved answer of a question; None where there is nothing to try."""
    body = revisions.asked(reading(), slot).body
    if not body.can_run or not slot.answered or is_dont_know(slot.submission):
        return None
    return body.run(body.read(slot.submission))


def _is_held_back(slot: SlotState) -> bool:
    return slot.question_id in results.asked_in_silence(reading(), actor().id)
