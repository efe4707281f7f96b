"""QTI 2.0, 2.1, 2.2 and 3.0: single items and packages are read, packages of 2.1 are written."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from quizapp.domain.imports import Reading
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.qti2.packages import read_file, sureness
from quizapp.formats.qti2.writing import write_package


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
        return read_file(data)

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        return write_package(title, questions, pictures)
