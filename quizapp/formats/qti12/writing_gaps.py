"""Gaps in running text as Canvas has them: all typed, or all chosen from options."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from quizapp.domain.texts import Marked, Markup, markup_of
from quizapp.formats.qti12.gaps import LEAD
from quizapp.formats.qti12.sheet import CannotSay, Sheet
from quizapp.formats.qti12.writing_rules import FULL, equal, rule, saying, share
from quizapp.formats.qti12.writing_texts import node
from quizapp.formats.reading.xml import Element

GAP = re.compile(r"\[\[([a-z][a-z0-9_-]{0,39})\]\]")
Document = Mapping[str, Any]


def write_gaps(document: Document, sheet: Sheet) -> None:
    """Write gapped text.  Raises `CannotSay` where Canvas has no such mixture."""
    parts = document["parts"]
    kinds = {part["type"] for part in parts}
    text = sheet.outlet.marked(document.get("text", ""))
    if set(GAP.findall(text)) != {part["id"] for part in parts}:
        raise CannotSay(
            "questions of several parts that are no gaps cannot be said in QTI 1.2; it is left out"
        )
    if kinds == {"short_text"}:
        sheet.question_type = "fill_in_multiple_blanks_question"
    elif kinds == {"single_choice"}:
        sheet.question_type = "multiple_dropdowns_question"
    else:
        raise CannotSay("gaps of different kinds in one text cannot be said in QTI 1.2; it is left out")
    sheet.text = _text(document, text, sheet)
    if any(part.get("explanation") for part in parts):
        sheet.outlet.lack("explanations of single gaps are left out")
    earned = [_write_part(part, sheet) for part in parts]
    if document.get("marking") == "all_or_nothing":
        sheet.outlet.lack("Canvas gives points for single gaps")
        sheet.rules.append(_all(parts, earned))
        return
    total = sum(part.get("weight", 1) for part in parts)
    for part, values in zip(parts, earned, strict=True):
        whole = share(part.get("weight", 1), total)
        for ident, credit in values.items():
            if credit:
                score = (whole * credit).quantize(Decimal("0.000000001"))
                sheet.rules.append(rule(equal(ident, f"response_{part['id']}"), score=score, action="Add"))


def _all(parts: Sequence[Document], earned: Sequence[Mapping[str, Decimal]]) -> Element:
    """The rule that wants every gap right."""
    tests = [
        node(
            "or", *(equal(ident, f"response_{part['id']}") for ident, credit in values.items() if credit == 1)
        )
        for part, values in zip(parts, earned, strict=True)
    ]
    return rule(node("and", *tests), score=FULL, goes_on=False)


def _text(document: Document, text: Marked, sheet: Sheet) -> Marked:
    """The running text with its gaps in single brackets; the lead before it where it says something."""
    lead = sheet.outlet.marked(document["stem"])
    names = "|".join(re.escape(part["id"]) for part in document["parts"])
    ours = re.compile(rf"(?<!\[)\[(?={names}\])|\[(?=(?:{names})\](?!\]))")
    markup = markup_of(text)
    html = text if markup is Markup.PLAIN else Marked(sheet.outlet.html(text), Markup.HTML)
    if markup is Markup.PLAIN and (ours.search(text) or str(lead) != LEAD):
        html = Marked(sheet.outlet.html(text), Markup.HTML)
    markup = markup_of(html)
    plain = str(html)
    if markup is Markup.HTML:
        # What looks like a gap of ours and is none would become one.
        plain = ours.sub("&#91;", GAP.sub("\x00\\1\x01", plain)).replace("\x00", "[[").replace("\x01", "]]")
    whole = GAP.sub(r"[\1]", plain)
    if str(lead) != LEAD:
        sheet.outlet.lack("its lead and its text with gaps are written as one text")
        whole = f"<p>{sheet.outlet.html(lead)}</p>\n{whole}"
    return Marked(whole, markup)


def _write_part(part: Document, sheet: Sheet) -> dict[str, Decimal]:
    """A gap with its options or accepted texts; what each of them earns."""
    name = f"response_{part['id']}"
    is_choice = part["type"] == "single_choice"
    entries = part["options"] if is_choice else part["answers"]
    if part.get("mistakes") or part.get("case_sensitive"):
        sheet.outlet.lack("known mistakes and the case of letters in gaps are left out")
    labels, earned = [], {}
    for entry in entries:
        ident = sheet.new_id()
        text = entry["text"] if is_choice else Marked(_unescaped(entry["text"], sheet), Markup.PLAIN)
        labels.append(node("response_label", sheet.outlet.material(text), ident=ident))
        default = 0 if is_choice and not entry.get("key") else 1
        earned[ident] = Decimal(str(entry.get("credit", default)))
        if entry.get("feedback"):
            sheet.notes.append(saying(sheet.remark(entry["feedback"], ident), equal(ident, name)))
    label = node("material", node("mattext", part["id"], texttype="text/plain"))
    sheet.responses.append(node("response_lid", label, node("render_choice", *labels), ident=name))
    return earned


def _unescaped(pattern: str, sheet: Sheet) -> str:
    plain = pattern.replace("\\*", "\x00")
    if "*" in plain:
        raise CannotSay("a gap accepts patterns, which QTI 1.2 does not have; it is left out")
    return plain.replace("\x00", "*")
