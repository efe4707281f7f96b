"""QTI 1.2 read: texts as they were meant, and damage that stays where it is."""

from pathlib import Path

import pytest

from qti12_items import TYPED, codes, equal, item, material, one, options, read, rule
from quizapp.domain.imports import Outcome

FILES = Path(__file__).parent / "files" / "qti12"


def test_html_that_was_escaped_twice_is_told_and_read() -> None:
    text = item(
        options("&lt;b&gt;", "y"), rule(equal("a")), stem="&lt;p&gt;Which &lt;b&gt;tag&lt;/b&gt;?&lt;/p&gt;"
    )
    question = one(text)

    assert question.document is not None
    assert question.document["stem"] == "<p>Which <b>tag</b>?</p>"
    assert codes(question) == ["escaped_twice"]


def test_a_question_about_a_tag_is_not_taken_for_html_escaped_twice() -> None:
    question = one(item(options("x", "y"), rule(equal("a")), stem="What does &lt;p&gt; do?"))

    assert question.document is not None and question.document["stem"] == "What does &lt;p&gt; do?"


def test_markup_inside_a_text_breaks_and_doctypes_in_cdata_are_content() -> None:
    text = item(options("x", "y"), rule(equal("a"))).replace(
        material("Which one?"),
        '<material><mattext texttype="text/html"><![CDATA[<!DOCTYPE html> &amp;]]></mattext><matbreak/>'
        "<mattext>a &lt; <code>b</code></mattext></material>",
    )

    assert (one(text).document or {})["stem"] == "<!DOCTYPE html> &amp;<br>\na &lt; <code>b</code>"


@pytest.mark.parametrize(
    ("broken", "stem"),
    [
        ("R & D <b>x</b>", "R &amp; D <b>x</b>"),
        ("one<br>two", "one<br>two"),
    ],
)
def test_plain_mistakes_in_xml_are_mended_and_told(broken: str, stem: str) -> None:
    text = item(options("x", "y"), rule(equal("a"))).replace("Which one?", broken)
    question = one(text)

    assert question.document is not None and question.document["stem"] == stem
    assert codes(question) == ["malformed"]


def test_a_broken_item_breaks_no_other() -> None:
    text = (FILES / "canvas.xml").read_text()
    whole = read(text)
    broken = read(text.replace("</presentation>", "</presentatio", 3).replace("</item>", "", 1))

    assert len(broken.questions) == len(whole.questions)
    assert [each.outcome for each in broken.questions[:3]] == [Outcome.OPAQUE] * 3
    assert [each.document for each in broken.questions[3:]] == [each.document for each in whole.questions[3:]]


def test_sections_banks_and_draws_are_told() -> None:
    inside = (
        item(options("x", "y"), rule(equal("a")))
        .removeprefix("<questestinterop>")
        .removesuffix("</questestinterop>")
    )
    draws = "<selection_ordering><selection><sourcebank_ref>b9</sourcebank_ref><selection_number>2</selection_number></selection></selection_ordering>"
    bank = "<qtimetadata><qtimetadatafield><fieldlabel>bank_title</fieldlabel><fieldentry>Locks</fieldentry></qtimetadatafield></qtimetadata>"
    found = read(
        f"<questestinterop><assessment ident='a' title='Quiz'><section ident='s' title='Two of/these'>{draws}{inside}"
        f"</section></assessment><objectbank ident='b1'>{bank}{inside}</objectbank></questestinterop>"
    )

    assert [(each.document or {})["category"] for each in found.questions] == ["Quiz/Two of - these", "Locks"]
    assert [said.code for said in found.about_file] == ["draw", "bank"]


def test_a_file_without_questions_says_so() -> None:
    found = read(
        "<questestinterop><assessment ident='a' title='t'><section ident='s'><itemref linkrefid='x'/></section></assessment></questestinterop>"
    )

    assert found.questions == ()
    assert [said.code for said in found.about_file] == ["references", "no_questions"]


