"""What the editor asks for: a question type's own models, walked into shapes of fields.

Nothing here knows a type.  A field's annotation says how it is typed in, the docstring below it
is its help, and what is too deep for a form is written as YAML.  Names of fields are the paths of
the document: `options.0.text`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from quizapp.domain.question_types import question_types
from quizapp.domain.question_types.composite import part_types
from quizapp.domain.questions import Body, Document, Shared
from quizapp.domain.schema import field_docstrings
from quizapp.domain.texts import InMarkup

ONE_LINE = 500
"""Characters up to which a text is typed into one line."""

NO_FORM = 100_000
"""A text that may be longer is not sent by any form: it is shown, and stays as it is."""

MOST_ROWS = 200
OFFERED_ROWS = 4
"""Empty rows that a new list of at least two begins with."""

APART = frozenset({"id", "type"})
"""Fields of every question that never change."""

AS_YAML = frozenset({"origin"})
"""Fields that are rather kept than written."""


class Widget(StrEnum):
    """How a field is typed in."""

    LINE = "line"
    AREA = "area"
    """Text of many lines without markup: code, requests."""
    TEXT = "text"
    """Text with markup."""
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    LINES = "lines"
    """Several texts, one a line."""
    NUMBERS = "numbers"
    GROUP = "group"
    ROWS = "rows"
    MAP = "map"
    YAML = "yaml"


LEAVES = frozenset(Widget) - {Widget.GROUP, Widget.ROWS, Widget.MAP, Widget.YAML}

WORDS: Mapping[str, str] = {
    "as_of": "As of",
    "id": "Id",
    "sql": "Query",
    "url": "Address",
    "cognitive": "What it takes",
    "markup": "Texts are written in",
}
OWN_WORDS: Mapping[str, str] = {
    "Option.key": "Right",
    "Row.key": "Right columns",
    "Finding.also": "Or one of these lines",
    "LineSelect.keys": "Lines to find",
    "LineSelect.asks": "Lines to mark",
    "HttpKata.wrong": "Wrong ways",
    "SqlQuery.wrong": "Wrong queries",
    "SqlQuery.answer": "Key",
    "SqlQuery.hidden": "Hidden rows",
}
"""Labels where a field's name alone says too little, by model and field."""

NOUNS: Mapping[str, str] = {"HttpWrong": "Wrong way", "HttpGoal": "Goal", "HiddenData": "Data set"}
CHOICES: Mapping[str, str] = {"html": "HTML", "moodle": "Moodle’s automatic format", "plain": "Plain text"}


@dataclass(frozen=True, slots=True)
class Shape:
    """One field: what it is called, how it is typed in, and what it is made of."""

    name: str
    widget: Widget
    label: str
    help: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    members: tuple["Shape", ...] = ()
    """The fields of a group or of each row; a row of plain values has one without a name."""
    noun: str = ""
    """What one row is called."""
    least: int = 0
    most: int = MOST_ROWS
    by_type: bool = False
    """Whether each row names a question type, whose fields stand beside the row's own."""
    is_truth: bool = False
    """A choice between true and false."""
    is_whole: bool = False
    is_code: bool = False
    one_or_many: bool = False
    """A single line may stand alone in the document."""
    kept: bool = False
    """Too long for any form: it is shown, and stays as it is."""


def shared_shapes() -> dict[str, Shape]:
    """The fields that questions of every type have, and the variants."""
    shapes = {shape.name: shape for shape in shapes_of(Shared) if shape.name not in APART}
    help_text = "Parameters, computed values and conditions; texts say `{{name}}`, fields say `= formula`."
    return shapes | {"variants": Shape("variants", Widget.YAML, "Variants", help_text)}


def own_shapes(kind: str) -> tuple[Shape, ...]:
    """The fields of a question type."""
    return shapes_of(question_types[kind])


def is_kept(kind: str) -> bool:
    """Whether questions of a type are only kept: what is their own cannot be typed."""
    return any(shape.kept for shape in own_shapes(kind))


@cache
def shapes_of(model: type[BaseModel], depth: int = 0) -> tuple[Shape, ...]:
    """The fields of a model; `depth` counts the rows that it stands in."""
    docs = field_docstrings(model)
    return tuple(
        _named(_shape(name, field, depth), model, docs.get(name, ""))
        for name, field in model.model_fields.items()
        if not _is_body(field)
    )


@cache
def part_shapes(kind: str) -> tuple[Shape, ...]:
    """The fields of a type where it is a part of another question."""
    return shapes_of(question_types[kind], 1)


def in_words(name: str) -> str:
    """A field's name as a label: `feedback_true` becomes `Feedback true`."""
    words = WORDS.get(name) or name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _named(shape: Shape, model: type[BaseModel], doc: str) -> Shape:
    widget = Widget.YAML if shape.name in AS_YAML else shape.widget
    label = OWN_WORDS.get(f"{model.__name__}.{shape.name}") or in_words(shape.name)
    return replace(shape, label=label, help=" ".join(doc.split()), widget=widget)


def _shape(name: str, field: FieldInfo, depth: int) -> Shape:
    annotation, notes = _bare(field.annotation, list(field.metadata))
    found = _typed(name, annotation, notes, depth)
    default = None if field.default is PydanticUndefined else field.default
    least, most = _bound(notes, "min_length") or 0, _bound(notes, "max_length")
    extra = field.json_schema_extra
    if isinstance(extra, dict) and isinstance(extra.get("minItems"), int):
        least = int(str(extra["minItems"]))
    if found.is_truth and not field.is_required() and default is not None:
        found = replace(found, widget=Widget.FLAG, choices=())
    rows = found.widget in {Widget.ROWS, Widget.MAP}
    return replace(
        found,
        required=field.is_required(),
        default=default,
        least=least if rows else 0,
        most=min(most or MOST_ROWS, MOST_ROWS) if rows else MOST_ROWS,
    )


