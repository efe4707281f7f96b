"""Several parts as one cloze text."""

import re
from decimal import Decimal
from html import escape
from typing import Any

from quizapp.domain.texts import Marked, Markup
from quizapp.formats.moodle_xml.marks import Document, Marks
from quizapp.formats.moodle_xml.written_numbers import numbers
from quizapp.formats.reading.cloze import KINDS, USUAL_WORDS, escaped
from quizapp.formats.reading.moodle_gaps import JOINER, LEAD
from quizapp.formats.reading.moodle_question import spelled

GAP = re.compile(r"\[\[([a-z][a-z0-9_-]{0,39})\]\]")
APART = re.compile(rf"(?:&#91;|\[{JOINER})(\[[a-z][a-z0-9_-]{{0,39}}\]\])")
FULL = Decimal(1)
AS_MARKUP = (Markup.HTML, Markup.MOODLE)


class CannotBeCloze(Exception):
    """A part is of a kind that cloze has no gap for; the message says which."""


def cloze(marks: Marks) -> tuple[str, str]:
    """The type; the text is written with the question's own.  Raises `CannotBeCloze`."""
    return "cloze", ""


def cloze_text(marks: Marks) -> Marked:
    """The text with its gaps, parts that are none below it.  Raises `CannotBeCloze`."""
    document = marks.document
    text = marks.text_of(document, "text")
    stem = marks.text_of(document, "stem")
    markup = (text or stem).markup
    gaps = {part["id"]: _gap(part, marks, markup) for part in document["parts"]}
    whole = GAP.sub(lambda found: gaps[found[1]], text)
    if stem != LEAD:
        if text and stem.markup is not markup:
            marks.limit("Moodle takes one markup for all of its text; parts of it may look odd")
        if text:
            marks.limit("its introduction and the text with gaps become one text")
        whole = "\n\n".join(each for each in (stem, whole) if each)
    for part in document["parts"]:
        place = f"(Part {part['id']})"
        if f"[[{part['id']}]]" in text:
            continue
        if place in whole:
            whole = whole.replace(place, gaps[part["id"]], 1)
        else:
            marks.limit("its parts become gaps below the text")
            whole = f"{whole}{_below(part, marks, markup)} {gaps[part['id']]}"
    _tell_limits(marks)
    return Marked(APART.sub(r"[\1", whole), markup)


def _tell_limits(marks: Marks) -> None:
    document = marks.document
    if document.get("marking") == "all_or_nothing":
        marks.limit("Moodle adds up the marks of the parts; all or nothing cannot be said")
    if any(part.get("explanation") for part in document["parts"]):
        marks.limit("the explanations of its parts have no place in Moodle")
    weights = sum(int(part.get("weight", 1)) for part in document["parts"])
    if weights != document.get("points", 1):
        marks.limit(f"Moodle makes it worth {weights}, the sum of the weights of its parts")


def _below(part: Document, marks: Marks, markup: Markup) -> str:
    """The prompt of a part that is no gap, as a paragraph of its own."""
    prompt = marks.text_of(part, "prompt")
    if markup in AS_MARKUP:
        return f"<div>{_in_markup(prompt, markup)}</div>"
    return f"\n\n{prompt}"


def _gap(part: Document, marks: Marks, markup: Markup) -> str:
    kind, alternatives = _alternatives(part, marks, markup)
    settings = (marks.document.get("origin") or {}).get("settings", {})
    word = settings.get(f"cloze.{part['id']}", "")
    if KINDS.get(word) != kind:
        word = USUAL_WORDS[kind]
    return f"{{{part.get('weight', 1)}:{word}:{'~'.join(alternatives)}}}"


def _alternatives(part: Document, marks: Marks, markup: Markup) -> tuple[str, list[str]]:
    kind = part["type"]
    if kind == "single_choice":
        earned = [FULL if each.get("key") else _decimal(each.get("credit")) for each in part["options"]]
        return "multichoice", _options(part, earned, marks, markup)
    if kind == "multiple_choice":
        return "multiresponse", _options(part, _shares(part, marks), marks, markup)
    if kind == "true_false":
        return "multichoice", _true_false(part, marks, markup)
    if kind == "short_text":
        entries = [*part["answers"], *({**each, "credit": 0} for each in part.get("mistakes", ()))]
        written = [
            _one(escape(each["text"], quote=False), _decimal(each.get("credit", 1)), each, marks, markup)
            for each in entries
        ]
        return "shortanswer_c" if part.get("case_sensitive") else "shortanswer", written
    if kind == "number":
        return "numerical", _numbers(part, marks, markup)
    raise CannotBeCloze(f"a part of the type {kind} cannot be a gap in Moodle")


def _shares(part: Document, marks: Marks) -> list[Decimal]:
    marking = part.get("marking", "right_minus_wrong")
    if marking == "weighted":
        return [_decimal(each.get("credit")) for each in part["options"]]
    if marking != "right_minus_wrong":
        marks.limit("a part with several choices is marked as right ones minus wrong ones")
    share = FULL / sum(bool(each.get("key")) for each in part["options"])
    share = share.quantize(Decimal("1e-7")).normalize()
    return [share if each.get("key") else -share for each in part["options"]]


def _options(part: Document, earned: list[Decimal], marks: Marks, markup: Markup) -> list[str]:
    return [
        _one(_in_markup(marks.text_of(each, "text"), markup), earns, each, marks, markup)
        for each, earns in zip(part["options"], earned, strict=True)
    ]


def _true_false(part: Document, marks: Marks, markup: Markup) -> list[str]:
    marks.limit("its parts that are true or false become choices of two words")
    return [
        _one(word, Decimal(part["answer"] is said), {"feedback": part.get(field)}, marks, markup)
        for said, word, field in ((True, "True", "feedback_true"), (False, "False", "feedback_false"))
    ]


def _numbers(part: Document, marks: Marks, markup: Markup) -> list[str]:
    if part.get("unit"):
        marks.limit("a number inside a text has no unit in Moodle; it is asked without")
    if part.get("suffixes"):
        marks.limit("Moodle does not read suffixes such as 1.5k")
    return [
        _alternative(f"{value}:{room}" if room != "0" else value, earns, _in_markup(feedback, markup))
        for value, room, earns, feedback in numbers(part, marks)
    ]


def _one(text: str, earns: Decimal, holder: Document, marks: Marks, markup: Markup) -> str:
    feedback = _in_markup(marks.text_of(holder, "feedback"), markup)
    return _alternative(escaped(text), earns, feedback)


def _alternative(text: str, earns: Decimal, feedback: str) -> str:
    sign = "=" if earns == FULL else f"%{spelled(earns * 100)}%" if earns else ""
    return f"{sign}{text}" + (f"#{escaped(feedback)}" if feedback else "")


def _in_markup(text: Marked, markup: Markup) -> str:
    """A text inside one of another markup, as well as that can be said."""
    if text.markup is Markup.PLAIN and markup in AS_MARKUP:
        return escape(text, quote=False).replace("\n", "<br>")
    return str(text)


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value or 0))
