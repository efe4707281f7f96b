"""Rows by columns: decide every row by the same few choices."""

from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.chance import corrected, worth
from quizapp.domain.choices import require_distinct, shuffled, text_id
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Document, Examples, Face, Line, Note, Phrase, Remark, Submission

Rows = dict[str, AbstractSet[str]]


class RowMarking(StrEnum):
    PER_ROW = "per_row"
    ALL_OR_NOTHING = "all_or_nothing"


class Row(Document):
    """What is decided, and the column or columns that are right for it."""

    text: Phrase
    key: Line | Annotated[tuple[Line, ...], Field(min_length=1)]
    feedback: Note = ""
    misconception: Note = ""

    def right(self) -> tuple[str, ...]:
        """The texts of the right columns, however they were written."""
        return (self.key,) if isinstance(self.key, str) else self.key

    def right_ids(self) -> frozenset[str]:
        return frozenset(map(text_id, self.right()))


@question_types.register
class Matrix(Body[Rows]):
    key: ClassVar[str] = "matrix"
    title: ClassVar[str] = "Matrix"

    columns: Annotated[tuple[Line, ...], Field(min_length=2, max_length=6)]
    # Ten rows of six boxes are as many values as one answer may hold.
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=10)]
    multiple: bool = False
    """Whether several columns of a row may be chosen."""
    marking: RowMarking = RowMarking.PER_ROW

    @model_validator(mode="after")
    def _every_row_can_be_decided(self) -> Self:
        require_distinct(self.columns, "columns")
        require_distinct((row.text for row in self.rows), "rows")
        offered = frozenset(self._texts())
        for row in self.rows:
            require_distinct(row.right(), f"keys of {row.text!r}")
            if unknown := [text for text in row.right() if text_id(text) not in offered]:
                raise ValueError(f"{row.text!r} names a column that does not exist: {unknown[0]!r}")
            if len(row.right()) > 1 and not self.multiple:
                raise ValueError(f"{row.text!r} has several keys; that needs `multiple: true`")
        if len(self.rows) > 1 and len({row.right_ids() for row in self.rows}) == 1:
            raise ValueError("all rows have the same key")
        if all(row.right_ids() == offered for row in self.rows):
            raise ValueError("choosing every column would be right")
        return self

    def face(self, seed: int | None) -> Face:
        rows = [{"id": text_id(row.text), "text": row.text} for row in self.rows]
        return {
            "columns": [{"id": place, "text": text} for place, text in self._texts().items()],
            "rows": rows if seed is None else shuffled(rows, seed),
            "multiple": self.multiple,
            "marking": self.marking.value,
        }

    def read(self, submission: Submission) -> Rows:
        offered = self._texts()
        answer: Rows = {}
        for place in self._by_id():
            values = [value for value in submission.get(f"row-{place}", ()) if value.strip()]
            if not values:
                continue
            if len(values) > 1 and not self.multiple:
                raise UnreadableAnswer("Choose one column in each row.")
            if len(set(values)) != len(values) or not offered.keys() >= set(values):
                raise UnreadableAnswer("One of the choices does not belong to this question.")
            answer[place] = frozenset(values)
        if not answer:
            raise UnreadableAnswer("Decide at least one row.")
        return answer

    def grade(self, answer: Rows) -> Grade:
        decided = [
            answer[place] == row.right_ids() for place, row in self._by_id().items() if place in answer
        ]
        if self.marking is RowMarking.ALL_OR_NOTHING:
            return Grade.right() if decided.count(True) == len(self.rows) else Grade.wrong()
        ways = 2 ** len(self.columns) - 1 if self.multiple else len(self.columns)
        return corrected((worth(right, ways=ways) for right in decided), of=len(self.rows))

    def bucket(self, answer: Rows) -> str:
        return "; ".join(
            f"{row.text} = {self._named(answer.get(place, frozenset())) or '–'}"
            for place, row in self._by_id().items()
        )

    def spoken(self, answer: Rows) -> str:
        return self.bucket(answer)

    def examples(self) -> Examples:
        offered = self._texts()
        wrong = {
            place: next(column for column in offered if frozenset({column}) != row.right_ids())
            for place, row in self._by_id().items()
        }
        return Examples(
            right={f"row-{place}": sorted(row.right_ids()) for place, row in self._by_id().items()},
            wrong={f"row-{place}": [column] for place, column in wrong.items()},
            unreadable={f"row-{place}": ["unknown"] for place in wrong},
        )

    def lint(self) -> list[Remark]:
        remarks = []
        for place, row in enumerate(self.rows):
            if not row.feedback:
                remarks.append(Remark("B23", ("rows", place), "the row has no feedback"))
            if not row.misconception:
                remarks.append(Remark("B23", ("rows", place), "a wrong choice names no misconception"))
        return remarks

    def _named(self, chosen: AbstractSet[str]) -> str:
        return " + ".join(text for place, text in self._texts().items() if place in chosen)

    def _texts(self) -> dict[str, str]:
        return {text_id(text): text for text in self.columns}

    def _by_id(self) -> dict[str, Row]:
        return {text_id(row.text): row for row in self.rows}
