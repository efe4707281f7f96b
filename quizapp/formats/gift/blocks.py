"""A GIFT file as blocks: one question each, with the category that it stands in.

Moodle parts questions by empty lines and by nothing else.  A new question is seen here as well
where a name or a category begins a line, and an empty line among the answers does not end one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from quizapp.domain.imports import Action, Reading
from quizapp.formats.gift.marks import hidden

CATEGORY = "$CATEGORY:"
MOST_CATEGORY = 1_000
BRACE = re.compile("[{}]")
LABEL = re.compile(r"\[(id|tag):((?:\\\]|[^\[\]\x00-\x1f\x7f]){1,1000})\]")


@dataclass(slots=True)
class Line:
    """A line of the file: as it is, and with its escapes out of sight."""

    number: int
    raw: str
    marked: str
    """Without blanks around; empty for an empty line and for a comment."""
    is_comment: bool = False


@dataclass(slots=True)
class Block:
    """The lines of one question."""

    category: str
    lines: list[Line] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """What was odd about its limits: codes and messages."""

    @property
    def first(self) -> Line | None:
        """The line on which the question begins."""
        return next((line for line in self.lines if line.marked), None)

    @property
    def source(self) -> str:
        return "\n".join(line.raw for line in self.lines).rstrip("\n")

    @property
    def labels(self) -> tuple[str, list[str]]:
        """The id and the tags that its comments name."""
        comments = (line.raw for line in self.lines if line.is_comment)
        named = [
            (found[1], found[2].replace("\\]", "]").strip()) for c in comments for found in LABEL.finditer(c)
        ]
        ids = [text for kind, text in named if kind == "id" and text]
        return (ids[0] if ids else ""), [text for kind, text in named if kind == "tag" and text]


def blocks(text: str, reading: Reading) -> Iterator[Block]:
    """Every question of a file, in order."""
    return _Splitting(text, reading).run()


class _Splitting:
    """The state between two lines."""

    def __init__(self, text: str, reading: Reading) -> None:
        self.lines = text.split("\n")
        self.reading = reading
        self.block = Block("")
        self.depth = 0
        self.names_open = False
        """Whether the block's name has begun and not ended."""
        self.blank: int | None = None
        """The place in the block of the first empty line inside braces."""
        self.doubtful = 0
        """Up to this line the braces are known not to match, so nothing is tried twice."""
        self.follows_category = False
        self.empty_category: Line | None = None
        """The line of a category in which no question was seen yet."""

    def run(self) -> Iterator[Block]:
        place = 0
        while place < len(self.lines):
            line = _line(self.lines[place], place + 1)
            broken = self._is_broken_by(line)
            if broken:
                self.doubtful = max(self.doubtful, place)
                block, place = self._cut(place)
                yield block
                continue
            yield from self._take(line)
            place += 1
            if place == len(self.lines) and self.depth and self.block.first is not None and self._can_cut():
                self.doubtful = place
                block, place = self._cut(place)
                yield block
        yield from self._finish()
        self._tell_of_empty_category()

    def _take(self, line: Line) -> Iterator[Block]:
        if line.is_comment:
            self.block.lines.append(line)
        elif not line.marked:
            if self.depth and self.block.first is not None:
                self.blank = len(self.block.lines) if self.blank is None else self.blank
                self.block.lines.append(line)
            else:
                self.follows_category = False
                yield from self._finish()
        else:
            if self.block.first is not None and not self.depth and self._starts(line):
                yield from self._finish_before(line)
            self._content(line)

    def _content(self, line: Line) -> None:
        if self.block.first is None:
            if line.marked.startswith(CATEGORY):
                self._enter(line)
                return
            if self.follows_category:
                message = (
                    "has no empty line between it and $CATEGORY; Moodle reads it as part of the category"
                )
                self.block.notes.append(("category_line", message))
            self.names_open = line.marked.startswith("::") and not BRACE.search(line.marked)
            self.names_open = self.names_open and "::" not in line.marked[2:]
        elif self.names_open and "::" in line.marked:
            self.names_open = False
        self.follows_category = False
        self.block.lines.append(line)
        for brace in BRACE.findall(line.marked):
            self.depth = self.depth + 1 if brace == "{" else max(self.depth - 1, 0)
        if not self.depth and self.blank is not None:
            message = "an empty line stands among its answers; Moodle refuses that"
            self.block.notes.append(("blank_line", message))
            self.blank = None

    def _enter(self, line: Line) -> None:
        path = line.raw.strip()[len(CATEGORY) :].strip()
        self._tell_of_empty_category()
        self.empty_category = line
        if len(path) > MOST_CATEGORY:
            message = f"a category's path was cut after {MOST_CATEGORY:,} characters"
            self.reading.say("category", message, Action.APPROXIMATED, line=line.number)
        self.block = Block(path[:MOST_CATEGORY])
        self.follows_category = True

    def _starts(self, line: Line) -> bool:
        """Whether a line begins a question of its own, wherever it stands."""
        if line.marked.startswith(CATEGORY):
            return True
        return line.marked.startswith("::") and line.marked.find("::", 2) > 0 and not self.names_open

    def _is_broken_by(self, line: Line) -> bool:
        """Whether a line shows that the braces of the block will not be closed."""
        if not self.depth or line.is_comment:
            return False
        if not line.marked:
            return line.number <= self.doubtful
        if self._starts(line):
            return line.number <= self.doubtful or self.blank is not None or "{" in line.marked
        brace = BRACE.search(line.marked)
        return self.blank is not None and brace is not None and brace[0] == "{"

    def _can_cut(self) -> bool:
        """Whether something of a block that is not closed may be a question of its own."""
        return self.blank is not None or any(
            self._starts(line) for line in self.block.lines[1:] if line.marked
        )

    def _cut(self, place: int) -> tuple[Block, int]:
        """End a block that is never closed before the next thing that may be a question; go on there."""
        lines = self.block.lines
        content = [number for number, line in enumerate(lines) if line.marked]
        starts = next((number for number in content[1:] if self._starts(lines[number])), len(lines))
        end = min(starts, len(lines) if self.blank is None else self.blank)
        self.empty_category = None
        block, following = self.block, (lines[end].number - 1 if end < len(lines) else place)
        block.lines = lines[:end]
        self._reset()
        return block, following

    def _finish(self) -> Iterator[Block]:
        if self.block.first is not None:
            self.empty_category = None
            yield self.block
        else:
            self._tell_of_orphans()
        self._reset()

    def _finish_before(self, line: Line) -> Iterator[Block]:
        """End a block where the next one begins at once; comments between the two belong to the next."""
        lines = self.block.lines
        last = max(number for number, each in enumerate(lines) if each.marked)
        comments = lines[last + 1 :]
        del lines[last + 1 :]
        yield from self._finish()
        self.block.lines = comments
        message = "no empty line before it; Moodle reads it as part of the question above"
        if line.marked.startswith(CATEGORY):
            self.reading.say("no_blank_line", f"a category has {message}", line=line.number)
        else:
            self.block.notes.append(("no_blank_line", f"has {message}"))

    def _reset(self) -> None:
        self.block = Block(self.block.category)
        self.depth, self.blank, self.names_open = 0, None, False

    def _tell_of_empty_category(self) -> None:
        if self.empty_category is not None:
            message = (
                f"no question stands in the category {self.empty_category.raw.strip()[10:].strip()[:200]}"
            )
            line = self.empty_category.number
            self.reading.say("empty_category", message, Action.DROPPED, severity="info", line=line)
        self.empty_category = None

    def _tell_of_orphans(self) -> None:
        identity, tags = self.block.labels
        if identity or tags:
            message = "an id or tag stands in a comment that belongs to no question"
            self.reading.say("label", message, Action.DROPPED, line=self.block.lines[0].number)


def _line(raw: str, number: int) -> Line:
    plain = raw.strip()
    is_comment = plain.startswith("//")
    return Line(number, raw, "" if is_comment else hidden(plain), is_comment)
