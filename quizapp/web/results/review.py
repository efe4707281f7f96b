"""What the review page shows: every question of a released attempt, its filters and its pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from quizapp.db.models import Attempt
from quizapp.domain.attempts import is_dont_know, slow_positions, time_spent, weight_of
from quizapp.domain.certainty import Confidence
from quizapp.domain.grading import Verdict
from quizapp.domain.questions import Face, Question
from quizapp.domain.quizzes import Blueprint
from quizapp.queries import attempts, results, revisions
from quizapp.queries.attempts import SlotState
from quizapp.web.certainty import in_decimals, said
from quizapp.web.markup import markdown
from quizapp.web.results.report import points_of

PAGE = 20
MATH = 'class="math'


@dataclass(frozen=True, slots=True)
class Line:
    """One slot with what the filters ask about."""

    slot: SlotState
    spent: timedelta | None
    slow: bool

    @property
    def missed(self) -> bool:
        return self.slot.verdict != Verdict.RIGHT and not self.slot.awaits_score

    @property
    def guessed(self) -> bool:
        return self.slot.confidence == Confidence.LOW

    @property
    def sure_but_wrong(self) -> bool:
        return self.slot.verdict == Verdict.WRONG and self.slot.confidence == Confidence.HIGH

    def is_about(self, topic: str) -> bool:
        return not topic or topic in (self.slot.topic, self.slot.subtopic)


Filters = Mapping[str, tuple[str, Callable[[Line], bool], str]]

SHOWN: Filters = {
    "all": ("All", lambda line: True, "Nothing was asked here"),
    "missed": ("Missed", lambda line: line.missed, "Nothing missed in this quiz"),
    "flagged": ("Flagged", lambda line: line.slot.flagged, "Nothing flagged in this quiz"),
    "slow": ("Slow", lambda line: line.slow, "No answer took much longer than the others"),
    "guessed": ("Guessed", lambda line: line.guessed, "No answer was marked as a guess"),
}
"""Filters by their name in the address: label, test, and what an empty page says."""

SHOWN_WHERE_ASKED: Filters = {
    "all": SHOWN["all"],
    "missed": SHOWN["missed"],
    "sure": ("Sure but wrong", lambda line: line.sure_but_wrong, "No answer you were sure of was wrong"),
    "flagged": SHOWN["flagged"],
    "slow": SHOWN["slow"],
    "guessed": ("Not sure", lambda line: line.guessed, "You were not unsure of any answer"),
}
"""The same for a quiz that asks how sure one is."""


def lines_of(slots: Sequence[SlotState], spent: dict[int, timedelta]) -> list[Line]:
    slow = slow_positions(spent)
    return [Line(slot, spent.get(slot.position), slot.position in slow) for slot in slots]


@dataclass(frozen=True, slots=True)
class Selection:
    """One page of the lines that a filter lets through, and how many each filter would."""

    show: str
    topic: str
    lines: list[Line]
    filters: Filters
    counts: dict[str, int]
    page: int
    pages: int

    @property
    def empty_words(self) -> str:
        return self.filters[self.show][2]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for: a filter, a topic, and a page or the place that it holds."""

    show: str = "all"
    topic: str = ""
    page: int = 1
    at: int = 0


def select(lines: Sequence[Line], wanted: Wanted, filters: Filters = SHOWN) -> Selection:
    """Filter and cut.  An unknown filter shows all; a page that is too high shows the last.

    Of what was missed, the answers that the learner was sure of come first.
    """
    show = wanted.show if wanted.show in filters else "all"
    about = [line for line in lines if line.is_about(wanted.topic)]
    found = [line for line in about if filters[show][1](line)]
    if show == "missed" and "sure" in filters:
        found.sort(key=lambda line: not line.sure_but_wrong)
    pages = max(1, -(-len(found) // PAGE))
    before = sum(line.slot.position < wanted.at for line in found)
    page = min(max(before // PAGE + 1 if wanted.at else wanted.page, 1), pages)
    counts = {name: sum(map(fits, about)) for name, (_, fits, _) in filters.items()}
    return Selection(show, wanted.topic, found[(page - 1) * PAGE : page * PAGE], filters, counts, page, pages)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question as it was asked, with the answer that was given."""

    line: Line
    question: Question
    face: Face
    figure: str
    """The points in words, with how sure the learner was where that is marked."""
    possible: Decimal
    said: str
    """How sure the learner was, where the quiz asked for it and that is not in the figure."""
    hidden: bool
    """Whether a running exam asks it too, so that its key stays away for now."""

    @property
    def has_math(self) -> bool:
        return _holds_math(self.question.document())

    @property
    def dont_know(self) -> bool:
        return is_dont_know(self.line.slot.submission)

    @property
    def unreadable(self) -> bool:
        slot = self.line.slot
        return slot.answered and slot.verdict is None and not slot.awaits_score

    @property
    def is_for_people(self) -> bool:
        """Whether there is an answer that only a person can score."""
        return self.question.body.scored_by_people and self.line.slot.answered and not self.dont_know


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a score that was sent, and the levels that were chosen."""

    position: int
    words: tuple[str, str]
    """The field, and what to do."""
    given: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Everything that one page of a review shows."""

    chosen: Selection
    items: list[Reviewed]
    topics: list[str]
    """The topics one can pick from; none where there is nothing to choose between."""

    @property
    def has_math(self) -> bool:
        return any(item.has_math for item in self.items)


def _holds_math(part: Any) -> bool:
    """Whether any text of a document has math in it; a dollar alone may be code."""
    if isinstance(part, str):
        is_tex = "\\(" in part or "\\[" in part  # in HTML of other systems; here it is not known to be that
        return is_tex or ("$" in part and MATH in markdown(part))
    parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return any(_holds_math(each) for each in parts)


def review_of(session: Session, attempt: Attempt, wanted: Wanted) -> ReviewPage:
    """A page of a released attempt's review, in as many statements for 5 questions as for 200."""
    slots = attempts.slots(session, attempt.learner_id, attempt.id)
    moments = attempts.moments(session, attempt.learner_id, attempt.id)
    lines = lines_of(slots, time_spent(attempt.started_at, moments))
    blueprint = Blueprint.model_validate(attempt.blueprint)
    chosen = select(lines, wanted, SHOWN_WHERE_ASKED if blueprint.asks_confidence else SHOWN)
    hidden = results.asked_in_silence(session, attempt.learner_id)
    questions = revisions.asked_in(session, [line.slot for line in chosen.lines])
    items = [
        _reviewed(line, question, blueprint, hidden)
        for line, question in zip(chosen.lines, questions, strict=True)
    ]
    topics = sorted({slot.topic for slot in slots})
    return ReviewPage(chosen, items, topics if len(topics) > 1 else [])


def _reviewed(line: Line, question: Question, blueprint: Blueprint, hidden: set[int]) -> Reviewed:
    points = points_of(line.slot, blueprint.marking, by_confidence=blueprint.marks_confidence)
    asked = blueprint.asks_confidence
    answered = line.slot.verdict is not None and not is_dont_know(line.slot.submission)
    in_figure = blueprint.marks_confidence and answered
    return Reviewed(
        line,
        question,
        question.body.face(line.slot.seed),
        said(line.slot.confidence, points) if in_figure else in_decimals(points),
        weight_of(line.slot.points, blueprint.marking),
        said(line.slot.confidence) if asked and answered and not in_figure else "",
        line.slot.question_id in hidden,
    )
