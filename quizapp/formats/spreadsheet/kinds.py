"""Rows as questions of each type."""

import re
from collections.abc import Callable
from typing import Any

from quizapp.domain.imports import Action, Found
from quizapp.formats.reading.building import (
    decimal_text,
    essay,
    flashcard,
    literal,
    number_in,
    shares,
    without_repeats,
)
from quizapp.formats.spreadsheet.headers import Layout
from quizapp.formats.spreadsheet.rows import RowFields, credit_of, credit_text

TYPES: dict[str, str] = {
    **dict.fromkeys(
        ("single choice", "single", "one answer", "radio", "single answer", "mc single"), "single_choice"
    ),
    **dict.fromkeys(("choice", "mc", "mcq", "multichoice", "quiz", "multiple choice question"), "choice"),
    **dict.fromkeys(("multiple answer", "multiple answers", "ma", "ms", "multi select"), "multiple_choice"),
    **dict.fromkeys(("multiselect", "multiple response", "mr", "checkbox", "checkboxes"), "multiple_choice"),
    **dict.fromkeys(("multichoiceset", "multiple select", "select all", "multi answer"), "multiple_choice"),
    **dict.fromkeys(("true false", "tf", "truefalse", "true or false", "boolean", "t f"), "true_false"),
    **dict.fromkeys(("short text", "short", "short answer", "sa", "shortanswer", "fib"), "short_text"),
    **dict.fromkeys(("fill in the blank", "fill in the blanks", "fill in", "type answer"), "short_text"),
    **dict.fromkeys(("number", "num", "numeric", "numerical"), "number"),
    **dict.fromkeys(("ordering", "order", "ord", "sequence", "puzzle", "sorting"), "ordering"),
    **dict.fromkeys(("matching", "match", "mat", "pairs"), "matching"),
    **dict.fromkeys(("open response", "open", "open answer", "essay", "ess", "open ended"), "open_response"),
    **dict.fromkeys(("free text", "long answer", "written response", "wr", "paragraph"), "open_response"),
    **dict.fromkeys(("flashcard", "card"), "flashcard"),
    **dict.fromkeys(("information", "info", "description", "slide", "content"), "information"),
    **dict.fromkeys(("kept not askable", "opaque"), "opaque"),
}
TRUE = frozenset({"true", "t", "yes", "y", "1", "right", "correct", "wahr", "richtig", "vrai", "verdadero"})
FALSE = frozenset({"false", "f", "no", "n", "0", "wrong", "incorrect", "falsch", "faux", "falso"})
MARKINGS = frozenset({"all_or_nothing", "right_minus_wrong", "per_option", "weighted"})
ARROW = re.compile(r"(?<!\\)\s{0,20}=>\s{0,20}")
NUMBER_WITH_ROOM = re.compile(r"([^±]{1,60}?)(?:\s{0,9}(?:±|\+-|\+/-)\s{0,9}(.{1,60}))?")
NOTHING = "(nothing)"
"""What a match that belongs to no prompt stands behind: a cell cannot well begin with an arrow."""

SHORT_CHARS = 60
IN_ONE_CELL = ("\n", ";", "|")

Options = list[tuple[int, str]]
Made = dict[str, Any] | None


def own_fields(fields: RowFields, found: Found) -> Made:
    """The fields of a row's type, or None where it was given up."""
    kind = _type_of(fields, found)
    found.kind = kind or fields.get("type") or "row"
    return _makers[kind](fields, found) if kind else None


def options_of(fields: RowFields) -> Options:
    """The answers of a row with their numbers; from one cell where they stand in one."""
    several = sorted(fields.many.get("option", {}).items())
    if several or not fields.get("options"):
        return several
    cell = fields.get("options")
    separator = next((sign for sign in IN_ONE_CELL if sign in cell), ",")
    return list(enumerate((part.strip() for part in cell.split(separator) if part.strip()), start=1))


def _type_of(fields: RowFields, found: Found) -> str:
    said = fields.get("type")
    word = " ".join(said.casefold().replace("_", " ").replace("/", " ").replace("-", " ").split())
    kind = "multiple_choice" if word == "multiple choice" and "_" in said else TYPES.get(word, "")
    if word == "multiple choice" and not kind:
        kind = "choice"
    if said and not kind:
        found.give_up("kind", f"is of the type {said[:60]!r}, which cannot be asked here")
        return ""
    kind = kind or fields.plan.default_type or _guessed(fields)
    if not kind:
        message = "has neither answers nor a key; write its type, such as open_response, if that is meant"
        found.give_up("no_key", message)
    return kind


