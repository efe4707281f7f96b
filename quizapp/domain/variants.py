"""Variants: a question written once with parameters, and drawn anew by seed.

A document with `variants` names parameters and values computed from them.  Its other
fields refer to them: `{{name}}` inside a text, or a whole field that is a formula, such
as `answer: "= ceil(bytes / mtu)"`.  A variant is the same document with the values put
in, so no question type knows of any of this, and every one can have variants.

A draw that meets no constraint, or that makes a document which its models refuse (two
options that read the same, a mistake that would be right), is thrown away and drawn
again.  Draws are made from SHA-256, so a seed means the same values for ever, on every
version of Python.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from math import prod
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, model_validator

from quizapp.domain.expressions import Expression, FormulaError, Value, decimal, parse, show
from quizapp.domain.questions import Document

MAX_DRAWS = 200
"""How often a draw is made again before a template counts as broken."""

MAX_VALUES = 1_000_000
FORMULA = "= "
PLACEHOLDER = re.compile(r"\{\{ *([a-z][a-z0-9_]{0,39})(?: *:([^{}\s]{1,8}))? *\}\}")
OPENING = re.compile(r"\{\{")
FIXED = frozenset({"id", "type", "topic", "subtopic", "objective", "variants"})
"""Fields that are the same in every variant, because the bank is sorted by them."""


class BadTemplate(ValueError):
    """A field refers to something that is not there; `path` says which field."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


def _formula(source: str) -> str:
    parse(source)
    return source


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Formula = Annotated[str, StringConstraints(max_length=500), AfterValidator(_formula)]
Number = Annotated[Decimal, Field(gt=-(10**30), lt=10**30)]


