"""Calculated questions: a formula over drawn values, taken over only where it proves to be the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from quizapp.domain.expressions import FUNCTIONS, FormulaError, Value, parse
from quizapp.domain.texts import Marked, markup_of, text_value
from quizapp.formats.qti12.item import CannotAsk, Item, with_text
from quizapp.formats.qti12.materials import EMPTY
from quizapp.formats.qti12.scoring import number_of
from quizapp.formats.qti12.typed import written
from quizapp.formats.reading.xml import BadXml, Element, local_name, parse_xml

NAME = re.compile(r"(?<![0-9.A-Za-z_])\[?([A-Za-z][A-Za-z0-9_]*)\]?")
WORDS = frozenset({"and", "or", "not", "if", "else", "true", "false", "none"})
SAME_FUNCTIONS = frozenset({"abs", "ceil", "floor", "sqrt", "ln", "min", "max", "round"})
MOST_SETS = 300
MOST_VALUES = 1_000_000
SIGNS = {"plus": "+", "minus": "-", "times": "*", "divide": "/", "power": "**"}
NAMED = {"root": "sqrt", "abs": "abs", "ln": "ln", "ceiling": "ceil", "floor": "floor"}


@dataclass(slots=True)
class Calculation:
    """A formula with its values, as its file gives it."""

    formula: str = ""
    decimals: int = 0
    tolerance: tuple[str, Decimal] = ("absolute", Decimal(0))
    ranges: dict[str, tuple[Decimal, Decimal, int]] = field(default_factory=dict)
    """Each value with its least, its most and its decimals."""
    sets: list[tuple[dict[str, Decimal], Decimal]] = field(default_factory=list)
    """Values that were drawn there, with the answer for them."""


def calculated(item: Item) -> dict[str, Any]:
    """A number with variants, where our formula gives every answer that the file names."""
    root = next((each for each in item.element.iter() if local_name(each) == "calculated"), None)
    if root is None or not any(local_name(each) in ("formula", "formulas") for each in root.iter()):
        raise CannotAsk("kind", "a calculated question without a formula cannot be asked here")
    calculation = _of_vista(root, item) if _is_of_vista(root) else _of_canvas(root)
    names = _names(calculation)
    formula = _translated(calculation.formula, names)
    _proved(formula, names, calculation)
    item.approximated("draws", "values are drawn anew from their ranges, not from the list in the file")
    variants = {"parameters": {names[name]: _range(*range_) for name, range_ in calculation.ranges.items()}}
    body: dict[str, Any] = {
        "type": "number",
        "variants": variants,
        "stem": _stem(item, names),
        "answer": f"= round({formula}, {calculation.decimals})",
    }
    kind, amount = calculation.tolerance
    body = with_text(body, "tolerance", {kind: written(amount)} if amount else None)
    return with_text(body, "otherwise", item.value(item.feedback.overall.pop("incorrect", EMPTY)))


def _is_of_vista(root: Element) -> bool:
    return any(local_name(each) == "calculated_set" for each in root.iter())


def _of_canvas(root: Element) -> Calculation:
    """As Canvas and Blackboard write it."""
    _refuse_what_scores_else(root)
    result = Calculation()
    for each in root.iter():
        match local_name(each):
            case "formulas":
                result.decimals = _count(each.get("decimal_places"))
            case "formula":
                result.formula = "".join(each.itertext()).strip()
            case "answer_scale":
                result.decimals = _count(each.text)
            case "answer_tolerance":
                result.tolerance = _tolerance(each.text or "", (each.get("type") or "").lower() == "percent")
            case "vars":
                result.ranges = {
                    (var.get("name") or ""): _ends(var) for var in each if local_name(var) == "var"
                }
            case "var_set" if len(result.sets) < MOST_SETS:
                result.sets.append(_set(each))
    if result.formula.startswith(("%3C", "<math")):
        result.formula = _of_mathml(unquote(result.formula))
    return result


def _refuse_what_scores_else(root: Element) -> None:
    """Refuse points for units and for nearly right numbers, and formulas of several steps."""
    if _said(root, "unit_value") or _said(root, "unit_required").lower() == "true":
        raise CannotAsk("unit", "the unit of a calculated question earns points, which cannot be asked here")
    if (number_of(_said(root, "partial_credit_points_percent")) or 0) > 0:
        raise CannotAsk("scoring", "nearly right numbers earn a part of the points, by a formula")
    if sum(local_name(each) == "formula" for each in root.iter()) > 1:
        raise CannotAsk("formula", "a calculation of several steps is not taken over")


def _ends(var: Element) -> tuple[Decimal, Decimal, int]:
    return _number(_said(var, "min")), _number(_said(var, "max")), _count(var.get("scale"))


def _set(element: Element) -> tuple[dict[str, Decimal], Decimal]:
    values = {(var.get("name") or ""): _number(var.text) for var in element if local_name(var) == "var"}
    return values, _number(_said(element, "answer"))


def _of_vista(root: Element, item: Item) -> Calculation:
    """As WebCT wrote it: everything in attributes."""
    result = Calculation()
    for each in root.iter():
        given = {key.rpartition("}")[2]: str(value) for key, value in each.attrib.items()}
        match local_name(each):
            case "formula":
                result.formula = "".join(each.itertext()).strip()
            case "var":
                ends = _number(given.get("min")), _number(given.get("max"))
                result.ranges[given.get("name", "")] = (*ends, _count(given.get("precision")))
            case "calculated_set" if len(result.sets) < MOST_SETS:
                values, answer = {}, None
                for part in each:
                    own = {key.rpartition("}")[2]: str(value) for key, value in part.attrib.items()}
                    if local_name(part) == "answer":
                        answer = own.get("value")
                    else:
                        values[own.get("name", "")] = _number(own.get("value"))
                result.sets.append((values, _number(answer)))
    for each in item.element.iter():
        if local_name(each) == "calculated_answer":
            given = {key.rpartition("}")[2]: str(value) for key, value in each.attrib.items()}
            if given.get("precisionType", "Decimal") != "Decimal":
                raise CannotAsk(
                    "formula", "the answer is rounded to digits that count, which is not taken over"
                )
            result.decimals = _count(given.get("precision"))
            is_percent = given.get("toleranceType", "").lower() == "percent"
            result.tolerance = _tolerance(given.get("tolerance", ""), is_percent)
    return result


def _tolerance(text: str, is_percent: bool) -> tuple[str, Decimal]:
    plain = text.strip()
    amount = _number(plain.rstrip("% ") or "0")
    if plain.endswith("%") or is_percent:
        if amount >= 100:
            raise CannotAsk("formula", "a tolerance of 100 % or more accepts everything")
        return "relative", amount / 100
    return "absolute", amount


def _names(calculation: Calculation) -> dict[str, str]:
    """Our names for its values."""
    names: dict[str, str] = {}
    for name, (least, most, scale) in calculation.ranges.items():
        plain = name.casefold()
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", plain):
            raise CannotAsk("formula", f"the value {name[:40]!r} cannot be named so here")
        if plain in FUNCTIONS or plain in WORDS or plain in names.values():
            plain = f"value_{len(names) + 1}"
        names[name] = plain
        if scale > 9 or not 2 <= (most - least) * 10**scale + 1 <= MOST_VALUES:
            raise CannotAsk("formula", f"the value {name[:40]!r} has no range that can be drawn from here")
    if not 1 <= len(names) <= 20:
        raise CannotAsk("formula", f"has {len(names)} values to draw")
    return names


def _translated(formula: str, names: Mapping[str, str]) -> str:
    """The formula in our own language.  Only words that mean the same in both are let through."""
    if "=" in formula or len(formula) > 400:
        raise CannotAsk("formula", "its formula is not one that is read here")

    def word(found: re.Match[str]) -> str:
        name = found[1]
        if name in names:
            return names[name]
        if name.casefold() in SAME_FUNCTIONS and found[0] == name:
            return name.casefold()
        raise CannotAsk("formula", f"its formula uses {name[:40]!r}, which is not known here")

    return NAME.sub(word, formula).replace("^", "**")


def _proved(formula: str, names: Mapping[str, str], calculation: Calculation) -> None:
    """Refuse a formula that gives any other answer than the file says."""
    if not calculation.sets:
        raise CannotAsk("formula", "its file has no answers to prove the formula with")
    last = Fraction(1, 10**calculation.decimals)
    try:
        ours = parse(f"{formula}")
        for values, answer in calculation.sets:
            known: dict[str, Value] = {
                names[name]: Fraction(v) for name, v in values.items() if name in names
            }
            if known.keys() != set(names.values()):
                raise CannotAsk("formula", "an answer in its file has not all values")
            got = ours.evaluate({name: _whole(value) for name, value in known.items()})
            if isinstance(got, bool | str) or not _agrees(Fraction(got), Fraction(answer), last, calculation):
                raise CannotAsk("formula", "its formula gives other answers here than its file says")
    except (FormulaError, TypeError, ValueError) as error:
        raise CannotAsk("formula", f"its formula cannot be computed here: {error}") from error


def _agrees(ours: Fraction, theirs: Fraction, last: Fraction, calculation: Calculation) -> bool:
    """Whether two answers are one: some tools round, some cut off, which matters only without a tolerance."""
    kind, amount = calculation.tolerance
    room = Fraction(amount) * abs(theirs) if kind == "relative" else Fraction(amount)
    return abs(ours - theirs) <= (last if room >= last else last / 2 + Fraction(1, 10**9))


def _whole(value: Value) -> Value:
    is_whole = isinstance(value, Fraction) and value.denominator == 1
    return int(value) if is_whole else value


def _range(least: Decimal, most: Decimal, scale: int) -> dict[str, Any]:
    step = Decimal(1).scaleb(-scale)
    return {"from": written(least), "to": written(most), "step": written(step)}


def _stem(item: Item, names: Mapping[str, str]) -> Any:
    stem = str(item.shown.stem)
    if "{{" in stem or stem.startswith("= "):
        raise CannotAsk("formula", "its text has signs that mean something else in a question with variants")
    shown = {name for name in names if f"[{name}]" in stem}
    if shown != set(names):
        raise CannotAsk("formula", "its text does not show all drawn values")
    for name in shown:
        stem = stem.replace(f"[{name}]", f"{{{{{names[name]}}}}}")
    return text_value(Marked(stem, markup_of(item.shown.stem)), item.markup)


def _of_mathml(source: str) -> str:
    """A formula in content MathML as a line of text."""
    try:
        return _line(parse_xml(source))
    except BadXml as error:
        raise CannotAsk("formula", f"its formula {error}") from error


def _line(element: Element, depth: int = 0) -> str:
    if depth > 40:
        raise CannotAsk("formula", "its formula is too deeply nested")
    name = local_name(element)
    if name in ("ci", "cn"):
        return "".join(element.itertext()).strip()
    parts = [each for each in element if isinstance(each.tag, str)]
    if name == "math" and len(parts) == 1:
        return _line(parts[0], depth + 1)
    if name != "apply" or len(parts) < 2:
        raise CannotAsk("formula", f"its formula uses <{name[:40]}>, which is not known here")
    what = local_name(parts[0])
    said = [_line(each, depth + 1) for each in parts[1:]]
    if what == "minus" and len(said) == 1:
        return f"(-{said[0]})"
    if what in SIGNS and len(said) > 1:
        return f"({f' {SIGNS[what]} '.join(said)})"
    if what in NAMED and len(said) == 1:
        return f"{NAMED[what]}({said[0]})"
    raise CannotAsk("formula", f"its formula uses <{what[:40]}>, which is not known here")


def _said(element: Element, name: str) -> str:
    found = next((each for each in element.iter() if local_name(each) == name), None)
    return "".join(found.itertext()).strip() if found is not None else ""


def _number(text: str | None) -> Decimal:
    number = number_of(text or "")
    if number is None:
        raise CannotAsk("formula", f"{(text or '')[:40]!r} stands where a number should")
    return number


def _count(text: str | None) -> int:
    plain = (text or "").strip()
    return int(plain) if plain.isdecimal() and len(plain) < 3 else 0
