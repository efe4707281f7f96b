"""Sort items into bins; some bins may stay empty."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.chance import corrected, worth
from quizapp.domain.choices import require_distinct, shuffled, text_id
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Document, Examples, Face, Line, Note, Phrase, Remark, Submission


class Bin(Document):
    """A heap with a name, and what belongs there in a few words."""

    name: Line
    about: Note = ""


class Item(Document):
    """One thing to put away, and where it belongs."""

    text: Phrase
    bin: Line
    also: tuple[Line, ...] = ()
    """Further bins that are accepted."""
    feedback: Note = ""
    misconception: Note = ""

    def accepted(self) -> frozenset[str]:
        """The ids of every bin that is right for it."""
        return frozenset(map(text_id, (self.bin, *self.also)))


@question_types.register
class Categorise(Body[dict[str, str]]):
    key: ClassVar[str] = "categorise"
    title: ClassVar[str] = "Categorise"

    bins: Annotated[tuple[Bin, ...], Field(min_length=2, max_length=6)]
    items: Annotated[tuple[Item, ...], Field(min_length=2, max_length=16)]

    @model_validator(mode="after")
    def _every_item_has_its_place(self) -> Self:
        require_distinct((each.name for each in self.bins), "bins")
        require_distinct((item.text for item in self.items), "items")
        offered = frozenset(self._names())
        for item in self.items:
            for name in (item.bin, *item.also):
                if text_id(name) not in offered:
                    raise ValueError(f"{item.text!r} names a bin that does not exist: {name!r}")
            require_distinct((item.bin, *item.also), f"bins of {item.text!r}")
            if item.accepted() == offered:
                raise ValueError(f"{item.text!r} would be right in every bin")
        if frozenset.intersection(*(item.accepted() for item in self.items)):
            raise ValueError("one bin would be right for all items")
        return self

    def face(self, seed: int | None) -> Face:
        items = [{"id": text_id(item.text), "text": item.text} for item in self.items]
        return {
            "bins": [
                {"id": text_id(each.name), "name": each.name, "about": each.about} for each in self.bins
            ],
            "items": items if seed is None else shuffled(items, seed),
        }

    def read(self, submission: Submission) -> dict[str, str]:
        offered = self._names()
        answer: dict[str, str] = {}
        for item in self.items:
            place = text_id(item.text)
            values = [value for value in submission.get(f"item-{place}", ()) if value.strip()]
            if not values:
                continue
            if len(values) > 1:
                raise UnreadableAnswer("Put each item into one bin only.")
            if values[0] not in offered:
                raise UnreadableAnswer("One of the bins does not belong to this question.")
            answer[place] = values[0]
        if not answer:
            raise UnreadableAnswer("Put at least one item into a bin.")
        return answer

    def grade(self, answer: dict[str, str]) -> Grade:
        placed = [
            (answer[place], item.accepted()) for place, item in self._by_id().items() if place in answer
        ]
        ways = len(self.bins)
        return corrected(
            (worth(chosen in right, ways=ways, accepted=len(right)) for chosen, right in placed),
            of=len(self.items),
        )

    def bucket(self, answer: dict[str, str]) -> str:
        names = self._names()
        return "; ".join(
            f"{item.text} = {names[answer[place]] if place in answer else '–'}"
            for place, item in self._by_id().items()
        )

    def spoken(self, answer: dict[str, str]) -> str:
        return self.bucket(answer)

    def examples(self) -> Examples:
        right = {place: text_id(item.bin) for place, item in self._by_id().items()}
        wrong = {
            place: next(name for name in self._names() if name not in item.accepted())
            for place, item in self._by_id().items()
        }
        return Examples(
            right={f"item-{place}": [chosen] for place, chosen in right.items()},
            wrong={f"item-{place}": [chosen] for place, chosen in wrong.items()},
            unreadable={f"item-{place}": ["unknown"] for place in right},
        )

    def lint(self) -> list[Remark]:
        remarks = []
        for place, item in enumerate(self.items):
            if not item.feedback:
                remarks.append(Remark("B23", ("items", place), "the item has no feedback"))
            if not item.misconception:
                remarks.append(Remark("B23", ("items", place), "a wrong bin names no misconception"))
        return remarks

    def _names(self) -> dict[str, str]:
        return {text_id(each.name): each.name for each in self.bins}

    def _by_id(self) -> dict[str, Item]:
        return {text_id(item.text): item for item in self.items}
