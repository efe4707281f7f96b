"""Aiken, questions with one right answer in plain text, and what people write under that name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from quizapp.domain.imports import NO_TOPIC, Action, Found, Reading
from quizapp.domain.texts import Marked, Markup, default_markup, text_of
from quizapp.formats import Limit, Picture, QuestionDocument, Written, formats
from quizapp.formats.reading.building import shares, without_repeats
from quizapp.formats.reading.decoding import decoded, guessed_encoding
from quizapp.formats.reading.moodle_names import name_from_text

SAMPLE = 100_000
LABEL = re.compile(r"([A-Za-z])[).][ \t]?")
ANSWER = re.compile(r"(ANSWER|Answer|answer)[ \t]{0,20}:[ \t]{0,20}(.{0,2000})")
LETTERS = re.compile(
    r"[A-Za-z](?:(?:[ \t]{0,5}[,;/&+][ \t]{0,5}|[ \t]{1,5}(?:and[ \t]{1,5})?)[A-Za-z])*+[ \t]{0,5}[.)]?"
)
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


@dataclass(frozen=True, slots=True)
class Below:
    """What stands below a line."""

    label: str = ""
    """The letter of the next option; empty where an answer or nothing comes before one."""
    ends_first: bool = False
    """Whether an empty line comes before that."""
    starts: bool = False
    """Whether an option A stands anywhere below before an answer."""


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
    below = _below(lines)
    block = Block(1)
    for place, raw in enumerate(lines):
        line = raw.strip()
        if not line:
            if block.raw:
                block.raw.append(raw)
            continue
        if _begins(block, line, below[place], follows_blank=place > 0 and not lines[place - 1].strip()):
            yield block
            block = Block(place + 1)
        if not block.raw:
            block.line = place + 1
        block.raw.append(raw)
        _sort(block, line, place + 1, below[place])
    if block.raw:
        yield block


def _begins(block: Block, line: str, below: Below, *, follows_blank: bool) -> bool:
    """Whether a line belongs to the next question."""
    if REMARK.match(line):
        return False
    if block.answer is not None:
        return not (block.remark and below.ends_first and not follows_blank)
    label = _label(line, block)
    if not block.options or _is_answer(line, block):
        return False
    # Options that begin anew are those of another question, and so is the text before them.
    return label.upper() == "A" if label else below.label == "A"


def _sort(block: Block, line: str, number: int, below: Below) -> None:
    """Give a line its place in the question."""
    remark = REMARK.match(line)
    if block.answer is not None or (remark and block.options):
        block.remark.append(remark[1].strip() if remark else line)
        return
    if _is_answer(line, block):
        found = ANSWER.match(line)
        block.answer, block.answer_line = (found[2].strip() if found else ""), number
        if found and found[1] != "ANSWER":
            block.notes["answer_word"] = (
                f"{found[1]}: is written in capitals in Aiken; Moodle takes the line for text"
            )
        return
    label = _label(line, block)
    is_early = below.label == "A" if label in ("A", "a") else below.starts
    if label is not None and not block.options and is_early:
        # Options begin further down, so this is a text that looks like one.
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
    return found[1] == "ANSWER" or (
        len(block.options) > 1 and LETTERS.fullmatch(found[2].strip()) is not None
    )


def _below(lines: Sequence[str]) -> list[Below]:
    """What stands below each line."""
    all_below, below = [Below()] * len(lines), Below()
    for place in range(len(lines) - 1, -1, -1):
        all_below[place] = below
        line = lines[place].strip()
        if not line:
            below = Below(below.label, ends_first=True, starts=below.starts)
        elif line.startswith("ANSWER") and ANSWER.match(line):
            below = Below()
        elif found := LABEL.match(line):
            below = Below(found[1].upper(), starts=below.starts or found[1] in "Aa")
    return all_below


def _question(block: Block) -> Found:
    """What a block asks."""
    stem = "\n".join(block.stem)
    found = Found(name_from_text(stem), block.line, kind="multichoice", text=Marked(stem, Markup.PLAIN))
    found.source = "\n".join(block.raw).strip("\n")
    for code, message in block.notes.items():
        found.say(code, message)
    keys = _keys(block, found)
    if keys is None:
        return found
    offered = [
        {"text": "\n".join(option.text), **({"key": True} if place in keys else {})}
        for place, option in enumerate(block.options)
    ]
    written = [option for option in offered if option["text"]]
    if len(written) < len(offered):
        found.say("empty_option", "an option without a text was left out", Action.DROPPED)
    found.document = {
        "type": "single_choice" if len(keys) == 1 else "multiple_choice",
        "name": found.name,
        "markup": "plain",
        "stem": stem,
        "explanation": "\n".join(block.remark).strip(),
        "options": without_repeats(written, found),
        "origin": {"format": "aiken"},
    }
    if len(keys) > 1:
        found.document |= _marking(found.document["options"])
    if block.remark:
        found.say("feedback", "its feedback was kept; Moodle does not read that line", severity="info")
    return found


def _marking(options: list[dict[str, Any]]) -> dict[str, Any]:
    """How several right options are marked: all or nothing, unless there is nothing but right ones."""
    if not all(option.get("key") for option in options):
        return {"marking": "all_or_nothing"}
    weighed = zip(options, shares(len(options)), strict=True)
    return {"marking": "weighted", "options": [{**option, "credit": credit} for option, credit in weighed]}


def _keys(block: Block, found: Found) -> set[int] | None:
    """The places of the right options; None where the question was given up."""
    if block.answer is None:
        found.give_up("no_answer", "has no line that begins with ANSWER:")
    elif not block.stem:
        found.give_up("no_text", "has no text above its options")
    elif len(block.options) < 2:
        found.give_up("too_few", "has fewer than two options")
    else:
        return _chosen(block, block.answer, found)
    return None


def _chosen(block: Block, said: str, found: Found) -> set[int] | None:
    labels = [option.label.upper() for option in block.options]
    letters = _letters(said, labels)
    texts = ["\n".join(option.text) for option in block.options]
    if letters is None and texts.count(said) == 1:
        return {texts.index(said)}
    if not letters or not set(letters) <= set(labels):
        message = f"names the answer {said[:40]!r}, and there is no such option"
        found.give_up("answer_letter", message, line=block.answer_line)
        return None
    if len(set(labels)) < len(labels):
        found.give_up("labels", "has two options with the same letter")
        return None
    if labels != [chr(ord("A") + place) for place in range(len(labels))]:
        found.say("labels", "the letters of its options are not in order; the answer was found by its letter")
    if any(letter.islower() for letter in said[:1]):
        message = "names its answer in a small letter; in Moodle it would have no right answer"
        found.say("lower_case_answer", message, line=block.answer_line)
    if len(letters) > 1:
        message = "names several answers, of which Moodle keeps the first; all of them have to be chosen"
        found.say("several_answers", message, Action.APPROXIMATED, line=block.answer_line)
    return {labels.index(letter) for letter in letters}


def _letters(said: str, labels: Sequence[str]) -> list[str] | None:
    """The letters that an answer names: `B`, `b`, `B) text`, `A, C`, `AC`; None where it is none of those."""
    if LETTERS.fullmatch(said):
        return [each for each in re.sub(r"\band\b", " ", said).upper() if each.isalpha()]
    if found := LETTER_AND_TEXT.match(said):
        return [found[1].upper()]
    is_run = said.isupper() and set(said) <= set(labels) and len(set(said)) == len(said)
    return list(said) if is_run else None


def _written(document: QuestionDocument, limits: list[Limit]) -> str | None:
    """A question as its lines; None where it is left out, which is told."""
    identity = str(document["id"])
    if document["type"] == "opaque" and (document.get("origin") or {}).get("format") == "aiken":
        return str(document["source"])
    if document["type"] != "single_choice" or document.get("variants"):
        message = "is left out: Aiken knows only a choice of one among several"
        limits.append(Limit(identity, message, is_left_out=True))
        return None
    stem = text_of(document, "stem")
    texts = [_text(option["text"]) for option in document["options"]]
    lines = [_line(text) for text in (stem, *texts)]
    if ANSWER.match(lines[0]) or any(not line for line in lines):
        limits.append(Limit(identity, "is left out: its text would be read as an answer", is_left_out=True))
        return None
    for message in _losses(document, stem, lines, [str(stem), *texts]):
        limits.append(Limit(identity, message))
    letters = [chr(ord("A") + place) for place in range(len(texts))]
    key = next(
        letter for letter, option in zip(letters, document["options"], strict=True) if option.get("key")
    )
    options = [f"{letter}. {line}" for letter, line in zip(letters, lines[1:], strict=True)]
    return "\n".join([lines[0], *options, f"ANSWER: {key}"])


def _losses(
    document: QuestionDocument, stem: str, lines: Sequence[str], texts: Sequence[str]
) -> Iterator[str]:
    if list(lines) != list(texts):
        yield "its texts are written on one line each"
    if len(lines[0]) == 1:
        yield "its text is one character; Moodle leaves such a line out"
    if LABEL.match(lines[0]):
        yield "its text begins like an option; Moodle would take it for one"
    has_markup = [isinstance(option["text"], Mapping) for option in document["options"]]
    if (
        default_markup(document) is not Markup.PLAIN
        or isinstance(document["stem"], Mapping)
        or any(has_markup)
    ):
        yield "Aiken has no markup; its texts are written as they stand"
    missing = [name for name, value in document.items() if name not in SHARED and value]
    if document.get("topic") == NO_TOPIC:
        missing.remove("topic")
    if str(document.get("name", "")) not in ("", name_from_text(lines[0])):
        missing.append("name")
    if any(
        option.get(part) for option in document["options"] for part in ("feedback", "misconception", "credit")
    ):
        missing.append("feedback or partial credit of options")
    if missing:
        yield f"Aiken has no place for: {', '.join(each.replace('_', ' ') for each in missing)}"


def _text(value: Any) -> str:
    return str(next(iter(value.values()))) if isinstance(value, Mapping) else str(value)


def _line(text: str) -> str:
    return " ".join(text.split())
