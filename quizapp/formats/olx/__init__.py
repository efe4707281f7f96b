"""Open edX OLX: single problems, and exported courses and libraries.  Nothing in them is ever run."""

from collections.abc import Mapping
from typing import ClassVar

from quizapp.domain.imports import Reading
from quizapp.formats import formats
from quizapp.formats.olx.courses import read_file, sureness


@formats.register
class Olx:
    key: ClassVar[str] = "olx"
    title: ClassVar[str] = "Open edX (OLX)"
    suffixes: ClassVar[tuple[str, ...]] = (".xml", ".tar.gz", ".gz", ".zip")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        return sureness(data)

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        return read_file(data, name)
