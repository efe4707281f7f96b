"""What the authors' guide shows is valid, and nothing is missing from it."""

import re
from pathlib import Path
from typing import Any

import pytest

from quizapp.cli.environment import packed_bank
from quizapp.domain.documents import QuestionSet, read_quiz, read_set
from quizapp.domain.expression_functions import FUNCTIONS
from quizapp.domain.question_types import answerable
from quizapp.domain.questions import Shared
from quizapp.formats.reading.located_yaml import read_yaml
from quizapp.services.bank_files import read_bank

TEXT = (packed_bank() / "README.md").read_text("utf-8")
LONGER = (Path(__file__).parents[2] / "docs" / "question-types.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def read(example: str) -> Any:
    """A set or a quiz, without a problem."""
    value, place, problems = read_yaml(example.encode(), "README.md")
    assert problems == []
    found, problems = read_set(value, place) if "questions" in value else read_quiz(value, place)
    assert problems == []
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_is_valid(example: str) -> None:
    assert read(example) is not None


def test_every_type_has_an_example_here_or_a_chapter_on_the_page_of_the_longer_kinds() -> None:
    sets = [found for example in EXAMPLES if isinstance(found := read(example), QuestionSet)]
    short = {question.type for each in sets for question in each.questions}
    longer = {kind for kind in answerable() if f"\n## `{kind}`\n" in LONGER}

    assert short | longer == set(answerable())
    assert all(f"| `{kind}` |" in TEXT for kind in longer)


def test_every_function_of_formulas_is_described() -> None:
    assert [
        name for name, each in FUNCTIONS.items() if f"| `{each.signature}` | {each.about} |" not in LONGER
    ] == []


def test_every_shared_field_is_described() -> None:
    assert [name for name in Shared.model_fields if f"`{name}`" not in TEXT] == []


def test_the_quiz_in_the_example_asks_for_a_question_that_exists() -> None:
    known = {q.id for each in read_bank(packed_bank()).sets.values() for q in each.questions}
    quizzes = [found for example in EXAMPLES if not isinstance(found := read(example), QuestionSet)]

    assert {item.question for quiz in quizzes for item in quiz.items if item.question} <= known
