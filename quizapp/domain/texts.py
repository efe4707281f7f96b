"""Texts that remember the markup they are written in.

A document's texts are Markdown unless its field `markup` says otherwise, and a single
field may say so for itself: `stem: {html: "<p>Which …"}`.  Imported texts keep the
markup of their system to the letter; it is cleaned when it is shown.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Markup(StrEnum):
    MARKDOWN = "markdown"
    HTML = "html"
    PLAIN = "plain"
    """Every character as it stands, with its line ends."""
    MOODLE = "moodle"
    """Moodle's automatic format: HTML in which an empty line begins a paragraph and a line end counts."""


class Marked(str):
    """A text with its markup.  To everything that knows no markup it is an ordinary text."""

    __slots__ = ("markup",)
    markup: Markup

    def __new__(cls, text: str, markup: Markup = Markup.MARKDOWN) -> "Marked":
        made = super().__new__(cls, text)
        made.markup = markup
        return made

    def __reduce__(self) -> tuple[type["Marked"], tuple[str, Markup]]:
        return Marked, (str(self), self.markup)


def markup_of(text: str) -> Markup:
    """The markup of a text; Markdown is the house's own."""
    return text.markup if isinstance(text, Marked) else Markup.MARKDOWN


def like(text: str, model: str) -> str:
    """`text` in the markup of `model`, from which it was made."""
    return Marked(text, markup_of(model))


def default_markup(document: Mapping[str, Any]) -> Markup:
    """The markup of a document's texts where they say nothing for themselves."""
    given = document.get("markup")
    return Markup(given) if isinstance(given, str) and given in set(Markup) else Markup.MARKDOWN


def text_of(document: Mapping[str, Any], field: str) -> Marked:
    """A text of a document that was judged before, with its markup; empty where there is none."""
    value = document.get(field) or ""
    if isinstance(value, Mapping):
        [(name, value)] = value.items()
        return Marked(value, Markup(name))
    return Marked(str(value), default_markup(document))


def text_value(text: str, default: Markup) -> str | dict[str, str]:
    """A text as a document holds it: with its markup only where that is not the document's own."""
    markup = markup_of(text)
    return str(text) if markup is default else {markup.value: str(text)}


class InMarkup:
    """Makes a `str` field of a model keep its markup, and lets a document name it.

    The markup of texts that name none comes with the validation: `context={"markup": …}`.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_wrap_validator_function(
            _validated,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(_serialized, info_arg=True),
        )

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        plain = handler(core["schema"]) if "schema" in core else handler(core_schema.str_schema())
        # Or a mapping of one markup to the text; the models say the rest.
        return {**plain, "type": ["string", "object"], "maxProperties": 1}


def _validated(value: Any, handler: core_schema.ValidatorFunctionWrapHandler, info: ValidationInfo) -> Marked:
    markup = (info.context or {}).get("markup", Markup.MARKDOWN)
    if isinstance(value, Marked):
        markup = value.markup
    elif isinstance(value, Mapping):
        if len(value) != 1 or not set(value) <= set(Markup):
            raise ValueError(f"should be a text, or one of {', '.join(Markup)} with a text")
        [(name, value)] = value.items()
        markup = Markup(name)
    return Marked(handler(value), markup)


def _serialized(value: str, info: SerializationInfo) -> str | dict[str, str]:
    return text_value(value, (info.context or {}).get("markup", Markup.MARKDOWN))
