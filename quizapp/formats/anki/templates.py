"""Anki's templates: `{{Field}}`, sections, filters.  Scripts and styles are left out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

ANSWER_LINE = re.compile(r"<hr[^<>]{0,200}\bid\s{0,9}=\s{0,9}[\"']?answer\b[^<>]{0,200}>", re.IGNORECASE)
HIDDEN = (("<script", "</script>"), ("<style", "</style>"), ("<!--", "-->"))
TAG = re.compile(r"<[^<>]*>")
BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|hr)\b[^<>]*>", re.IGNORECASE)
SPECIAL = frozenset({"Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID"})
FRONT_SIDE = "FrontSide"


@dataclass(slots=True)
class Side:
    """A rendered side of a card."""

    html: str = ""
    shown: set[str] = field(default_factory=set)
    """The fields on it."""
    typed: list[str] = field(default_factory=list)
    """The fields that are to be typed."""


def rendered(template: str, values: Mapping[str, str]) -> Side:
    """A side with a note's values; fields to type stay empty, and gaps keep their marks."""
    side, parts = Side(), []
    open_sections: list[bool] = []
    at, template = 0, without_hidden(template)
    while (begin := template.find("{{", at)) >= 0 and (end := template.find("}}", begin)) >= 0:
        if all(open_sections):
            parts.append(template[at:begin])
        at = end + 2
        name = template[begin + 2 : end].strip().lstrip("{")
        if name[:1] in ("#", "^"):
            is_filled = bool(
                plain_text(values.get(name[1:].strip(), "")) or "<img" in values.get(name[1:].strip(), "")
            )
            open_sections.append(is_filled == name.startswith("#"))
        elif name[:1] == "/":
            if open_sections:
                open_sections.pop()
        elif all(open_sections):
            parts.append(_value(name, values, side))
    parts.append(template[at:] if all(open_sections) else "")
    side.html = "".join(parts).strip()
    return side


def answer_part(template: str) -> str:
    """The part of a template for the back that does not repeat the front."""
    line = ANSWER_LINE.search(template)
    behind = template[line.end() :] if line else ""
    return behind if behind.strip() else template.replace(f"{{{{{FRONT_SIDE}}}}}", "")


def plain_text(html: str) -> str:
    """What can be read of HTML, in one line."""
    return " ".join(unescape(TAG.sub("", BREAK.sub(" ", html))).split())


def without_hidden(html: str) -> str:
    """HTML without scripts, styles and comments."""
    for begin, end in HIDDEN:
        html = _cut(html, begin, end)
    return html


def _value(name: str, values: Mapping[str, str], side: Side) -> str:
    *filters, name = (part.strip() for part in name.split(":"))
    if name == FRONT_SIDE or name in SPECIAL or any(each.startswith("tts") for each in filters):
        return ""
    side.shown.add(name)
    if "type" in filters:
        side.typed.append(name)
        return ""
    value = values.get(name, "")
    return plain_text(value) if "text" in filters else value


def _cut(html: str, begin: str, end: str) -> str:
    """A text without the pieces between two marks; one that does not end goes on to the end."""
    lower = html.lower()
    if begin not in lower:
        return html
    parts, at = [], 0
    while (start := lower.find(begin, at)) >= 0:
        parts.append(html[at:start])
        stop = lower.find(end, start)
        at = stop + len(end) if stop >= 0 else len(html)
    return "".join([*parts, html[at:]])
