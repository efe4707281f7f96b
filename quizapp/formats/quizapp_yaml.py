"""Our own question sets, as YAML."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from quizapp.domain.documents import QuestionSet, read_set
from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.problems import Place, Problem
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.reading.decoding import decoded
from quizapp.formats.reading.located_yaml import read_yaml
from quizapp.formats.reading.own_sets import (
    NO_LIST,
    Stands,
    broken_item,
    looks_like_a_set,
    questions_of,
    read_head,
    read_item,
)
from quizapp.formats.reading.yaml_items import Piece, Pieces, end_of_list, split_sets


@formats.register
class QuizappYaml:
    key: ClassVar[str] = "yaml"
    title: ClassVar[str] = "quizapp YAML"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml", ".yml")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        return 90 if looks_like_a_set(data) else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("yaml")
        text = decoded(data, reading)
        value, place, problems = read_yaml(text.encode("utf-8", "replace"), name)
        if not problems:
            questions_of(value, place, reading)
            _add_sources(reading, text)
            return reading
        documents = split_sets(text)
        if any(each.items for each in documents):
            _read_pieces(documents, name, reading)
        else:
            _tell(problems, reading, Action.KEPT)
            reading.found.append(whole_file(name, text))
        return reading

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        yaml = YAML()
        yaml.width = 100
        yaml.indent(mapping=2, sequence=4, offset=2)
        whole: dict[str, Any] = {"title": title}
        if pictures:
            whole["images"] = {name: b64encode(each.data).decode() for name, each in pictures.items()}
        text = StringIO()
        yaml.dump({**whole, "questions": [_blocks(q) for q in questions]}, text)
        return Written(text.getvalue().encode(), "application/yaml; charset=utf-8", ".yaml")


def whole_file(name: str, text: str) -> Found:
    """A file that is no YAML at all, kept as one question: where it breaks, everything else ends too."""
    found = Found(name, 1, kind="file", text=text[:2_000], source=text)
    found.give_up("yaml", "is not readable as YAML, so its questions could not be told apart")
    return found


def read_set_file(data: bytes, name: str) -> tuple[QuestionSet | None, list[Problem]]:
    """A set of the bank, whole or not at all, with every problem at its line."""
    value, place, problems = read_yaml(data, name)
    return (None, problems) if problems else read_set(value, place)


def _read_pieces(documents: Sequence[Pieces], name: str, reading: Reading) -> None:
    """The questions of a broken file one by one; each breaks alone."""
    for document in documents:
        value, place, problems = _read_shifted(document.head, document.line, name)
        _tell(problems, reading, Action.DROPPED)
        inherited = read_head(None if problems else value, place, reading)
        if not document.items:
            line = document.line
            reading.say("no_questions", NO_LIST, Action.DROPPED, severity="error", line=line)
        for piece in document.items:
            _read_piece(piece, name, inherited, reading)


def _read_piece(piece: Piece, name: str, inherited: Mapping[str, Any], reading: Reading) -> None:
    value, place, problems = _read_shifted(piece.text, piece.line, name)
    if not problems and isinstance(value, list) and len(value) == 1:
        read_item(value[0], Stands(len(reading.found), place, (0,), inherited), reading)
        reading.found[-1].source = piece.text.rstrip("\n")
        return
    code, message, line = "yaml", "is not valid YAML", piece.line
    if problems:
        code, message, line = problems[0].code, problems[0].message, _line_of(problems[0])
    broken_item(piece.text.rstrip("\n"), piece.line, reading, (code, message, line))


def _read_shifted(text: str, line: int, name: str) -> tuple[Any, Place, list[Problem]]:
    """A piece of a file, with the lines that it has in the file."""
    value, place, problems = read_yaml(text.encode("utf-8", "replace"), name)
    lines = {path: number + line - 1 for path, number in place.lines.items()}
    moved = [
        Problem(f"{name}:{_line_of(each) + line - 1}", each.severity, each.code, each.message)
        for each in problems
    ]
    return value, Place(name, lines), moved


def _add_sources(reading: Reading, text: str) -> None:
    """Each question's own lines, for those that turn out not to be askable."""
    lines = text.split("\n")
    last = reading.found[-1].line if reading.found else 1
    stops = [*(each.line for each in reading.found[1:]), end_of_list(lines, last) + 1]
    for found, stop in zip(reading.found, stops, strict=False):
        stop = max(stop, found.line + 1)
        found.source = "\n".join(lines[found.line - 1 : stop - 1]).rstrip()


def _tell(problems: Sequence[Problem], reading: Reading, action: Action) -> None:
    for problem in problems:
        reading.say(problem.code, problem.message, action, severity="error", line=_line_of(problem))


def _line_of(problem: Problem) -> int:
    number = problem.where.rpartition(":")[2]
    return int(number) if number.isdigit() else 1


def _blocks(value: object) -> object:
    """Texts of several lines as literal blocks, which people can read and edit."""
    if isinstance(value, Mapping):
        return {name: _blocks(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_blocks(part) for part in value]
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    return value
