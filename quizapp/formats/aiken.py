"""Aiken, questions with one right answer in plain text, and what people write under that name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from quizapp.domain.imports import NO_TOPIC, Action, Found, Reading
from quizapp.domain.texts import Markup, default_markup, text_of
from quizapp.formats import Limit, Picture, QuestionDocument, Written, formats
from quizapp.formats.reading.building import without_repeats
from quizapp.formats.reading.decoding import decoded, guessed_encoding
from quizapp.formats.reading.moodle_names import name_from_text

SAMPLE = 100_000
LABEL = re.compile(r"([A-Za-z])[).][ \t]?")
ANSWER = re.compile(r"(ANSWER|Answer|answer)[ \t]{0,20}:[ \t]{0,20}(.{0,2000})")
LETTERS = re.compile(r"[A-Za-z](?:(?:[ \t]{0,5}[,;/&+][ \t]{0,5}|[ \t]{1,5}(?:and[ \t]{1,5})?)[A-Za-z])*+[ \t]{0,5}[.)]?")
LETTER_AND_TEXT = re.compile(r"([A-Za-z])[).:][ \t]{0,5}\S")
REMARK = re.compile(r"(?:FEEDBACK|EXPLANATION|RATIONALE)[ \t]{0,20}:[ \t]{0,20}(.{0,20000})", re.IGNORECASE)
WHOLE = re.compile(r"(?m)^[ \t]{0,20}[A-Za-z][).][^\n]{0,5000}\n\s{0,200}ANSWER[ \t]{0,20}:", re.IGNORECASE)
SUFFIX = ".txt"
SHARED = frozenset({"id", "type", "name", "markup", "stem", "origin", "options"})


@dataclass(slots=True)
class Option:
    label: str
    text: list[str]


@dataclass(slots=True)
class Block:
    """The lines of one question, sorted by what they are."""

    line: int
    raw: list[str] = field(default_factory=list)
    stem: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    answer: str | None = None
    answer_line: int = 0
    remark: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)


@formats.register
class Aiken:
    key: ClassVar[str] = "aiken"
    title: ClassVar[str] = "Aiken"
    suffixes: ClassVar[tuple[str, ...]] = (SUFFIX, ".aiken")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        text = data[:SAMPLE].decode(guessed_encoding(data[:SAMPLE]), "replace").replace("\r", "\n")
        if "\0" in text or WHOLE.search(text) is None:
            return 0
        return 88

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("aiken")
        reading.found = [_question(block) for block in _blocks(decoded(data, reading).split("\n"))]
        return reading

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        limits: list[Limit] = []
        parts = [text for each in questions if (text := _written(each, limits)) is not None]
        return Written("\n\n".join([*parts, ""]).encode(), "text/plain; charset=utf-8", SUFFIX, tuple(limits))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Every question of a file: its text, its options, its answer and what is said about it."""
    following = _marks_after(lines)
    block = Block(1)
    for place, raw in enumerate(lines):
        line = raw.strip()
        if not line:
            if block.raw:
                block.raw.append(raw)
            continue
        if _begins(block, line, lines, place, following):
            yield block
            block = Block(place + 1)
        if not block.raw:
            block.line = place + 1
        block.raw.append(raw)
        _sort(block, line, place, following)
    if block.raw:
        yield block


def _begins(block: Block, line: str, lines: Sequence[str], place: int, following: Sequence[str]) -> bool:
    """Whether a line belongs to the next question."""
    if block.answer is not None:
        is_remark = REMARK.match(line) is not None
        return not is_remark and not (block.remark and lines[place - 1].strip())
    if not block.options or _is_answer(line, block) or REMARK.match(line):
        return False
    label = _label(line, block)
    # After an empty line, text before a first option is the text of a question of its own.
    return label is None and not lines[place - 1].strip() and following[place].upper() == "A"


def _sort(block: Block, line: str, place: int, following: Sequence[str]) -> None:
    """Give a line its place in the question."""
    remark = REMARK.match(line)
    if block.answer is not None or (remark and block.options):
        block.remark.append(remark[1].strip() if remark else line)
        return
    if _is_answer(line, block):
        found = ANSWER.match(line)
        block.answer, block.answer_line = (found[2].strip() if found else ""), place + 1
        if found and found[1] != "ANSWER":
            block.notes["answer_word"] = f"{found[1]}: is written in capitals in Aiken; Moodle takes the line for text"
        return
    label = _label(line, block)
    if label is not None and not block.options and following[place].upper() == "A":
        # Options begin further down, so this is a text that looks like one.
        if label.upper() == "A" or label.isupper():
            block.notes["stem_label"] = "its text begins like an option, which Moodle takes it for"
        label = None
    if label is not None:
        found = LABEL.match(line)
        block.options.append(Option(label, [line[found.end() :].strip() if found else line]))
        if label.islower():
            block.notes["lower_case"] = "its options have small letters, which Moodle does not read"
    elif block.options:
        block.options[-1].text.append(line)
        block.notes["wrapped_option"] = "an option has several lines, which Moodle does not read"
    else:
        block.stem.append(line)
        if len(block.stem) > 1:
            block.notes["long_text"] = "its text has several lines, of which Moodle keeps the last"


def _label(line: str, block: Block) -> str | None:
    """The letter of an option; a small one only where it is the next in order."""
    found = LABEL.match(line)
    if found is None:
        return None
    letter = found[1]
    if letter.isupper():
        return letter
    expected = chr(ord("a") + len(block.options))
    follows_small = not block.options or block.options[0].label.islower()
    return letter if letter == expected and follows_small else None


def _is_answer(line: str, block: Block) -> bool:
    found = ANSWER.match(line)
    if found is None:
        return False
    return found[1] == "ANSWER" or (len(block.options) > 1 and LETTERS.fullmatch(found[2].strip()) is not None)


def _marks_after(lines: Sequence[str]) -> list[str]:
    """For each line the letter of the next option below it, or nothing where an answer comes first."""
    marks, mark = [""] * len(lines), ""
    for place in range(len(lines) - 1, -1, -1):
        marks[place] = mark
        line = lines[place].strip()
        if line.startswith("ANSWER") and ANSWER.match(line):
            mark = ""
        elif found := LABEL.match(line):
            mark = found[1]
    return marks
