"""The fields of the editor's form, to and from a question's document.

`Fields` is what a form sends: names, which are paths of the document, with their texts.  Beside a
name may stand, after a colon, how its text is meant: `stem:markup` says what it is written in,
`points:yaml` holds a value that its own field cannot show, and `topic:other` one that no choice offers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from quizapp.domain.characters import UNSTORABLE
from quizapp.domain.texts import Markup
from quizapp.web.teach import edit_yaml
from quizapp.web.teach.field_tree import (
    OFFERED_ROWS,
    Shape,
    Widget,
    is_kept,
    own_shapes,
    part_shapes,
    shared_shapes,
)

Fields = dict[str, str]

MOST_FIELDS = 4_000
MOST_CHARS = 600_000
OTHER = ":other"
"""As a choice: the value is typed beside it."""

NAME = re.compile(
    r"[a-z_][a-z0-9_]{0,39}(?:\.(?:[a-z_][a-z0-9_]{0,39}|0|[1-9][0-9]{0,2})){0,6}(?::(?:markup|yaml|other))?"
)
ROW = re.compile(r"([0-9]{1,3})(?=[.:]|$)", re.ASCII)
LINE_ENDS = re.compile("\r\n?")


class Hostile(ValueError):
    """No page of ours sends such a form."""


def question_shapes(kind: str) -> tuple[Shape, ...]:
    """All fields that can be typed into a question of a type."""
    return (*shared_shapes().values(), *(() if is_kept(kind) else own_shapes(kind)))


def taken(sent: Iterable[tuple[str, str]], apart: frozenset[str]) -> Fields:
    """The fields of a form that was sent.  Raises `Hostile` for what no page of ours sends."""
    fields: Fields = {}
    chars = 0
    for name, text in sent:
        if name in apart:
            continue
        chars += len(text)
        if len(name) > 200 or NAME.fullmatch(name) is None or chars > MOST_CHARS:
            raise Hostile(name[:100])
        fields.setdefault(name, plain(text))
        if len(fields) > MOST_FIELDS:
            raise Hostile("too many fields")
    return fields


def plain(text: str) -> str:
    """A text that was sent, with one kind of line end and without what no database can store."""
    return UNSTORABLE.sub("", LINE_ENDS.sub("\n", text))


def fields_of(shapes: Iterable[Shape], value: Mapping[str, Any], prefix: str = "") -> Fields:
    """A document as fields; what a field cannot show becomes YAML beside it."""
    fields: Fields = {}
    for shape in shapes:
        _flatten(shape, f"{prefix}{shape.name}", value.get(shape.name), fields)
    return fields


def blank_fields(shapes: Iterable[Shape], prefix: str = "") -> Fields:
    """What a new document begins with: defaults, and some empty rows where there must be some."""
    fields: Fields = {}
    for shape in shapes:
        name = f"{prefix}{shape.name}"
        if shape.widget is Widget.ROWS:
            first = max(shape.least, min(OFFERED_ROWS, shape.most)) if shape.least > 1 else shape.least
            for number in range(first):
                fields |= blank_row(shape, f"{name}.{number}")
        elif shape.widget is Widget.GROUP:
            fields |= blank_fields(shape.members, f"{name}.")
        elif shape.widget is not Widget.MAP and (shape.widget is not Widget.FLAG or shape.default is True):
            fields[name] = default_of(shape)
    return fields


def blank_row(shape: Shape, name: str, kind: str = "") -> Fields:
    """An empty row of a list; `kind` is the question type of a part."""
    if shape.widget is Widget.MAP:
        return {f"{name}.key": "", f"{name}.value": ""}
    if shape.members and not shape.members[0].name:
        return {name: ""}
    fields = blank_fields(shape.members, f"{name}.")
    if shape.by_type:
        kind = kind or next(value for m in shape.members if m.name == "type" for value, _ in m.choices)
        fields[f"{name}.type"] = kind
        fields |= blank_fields(part_shapes(kind), f"{name}.")
    return fields


def numbers_of(fields: Iterable[str], name: str) -> list[int]:
    """The numbers of the rows that a list has, in order."""
    found = (
        re.match(r"([0-9]{1,3})(?=[.:]|$)", each[len(name) + 1 :]) for each in fields if inside(each, name)
    )
    return sorted({int(each[1]) for each in found if each})


def rearranged(fields: Fields, name: str, order: Sequence[int]) -> Fields:
    """The same fields with the rows of a list in another order, or fewer of them, numbered anew."""
    places = {old: new for new, old in enumerate(order)}
    changed: Fields = {}
    rows: dict[int, Fields] = {new: {} for new in places.values()}
    for each, text in fields.items():
        found = ROW.match(each[len(name) + 1 :]) if inside(each, name) else None
        if found is None:
            changed[each] = text
        elif int(found[1]) in places:
            new = places[int(found[1])]
            rows[new][f"{name}.{new}{each[len(name) + 1 + found.end() :]}"] = text
    for number in sorted(rows):
        changed |= rows[number]
    return changed


def members_at(shape: Shape, name: str, fields: Mapping[str, str]) -> tuple[Shape, ...]:
    """The fields of one row; those of a part depend on the type that it names."""
    if not shape.by_type:
        return shape.members
    kind = fields.get(f"{name}.type", "")
    known = any(kind == value for each in shape.members if each.name == "type" for value, _ in each.choices)
    return (*shape.members, *(part_shapes(kind) if known else ()))


def inside(name: str, listed: str) -> bool:
    return name.startswith(f"{listed}.")


def default_of(shape: Shape) -> str:
    if shape.widget is Widget.FLAG:
        return "on" if shape.default is True else ""
    if shape.widget in {Widget.CHOICE, Widget.LINE} and isinstance(shape.default, str):
        return str(getattr(shape.default, "value", shape.default))
    return ""


# From a document to fields


def _flatten(shape: Shape, name: str, value: Any, fields: Fields) -> None:
    if value is None:
        if shape.widget is not Widget.ROWS:
            fields |= blank_fields((replace(shape, name=name),))
        return
    made: Fields | None
    match shape.widget:
        case Widget.GROUP:
            made = _of_group(shape.members, name, value)
        case Widget.ROWS:
            made = _of_rows(shape, name, value)
        case Widget.MAP:
            made = _of_map(shape, name, value)
        case Widget.YAML:
            made = {name: edit_yaml.dumped(value)}
        case _:
            made = _of_leaf(shape, name, value)
    fields |= {f"{name}:yaml": edit_yaml.dumped(value)} if made is None else made


def _of_group(members: Sequence[Shape], name: str, value: Any) -> Fields | None:
    if not isinstance(value, Mapping) or not set(value) <= {each.name for each in members}:
        return None
    return fields_of(members, value, f"{name}.")


def _of_rows(shape: Shape, name: str, value: Any) -> Fields | None:
    if not isinstance(value, list | tuple) or len(value) > shape.most:
        return None
    fields: Fields = {}
    for number, each in enumerate(value):
        row = f"{name}.{number}"
        if not shape.members[0].name:
            made = _of_leaf(shape.members[0], row, each)
        else:
            kind = {f"{row}.type": str(each.get("type"))} if isinstance(each, Mapping) else {}
            made = _of_group(members_at(shape, row, kind), row, each)
        if made is None or any(":yaml" in known and known.startswith(f"{row}:") for known in made):
            return None
        fields |= made
    return fields


def _of_map(shape: Shape, name: str, value: Any) -> Fields | None:
    if not isinstance(value, Mapping) or len(value) > shape.most:
        return None
    fields: Fields = {}
    for number, (key, each) in enumerate(value.items()):
        text = _spelled(each)
        if text is None or not str(key).strip() or "\n" in f"{key}{text}":
            return None
        fields |= {f"{name}.{number}.key": str(key), f"{name}.{number}.value": text}
    return fields


def _of_leaf(shape: Shape, name: str, value: Any) -> Fields | None:
    match shape.widget:
        case Widget.FLAG:
            return ({name: "on"} if value else {}) if isinstance(value, bool) else None
        case Widget.CHOICE:
            return _of_choice(shape, name, value)
        case Widget.TEXT:
            return _of_text(name, value)
        case Widget.LINES | Widget.NUMBERS:
            return _of_lines(shape, name, value)
        case Widget.NUMBER:
            text = _spelled(value)
            return None if text is None or text.strip() == "" else {name: text}
        case _:
            fits = isinstance(value, str) and (shape.widget is Widget.AREA or "\n" not in value)
            return {name: _one_kind_of_line_end(value)} if fits else None


def _of_choice(shape: Shape, name: str, value: Any) -> Fields | None:
    if shape.is_truth:
        return {name: "true" if value else "false"} if isinstance(value, bool) else None
    text = str(getattr(value, "value", value))
    return {name: text} if any(text == known for known, _ in shape.choices) else None


def _of_text(name: str, value: Any) -> Fields | None:
    if isinstance(value, str):
        return {name: _one_kind_of_line_end(value)}
    if isinstance(value, Mapping) and len(value) == 1:
        [(markup, text)] = value.items()
        if markup in set(Markup) and isinstance(text, str):
            return {name: _one_kind_of_line_end(text), f"{name}:markup": str(markup)}
    return None


def _of_lines(shape: Shape, name: str, value: Any) -> Fields | None:
    if shape.one_or_many and isinstance(value, str):
        value = [value]
    elif not isinstance(value, list | tuple):
        return None
    texts = [_spelled(each) for each in value]
    if any(text is None or "\n" in text or text != text.strip() or not text for text in texts):
        return None
    if shape.widget is Widget.NUMBERS:
        return {name: ", ".join(map(str, texts))}
    return {name: "\n".join(map(str, texts))} if all(isinstance(each, str) for each in value) else None


def _spelled(value: Any) -> str | None:
    """A number or a text as it is typed."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    if isinstance(value, str):
        return value
    return str(Decimal(repr(value))) if isinstance(value, float) else str(value)


def _one_kind_of_line_end(text: str) -> str:
    return LINE_ENDS.sub("\n", text)
