"""A file in pieces: where each question begins and ends, whatever else is broken.

One pass from left to right.  CDATA and comments are passed over, unless they were never closed;
then the next question ends them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MARK = re.compile(r"<!--|<!\[CDATA\[|<question(?=[\s>/])|</question\s{0,9}>")
TYPED = re.compile(r"<question\s[^<>]{0,200}\b(?:type|id)\s{0,9}=")
"""How questions begin in Moodle XML and in backups; what else has their name stands inside of one."""

CDATA, COMMENT = "<![CDATA[", "<!--"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A question as the file has it."""

    text: str
    line: int
    is_whole: bool = True
    """Whether it has its end tag."""
    is_cut: bool = False
    """Whether the file ends within it."""


@dataclass(frozen=True, slots=True)
class Between:
    """Text between questions, without comments."""

    text: str
    line: int


class Next:
    """Where a text occurs next; asked with growing places, all answers together take one pass."""

    def __init__(self, text: str, wanted: str) -> None:
        self._text, self._wanted, self._known = text, wanted, -2

    def __call__(self, at: int) -> int:
        """The first place from `at` on, or -1."""
        if self._known != -1 and self._known < at:
            self._known = self._text.find(self._wanted, at)
        return self._known


class Scanner:
    """Goes through a file once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = {CDATA: Next(text, "]]>"), COMMENT: Next(text, "-->")}
        self._question, self._cdata = Next(text, "<question"), Next(text, CDATA)
        self._counted, self._line = 0, 1
        self._begin, self._depth, self._outside = -1, 0, 0

    def pieces(self) -> Iterator[Fragment | Between]:
        """Questions, and what stands between them, in order."""
        at = 0
        while mark := MARK.search(self._text, at):
            place, at = mark.start(), mark.end()
            if mark[0] in self._ends:
                end = self._end_of(mark[0], at)
                if self._begin < 0 and end > 0:
                    yield from self._between(place, end)
                at = max(at, end)
            elif mark[0] == "<question":
                at, closed = self._end_of_tag(at)
                yield from self._opened(place, at, closed=closed)
            elif self._begin >= 0 and self._depth:
                self._depth -= 1
            elif self._begin >= 0:
                yield self._fragment(at)
        if self._begin >= 0:
            yield self._fragment(len(self._text), ended=False, is_cut=True)
        else:
            yield from self._between(len(self._text), len(self._text))

    def _opened(self, place: int, at: int, *, closed: bool) -> Iterator[Fragment | Between]:
        """A start tag: of a question, or of something inside one that has the same name."""
        if self._begin >= 0 and TYPED.match(self._text, place) is None:
            self._depth += not closed
            return
        if self._begin >= 0:
            yield self._fragment(place, ended=False)
        else:
            yield from self._between(place, place)
        self._begin, self._depth = place, 0
        if closed:
            yield self._fragment(at)

    def _end_of(self, opening: str, at: int) -> int:
        """The place behind a comment or CDATA; -1 where it was never closed, or only by the next one."""
        end = self._ends[opening](at)
        if end < 0:
            return -1
        if opening == CDATA:
            question = self._question(at)
            inner = self._cdata(question) if 0 <= question < end else -1
            if 0 <= inner < end:
                return -1
        return end + 3

    def _end_of_tag(self, at: int) -> tuple[int, bool]:
        """The place behind a start tag, and whether it closes itself."""
        end = self._text.find(">", at, at + 2_000)
        if end < 0:
            return at, False
        return end + 1, self._text[end - 1] == "/"

    def _fragment(self, end: int, *, ended: bool = True, is_cut: bool = False) -> Fragment:
        """The question that is open, which ends here."""
        text, line = self._text[self._begin : end], self._line_of(self._begin)
        self._begin, self._outside = -1, end
        if not ended:
            text = text.rstrip().removesuffix("</quiz>").rstrip()
        return Fragment(text, line, ended, is_cut)

    def _between(self, end: int, next_begin: int) -> Iterator[Between]:
        """What stands between the question before and a place, from which on the next such text begins."""
        begin, self._outside = self._outside, next_begin
        if end > begin:
            yield Between(self._text[begin:end], self._line_of(begin))

    def _line_of(self, place: int) -> int:
        """The line of a place; places only grow."""
        self._line += self._text.count("\n", self._counted, place)
        self._counted = max(self._counted, place)
        return self._line
