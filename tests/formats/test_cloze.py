"""The cloze syntax, and text files of it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.domain.imports import Import, Outcome, judge
from quizapp.formats import detected
from quizapp.formats.cloze_text import ClozeText
from quizapp.formats.reading.cloze import KINDS, Gap, escaped, has_gap, read_cloze, resolved

FILE = Path(__file__).parent / "files" / "cloze" / "protocols.cloze"


def read(text: str | bytes) -> Import:
    data = text if isinstance(text, bytes) else text.encode()
    return judge(ClozeText.read(data, "x.cloze", {}), "x.cloze")


def only(text: str) -> dict[str, Any]:
    (document,) = read(text).documents
    return document


def gap(text: str) -> Gap:
    (found,) = read_cloze(text).gaps
    return found


def test_a_file_is_one_question_with_gaps() -> None:
    data = FILE.read_bytes()
    (document,) = read(data).documents

    assert detected(data, "protocols.txt") == "cloze"
    assert (document["type"], document["markup"], document["points"]) == ("composite", "moodle", 4)
    assert document["text"].startswith("A browser asks [[g1]] for an address,\nopens a [[g2]] connection")
    assert [part["type"] for part in document["parts"]] == ["short_text", "single_choice", "number"]
    assert document["parts"][2]["accepted"] == [{"value": "80", "credit": "0.5"}]
    assert read(data).diagnostics == []


@pytest.mark.parametrize("word", KINDS)
def test_every_word_for_a_kind_is_known(word: str) -> None:
    answers = "=1~2" if "N" not in word[:1] else "=1"

    assert gap(f"a {{3:{word}:{answers}}} b").weight == "3"
    assert read(f"a {{3:{word}:{answers}}} b").count(Outcome.RECOVERED) == 1


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("{1:SA:=a}", [("a", "100", "")]),
        ("{:SA:=a~b}", [("a", "100", ""), ("b", "0", "")]),
        ("{1:SA:%50%a~=b}", [("a", "50", ""), ("b", "100", "")]),
        ("{1:SA:%-33,3%a~=b}", [("a", "-33.3", ""), ("b", "100", "")]),
        ("{1:SA:=a#why # not}", [("a", "100", "why # not")]),
        ('{1:SA:=a\\}b\\#c\\~d\\/e\\"f}', [('a}b#c~d/e"f', "100", "")]),
        ("{1:SA:=&#34;a&quot;&amp;#35;}", [("&#34;a&quot;&amp;#35;", "100", "")]),
        ("{1:SA:=a\nb~\n=c}", [("a\nb", "100", ""), ("c", "100", "")]),
        ("{1:SA:=a#x\\}y~b}", [("a", "100", "x}y"), ("b", "0", "")]),
    ],
)
def test_an_answer_is_read_with_its_weight_and_feedback(
    text: str, answers: list[tuple[str, str, str]]
) -> None:
    assert [(each.text, each.percent, each.feedback) for each in gap(text).alternatives] == answers


@pytest.mark.parametrize("text", ["{1:SA:=a", "{1:SHORTANSWERS:=a}", "{1:sa:=a}", "x {2:MC:=a\\}"])
def test_what_seems_to_be_a_gap_and_is_none_is_told(text: str) -> None:
    assert len(read_cloze(text).broken) == 1
    assert read(text).count(Outcome.OPAQUE) == 1


@pytest.mark.parametrize("text", ["{1:2:3}", "{a:b:c}", "{}", "{ 1:SA:=a }", "if (x) {y: z}"])
def test_other_braces_are_text(text: str) -> None:
    assert read_cloze(text).broken == []
    assert not has_gap(text)
    assert ClozeText.recognises(text.encode(), "x.cloze") == 0


def test_one_choice_of_several_is_a_question_below_its_text() -> None:
    document = only("Which are safe? {2:MR:=GET~=HEAD~PUT}")

    assert (document["type"], document["stem"], document["points"]) == (
        "multiple_choice",
        "Which are safe?",
        2,
    )
    assert [each.get("credit") for each in document["options"]] == ["0.5", "0.5", "-0.5"]


def test_a_choice_of_several_beside_gaps_is_a_part_of_its_own() -> None:
    document = only("{1:SA:=a} and {1:MULTIRESPONSE:%100%b~%-100%c}")

    assert document["text"] == "[[g1]] and (Part g2)"
    assert document["parts"][1]["prompt"] == "Choose all that apply."


def test_a_gap_that_cannot_be_graded_gives_up_the_whole_text() -> None:
    found = read("\n\nfirst\n{1:NM:=zero}")

    assert found.count(Outcome.OPAQUE) == 1
    assert found.documents[0]["source"].endswith("{1:NM:=zero}")
    assert [each.code for each in found.diagnostics] == ["number"]


def test_the_line_of_a_broken_gap_is_told() -> None:
    (said,) = read("one\ntwo\n{1:SA:=x").diagnostics

    assert (said.code, said.line) == ("gap", 3)


def test_an_empty_file_holds_nothing() -> None:
    assert read(" \n").as_json()["found"] == 0


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    whole = read_cloze(text)
    report = read(text).as_json()

    assert "".join(piece for piece in whole.pieces if isinstance(piece, str)) in text or whole.gaps
    assert report["found"] == report["recovered"] + report["opaque"] + report["dropped"]


@given(st.text(alphabet='ab=%~#}{\\/"& ;51:', max_size=30))
def test_what_is_escaped_reads_the_same(text: str) -> None:
    if "&" in text:
        text = text.replace("&", "&amp;")  # as it stands in HTML
    found = gap(f"{{1:SA:={escaped(text)}#{escaped(text)}}}")

    assert found.alternatives[0].text == text.strip()
    assert found.alternatives[0].feedback == text.strip()
    assert len(found.alternatives) == 1
    assert resolved(escaped(text)).strip() == text.strip()


def test_cuts_flips_and_encodings_raise_nothing() -> None:
    data = FILE.read_bytes()
    for each in [
        *(data[: len(data) * point // 20] for point in range(20)),
        *(data[:at] + bytes([data[at] ^ 0x21]) + data[at + 1 :] for at in range(0, len(data), 5)),
    ]:
        assert all(said.line >= 1 for said in read(each).diagnostics)
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert read(data.decode().encode(encoding)).count(Outcome.RECOVERED) == 1
