"""What learners read before they start, and before they submit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from quizapp.db.models import Quiz
from quizapp.domain.attempts import is_dont_know
from quizapp.domain.errors import NotAvailable, NotFound, UnreadableAnswer
from quizapp.domain.modes import Mode, quiz_modes
from quizapp.domain.questions import Body
from quizapp.domain.quizzes import AtDeadline, Blueprint, Feedback, OpenAnswers
from quizapp.domain.timing import Allowance, Reason, deadline_of
from quizapp.queries import attempts, quizzes, revisions
from quizapp.queries.attempts import SlotState, Taken
from quizapp.services import starting
from quizapp.web import certainty
from quizapp.web.filters import number, plural
from quizapp.web.markup import plain_text


@dataclass(frozen=True, slots=True)
class Offer:
    """A quiz as a learner may take it now."""

    uid: str
    blueprint: Blueprint
    mode: type[Mode]
    taken: Taken
    running: str | None
    """The id of the learner's running attempt."""
    refusal: str
    """Why it cannot be started now; empty when it can."""
    percent: Decimal | None
    """The usual limit in per cent for this learner; None: no limit."""
    is_cut_short: bool
    """Whether the quiz closes before the learner's full time would be over."""

    @property
    def minutes(self) -> str:
        limit = self.blueprint.time_limit_minutes
        return f"{number(limit)} min" if limit is not None else "No limit"

    @property
    def attempts_left(self) -> str:
        allowed = self.blueprint.attempts_allowed
        if allowed is None:
            return "As many as you like"
        return f"{max(0, allowed - self.taken.times)} of {allowed} left"

    def facts(self) -> list[tuple[str, str]]:
        """What one should know before the clock starts."""
        plan = self.blueprint
        rows = [
            ("Mode", f"{self.mode.title}. {self.mode.summary}"),
            ("Questions", str(plan.slots)),
            ("Time limit", self._limit_words()),
            ("Attempts", self.attempts_left),
            ("Pass mark", f"{number(plan.pass_mark)} %" if plan.pass_mark is not None else "None"),
            ("Feedback", FEEDBACK[plan.feedback_policy]),
        ]
        if plan.time_limit_minutes is not None or plan.closes_at is not None:
            rows.append(("When time is up", self._at_zero()))
        if plan.marking.penalty:
            rows.append(("Wrong answers", f"Each costs {number(plan.marking.penalty)} of its points"))
        if plan.asks_confidence:
            rows.append(("How sure you are", certainty.FACTS[plan.confidence]))
        if plan.open_answers is OpenAnswers.INSTRUCTOR:
            rows.append(("Open answers", "Your instructor scores them; the result is complete after that"))
        rows.append(("Going back", GOING_BACK[self.mode.feedback_at_once]))
        return rows

    @property
    def scale(self) -> certainty.Scale:
        """What each level of confidence earns and costs."""
        return certainty.scale(self.blueprint.confidence)

    def _limit_words(self) -> str:
        limit = self.blueprint.time_limit_minutes
        if limit is None:
            return "None"
        if self.percent is None:
            return "None for you: your instructor lifted it"
        if self.percent != 100:
            own = limit * self.percent / 100
            return f"{number(own)} min for you ({self.minutes} with your extra time)"
        return self.minutes

    def _at_zero(self) -> str:
        if self.blueprint.at_deadline is AtDeadline.AUTOSUBMIT:
            return "Your saved answers are submitted by themselves"
        grace = plural(self.blueprint.grace_minutes or 0, "minute")
        return f"You have {grace} to submit, without changing answers; then nothing is graded"


TYPED = ("text", "number")
"""Fields whose text is shown as it was typed, and not as it is read."""

ANSWER_CHARS = 160
GOING_BACK = {
    False: "You can move between questions and change answers until you submit",
    True: "You can move between questions and change answers until you check them",
}
FEEDBACK = {
    Feedback.DURING: "After every question",
    Feedback.AFTER_SUBMIT: "When you have submitted",
    Feedback.AFTER_CLOSE: "When the quiz has closed for everybody",
}


def shelves(session: Session, learner_id: int, now: datetime) -> list[Offer]:
    """Every published quiz, with what the learner did with it."""
    taken = attempts.taken_by_origin(session, learner_id)
    percent = attempts.time_percent(session, learner_id)
    return [_offer(quiz, taken, percent, now) for quiz in quizzes.published(session)]


def offer(session: Session, learner_id: int, uid: str, now: datetime) -> Offer:
    """One published quiz.  Raises `NotFound`."""
    quiz = quizzes.published_by_uid(session, uid)
    if quiz is None:
        raise NotFound
    percent = attempts.time_percent(session, learner_id)
    return _offer(quiz, attempts.taken_by_origin(session, learner_id), percent, now)


def _offer(quiz: Quiz, taken: dict[str, Taken], percent: Decimal | None, now: datetime) -> Offer:
    blueprint = quizzes.blueprint_of(quiz)
    mine = taken.get(f"quiz:{quiz.id}", Taken(0, None))
    refusal = ""
    if mine.running is None:
        try:
            starting.require_available(blueprint, mine, now)
        except NotAvailable as error:
            refusal = str(error)
    allowance = Allowance(None if percent is None else percent / 100)
    end = deadline_of(blueprint, now, allowance)
    cut_short = (
        end is not None and end.reason is Reason.QUIZ_CLOSES and blueprint.time_limit_minutes is not None
    )
    return Offer(
        quiz.uid, blueprint, quiz_modes[blueprint.mode], mine, mine.running, refusal, percent, cut_short
    )


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One question on the page before submitting."""

    slot: SlotState
    stem: str
    answer: str
    """The learner's answer in words; empty when there is none."""


def summary_lines(session: Session, slots: Sequence[SlotState]) -> list[SummaryLine]:
    """Every question with the answer given, in one statement at most."""
    questions = revisions.asked_in(session, slots)
    return [
        SummaryLine(slot, plain_text(question.stem), _in_words(question.body, slot))
        for slot, question in zip(slots, questions, strict=True)
    ]


def _in_words(body: Body[Any], slot: SlotState) -> str:
    """What was typed or chosen, as the learner saw it.  It never says whether it is right."""
    if not slot.answered:
        return ""
    if is_dont_know(slot.submission):
        return "I don't know"
    try:
        answer = body.read(slot.submission)
    except UnreadableAnswer:
        return "Could not be read"
    typed = [text for name in TYPED for text in slot.submission.get(name, ())]
    options = body.face(slot.seed).get("options", ())
    chosen = [option["text"] for option in options if option["id"] in slot.submission.get("choice", ())]
    # What is far longer than what is shown need not be rendered, or remembered.
    words = ("; ".join(chosen) or body.spoken(answer))[: 10 * ANSWER_CHARS]
    return typed[0] if typed else plain_text(words, ANSWER_CHARS)
