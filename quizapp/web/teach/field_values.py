"""The fields of the editor's form, to and from a question's document.

`Fields` is what a form sends: names, which are paths of the document, with their texts.  Beside a
name may stand, after a colon, how its text is meant: `stem:markup` says what it is written in,
`points:yaml` holds a value that its own field cannot show, and `topic:other` one that no choice offers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from quizapp.domain.problems import Problem
from quizapp.domain.texts import Markup
from quizapp.web.teach import edit_yaml
from quizapp.web.teach.field_tree import OFFERED_ROWS, Shape, Widget, own_shapes, part_shapes, shared_shapes

Fields = dict[str, str]

MOST_FIELDS = 4_000
MOST_CHARS = 600_000
OTHER = ":other"
"""As a choice: the value is typed beside it."""

NAME = re.compile(
    r"[a-z_]{1,40}(?:\.(?:[a-z_]{1,40}|0|[1-9][0-9]{0,2})){0,6}(?::(?:markup|yaml|other))?", re.ASCII
)
LINE_ENDS = re.compile("\r\n?")


class Hostile(ValueError):
    """No page of ours sends such a form."""


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


def question_shapes(kind: str) -> tuple[Shape, ...]:
    """All fields of a question of a type, but those that never change."""
    return (*shared_shapes().values(), *(shape for shape in own_shapes(kind) if not shape.kept))


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
        fields.setdefault(name, LINE_ENDS.sub("\n", text))
        if len(fields) > MOST_FIELDS:
            raise Hostile("too many fields")
    return fields


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
            fields[name] = _default(shape)
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
    found = (re.match(r"([0-9]{1,3})(?=[.:]|$)", each[len(name) + 1 :]) for each in fields if _in(each, name))
    return sorted({int(each[1]) for each in found if each})


def rearranged(fields: Fields, name: str, order: Sequence[int]) -> Fields:
    """The same fields with the rows of a list in another order, or fewer of them, numbered anew."""
    places = {old: new for new, old in enumerate(order)}
    changed: Fields = {}
    rows: dict[int, Fields] = {new: {} for new in places.values()}
    for each, text in fields.items():
        found = re.match(r"([0-9]{1,3})(?=[.:]|$)", each[len(name) + 1 :]) if _in(each, name) else None
        if found is None:
            changed[each] = text
        elif int(found[1]) in places:
            new = places[int(found[1])]
            rows[new][f"{name}.{new}{each[len(name) + 1 + found.end() :]}"] = text
    for number in sorted(rows):
        changed |= rows[number]
    return changed


def document_of(shapes: Iterable[Shape], fields: Fields) -> Read:
    """The document that fields make, unjudged, with empty leaves left out.

    Raises `Hostile` where a name is none that this form has.
    """
    read = Read()
    for shape in shapes:
        value = _collected(shape, shape.name, shape.name, fields, read)
        if value is not None:
            read.document[shape.name] = value
    strange = next((name for name in fields if name not in read.used), None)
    if strange is not None:
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


def members_at(shape: Shape, name: str, fields: Mapping[str, str]) -> tuple[Shape, ...]:
    """The fields of one row; those of a part depend on the type that it names."""
    if not shape.by_type:
        return shape.members
    kind = fields.get(f"{name}.type", "")
    known = any(kind == value for each in shape.members if each.name == "type" for value, _ in each.choices)
    return (*shape.members, *(part_shapes(kind) if known else ()))


def _in(name: str, listed: str) -> bool:
    return name.startswith(f"{listed}.")


def _default(shape: Shape) -> str:
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
            kind = {f"{row}.type": each.get("type")} if isinstance(each, Mapping) else {}
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
    return str(value) if isinstance(value, int) else f"{Decimal(repr(value) if isinstance(value, float) else value)}"


def _one_kind_of_line_end(text: str) -> str:
    return LINE_ENDS.sub("\n", text)


# From fields to a document


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
        if _in(name, row) and re.split(r"[.:]", name[len(row) + 1 :])[0] in known:
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
            return None if text == _default(shape) else text
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
        read.problems.append((name, "This is too long for the editor. Upload the set as a file instead."))
        return None
    value, _, problems = edit_yaml.loaded(text)
    read.problems += [(name, _said(problem)) for problem in problems]
    return None if problems else value


def _said(problem: Problem) -> str:
    line = problem.where.split(":")[1] if ":" in problem.where else "1"
    return f"Line {line}: {problem.message}."
