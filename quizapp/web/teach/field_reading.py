"""From the fields of the editor's form to a question's document."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from quizapp.domain.problems import Problem
from quizapp.web.teach import edit_yaml
from quizapp.web.teach.field_tree import OFFERED_ROWS, Shape, Widget, part_shapes
from quizapp.web.teach.field_values import (
    OTHER,
    Fields,
    Hostile,
    default_of,
    fields_of,
    inside,
    members_at,
    numbers_of,
)


@dataclass
class Read:
    """A document made of fields, and where each of its values was typed."""

    document: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """The name of the field behind each path of the document."""
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Fields with what is wrong before any model is asked."""
    used: set[str] = field(default_factory=set)
    yaml_chars: int = 0


def document_of(shapes: Iterable[Shape], fields: Fields, *, strict: bool = True) -> Read:
    """The document that fields make, unjudged, with empty leaves left out.

    Raises `Hostile` where a name is none that this form has, if it is to be `strict`.
    """
    read = Read()
    for shape in shapes:
        value = _collected(shape, shape.name, shape.name, fields, read)
        if value is not None:
            read.document[shape.name] = value
    strange = next((name for name in fields if name not in read.used), None)
    if strict and strange is not None:
        raise Hostile(strange)
    return read


def field_at(read: Read, path: str) -> tuple[str, str]:
    """The field that a path of the document is about, and the rest of the path; ("", path) for none."""
    parts = path.split(".") if path else []
    for length in range(len(parts), 0, -1):
        known = read.places.get(".".join(parts[:length]))
        if known is not None:
            return known, ".".join(parts[length:])
    return "", path


def merged(shapes: Iterable[Shape], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, with the fields that nobody changed as they stood to the letter.

    Line ends, the order of fields and defaults that were written out would else look like changes.
    """
    shapes = tuple(shapes)
    shown = document_of(shapes, fields_of(shapes, before)).document
    known = {shape.name for shape in shapes}
    kept = {
        name: value if shown.get(name) == after.get(name) else after[name]
        for name, value in before.items()
        if name not in known or name in after or name not in shown
    }
    return kept | {
        name: value for name, value in after.items() if name not in kept and shown.get(name) != value
    }


def _collected(shape: Shape, name: str, path: str, fields: Fields, read: Read) -> Any:
    """The value of one field, or None where nothing was typed."""
    read.places[path] = name
    if f"{name}:yaml" in fields:
        return _loaded(f"{name}:yaml", path, fields, read)
    match shape.widget:
        case Widget.GROUP:
            return _group(shape.members, name, path, fields, read) or None
        case Widget.ROWS:
            return _rows(shape, name, path, fields, read) or None
        case Widget.MAP:
            return _map(shape, name, path, fields, read) or None
        case Widget.YAML:
            return _loaded(name, path, fields, read)
        case Widget.FLAG:
            read.used.add(name)
            ticked = name in fields
            return None if ticked == (shape.default is True) else ticked
        case _:
            return _leaf(shape, name, fields, read)


def _group(members: Iterable[Shape], name: str, path: str, fields: Fields, read: Read) -> dict[str, Any]:
    made = {}
    for each in members:
        value = _collected(each, f"{name}.{each.name}", f"{path}.{each.name}", fields, read)
        if value is not None:
            made[each.name] = value
    return made


def _rows(shape: Shape, name: str, path: str, fields: Fields, read: Read) -> list[Any]:
    """The rows that say something; an empty one is none."""
    made: list[Any] = []
    numbers = numbers_of(fields, name)
    if len(numbers) > shape.most + OFFERED_ROWS:
        raise Hostile(name)
    for number in numbers:
        row, place = f"{name}.{number}", f"{path}.{len(made)}"
        read.places[place] = row
        if shape.members[0].name:
            value: Any = _group(members_at(shape, row, fields), row, place, fields, read) or None
            if shape.by_type:
                read.used.update(_left_of_another_type(shape, row, fields))
        else:
            value = _collected(shape.members[0], row, place, fields, read)
        if value is not None:
            made.append(value)
    return made


def _left_of_another_type(shape: Shape, row: str, fields: Fields) -> Iterator[str]:
    """Fields of a part whose type was changed: they are kept in the form, in case it is changed back."""
    kinds = next(m.choices for m in shape.members if m.name == "type")
    known = {each.name for kind, _ in kinds for each in part_shapes(kind)}
    for name in fields:
        if inside(name, row) and re.split(r"[.:]", name[len(row) + 1 :])[0] in known:
            yield name


def _map(shape: Shape, name: str, path: str, fields: Fields, read: Read) -> dict[str, Any]:
    made: dict[str, Any] = {}
    numbers = numbers_of(fields, name)
    if len(numbers) > shape.most + OFFERED_ROWS:
        raise Hostile(name)
    for number in numbers:
        row = f"{name}.{number}"
        read.used |= {f"{row}.key", f"{row}.value"}
        key, value = fields.get(f"{row}.key", "").strip(), fields.get(f"{row}.value", "").strip()
        if key in made:
            read.problems.append((f"{row}.key", "This is given twice."))
        if key or value:
            read.places[f"{path}.{key}"] = f"{row}.value"
            made[key] = _number(shape.members[0], value) if value else None
    return made


def _leaf(shape: Shape, name: str, fields: Fields, read: Read) -> Any:
    read.used |= {name, f"{name}:markup", f"{name}:other"}
    text = fields.get(name, "")
    if text == OTHER:
        text = fields.get(f"{name}:other", "")
    if not text.strip():
        return None
    match shape.widget:
        case Widget.TEXT:
            markup = fields.get(f"{name}:markup", "")
            return {markup: text} if markup else text
        case Widget.CHOICE if shape.is_truth:
            return {"true": True, "false": False}.get(text, text)
        case Widget.CHOICE:
            return None if text == default_of(shape) else text
        case Widget.NUMBER:
            return _number(shape, text.strip())
        case Widget.LINES:
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            return lines[0] if shape.one_or_many and len(lines) == 1 else lines
        case Widget.NUMBERS:
            return [_number(shape, part) for part in re.split(r"[,;\s]+", text) if part]
        case _:
            return text


def _number(shape: Shape, text: str) -> Any:
    """The number that is typed; anything else is left for the models to judge, such as a formula."""
    if shape.widget is Widget.LINE:
        return text
    if re.fullmatch(r"[+-]?[0-9]{1,30}", text, re.ASCII):
        return int(text)
    try:
        number = Decimal(text) if len(text) <= 60 else Decimal("NaN")
    except InvalidOperation:
        return text
    return number if number.is_finite() and abs(number.adjusted()) <= 30 else text


def _loaded(name: str, path: str, fields: Fields, read: Read) -> Any:
    """The value of a field that holds YAML."""
    read.used.add(name)
    read.places[path] = name
    text = fields.get(name, "")
    read.yaml_chars += len(text)
    if not text.strip():
        return None
    if read.yaml_chars > edit_yaml.MOST_CHARS:
        read.problems.append((name, edit_yaml.TOO_LONG))
        return None
    value, _, problems = edit_yaml.loaded(text)
    read.problems += [(name, _said(problem)) for problem in problems]
    return None if problems else value


def _said(problem: Problem) -> str:
    line = problem.where.split(":")[1] if ":" in problem.where else "1"
    return f"Line {line}: {problem.message}."