def _guessed(fields: RowFields) -> str:
    """The type of a row that names none."""
    if len(options_of(fields)) >= 2 or fields.many.get("wrong"):
        return "choice"
    key = next(iter(fields.many.get("key", {}).values()), "")
    if not key:
        return ""
    if key.casefold() in (TRUE | FALSE) - {"0", "1"}:
        return "true_false"
    if number_in(key) is not None:
        return "number"
    return "short_text" if len(key) <= SHORT_CHARS and "\n" not in key else "flashcard"


def _choice(fields: RowFields, found: Found) -> Made:
    """One or several answers, as many as the key names."""
    return _choices(fields, found, None)


def _single(fields: RowFields, found: Found) -> Made:
    return _choices(fields, found, False)


def _multiple(fields: RowFields, found: Found) -> Made:
    return _choices(fields, found, True)


def _choices(fields: RowFields, found: Found, several: bool | None) -> Made:
    numbered = options_of(fields)
    keys = _keys(fields, numbered, found)
    if keys is None:
        return None
    if fields.many.get("wrong"):
        first = fields.many.get("key", {}) if not numbered else {}
        wrong = fields.many["wrong"].values()
        numbered = list(enumerate([*(text for _, text in numbered), *first.values(), *wrong], start=1))
        keys = keys or set(range(1, 1 + len(first)))
    options = [_option(fields, slot, text, slot in keys) for slot, text in numbered]
    if not keys:
        found.give_up("no_key", "names no right answer")
        return None
    if several is None:
        several = len(keys) > 1 and fields.plan.layout is not Layout.KAHOOT
    return _several(fields, found, options) if several else _one(fields, found, options)


def _option(fields: RowFields, slot: int, text: str, is_key: bool) -> dict[str, Any]:
    option: dict[str, Any] = {"text": fields.text(text)}
    if is_key:
        option["key"] = True
    for meaning in ("feedback", "misconception"):
        if said := fields.nth(meaning, slot):
            option[meaning] = fields.text(said) if meaning == "feedback" or fields.is_own else said
    if (credit := credit_text(fields.nth("credit", slot))) is not None:
        option["credit"] = credit
    return option


def _one(fields: RowFields, found: Found, options: list[dict[str, Any]]) -> Made:
    """One answer can be chosen; where several are right, any of them counts."""
    keys = [option for option in options if option.get("key")]
    if len(keys) > 1:
        for option in keys[1:]:
            del option["key"]
            option["credit"] = "1"
        message = "names several right answers of which one is chosen; any of them counts"
        found.say("several_keys", message, Action.APPROXIMATED, severity="info")
    for option in options:
        if option.get("key") or option.get("credit") == "0":
            option.pop("credit", None)
    return {"type": "single_choice", "options": without_repeats(options, found)}


def _several(fields: RowFields, found: Found, options: list[dict[str, Any]]) -> Made:
    marking = "_".join(fields.get("marking").casefold().replace("_", " ").split())
    if marking and marking not in MARKINGS:
        found.give_up("marking", f"is marked by {marking[:60]!r}, which is not known here")
        return None
    keys = [option for option in options if option.get("key")]
    has_credits = any("credit" in option for option in options)
    if fields.plan.layout is Layout.MOODLE and not marking:
        marking = "all_or_nothing" if fields.plan.default_type else "weighted"
    if not marking and not has_credits and len(keys) < len(options):
        if not fields.is_own:
            message = "does not say what some of the right answers earn; here wrong choices cancel right ones"
            found.say("marking", message, Action.APPROXIMATED, severity="info")
        return {"type": "multiple_choice", "options": without_repeats(options, found)}
    if len(keys) == len(options) or has_credits:
        marking = marking if marking and not has_credits and len(keys) < len(options) else "weighted"
    if marking == "weighted" and not has_credits:
        for option, credit in zip(keys, shares(len(keys)), strict=True):
            option["credit"] = credit
    return {"type": "multiple_choice", "marking": marking, "options": without_repeats(options, found)}


