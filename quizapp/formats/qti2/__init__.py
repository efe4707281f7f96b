"""QTI 2.0, 2.1, 2.2 and 3.0: single items and packages."""

from collections.abc import Mapping
from typing import ClassVar

from quizapp.domain.imports import Reading
from quizapp.formats import formats
from quizapp.formats.qti2.packages import read_file, sureness


@formats.register
class Qti2:
    key: ClassVar[str] = "qti2"
    title: ClassVar[str] = "QTI 2.x and 3.0"
    suffixes: ClassVar[tuple[str, ...]] = (".zip", ".xml", ".qti")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        return sureness(data)

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        return read_file(data, name)
