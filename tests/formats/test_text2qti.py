"""text2qti: signs at the margin, texts behind them, and programs that nobody runs."""

from pathlib import Path
from typing import Any

import pytest

from quizapp.domain.imports import Action, Import, Outcome, judge
from quizapp.formats import detected
from quizapp.formats.text2qti import Text2Qti

FILE = Path(__file__).parent / "files" / "text2qti" / "quiz.txt"
SHARED = Path(__file__).parents[3] / "shared" / "formats"


def read(text: str | bytes) -> Import:
    data = text.encode() if isinstance(text, str) else text
    return judge(Text2Qti.read(data, "quiz.txt", {}), "quiz.txt")


def only(text: str) -> dict[str, Any]:
    [question] = read(text).questions
    assert question.outcome is Outcome.RECOVERED, question.diagnostics
    assert question.document is not None
    return question.document


def codes(found: Import) -> list[str]:
    return [each.code for each in found.diagnostics]


@pytest.fixture(scope="module")
def quiz() -> Import:
    return read(FILE.read_bytes())


def test_a_quiz_has_a_title_and_questions_of_every_kind(quiz: Import) -> None:
    assert quiz.title == "Networks"
    assert [each["type"] for each in quiz.documents] == [
        *("information", "single_choice", "true_false", "multiple_choice", "short_text", "number", "number"),
        *("number", "open_response", "opaque", "true_false", "opaque"),
    ]
    assert [each.line for each in quiz.questions][:3] == [10, 15, 28]


def test_everything_that_was_not_carried_is_told(quiz: Import) -> None:
    assert [(each.code, each.line) for each in quiz.diagnostics] == [
        *(("quiz", 2), ("quiz", 3), ("group", 59), ("group", 60)),
        *(("marking", 32), ("feedback", 32), ("rubric", 52), ("kind", 56), ("code", 67)),
    ]


def test_a_choice_has_title_points_and_the_feedback_of_both_kinds(quiz: Import) -> None:
    ports = quiz.documents[1]

    assert (ports["name"], ports["points"]) == ("Ports", 2)
    assert ports["stem"] == "Which port does `ssh` use?\n\nThink of the *usual* one."
    assert ports["explanation"] == "Ports below 1024 are well known."
    assert ports["options"] == [
        {"text": "80", "feedback": "That is HTTP.\n\nLook it up."},
        {"text": "22", "key": True, "feedback": "Well done."},
        {"text": "443", "feedback": "Look it up."},
    ]


def test_true_and_false_alone_make_a_statement(quiz: Import) -> None:
    assert quiz.documents[2]["answer"] is False


def test_ticks_need_all_that_is_right(quiz: Import) -> None:
    several = quiz.documents[3]

    assert several["marking"] == "all_or_nothing"
    assert [bool(option.get("key")) for option in several["options"]] == [True, False, True]
    assert several["explanation"] == "If right: Yes."


def test_short_answers_and_numbers(quiz: Import) -> None:
    short, share, span, exact = quiz.documents[4:8]

    assert [each["text"] for each in short["answers"]] == ["DNS", "Domain Name System"]
    assert short["mistakes"] == [{"text": "*", "feedback": "It begins with D."}]
    assert (share["answer"], share["tolerance"]) == ("5", {"relative": "0.1"})
    assert (span["answer"], span["tolerance"]) == ("1.2599", {"absolute": "0.0001"})
    assert (exact["answer"], exact.get("tolerance")) == ("32", None)


def test_an_essay_keeps_its_solution_as_the_model_answer(quiz: Import) -> None:
    assert quiz.documents[8]["model_answer"] == "To spread writes."


def test_a_group_becomes_a_category_with_its_points(quiz: Import) -> None:
    grouped = quiz.documents[10]

    assert (grouped["category"], grouped["points"]) == ("Group 1", 3)


def test_a_program_is_kept_and_never_run(quiz: Import) -> None:
    program = quiz.documents[-1]

    assert program["kind"] == "code"
    assert program["source"].startswith("```{.python .run}\nprint(")
    assert program["source"].endswith("```")


