"""The answers of each type as GIFT writes them, between the braces."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quizapp.domain.numbers import round_to_figures, spelled
from quizapp.domain.texts import Marked, Markup
from quizapp.formats import QuestionDocument
from quizapp.formats.reading.building import ESSAY_PROMPTS, ESSAY_RUBRIC

ASSET = re.compile(r"asset:([0-9a-f]{64})")
ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in "\\:#={}~"} | {"\n": "\\n", "\r": None})
LOOKS_MARKED_UP = re.compile(r"[*_`<>&$\\\[]")
HUNDRED = Decimal(100)
FULL = Decimal(1)
ARROW = "->"


class CannotSay(Exception):
    """GIFT has no words for a question; the reason is the message."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How the texts of one question are written."""

    markup: Markup
    """That of the document's texts, unless they say otherwise."""
    stem_markup: Markup
    """That of its stem, which the others have in GIFT unless they say otherwise."""
    addresses: Mapping[str, str]
    """Of pictures, by name."""
    tell: Callable[[str], None]

    def read(self, value: Any) -> Marked:
        """A text as a document holds it."""
        if isinstance(value, Mapping):
            [(name, text)] = value.items()
            return Marked(str(text), Markup(name))
        return Marked(str(value or ""), self.markup)

    def escaped(self, text: str) -> str:
        """A text in which nothing is a mark, with its pictures inside."""
        if "asset:" in text:
            text = ASSET.sub(lambda found: self.addresses.get(found[1], found[0]), text)
        return text.replace("\r\n", "\n").translate(ESCAPES)

    def text(self, text: Marked) -> str:
        """A text, with its markup in front where that is not the question's or a bracket begins the text."""
        tag = f"[{text.markup.value}]" if text.markup is not self.stem_markup or text.startswith("[") else ""
        return f"{tag}{self.escaped(text)}" if text else ""

    def value(self, value: Any) -> str:
        return self.text(self.read(value))

    def feedback(self, value: Any) -> str:
        """Feedback with its mark; nothing where there is none."""
        text = self.value(value)
        return f"#{text}" if text else ""


@dataclass(frozen=True, slots=True)
class Writer:
    """How one type is written, and which of its fields are."""

    write: Callable[[QuestionDocument, Pen], str | None]
    """What stands between the braces; None where there are none."""
    fields: frozenset[str]


def _single_choice(document: QuestionDocument, pen: Pen) -> str:
    lines = []
    for option in document["options"]:
        credit = _credit(option)
        mark = "=" if option.get("key") else "~" if not credit else f"~%{_percent(credit)}%"
        lines.append(_line(mark, option, pen))
    return _lines(lines)


def _multiple_choice(document: QuestionDocument, pen: Pen) -> str:
    marking = document.get("marking", "right_minus_wrong")
    options = document["options"]
    keys = sum(bool(option.get("key")) for option in options)
    right, wrong = (FULL / keys).quantize(Decimal("1e-7")), Decimal(0)
    if marking != "weighted":
        wrong = -right if marking == "right_minus_wrong" else -FULL
        near = "amount" if marking == "right_minus_wrong" else "come near"
        words = marking.replace("_", " ")
        pen.tell(f"GIFT has no marking “{words}”; its options have weights that {near} to it")
    lines = []
    for option in options:
        given = _credit(option) if marking == "weighted" else right if option.get("key") else wrong
        lines.append(_line(f"~%{_percent(given)}%" if given else "~", option, pen))
    return _lines(lines)


def _line(mark: str, option: Mapping[str, Any], pen: Pen) -> str:
    """An option; what looks like a weight is kept from being one by a weight."""
    text = pen.value(option["text"])
    mark = "~%0%" if mark == "~" and text.startswith("%") else mark
    return f"{mark}{text}{pen.feedback(option.get('feedback'))}"


def _true_false(document: QuestionDocument, pen: Pen) -> str:
    sides = [pen.value(document.get(f"feedback_{side}")) for side in ("true", "false")]
    right, wrong = sides if document["answer"] else reversed(sides)
    said = "TRUE" if document["answer"] else "FALSE"
    return said + (f"#{wrong}" if wrong or right else "") + (f"#{right}" if right else "")


def _short_text(document: QuestionDocument, pen: Pen) -> str:
    if document.get("case_sensitive"):
        pen.tell("in GIFT small and capital letters are the same")
    lines = []
    for answer in (*document["answers"], *document.get("mistakes", ())):
        is_right = answer in document["answers"]
        credit = Decimal(str(answer.get("credit", 1))) if is_right else Decimal(0)
        text = str(answer["text"])
        if ARROW in text:
            raise CannotSay(f"GIFT would take the arrow in {text[:60]!r} for a matching")
        tag = "[plain]" if text.startswith("[") else ""
        feedback = _without_arrows(pen.feedback(answer.get("feedback")), pen)
        lines.append(f"=%{_percent(credit)}%{tag}{pen.escaped(text)}{feedback}")
    return _lines(lines)


