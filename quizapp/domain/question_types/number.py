"""A number, typed; right when it falls within the tolerance."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import combinations
from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.numbers import (
    ARITHMETIC,
    MAX_EXPONENT,
    read_quantity,
    round_to_figures,
    spelled,
    with_suffix,
)
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Document, Examples, Face, Note, Remark, Submission, one

Unit = Annotated[str, StringConstraints(pattern=r"^[^\d\s.,+-][^\s]{0,19}$")]
Bounded = Annotated[Decimal, Field(gt=-(10**MAX_EXPONENT), lt=10**MAX_EXPONENT)]
Positive = Annotated[Decimal, Field(gt=0, lt=10**MAX_EXPONENT)]


class Tolerance(Document):
    """How far off is still right: one of three kinds, or none for exactly right."""

    absolute: Positive | None = None
    """In the unit of the answer."""
    relative: Annotated[Decimal, Field(gt=0, lt=1)] | None = None
    """As a share of the answer: 0.05 is five per cent."""
    significant_figures: Annotated[int, Field(ge=1, le=15)] | None = None
    """Right when both round to the same digits."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = (self.absolute, self.relative, self.significant_figures)
        if sum(kind is not None for kind in given) > 1:
            raise ValueError("give absolute, relative or significant_figures, not several")
        return self

    def covers(self, value: Decimal, answer: Decimal) -> bool:
        """Whether `value` counts as `answer`; exact decimal arithmetic throughout."""
        if self.significant_figures is not None:
            figures = self.significant_figures
            return round_to_figures(value, figures) == round_to_figures(answer, figures)
        room = self.absolute or Decimal(0)
        if self.relative is not None:
            room = ARITHMETIC.multiply(abs(answer), self.relative)
        return abs(ARITHMETIC.subtract(value, answer)) <= room

    def in_words(self) -> str:
        if self.absolute is not None:
            return f"within {spelled(self.absolute)}"
        if self.relative is not None:
            return f"within {spelled(self.relative * 100)} %"
        if self.significant_figures is not None:
            return f"to {self.significant_figures} significant figures"
        return "exactly"


class NumberMistake(Document):
    """A value that people get by a known wrong road."""

    value: Bounded
    tolerance: Tolerance | None = None
    """Where it differs from the question's own."""
    feedback: Note = ""
    misconception: Note = ""


