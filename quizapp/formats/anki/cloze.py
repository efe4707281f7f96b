"""Texts with gaps as Anki writes them: `{{c1::answer::hint}}`."""

import re
from dataclasses import dataclass

OPENING = re.compile(r"\{\{c([0-9]{1,3})(?:,[0-9]{1,3})*::")
MARKS = re.compile(r"\{\{c[0-9]{1,3}(?:,[0-9]{1,3})*::|\}\}|::")


@dataclass(frozen=True, slots=True)
class Gap:
    """A piece of text that is left out."""

    number: int
    answer: str
    hint: str = ""
    holds_gaps: bool = False
    """Whether other gaps were inside; their answers are part of this one's."""


def pieces_of(text: str) -> list[str | Gap]:
    """Text and gaps in order.  A gap that never ends is text."""
    pieces: list[str | Gap] = []
    at = 0
    while (begin := OPENING.search(text, at)) is not None:
        read = _gap(text, begin)
        if read is None:
            break
        gap, end = read
        pieces += [text[at : begin.start()], gap]
        at = end
    return [*pieces, text[at:]]


def _gap(text: str, begin: re.Match[str]) -> tuple[Gap, int] | None:
    """The gap that begins at a mark, and where it ends; inner gaps are taken for their answers."""
    answer: list[str] = []
    hint: list[str] = []
    depth, hidden, at, holds = 1, 0, begin.end(), False
    for mark in MARKS.finditer(text, at):
        # Within an inner gap, what follows `::` is its hint, which nobody sees here.
        if not hidden:
            (hint if depth == 1 and hint else answer).append(text[at : mark.start()])
        at = mark.end()
        if mark[0].startswith("{{c"):
            depth, holds = depth + 1, True
        elif mark[0] == "::" and depth == 1 and not hint:
            hint.append("")
        elif mark[0] == "::" and depth > 1 and not hidden:
            hidden = depth
        elif mark[0] == "}}":
            hidden = 0 if hidden == depth else hidden
            depth -= 1
            if not depth:
                return Gap(int(begin[1]), "".join(answer), "".join(hint), holds), at
        elif not hidden:
            (hint if depth == 1 and hint else answer).append(mark[0])
    return None
