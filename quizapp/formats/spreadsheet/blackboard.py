"""Blackboard's rows: the type, the question, and what the type needs, one cell after another."""

from collections.abc import Callable, Sequence
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, Markup, text_value
from quizapp.formats.reading.building import (
    decimal_text,
    essay,
    first_words,
    literal,
    number_in,
    without_repeats,
)
from quizapp.formats.spreadsheet.rows import LOOKS_LIKE_HTML
from quizapp.formats.spreadsheet.tables import Table, TableRow

TYPES = frozenset(
    {
        *("MC", "MA", "TF", "ESS", "ORD", "MAT", "FIB", "FIB_PLUS", "NUM", "SR", "OP", "FIL"),
        *("JUMBLED_SENTENCE", "QUIZ_BOWL"),
    }
)
NOT_ASKED = {
    "OP": "asks for an opinion, which is neither right nor wrong",
    "FIL": "asks for a file, which cannot be handed in here",
    "JUMBLED_SENTENCE": "is a jumbled sentence, which cannot be asked here",
    "QUIZ_BOWL": "asks for a question in return, which cannot be asked here",
}
SHARE_OF_ROWS = 0.5


def is_blackboard(table: Table) -> bool:
    """Whether most rows begin with a type in Blackboard's capitals."""
    typed = sum(row.cell(0) in TYPES and bool(row.cell(1)) for row in table.rows)
    return typed > len(table.rows) * SHARE_OF_ROWS


def read_blackboard(table: Table, reading: Reading, format_key: str) -> None:
    """Every row as a question."""
    for row in table.rows:
        found = Found(first_words(row.cell(1)) or row.cell(0), row.line, source=row.source, member=table.name)
        found.kind, found.text = row.cell(0)[:100], _marked(row.cell(1))
        for code, message in row.remarks:
            found.say(code, message, Action.KEPT)
        reading.found.append(found)
        own = _own(row, found)
        if own is not None:
            stem = {"stem": _text(row.cell(1))} if "stem" not in own else {}
            found.document = {"markup": "plain", **stem, "origin": {"format": format_key}, **own}


def _own(row: TableRow, found: Found) -> dict[str, Any] | None:
    kind, rest = row.cell(0), row.cells[2:]
    if kind in NOT_ASKED:
        found.give_up("kind", NOT_ASKED[kind])
        return None
    maker = _makers.get(kind)
    if maker is None:
        found.give_up("kind", f"should begin with a type such as MC or TF, not {kind[:40]!r}")
        return None
    return maker([cell.strip() for cell in rest], row, found)


def _choices(rest: Sequence[str], row: TableRow, found: Found) -> dict[str, Any] | None:
    cells = [cell for cell in rest if cell]
    pairs = list(zip(cells[::2], cells[1::2], strict=False))
    if len(cells) % 2 or any(mark.casefold() not in ("correct", "incorrect") for _, mark in pairs):
        found.give_up("pair", "should say correct or incorrect behind each answer")
        return None
    options: list[dict[str, Any]] = [{"text": _text(text)} for text, _ in pairs]
    for option, (_, mark) in zip(options, pairs, strict=True):
        if mark.casefold() == "correct":
            option["key"] = True
    keys = sum("key" in option for option in options)
    if row.cell(0) == "MC" and keys != 1:
        found.give_up("no_key", f"should have one correct answer, not {keys}")
        return None
    options = without_repeats(options, found)
    if row.cell(0) == "MC":
        return {"type": "single_choice", "options": options}
    message = "does not say what some of the right answers earn; all of them are needed"
    found.say("marking", message, Action.APPROXIMATED, severity="info")
    return {"type": "multiple_choice", "marking": "all_or_nothing", "options": options}


def _true_false(rest: Sequence[str], row: TableRow, found: Found) -> dict[str, Any] | None:
    said = rest[0].casefold() if rest else ""
    if said not in ("true", "false"):
        found.give_up("key", f"should say true or false, not {said[:40]!r}")
        return None
    return {"type": "true_false", "answer": said == "true"}


def _essay(rest: Sequence[str], row: TableRow, found: Found) -> dict[str, Any]:
    sample = next((cell for cell in rest if cell), "")
    return essay(found) | ({"model_answer": _text(sample)} if sample else {})


def _ordering(rest: Sequence[str], row: TableRow, found: Found) -> dict[str, Any]:
    return {"type": "ordering", "items": [{"text": _text(cell)} for cell in rest if cell]}


def _matching(rest: Sequence[str], row: TableRow, found: Found) -> dict[str, Any] | None:
    cells = [cell for cell in rest if cell]
    if len(cells) % 2:
        found.give_up("pair", "should have a match for each answer")
        return None
    sides = zip(cells[::2], cells[1::2], strict=True)
    pairs = [{"prompt": _text(prompt), "match": _text(match)} for prompt, match in sides]
    return {"type": "matching", "pairs": pairs}


def _blank(rest: Sequence[str], row: TableRow, found: Found) -> dict[str, Any] | None:
    answers = [{"text": literal(cell)} for cell in dict.fromkeys(rest) if cell]
    if not answers:
        found.give_up("no_key", "has no answer")
        return None
    return {"type": "short_text", "answers": answers}


def _blanks(rest: Sequence[str], row: TableRow, found: Found) -> dict[str, Any] | None:
    """`[name]` in the text; a name and its answers, with an empty cell before the next name."""
    text, parts = row.cell(1).replace("[[", "[ ["), []
    groups: list[list[str]] = [[]]
    for cell in rest:
        groups = [*groups, []] if not cell else [*groups[:-1], [*groups[-1], cell]]
    for number, group in enumerate(filter(None, groups), start=1):
        name, answers = group[0].strip("[]"), list(dict.fromkeys(group[1:]))
        if text.count(f"[{name}]") != 1 or not answers:
            found.give_up("gaps", f"should have the gap {name[:40]!r} in its text once, and an answer for it")
            return None
        text = text.replace(f"[{name}]", f"[[gap-{number}]]")
        accepted = [{"text": literal(answer)} for answer in answers]
        parts.append({"id": f"gap-{number}", "type": "short_text", "answers": accepted})
    if not parts:
        found.give_up("gaps", "has no gaps")
        return None
    return {"type": "composite", "stem": "Fill in the gaps.", "text": _text(text), "parts": parts}


def _number(rest: Sequence[str], row: TableRow, found: Found) -> dict[str, Any] | None:
    answer = number_in(rest[0]) if rest else None
    room = number_in(rest[1]) if len(rest) > 1 and rest[1] else None
    if answer is None or (len(rest) > 1 and rest[1] and (room is None or room < 0)):
        found.give_up("number", "should have a number and perhaps how far off it may be")
        return None
    own = {"type": "number", "answer": decimal_text(answer)}
    return own | ({"tolerance": {"absolute": decimal_text(room)}} if room else {})


_makers: dict[str, Callable[[Sequence[str], TableRow, Found], dict[str, Any] | None]] = {
    "MC": _choices,
    "MA": _choices,
    "TF": _true_false,
    "ESS": _essay,
    "SR": _essay,
    "ORD": _ordering,
    "MAT": _matching,
    "FIB": _blank,
    "FIB_PLUS": _blanks,
    "NUM": _number,
}


def _marked(cell: str) -> Marked:
    return Marked(cell, Markup.HTML if LOOKS_LIKE_HTML.search(cell) else Markup.PLAIN)


def _text(cell: str) -> Any:
    return text_value(_marked(cell), Markup.PLAIN)
