"""Aiken: what is read of it, of what people write under that name, and what is written."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.domain.imports import Import, Outcome, judge
from quizapp.formats import detected
from quizapp.formats.aiken import Aiken
from quizapp.formats.reading.moodle_names import name_from_text

FILE = Path(__file__).parent / "files" / "aiken" / "networks.txt"
TAIL = "\nA. xx\nB. yy\nANSWER: A\n"


def imported(text: str | bytes) -> Import:
    data = text.encode() if isinstance(text, str) else text
    return judge(Aiken.read(data, "set.txt", {}), "set.txt")


def only(text: str) -> dict[str, Any]:
    result = imported(text)
    assert [each.outcome for each in result.questions] == [Outcome.RECOVERED], result.diagnostics
    return result.documents[0]


def codes(text: str) -> list[str]:
    return [said.code for said in imported(text).diagnostics]


def options(document: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(each["text"], each.get("key", False)) for each in document["options"]]


def test_a_file_is_known_by_its_content() -> None:
    assert detected(FILE.read_bytes(), "unknown") == "aiken"
    assert detected(FILE.read_bytes().replace(b"\n", b"\r"), "set.txt") == "aiken"
    assert detected(FILE.read_text("utf-8").encode("utf-16"), "set.txt") == "aiken"
    assert Aiken.recognises(b"Is it?{T}", "set.txt") == 0


def test_every_question_of_a_file_is_recovered_with_its_line() -> None:
    result = imported(FILE.read_bytes())

    assert [each.outcome for each in result.questions] == [Outcome.RECOVERED] * 4
    assert [each.line for each in result.questions] == [1, 7, 16, 21]
    assert [each["markup"] for each in result.documents] == ["plain"] * 4


def test_a_question_has_a_text_options_and_one_answer() -> None:
    question = only("Is <b>x</b> & y?\nA. <script>\nB) yy\nC.zz\nANSWER: B")

    assert question["type"] == "single_choice"
    assert question["stem"] == "Is <b>x</b> & y?"
    assert question["name"] == "Is x & y?"
    assert options(question) == [("<script>", False), ("yy", True), ("zz", False)]
    assert codes("Q?" + TAIL) == []


def test_questions_need_no_empty_line_between_them() -> None:
    assert [each["stem"] for each in imported("One?" + TAIL + "Two?" + TAIL).documents] == ["One?", "Two?"]


def test_a_text_of_several_lines_is_kept_whole() -> None:
    assert only("line 1\n\nline 2" + TAIL)["stem"] == "line 1\nline 2"
    assert codes("line 1\nline 2" + TAIL) == ["long_text"]
    assert only("Q" + TAIL)["stem"] == "Q"


def test_an_option_of_several_lines_is_kept_whole() -> None:
    text = "Q?\nA. xx\ncontinued\nB. yy\nANSWER: A"

    assert options(only(text)) == [("xx\ncontinued", True), ("yy", False)]
    assert codes(text) == ["wrapped_option"]


def test_small_letters_are_read_and_told_of() -> None:
    assert options(only("Q?\na) xx\nb) yy\nANSWER: B")) == [("xx", False), ("yy", True)]
    assert codes("Q?\na) xx\nb) yy\nANSWER: B") == ["lower_case"]
    assert options(only("Q?\nA) xx\nB) yy\nANSWER: b")) == [("xx", False), ("yy", True)]
    assert codes("Q?\nA) xx\nB) yy\nANSWER: b") == ["lower_case_answer"]
    assert codes("Q?\nA) xx\nB) yy\nAnswer: B") == ["answer_word"]


def test_a_text_that_begins_like_an_option_is_the_text() -> None:
    assert only("A) is what?" + TAIL)["stem"] == "A) is what?"
    assert only("E. coli is\nB.what?" + TAIL)["stem"] == "E. coli is\nB.what?"
    assert codes("A) is what?" + TAIL) == ["stem_label"]


@pytest.mark.parametrize("said", ["A, C", "AC", "A and C", "a;c", "A C."])
def test_several_letters_are_several_answers(said: str) -> None:
    text = f"Q?\nA. x\nB. y\nC. z\nANSWER: {said}"

    question = only(text)

    assert question["type"] == "multiple_choice"
    assert question["marking"] == "all_or_nothing"
    assert [key for _, key in options(question)] == [True, False, True]
    assert "several_answers" in codes(text)


def test_nothing_but_right_options_have_equal_weights() -> None:
    question = only("Q?\nA. x\nB. y\nANSWER: A, B")

    assert question["marking"] == "weighted"
    assert [option["credit"] for option in question["options"]] == ["0.5", "0.5"]


@pytest.mark.parametrize("said", ["B) yy", "B.", "yy", "B: yy"])
def test_an_answer_may_say_the_text_as_well(said: str) -> None:
    assert options(only(f"Q?\nA. xx\nB. yy\nANSWER: {said}")) == [("xx", False), ("yy", True)]


@pytest.mark.parametrize("word", ["FEEDBACK", "Explanation", "RATIONALE"])
def test_what_follows_the_answer_may_explain_it(word: str) -> None:
    text = f"Q?{TAIL}{word}: because\nof that\n\nNext?{TAIL}"

    first, second = imported(text).documents

    assert first["explanation"] == "because\nof that"
    assert second["stem"] == "Next?"
    assert codes(text) == ["feedback"]
    assert len(imported(f"Q?{TAIL}{word}: because\nNext?{TAIL}").questions) == 2


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("Q?\nA. xx\nB. yy\nANSWER: E", "answer_letter", 4),
        ("Q?\nA. xx\nB. yy\nANSWER: Because", "answer_letter", 4),
        ("Q?\nA. xx\nB. yy\nANSWER:", "answer_letter", 4),
        ("Q?\nA. xx\nB. yy", "no_answer", 1),
        ("A. xx\nB. yy\nANSWER: A", "no_text", 1),
        ("Q?\nA. xx\nANSWER: A", "too_few", 1),
        ("Q?\nA. xx\nB. yy\nB. zz\nANSWER: B", "labels", 1),
        ("Q?\nA. xx\nB. xx\nANSWER: B", "not_askable", 1),
    ],
)
def test_what_cannot_be_asked_is_kept_with_the_reason(text: str, code: str, line: int) -> None:
    result = imported(text)

    [question] = result.questions
    assert question.outcome is Outcome.OPAQUE
    assert question.document is not None
    assert question.document["source"] == text
    assert (code, line) in [(said.code, said.line) for said in result.diagnostics]


def test_a_question_without_an_answer_leaves_the_next_alone() -> None:
    result = imported("One?\nA. xx\nB. yy\n\nTwo?" + TAIL + "Three?\nA. xx\nB. yy\nFour?" + TAIL)

    assert [each.outcome for each in result.questions] == [
        Outcome.OPAQUE,
        Outcome.RECOVERED,
        Outcome.OPAQUE,
        Outcome.RECOVERED,
    ]


def test_letters_out_of_order_and_empty_options_are_told_of() -> None:
    text = "Q?\nA. xx\nC. yy\nD. zz\nANSWER: C"

    assert options(only(text))[1] == ("yy", True)
    assert codes(text) == ["labels"]
    assert codes("Q?\nA. xx\nB. yy\nC.\nANSWER: A") == ["empty_option"]
    assert codes("Q?\nA. xx\nB. yy\nC. yy\nANSWER: A") == ["duplicate_option"]


def test_damaged_files_are_read_without_an_exception_and_nothing_is_lost_without_a_word() -> None:
    data = FILE.read_bytes()
    random = Random(7)
    damaged = [data[: len(data) * point // 20] for point in range(20)]
    for _ in range(60):
        flipped = bytearray(data)
        for _ in range(8):
            flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        damaged.append(bytes(flipped))
    damaged += [
        b"",
        b"ANSWER:",
        b"A.",
        b"A. x\n" * 5_000,
        b"ANSWER: A\n" * 5_000,
        b"ANSWER: " + b"A," * 50_000,
    ]

    for each in damaged:
        result = imported(each)
        assert len(result.questions) == sum(map(result.count, Outcome))
        assert all(said.line >= 1 for said in result.diagnostics)
        assert all(one.outcome is Outcome.RECOVERED or one.diagnostics for one in result.questions)


letters = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=8)
lines = st.builds(
    lambda a, b: " ".join(f"{a}{b}".split()), letters, st.text("abc ().:{}<>&*%~=#é→?", max_size=20)
)


@given(
    st.lists(
        st.lists(lines, min_size=3, max_size=6, unique_by=str.casefold),
        max_size=4,
        unique_by=lambda texts: texts[0].casefold(),
    ),
    st.integers(0, 4),
)
def test_what_is_written_is_read_again(questions: list[list[str]], key: int) -> None:
    documents = [
        {
            "id": f"q-{number}",
            "type": "single_choice",
            "topic": "unsorted",
            "name": name_from_text(stem),
            "markup": "plain",
            "stem": stem,
            "options": [
                {"text": text, "key": True} if place == key % len(texts) else {"text": text}
                for place, text in enumerate(texts)
            ],
        }
        for number, (stem, *texts) in enumerate(questions)
    ]

    written = Aiken.write("Set", documents, {})

    again = imported(written.data).documents
    parts = ("type", "markup", "stem", "options")
    assert [[each[part] for part in parts] for each in again] == [
        [e[part] for part in parts] for e in documents
    ]
    assert [each.get("name", "") for each in again] == [each["name"] for each in documents]
    assert [limit for limit in written.limits if limit.is_left_out] == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"type": "true_false", "answer": True}, "is left out: Aiken knows only"),
        ({"stem": "ANSWER: A"}, "is left out: its text would be read as an answer"),
        ({"stem": "a\nb"}, "its texts are written on one line each"),
        ({"stem": "A. b"}, "its text begins like an option"),
        ({"stem": "a"}, "its text is one character"),
        ({"stem": {"html": "<p>Q</p>"}}, "Aiken has no markup"),
        ({"explanation": "Why.", "tags": ["a"]}, "Aiken has no place for: explanation, tags"),
        ({"name": "Mine"}, "Aiken has no place for: name"),
        (
            {"options": [{"text": "a", "key": True}, {"text": "b", "credit": "0.5"}]},
            "feedback or partial credit",
        ),
        ({"type": "opaque", "source": "x", "origin": {"format": "gift"}}, "is left out"),
    ],
)
def test_what_aiken_cannot_say_is_told(fields: dict[str, Any], message: str) -> None:
    document = {"id": "one", "type": "single_choice", "topic": "unsorted", "markup": "plain", "stem": "Q?"}
    document |= {"options": [{"text": "a", "key": True}, {"text": "b"}]}  # type: ignore[dict-item]

    written = Aiken.write("Set", [document | fields], {})

    assert any(message in limit.message for limit in written.limits), written.limits


def test_what_could_not_be_read_is_written_to_the_letter() -> None:
    source = "Q?\nA. xx\n B. yy\nANSWER: E"

    written = Aiken.write("Set", imported(source).documents, {})

    assert written.data.decode().strip() == source
