"""The numbers of a question with their tolerances, as Moodle means them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from quizapp.domain.texts import Marked
from quizapp.formats.moodle_xml.marks import Document, Marks
from quizapp.formats.reading.moodle_question import spelled

NONE, FULL = Decimal(0), Decimal(1)


def numbers(document: Document, marks: Marks) -> list[tuple[str, str, Decimal, Marked]]:
    """Every number that something is known of: itself, its tolerance, what it earns, what is said to it."""
    key = Decimal(str(document["answer"]))
    own = _absolute(key, document.get("tolerance"), marks)
    found = [(spelled(key), own, FULL, marks.text_of(document, "feedback"))]
    for each in document.get("accepted", ()):
        value = Decimal(str(each["value"]))
        credit = Decimal(str(each.get("credit", 1)))
        room = _absolute(value, each.get("tolerance"), marks)
        found.append((spelled(value), room, credit, marks.text_of(each, "feedback")))
    for each in document.get("mistakes", ()):
        value = Decimal(str(each["value"]))
        inherited = document.get("tolerance") if each.get("tolerance") is None else each["tolerance"]
        room = _absolute(value, inherited, marks)
        found.append((spelled(value), room, NONE, marks.text_of(each, "feedback")))
    if document.get("otherwise"):
        found.append(("*", "0", NONE, marks.text_of(document, "otherwise")))
    return found


def _absolute(value: Decimal, tolerance: Mapping[str, Any] | None, marks: Marks) -> str:
    """A tolerance as the distance that Moodle means by it."""
    if not tolerance:
        return "0"
    if tolerance.get("absolute") is not None:
        return spelled(Decimal(str(tolerance["absolute"])))
    if tolerance.get("relative") is not None:
        marks.limit("its relative tolerance is written as the distance that it comes to")
        return spelled(abs(value) * Decimal(str(tolerance["relative"])))
    figures = tolerance.get("significant_figures")
    if not figures or not value:
        return "0"
    marks.limit("its significant figures are written as the distance that they come to")
    return spelled(Decimal(5).scaleb(value.adjusted() - int(figures)))
