"""A set as Moodle XML, with what Moodle cannot say of each question."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from quizapp.domain.documents import read_question, variant
from quizapp.domain.problems import Place
from quizapp.domain.texts import Marked, Markup
from quizapp.formats import Limit, Picture, QuestionDocument, Written
from quizapp.formats.moodle_xml.marks import Marks
from quizapp.formats.moodle_xml.written_cloze import CannotBeCloze, cloze_text
from quizapp.formats.moodle_xml.written_types import WRITERS
from quizapp.formats.reading.moodle_names import name_from_text
from quizapp.formats.reading.moodle_rows import as_words
from quizapp.formats.reading.xml import named_entities_resolved

ELEMENT = re.compile(r"[a-z][a-z0-9_]{0,60}")
TEXTS = (
    *("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"),
    *("graderinfo", "responsetemplate", "instructions"),
)
OURS = ("moodle_xml", "moodle_backup", "cloze")
"""Formats whose settings are Moodle's."""

NOT_GIVEN_BACK = frozenset(("defaultgrade", "qtype"))
NO_PLACE = ("topic", "subtopic", "objective", "cognitive", "references", "as_of", "versions")
"""Fields that are this house's own."""


def write_file(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
    """Every question that Moodle has something for, under its category; those without one stand first."""
    parts: list[str] = []
    limits: list[Limit] = []
    category = ""
    for document in sorted(questions, key=lambda each: bool(each.get("category"))):
        written, said = _written(document, pictures)
        identity = str(document.get("id", ""))
        limits += [Limit(identity, message, is_left_out=written is None) for message in said]
        if written is None:
            continue
        if document.get("category", "") != category:
            category = document["category"]
            parts.append(_category_question(category))
        parts.append(written)
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", *parts, "</quiz>", ""])
    return Written(text.encode("utf-8", "replace"), "application/xml", ".xml", tuple(limits))


def _written(document: QuestionDocument, pictures: Mapping[str, Picture]) -> tuple[str | None, list[str]]:
    """A question, or None where it is left out; and what to say about it."""
    said: list[str] = []
    if document.get("type") == "opaque":
        return _source(document)
    if document.get("variants") is not None:
        drawn, _ = read_question(document, Place("", {}))
        if drawn is None:
            return None, ["its variants cannot be drawn"]
        document = variant(drawn, 0).model_copy(update={"written": None}).document()
        said.append("written as one draw")
    if document["type"] not in WRITERS:
        return None, [f"Moodle has no questions of the type {document['type']}"]
    marks = Marks(document, pictures)
    try:
        written = _question(marks)
    except CannotBeCloze as error:
        return None, [f"{error}"]
    return written, said + _lost(document) + marks.limits


def _source(document: QuestionDocument) -> tuple[str | None, list[str]]:
    """An opaque question of Moodle's as its file had it, unless it would spoil the whole file."""
    if (document.get("origin") or {}).get("format") != "moodle_xml":
        return None, ["was kept as another format has it, which Moodle does not read"]
    source = str(document["source"])
    if _is_xml(source):
        return source, []
    mended = named_entities_resolved(source)
    if _is_xml(mended):
        return mended, ["its HTML entities are written as characters, for Moodle refuses them"]
    return None, ["its source is damaged and would make the whole file unreadable"]


def _is_xml(text: str) -> bool:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser).tag == "question"
    except (etree.XMLSyntaxError, ValueError):
        return False


def _question(marks: Marks) -> str:
    document = marks.document
    kind, body = WRITERS[document["type"]](marks)
    text = cloze_text(marks) if kind == "cloze" else marks.text_of(document, "stem")
    parts = [
        f'<question type="{kind}">\n',
        f"<name>\n<text>{marks.characters(_name(document, text))}</text>\n</name>\n",
        marks.text("questiontext", text),
        marks.text("generalfeedback", marks.text_of(document, "explanation")),
        _settings(marks, kind),
        body,
        _hints(marks),
        _tags(marks),
        "</question>\n",
    ]
    return "".join(parts)


def _name(document: QuestionDocument, text: Marked) -> str:
    """Moodle takes no question without a name."""
    return (
        document.get("name") or name_from_text(as_words(text)[:2_000]) or str(document.get("id", "question"))
    )


def _settings(marks: Marks, kind: str) -> str:
    """Mark, penalty, identity, and what Moodle itself once said of the question."""
    document = marks.document
    origin: Mapping[str, Any] = document.get("origin") or {}
    ours = origin.get("format") in OURS
    settings: Mapping[str, str] = origin.get("settings", {}) if ours else {}
    grade = "0" if kind == "description" else settings.get("defaultgrade") or str(document.get("points", 1))
    identity = origin.get("id", "") if ours else str(document.get("id", ""))
    parts = [marks.words("defaultgrade", grade), marks.words("idnumber", identity)]
    if not ours:
        penalty = "0" if kind in ("description", "essay") else "0.3333333"
        parts += [marks.words("penalty", penalty), marks.words("hidden", "0")]
    for name, value in settings.items():
        if name in NOT_GIVEN_BACK or ELEMENT.fullmatch(name) is None:
            continue
        if name in TEXTS:
            said = settings.get(f"{name}.format", document.get("markup", Markup.MARKDOWN.value))
            parts.append(marks.text(name, Marked(value, Markup(said))))
        elif name != "shownumcorrect":
            parts.append(marks.words(name, value))
        elif value != "0":
            parts.append("<shownumcorrect/>\n")
    return "".join(parts)


def _hints(marks: Marks) -> str:
    settings = (marks.document.get("origin") or {}).get("settings", {})
    parts = []
    for number, hint in enumerate(marks.document.get("hints", ()), start=1):
        options = settings.get(f"hint.{number}", "").split()
        switches = "".join(f"<{name}/>\n" for name in options if name in ("shownumcorrect", "clearwrong"))
        parts.append(marks.text("hint", marks.text_of({"hint": hint}, "hint"), inside=switches))
    return "".join(parts)


def _tags(marks: Marks) -> str:
    tags = marks.document.get("tags", ())
    if not tags:
        return ""
    return f"<tags>\n{''.join(marks.in_text('tag', tag) for tag in tags)}</tags>\n"


def _category_question(path: str) -> str:
    text = Marks({}, {}).characters(path)
    return f'<question type="category">\n<category>\n<text>{text}</text>\n</category>\n</question>\n'


def _lost(document: QuestionDocument) -> list[str]:
    """What of this house's own has no place in Moodle."""
    lost = [name for name in NO_PLACE if document.get(name) and document.get(name) != "unsorted"]
    if document.get("level", "mid") != "mid":
        lost.append("level")
    if _has(document, "misconception"):
        lost.append("misconceptions")
    return [f"no place in Moodle for: {', '.join(lost)}"] if lost else []


def _has(value: Any, name: str) -> bool:
    if isinstance(value, Mapping):
        return bool(value.get(name)) or any(_has(each, name) for each in value.values())
    return isinstance(value, list | tuple) and any(_has(each, name) for each in value)