def _typed(name: str, annotation: Any, notes: list[Any], depth: int) -> Shape:
    """How a value of a type is typed in."""
    plain = Shape(name, Widget.YAML, "")
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _listed(plain, arguments[0], depth)
    if origin is dict:
        key, _ = _bare(arguments[0], [])
        value = _typed("", *_bare(arguments[1], []), depth)
        simple = key is str and value.widget in {Widget.LINE, Widget.NUMBER}
        return (
            replace(plain, widget=Widget.MAP, members=(value,), noun=_noun(name, None)) if simple else plain
        )
    if origin is Literal:
        texts = all(isinstance(each, str) for each in arguments)
        return _choice(plain, map(str, arguments)) if texts else plain
    if origin in (Union, UnionType):
        return _either(plain, arguments, depth)
    return _single(plain, annotation, notes, depth) if isclass(annotation) else plain


def _single(plain: Shape, kind: type, notes: list[Any], depth: int) -> Shape:
    if issubclass(kind, Enum):
        return _choice(plain, (str(each.value) for each in kind))
    if kind is bool:
        choices = (("true", "True"), ("false", "False"))
        return replace(plain, widget=Widget.CHOICE, choices=choices, is_truth=True)
    if kind in (int, Decimal, float):
        return replace(plain, widget=Widget.NUMBER, is_whole=kind is int)
    if issubclass(kind, str):
        return _text(plain, notes)
    if issubclass(kind, Document) and not any(_is_body(field) for field in kind.model_fields.values()):
        members = shapes_of(kind, depth + 1)
        flat = all(member.widget in LEAVES for member in members)
        return replace(plain, widget=Widget.GROUP, members=members) if flat else plain
    return plain


def _text(plain: Shape, notes: list[Any]) -> Shape:
    most = _bound(notes, "max_length")
    if any(isinstance(note, InMarkup) for note in notes):
        return replace(plain, widget=Widget.TEXT)
    if most is not None and most > NO_FORM:
        return replace(plain, widget=Widget.AREA, is_code=True, kept=True)
    if most is not None and most > ONE_LINE:
        stripped = next((n.strip_whitespace for n in notes if hasattr(n, "strip_whitespace")), None)
        is_code = stripped is False or bool(_bound(notes, "min_length"))
        return replace(plain, widget=Widget.AREA, is_code=is_code)
    return replace(plain, widget=Widget.LINE)


def _listed(plain: Shape, of: Any, depth: int) -> Shape:
    """A list: of lines, of numbers, of longer texts, or of what has fields itself."""
    bare, notes = _bare(of, [])
    if isclass(bare) and issubclass(bare, Document) and depth < 2:
        by_type = any(_is_body(field) for field in bare.model_fields.values())
        members = shapes_of(bare, depth + 1)
        if by_type:
            kinds = tuple((key, kind.title) for key, kind in part_types().items())
            members = tuple(
                replace(each, widget=Widget.CHOICE, choices=kinds) if each.name == "type" else each
                for each in members
            )
        nested = {Widget.ROWS, Widget.MAP} & {member.widget for member in members}
        if not nested:
            noun = _noun(plain.name, bare)
            return replace(plain, widget=Widget.ROWS, members=members, noun=noun, by_type=by_type)
        return plain
    item = _typed("", bare, notes, depth)
    if item.widget is Widget.LINE:
        return replace(plain, widget=Widget.LINES)
    if item.widget is Widget.NUMBER:
        return replace(plain, widget=Widget.NUMBERS)
    if item.widget in {Widget.TEXT, Widget.AREA} and depth < 2:
        return replace(plain, widget=Widget.ROWS, members=(item,), noun=_noun(plain.name, None))
    return plain


def _either(plain: Shape, arguments: tuple[Any, ...], depth: int) -> Shape:
    """A value or nothing; or a line or several of them."""
    some = [each for each in arguments if each is not NoneType]
    if len(some) == 1:
        return _typed(plain.name, *_bare(some[0], []), depth)
    if len(some) == 2:
        one, many = (_typed(plain.name, *_bare(each, []), depth) for each in some)
        if (one.widget, many.widget) == (Widget.LINE, Widget.LINES):
            return replace(many, one_or_many=True)
    return plain


def _choice(plain: Shape, values: Any) -> Shape:
    choices = tuple((value, CHOICES.get(value) or in_words(value)) for value in values)
    return replace(plain, widget=Widget.CHOICE, choices=choices)


def _bare(annotation: Any, notes: list[Any]) -> tuple[Any, list[Any]]:
    """A type without its annotations, and what they say."""
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        notes = [*notes, *more]
    said = [*notes]
    for note in notes:
        if isinstance(note, FieldInfo):
            said += note.metadata
    return annotation, said


def _bound(notes: list[Any], name: str) -> int | None:
    return next((value for note in notes if (value := getattr(note, name, None)) is not None), None)


def _is_body(field: FieldInfo) -> bool:
    annotation, _ = _bare(field.annotation, [])
    annotation = get_origin(annotation) or annotation
    return isclass(annotation) and issubclass(annotation, Body)


def _noun(name: str, model: type | None) -> str:
    """What one row is called: the field's name in the singular, or else the model's own name."""
    if model is not None and model.__name__ in NOUNS:
        return NOUNS[model.__name__]
    if name.endswith("s") and not name.endswith("ss"):
        return in_words(name[:-1])
    own = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__) if model else name
    return own[:1].upper() + own[1:].lower()
