"""The questions of a YAML set as pieces of text, so that a broken one breaks no other.

It works on lines alone: a list under `questions:` at the margin whose items begin `- ` at one
indentation, which is how every set is written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

LIST = re.compile(r"""["']?questions["']?[ \t]*:[ \t]*(?:#.*)?""")
ITEM = re.compile(r"( *)-(?:[ \t]|$)")
FIELD = re.compile(r"""["']?(title|description|licence|authors|defaults|images)["']?[ \t]*:""")
DOCUMENT_END = ("---", "...")


@dataclass(slots=True)
class Piece:
    """Some lines of a file, and the number of the first."""

    line: int
    text: str


@dataclass(slots=True)
class Pieces:
    """One YAML document: its items, and everything else with empty lines in their place."""

    head: str
    line: int
    items: list[Piece] = field(default_factory=list)


def split_sets(text: str) -> list[Pieces]:
    """The documents of a file.  One without a list of questions has no items."""
    lines = text.split("\n")
    documents, start = [], 0
    for number, line in enumerate(lines):
        if line.startswith(DOCUMENT_END) and (len(line) == 3 or line[3] in " \t"):
            documents.append(_pieces(lines[start:number], start + 1))
            start = number + 1
    documents.append(_pieces(lines[start:], start + 1))
    return [each for each in documents if each.items or each.head.strip()] or documents[-1:]


def end_of_list(lines: Sequence[str], begin: int) -> int:
    """Where another field of the set follows on the list of questions, counted from 0."""
    return next((number for number in range(begin, len(lines)) if FIELD.match(lines[number])), len(lines))


def _pieces(lines: list[str], line: int) -> Pieces:
    begin = next((number for number, each in enumerate(lines) if LIST.fullmatch(each.rstrip())), None)
    first = None if begin is None else _first_item(lines, begin + 1)
    if begin is None or first is None:
        return Pieces("\n".join(lines), line)
    indentation = _indentation(lines[first])
    end = end_of_list(lines, first)
    starts = [n for n in range(first, end) if _begins_item(lines[n], indentation)]
    stops = [*starts[1:], end]
    items = [
        Piece(line + start, "\n".join(lines[start:stop])) for start, stop in zip(starts, stops, strict=True)
    ]
    head = [*lines[:begin], "questions: []", *[""] * (end - begin - 1), *lines[end:]]
    return Pieces("\n".join(head), line, items)


def _first_item(lines: list[str], begin: int) -> int | None:
    """The first line of the list; None where something else comes first."""
    for number in range(begin, len(lines)):
        line = lines[number].strip()
        if line and not line.startswith("#"):
            return number if ITEM.match(lines[number]) else None
    return None


def _begins_item(line: str, indentation: int) -> bool:
    found = ITEM.match(line)
    return found is not None and len(found[1]) == indentation


def _indentation(line: str) -> int:
    found = ITEM.match(line)
    return len(found[1]) if found else 0
