"""Put things in order; partial credit by the longest run that keeps its order."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.choices import require_distinct, shuffled, text_id
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Document, Examples, Face, Note, Phrase, Remark, Submission


class Step(Document):
    """One thing to place, with the reason why it stands where it stands."""

    text: Phrase
    feedback: Note = ""


@question_types.register
class Ordering(Body[tuple[str, ...]]):
    key: ClassVar[str] = "ordering"
    title: ClassVar[str] = "Ordering"

    items: Annotated[tuple[Step, ...], Field(min_length=3, max_length=10)]
    """In the right order; learners see them shuffled."""
    misconception: Note = ""

    @model_validator(mode="after")
    def _distinct_items(self) -> Self:
        require_distinct((item.text for item in self.items), "items")
        return self

    def face(self, seed: int | None) -> Face:
        """Shuffled even without a seed, and never already in order."""
        ids = self._right_order()
        order, attempt = list(ids), 0
        while tuple(order) == ids:
            order = shuffled(sorted(ids), (seed or 0) + attempt)
            attempt += 1
        texts = {text_id(item.text): item.text for item in self.items}
        return {"items": [{"id": place, "text": texts[place]} for place in order]}

    def read(self, submission: Submission) -> tuple[str, ...]:
        """Ids in order (`order`), or a place for each id (`place-ID`), as selects send it."""
        order = tuple(submission.get("order", ())) or self._from_places(submission)
        if sorted(order) != sorted(self._right_order()):
            raise UnreadableAnswer("Give every item its own place.")
        return order

    def grade(self, answer: tuple[str, ...]) -> Grade:
        """Items beyond the first that keep their order, out of all beyond the first."""
        kept = longest_common_subsequence(answer, self._right_order())
        return Grade.part(kept - 1, of=len(self.items) - 1)

    def bucket(self, answer: tuple[str, ...]) -> str:
        texts = {text_id(item.text): item.text for item in self.items}
        return " → ".join(texts[place] for place in answer)

    def spoken(self, answer: tuple[str, ...]) -> str:
        return self.bucket(answer)

    def examples(self) -> Examples:
        right = self._right_order()
        return Examples(
            right={"order": list(right)},
            wrong={"order": list(reversed(right))},
            unreadable={"order": [right[0]] * len(right)},
        )

    def lint(self) -> list[Remark]:
        remarks = [
            Remark("B23", ("items", place), "the item does not say why it stands there")
            for place, item in enumerate(self.items)
            if not item.feedback
        ]
        if not self.misconception:
            remarks.append(Remark("B23", ("misconception",), "a wrong order names no misconception"))
        return remarks

    def _right_order(self) -> tuple[str, ...]:
        return tuple(text_id(item.text) for item in self.items)

    def _from_places(self, submission: Submission) -> tuple[str, ...]:
        places: dict[int, str] = {}
        for item in self._right_order():
            values = submission.get(f"place-{item}", ())
            if len(values) == 1 and len(values[0]) <= 2 and values[0].isascii() and values[0].isdigit():
                places[int(values[0])] = item
        if not places:
            raise UnreadableAnswer("Put the items in order.")
        return tuple(places[place] for place in sorted(places))


def longest_common_subsequence(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    """Length of the longest common subsequence (Wagner & Fischer 1974), in O(n m)."""
    row = [0] * (len(right) + 1)
    for a in left:
        diagonal = 0
        for place, b in enumerate(right, start=1):
            diagonal, row[place] = row[place], diagonal + 1 if a == b else max(row[place], row[place - 1])
    return row[-1]