def test_running_would_leave_a_trace(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    found = read(
        f"```{{.python .run}}\nopen({str(trace)!r}, 'w').write('x')\n```\n1. True?\n*a) true\nb) false\n"
    )

    assert [each.outcome for each in found.questions] == [Outcome.OPAQUE, Outcome.RECOVERED]
    assert not trace.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("1. Which?\na) one\nb) two\n", "no_key"),
        ("1. Which?\n*a) one\n*b) two\n", "no_key"),
        ("1. Which?\n[ ] one\n[ ] two\n", "no_key"),
        ("1. Which?\n*a) one\n[ ] two\n", "mixed"),
        ("1. Which?\n", "no_answers"),
        ("1. How many?\n= many\n", "number"),
        ("1. How many?\n= 3 +- x\n", "number"),
        ("1. How many?\n= [5, 3]\n", "number"),
        ("1. How many?\n= 3\n= 4\n", "number"),
        ("1. Upload.\n^^^\n", "kind"),
    ],
)
def test_what_cannot_be_asked_is_kept_with_its_source(body: str, code: str) -> None:
    found = read(f"{body}\n2. True?\n*a) true\nb) false\n")

    assert [each.outcome for each in found.questions] == [Outcome.OPAQUE, Outcome.RECOVERED]
    assert found.documents[0]["source"] == body.rstrip()
    assert [(each.code, each.action) for each in found.diagnostics] == [(code, Action.KEPT)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1. How?\n= 1.5\n", "margin"),
        ("1. Which?\n[*] a\n[*] b\n", "marking"),
        ("1. See ![it](pic.png)\n*a) x\nb) y\n", "missing_image"),
        ("1. See ![it](https://example.org/pic.png)\n*a) x\nb) y\n", "remote_image"),
        ("1. See <iframe src='x'></iframe>\n*a) x\nb) y\n", "html"),
        ("1. Which?\n! Because.\n*a) x\nb) y\n", "solution"),
        ("Points: 0.5\n1. Which?\n*a) x\nb) y\n", "points"),
        ("1. A long\nquestion\n*a) x\nb) y\n", "indentation"),
        ("1. Which?\n*a) x\nb) y\nc) y\n", "duplicate_option"),
        ("1. Why?\n___\n", "rubric"),
    ],
)
def test_what_is_carried_in_another_form_is_told(text: str, code: str) -> None:
    found = read(text)

    assert [each.outcome for each in found.questions] == [Outcome.RECOVERED]
    assert codes(found) == [code]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Some words.\n\n1. True?\n*a) true\nb) false\n", 1),
        ("a) an answer\n\n1. True?\n*a) true\nb) false\n", 1),
        ("1. True?\n*a) true\nb) false\n\nWords in between.\n", 5),
        ("1. True?\n*a) true\nb) false\n\nTitle: For nothing\n", 5),
        ("  indented\n1. True?\n*a) true\nb) false\n", 1),
        ("COMMENT\n1. True?\n*a) true\nb) false\n", 1),
    ],
)
def test_lines_that_belong_nowhere_are_told(text: str, line: int) -> None:
    found = read(text)

    assert [each.outcome for each in found.questions] == [Outcome.RECOVERED]
    assert [(each.line, each.action) for each in found.diagnostics] == [(line, Action.DROPPED)]


def test_a_paragraph_that_is_not_indented_still_belongs_to_its_question() -> None:
    assert only("1. First.\n\nSecond.\n*a) x\nb) y\n")["stem"] == "First.\n\nSecond."


def test_comments_in_a_text_are_left_out() -> None:
    assert only("1. Which<!-- not\n   this --> one?\n*a) x\nb) y\n")["stem"] == "Which one?"


def test_stars_in_a_short_answer_are_stars() -> None:
    assert only("1. Which files?\n* *.py\n")["answers"] == [{"text": "\\*.py"}]


def test_a_dialect_has_gaps_to_fill() -> None:
    text = "1. A {A} keeps an {B}.\n@gap x) B-tree\n@gap y) order\n@gap z) heap\n@match x A\n@match y B\n"
    found = only(text)

    assert found["text"] == "A [[gap-1]] keeps an [[gap-2]]."
    assert [len(part["options"]) for part in found["parts"]] == [3, 3]
    assert found["parts"][1]["options"][1] == {"text": "order", "key": True}
    assert codes(read(text.replace("{B}", "it"))) == ["gaps"]
    assert codes(read(text.replace("@match y B", "@match q B"))) == ["gaps"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_encodings_and_line_ends_change_nothing(quiz: Import, encoding: str, line_end: str) -> None:
    data = FILE.read_text().replace("\n", line_end).encode(encoding)

    assert detected(data, "file") == "text2qti"
    assert read(data).documents == quiz.documents


def test_a_list_in_some_text_is_not_taken_for_a_quiz() -> None:
    assert Text2Qti.recognises(b"1. Do this\n2. Do that\n- and this\n", "notes.md") == 0


@pytest.mark.parametrize(
    "text",
    [
        *("COMMENT\n" * 100_000, "1. x\n" * 50_000, "```{.python .run}\n" * 50_000, "<!--" * 100_000),
        *("1. " + "![" * 100_000, "1. " + "a\n" * 100_000, "GROUP\n" * 50_000, "* x\n" * 50_000),
    ],
)
def test_a_hostile_file_ends(text: str) -> None:
    Text2Qti.recognises(text.encode(), "x")
    found = Text2Qti.read(text.encode(), "x", {})
    assert all(said.line >= 1 for each in found.found for said in each.diagnostics)


def test_a_cut_or_flipped_file_gives_up_only_what_is_broken() -> None:
    data = FILE.read_bytes()
    spoilt = [data[: len(data) * part // 20] for part in range(20)]
    spoilt += [data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :] for at in range(0, len(data), 11)]
    for each in spoilt:
        found = read(each)
        assert sum(found.count(outcome) for outcome in Outcome) == len(found.questions)
        assert all(said.line >= 1 for said in found.diagnostics)
        assert all(one.diagnostics for one in found.questions if one.outcome is not Outcome.RECOVERED)


@pytest.mark.skipif(not (SHARED / "text2qti").is_dir(), reason="the shared corpus of formats is not here")
def test_the_shared_quizzes_lose_nothing() -> None:
    listed = [line.split("\t") for line in (SHARED / "MANIFEST.tsv").read_text().splitlines()]
    for path, count in ((path, int(count or 0)) for kind, path, count, *_ in listed if kind == "text2qti"):
        found = read((SHARED / path).read_bytes())
        assert len(found.questions) >= count
        assert found.count(Outcome.DROPPED) == 0
