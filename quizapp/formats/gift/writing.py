"""Questions as a GIFT file, and what it cannot say of them."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from quizapp.domain.documents import read_question, variant
from quizapp.domain.imports import NO_TOPIC, as_id
from quizapp.domain.problems import Place
from quizapp.domain.texts import default_markup, text_of
from quizapp.formats import Limit, Picture, QuestionDocument, Written
from quizapp.formats.gift.written_answers import WRITERS, CannotSay, Pen

MEDIA_TYPE = "text/plain; charset=utf-8"
SHARED = frozenset(
    {"id", "type", "name", "category", "markup", "stem", "explanation", "tags", "origin", "variants"}
    | {"misconception"}
)
"""The fields of every type that GIFT has a place for, and those that are told of in other words."""
BAD_IN_TAG = re.compile(r"[\[\x00-\x1f\x7f]|\\$")
ODD_IN_TAG = re.compile("[<>`]")
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def written(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
    """A file with every question that GIFT can say; those without a category stand first."""
    addresses = {name: _address(picture) for name, picture in pictures.items()}
    limits: list[Limit] = []
    parts = [f"// {_one_line(title).replace('[', '(')}"] if title.strip() else []
    category = ""
    for document in sorted(questions, key=lambda each: bool(each.get("category"))):
        text = _text(document, addresses, limits)
        if text is None:
            continue
        if document.get("category", "") != category:
            category = _one_line(document["category"])
            parts.append(f"$CATEGORY: {category}")
        parts.append(text)
    return Written("\n\n".join([*parts, ""]).encode(), MEDIA_TYPE, ".gift", tuple(limits))


def _text(document: QuestionDocument, addresses: Mapping[str, str], limits: list[Limit]) -> str | None:
    """A question as its block of lines; None where it is left out, which is told."""
    identity = str(document["id"])

    def tell(message: str) -> None:
        if Limit(identity, message) not in limits[-10:]:
            limits.append(Limit(identity, message))

    if document["type"] == "opaque":
        if (document.get("origin") or {}).get("format") == "gift":
            return str(document["source"])
        message = "is left out: it was kept as another format has it, and cannot be asked"
        limits.append(Limit(identity, message, is_left_out=True))
        return None
    try:
        document = _drawn(document, tell)
        if document["type"] not in WRITERS:
            raise CannotSay(f"GIFT knows no questions of the type {document['type']}")
        stem = text_of(document, "stem")
        return _block(document, Pen(default_markup(document), stem.markup, addresses, tell))
    except CannotSay as reason:
        limits.append(Limit(identity, f"is left out: {reason}", is_left_out=True))
        return None


def _drawn(document: QuestionDocument, tell: Callable[[str], None]) -> QuestionDocument:
    """A question without variants, or the first of its draws."""
    if document.get("variants") is None:
        return document
    question, _ = read_question(document, Place("", {}))
    if question is None:
        raise CannotSay("its variants cannot be drawn")
    tell("is written as one draw; GIFT has no variants")
    return variant(question, 0).model_copy(update={"written": None}).document()


def _block(document: QuestionDocument, pen: Pen) -> str:
    own = WRITERS[document["type"]]
    answers = own.write(document, pen)
    stem = text_of(document, "stem")
    name = str(document.get("name", ""))
    general = text_of(document, "explanation")
    if general and answers is None:
        pen.tell("its explanation is not carried: a text without answers has no feedback in GIFT")
    elif general and answers is not None:
        ending = "\n" if answers.endswith("\n") else ""
        indent = "\t" if ending else ""
        answers = f"{answers}{indent}####{pen.text(general)}{ending}"
    missing = [field for field in document if field not in SHARED | own.fields and document[field]]
    if document.get("topic") in (None, NO_TOPIC):
        missing = [field for field in missing if field != "topic"]
    if _has_misconceptions(document):
        missing.append("misconceptions")
    if missing:
        pen.tell(f"GIFT has no place for: {', '.join(each.replace('_', ' ') for each in missing)}")
    lines = [*_labels(document, pen), f"::{pen.escaped(name)}::" if name else ""]
    head = "\n".join(lines) + f"[{stem.markup.value}]{pen.escaped(stem)}"
    return head if answers is None else f"{head}{{{answers}}}"


def _labels(document: QuestionDocument, pen: Pen) -> Iterator[str]:
    """The comment that carries the id and the tags, if there is anything to carry."""
    labels = []
    named = [("id", _identity(document)), *(("tag", str(tag)) for tag in document.get("tags", ()))]
    for kind, text in named:
        if not text:
            continue
        if BAD_IN_TAG.search(text) or text != text.strip():
            pen.tell(f"its {kind} {text[:60]!r} cannot be written: GIFT has no way to say such characters")
            continue
        if kind == "tag" and ODD_IN_TAG.search(text):
            pen.tell(f"Moodle does not read its tag {text[:60]!r}")
        labels.append(f"[{kind}:{_closed(text)}]")
    if labels:
        yield f"// {' '.join(labels)}"


def _identity(document: QuestionDocument) -> str:
    """What the question is known by elsewhere, or here; empty where its name says as much."""
    origin = document.get("origin")
    if origin is None:
        return str(document["id"])
    made_of_name = as_id(str(document.get("name", "")))
    is_made = document["id"] == made_of_name or str(document["id"]).startswith(f"{made_of_name}-")
    return str(origin.get("id") or ("" if is_made else document["id"]))


def _closed(text: str) -> str:
    return text.replace("]", "\\]")


def _has_misconceptions(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value.get("misconception")) or any(map(_has_misconceptions, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_misconceptions, value))


def _address(picture: Picture) -> str:
    """A picture as an address that holds it."""
    return f"data:{picture.media_type};base64,{b64encode(picture.data).decode()}"


def _one_line(text: str) -> str:
    return CONTROL.sub(" ", text).strip()
