"""Open edX: problems that stand still are read, those that are programs are kept and never run."""

import gzip
import io
import tarfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from quizapp.domain.imports import Import, Imported, Outcome, judge
from quizapp.formats.olx import Olx

FILES = Path(__file__).parent / "files" / "olx"
SAMPLES = sorted(FILES.glob("*.xml"))
CORPUS = Path(__file__).parents[3] / "shared" / "formats"


def imported(data: bytes | str, name: str = "a1.xml") -> Import:
    raw = data.encode() if isinstance(data, str) else data
    return judge(Olx.read(raw, name, {}), name)


def only(data: bytes | str) -> Imported:
    [question] = imported(data).questions
    return question


def document(data: bytes | str) -> dict[str, Any]:
    question = only(data)
    assert question.outcome is Outcome.RECOVERED, question.diagnostics
    assert question.document is not None
    return question.document


def codes(data: bytes | str) -> set[str]:
    return {said.code for said in only(data).diagnostics}


def kept(data: bytes | str, code: str) -> dict[str, Any]:
    question = only(data)
    assert question.outcome is Outcome.OPAQUE
    assert code in {said.code for said in question.diagnostics if said.severity == "error"}
    assert question.document is not None
    return question.document


def problem(inside: str, **attributes: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<problem display_name="P"{given}><p>How many?</p>{inside}</problem>'


def number(answer: str, inside: str = "", **attributes: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return problem(f'<numericalresponse answer="{answer}"{given}>{inside}<textline/></numericalresponse>')


def tolerance(default: str, more: str = "") -> str:
    return f'<responseparam type="tolerance" default="{default}"{more}/>'


def test_a_choice_has_its_texts_hints_solution_and_points() -> None:
    found = document((FILES / "index_choice.xml").read_bytes())

    assert found["type"] == "single_choice"
    assert found["name"] == "A covering index"
    assert found["stem"].startswith("<p>A query reads <code>email</code> by <code>id &lt; 10</code>.</p>")
    assert "<p>Which index answers it alone?</p>" in found["stem"]
    assert "<p>Think of what a leaf holds.</p>" in found["stem"]
    assert "Ignored" not in found["stem"]
    assert found["options"] == [
        {"text": "(email)", "feedback": "It has no order by id."},
        {"text": "(id) INCLUDE (email)", "key": True},
        {"text": "(id)"},
    ]
    assert found["explanation"] == '<div class="detailed-solution"><p>The leaf holds both.</p></div>'
    assert found["hints"] == ["Which columns are read?", "Which are searched?"]
    assert found["points"] == 2
    assert found["origin"] == {
        "format": "olx",
        "id": "a1",
        "settings": {"max_attempts": "2", "shuffle": "true"},
    }


def test_several_responses_are_parts_with_the_text_before_them() -> None:
    text = (FILES / "parts.xml").read_bytes()
    found = document(text)

    assert found["type"] == "composite"
    assert found["stem"] == "<p>A client opens a connection.</p>"
    assert [part["prompt"] for part in found["parts"]] == [
        "<p>Which port does it use?</p>",
        "<p>Who sends the first message?</p>",
        "<p>What is agreed on?</p>",
    ]
    assert [part["type"] for part in found["parts"]] == ["number", "single_choice", "multiple_choice"]
    assert found["parts"][1]["options"][1] == {"text": "client", "key": True}
    assert found["parts"][2]["marking"] == "per_option"
    assert "marking" in codes(text)


def test_a_text_is_compared_without_capitals_and_stars_are_stars() -> None:
    found = document((FILES / "text.xml").read_bytes())

    assert found["answers"] == [
        {"text": "EXPLAIN", "feedback": "Add ANALYZE to run it."},
        {"text": "explain query\\*plan"},
    ]
    assert found["mistakes"] == [{"text": "DESCRIBE", "feedback": "That shows a table."}]
    assert "case_sensitive" not in found


def test_capitals_count_in_a_text_unless_it_says_otherwise() -> None:
    found = document(problem('<stringresponse answer="GET_or_HEAD"><textline/></stringresponse>'))

    assert found["case_sensitive"]
    assert [answer["text"] for answer in found["answers"]] == ["GET", "HEAD"]


@pytest.mark.parametrize(
    ("answer", "inside", "expected"),
    [
        ("12", "", {"answer": "12"}),
        ("1e3", tolerance("5%"), {"answer": "1000", "tolerance": {"relative": "0.05"}}),
        ("-2.5", tolerance(".02"), {"answer": "-2.5", "tolerance": {"absolute": "0.02"}}),
        ("[1, 3]", "", {"answer": "2", "tolerance": {"absolute": "1"}}),
        ("(0,1)", "", {"answer": "0.5", "tolerance": {"absolute": "0.5"}}),
    ],
)
def test_a_number_has_its_tolerance_or_its_range(answer: str, inside: str, expected: dict[str, Any]) -> None:
    found = document(number(answer, inside))

    assert {name: found[name] for name in ("answer", "tolerance") if name in found} == expected
    assert ("range" in codes(number(answer, inside))) == answer.startswith("(")


def test_other_numbers_and_nearly_right_ones_earn_something() -> None:
    more = '<additional_answer answer="7"><correcthint>Also.</correcthint></additional_answer>'
    inside = tolerance("0.5", ' partial_range="3" partial_answers="2,4"') + more

    found = document(number("10", inside, partial_credit="close,list"))

    assert found["accepted"] == [
        {"value": "7", "tolerance": {"absolute": "0.5"}, "feedback": "Also."},
        {"value": "2", "tolerance": {"absolute": "0.5"}, "credit": "0.5"},
        {"value": "4", "tolerance": {"absolute": "0.5"}, "credit": "0.5"},
        {"value": "10", "tolerance": {"absolute": "1.5"}, "credit": "0.5"},
    ]


@pytest.mark.parametrize("answer", ["$x", "2*pi", "3+4j", "", "1e999999", "[5,1]"])
def test_what_is_no_plain_number_is_not_worked_out(answer: str) -> None:
    kept(number(answer), "scoring")


@pytest.mark.parametrize(
    "name", ["customresponse", "formularesponse", "schematicresponse", "imageresponse", "javascriptresponse"]
)
def test_responses_of_other_kinds_are_kept_to_the_letter(name: str) -> None:
    text = problem(f"<{name} answer='f(x)'><textline/></{name}>")

    found = kept(text, "kind")

    assert found["source"] == text
    assert found["kind"] == name
    assert "How many?" in found["stem"]["html"]


def test_regular_expressions_are_never_run() -> None:
    kept(problem('<stringresponse answer="(a+)+$" type="regexp"><textline/></stringresponse>'), "scoring")


@pytest.mark.parametrize("kind", ['type="loncapa/python"', 'type="text/python"', 'language="python"', ""])
def test_a_problem_with_a_program_is_kept_and_the_program_is_not_run(kind: str, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    script = f"<script {kind}>open('{trace}', 'w')</script>"

    found = kept(problem(f'{script}<numericalresponse answer="3"><textline/></numericalresponse>'), "script")

    assert "open(" not in found["stem"]["html"]
    assert not trace.exists()


def test_a_script_for_the_page_is_left_out_and_told() -> None:
    text = problem('<script type="text/javascript">x()</script><numericalresponse answer="3"/>')

    assert "x()" not in document(text)["stem"]
    assert "script" in codes(text)


def choice(
    *options: str, kind: str = "choiceresponse", group: str = "checkboxgroup", **attributes: str
) -> str:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return problem(f"<{kind}{given}><{group}>{''.join(options)}</{group}></{kind}>")


RIGHT, WRONG = '<choice correct="true">{}</choice>', '<choice correct="false">{}</choice>'


def test_checkboxes_count_together_or_as_the_problem_says() -> None:
    boxes = (RIGHT.format("a"), RIGHT.format("b"), WRONG.format("c"))

    assert document(choice(*boxes))["marking"] == "all_or_nothing"
    halves = choice(*boxes, partial_credit="halves")
    assert "marking" not in document(halves)
    assert "marking" in codes(halves)
    every = choice(*boxes[:2])
    assert document(every)["marking"] == "weighted"
    assert "marking" in codes(every)


def test_a_choice_may_be_worth_a_part() -> None:
    options = (RIGHT.format("a"), '<choice correct="partial" point_value="0.3">b</choice>', WRONG.format("c"))
    text = choice(*options, kind="multiplechoiceresponse", group="choicegroup", partial_credit="points")

    assert [option.get("credit") for option in document(text)["options"]] == [None, "0.3", None]


def test_hints_that_have_no_place_are_told() -> None:
    compound = '<compoundhint value="A B">Not both.</compoundhint>'
    missed = '<choice correct="true">a<choicehint selected="false">Look again.</choicehint></choice>'
    text = choice(missed, WRONG.format("b"), compound)

    assert {"compoundhint", "choicehint"} <= codes(text)
    assert document(text)["origin"]["settings"]["compoundhint A B"] == "Not both."
    grouped = number("1", '<hintgroup><numericalhint answer="2"/></hintgroup>')
    assert "hintgroup" in codes(grouped)
    assert "answer_pool" in codes(
        problem(
            '<multiplechoiceresponse><choicegroup answer-pool="2">'
            f"{RIGHT.format('a')}{WRONG.format('b')}</choicegroup></multiplechoiceresponse>"
        )
    )


def test_an_answer_in_the_middle_of_a_sentence_is_a_gap() -> None:
    text = (
        '<problem display_name="P"><p>A lock is held until <stringresponse answer="commit" type="ci">'
        "<textline/></stringresponse> or [[rollback]].</p></problem>"
    )
    found = document(text)

    assert found["text"] == "<p>A lock is held until [[gap1]] or [&#91;rollback]].</p>"
    assert found["parts"] == [{"id": "gap1", "type": "short_text", "answers": [{"text": "commit"}]}]


def test_a_problem_without_a_key_or_without_a_question_is_told() -> None:
    kept(choice(WRONG.format("a"), WRONG.format("b")), "no_key")
    assert document('<problem display_name="Read"><p>Read the manual.</p></problem>')["type"] == "information"
    assert "duplicate_option" in codes(choice(RIGHT.format("a"), WRONG.format("b"), WRONG.format("b")))
    kept(problem("<optionresponse><optioninput/><optioninput/></optionresponse>"), "kind")
    assert "points" in codes(problem('<numericalresponse answer="1"/>', weight="0.5"))


def members(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    return {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}


def tarred(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members(files).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(buffer.getvalue())


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members(files).items():
            archive.writestr(name, data)
    return buffer.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
COURSE: dict[str, str | bytes] = {
    "course/course.xml": '<course url_name="run" org="O" course="C"/>',
    "course/course/run.xml": '<course display_name="Databases"><chapter url_name="c1"/></course>',
    "course/chapter/c1.xml": '<chapter display_name="Week 1"><sequential url_name="s1"/></chapter>',
    "course/sequential/s1.xml": '<sequential display_name="Locks/Waits"><vertical url_name="v1"/></sequential>',
    "course/vertical/v1.xml": (
        '<vertical display_name="Quiz"><problem url_name="p2"/><html url_name="h"/><problem url_name="p1"/>'
        '<problem url_name="p3" display_name="Inline"><p>Yes?</p><numericalresponse answer="1"/></problem></vertical>'
    ),
    "course/problem/p1.xml": problem('<numericalresponse answer="1"/><img src="/static/a%20plan.png"/>'),
    "course/problem/p2.xml": '<problem><p>Two?</p><numericalresponse answer="2"/><img src="/static/none.png"/></problem>',
    "course/static/a plan.png": PNG,
}


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_a_course_gives_its_problems_with_their_place_pictures_and_title(pack: Any) -> None:
    found = imported(pack(COURSE), "course.tar.gz")

    assert found.title == "Databases"
    assert sorted(each.name for each in found.questions) == ["Inline", "P", "p2"]
    by_name = {each.name: each for each in found.questions}
    assert by_name["p2"].member == "course/problem/p2.xml"
    documents = {name: each.document or {} for name, each in by_name.items()}
    assert {each["category"] for each in documents.values()} == {"Week 1/Locks Waits/Quiz"}
    assert [each.name for each in found.questions if each.name != "Inline"] == ["p2", "P"]
    assert documents["P"]["origin"]["id"] == "p1"
    assert list(found.images.values()) == [PNG]
    assert "missing_image" in {said.code for said in by_name["p2"].diagnostics}


def test_a_broken_problem_spoils_no_other() -> None:
    files = {**COURSE, "course/problem/p1.xml": "<problem><p>Broken <numericalresponse"}

    found = imported(tarred(files), "course.tar.gz")

    assert {each.name: each.outcome for each in found.questions} == {
        "Inline": Outcome.RECOVERED,
        "p2": Outcome.RECOVERED,
        "p1": Outcome.OPAQUE,
    }


def test_files_are_recognised_by_what_is_in_them() -> None:
    for sample in SAMPLES:
        assert Olx.recognises(sample.read_bytes(), "a.bin") >= 90
        assert Olx.recognises(sample.read_text(encoding="utf-8").encode("utf-16"), "a.bin") >= 90
    assert Olx.recognises(b"<?xml version='1.0'?><!-- a --><problem/>", "a.xml") == 55
    assert Olx.recognises(tarred(COURSE), "a.bin") == 88
    assert Olx.recognises(b"<quiz><problem/></quiz>", "problem.xml") == 0
    assert Olx.recognises(b"<!-- <problem display_name='x'>", "problem.xml") == 0
    assert Olx.recognises(b"\x1f\x8bbroken", "a.tar.gz") == 0
    assert [said.code for said in imported(b"\x1f\x8bbroken").about_file] == ["archive"]
    assert [said.code for said in imported(b"<html/>").about_file] == ["no_questions"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_problem_means_the_same_in_every_encoding_and_is_never_half_believed(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    expected = document(text)
    for data in (text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode(), text.replace("\n", "\r\n").encode()):
        assert document(data) == expected
    data = text.encode()
    for point in range(20):
        assert imported(data[: len(data) * point // 20]).count(Outcome.RECOVERED) == 0
    random = Random(5)
    for _ in range(60):
        flipped = bytearray(data)
        for _ in range(3):
            flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        found = imported(bytes(flipped))
        assert len(found.questions) == sum(found.count(outcome) for outcome in Outcome)
        assert all(said.line >= 1 for said in found.diagnostics)


def test_a_hostile_problem_is_given_up_in_good_time() -> None:
    started = time.process_time()

    kept(problem('<numericalresponse answer="1"/>' * 5_000), "kind")
    deep = "<div>" * 200 + '<numericalresponse answer="1"/>' + "</div>" * 200
    assert document(problem(deep))["type"] == "number"
    assert Olx.recognises(b"<!-- -->" * 20_000 + b"<quiz>", "a.xml") == 0
    bomb = '<!DOCTYPE a [<!ENTITY x "y">]>' + problem('<numericalresponse answer="1"/>')
    kept(bomb, "xml")
    assert time.process_time() - started < 10


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real question files is not beside the project")
def test_every_real_problem_is_carried() -> None:
    recovered = 0
    for path in sorted((CORPUS / "olx").rglob("*.xml")):
        started = time.process_time()
        found = imported(path.read_bytes(), path.name)
        assert time.process_time() - started < 2
        assert len(found.questions) == 1
        assert found.count(Outcome.DROPPED) == 0
        recovered += found.count(Outcome.RECOVERED)
    assert recovered >= 17
