"""Our own question sets, as YAML."""

from io import StringIO
from typing import ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from quizapp.domain.documents import QuestionSet, read_set
from quizapp.domain.problems import Problem
from quizapp.formats import formats
from quizapp.formats.located_yaml import read_yaml


@formats.register
class QuizappYaml:
    key: ClassVar[str] = "yaml"
    title: ClassVar[str] = "quizapp YAML"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml", ".yml")

    @staticmethod
    def read(data: bytes, name: str) -> tuple[QuestionSet | None, list[Problem]]:
        value, place, problems = read_yaml(data, name)
        return (None, problems) if problems else read_set(value, place)

    @staticmethod
    def write(title: str, questions: list[dict[str, object]]) -> bytes:
        yaml = YAML()
        yaml.width = 100
        yaml.indent(mapping=2, sequence=4, offset=2)
        text = StringIO()
        yaml.dump({"title": title, "questions": [_blocks(q) for q in questions]}, text)
        return text.getvalue().encode()


def _blocks(value: object) -> object:
    """Texts of several lines as literal blocks, which people can read and edit."""
    if isinstance(value, dict):
        return {name: _blocks(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_blocks(part) for part in value]
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    return value
