"""JSON Schemas of question sets and quizzes, for editors and for other programs.

They are derived from the models that judge the files, with the docstrings of
models and fields as descriptions.  What only the models can say, such as "exactly
one key", is not in them: `quizapp bank check` has the last word.
"""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from quizapp.domain.documents import MAX_QUESTIONS, Defaults, SetHead
from quizapp.domain.modes import quiz_modes
from quizapp.domain.question_types import answerable, question_types
from quizapp.domain.questions import Shared
from quizapp.domain.quizzes import Blueprint, Draw
from quizapp.domain.variants import FORMULA, Range, Variants

DIALECT = "https://json-schema.org/draft/2020-12/schema"

JsonSchema = dict[str, Any]

WITHOUT_FORMULAS = frozenset({Defaults.__name__, Variants.__name__, Range.__name__})
"""What is read before a question's variants are drawn."""


def set_schema() -> JsonSchema:
    """The JSON Schema of a question set: what a file of the bank looks like."""
    merged: list[type[BaseModel]] = [SetHead, Shared, *question_types.values()]
    schemas, defs = _schemas([*merged, Defaults, Variants])
    shared = schemas[Shared]
    for model in merged:
        defs.pop(model.__name__)
    inherited = sorted(set(shared["required"]) & set(Defaults.model_fields))
    for key, body in question_types.items():
        about = {"title": body.title, "description": inspect.getmodule(body).__doc__}
        defs[key] = about | _question(key, shared, schemas[body], but=inherited)
    for name in defs.keys() - WITHOUT_FORMULAS:
        defs[name] = _or_formula(defs[name])
    head = schemas[SetHead]
    return {
        "$schema": DIALECT,
        "title": "quizapp question set",
        "description": "A titled list of questions: one file of a question bank.",
        "type": "object",
        "properties": {
            **head["properties"],
            "defaults": {"$ref": f"#/$defs/{Defaults.__name__}"},
            "questions": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_QUESTIONS,
                "items": {"oneOf": [{"$ref": f"#/$defs/{key}"} for key in question_types]},
            },
        },
        "required": [*head["required"], "questions"],
        "additionalProperties": False,
        "allOf": [_given_once_or_each(name) for name in inherited],
        "$defs": dict(sorted(defs.items())),
    }


def quiz_schema() -> JsonSchema:
    """The JSON Schema of a quiz: its blueprint."""
    schemas, defs = _schemas([Blueprint])
    blueprint = schemas[Blueprint]
    defs.pop(Blueprint.__name__)
    blueprint["properties"]["mode"]["enum"] = list(quiz_modes)
    defs[Draw.__name__]["properties"]["type"]["enum"] = [*answerable(), None]
    defs[Draw.__name__]["properties"]["types"]["items"]["enum"] = list(answerable())
    return {"$schema": DIALECT, **blueprint, "title": "quizapp quiz", "$defs": dict(sorted(defs.items()))}


def _question(key: str, shared: JsonSchema, body: JsonSchema, *, but: list[str]) -> JsonSchema:
    """One flat object, because a file does not show the two halves of a question."""
    required = [*shared["required"], *body.get("required", ())]
    return {
        "type": "object",
        "properties": {
            **shared["properties"],
            "type": {"const": key},
            **body["properties"],
            "variants": {"$ref": f"#/$defs/{Variants.__name__}"},
        },
        "required": [name for name in required if name not in but],
        "additionalProperties": False,
    }


def _or_formula(schema: Any) -> Any:
    """In a question with variants a formula may stand for every number and truth value."""
    if isinstance(schema, list):
        return [_or_formula(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in ("integer", "number", "boolean"):
        about = {name: schema[name] for name in ("default", "description") if name in schema}
        plain = {name: value for name, value in schema.items() if name not in about}
        return about | {"anyOf": [plain, {"type": "string", "pattern": f"^{FORMULA}"}]}
    return {name: _or_formula(value) for name, value in schema.items()}


def _given_once_or_each(name: str) -> JsonSchema:
    """A field that the defaults may give: there, or in every question."""
    among_defaults = {
        "required": ["defaults"],
        "properties": {"defaults": {"required": [name], "properties": {name: {"type": "string"}}}},
    }
    in_each = {"properties": {"questions": {"items": {"required": [name]}}}}
    return {"anyOf": [among_defaults, in_each]}


def _schemas(models: list[type[BaseModel]]) -> tuple[dict[type[BaseModel], JsonSchema], JsonSchema]:
    """The schema of each model, and the definitions that they share."""
    references, whole = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_Documented
    )
    defs: JsonSchema = whole["$defs"]
    return {
        model: defs[references[model, "validation"]["$ref"].removeprefix("#/$defs/")] for model in models
    }, defs


class _Documented(GenerateJsonSchema):
    """Takes the docstring below a field as its description, and no titles made of names."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("title", None)
        model: type[BaseModel] = schema["cls"]
        for name, text in field_docstrings(model).items():
            if name in made.get("properties", {}):
                made["properties"][name].setdefault("description", text)
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def field_docstrings(model: type[BaseModel]) -> Mapping[str, str]:
    """The docstring below each field, its base classes' included; none where there is no source."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if not (issubclass(each, BaseModel) and each.__module__.startswith("quizapp.")):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(each)))
        except OSError:
            continue
        found |= _docstrings_below(tree.body[0])
    return found


def _docstrings_below(class_node: ast.stmt) -> dict[str, str]:
    body = class_node.body if isinstance(class_node, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(text.value.value, str)
    }
