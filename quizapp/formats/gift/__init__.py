"""GIFT, Moodle's format for questions in plain text."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from quizapp.domain.imports import Reading
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.gift.blocks import blocks
from quizapp.formats.gift.marks import cleaned
from quizapp.formats.gift.questions import question
from quizapp.formats.gift.writing import written
from quizapp.formats.reading.decoding import decoded, guessed_encoding

SAMPLE = 100_000
OWN_LINE = re.compile(r"(?m)^[ \t]{0,20}(?:::[^\n]{0,300}::|\$CATEGORY:|// question:)")
ANSWERS = re.compile(r"(?<!\\)\{\s{0,50}(?:\}|[=~]|#|(?:TRUE|FALSE|T|F)\s{0,20}[#}])")
OTHER = re.compile(r"\s*(?:[<\[]|\{\s*[\"}]|---\s|%YAML|PK)")


@formats.register
class Gift:
    key: ClassVar[str] = "gift"
    title: ClassVar[str] = "GIFT"
    suffixes: ClassVar[tuple[str, ...]] = (".gift", ".txt")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        text = data[:SAMPLE].decode(guessed_encoding(data[:SAMPLE]), "replace").lstrip("\ufeff")
        if "\0" in text:
            return 0
        is_named = name.lower().endswith((".gift", ".gift.txt"))
        has_lines, has_answers = OWN_LINE.search(text) is not None, ANSWERS.search(text) is not None
        if has_lines:
            return 85 if has_answers or is_named else 60
        if OTHER.match(text) and not is_named:
            return 0
        if has_answers:
            return 80 if is_named else 50
        return 40 if is_named else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("gift")
        text = cleaned(decoded(data, reading), reading)
        reading.found = [question(block, reading) for block in blocks(text, reading)]
        return reading

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        return written(title, questions, pictures)