def _number(document: QuestionDocument, pen: Pen) -> str:
    if document.get("unit"):
        pen.tell("GIFT has no units; the number alone is asked")
    own = _tolerance(document.get("tolerance"), Decimal(str(document["answer"])), pen)
    lines = [f"={_value(document['answer'])}:{own}{pen.feedback(document.get('feedback'))}"]
    for other in document.get("accepted", ()):
        lines.append(_other_number(other, _percent(Decimal(str(other.get("credit", 1)))), "0", pen))
    lines += [_other_number(mistake, "0", own, pen) for mistake in document.get("mistakes", ())]
    if document.get("otherwise"):
        lines.append(f"~{pen.feedback(document['otherwise'])}")
    return f"#{_lines(lines)}"


def _other_number(other: Mapping[str, Any], percent: str, inherited: str, pen: Pen) -> str:
    tolerance = inherited
    if other.get("tolerance") is not None:
        tolerance = _tolerance(other["tolerance"], Decimal(str(other["value"])), pen)
    return f"=%{percent}%{_value(other['value'])}:{tolerance}{pen.feedback(other.get('feedback'))}"


def _tolerance(tolerance: Mapping[str, Any] | None, value: Decimal, pen: Pen) -> str:
    """How far off is right, as a number; kinds of tolerance that GIFT lacks are computed."""
    tolerance = tolerance or {}
    if tolerance.get("absolute"):
        return _value(tolerance["absolute"])
    if tolerance.get("relative"):
        pen.tell("its relative tolerance is written as a number")
        return spelled(abs(value) * Decimal(str(tolerance["relative"])))
    if tolerance.get("significant_figures"):
        figures = int(tolerance["significant_figures"])
        rounded = round_to_figures(value, figures)
        pen.tell("its tolerance by significant figures is written as a number")
        return (
            spelled(Decimal(5).scaleb(rounded.adjusted() - figures) - abs(value - rounded)) if value else "0"
        )
    return "0"


def _matching(document: QuestionDocument, pen: Pen) -> str:
    lines = []
    for pair in document["pairs"]:
        if pair.get("feedback"):
            pen.tell("GIFT has no feedback to pairs")
        left = _without_arrows(pen.value(pair["prompt"]), pen)
        lines.append(f"={left} -> {_match(pair['match'], pen)}")
    lines += [f"= -> {_match(other['text'], pen)}" for other in document.get("distractors", ())]
    return _lines(lines)


def _match(value: Any, pen: Pen) -> str:
    """The right side of a pair, which is plain text in GIFT."""
    text = pen.read(value)
    if text.markup is not Markup.PLAIN and LOOKS_MARKED_UP.search(text):
        pen.tell(f"the right sides of pairs are plain text in GIFT: {text[:60]!r}")
    return pen.escaped(text)


def _open_response(document: QuestionDocument, pen: Pen) -> str:
    if list(document["prompts"]) != ESSAY_PROMPTS or list(document["rubric"]) != ESSAY_RUBRIC:
        pen.tell("GIFT has no steps and no rubric; one text is asked for")
    return ""


def _information(document: QuestionDocument, pen: Pen) -> None:
    return None


def _without_arrows(text: str, pen: Pen) -> str:
    """A text that a matching, or a short answer beside it, can hold."""
    if ARROW not in text:
        return text
    pen.tell("an arrow -> has a meaning there in GIFT and is written as →")
    return text.replace(ARROW, "→")


def _lines(lines: Sequence[str]) -> str:
    return "\n" + "".join(f"\t{line}\n" for line in lines)


def _credit(option: Mapping[str, Any]) -> Decimal:
    given = option.get("credit")
    return Decimal(str(given)) if given is not None else Decimal(bool(option.get("key")))


def _percent(credit: Decimal) -> str:
    return _value(credit * HUNDRED)


def _value(number: Any) -> str:
    return spelled(Decimal(str(number)))


WRITERS: Mapping[str, Writer] = {
    "single_choice": Writer(_single_choice, frozenset({"options"})),
    "multiple_choice": Writer(_multiple_choice, frozenset({"options", "marking"})),
    "true_false": Writer(_true_false, frozenset({"answer", "feedback_true", "feedback_false"})),
    "short_text": Writer(_short_text, frozenset({"answers", "mistakes", "case_sensitive"})),
    "number": Writer(
        _number,
        frozenset({"answer", "tolerance", "feedback", "accepted", "mistakes", "otherwise", "unit", "units"}),
    ),
    "matching": Writer(_matching, frozenset({"pairs", "distractors"})),
    "open_response": Writer(_open_response, frozenset({"kind", "prompts", "rubric"})),
    "information": Writer(_information, frozenset()),
}
"""The types that GIFT knows."""
