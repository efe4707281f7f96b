"""A text file that is one cloze question: its text with gaps such as `{1:SHORTANSWER:=TCP}`."""

from collections.abc import Mapping
from typing import ClassVar

from quizapp.domain.imports import Found, Reading
from quizapp.domain.texts import Marked, Markup
from quizapp.formats import formats
from quizapp.formats.reading.cloze import KINDS, START, read_cloze
from quizapp.formats.reading.decoding import decoded, guessed_encoding
from quizapp.formats.reading.moodle_documents import document_of
from quizapp.formats.reading.moodle_names import name_from_text
from quizapp.formats.reading.moodle_question import Asked

SAMPLE = 262_144
MOST_NAME, MOST_READ = 500, 100_000


@formats.register
class ClozeText:
    key: ClassVar[str] = "cloze"
    title: ClassVar[str] = "Cloze text"
    suffixes: ClassVar[tuple[str, ...]] = (".cloze", ".txt")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        text = data[:SAMPLE].decode(guessed_encoding(data), "replace").lstrip("\ufeff \t\r\n")
        if text.startswith(("<", "{\n", "PK")) or not any(gap[2] in KINDS for gap in START.finditer(text)):
            return 0
        # Other formats write braces too, but none of them begins an answer like this.
        return 85

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("cloze")
        text = decoded(data, reading)
        if not text.strip():
            reading.say("no_questions", "holds no text", severity="info")
            return reading
        line = text[: len(text) - len(text.lstrip())].count("\n") + 1
        found = Found(_name(text), line, source=text)
        asked = Asked("multianswer", found.name, Marked(text.strip(), Markup.MOODLE), line)
        document_of(asked, found, "cloze")
        reading.found.append(found)
        return reading


def _name(text: str) -> str:
    """What Moodle calls it: the beginning of its text, for a file has no place for a name."""
    pieces = read_cloze(text).pieces if len(text) < MOST_READ else [text[:MOST_NAME]]
    numbers = iter(range(1, len(pieces) + 1))
    numbered = (piece if isinstance(piece, str) else f"{{#{next(numbers)}}}" for piece in pieces)
    return name_from_text("".join(numbered).strip()[:MOST_NAME])
