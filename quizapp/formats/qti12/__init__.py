"""QTI 1.2: packages of Canvas and Common Cartridge, and the dialects of older systems."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from quizapp.domain.imports import Reading
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.qti12.packages import holds_questions, package_certainty
from quizapp.formats.qti12.reader import read_package
from quizapp.formats.qti12.writing import written_package
from quizapp.formats.reading.archives import is_archive


@formats.register
class Qti12:
    key: ClassVar[str] = "qti12"
    title: ClassVar[str] = "QTI 1.2 (Canvas, Common Cartridge)"
    suffixes: ClassVar[tuple[str, ...]] = (".zip", ".imscc", ".xml", ".qti", ".imscp")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        if is_archive(data):
            return package_certainty(data)
        return 85 if holds_questions(data) else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        return read_package(data, name)

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        return written_package(title, questions, pictures)
