"""A quiz is a blueprint: what is asked, and under which rules."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from quizapp.domain.certainty import ConfidenceRule
from quizapp.domain.modes import quiz_modes
from quizapp.domain.questions import Document, Level, Line, Slug, Words

MAX_SLOTS = 200
MAX_MINUTES = 24 * 60
LAST_YEAR = 9999
"""No moment lies in it, so that a grace period can be added to any."""

FAR_OFF = "lies outside the calendar"


class Feedback(StrEnum):
    """When verdicts, keys and explanations are shown."""

    DURING = "during"
    AFTER_SUBMIT = "after_submit"
    AFTER_CLOSE = "after_close"


class AtDeadline(StrEnum):
    """What happens when the time is up."""

    AUTOSUBMIT = "autosubmit"
    """The saved answers are handed in."""
    GRACE = "grace"
    """For a while one may still submit, but not change; unsubmitted is not graded."""


class OpenAnswers(StrEnum):
    """Who scores the answers that only people can judge."""

    SELF = "self"
    """The learner, against the rubric."""
    INSTRUCTOR = "instructor"
    """Whoever the quiz belongs to."""


class Weights(StrEnum):
    POINTS = "points"
    """Every question counts its own points."""
    EQUAL = "equal"
    """Every question counts one."""


class Marking(Document):
    """How grades become a score."""

    weights: Weights = Weights.POINTS
    penalty: Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)] = Decimal(0)
    """The share of a question's points that a wrong answer costs; no answer costs nothing."""


class HandsOn(StrEnum):
    """Whether a draw takes tasks that are worked on for minutes: SQL, HTTP requests, open answers."""

    WITHOUT = "without"
    WITH = "with"
    ONLY = "only"


class Draw(Document):
    """Some questions, drawn from all that fit.  What is left out fits everything."""

    count: Annotated[int, Field(ge=1, le=MAX_SLOTS)]
    topic: Slug | None = None
    subtopic: Slug | None = None
    levels: tuple[Level, ...] = ()
    type: str | None = None
    types: tuple[str, ...] = ()
    """Several types, any of which fits."""
    hands_on: HandsOn = HandsOn.WITHOUT
    """Nobody who draws short questions is surprised by a long task; a named type is always drawn."""


class Item(Document):
    """One line of a blueprint: a fixed question, or a draw."""

    question: Slug | None = None
    draw: Draw | None = None
    points: Annotated[int, Field(ge=1, le=100)] | None = None
    """Counts instead of the question's own points."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.question is None) == (self.draw is None):
            raise ValueError("give either `question` or `draw`")
        return self

    @property
    def count(self) -> int:
        return self.draw.count if self.draw else 1


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("needs a time zone, such as 2026-12-01T09:00:00Z")
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(FAR_OFF) from None
    if utc.year >= LAST_YEAR:
        raise ValueError(FAR_OFF)
    return utc


Moment = Annotated[datetime, AfterValidator(_aware)]


class Blueprint(Document):
    """Everything that decides what a sitting is like.  An attempt keeps its own copy."""

    id: Slug
    title: Line
    description: Words = ""
    mode: str = "exam"
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=MAX_SLOTS)]
    shuffle_questions: bool = True
    shuffle_options: bool = True
    time_limit_minutes: Annotated[Decimal, Field(gt=0, le=MAX_MINUTES)] | None = None
    attempts_allowed: Annotated[int, Field(ge=1, le=1000)] | None = None
    """None: as many as one likes."""
    wait_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 60)] = 0
    """How long after an attempt's end the next may start."""
    pass_mark: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    """In per cent of the points."""
    marking: Marking = Marking()
    confidence: ConfidenceRule = ConfidenceRule.NONE
    open_answers: OpenAnswers = OpenAnswers.SELF
    feedback: Feedback | None = None
    """Left out, the mode decides."""
    at_deadline: AtDeadline = AtDeadline.AUTOSUBMIT
    grace_minutes: Annotated[int, Field(ge=1, le=MAX_MINUTES)] | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None

    @field_validator("mode")
    @classmethod
    def _known_mode(cls, value: str) -> str:
        if value not in quiz_modes:
            raise ValueError(f"should be one of: {', '.join(quiz_modes)}")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for broken, message in self._contradictions():
            if broken:
                raise ValueError(message)
        return self

    def _contradictions(self) -> list[tuple[bool, str]]:
        """Each combination that could not be kept, with what to say about it."""
        at_once = quiz_modes[self.mode].feedback_at_once
        grace = self.at_deadline is AtDeadline.GRACE
        window = self.opens_at is not None and self.closes_at is not None
        ends = self.time_limit_minutes is not None or self.closes_at is not None
        return [
            (
                self.feedback is Feedback.DURING and not at_once,
                f"mode {self.mode!r} is silent until the end, so feedback cannot be `during`",
            ),
            (
                self.feedback is not None and self.feedback is not Feedback.DURING and at_once,
                f"mode {self.mode!r} gives feedback at once, so feedback must be `during`",
            ),
            (
                self.feedback is Feedback.AFTER_CLOSE and self.closes_at is None,
                "feedback `after_close` needs `closes_at`",
            ),
            (
                window and not self.opens_at < self.closes_at,  # type: ignore[operator]  # both are given
                "`closes_at` must be later than `opens_at`",
            ),
            (grace != (self.grace_minutes is not None), "`grace` and `grace_minutes` go together"),
            (grace and not ends, "a grace period needs a time limit or `closes_at`"),
            (
                self.marks_confidence and self.marking.penalty > 0,
                "confidence `marked` says what a wrong answer costs, so `penalty` must be left out",
            ),
            (self.slots > MAX_SLOTS, f"asks for {self.slots} questions; at most {MAX_SLOTS} are allowed"),
        ]

    @property
    def slots(self) -> int:
        """How many questions a learner is asked."""
        return sum(item.count for item in self.items)

    @property
    def asks_confidence(self) -> bool:
        return self.confidence is not ConfidenceRule.NONE

    @property
    def marks_confidence(self) -> bool:
        return self.confidence is ConfidenceRule.MARKED

    @property
    def feedback_policy(self) -> Feedback:
        if self.feedback is not None:
            return self.feedback
        return Feedback.DURING if quiz_modes[self.mode].feedback_at_once else Feedback.AFTER_SUBMIT

    def document(self) -> dict[str, Any]:
        """The document that files and the database share."""
        return self.model_dump(mode="json", exclude_defaults=True)


def confidence_rule(document: Mapping[str, Any]) -> ConfidenceRule:
    """The rule in a stored blueprint, without reading the rest of it."""
    return ConfidenceRule(document.get("confidence", ConfidenceRule.NONE))


def scores_oneself(document: Mapping[str, Any]) -> bool:
    """Whether learners score their own open answers under a stored blueprint."""
    return bool(document.get("open_answers", OpenAnswers.SELF) == OpenAnswers.SELF)


def asks_confidence(document: Mapping[str, Any]) -> bool:
    return confidence_rule(document) is not ConfidenceRule.NONE