def _keys(fields: RowFields, numbered: Options, found: Found) -> set[int] | None:
    """The numbers of the right answers; None where the row was given up."""
    earned = {slot: credit_of(cell) for slot, cell in fields.many.get("credit", {}).items()}
    cells = [cell for _, cell in sorted(fields.many.get("key", {}).items())]
    if not cells:
        whole = {slot for slot, credit in earned.items() if credit == 1}
        return whole or {slot for slot, credit in earned.items() if credit is not None and credit > 0}
    texts = [text for _, text in numbered]
    chosen: set[int] = set()
    for cell in cells:
        places = fields.habit.read(cell, texts)
        if places is None:
            message = f"its key {cell[:60]!r} names one answer by its place and another by its text"
            found.give_up("ambiguous_key", message)
            return None
        if not places and not fields.many.get("wrong"):
            found.give_up("key", f"its key {cell[:60]!r} is none of its answers")
            return None
        chosen |= {numbered[place][0] for place in places}
    return chosen


def _true_false(fields: RowFields, found: Found) -> Made:
    numbered = options_of(fields)
    key = next(iter(fields.many.get("key", {}).values()), "").strip()
    if numbered and key.casefold() not in (TRUE | FALSE) - {"0", "1"}:
        places = fields.habit.read(key, [text for _, text in numbered])
        key = numbered[places[0]][1] if places else key
    said = key.casefold()
    if said not in TRUE | FALSE:
        found.give_up("key", f"should have the key true or false, not {key[:60]!r}")
        return None
    own: dict[str, Any] = {"type": "true_false", "answer": said in TRUE}
    for slot, name in ((1, "feedback_true"), (2, "feedback_false")):
        if feedback := fields.nth("feedback", slot):
            own[name] = fields.text(feedback)
    if misconception := fields.nth("misconception", 1):
        own["misconception"] = misconception
    return own


def _short_text(fields: RowFields, found: Found) -> Made:
    numbered = options_of(fields) or _split_answers(fields)
    answers: list[dict[str, Any]] = []
    mistakes: list[dict[str, Any]] = []
    for slot, text in numbered:
        credit = credit_of(fields.nth("credit", slot) or "1")
        entry: dict[str, Any] = {"text": text if fields.is_own else literal(text)}
        if feedback := fields.nth("feedback", slot):
            entry["feedback"] = fields.text(feedback)
        if credit is None:
            found.give_up(
                "credit", f"an answer should earn a number, not {fields.nth('credit', slot)[:40]!r}"
            )
            return None
        if credit > 0:
            answers.append(entry | ({"credit": decimal_text(credit)} if credit != 1 else {}))
        else:
            misconception = fields.nth("misconception", slot)
            mistakes.append(entry | ({"misconception": misconception} if misconception else {}))
    if not answers:
        found.give_up("no_key", "has no right answer")
        return None
    case = fields.get("case").casefold() in TRUE | {"x"}
    own = {"type": "short_text", "answers": answers, **({"case_sensitive": True} if case else {})}
    return own | ({"mistakes": mistakes} if mistakes else {})


def _split_answers(fields: RowFields) -> Options:
    """Answers that stand in the key, between semicolons; their credits stand alike."""
    cells = [cell for _, cell in sorted(fields.many.get("key", {}).items())]
    parts = [part.strip() for part in (cells[0].split(";") if len(cells) == 1 else cells)]
    if not all(parts):
        parts = cells
    said = fields.many.pop("credit", {})
    listed = next(iter(said.values()), "").split(";")
    if len(listed) == len(parts) > 1:
        fields.many["credit"] = {slot: cell.strip() for slot, cell in enumerate(listed, start=1)}
    elif len(parts) > 1 and said:
        fields.many["credit"] = said
    return list(enumerate(parts, start=1))


def _number(fields: RowFields, found: Found) -> Made:
    key = next(iter(fields.many.get("key", {}).values()), "")
    answer = _value(key, fields.get("tolerance"))
    if answer is None:
        found.give_up("number", f"should have a number as its key, not {key[:60]!r}")
        return None
    own: dict[str, Any] = {"type": "number", "answer": answer.pop("value"), **answer}
    for meaning, name in (("feedback_right", "feedback"), ("feedback_wrong", "otherwise"), ("unit", "unit")):
        if said := fields.get(meaning):
            own[name] = said if name == "unit" else fields.text(said)
    for slot, text in options_of(fields):
        other = _value(text, "")
        credit = credit_of(fields.nth("credit", slot) or "0")
        if other is None or credit is None:
            found.give_up("number", f"its answer {text[:60]!r} is no number")
            return None
        if feedback := fields.nth("feedback", slot):
            other["feedback"] = fields.text(feedback)
        if credit > 0:
            own.setdefault("accepted", []).append(
                other | ({"credit": decimal_text(credit)} if credit != 1 else {})
            )
        else:
            misconception = fields.nth("misconception", slot)
            own.setdefault("mistakes", []).append(
                other | ({"misconception": misconception} if misconception else {})
            )
    return own


