"""Formats: text or archive to and from question documents, one file or folder a format.

A reader never raises for content: it returns a `Reading` (see `quizapp.domain.imports`).  Formats
know documents and never question types; the one door judges what they made.  `reading/` holds
what several of them share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from quizapp.domain.imports import Reading
from quizapp.domain.registry import Registry
from quizapp.formats.reading.decoding import as_usual

QuestionDocument = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to export."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Limit:
    """What an export cannot carry of a question."""

    question: str
    """Its id."""
    message: str
    is_left_out: bool = False
    """Whether the question is not in the file at all."""


@dataclass(frozen=True, slots=True)
class Written:
    """An exported set, and what it lacks."""

    data: bytes
    media_type: str
    suffix: str
    limits: tuple[Limit, ...] = ()


class Format(Protocol):
    """What every format says of itself."""

    key: ClassVar[str]
    title: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]


class ReadableFormat(Format, Protocol):
    """A format that can be imported."""

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        """How sure it is, from 0 to 100, that a file is of this format.  By content; the name only helps."""

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        """Every question in a file.  It never raises for bad input, and takes time linear in its size.

        `options` is what a person said about the file, such as what its columns mean.
        """


class WritableFormat(Format, Protocol):
    """A format that can be exported."""

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        """A file that `read` gives the same questions from, as far as the format can say them.

        `pictures` holds those that the texts name `asset:…`, by that name.
        """


formats: Registry[type[Format]] = Registry("format")
formats.scan_when_asked(__name__, __path__)


def readable() -> dict[str, type[ReadableFormat]]:
    """The formats that can be imported."""
    return {key: each for key, each in formats.items() if hasattr(each, "read")}  # type: ignore[misc]  # checked


def writable() -> dict[str, type[WritableFormat]]:
    """The formats that can be exported."""
    return {key: each for key, each in formats.items() if hasattr(each, "write")}  # type: ignore[misc]  # checked


def detected(data: bytes, name: str) -> str | None:
    """The format that is surest that a file is of its kind; None where none thinks so."""
    looked_at = as_usual(data)
    sure = {key: _sure(each, looked_at, name) for key, each in readable().items()}
    ending = name.lower().rpartition(".")[2]
    best = max(sure, key=lambda key: (sure[key], f".{ending}" in readable()[key].suffixes))
    return best if sure[best] > 0 else None


def _sure(kind: type[ReadableFormat], data: bytes, name: str) -> int:
    """How sure a format is; one that stumbles over a file is not its format."""
    try:
        return kind.recognises(data, name)
    except (ValueError, LookupError, ArithmeticError):
        return 0
