"""What the review page shows: every question of a released attempt, its filters and its pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from quizapp.domain.attempts import Confidence, is_dont_know, slow_positions, weight_of
from quizapp.domain.grading import Verdict
from quizapp.domain.questions import Face, Question
from quizapp.domain.quizzes import Marking
from quizapp.queries.attempts import SlotState
from quizapp.web.results.report import points_of

PAGE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One slot with what the filters ask about."""

    slot: SlotState
    spent: timedelta | None
    slow: bool

    @property
    def missed(self) -> bool:
        return self.slot.verdict != Verdict.RIGHT

    @property
    def guessed(self) -> bool:
        return self.slot.confidence == Confidence.LOW

    def is_about(self, topic: str) -> bool:
        return not topic or topic in (self.slot.topic, self.slot.subtopic)


SHOWN: Mapping[str, tuple[str, Callable[[Line], bool], str]] = {
    "all": ("All", lambda line: True, "Nothing was asked here"),
    "missed": ("Missed", lambda line: line.missed, "Nothing missed in this quiz"),
    "flagged": ("Flagged", lambda line: line.slot.flagged, "Nothing flagged in this quiz"),
    "slow": ("Slow", lambda line: line.slow, "No answer took much longer than the others"),
    "guessed": ("Guessed", lambda line: line.guessed, "No answer was marked as a guess"),
}
"""Filters by their name in the address: label, test, and what an empty page says."""


def lines_of(slots: Sequence[SlotState], spent: dict[int, timedelta]) -> list[Line]:
    slow = slow_positions(spent)
    return [Line(slot, spent.get(slot.position), slot.position in slow) for slot in slots]


@dataclass(frozen=True, slots=True)
class Selection:
    """One page of the lines that a filter lets through, and how many each filter would."""

    show: str
    topic: str
    lines: list[Line]
    counts: dict[str, int]
    page: int
    pages: int

    @property
    def empty_words(self) -> str:
        return SHOWN[self.show][2]


def select(lines: Sequence[Line], *, show: str, topic: str, page: int) -> Selection:
    """Filter and cut.  An unknown filter shows all; a page that is too high shows the last."""
    show = show if show in SHOWN else "all"
    about = [line for line in lines if line.is_about(topic)]
    found = [line for line in about if SHOWN[show][1](line)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    counts = {name: sum(map(fits, about)) for name, (_, fits, _) in SHOWN.items()}
    return Selection(show, topic, found[(page - 1) * PAGE : page * PAGE], counts, page, pages)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question as it was asked, with the answer that was given."""

    line: Line
    question: Question
    face: Face
    points: Decimal
    possible: Decimal
    hidden: bool
    """Whether a running exam asks it too, so that its key stays away for now."""

    @property
    def has_math(self) -> bool:
        return "$" in self.question.model_dump_json(exclude={"body"}) + self.question.body.model_dump_json()

    @property
    def dont_know(self) -> bool:
        return is_dont_know(self.line.slot.submission)

    @property
    def unreadable(self) -> bool:
        return self.line.slot.answered and self.line.slot.verdict is None


def reviewed(
    lines: Sequence[Line], questions: Mapping[tuple[int, int], Question], marking: Marking, hidden: set[int]
) -> list[Reviewed]:
    """The page's questions, each with the options in the order in which they were shown."""
    return [
        Reviewed(
            line,
            question,
            question.body.face(line.slot.seed),
            points_of(line.slot, marking),
            weight_of(line.slot.points, marking),
            line.slot.question_id in hidden,
        )
        for line in lines
        for question in [questions[line.slot.question_id, line.slot.revision]]
    ]
