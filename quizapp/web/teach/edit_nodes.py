"""The fields of the editor's form in the order in which a page shows them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from quizapp.domain.curriculum import Curriculum
from quizapp.web.teach.edit_form import EditForm, Told
from quizapp.web.teach.field_tree import Shape, Widget, is_kept, own_shapes
from quizapp.web.teach.field_values import (
    OTHER,
    Fields,
    blank_row,
    members_at,
    numbers_of,
    question_shapes,
)

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Question": ("stem",),
    "Answer": (),
    "Explanation and references": ("explanation", "hints", "references", "as_of", "versions"),
    "Classification": ("topic", "subtopic", "objective", "level", "cognitive", "points", "tags"),
    "More": ("name", "category", "markup", "variants", "origin"),
}
"""Where the shared fields stand; the type's own come under `Answer`, and new ones under `More`."""

Offers = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""Groups of values to choose from, with their words."""


@dataclass(slots=True)
class Node:
    """A field as a page shows it."""

    shape: Shape
    name: str
    value: str = ""
    markup: str = ""
    as_yaml: bool = False
    other: str = ""
    """What was typed where none of the offers fits."""
    errors: list[str] = field(default_factory=list)
    members: list["Node"] = field(default_factory=list)
    rows: list["Row"] = field(default_factory=list)
    blank: "Row | None" = None
    """An empty row, for the page's script."""
    offers: Offers = ()

    @property
    def id(self) -> str:
        return id_of(self.name)


@dataclass(slots=True)
class Row:
    """One row of a list."""

    name: str
    members: list[Node]
    errors: list[str] = field(default_factory=list)
    hidden: Fields = field(default_factory=dict)
    """What was typed while the part had another type."""

    @property
    def id(self) -> str:
        return id_of(self.name)


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one heading."""

    title: str
    nodes: list[Node]

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z]+", "-", self.title.lower())

    @property
    def is_in_use(self) -> bool:
        """Whether anything was typed or is wrong here, so that it should not be folded away."""
        return any(
            node.errors or node.rows or node.value not in ("", node.shape.default) for node in self.nodes
        )


def id_of(name: str) -> str:
    """The id of the control of a field."""
    return "f-" + re.sub(r"[.:]", "-", name)


def sections(form: EditForm, curriculum: Curriculum) -> list[Section]:
    """All fields, section by section."""
    nodes = _nodes(form, curriculum)
    own = [] if is_kept(form.kind) else [shape.name for shape in own_shapes(form.kind)]
    placed = {name for names in SECTIONS.values() for name in names}
    more = [name for name in nodes if name not in placed and name not in own]
    under = {**SECTIONS, "Answer": tuple(own), "More": (*SECTIONS["More"], *more)}
    made = [Section(title, [nodes[name] for name in names]) for title, names in under.items()]
    return [section for section in made if section.nodes]


def in_order(told: Iterable[Told], shown: Sequence[Section]) -> list[Told]:
    """Messages in the order in which a page shows their fields."""
    names = [node.shape.name for section in shown for node in section.nodes]
    places = {name: place for place, name in enumerate(names)}
    return sorted(told, key=lambda each: places.get(re.split(r"[.:]", each.name)[0], -1))


def _nodes(form: EditForm, curriculum: Curriculum) -> dict[str, Node]:
    errors: dict[str, list[str]] = {}
    for told in form.told:
        errors.setdefault(told.name.partition(":")[0], []).append(told.message)
    made = {shape.name: _node(form, shape, shape.name, errors) for shape in question_shapes(form.kind)}
    for name, offers in _offered(curriculum).items():
        node = made[name]
        node.offers = offers
        values = {value for _, group in offers for value, _ in group}
        if node.value == OTHER:
            node.other = form.fields.get(f"{name}{OTHER}", "")
        elif node.value and node.value not in values:
            node.value, node.other = OTHER, node.value
    return made


def _node(form: EditForm, shape: Shape, name: str, errors: Mapping[str, list[str]]) -> Node:
    node = Node(shape, name, errors=errors.get(name, []))
    if f"{name}:yaml" in form.fields:
        node.as_yaml, node.name, node.value = True, f"{name}:yaml", form.fields[f"{name}:yaml"]
        return node
    node.value, node.markup = form.fields.get(name, ""), form.fields.get(f"{name}:markup", "")
    if shape.widget is Widget.GROUP:
        node.members = [_node(form, each, f"{name}.{each.name}", errors) for each in shape.members]
    elif shape.widget in {Widget.ROWS, Widget.MAP}:
        numbers = numbers_of(form.fields, name)
        node.rows = [_row(form, shape, f"{name}.{number}", errors) for number in numbers]
        # A word stands in the empty row where its number will.
        empty = EditForm(form.kind, blank_row(shape, f"{name}.new"))
        node.blank = _row(empty, shape, f"{name}.new", {})
    return node


def _row(form: EditForm, shape: Shape, name: str, errors: Mapping[str, list[str]]) -> Row:
    if shape.widget is Widget.MAP:
        cells = (("key", "Name"), ("value", "Value"))
        members = [
            _node(form, Shape(each, Widget.LINE, words), f"{name}.{each}", errors) for each, words in cells
        ]
        return Row(name, members, errors.get(name, []))
    if not shape.members[0].name:
        return Row(name, [_node(form, shape.members[0], name, errors)])
    shapes = members_at(shape, name, form.fields)
    row = Row(name, [_node(form, each, f"{name}.{each.name}", errors) for each in shapes])
    row.errors = errors.get(name, [])
    if shape.by_type:
        known = {each.name for each in shapes}
        row.hidden = {
            each: text
            for each, text in form.fields.items()
            if each.startswith(f"{name}.") and re.split(r"[.:]", each[len(name) + 1 :])[0] not in known
        }
    return row


def _offered(curriculum: Curriculum) -> dict[str, Offers]:
    """What the curriculum has to choose from, in groups."""
    if not curriculum.topics:
        return {}
    subtopics = [(topic.title, topic.subtopics) for topic in curriculum.topics]
    return {
        "topic": [("", [(topic.id, topic.title) for topic in curriculum.topics])],
        "subtopic": [(title, [(each.id, each.title) for each in some]) for title, some in subtopics if some],
        "objective": [
            (each.title, [(one.id, one.statement) for one in each.objectives])
            for _, some in subtopics
            for each in some
            if each.objectives
        ],
    }
