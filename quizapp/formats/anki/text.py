"""Anki's text export: lines `#key:value`, then one note a row."""

import re
from dataclasses import dataclass, field

from quizapp.domain.imports import Action, Reading
from quizapp.domain.texts import Markup
from quizapp.formats.anki.notes import Note, NoteType, Template
from quizapp.formats.reading.delimited import Row, rows_of, separator_of

HEADER = re.compile(r"#([a-z][a-z ]{0,30})[:=]([^\n]*)", re.IGNORECASE)
KEYS = frozenset(
    {
        *("separator", "html", "tags", "columns", "notetype", "deck"),
        *("notetype column", "deck column", "tags column", "guid column"),
    }
)
SEPARATORS = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "space": " ",
    "pipe": "|",
    "colon": ":",
    "\\t": "\t",
}
HTML = re.compile(r"</?[a-z][a-z0-9]{0,15}(?:\s[^<>]{0,500})?/?>|&(?:[a-z]{2,8}|#[0-9]{2,6});", re.IGNORECASE)
UNNAMABLE = frozenset(":{}#^/")
"""Signs that mean something else where a template names a field."""

CLOZE = re.compile(r"\{\{c[0-9]{1,3}::")


@dataclass(slots=True)
class Head:
    """What the first lines say."""

    said: dict[str, str] = field(default_factory=dict)
    lines: int = 0

    def column(self, name: str) -> int | None:
        """The place of a column, from 0."""
        number = self.said.get(f"{name} column", "")
        return int(number) - 1 if number.isascii() and number.isdigit() and 0 < int(number) < 1_000 else None


def head_of(text: str) -> Head:
    """The lines at the beginning that are no notes."""
    head = Head()
    for line in text.split("\n"):
        if not line.startswith("#"):
            break
        found = HEADER.fullmatch(line.strip().strip('"'))
        if found is not None and found[1].lower() in KEYS:
            head.said[found[1].lower()] = found[2]
        head.lines += 1
    return head


def notes_of(text: str, reading: Reading) -> list[Note]:
    """The notes of a text."""
    head = head_of(text)
    body = "\n".join(text.split("\n")[head.lines :])
    separator = _separator(head, body)
    rows = rows_of(body, separator, line=head.lines + 1)
    says_html = head.said.get("html", "").strip().lower()
    is_html = says_html == "true" if says_html else any(map(HTML.search, (row.source for row in rows)))
    notes = []
    for row in rows:
        if row.source.startswith("#"):
            message = f"is a remark and no note: {row.source[:80]!r}"
            reading.say("remark", message, Action.DROPPED, severity="info", line=row.line)
            continue
        notes.append(_note(row, head, Markup.HTML if is_html else Markup.PLAIN, reading))
    return notes


def _separator(head: Head, body: str) -> str:
    said = head.said.get("separator", "")
    named = SEPARATORS.get(said.strip().lower(), said if len(said) == 1 else said.strip()[:1])
    return named or separator_of(body) or "\t"


def _note(row: Row, head: Head, markup: Markup, reading: Reading) -> Note:
    if row.torn:
        message = "has quotes that do not match; they were taken for ordinary signs"
        reading.say("quote", message, Action.APPROXIMATED, line=row.line)
    special = {name: head.column(name) for name in ("guid", "notetype", "deck", "tags")}
    taken = {place for place in special.values() if place is not None}
    values = [cell.strip() for place, cell in enumerate(row.cells) if place not in taken]
    while len(values) > 1 and not values[-1]:
        values.pop()
    values = values or [""]

    def said(name: str) -> str:
        place = special[name]
        cell = row.cells[place].strip() if place is not None and place < len(row.cells) else ""
        return cell or head.said.get(name, "").strip()

    kind = said("notetype")
    is_cloze = CLOZE.search(row.source) is not None
    names = _names(head, len(values), taken)
    tags = f"{said('tags')} {head.said.get('tags', '')}".split()
    return Note(
        row.line,
        said("guid"),
        _note_type(kind or ("Cloze" if is_cloze else "Basic"), names, is_cloze, markup),
        dict(zip(names, values, strict=True)),
        list(dict.fromkeys(tags)),
        said("deck"),
        text=row.source,
    )


def _names(head: Head, count: int, taken: set[int]) -> list[str]:
    """The names of the fields, each another one."""
    columns = head.said.get("columns", "")
    separator = _separator(head, columns)
    named = [name.strip() for place, name in enumerate(columns.split(separator)) if place not in taken]
    usual = ["Front", "Back", *(f"Field {number}" for number in range(3, count + 1))]
    names = list(dict.fromkeys(name for name in named[:count] if name and not UNNAMABLE & set(name)))
    return names if len(names) == count else usual[:count]


def _note_type(name: str, fields: list[str], is_cloze: bool, markup: Markup) -> NoteType:
    between = "<br>" if markup is Markup.HTML else "\n\n"
    front = f"{{{{cloze:{fields[0]}}}}}" if is_cloze else f"{{{{{fields[0]}}}}}"
    back = between.join(f"{{{{{each}}}}}" for each in fields[1:])
    return NoteType(name, tuple(fields), (Template("Card 1", front, back),), is_cloze, markup)
