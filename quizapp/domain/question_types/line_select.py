"""Mark the lines of a log, a plan, an exchange or code that matter."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import (
    Body,
    Document,
    Examples,
    Face,
    Note,
    Remark,
    Submission,
    unexplained,
)

MAX_LINES = 60
MAX_LINE_CHARS = 200

LineNumber = Annotated[int, Field(ge=1, le=MAX_LINES)]
# Spaces at the beginning are part of what is shown.
Source = Annotated[
    str, StringConstraints(strip_whitespace=False, max_length=MAX_LINES * (MAX_LINE_CHARS + 2))
]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+#._-]{1,30}$")]


class LineMarking(StrEnum):
    RIGHT_MINUS_WRONG = "right_minus_wrong"
    ALL_OR_NOTHING = "all_or_nothing"


class Finding(Document):
    """One thing to find: its line, and the lines that show it as well."""

    line: LineNumber
    also: tuple[LineNumber, ...] = ()
    feedback: Note = ""
    misconception: Note = ""

    def lines(self) -> frozenset[int]:
        return frozenset((self.line, *self.also))


class LineRemark(Document):
    """What there is to say about an innocent line."""

    line: LineNumber
    feedback: Note = ""
    misconception: Note = ""


@dataclass(frozen=True, slots=True)
class ReviewedLine:
    """One line after grading, with what is to be said under it."""

    number: int
    marked: bool
    state: str
    """`found`, `missed`, `counts` (another line of a finding), `neutral`, `innocent`."""
    stands_for: int = 0
    """The finding's own line."""
    feedback: str = ""
    misconception: str = ""


@question_types.register
class LineSelect(Body[AbstractSet[int]]):
    key: ClassVar[str] = "line_select"
    title: ClassVar[str] = "Line picking"

    language: Language = "text"
    source: Source
    keys: Annotated[tuple[Finding, ...], Field(min_length=1, max_length=10)]
    remarks: tuple[LineRemark, ...] = ()
    neutral: tuple[LineNumber, ...] = ()
    """Lines that neither earn nor cost."""
    asks: Annotated[int, Field(ge=1)] | None = None
    """How many lines the learner is told to mark."""
    marking: LineMarking = LineMarking.RIGHT_MINUS_WRONG

    @field_validator("source")
    @classmethod
    def _lines_in_bounds(cls, source: str) -> str:
        source = source.replace("\r\n", "\n").replace("\r", "\n").rstrip()
        lines = source.split("\n")
        if not 2 <= len(lines) <= MAX_LINES:
            raise ValueError(f"should have 2 to {MAX_LINES} lines, not {len(lines)}")
        for number, line in enumerate(lines, start=1):
            if len(line) > MAX_LINE_CHARS:
                raise ValueError(f"line {number} has {len(line)} characters; {MAX_LINE_CHARS} fit")
        return source

    @model_validator(mode="after")
    def _every_line_has_one_part(self) -> Self:
        count = len(self.lines())
        telling = [line for finding in self.keys for line in (finding.line, *finding.also)]
        remarked = [remark.line for remark in self.remarks]
        for line in (*telling, *remarked, *self.neutral):
            if line > count:
                raise ValueError(f"there is no line {line}; the source has {count}")
        for lines, noun in ((telling, "keys"), (remarked, "remarks"), (self.neutral, "neutral lines")):
            if len(set(lines)) != len(lines):
                raise ValueError(f"a line stands twice among the {noun}")
        if clash := set(telling) & {*remarked, *self.neutral}:
            raise ValueError(f"line {min(clash)} is a key and something else")
        if len(self._innocent()) < len(self.keys):
            raise ValueError("has fewer innocent lines than findings, so marking every line would earn")
        if self.asks not in (None, len(self.keys)):
            raise ValueError(f"`asks` says {self.asks}, but there are {len(self.keys)} to find")
        return self

    def lines(self) -> list[str]:
        return self.source.split("\n")

    def face(self, seed: int | None) -> Face:
        """The same for every seed: lines have their order from what they are."""
        return {
            "source": self.source,
            "language": self.language,
            "asks": self.asks,
            "marking": self.marking.value,
        }

    def read(self, submission: Submission) -> AbstractSet[int]:
        values = submission.get("line", ())
        known = {str(number): number for number in range(1, len(self.lines()) + 1)}
        if not values:
            raise UnreadableAnswer("Mark at least one line.")
        if len(set(values)) != len(values) or not known.keys() >= set(values):
            raise UnreadableAnswer("One of the marked lines does not belong to this question.")
        return frozenset(known[value] for value in values)

    def grade(self, answer: AbstractSet[int]) -> Grade:
        found = sum(not answer.isdisjoint(finding.lines()) for finding in self.keys)
        wrong = len(answer & self._innocent())
        if self.marking is LineMarking.ALL_OR_NOTHING:
            return Grade.right() if found == len(self.keys) and not wrong else Grade.wrong()
        return Grade.part(found - wrong, of=len(self.keys))

    def bucket(self, answer: AbstractSet[int]) -> str:
        return ", ".join(map(str, sorted(answer)))

    def spoken(self, answer: AbstractSet[int]) -> str:
        return self.echo(answer)

    def echo(self, answer: AbstractSet[int]) -> str:
        return f"Marked: {'lines' if len(answer) > 1 else 'line'} {self.bucket(answer)}"

    def examples(self) -> Examples:
        return Examples(
            right={"line": [str(finding.line) for finding in self.keys]},
            wrong={"line": [str(min(self._innocent()))]},
            unreadable={"line": [str(len(self.lines()) + 1)]},
        )

    def lint(self) -> list[Remark]:
        remarks = [
            Remark("B23", ("keys", place), "the line has no feedback")
            for place, finding in enumerate(self.keys)
            if not finding.feedback
        ]
        remarks += unexplained("remarks", self.remarks, "line")
        if not self.remarks:
            remarks.append(Remark("B23", ("remarks",), "no innocent line is explained"))
        return remarks

    def reviewed(self, submission: Submission) -> Iterator[ReviewedLine]:
        """Every line with what became of it; what cannot be read counts as not marked."""
        marked = set(submission.get("line", ()))
        chosen = {number for number in range(1, len(self.lines()) + 1) if str(number) in marked}
        for number in range(1, len(self.lines()) + 1):
            yield self._reviewed_line(number, chosen)

    def _reviewed_line(self, number: int, chosen: set[int]) -> ReviewedLine:
        is_marked = number in chosen
        for finding in self.keys:
            if number == finding.line:
                found = not chosen.isdisjoint(finding.lines())
                idea = finding.misconception if chosen and not found else ""
                state = "found" if found else "missed"
                return ReviewedLine(number, is_marked, state, number, finding.feedback, idea)
            if number in finding.also:
                return ReviewedLine(number, is_marked, "counts", finding.line)
        state = "neutral" if number in self.neutral else "innocent"
        for remark in self.remarks:
            if number == remark.line:
                idea = remark.misconception if is_marked and state == "innocent" else ""
                return ReviewedLine(number, is_marked, state, 0, remark.feedback, idea)
        return ReviewedLine(number, is_marked, state)

    def _innocent(self) -> frozenset[int]:
        """Lines that are wrong to mark."""
        told = {line for finding in self.keys for line in finding.lines()}
        return frozenset(range(1, len(self.lines()) + 1)) - told - set(self.neutral)