def _value(text: str, tolerance: str) -> dict[str, Any] | None:
    """A number with its tolerance: `42`, `42 ± 0.5`, `42 ± 5 %`, or `3 sf` for figures."""
    found = NUMBER_WITH_ROOM.fullmatch(text.strip())
    number = number_in(found[1]) if found else None
    if found is None or number is None:
        return None
    room = _room(found[2] or tolerance)
    if room is None:
        return None
    return {"value": format(number, "f"), **({"tolerance": room} if room else {})}


def _room(text: str) -> dict[str, Any] | None:
    plain = text.strip().casefold()
    if not plain:
        return {}
    if plain.endswith("sf"):
        figures = plain.removesuffix("sf").strip()
        return {"significant_figures": int(figures)} if figures.isascii() and figures.isdigit() else None
    number = number_in(plain.rstrip("% "))
    if number is None or number < 0:
        return None
    if not number:
        return {}
    if plain.endswith("%"):
        return {"relative": decimal_text(number / 100)}
    return {"absolute": decimal_text(number)}


def _ordering(fields: RowFields, found: Found) -> Made:
    items = []
    for slot, text in options_of(fields):
        feedback = fields.nth("feedback", slot)
        items.append({"text": fields.text(text), **({"feedback": fields.text(feedback)} if feedback else {})})
    misconception = fields.nth("misconception", 1)
    return {"type": "ordering", "items": items, **({"misconception": misconception} if misconception else {})}


def _matching(fields: RowFields, found: Found) -> Made:
    pairs, distractors = [], []
    for slot, text in options_of(fields):
        sides = ARROW.split(text, maxsplit=1)
        if len(sides) != 2 or not sides[1].strip():
            found.give_up("pair", f"should be written as “a => b”: {text[:60]!r}")
            return None
        prompt, match = (side.replace("\\=>", "=>").strip() for side in sides)
        extra = {
            meaning: fields.text(said) if meaning == "feedback" else said
            for meaning in ("feedback", "misconception")
            if (said := fields.nth(meaning, slot))
        }
        prompt = "" if prompt == NOTHING else prompt.replace(f"\\{NOTHING}", NOTHING)
        if prompt:
            pairs.append({"prompt": fields.text(prompt), "match": fields.text(match), **extra})
        else:
            distractors.append({"text": fields.text(match), **extra})
    return {"type": "matching", "pairs": pairs, **({"distractors": distractors} if distractors else {})}


def _open(fields: RowFields, found: Found) -> Made:
    key = next(iter(fields.many.get("key", {}).values()), "")
    own = {name: value for name, value in flashcard(fields.text(key)).items() if name != "rubric"}
    if fields.is_own:
        return own | {"rubric": _quiet_essay()}
    return own | essay(found)


def _quiet_essay() -> Any:
    """The plain rubric that the template means by an open answer: nothing to tell."""
    return essay(Found("", 1))["rubric"]


def _flashcard(fields: RowFields, found: Found) -> Made:
    return flashcard(fields.text(next(iter(fields.many.get("key", {}).values()), "")))


def _information(fields: RowFields, found: Found) -> Made:
    return {"type": "information"}


def _opaque(fields: RowFields, found: Found) -> Made:
    """A question that was only kept, and is so again."""
    found.say("opaque", "is only kept: it cannot be asked here")
    own: dict[str, Any] = {"type": "opaque", "kind": fields.get("kind") or "question"}
    own |= {"source": fields.get("source"), "origin": {"format": "csv"}}
    return own | ({"reason": fields.get("reason")} if fields.get("reason") else {})


_makers: dict[str, Callable[[RowFields, Found], Made]] = {
    "choice": _choice,
    "single_choice": _single,
    "multiple_choice": _multiple,
    "true_false": _true_false,
    "short_text": _short_text,
    "number": _number,
    "ordering": _ordering,
    "matching": _matching,
    "open_response": _open,
    "flashcard": _flashcard,
    "information": _information,
    "opaque": _opaque,
}