class AcceptedNumber(Document):
    """Another value that earns credit, with its own tolerance."""

    value: Bounded
    tolerance: Tolerance = Tolerance()
    credit: Annotated[Decimal, Field(gt=0, le=1, decimal_places=9)] = Decimal(1)
    feedback: Note = ""

    misconception: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Feedback that names no value."""

    feedback: str
    misconception: str = ""


@question_types.register
class Number(Body[Decimal]):
    key: ClassVar[str] = "number"
    title: ClassVar[str] = "Number"

    answer: Bounded
    tolerance: Tolerance = Tolerance()
    unit: Unit | None = None
    """The unit of `answer`; learners may leave it out unless `unit_required`."""
    units: dict[Unit, Positive] = Field(default_factory=dict, max_length=20)
    """Other units that are accepted, each with how many of `unit` it makes."""
    unit_required: bool = False
    suffixes: bool = False
    """Whether 1.5k, 2M and 3G are read as thousands, millions and milliards."""
    feedback: Note = ""
    """For whoever is right."""
    accepted: Annotated[tuple[AcceptedNumber, ...], Field(max_length=50)] = ()
    """Other answers that earn something, asked in this order after `answer`."""
    mistakes: Annotated[tuple[NumberMistake, ...], Field(max_length=50)] = ()
    otherwise: Note = ""
    """Feedback for every answer that nothing else is said about."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.units or self.unit_required) and not self.unit:
            raise ValueError("`units` and `unit_required` need a `unit`")
        for mistake in self.mistakes:
            if self._credit(mistake.value) and not _reaches_beyond(mistake, self._credit):
                raise ValueError(f"the mistake {spelled(mistake.value)} would be accepted as right")
        for one_mistake, other in combinations(self.mistakes, 2):
            if self._meets(other.value, one_mistake) and not _reaches_beyond(
                other, partial(self._meets, mistake=one_mistake)
            ):
                raise ValueError(f"two mistakes come to the same: {spelled(other.value)}")
        return self

    def face(self, seed: int | None) -> Face:
        asked = [self.unit, *self.units] if self.unit_required or self.units else []
        return {
            "unit": None if asked else self.unit,
            "units": asked,
            "required": self.unit_required,
            "suffixes": self.suffixes,
        }

    def read(self, submission: Submission) -> Decimal:
        """The number in the question's own unit."""
        typed = one(submission, "number", hint="Type a number, such as 12.5.")
        number, unit = read_quantity(typed)
        if self.suffixes and unit not in self._factors():
            number, unit = with_suffix(number, unit)
        if not unit:
            if self.unit_required:
                raise UnreadableAnswer(f"Say the unit too: {self._unit_names()}.")
            return number
        factors = {name.casefold(): factor for name, factor in self._factors().items()}
        exact = self._factors().get(unit, factors.get(unit.casefold()))
        if exact is None:
            known = self._unit_names() or "no unit"
            raise UnreadableAnswer(f"The unit “{unit}” was not understood; this question knows {known}.")
        return ARITHMETIC.multiply(number, exact)

    def grade(self, answer: Decimal) -> Grade:
        credit = self._credit(answer)
        if credit == 1:
            return Grade.right()
        return Grade.partial(credit) if credit else Grade.wrong()

    def bucket(self, answer: Decimal) -> str:
        known = self.remark(answer)
        if known is not None and known.misconception and not self._credit(answer):
            return known.misconception
        return self.spoken(answer)

    def spoken(self, answer: Decimal) -> str:
        return f"{spelled(answer)} {self.unit}" if self.unit else spelled(answer)

    def echo(self, answer: Decimal) -> str:
        grouped = f"{Decimal(spelled(answer)):,f}"
        return f"Read as {grouped} {self.unit}" if self.unit else f"Read as {grouped}"

    def examples(self) -> Examples:
        unit = f" {self.unit}" if self.unit else ""
        far_away = ARITHMETIC.add(ARITHMETIC.multiply(abs(self.answer), Decimal(3)), Decimal(1000))
        return Examples(
            right={"number": [f"{spelled(self.answer)}{unit}"]},
            wrong={"number": [f"{spelled(far_away)}{unit}"]},
            unreadable={"number": ["forty-two"]},
        )

    def lint(self) -> list[Remark]:
        if self.mistakes and all(m.feedback and m.misconception for m in self.mistakes):
            return []
        return [Remark("B23", ("mistakes",), "name likely mistakes with feedback and misconception")]

    def remark(self, answer: Decimal) -> "NumberMistake | AcceptedNumber | Otherwise | None":
        """What is known about an answer, for its feedback: the key, what else is accepted, mistakes."""
        if self.tolerance.covers(answer, self.answer):
            return Otherwise(self.feedback) if self.feedback else None
        for accepted in self.accepted:
            if accepted.tolerance.covers(answer, accepted.value):
                return accepted
        known = next((mistake for mistake in self.mistakes if self._meets(answer, mistake)), None)
        return known or (Otherwise(self.otherwise) if self.otherwise else None)

    def in_words(self) -> str:
        """The key as a reader is shown it."""
        return self.spoken(self.answer)

    def _credit(self, answer: Decimal) -> Decimal:
        """What an answer earns: the first value that it meets decides."""
        if self.tolerance.covers(answer, self.answer):
            return Decimal(1)
        met = (a.credit for a in self.accepted if a.tolerance.covers(answer, a.value))
        return next(met, Decimal(0))

    def _meets(self, answer: Decimal, mistake: NumberMistake) -> bool:
        return (mistake.tolerance or self.tolerance).covers(answer, mistake.value)

    def _factors(self) -> dict[str, Decimal]:
        return ({self.unit: Decimal(1)} if self.unit else {}) | dict(self.units)

    def _unit_names(self) -> str:
        return " or ".join(self._factors())


def _reaches_beyond(mistake: NumberMistake, covered: Callable[[Decimal], object]) -> bool:
    """Whether a mistake has answers of its own although its middle has not: "close to 42, but not 42"."""
    room = mistake.tolerance.absolute if mistake.tolerance is not None else None
    if room is None:
        return False
    ends = (ARITHMETIC.subtract(mistake.value, room), ARITHMETIC.add(mistake.value, room))
    return not all(covered(end) for end in ends)
