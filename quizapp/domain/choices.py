"""Options of choice questions: their identity, their order, and how they are picked."""

import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from random import Random
from typing import Annotated, Any, TypeVar

from pydantic import Field

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.questions import Document, Note, Phrase, Remark, Submission, Text

T = TypeVar("T")


@lru_cache(maxsize=65_536)
def text_id(text: str) -> str:
    """An option's id is made of its text alone, so it cannot tell which one is the key."""
    return hashlib.sha256(" ".join(text.split()).casefold().encode()).hexdigest()[:10]


class Option(Document):
    """A choice with the reason it is right or wrong."""

    text: Text
    key: bool = False
    credit: Annotated[Decimal, Field(ge=-1, le=1, decimal_places=9)] | None = None
    """What choosing it earns, where that is neither all nor nothing: 0.5 is half, below 0 costs."""
    feedback: Note = ""
    misconception: Note = ""

    @cached_property
    def id(self) -> str:
        return text_id(self.text)

    @property
    def is_right(self) -> bool:
        """Whether choosing it is what the question asks for."""
        return self.key or self.credit == 1

    def shown(self) -> dict[str, Any]:
        """The part a learner may see before the answer is graded."""
        return {"id": self.id, "text": self.text}


class Distractor(Document):
    """A wrong answer offered beside the right ones."""

    text: Phrase
    feedback: Note = ""
    misconception: Note = ""


def arranged(things: Sequence[T], seed: int | None, texts: Sequence[str]) -> list[T]:
    """Shuffle by seed; options that are all numbers are sorted, so order is no cue."""
    numbers = [_as_number(text) for text in texts]
    if all(number is not None for number in numbers):
        pairs = sorted(zip(numbers, range(len(things)), strict=True))
        return [things[place] for _, place in pairs]
    if seed is None:
        return list(things)
    return shuffled(things, seed)


def shuffled(things: Iterable[T], seed: int) -> list[T]:
    """The one order that belongs to a seed."""
    result = list(things)
    Random(seed).shuffle(result)  # noqa: S311  # a question's order is no secret to protect
    return result


def _as_number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip().rstrip("%"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def require_distinct(texts: Iterable[str], noun: str = "options") -> None:
    """Refuse texts that are the same after normalising (rule B14)."""
    seen: set[str] = set()
    for text in texts:
        if text_id(text) in seen:
            raise ValueError(f"two {noun} say the same: {text!r}")
        seen.add(text_id(text))


def chosen_ids(submission: Submission, known: Iterable[str], *, hint: str) -> frozenset[str]:
    """The picked option ids, each known and none twice."""
    values = submission.get("choice", ())
    picked = frozenset(values)
    if not picked:
        raise UnreadableAnswer(hint)
    if len(picked) != len(values) or not picked <= frozenset(known):
        raise UnreadableAnswer("One of the choices does not belong to this question.")
    return picked


def lint_options(options: Sequence[Option]) -> list[Remark]:
    """Rules B10 and B23 over the options of a choice question."""
    remarks = []
    for place, option in enumerate(options):
        plain = " ".join(option.text.casefold().replace("-", " ").split()).strip(". ")
        if plain in ABOVE:
            remarks.append(Remark("B10", ("options", place), f"{option.text!r} is no option"))
        if not option.feedback:
            remarks.append(Remark("B23", ("options", place), "the option has no feedback"))
        if not option.key and not option.misconception:
            remarks.append(Remark("B23", ("options", place), "the distractor names no misconception"))
    return remarks


ABOVE = frozenset(
    f"{which} {end}"
    for which in ("all of", "none of", "both of", "all", "none", "both")
    for end in ("the above", "these", "them", "the options", "above")
) | {"both a and b", "a and b", "all are correct", "none are correct"}
