"""Brightspace's question library as a table: `NewQuestion`, then one row for each thing about it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, Markup, text_value
from quizapp.formats.reading.building import (
    decimal_text,
    essay,
    first_words,
    literal,
    number_in,
    points_of,
    shares,
    without_repeats,
)
from quizapp.formats.spreadsheet.tables import Table, TableRow

BEGINS = "newquestion"
REMARK = "//"
SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
KEPT = frozenset({"difficulty", "initialtext", "inputbox", "image"})
KNOWN = KEPT | {
    *("id", "title", "questiontext", "points", "hint", "feedback", "scoring", "option", "answer"),
    *("answerkey", "choice", "match", "item", "true", "false", "newquestion", "pts"),
}
SCORING = {
    "rightanswers": "per_option",
    "correctselections": "per_option",
    "correctanswers": "per_option",
    "rightminuswrong": "right_minus_wrong",
    "allornothing": "all_or_nothing",
    "allornone": "all_or_nothing",
}
IN_PARTS = frozenset({"", "equallyweighted"})


@dataclass(slots=True)
class Block:
    """The rows of one question."""

    kind: str
    rows: list[TableRow] = field(default_factory=list)

    def first(self, name: str) -> TableRow | None:
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[TableRow]:
        return (row for row in self.rows if word(row) == name)

    def value(self, name: str) -> str:
        row = self.first(name)
        return row.cell(1) if row else ""


def is_brightspace(table: Table) -> bool:
    """Whether some row begins a question."""
    return any(word(row) == BEGINS and 0 < len(row.cell(1)) <= 4 for row in table.rows)


def word(row: TableRow) -> str:
    """The name of a row, however it is written."""
    return "".join(row.cell(0).split()).casefold()


def read_brightspace(table: Table, reading: Reading, format_key: str) -> None:
    """Every block as a question; rows outside are told unless they are remarks."""
    block: Block | None = None
    for row in [*table.rows, None]:
        if row is None or word(row) == BEGINS:
            if block is not None:
                reading.found.append(_question(block, table.name, format_key))
            block = Block(row.cell(1).upper(), [row]) if row is not None else None
        elif row.cell(0).startswith(REMARK):
            continue
        elif block is not None:
            block.rows.append(row)
        else:
            message = f"stands before the first question and was passed over: {row.source[:80]!r}"
            reading.say("row", message, Action.DROPPED, severity="info", line=row.line, member=table.name)


def _question(block: Block, member: str, format_key: str) -> Found:
    stem = block.value("questiontext")
    found = Found(block.value("title") or first_words(stem) or "question", block.rows[0].line)
    found.kind, found.member, found.text = block.kind or "question", member, _marked(stem, block)
    found.source = "\n".join(row.source for row in block.rows)
    for row in block.rows:
        for code, message in row.remarks:
            found.say(code, message, Action.KEPT, line=row.line)
    maker = _makers.get(block.kind)
    if maker is None:
        found.give_up("kind", f"is of the type {block.kind[:40]!r}, which cannot be asked here")
        return found
    own = maker(block, found)
    if own is not None:
        found.document = _shared(block, found, format_key) | own
    return found


def _marked(text: str, block: Block) -> Marked:
    row = block.first("questiontext")
    is_html = row is not None and any(cell.strip().upper() == "HTML" for cell in row.cells[2:])
    return Marked(text, Markup.HTML if is_html else Markup.PLAIN)


def _shared(block: Block, found: Found, format_key: str) -> dict[str, Any]:
    settings = {name: block.value(name) for name in sorted(KEPT) if block.value(name)}
    origin: dict[str, Any] = {"format": format_key, "id": block.value("id")[:1_000]}
    document: dict[str, Any] = {
        "name": block.value("title")[:500],
        "markup": "plain",
        "stem": text_value(_marked(block.value("questiontext"), block), Markup.PLAIN),
        "explanation": _cell_text(block.first("feedback"), 1),
        "hints": [_cell_text(row, 1) for row in block.all("hint") if row.cell(1)],
    }
    if points := block.value("points") or block.value("pts"):
        document["points"], original = points_of(points, found)
        settings |= {"points": original} if original else {}
    if (image := block.first("image")) and image.cell(1):
        message = f"its picture {image.cell(1)[:80]!r} is not in the file"
        found.say("missing_image", message, Action.DROPPED, line=image.line)
    for row in block.rows:
        if word(row) not in KNOWN:
            message = f"has a row that is not known: {row.source[:80]!r}"
            found.say("row", message, Action.DROPPED, line=row.line)
    document["origin"] = origin | ({"settings": settings} if settings else {})
    return {name: value for name, value in document.items() if value}


def _cell_text(row: TableRow | None, place: int) -> Any:
    """A cell as a text: HTML where the cell behind it says so."""
    if row is None or not row.cell(place):
        return ""
    is_html = row.cell(place + 1).strip().upper() == "HTML"
    return text_value(Marked(row.cell(place), Markup.HTML if is_html else Markup.PLAIN), Markup.PLAIN)


def _with_feedback(entry: dict[str, Any], row: TableRow, place: int) -> dict[str, Any]:
    feedback = _cell_text(row, place)
    return entry | ({"feedback": feedback} if feedback else {})


def _percent(row: TableRow, found: Found) -> Decimal | None:
    number = number_in(row.cell(1) or "0")
    if number is None:
        found.give_up("weight", f"an answer has the weight {row.cell(1)[:40]!r}", line=row.line)
    return number


def _choice(block: Block, found: Found) -> dict[str, Any] | None:
    options: list[dict[str, Any]] = []
    has_key = False
    for row in block.all("option"):
        weight = _percent(row, found)
        if weight is None:
            return None
        option = _with_feedback({"text": _cell_text(row, 2)}, row, 4)
        if weight == 100 and not has_key:
            option["key"] = has_key = True
        elif weight:
            option["credit"] = decimal_text(weight / 100)
        options.append(option)
    if not has_key:
        found.give_up("no_key", "has no answer that is worth 100 per cent")
        return None
    return {"type": "single_choice", "options": without_repeats(options, found)}


def _several(block: Block, found: Found) -> dict[str, Any] | None:
    options: list[dict[str, Any]] = []
    for row in block.all("option"):
        weight = _percent(row, found)
        if weight is None:
            return None
        option = _with_feedback({"text": _cell_text(row, 2)}, row, 4)
        options.append(option | ({"key": True} if weight > 0 else {}))
    keys = [option for option in options if option.get("key")]
    scoring = "".join(block.value("scoring").split()).casefold()
    marking = SCORING.get(scoring, "")
    if not marking or not keys:
        given = block.value("scoring")[:40]
        why = f"is scored by {given!r}, which is not known here" if keys else "has no right answer"
        found.give_up("marking" if keys else "no_key", why)
        return None
    if marking == "per_option":
        message = "gives a share for every right decision; here guessing at random earns nothing"
        found.say("marking", message, Action.APPROXIMATED, severity="info")
    if len(keys) == len(options):
        marking = "weighted"
        for option, credit in zip(keys, shares(len(keys)), strict=True):
            option["credit"] = credit
    return {"type": "multiple_choice", "marking": marking, "options": without_repeats(options, found)}


def _true_false(block: Block, found: Found) -> dict[str, Any] | None:
    own: dict[str, Any] = {"type": "true_false"}
    for name in ("true", "false"):
        row = block.first(name)
        weight = _percent(row, found) if row is not None else None
        if row is None or weight is None:
            found.give_up("no_key", f"has no row {name.upper()}")
            return None
        if weight > 0 and "answer" in own:
            found.give_up("no_key", "says that both true and false are right")
            return None
        if weight > 0:
            own["answer"] = name == "true"
        own |= {f"feedback_{name}": said for said in [_cell_text(row, 2)] if said}
    if "answer" not in own:
        found.give_up("no_key", "says that neither true nor false is right")
        return None
    return own


def _short_answer(block: Block, found: Found) -> dict[str, Any] | None:
    answers, mistakes, case = [], [], False
    for row in block.all("answer"):
        weight = _percent(row, found)
        if weight is None:
            return None
        how = row.cell(3).strip().casefold()
        if how == "regexp" and SPECIAL.search(row.cell(2)):
            found.give_up(
                "regexp", "accepts what fits a regular expression, which is not tried here", line=row.line
            )
            return None
        case = case or how == "sensitive"
        entry: dict[str, Any] = {"text": literal(row.cell(2))}
        if weight > 0:
            answers.append(entry | ({"credit": decimal_text(weight / 100)} if weight != 100 else {}))
        else:
            mistakes.append(entry)
    own: dict[str, Any] = {"type": "short_text", "answers": answers}
    own |= {"mistakes": mistakes} if mistakes else {}
    return own | ({"case_sensitive": True} if case else {})


def _written(block: Block, found: Found) -> dict[str, Any]:
    key = _cell_text(block.first("answerkey"), 1)
    return essay(found) | ({"model_answer": key} if key else {})


def _matching(block: Block, found: Found) -> dict[str, Any] | None:
    choices = {row.cell(1): _cell_text(row, 2) for row in block.all("choice")}
    pairs, distractors, used = [], [], set()
    for row in block.all("match"):
        match = _cell_text(row, 2)
        if row.cell(1) in choices and row.cell(1) not in used:
            used.add(row.cell(1))
            pairs.append({"prompt": choices[row.cell(1)], "match": match})
        elif row.cell(1) in choices:
            found.give_up("pair", f"has two matches for the choice {row.cell(1)[:40]!r}", line=row.line)
            return None
        else:
            distractors.append({"text": match})
    if choices.keys() - used:
        found.give_up("pair", "has a choice without a match")
        return None
    _tell_of_scoring(block, found)
    own: dict[str, Any] = {"type": "matching", "pairs": pairs}
    return own | ({"distractors": distractors} if distractors else {})


def _ordering(block: Block, found: Found) -> dict[str, Any]:
    items = []
    for row in block.all("item"):
        items.append(_with_feedback({"text": _cell_text(row, 1)}, row, 3))
    _tell_of_scoring(block, found)
    return {"type": "ordering", "items": items}


def _tell_of_scoring(block: Block, found: Found) -> None:
    if "".join(block.value("scoring").split()).casefold() not in IN_PARTS:
        message = f"is scored by {block.value('scoring')[:40]!r}; here every part counts alike"
        found.say("marking", message, Action.APPROXIMATED)


_makers: dict[str, Callable[[Block, Found], dict[str, Any] | None]] = {
    "MC": _choice,
    "MS": _several,
    "TF": _true_false,
    "SA": _short_answer,
    "WR": _written,
    "M": _matching,
    "MAT": _matching,
    "O": _ordering,
    "ORD": _ordering,
}
