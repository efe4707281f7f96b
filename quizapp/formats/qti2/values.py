"""Values of QTI variables and what is declared of them."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from quizapp.formats.qti2.tree import attribute, children, first, is_true
from quizapp.formats.reading.xml import Element

MOST_EXPONENT = 24
SPOILT_DIGITS, KEPT_DIGITS = 15, 12
NUMBERS = ("integer", "float", "duration")


class NotScorable(Exception):
    """The scoring uses something that is not understood here; the message says what."""


@dataclass(frozen=True, slots=True)
class Many:
    """A container of values; one that is empty is no value at all."""

    items: tuple[Any, ...]
    ordered: bool = False

    def same(self, other: "Many") -> bool:
        if self.ordered or other.ordered:
            return self.items == other.items
        return Counter(self.items) == Counter(other.items)


Value = Any
"""None, a text, a number (`Decimal`), a truth value, a pair of names, or `Many` of them."""


@dataclass(slots=True)
class Declaration:
    """A response or outcome variable."""

    identifier: str
    cardinality: str = "single"
    base_type: str = ""
    correct: Value = None
    default: Value = None
    keys: dict[Value, Decimal] = field(default_factory=dict)
    """What each value is mapped to."""
    folded: frozenset[Value] = frozenset()
    """The keys whose capitals do not count."""
    mapped: bool = False
    otherwise: Decimal = Decimal(0)
    lower: Decimal | None = None
    upper: Decimal | None = None
    table: Element | None = None
    most: Decimal | None = None
    """The most that an outcome can be."""

    @property
    def is_number(self) -> bool:
        return self.base_type in NUMBERS

    def mapping_of(self, value: Value) -> Decimal:
        """The sum that `mapResponse` gives."""
        if not self.mapped:
            raise NotScorable(f"maps the response {self.identifier!r}, which has no mapping")
        # A value that a container holds twice counts once.
        items = dict.fromkeys(value.items) if isinstance(value, Many) else [] if value is None else [value]
        total = sum((self._mapped(item) for item in items), Decimal(0))
        if self.lower is not None:
            total = max(total, self.lower)
        return total if self.upper is None else min(total, self.upper)

    def _mapped(self, item: Value) -> Decimal:
        if item in self.keys:
            return self.keys[item]
        if isinstance(item, str) and self.folded:
            folded = item.casefold()
            for key in self.folded:
                if key.casefold() == folded:
                    return self.keys[key]
        return self.otherwise


def number(text: str) -> Decimal:
    """A number as QTI writes it.  Raises `NotScorable`."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        raise NotScorable(f"has {text[:40]!r} where a number belongs") from None
    if not found.is_finite() or abs(found.adjusted()) > MOST_EXPONENT or len(text) > 60:
        raise NotScorable(f"has the number {text[:40]!r}, which is out of range")
    if len(found.as_tuple().digits) > SPOILT_DIGITS:
        # 3.1300000000000003 is what binary arithmetic makes of 3.13.
        found = Decimal(f"{found:.{KEPT_DIGITS - 1}e}")
    return found


def value_of(text: str, base_type: str) -> Value:
    """A single value from its text.  Raises `NotScorable`."""
    text = text if base_type == "string" else text.strip()
    if base_type in NUMBERS:
        return number(text)
    if base_type == "boolean":
        return text.lower() in ("true", "1")
    if base_type in ("pair", "directedPair"):
        names = text.split()
        if len(names) != 2:
            raise NotScorable(f"has {text[:40]!r} where a pair of names belongs")
        return tuple(sorted(names)) if base_type == "pair" else tuple(names)
    return text


def values_in(element: Element | None, base_type: str, cardinality: str) -> Value:
    """What the `value` children of an element say."""
    if element is None:
        return None
    values = []
    for each in children(element, "value"):
        if attribute(each, "fieldIdentifier"):
            raise NotScorable("keeps its answer in a record")
        text = "".join(map(str, each.itertext()))
        # Many authors indent what is inside a value; a text keeps the spaces between its words alone.
        text = " ".join(text.split()) if base_type == "string" else text
        values.append(value_of(text, base_type))
    if cardinality in ("multiple", "ordered"):
        return Many(tuple(values), cardinality == "ordered") if values else None
    return values[0] if values else None


def declaration(element: Element, *, folding: bool) -> Declaration:
    """What a declaration says.  `folding`: capitals do not count where a mapping says nothing of them."""
    made = Declaration(
        attribute(element, "identifier"),
        attribute(element, "cardinality", "single"),
        attribute(element, "baseType"),
        table=_table(element),
        most=_bound(element, "normalMaximum"),
    )
    if made.cardinality == "record":
        raise NotScorable("keeps its answer in a record")
    made.correct = values_in(first(element, "correctResponse"), made.base_type, made.cardinality)
    made.default = values_in(first(element, "defaultValue"), made.base_type, made.cardinality)
    mapping = first(element, "mapping")
    if mapping is not None:
        _read_mapping(made, mapping, folding=folding)
    return made


def declared(item: Element, name: str, *, folding: bool) -> Mapping[str, Declaration]:
    """The declarations of one kind, by identifier."""
    found = [declaration(element, folding=folding) for element in children(item, name)]
    return {each.identifier: each for each in found}


def _read_mapping(made: Declaration, mapping: Element, *, folding: bool) -> None:
    made.mapped = True
    made.otherwise = number(attribute(mapping, "defaultValue", "0") or "0")
    made.lower = _bound(mapping, "lowerBound")
    made.upper = _bound(mapping, "upperBound")
    folded = set()
    for entry in children(mapping, "mapEntry"):
        key = value_of(re.sub(r"\s+", " ", attribute(entry, "mapKey")), made.base_type)
        made.keys.setdefault(key, number(attribute(entry, "mappedValue")))
        given = entry.get("caseSensitive")
        if isinstance(key, str) and made.base_type == "string":
            exact = not folding if given is None else is_true(entry, "caseSensitive")
            folded |= set() if exact else {key}
    made.folded = frozenset(folded)


def _bound(mapping: Element, name: str) -> Decimal | None:
    text = attribute(mapping, name)
    return number(text) if text else None


def _table(element: Element) -> Element | None:
    found = first(element, "matchTable")
    return found if found is not None else first(element, "interpolationTable")
