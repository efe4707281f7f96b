"""Takes a QTI file apart into items by its tags alone, so that a broken item breaks no other.

Nothing is parsed here: the text is scanned once, from left to right.  Where an item is not
closed, it ends where the next thing begins that can stand in no item.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

TAG = re.compile(
    r"<(?:(?P<skip>!--|!\[CDATA\[)"
    r"|(?P<close>/?)(?:[A-Za-z_][\w.-]{0,40}:)?"
    r"(?P<name>item|assessment|section|objectbank|questestinterop|manifest"
    r"|fieldlabel|fieldentry|selection_number|sourcebank_ref|itemref)(?=[\s/>]))"
)
REST_OF_TAG = re.compile(r"""(?:[^<>"']++|"[^"<]*"|'[^'<]*')*+>""")
UNQUOTED_REST = re.compile(r"[^<>]*+>")
ATTRIBUTES = re.compile(r"""([\w:.-]{1,60})\s{0,20}=\s{0,20}("[^"<]*"|'[^'<]*')""")
ENDS_OF_SKIPPED = {"!--": "-->", "![CDATA[": "]]>"}
CONTAINERS = frozenset({"assessment", "section", "objectbank"})
OUTSIDE_ITEMS = CONTAINERS | {"questestinterop"}
MOST_ATTRIBUTES = 10_000
MOST_NESTED = 50


@dataclass(slots=True)
class Container:
    """What items stand in: an assessment, a bank of objects or a section, with what it says of itself."""

    kind: str
    ident: str
    title: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    draws: str = ""
    """How many of its questions a quiz would draw, as the file writes it."""
    bank: str = ""
    """The bank that it draws from."""
    refers: int = 0
    """How many questions it names that stand elsewhere."""

    @property
    def name(self) -> str:
        """Its title, unless that is only its number or none."""
        title = self.fields.get("bank_title", "") or self.title
        return "" if title in (self.ident, "Main", "root_section") else title


@dataclass(frozen=True, slots=True)
class Piece:
    """The source of an item, to the letter, and where it stands."""

    source: str
    line: int
    path: tuple[Container, ...]
    is_closed: bool


@dataclass(slots=True)
class Split:
    """A file taken apart."""

    pieces: list[Piece] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening or closing tag, and where it stands in the text."""

    name: str
    start: int
    end: int
    is_closing: bool
    is_empty: bool


def split(text: str) -> Split:
    """Every item of a file, with the containers that it stands in."""
    return _Splitter(text).split()


def attributes(tag: str) -> dict[str, str]:
    """The attributes of an opening tag by their names without prefix."""
    found = ATTRIBUTES.findall(tag[:MOST_ATTRIBUTES])
    return {name.rpartition(":")[2]: unescape(value[1:-1]).strip() for name, value in found}


def item_attributes(source: str) -> dict[str, str]:
    """What the opening tag of an item says, even where the item is broken."""
    tag = next(tags(source), None)
    return {} if tag is None else attributes(source[tag.start : tag.end])


class _Splitter:
    """One walk over the tags of a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._result = Split()
        self._path: list[Container] = []
        self._item: Tag | None = None
        self._label = ""
        self._line, self._counted = 1, 0

    def split(self) -> Split:
        for tag in tags(self._text):
            if tag.name == "manifest":
                return self._result  # its items are no questions
            if self._item is not None:
                self._inside_item(tag)
            else:
                self._between_items(tag)
        if self._item is not None:
            self._end_item(len(self._text), is_closed=False)
        return self._result

    def _inside_item(self, tag: Tag) -> None:
        if tag.name == "item" and tag.is_closing:
            self._end_item(tag.end, is_closed=True)
        elif tag.name == "item" or tag.name in OUTSIDE_ITEMS:
            self._end_item(tag.start, is_closed=False)
            self._between_items(tag)

    def _between_items(self, tag: Tag) -> None:
        if tag.name == "item":
            if not tag.is_closing:
                self._item = tag
                if tag.is_empty:
                    self._end_item(tag.end, is_closed=True)
        elif tag.name in CONTAINERS:
            self._container(tag)
        elif self._path and not tag.is_closing:
            self._of_container(tag)

    def _end_item(self, end: int, *, is_closed: bool) -> None:
        assert self._item is not None
        start, self._item = self._item.start, None
        source = self._text[start:end]
        if not is_closed:
            source = source.rstrip()
        piece = Piece(source, self._line_at(start), tuple(self._path), is_closed)
        self._result.pieces.append(piece)

    def _container(self, tag: Tag) -> None:
        if tag.is_closing:
            for place in reversed(range(len(self._path))):
                if self._path[place].kind == tag.name:
                    del self._path[place:]
                    return
        elif not tag.is_empty and len(self._path) < MOST_NESTED:
            given = attributes(self._text[tag.start : tag.end])
            container = Container(
                tag.name, given.get("ident", ""), given.get("title", ""), self._line_at(tag.start)
            )
            self._path.append(container)
            self._result.containers.append(container)

    def _of_container(self, tag: Tag) -> None:
        """A word about the container: a field of its metadata, what it draws, or what it refers to."""
        here = self._path[-1]
        if tag.name == "itemref":
            here.refers += 1
            return
        stop = self._text.find("<", tag.end, tag.end + 5_000)
        said = unescape(self._text[tag.end : max(stop, tag.end)]).strip()
        match tag.name:
            case "fieldlabel":
                self._label = said
            case "fieldentry" if len(here.fields) < 200:
                here.fields.setdefault(self._label, said)
            case "selection_number":
                here.draws = said
            case "sourcebank_ref":
                here.bank = said

    def _line_at(self, place: int) -> int:
        """Lines are counted once, because places only grow."""
        self._line += self._text.count("\n", self._counted, place)
        self._counted = place
        return self._line


def tags(text: str) -> Iterator[Tag]:
    """The tags that take a file apart, outside of comments and of CDATA."""
    last_end = {mark: text.rfind(end) for mark, end in ENDS_OF_SKIPPED.items()}
    place = 0
    while (found := TAG.search(text, place)) is not None:
        place = found.end()
        skip = found["skip"]
        if skip is not None:
            # What is never closed is no comment: the questions behind it count.
            if last_end[skip] >= place:
                place = text.index(ENDS_OF_SKIPPED[skip], place) + 3
            continue
        end, is_empty = _end_of_tag(text, place)
        place = max(place, end)
        yield Tag(found["name"], found.start(), place, bool(found["close"]), is_empty)


def _end_of_tag(text: str, place: int) -> tuple[int, bool]:
    """Where a tag ends, minding quotes; a tag that is not closed ends before the next one."""
    found = REST_OF_TAG.match(text, place) or UNQUOTED_REST.match(text, place)
    if found is None:
        stop = text.find("<", place)
        return (len(text) if stop < 0 else stop), False
    return found.end(), text[found.end() - 2] == "/"
