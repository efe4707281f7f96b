"""The questions of a JSON set one by one, so that a broken one breaks no other."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SPACE = re.compile(r"[ \t\n\r,]*")
LINE_START = re.compile(r"\n([ \t]*)\{")
SIGNS = re.compile(r'["{}]')
STRING_END = re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL)
FIRST_FIELD = re.compile(r'\{[ \t\n]{0,9}"[^"\\\n]{1,60}"')
MOST_BROKEN = 200
"""So many broken members are told apart; what follows is kept in one piece, which bounds the work."""

DECODER = json.JSONDecoder()


@dataclass(slots=True)
class JsonItem:
    """A member of the list: its value, or why it cannot be read."""

    line: int
    text: str
    value: Any = None
    problem: str = ""
    problem_line: int = 1


@dataclass(slots=True)
class JsonSet:
    """What could be read of a file."""

    head: dict[str, Any] = field(default_factory=dict)
    items: list[JsonItem] = field(default_factory=list)
    has_list: bool = False
    problem: str = ""
    """Why the reading of the head ended early."""
    problem_line: int = 1


class _Lines:
    """Line numbers of places in a text, and whether its braces can be relied on."""

    def __init__(self, text: str) -> None:
        self.braces_match = True
        self._ends = [found.start() for found in re.finditer("\n", text)]

    def of(self, at: int) -> int:
        return bisect_right(self._ends, at - 1) + 1


def read_json_set(text: str) -> JsonSet:
    """The head and the items of a set, as far as they can be read.  It takes time linear in the text."""
    result, lines = JsonSet(), _Lines(text)
    at = _past_space(text, 0)
    if text[at : at + 1] != "{":
        result.problem, result.problem_line = "should begin with {", lines.of(at)
        return result
    at = _past_space(text, at + 1)
    while at < len(text) and text[at] != "}":
        try:
            name, at = _name(text, at)
            if name == "questions" and text[at : at + 1] == "[":
                result.has_list = True
                at = _read_list(text, at + 1, lines, result)
            else:
                result.head[name], at = _value(text, at)
        except (ValueError, RecursionError) as error:
            result.problem, result.problem_line = _reason(error), lines.of(getattr(error, "pos", at))
            if result.has_list or (begin := _list_begin(text, at)) is None:
                return result
            result.has_list = True
            at = _read_list(text, begin, lines, result)
        at = _past_space(text, at)
    if at >= len(text):
        result.problem, result.problem_line = "ends before its closing }", lines.of(len(text))
    return result


def _read_list(text: str, at: int, lines: _Lines, result: JsonSet) -> int:
    """The members up to the closing bracket; the place behind it."""
    at, broken = _past_space(text, at), 0
    while at < len(text) and text[at] != "]":
        start = at
        try:
            value, at = _value(text, at)
            result.items.append(JsonItem(lines.of(start), text[start:at], value))
        except (ValueError, RecursionError) as error:
            broken += 1
            at = _end_of_broken(text, start, lines) if broken <= MOST_BROKEN else len(text)
            where = lines.of(getattr(error, "pos", start))
            source = text[start:at].rstrip(" \t\n,")
            result.items.append(JsonItem(lines.of(start), source, None, _reason(error), where))
        at = _past_space(text, at)
    return at + 1


def _end_of_broken(text: str, start: int, lines: _Lines) -> int:
    """Where an object that cannot be read ends: before one that begins alike, or where its braces close."""
    margin = text[text.rfind("\n", 0, start) + 1 : start]
    if not margin.strip() and text.rfind("\n", 0, start) >= 0:
        following = text.find(f"\n{margin}{{", start)
        closing = re.compile(rf"\n[ \t]{{0,{max(len(margin) - 1, 0)}}}\]").search(text, start)
        ends = [end for end in (following, closing.start() if closing else -1) if end >= 0]
        return min(ends, default=len(text))
    depth = 0
    for at, sign in _signs(text, start) if lines.braces_match else ():
        depth += 1 if sign == "{" else -1
        if depth <= 0:
            return at + 1
    # Braces are looked for to the end of the text once, or broken files would take for ever.
    lines.braces_match = False
    # A string does not end: what begins with the same field is likely the next member.
    first = FIRST_FIELD.match(text, start)
    following = text.find(first[0], first.end()) if first else -1
    return following if following >= 0 else len(text)


def _signs(text: str, start: int) -> Iterator[tuple[int, str]]:
    """The braces outside strings."""
    at = start
    while found := SIGNS.search(text, at):
        at = found.end()
        if found[0] != '"':
            yield found.start(), found[0]
            continue
        string = STRING_END.match(text, at)
        if string is None:
            return
        at = string.end()


def _list_begin(text: str, at: int) -> int | None:
    """Where the list of questions begins behind something that cannot be read."""
    found = re.compile(r'"questions"[ \t\n\r]*:[ \t\n\r]*\[').search(text, at)
    return found.end() if found else None


def _value(text: str, at: int) -> tuple[Any, int]:
    value, end = DECODER.raw_decode(text, at)
    return value, end


def _name(text: str, at: int) -> tuple[str, int]:
    """The name of a field, and where its value begins."""
    name, at = DECODER.raw_decode(text, at)
    if not isinstance(name, str):
        raise json.JSONDecodeError("should be a name in quotes", "", at)
    at = _past_space(text, at)
    if text[at : at + 1] != ":":
        raise json.JSONDecodeError("should be a colon", "", at)
    return name, _past_space(text, at + 1)


def _past_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    return "is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
