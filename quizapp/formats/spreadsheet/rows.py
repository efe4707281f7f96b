"""One row of a table by the meaning of its columns, and what all types of questions share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quizapp.domain.imports import Action, Found
from quizapp.domain.texts import Marked, Markup, text_value
from quizapp.formats.reading.building import decimal_text, number_in, points_of
from quizapp.formats.spreadsheet.headers import NUMBERED, Layout, Plan
from quizapp.formats.spreadsheet.keys import Habit
from quizapp.formats.spreadsheet.tables import TableRow

SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
LEVELS = frozenset({"junior", "mid", "senior", "staff"})
COGNITIVE = frozenset({"recall", "apply", "analyse", "evaluate"})
LOOKS_LIKE_HTML = re.compile(
    r"</(?:p|b|i|u|em|strong|span|div|sub|sup|ul|ol|li|table|code|pre|a)>|<br ?/?>|<img\s|&nbsp;",
    re.IGNORECASE,
)
SINGLE = (
    *("type", "question", "options", "explanation", "name", "id", "topic", "subtopic", "objective"),
    *("category", "tags", "level", "cognitive", "points", "tolerance", "unit", "case", "marking"),
    *("markup", "as_of", "versions", "kind", "reason", "source", "image", "feedback_right", "feedback_wrong"),
)


@dataclass(slots=True)
class RowFields:
    """What a row says: single cells by meaning, and several by meaning and number."""

    row: TableRow
    plan: Plan
    habit: Habit
    one: dict[str, str] = field(default_factory=dict)
    many: dict[str, dict[int, str]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    markup: Markup = Markup.PLAIN

    def get(self, meaning: str) -> str:
        return self.one.get(meaning, "")

    def nth(self, meaning: str, slot: int) -> str:
        return self.many.get(meaning, {}).get(slot, "")

    @property
    def is_own(self) -> bool:
        return self.plan.layout is Layout.OWN

    def text(self, cell: str) -> Any:
        """A cell as a text of a document: in its markup where that is another one."""
        if self.markup is Markup.PLAIN and not self.is_own and LOOKS_LIKE_HTML.search(cell):
            return text_value(Marked(cell, Markup.HTML), self.markup)
        return cell


def fields_of(row: TableRow, plan: Plan, habit: Habit) -> RowFields:
    """A row's cells by what they mean."""
    fields = RowFields(row, plan, habit)
    for column in plan.columns:
        cell = row.cell(column.place)
        if not cell:
            continue
        if column.meaning in NUMBERED:
            fields.many.setdefault(column.meaning, {})[column.slot] = cell
        elif column.meaning in SINGLE and column.meaning in fields.one:
            fields.one[column.meaning] += f"\n\n{cell}" if column.meaning == "explanation" else ""
            fields.kept[column.header] = cell
        elif column.meaning == "source" and row.raw:
            fields.one["source"] = row.raw[column.place]  # every sign of it counts
        elif column.meaning in SINGLE:
            fields.one[column.meaning] = cell
        elif column.meaning == "kept":
            fields.kept[column.header] = cell
    said = fields.get("markup").strip().casefold()
    if said in set(Markup):
        fields.markup = Markup(said)
    elif plan.layout is Layout.OWN:
        fields.markup = Markup.MARKDOWN
    return fields


def is_blank(fields: RowFields) -> bool:
    """Whether a row holds nothing of a question, such as one that was numbered in advance."""
    own = {"question", "options", "explanation", "name", "id", "source"} & fields.one.keys()
    numbered_in_advance = all(map(str.isdigit, fields.kept.values()))
    return not own and not any(fields.many.values()) and numbered_in_advance


def shared(fields: RowFields, found: Found, format_key: str) -> dict[str, Any]:
    """The part of a document that every type has."""
    settings = {header[:100]: cell for header, cell in list(fields.kept.items())[:100]}
    document: dict[str, Any] = {
        "stem": fields.text(fields.get("question")),
        "name": " ".join(fields.get("name").split())[:500],
        "category": fields.get("category"),
        "explanation": fields.text(fields.get("explanation")),
        "hints": [fields.text(hint) for _, hint in sorted(fields.many.get("hint", {}).items())],
        "tags": listed(fields.get("tags")),
        "versions": listed(fields.get("versions")),
        "as_of": fields.get("as_of"),
        "subtopic": fields.get("subtopic"),
        "objective": fields.get("objective"),
    }
    if fields.markup is not Markup.MARKDOWN:
        document["markup"] = fields.markup.value
    if points := fields.get("points"):
        document["points"], original = points_of(points, found)
        settings |= {"points": original} if original else {}
    _add_topic(document, fields, found)
    _add_words(document, fields, settings)
    _add_identity(document, fields, settings, format_key)
    if image := fields.get("image"):
        settings["image"] = image
        message = f"its picture {image[:80]!r} is not in the file and was not fetched"
        found.say("missing_image", message, Action.DROPPED)
    return {name: value for name, value in document.items() if value not in ("", [], None)}


def listed(cell: str) -> list[str]:
    """Words in a cell: between semicolons, or else between commas."""
    separator = ";" if ";" in cell else ","
    return list(dict.fromkeys(part.strip()[:100] for part in cell.split(separator) if part.strip()))


def credit_of(cell: str) -> Decimal | None:
    """`50%`, `0.5` and `0,5` are a half; None where it is no share of one."""
    plain = cell.strip().replace(",", ".")
    number = number_in(plain.rstrip("% "))
    if number is None:
        return None
    return number / 100 if plain.endswith("%") else number


def credit_text(cell: str) -> str | None:
    credit = credit_of(cell)
    return None if credit is None else decimal_text(credit)


def _add_topic(document: dict[str, Any], fields: RowFields, found: Found) -> None:
    topic = fields.get("topic")
    if not topic:
        return
    if SLUG.fullmatch(topic):
        document["topic"] = topic
    elif not document["category"]:
        document["category"] = topic
    else:
        document["tags"] = [*document["tags"], topic[:100]]
    if "topic" not in document:
        message = f"its topic {topic[:60]!r} is no name of a topic here; it was kept as category or tag"
        found.say("topic", message, Action.APPROXIMATED, severity="info")


def _add_words(document: dict[str, Any], fields: RowFields, settings: dict[str, str]) -> None:
    """Words that mean something here, or are kept as they are."""
    for meaning, known in (("level", LEVELS), ("cognitive", COGNITIVE)):
        word = fields.get(meaning).strip()
        if word.casefold() in known:
            document[meaning] = word.casefold()
        elif word:
            settings[meaning] = word


def _add_identity(
    document: dict[str, Any], fields: RowFields, settings: dict[str, str], format_key: str
) -> None:
    uid = fields.get("id")
    if uid and SLUG.fullmatch(uid) and len(uid) <= 120 and fields.is_own:
        document["id"] = uid
        uid = ""
    if uid or settings:
        origin: dict[str, Any] = {"format": format_key}
        origin |= {"id": uid[:1_000]} if uid else {}
        document["origin"] = origin | ({"settings": settings} if settings else {})


def settings_into(document: dict[str, Any], settings: Mapping[str, str], format_key: str) -> None:
    """Keep more of what has no use here."""
    origin = document.setdefault("origin", {"format": format_key})
    origin["settings"] = {**origin.get("settings", {}), **settings}
