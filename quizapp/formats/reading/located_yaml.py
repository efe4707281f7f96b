"""YAML 1.2 text to plain values that remember their lines.

The events of ruamel.yaml are folded without recursion, so depth is a number to
check and not a stack to overflow.  Numbers with a point become `Decimal`, exactly
as written.  Anchors, aliases, tags and merge keys are refused: a bank file needs
none of them, and each is a way to hide something or to explode.
"""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

from quizapp.domain.characters import UNSTORABLE
from quizapp.domain.problems import Path, Place, Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
MAX_PROBLEMS = 50
MAX_EXPONENT = 30

PREFIX = "tag:yaml.org,2002:"
WORDS = {"true": True, "false": False}


@dataclass
class _Frame:
    """A list or mapping that is being filled."""

    value: list[Any] | dict[str, Any]
    path: Path
    key: str | None = None

    def next_path(self) -> Path:
        if isinstance(self.value, list):
            return (*self.path, len(self.value))
        return (*self.path, self.key or "")


@dataclass
class _Fold:
    """Folds parser events into one value, its lines and its problems."""

    place: Place
    resolver: VersionedResolver
    problems: list[Problem] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    documents: int = 0
    root: Any = None

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.refuse(line, "documents", "a file holds one YAML document")
        elif isinstance(event, AliasEvent):
            self.refuse(line, "alias", f"aliases (*{event.anchor}) are not allowed; write the value again")
            self.put(None, line)
        elif isinstance(event, ScalarEvent):
            self.check_plain(event, line)
            self.scalar(event, line)
        elif isinstance(event, SequenceStartEvent | MappingStartEvent):
            self.check_plain(event, line)
            self.open([] if isinstance(event, SequenceStartEvent) else {}, line)
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            self.frames.pop()

    def check_plain(self, event: Any, line: int) -> None:
        if event.anchor:
            self.refuse(line, "anchor", f"anchors (&{event.anchor}) are not allowed")
        if event.tag and str(event.tag) not in {"!", PREFIX + "str"}:
            self.refuse(line, "tag", f"tags ({event.tag}) are not allowed")

    def open(self, value: list[Any] | dict[str, Any], line: int) -> None:
        if self.frames and isinstance(self.frames[-1].value, dict) and self.frames[-1].key is None:
            self.refuse(line, "key", "a key is plain text")
            self.frames[-1].key = "?"
        path = self.frames[-1].next_path() if self.frames else ()
        self.put(value, line)
        if len(self.frames) >= MAX_DEPTH:
            raise _TooDeep(line)
        self.frames.append(_Frame(value, path))

    def scalar(self, event: ScalarEvent, line: int) -> None:
        if UNSTORABLE.search(str(event.value)):
            self.refuse(line, "character", "holds a character that no database can store")
        frame = self.frames[-1] if self.frames else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            key = str(event.value)
            if key == "<<":
                self.refuse(line, "merge", "merge keys (<<) are not allowed")
            if key in frame.value:
                self.refuse(line, "duplicate_key", f"the field {key!r} is given twice")
            frame.key = key
            self.place.lines.setdefault((*frame.path, key), line)
            return
        self.put(self.resolved(event, line), line)

    def resolved(self, event: ScalarEvent, line: int) -> Any:
        text = str(event.value)
        if event.style is not None or event.tag:
            return text
        tag = str(self.resolver.resolve(ScalarNode, text, (True, False)))
        match tag.removeprefix(PREFIX):
            case "null":
                return None
            case "bool" if text.casefold() in WORDS:
                return WORDS[text.casefold()]
            case "int" if text.lstrip("+-").isdigit() and len(text) <= 30:
                return int(text)
            case "float" if len(text) <= 60 and (number := _ordinary(text)) is not None:
                return number
            case "int" | "float":
                self.refuse(line, "number", f"write the number {text[:40]!r} in plain digits, or quote it")
        return text

    def put(self, value: Any, line: int) -> None:
        if not self.frames:
            self.root = value
            self.place.lines.setdefault((), line)
            return
        frame = self.frames[-1]
        self.place.lines.setdefault(frame.next_path(), line)
        if isinstance(frame.value, list):
            frame.value.append(value)
        else:
            frame.value[frame.key or "?"] = value
            frame.key = None

    def refuse(self, line: int, code: str, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Place(f"{self.place.file}", {(): line}).error((), code, message))


def _ordinary(text: str) -> Decimal | None:
    """The decimal that is written, unless working with it would take for ever: `1e999999999`."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= MAX_EXPONENT else None


class _TooDeep(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def read_yaml(data: bytes, name: str) -> tuple[Any, Place, list[Problem]]:
    """The value in a YAML file, where each part stands, and why it cannot be used.

    With any problem the value must not be used.
    """
    place = Place(name, {})
    text, problems = _decoded(data, place)
    if problems:
        return None, place, problems
    yaml = YAML(typ="safe", pure=True)
    fold = _Fold(place, yaml.resolver)
    try:
        for event in yaml.parse(text):
            fold.take(event)
    except _TooDeep as error:
        fold.refuse(error.line, "depth", f"lists and mappings are nested more than {MAX_DEPTH} deep")
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        fold.refuse(line, "yaml", f"not valid YAML: {error.problem or error.context}")
    except (YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        fold.refuse(1, "yaml", f"not valid YAML: {str(error).splitlines()[0][:200]}")
    return fold.root, place, fold.problems


def _decoded(data: bytes, place: Place) -> tuple[str, list[Problem]]:
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f} MB; a file holds at most {MAX_BYTES // 1024 // 1024} MB"
        return "", [place.error((), "size", f"is too large: {size}")]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"is not UTF-8 text (byte {error.start})"
        return "", [Place(place.file, {(): line}).error((), "encoding", message)]
