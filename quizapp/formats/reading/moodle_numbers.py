"""Moodle's numerical answers with tolerances and units as the fields of a number here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from quizapp.domain.imports import Action, Found
from quizapp.domain.texts import Marked
from quizapp.formats.reading.moodle_choices import FULL, Fields, note
from quizapp.formats.reading.moodle_question import NOTHING, Answer, Asked, number_of, spelled

ANYTHING = "*"
UNIT = re.compile(r"[^\d\s.,+-][^\s]{0,19}")
FACTOR = Context(prec=15)
GRADED_UNITS = ("1", "2")
"""Where a missing or wrong unit costs marks."""


@dataclass(slots=True)
class _Value:
    """An answer, read."""

    value: Decimal
    tolerance: Decimal
    credit: Decimal
    feedback: Marked

    def covers(self, value: Decimal) -> bool:
        return abs(value - self.value) <= self.tolerance

    def fields(self, asked: Asked, *names: str) -> Fields:
        fields: Fields = {"value": spelled(self.value)}
        if self.tolerance:
            fields["tolerance"] = {"absolute": spelled(self.tolerance)}
        if "credit" in names and self.credit != FULL:
            fields["credit"] = spelled(self.credit)
        note(fields, "feedback", self.feedback, asked)
        return fields


def number(asked: Asked, answers: Sequence[Answer], found: Found) -> Fields | None:
    """The number that is right and what is known of others; None where it was given up."""
    otherwise: Marked = NOTHING
    values: list[_Value] = []
    for answer in answers:
        if not answer.text.strip() and not answer.fraction:
            continue
        if answer.text.strip() == ANYTHING and not answer.fraction:
            otherwise = otherwise or answer.feedback
            continue
        value = _read(answer, found)
        if value is None:
            return None
        values.append(value)
    key = next((value for value in values if value.credit == FULL), None)
    if key is None:
        found.give_up("no_key", "no number is worth full marks")
        return None
    fields: Fields = {"type": "number", "answer": spelled(key.value)}
    if key.tolerance:
        fields["tolerance"] = {"absolute": spelled(key.tolerance)}
    note(fields, "feedback", key.feedback, asked)
    _others(fields, key, values, asked, found)
    note(fields, "otherwise", otherwise, asked)
    _units(fields, asked, found)
    return fields


def _read(answer: Answer, found: Found) -> _Value | None:
    if answer.fraction is None:
        found.give_up("fraction", "what one of its answers earns cannot be read")
        return None
    if answer.text.strip() == ANYTHING:
        found.give_up("any_number", "any number at all earns something, so there is nothing to grade")
        return None
    value = number_of(answer.text)
    if value is None or not _is_usual(value):
        found.give_up("number", f"{answer.text[:60]!r} is not a number that can be read")
        return None
    if "," in answer.text:
        message = f"the comma in {answer.text[:40]!r} was taken for a decimal point"
        found.say("decimal_comma", message, Action.APPROXIMATED, severity="info")
    tolerance = number_of(answer.tolerance or "0")
    if tolerance is None or not _is_usual(tolerance):
        found.give_up("tolerance", f"the tolerance {answer.tolerance[:60]!r} cannot be read")
        return None
    if answer.fraction < 0:
        message = f"{answer.text[:40]!r} costs marks in Moodle; here it earns nothing"
        found.say("negative_credit", message, Action.APPROXIMATED, severity="info")
    return _Value(value, abs(tolerance), answer.fraction, answer.feedback)


def _is_usual(value: Decimal) -> bool:
    return not value or -60 < value.adjusted() < 30


def _others(fields: Fields, key: _Value, values: Sequence[_Value], asked: Asked, found: Found) -> None:
    """Every number but the key: in Moodle the first that fits decides, here what earns something does."""
    before: list[_Value] = []
    accepted: list[Fields] = []
    mistakes: list[Fields] = []
    for value in values:
        hiding = next((each for each in before if each.covers(value.value)), None)
        before.append(value)
        if hiding is not None and hiding.credit < value.credit:
            first, better = spelled(hiding.value), spelled(value.value)
            message = f"in Moodle {first} counts before {better}; here the better one does"
            found.say("answer_order", message, Action.APPROXIMATED)
        if value is key:
            continue
        if value.credit > 0:
            accepted.append(value.fields(asked, "credit"))
        elif hiding is not None and hiding.tolerance >= value.tolerance + abs(hiding.value - value.value):
            message = f"{spelled(value.value)} never counts, because an answer before it fits as well"
            found.say("unreachable", message, Action.DROPPED, severity="info")
        else:
            mistakes.append(_mistake(value, key, asked))
    if accepted:
        fields["accepted"] = accepted
    if mistakes:
        fields["mistakes"] = mistakes


def _mistake(value: _Value, key: _Value, asked: Asked) -> Fields:
    """A known wrong number; it has the tolerance of the key unless it names another."""
    fields = value.fields(asked)
    if value.tolerance == key.tolerance:
        fields.pop("tolerance", None)
    elif not value.tolerance:
        fields["tolerance"] = {}
    return fields


def _units(fields: Fields, asked: Asked, found: Found) -> None:
    if not asked.units:
        return
    grading = asked.settings.get("unitgradingtype", "0").strip()
    units = _factors(asked)
    if units is None:
        message = "its units cannot be used here; the number alone is asked"
        found.say("units", message, Action.APPROXIMATED)
        return
    (fields["unit"], _), *others = units.items()
    if others:
        fields["units"] = dict(others)
    if grading in GRADED_UNITS:
        fields["unit_required"] = True
        message = "in Moodle a wrong unit costs part of the marks; here the unit must be given"
        found.say("unit_penalty", message, Action.APPROXIMATED)


def _factors(asked: Asked) -> dict[str, Any] | None:
    """The units by how many of the first make one of them; the first is the one of the answer."""
    factors: dict[str, Decimal] = {}
    for unit in asked.units:
        multiplier = number_of(unit.multiplier or "1")
        name = unit.name.strip()
        if not multiplier or multiplier < 0 or not _is_usual(multiplier) or UNIT.fullmatch(name) is None:
            return None
        factors.setdefault(name, FACTOR.divide(Decimal(1), multiplier))
    own = next((name for name, factor in factors.items() if factor == 1), None)
    if own is None:
        return None
    return {own: "1"} | {name: spelled(factor) for name, factor in factors.items() if name != own}
