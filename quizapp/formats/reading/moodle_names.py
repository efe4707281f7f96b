"""What Moodle calls a question that has no name: its text without tags, about 80 characters of it."""

import re

MOST = 80
ENDING = "..."
ENTITY = re.compile(r"&(?:[0-9a-zA-Z]{2,8}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
TAG_START = re.compile(r"<(?![\s]|\Z)")
WIDE = "\u0800"
"""From here on a character takes three bytes; Moodle cuts between any two of those."""


def name_from_text(text: str) -> str:
    """The name that Moodle makes of a question's text; empty where there is nothing to make it of."""
    return without_tags(_shortened(text)).strip()


def without_tags(text: str) -> str:
    """A text without what looks like tags, even where one never ends; `<` before a blank is text."""
    parts, at = [], 0
    while (start := TAG_START.search(text, at)) is not None:
        parts.append(text[at : start.start()])
        at = _tag_end(text, start.start())
    return "".join([*parts, text[at:]])


def _tag_end(text: str, start: int) -> int:
    """Where a tag is over; a `>` in quotes does not end it."""
    quote, depth = "", 0
    for place in range(start, len(text)):
        character = text[place]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "<":
            depth += 1
        elif character == ">":
            depth -= 1
            if not depth:
                return place + 1
    return len(text)


def _shortened(text: str) -> str:
    """At most 80 characters that can be seen, cut after a word."""
    if _visible(text) <= MOST:
        return text
    kept, length = [], len(ENDING)
    for piece in _between_tags(text):
        visible = len(ENTITY.sub(" ", piece))
        if length + visible > MOST:
            kept.append(piece[: _break(piece, MOST - length)])
            break
        kept.append(piece)
        length += visible
        if length >= MOST:
            break
    return "".join(kept) + ENDING


def _break(piece: str, left: int) -> int:
    """Where to cut a piece of which `left` characters may be seen."""
    hidden = 0
    for entity in ENTITY.finditer(piece):
        if entity.start() + 1 - hidden > left:
            break
        left -= 1
        hidden += len(entity[0])
    most = left + hidden
    for place in range(min(most, len(piece) - 1), 0, -1):
        if piece[place] in ". " or piece[place] >= WIDE:
            return min(place + 1, most)
    return most


def _visible(text: str) -> int:
    """How long a text is without the tags that begin and end on one line."""
    length, at, close, line_end = 0, 0, -1, -1
    start = text.find("<")
    while start >= 0:
        if close < start:
            close = text.find(">", start)
        if close < 0:
            break
        if line_end < start:
            line_end = text.find("\n", start) % (len(text) + 1)
        if line_end < close:
            start = text.find("<", start + 1)
            continue
        length += start - at
        at = close + 1
        start = text.find("<", at)
    return length + len(text) - at


def _between_tags(text: str) -> list[str]:
    """What stands between tags, over lines; a `<` or `>` that is no tag falls away."""
    pieces, at = [], 0
    while (start := text.find("<", at)) >= 0 and (close := text.find(">", start + 2)) >= 0:
        pieces += text[at:start].split(">")
        at = close + 1
    pieces += text[at:].replace("<", ">").split(">")
    return pieces
