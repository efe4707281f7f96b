"""Question sets in YAML: read with every problem at its line, written so that they read the same."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import make
from quizapp.domain.documents import QuestionSet
from quizapp.domain.question_types import question_types
from quizapp.formats.quizapp_yaml import QuizappYaml, read_set_file

SAMPLES = sorted(make.SAMPLES.glob("*.yaml"))


def read(text: str) -> QuestionSet:
    found, problems = read_set_file(text.encode(), "set.yaml")
    assert problems == []
    assert found is not None
    return found


def problems(text: str) -> list[str]:
    found, listed = read_set_file(text.encode(), "set.yaml")
    assert found is None
    return [str(problem) for problem in listed]


GOOD = """\
title: Joins
description: What rows a join gives.
licence: CC-BY-4.0
authors: [Ada]
defaults: {topic: databases, level: senior, as_of: 2026-11}
questions:
  - id: one
    type: true_false
    stem: A cross join has no condition. True or false?
    answer: true
  - id: two
    type: number
    topic: networking
    level: junior
    stem: How many bits has an IPv4 address?
    answer: 32
"""


def test_a_set_has_a_head_and_questions() -> None:
    found = read(GOOD)

    assert (found.title, found.licence, found.authors) == ("Joins", "CC-BY-4.0", ("Ada",))
    assert [question.id for question in found.questions] == ["one", "two"]


def test_a_question_inherits_the_defaults_unless_it_says_otherwise() -> None:
    one, two = read(GOOD).questions

    assert (one.topic, one.level, one.as_of) == ("databases", "senior", "2026-11")
    assert (two.topic, two.level, two.as_of) == ("networking", "junior", "2026-11")


def test_every_problem_is_told_in_one_run_with_its_file_line_and_field() -> None:
    text = """\
title: Joins
colour: red
defaults: {topic: databases}
questions:
  - id: one
    type: single_choice
    stem: Which?
    options:
      - {text: x, key: true}
      - {texte: y}
      - {text: z}
  - id: two
    type: riddle
    stem: What?
  - id: three
    type: true_false
    answer: perhaps
"""
    assert problems(text) == [
        "set.yaml:2: colour: unknown field",
        "set.yaml:10: questions.0.options.1.text: field required",
        "set.yaml:10: questions.0.options.1.texte: unknown field",
        f"set.yaml:13: questions.1.type: should be one of: {', '.join(question_types)}",
        "set.yaml:15: questions.2.stem: field required",
        "set.yaml:17: questions.2.answer: input should be a valid boolean, unable to interpret input",
    ]


def test_without_usable_defaults_the_questions_are_judged_all_the_same() -> None:
    text = "title: T\ndefaults: [x]\nquestions:\n  - {id: one, type: true_false, topic: t, answer: true}\n"

    assert [line.split(": ")[1] for line in problems(text)] == ["defaults", "questions.0.stem"]


def test_the_defaults_take_no_unknown_field() -> None:
    text = GOOD.replace("level: senior", "mood: good")

    assert "set.yaml:5: defaults.mood: unknown field" in problems(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "set.yaml:1: should be a mapping of fields to values"),
        ("[]", "set.yaml:1: should be a mapping of fields to values"),
        ("title: T", "set.yaml:1: questions: should be a list of 1 to 10000 questions"),
        ("title: T\nquestions: []", "set.yaml:2: questions: should be a list of 1 to 10000 questions"),
        (
            "title: T\nquestions:\n  - just words",
            "set.yaml:3: questions.0: should be a mapping of fields to values",
        ),
    ],
)
def test_a_file_that_is_no_set_is_refused(text: str, problem: str) -> None:
    assert problem in problems(text)


def test_an_id_used_twice_is_told_at_the_second() -> None:
    again = GOOD.replace("id: two", "id: one")

    assert problems(again) == ["set.yaml:11: questions.1.id: the id 'one' is used more than once"]


def test_a_file_refused_by_the_door_is_not_judged_further() -> None:
    assert problems("title: &x T\nquestions: 5\n") == ["set.yaml:1: anchors (&x) are not allowed"]


def test_a_number_where_a_text_belongs_is_told_and_not_guessed() -> None:
    text = GOOD.replace("type: true_false", "type: short_text").replace(
        "answer: true", "answers: [{text: 010}]"
    )

    assert "set.yaml:10: questions.0.answers.0.text: input should be a valid string" in problems(text)


def test_words_that_other_yaml_readers_take_for_numbers_stay_options() -> None:
    text = """\
title: Words
questions:
  - id: one
    type: single_choice
    topic: databases
    stem: Which?
    options: [{text: no, key: true}, {text: 1:30}, {text: 2026-11-21}]
"""
    (question,) = read(text).questions

    assert [o["text"] for o in question.document()["options"]] == ["no", "1:30", "2026-11-21"]


def test_a_decimal_answer_is_exact() -> None:
    body: Any = read(GOOD.replace("answer: 32", "answer: 0.10")).questions[1].body

    assert body.answer == Decimal("0.10")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_what_is_written_reads_the_same(sample: Path) -> None:
    before = read(sample.read_text("utf-8"))
    written = QuizappYaml.write(before.title, [question.document() for question in before.questions], {}).data
    after = read(written.decode())

    assert after.title == before.title
    assert [q.content_hash() for q in after.questions] == [q.content_hash() for q in before.questions]


AWKWARD = [
    "no",
    "1:30",
    "010",
    "0x1F",
    "a: b",
    "- x",
    "#1",
    "'",
    '"',
    "&a *b",
    "null",
    "3.0",
    "é\tü",
    "{x}",
    "%",
    "x\n\n  y\nz",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_come_back_as_they_were(text: str) -> None:
    document = make.document("one", stem=text, explanation=text, tags=[])
    written = QuizappYaml.write(text if "\n" not in text else "T", [document], {}).data

    assert read(written.decode()).questions[0].stem == text
    assert read(written.decode()).questions[0].explanation == text