class Range(Document):
    """Every number from the first to the last, in steps."""

    first: Annotated[Number, Field(alias="from")]
    last: Annotated[Number, Field(alias="to")]
    step: Annotated[Number, Field(gt=0)] = Decimal(1)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not 2 <= self.count <= MAX_VALUES:
            raise ValueError(f"has {max(self.count, 0)} values; 2 to {MAX_VALUES:,} are possible")
        return self

    @property
    def count(self) -> int:
        return int((Fraction(self.last) - Fraction(self.first)) // Fraction(self.step)) + 1

    def value(self, place: int) -> Value:
        return exact(Fraction(self.first) + place * Fraction(self.step))


Choice = StrictBool | Number | Annotated[str, StringConstraints(max_length=200)]
Choices = Annotated[tuple[Choice, ...], Field(min_length=2, max_length=200)]


class Variants(Document):
    """What differs from draw to draw."""

    parameters: Annotated[dict[Name, Range | Choices], Field(min_length=1, max_length=20)]
    """Each drawn from a range of numbers, or from a list of values."""
    computed: Annotated[dict[Name, Formula], Field(max_length=40)] = Field(default_factory=dict)
    """Values computed from the parameters and from each other, in any order but in no circle."""
    where: Annotated[tuple[Formula, ...], Field(max_length=20)] = ()
    """What must hold of a draw; otherwise it is drawn again."""

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        twice = sorted(self.parameters.keys() & self.computed.keys())
        if twice:
            raise ValueError(f"{twice[0]!r} is defined twice")
        for source in (*self.computed.values(), *self.where):
            unknown = sorted(compiled(source).names - self.names())
            if unknown:
                raise ValueError(f"{source!r} uses {unknown[0]!r}, which is not defined")
        if len(self._steps) < len(self.computed):
            circle = next(name for name in self.computed if name not in dict(self._steps))
            raise ValueError(f"{circle!r} is computed from itself")
        return self

    @cached_property
    def _steps(self) -> tuple[tuple[str, Expression], ...]:
        """The computed values in an order in which each is there when it is needed.

        It does not follow the file, because a database may give a mapping back in another order.
        """
        known, steps = set(self.parameters), []
        waiting = {name: compiled(source) for name, source in sorted(self.computed.items())}
        while ready := [name for name, formula in waiting.items() if formula.names <= known]:
            steps += [(name, waiting.pop(name)) for name in ready]
            known.update(ready)
        return tuple(steps)

    @property
    def size(self) -> int:
        """How many draws there are, constraints aside."""
        return prod(self._count(kind) for kind in self.parameters.values())

    def names(self) -> frozenset[str]:
        return frozenset(self.parameters) | frozenset(self.computed)

    def draws(self, seed: int) -> Iterator[dict[str, Value] | str]:
        """The draws of a seed, one after the other; the first acceptable one is its variant.

        A text stands for a draw that breaks a constraint or cannot be computed, and says why.
        """
        return (self._draw(seed, attempt) for attempt in range(MAX_DRAWS))

    def _draw(self, seed: int, attempt: int) -> dict[str, Value] | str:
        values = {
            name: self._value(kind, _number(seed, attempt, name)) for name, kind in self.parameters.items()
        }
        doing = ""
        try:
            for doing, formula in self._steps:
                values[doing] = formula.evaluate(values)
            for doing in self.where:
                if compiled(doing).evaluate(values) is not True:
                    return f"no draw meets the constraint {doing!r}"
        except FormulaError as error:
            return f"{doing}: {error}"
        return values

    @staticmethod
    def _count(kind: "Range | tuple[Choice, ...]") -> int:
        return kind.count if isinstance(kind, Range) else len(kind)

    def _value(self, kind: "Range | tuple[Choice, ...]", number: int) -> Value:
        place = number % self._count(kind)
        if isinstance(kind, Range):
            return kind.value(place)
        chosen = kind[place]
        return exact(Fraction(chosen)) if isinstance(chosen, Decimal) else chosen


def filled(document: Mapping[str, Any], values: Mapping[str, Value]) -> dict[str, Any]:
    """The document of one variant.  Raises `BadTemplate` where a field refers to nothing known."""
    return {
        name: value if name in FIXED else _filled(value, values, (name,))
        for name, value in document.items()
        if name != "variants"
    }


def as_written(value: Any) -> Any:
    """A document's part as JSON can carry it, numbers kept exactly."""
    if isinstance(value, Mapping):
        return {name: as_written(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_written(each) for each in value]
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def exact(number: Fraction) -> Value:
    return number.numerator if number.denominator == 1 else number


@lru_cache(maxsize=20_000)
def compiled(source: str) -> Expression:
    return parse(source)


def _filled(value: Any, values: Mapping[str, Value], path: tuple[str | int, ...]) -> Any:
    if isinstance(value, str):
        return _filled_text(value, values, path)
    if isinstance(value, Mapping):
        return {name: _filled(each, values, (*path, name)) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(each, values, (*path, place)) for place, each in enumerate(value)]
    return value


def _filled_text(text: str, values: Mapping[str, Value], path: tuple[str | int, ...]) -> Any:
    try:
        if text.startswith(FORMULA):
            return _plain(compiled(text.removeprefix(FORMULA).strip()).evaluate(values))
        return PLACEHOLDER.sub(lambda found: _shown(found, values), _checked(text))
    except FormulaError as error:
        raise BadTemplate(path, str(error)) from None


def _checked(text: str) -> str:
    if len(OPENING.findall(text)) != len(PLACEHOLDER.findall(text)):
        raise FormulaError("a placeholder is written {{name}} or {{name:,.2}}; only names may stand in it")
    return text


def _shown(found: re.Match[str], values: Mapping[str, Value]) -> str:
    name, spec = found.groups()
    if name not in values:
        raise FormulaError(f"there is no parameter or computed value {name!r}")
    return show(values[name], spec or "")


def _plain(value: Value) -> Any:
    return decimal(value) if isinstance(value, Fraction) else value


def _number(seed: int, attempt: int, name: str) -> int:
    digest = hashlib.sha256(f"{seed}/{attempt}/{name}".encode()).digest()
    return int.from_bytes(digest[:16], "big")
