"""Our own question sets, as YAML."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from quizapp.domain.documents import QuestionSet, read_set
from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.problems import Problem
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.reading.located_yaml import read_yaml
from quizapp.formats.reading.own_sets import looks_like_a_set, questions_of


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
        value, place, problems = read_yaml(data, name)
        for problem in problems:
            line = int(problem.where.rpartition(":")[2]) if problem.where[-1:].isdigit() else 1
            reading.say(problem.code, problem.message, Action.DROPPED, severity="error", line=line)
        if problems:
            text = data.decode("utf-8", "replace")
            reading.found.append(whole_file(name, text))
            return reading
        questions_of(value, place, reading)
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


def _blocks(value: object) -> object:
    """Texts of several lines as literal blocks, which people can read and edit."""
    if isinstance(value, Mapping):
        return {name: _blocks(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_blocks(part) for part in value]
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    return value