# Feedback, hints and points


def test_feedback_that_belongs_to_no_answer_is_kept_and_told() -> None:
    lost = f'<itemfeedback ident="lost_fb">{material("See chapter 4.")}</itemfeedback>'
    question = one(item(options("x", "y"), rule(equal("a")), tail=lost))

    assert codes(question) == ["feedback"]
    assert question.document is not None
    assert question.document["origin"]["settings"] == {"feedback:lost_fb": "See chapter 4."}


def test_feedback_that_every_option_shows_is_general() -> None:
    shown = "".join(
        f'<respcondition><conditionvar>{equal(each)}</conditionvar><displayfeedback linkrefid="f"/></respcondition>'
        for each in "ab"
    )
    text = f'<itemfeedback ident="f">{material("See the plan.")}</itemfeedback>'
    question = one(item(options("x", "y"), shown + rule(equal("a")), tail=text))

    assert question.document is not None
    assert question.document["explanation"] == "See the plan."


def test_hints_and_solutions_have_their_places() -> None:
    tail = (
        f'<itemfeedback ident="h"><hint><hintmaterial>{material("Think of pages.")}</hintmaterial></hint></itemfeedback>'
        f'<itemfeedback ident="s"><solution><solutionmaterial>{material("By its root.")}</solutionmaterial></solution></itemfeedback>'
    )
    essay = one(item(TYPED, "", "essay_question", tail)).document or {}
    choice = one(item(options("x", "y"), rule(equal("a")), "", tail)).document or {}

    assert (essay["model_answer"], essay["hints"]) == ("By its root.", ["Think of pages."])
    assert (choice["explanation"], choice["hints"]) == ("By its root.", ["Think of pages."])


@pytest.mark.parametrize(
    ("written", "points", "kept"),
    [("2.0", 2, None), ("1.5", 2, "1.5"), ("0.2", 1, "0.2"), ("500", 100, "500"), ("0", 1, None)],
)
def test_points_are_whole_and_rounding_is_told(written: str, points: int, kept: str | None) -> None:
    field = f"<qtimetadatafield><fieldlabel>points_possible</fieldlabel><fieldentry>{written}</fieldentry></qtimetadatafield>"
    text = item(options("x", "y"), rule(equal("a"))).replace("<qtimetadata>", f"<qtimetadata>{field}", 1)
    question = one(text)

    assert question.document is not None
    assert question.document.get("points", 1) == points
    assert question.document["origin"].get("settings", {}).get("points_possible") == kept
    assert ("points" in codes(question)) == (kept is not None)


# Damage


@pytest.mark.parametrize("name", ["canvas.xml", "older.xml"])
def test_a_damaged_file_is_read_as_far_as_it_goes(name: str) -> None:
    data = (FILES / name).read_bytes()
    damaged = [data[: len(data) * part // 20] for part in range(20)]
    damaged += [
        data[:place] + bytes([data[place] ^ 0x15]) + data[place + 1 :] for place in range(200, len(data), 997)
    ]

    for each in damaged:
        found = read(each)
        assert len(found.questions) == sum(found.count(outcome) for outcome in Outcome)
        assert all(said.line >= 1 for said in found.diagnostics)
        assert all(q.diagnostics for q in found.questions if q.outcome is not Outcome.RECOVERED)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_other_encodings_and_line_ends_change_nothing(encoding: str) -> None:
    text = (FILES / "canvas.xml").read_text().replace("a B-tree", "a »B-tree«")
    whole = read(text)

    assert read(text.encode(encoding)).documents == whole.documents
    assert read(text.replace("\n", "\r\n").encode(encoding)).documents == whole.documents
    assert read(text.replace("\n", "\r")).documents == whole.documents


def test_an_encoding_that_the_file_names_is_believed() -> None:
    text = item(options("да", "нет"), rule(equal("a")))
    head = '<?xml version="1.0" encoding="windows-1251"?>'

    assert read((head + text).encode("cp1251")).documents == read(text).documents
