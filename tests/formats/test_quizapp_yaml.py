"""Question sets in YAML: read with every problem at its line, written so that they read the same."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import make
from quizapp.domain.documents import QuestionSet
from quizapp.domain.imports import Action, Import, Outcome, judge
from quizapp.domain.question_types import question_types
from quizapp.formats import detected
from quizapp.formats.quizapp_json import QuizappJson
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


TRUE = {"id": "one", "type": "true_false", "topic": "t", "stem": "Is it?", "answer": True}
BROKEN = """\
title: Broken
defaults: {level: senior}
questions:
  - id: one
    type: true_false
    topic: t
    stem: "Is it?
    answer: true
  - id: two
    type: true_false
    topic: t
    stem: |
      - a line like an item
    answer: true
  - id: three
    type: number
    topic: t
    stem: &x How many?
    answer: 1.5
  - id: four
    type: number
    topic: t
    stem: How many?
    answer: 1.5
licence: CC0
"""


def imported(data: str | bytes, reader: Any = QuizappYaml) -> Import:
    data = data.encode() if isinstance(data, str) else data
    return judge(reader.read(data, "set", {}), "set")


def outcomes(found: Import) -> list[str]:
    return [f"{each.name} {each.outcome.value} {each.line}" for each in found.questions]


class TestBrokenYaml:
    def test_a_question_that_is_no_yaml_breaks_no_other(self) -> None:
        found = imported(BROKEN)

        assert outcomes(found) == [
            "question 1 opaque 4",
            "two recovered 9",
            "question 3 opaque 15",
            "four recovered 20",
        ]
        assert [(each.code, each.line, each.action) for each in found.diagnostics] == [
            ("yaml", 8, Action.KEPT),
            ("anchor", 18, Action.KEPT),
        ]
        assert found.title == "Broken"
        assert found.documents[1]["level"] == "senior"
        assert found.documents[1]["stem"] == "- a line like an item"

    def test_what_is_broken_is_kept_to_the_letter(self) -> None:
        source = imported(BROKEN).documents[0]["source"]

        assert source.splitlines()[0] == "  - id: one"
        assert source.endswith("answer: true")

    def test_a_list_at_the_margin_is_taken_apart_too(self) -> None:
        text = "questions:\n- {id: a, type: true_false, topic: t, stem: S, answer: true}\n- {id: [\n"

        assert outcomes(imported(text)) == ["a recovered 2", "question 2 opaque 3"]

    def test_a_broken_head_costs_the_head_only(self) -> None:
        found = imported(
            BROKEN.replace("title: Broken", "title: [Broken").replace('"Is', "Is").replace("&x ", "")
        )

        assert [each.outcome for each in found.questions] == [Outcome.RECOVERED] * 4
        assert (found.title, [each.code for each in found.about_file]) == ("", ["yaml"])

    def test_several_documents_are_several_sets(self) -> None:
        one = "title: T\nquestions:\n  - {id: a, type: true_false, topic: t, stem: S, answer: true}\n"
        found = imported(f"{one}---\n{one.replace('id: a', 'id: b')}")

        assert outcomes(found) == ["a recovered 3", "b recovered 7"]

    def test_a_refused_question_keeps_its_own_lines(self) -> None:
        text = BROKEN.replace('"Is', "Is").replace("&x ", "").replace("answer: 1.5", "answer: x", 1)
        found = imported(text)

        assert outcomes(found)[2] == "three opaque 15"
        assert found.documents[2]["source"] == "\n".join(text.splitlines()[14:19])
        assert [each.line for each in found.diagnostics if each.question] == [19]

    def test_a_file_without_a_list_is_kept_whole(self) -> None:
        found = imported('title: "T\nquestions: [\n')

        assert [each.outcome for each in found.questions] == [Outcome.OPAQUE]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_other_encodings_are_read(self, encoding: str) -> None:
        text = BROKEN.replace("Is it", "Is ît")

        assert outcomes(imported(text.encode(encoding))) == outcomes(imported(text))
        assert detected(text.encode(encoding), "set") == "yaml"

    def test_a_set_that_is_too_large_for_one_piece_is_read_in_pieces(self) -> None:
        text = "questions:\n" + "".join(
            f"  - id: q{n}\n    type: true_false\n    topic: t\n    stem: |\n      {'x' * 40_000}\n    answer: true\n"
            for n in range(110)
        )

        assert imported(text).count(Outcome.RECOVERED) == 110

    def test_cut_anywhere_every_question_is_told(self) -> None:
        for part in range(20):
            found = imported(BROKEN[: len(BROKEN) * part // 20])
            assert all(each.line >= 1 for each in found.diagnostics)
            assert found.questions or found.diagnostics


class TestBrokenJson:
    def written(self, *documents: dict[str, Any], **options: Any) -> str:
        return json.dumps({"title": "T", "questions": list(documents)}, **options)

    def test_a_whole_set_has_lines_and_sources(self) -> None:
        text = self.written(TRUE, {**TRUE, "id": "two", "answer": "x"}, indent=2)
        found = imported(text, QuizappJson)

        assert outcomes(found) == ["one recovered 4", "two opaque 11"]
        assert (
            found.documents[1]["source"]
            == text.split("    ", 1)[1].partition("},\n    ")[2].rpartition("\n  ]")[0]
        )

    @pytest.mark.parametrize("indent", [2, None])
    @pytest.mark.parametrize("broken", ['"Is it?" "x"', "Is it?", '"Is it?', "tru"])
    def test_a_broken_question_breaks_no_other(self, indent: int | None, broken: str) -> None:
        text = self.written(TRUE, {**TRUE, "id": "two"}, indent=indent).replace('"Is it?"', broken, 1)

        assert [each.outcome for each in imported(text, QuizappJson).questions] == [
            Outcome.OPAQUE,
            Outcome.RECOVERED,
        ]

    @pytest.mark.parametrize("indent", [2, None])
    def test_what_stands_before_a_break_is_read(self, indent: int | None) -> None:
        text = self.written(TRUE, {**TRUE, "id": "two"}, indent=indent)
        found = imported(text[:-20], QuizappJson)

        assert [each.outcome for each in found.questions] == [Outcome.RECOVERED, Outcome.OPAQUE]
        assert {each.code for each in found.diagnostics} == {"json"}

    def test_a_broken_head_costs_the_head_only(self) -> None:
        found = imported(self.written(TRUE).replace('"T"', "T"), QuizappJson)

        assert [each.outcome for each in found.questions] == [Outcome.RECOVERED]

    @pytest.mark.parametrize(
        "text", ["[1]", "{", "", "{1: 2}", '{"a" 1}', '{"questions": 5}', '{"questions": [5, "x"]}']
    )
    def test_what_is_no_set_is_told(self, text: str) -> None:
        found = imported(text, QuizappJson)

        assert found.diagnostics
        assert found.count(Outcome.RECOVERED) == 0

    @pytest.mark.parametrize(
        "text", ['{"a" 1},' * 50_000, "{" * 100_000, '{"a":"' * 50_000, '"' * 100_000, "[" * 100_000]
    )
    def test_a_hostile_file_ends(self, text: str) -> None:
        found = QuizappJson.read(f'{{"questions": [{text}'.encode(), "set", {}).found
        assert all(said.line >= 1 for each in found for said in each.diagnostics)

    def test_cut_or_flipped_every_question_is_told(self) -> None:
        data = self.written(TRUE, {**TRUE, "id": "two"}, indent=1).encode()
        for at in range(len(data)):
            for spoilt in (data[:at], data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]):
                found = imported(spoilt, QuizappJson)
                assert all(each.line >= 1 for each in found.diagnostics)
                assert all(
                    each.diagnostics for each in found.questions if each.outcome is not Outcome.RECOVERED
                )
