"""Formats: text or archive to and from question sets, one file a format."""

from typing import ClassVar, Protocol

from quizapp.domain.documents import QuestionSet
from quizapp.domain.problems import Problem
from quizapp.domain.registry import Registry


class Format(Protocol):
    """What a format can do.  It knows documents, never question types."""

    key: ClassVar[str]
    title: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]

    @staticmethod
    def read(data: bytes, name: str) -> tuple[QuestionSet | None, list[Problem]]:
        """The set in a file, or every problem with its line; it never raises for bad input."""

    @staticmethod
    def write(title: str, questions: list[dict[str, object]]) -> bytes:
        """A file that `read` gives the same questions from."""


formats: Registry[type[Format]] = Registry("format")
formats.scan(__name__, __path__)
