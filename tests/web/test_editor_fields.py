"""Fields and documents: whatever a question says comes through the editor's form to the letter."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

import make
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Question
from quizapp.formats.quizapp_yaml import read_set_file
from quizapp.web.teach import edit_yaml
from quizapp.web.teach.field_reading import document_of, merged
from quizapp.web.teach.field_tree import Widget, in_words, own_shapes, shared_shapes
from quizapp.web.teach.field_values import (
    blank_fields,
    fields_of,
    numbers_of,
    question_shapes,
    rearranged,
    taken,
)

BANK = Path(__file__).parents[2] / "question_bank"
JUNK: list[Any] = [
    *(None, True, False, 0, -3, Decimal("1.50"), 10**20, "", "x", "a\nb", " lead", "= m*2", "{{m}}", "1e5"),
    *([], {}, ["a", "b\nc"], [1, 2], [True], [None], [["a"]], [{"text": "x"}], "a\r\nb", "\u2028x"),
    *({"html": "<p>"}, {"html": 1}, {"plain": "x", "html": "y"}, {"a": {"b": [1]}}),
]


def of_bank() -> Iterator[Question]:
    for path in sorted(BANK.glob("*/*.yaml")):
        if path.parent.name not in ("quizzes", "schema"):
            found, problems = read_set_file(path.read_bytes(), path.name)
            assert found is not None, problems[:3]
            yield from found.questions


def through_the_form(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    shapes = question_shapes(kind)
    sent = {name: text.replace("\n", "\r\n") for name, text in fields_of(shapes, document).items()}
    read = document_of(shapes, taken(sent.items(), frozenset()))
    return merged(shapes, document, read.document)


def test_every_question_of_the_bank_comes_through_the_form_unchanged() -> None:
    documents = [(question.type, question.document()) for question in of_bank()]
    changed = [
        document["id"]
        for kind, document in documents
        if list(through_the_form(kind, document).items()) != list(document.items())
    ]
    assert len(documents) > 100
    assert changed == []


def test_hardly_a_field_of_the_bank_is_too_strange_for_its_own_control() -> None:
    names = [
        name
        for question in of_bank()
        for name in fields_of(question_shapes(question.type), question.document())
    ]
    assert [name for name in names if name.endswith(":yaml")] == []


@pytest.mark.parametrize("kind", question_types)
def test_even_nonsense_is_shown_and_comes_back_as_it_was(kind: str) -> None:
    random = Random(kind)
    shapes = question_shapes(kind)
    for _ in range(60):
        document = mutated(make.sample(kind), random)
        if not isinstance(document, dict):
            continue
        read = document_of(shapes, fields_of(shapes, document))
        if not read.problems:
            assert merged(shapes, document, read.document) == document


def mutated(value: Any, random: Random) -> Any:
    if random.random() < 0.1:
        return random.choice(JUNK)
    if isinstance(value, dict):
        more = {random.choice(["markup", "stem", "options", "points"]): random.choice(JUNK)}
        kept = {name: mutated(each, random) for name, each in value.items() if random.random() > 0.05}
        return kept | (more if random.random() < 0.2 else {})
    if isinstance(value, list):
        return [mutated(each, random) for each in value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"a": "yes", "b": "1", "c": "1.0", "d": "null", "e": "~", "f": "2026-11-21", "g": "0x10"},
        {"text": "- no list\n# no comment: really\n", "more": "  two spaces first\nthen none"},
        {"tabs": "\tx\n\ty", "ends": "x  \ny", "signs": "&a *b !c %d @e `f", "cr": "a\r\nb", "nel": "a\x85b"},
        {"rows": [[1, "a", None], [True, 0.5, "b"]], "empty": [], "none": {}},
        {"long": "word " * 100, "quote": 'it\'s "so"', "brace": "{{m}} [[gap]]"},
    ],
)
def test_values_read_back_from_their_yaml_as_they_were(value: Any) -> None:
    again, _, problems = edit_yaml.loaded(edit_yaml.dumped(value))
    assert problems == []
    assert edit_yaml.as_written(again) == value


def test_rows_are_numbered_anew_when_one_moves_or_goes() -> None:
    fields = {"stem": "x", "a.0.b": "0", "a.2": "2", "a.2:markup": "html", "a.10.b": "10", "ab.0": "y"}
    assert numbers_of(fields, "a") == [0, 2, 10]
    assert rearranged(fields, "a", [10, 2]) == {
        "stem": "x",
        "ab.0": "y",
        "a.0.b": "10",
        "a.1": "2",
        "a.1:markup": "html",
    }


def test_a_new_question_begins_with_its_defaults() -> None:
    begun = blank_fields(question_shapes("http_kata"))
    assert begun["show_state"] == "on"
    assert begun["goals.0.told"] == "on"
    assert begun["level"] == "mid"
    assert numbers_of(blank_fields(question_shapes("single_choice")), "options") == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", question_types)
def test_every_field_of_every_type_has_a_label_and_a_way_to_be_typed(kind: str) -> None:
    shapes = [*shared_shapes().values(), *own_shapes(kind)]
    assert all(shape.label and shape.label[0].isupper() for shape in shapes)
    assert {shape.widget for shape in shapes} <= set(Widget)
    assert next(shape for shape in shapes if shape.name == "name").help.startswith("What its author")
    assert in_words("feedback_true") == "Feedback true"
