"""The JSON Schemas: as committed, they accept the whole bank and refuse what the loader refuses."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import make
from quizapp.cli.environment import packed_bank
from quizapp.domain.question_types import question_types
from quizapp.domain.schema import quiz_schema, set_schema
from quizapp.formats.reading.located_yaml import read_yaml

BANK = packed_bank()
SETS = sorted(path for path in BANK.glob("*/*.yaml") if path.parent.name not in {"quizzes", "schema"})
QUIZZES = sorted((BANK / "quizzes").glob("*.yaml"))
KINDS = list(question_types)


def loaded(path: Path) -> Any:
    value, _, problems = read_yaml(path.read_bytes(), path.name)
    assert problems == []
    return value


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]


def sample_set(kind: str, **fields: Any) -> dict[str, Any]:
    return {"title": "T", "questions": [make.sample(kind) | fields]}


@pytest.mark.parametrize(
    ("name", "made"), [("question_set", set_schema()), ("quiz", quiz_schema())], ids=["set", "quiz"]
)
def test_the_committed_schema_is_the_one_that_the_models_give(name: str, made: dict[str, Any]) -> None:
    committed = (BANK / "schema" / f"{name}.schema.json").read_text("utf-8")

    assert committed == json.dumps(made, indent=2, ensure_ascii=False) + "\n", (
        "write it again: quizapp bank schema > question_bank/schema/question_set.schema.json, "
        "and with --quiz for the other"
    )
    Draft202012Validator.check_schema(made)


@pytest.mark.parametrize("path", SETS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_accepts_every_set_of_the_bank(path: Path) -> None:
    assert complaints(set_schema(), loaded(path)) == []


@pytest.mark.parametrize("path", QUIZZES, ids=lambda path: path.stem)
def test_the_schema_accepts_every_quiz_of_the_bank(path: Path) -> None:
    assert complaints(quiz_schema(), loaded(path)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_accepted_and_an_unknown_field_is_not(kind: str) -> None:
    assert complaints(set_schema(), sample_set(kind)) == []
    assert complaints(set_schema(), sample_set(kind, colour="red")) != []


@pytest.mark.parametrize("kind", KINDS)
def test_fields_of_another_type_are_unknown_fields(kind: str) -> None:
    other = KINDS[KINDS.index(kind) - 1]
    alien: dict[str, Any] = (
        {"answer": 5} if "options" in question_types[kind].model_fields else {"options": []}
    )

    assert complaints(set_schema(), sample_set(kind, **alien)) != []
    assert complaints(set_schema(), sample_set(kind, type=other)) != []


@pytest.mark.parametrize("where", ["set", "defaults", "option", "reference"])
def test_an_unknown_field_is_refused_at_every_level(where: str) -> None:
    value = sample_set("single_choice") | {"defaults": {"topic": "databases"}}
    value["questions"][0]["references"] = [{"title": "RFC 9110", "section": "9.2"}]
    assert complaints(set_schema(), value) == []
    spoiled = copy.deepcopy(value)
    question = spoiled["questions"][0]
    targets = {"set": spoiled, "defaults": spoiled["defaults"]}
    targets |= {"option": question["options"][0], "reference": question["references"][0]}

    targets[where]["colour"] = "red"

    assert complaints(set_schema(), spoiled) != []


def test_the_topic_is_given_once_or_in_each_question() -> None:
    value = sample_set("true_false")
    topic = value["questions"][0].pop("topic")

    assert complaints(set_schema(), value) != []
    assert complaints(set_schema(), value | {"defaults": {"level": "mid"}}) != []
    assert complaints(set_schema(), value | {"defaults": {"topic": topic}}) == []


@pytest.mark.parametrize("field", ["id", "stem", "type"])
def test_a_missing_field_is_refused(field: str) -> None:
    value = sample_set("true_false")
    del value["questions"][0][field]

    assert complaints(set_schema(), value) != []


def test_a_quiz_with_an_unknown_mode_type_or_field_is_refused() -> None:
    quiz: dict[str, Any] = {"id": "q", "title": "Q", "items": [{"draw": {"count": 3, "type": "number"}}]}

    assert complaints(quiz_schema(), quiz) == []
    assert complaints(quiz_schema(), quiz | {"mode": "marathon"}) != []
    assert complaints(quiz_schema(), quiz | {"colour": "red"}) != []
    assert complaints(quiz_schema(), quiz | {"items": [{"draw": {"count": 3, "type": "riddle"}}]}) != []


def test_fields_are_described_where_their_docstrings_say_something() -> None:
    number = set_schema()["$defs"]["number"]

    assert number["description"] == "A number, typed; right when it falls within the tolerance."
    assert "leave it out" in number["properties"]["unit"]["description"]
    assert quiz_schema()["properties"]["pass_mark"]["description"] == "In per cent of the points."
