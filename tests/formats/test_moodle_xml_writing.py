"""Moodle XML, written: what comes back is what was there, and what cannot be said is told."""

import hashlib
from base64 import b64decode
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import make
from quizapp.domain.imports import Import, Outcome, judge
from quizapp.domain.question_types import question_types
from quizapp.formats import Picture, Written
from quizapp.formats.moodle_xml import MoodleXml

FILES = Path(__file__).parent / "files" / "moodle_xml"
DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NO_TYPE = ("categorise", "http_kata", "line_select", "matrix", "sql_query")


def read(data: bytes) -> Import:
    return judge(MoodleXml.read(data, "set.xml", {}), "set.xml")


def write(*documents: dict[str, Any], pictures: dict[str, Picture] | None = None) -> Written:
    written = MoodleXml.write("A set", documents, pictures or {})
    assert etree.fromstring(written.data).tag == "quiz"
    return written


def again(document: dict[str, Any]) -> dict[str, Any]:
    (found,) = read(write(document).data).documents
    return found


def messages(written: Written) -> str:
    return " ".join(each.message for each in written.limits)


def of_type(name: str, /, **fields: Any) -> dict[str, Any]:
    base = {"id": "made-1", "type": name, "topic": "unsorted", "name": "A name", "stem": "Which?"}
    return base | fields


@pytest.mark.parametrize("name", ["backend.xml", "old.xml"])
def test_an_imported_file_comes_back_as_it_was(name: str) -> None:
    before = read((FILES / name).read_bytes())
    pictures = {key: Picture("image/png", data) for key, data in before.images.items()}

    written = MoodleXml.write("t", before.documents, pictures)
    after = read(written.data)

    limits = {each.question for each in written.limits}
    same = [each for each in before.documents if each["id"] not in limits]
    assert len(same) >= len(before.documents) - 2
    assert [each for each in after.documents if each["id"] not in limits] == same
    assert after.images == before.images


def test_an_opaque_question_is_given_back_byte_for_byte() -> None:
    source = "<question type=\"stack\"  x='1'>\r\n<name><text>S</text></name><!-- é --></question>"
    (document,) = read(f"<quiz>{source}</quiz>".encode()).documents

    written = write(document)

    assert source.encode() in written.data
    assert written.limits == ()
    assert read(written.data).documents == [document]


def test_a_damaged_source_never_spoils_the_file() -> None:
    (document,) = read(b'<quiz><question type="stack"><name><text>a</name></question></quiz>').documents
    written = write(document, of_type("true_false", answer=True))

    assert [each.is_left_out for each in written.limits] == [True]
    assert len(read(written.data).questions) == 1


def test_entities_that_moodle_refuses_are_written_as_characters() -> None:
    (document,) = read(b'<quiz><question type="stack"><x>a&nbsp;b</x></question></quiz>').documents
    written = write(document)

    assert "a\N{NO-BREAK SPACE}b".encode() in written.data
    assert "entities" in messages(written)


def test_an_opaque_question_of_another_format_is_left_out_and_told() -> None:
    document = of_type("opaque", kind="x", source="?", origin={"format": "gift"})
    written = write(document)

    assert (written.limits[0].question, written.limits[0].is_left_out) == ("made-1", True)
    assert read(written.data).questions == ()


@pytest.mark.parametrize("kind", sorted(question_types.keys() - {"opaque", "information"}))
def test_every_type_is_written_or_told(kind: str) -> None:
    document = make.sample(kind)
    written = write(document)

    if kind in NO_TYPE:
        assert [each.is_left_out for each in written.limits] == [True]
        return
    assert "topic" in messages(written)
    (question,) = read(written.data).questions
    assert question.outcome is Outcome.RECOVERED
    assert question.document is not None
    assert question.document["type"] == kind
    assert question.document["id"] == document["id"]


def test_variants_are_written_as_one_draw() -> None:
    document = of_type(
        "number",
        stem="Twice {{n}}?",
        answer="= 2 * n",
        variants={"parameters": {"n": {"from": 1, "to": 99}}},
    )
    written = write(document)

    assert "written as one draw" in messages(written)
    found = read(written.data).documents[0]
    assert Decimal(found["answer"]) == 2 * int(found["stem"].removeprefix("Twice ").removesuffix("?"))


LIMITS = {
    "topic": of_type("true_false", answer=True, topic="databases"),
    "level": of_type("true_false", answer=True, level="senior"),
    "misconceptions": of_type(
        "single_choice", options=[{"text": "a", "key": True}, {"text": "b", "misconception": "c"}]
    ),
    "12.34 %": of_type(
        "single_choice", options=[{"text": "a", "key": True}, {"text": "b", "credit": "0.1234"}]
    ),
    "multichoiceset": of_type(
        "multiple_choice", marking="all_or_nothing", options=[{"text": "a", "key": True}, {"text": "b"}]
    ),
    "every option by itself": of_type(
        "multiple_choice", marking="per_option", options=[{"text": "a", "key": True}, {"text": "b"}]
    ),
    "relative tolerance": of_type("number", answer=200, tolerance={"relative": "0.01"}),
    "significant figures": of_type("number", answer=123, tolerance={"significant_figures": 2}),
    "suffixes": of_type("number", answer=1500, suffixes=True),
    "feedback of its pairs": of_type(
        "matching",
        pairs=[{"prompt": "a", "match": "x", "feedback": "f"}, {"prompt": "b", "match": "y"}],
        distractors=[{"text": "z", "feedback": "f"}],
    ),
    "without markup": of_type(
        "matching", pairs=[{"prompt": "a", "match": "`x`"}, {"prompt": "b", "match": "y"}]
    ),
    "rubric": of_type(
        "open_response",
        prompts=[{"id": "a", "title": "A"}, {"id": "b", "title": "B"}],
        rubric=[{"id": "r", "title": "R", "levels": ["no", "yes"]}],
        model_answer="Like this.",
        follow_ups=["And then?"],
    ),
    "not there any more": of_type("information", stem=f"![x](asset:{'0' * 64})"),
    "XML cannot hold": of_type("information", stem="a\x0bb"),
    "all or nothing": of_type(
        "composite",
        text="[[a]]",
        marking="all_or_nothing",
        points=5,
        parts=[{"id": "a", "type": "short_text", "answers": [{"text": "x"}], "explanation": "e"}],
    ),
    "become gaps below": of_type(
        "composite",
        parts=[
            {"id": "a", "type": "true_false", "prompt": "A?", "answer": True},
            {"id": "b", "type": "number", "prompt": "B?", "answer": 1, "unit": "s", "suffixes": True},
        ],
    ),
    "one markup": of_type(
        "composite",
        stem={"html": "<p>s</p>"},
        text="[[a]]",
        parts=[{"id": "a", "type": "short_text", "answers": [{"text": "x"}]}],
    ),
    "cannot be a gap": of_type(
        "composite",
        parts=[
            {"id": "a", "type": "true_false", "prompt": "A?", "answer": True},
            {"id": "b", "type": "ordering", "prompt": "B?", "items": [{"text": each} for each in "abc"]},
        ],
    ),
}


@pytest.mark.parametrize("words", LIMITS)
def test_what_moodle_cannot_say_is_told(words: str) -> None:
    written = write(LIMITS[words])

    assert words in messages(written)
    assert {each.question for each in written.limits} == {"made-1"}
    assert read(written.data).count(Outcome.RECOVERED) == (0 if words == "cannot be a gap" else 1)


def test_right_minus_wrong_is_the_same_in_marks() -> None:
    options = [{"text": "a", "key": True}, {"text": "b", "key": True}, {"text": "c"}]
    found = again(of_type("multiple_choice", options=options))

    assert [each.get("credit") for each in found["options"]] == ["0.5", "0.5", "-0.5"]


def test_categories_follow_each_other_and_none_stands_first() -> None:
    one = of_type("true_false", answer=True, category="$course$/top/A & B/C")
    two = of_type("true_false", id="made-2", answer=True)
    three = of_type("true_false", id="made-3", answer=True, category="D//E")

    found = read(write(one, two, three).data).documents

    assert [(each["id"], each.get("category", "")) for each in found] == [
        ("made-2", ""),
        ("made-1", "$course$/top/A & B/C"),
        ("made-3", "D//E"),
    ]


def test_pictures_are_embedded_once_a_text_and_come_back() -> None:
    name = hashlib.sha256(DOT).hexdigest()
    image = f'<img src="asset:{name}" alt="">'
    document = of_type(
        "single_choice",
        markup="html",
        stem=f"{image}{image}",
        options=[{"text": image, "key": True}, {"text": "b", "feedback": image}],
    )
    written = write(document, pictures={name: Picture("image/png", DOT)})
    found = read(written.data)

    assert written.data.count(b"<file ") == 3
    assert found.images == {name: DOT}
    assert found.documents[0]["stem"] == f"{image}{image}"


WORDS = st.text(alphabet="abcXYZ019 éß中<>&\"'{}[]()#~=%*_`\\/|$-+.,:;!?\n", min_size=1, max_size=30)
TEXT = WORDS.map(lambda text: " ".join(f"w{text}w".split("\r")))
MARKUP = st.sampled_from(["markdown", "html", "plain", "moodle"])
CREDIT = st.sampled_from(["0.5", "0.3333333", "0.25", "-0.5", "0.1"])
SHARE = st.sampled_from(["0.5", "0.25", "0.8"])


def distinct(elements: Any, **sizes: Any) -> Any:
    return st.lists(elements, unique_by=lambda text: " ".join(text.split()).casefold(), **sizes)


@st.composite
def shared(draw: Any) -> dict[str, Any]:
    return {
        "id": f"made-{draw(st.integers(1, 999))}",
        "topic": "unsorted",
        "name": " ".join(draw(TEXT).split()),
        "markup": draw(MARKUP),
        "stem": draw(TEXT),
        "explanation": draw(st.just("") | TEXT),
        "hints": draw(st.lists(TEXT, max_size=2)),
        "tags": draw(distinct(TEXT.map(lambda text: " ".join(text.split())), max_size=2)),
        "points": draw(st.integers(1, 100)),
        "category": draw(st.sampled_from(["", "$course$/top/A", "A//B/C & D"])),
    }


@st.composite
def choices(draw: Any) -> dict[str, Any]:
    options = [
        {"text": text, "feedback": draw(st.just("") | TEXT)}
        for text in draw(distinct(TEXT, min_size=2, max_size=5))
    ]
    options[0]["key"] = True
    if draw(st.booleans()):
        for option in options[1:]:
            option["credit"] = draw(CREDIT)
        return {"type": "single_choice", "options": options}
    for option in options:
        option["credit"] = draw(CREDIT)
        option["key"] = not option["credit"].startswith("-")
    options[0] |= {"key": True, "credit": "1"}
    return {"type": "multiple_choice", "marking": "weighted", "options": options}


@st.composite
def typed(draw: Any) -> dict[str, Any]:
    plain = TEXT.map(lambda text: " ".join(text.replace("*", "").split()))
    texts = draw(distinct(plain, min_size=2, max_size=4))
    answers = [{"text": text, "feedback": draw(st.just("") | TEXT)} for text in texts]
    for each in answers[1:-1]:
        each["credit"] = draw(SHARE)
    return {
        "type": "short_text",
        "answers": answers[:-1],
        "mistakes": answers[-1:],
        "case_sensitive": draw(st.booleans()),
    }


@st.composite
def numbers(draw: Any) -> dict[str, Any]:
    values = draw(st.lists(st.integers(-999, 999), min_size=3, max_size=3, unique=True))
    room = draw(st.sampled_from([{}, {"absolute": "0.25"}]))
    return {
        "type": "number",
        "answer": values[0],
        "tolerance": room,
        "feedback": draw(st.just("") | TEXT),
        "accepted": [{"value": values[1], "credit": draw(SHARE), "tolerance": {"absolute": "0.125"}}],
        "mistakes": [{"value": values[2], "feedback": draw(st.just("") | TEXT)}],
        "otherwise": draw(st.just("") | TEXT),
        **draw(st.sampled_from([{}, {"unit": "s", "units": {"ms": "0.001", "min": "60"}}])),
    }


@st.composite
def others(draw: Any) -> dict[str, Any]:
    texts = draw(distinct(TEXT, min_size=6, max_size=6))
    words = [f"word{number}" for number in range(4)]
    return draw(
        st.sampled_from(
            [
                {"type": "information"},
                {"type": "true_false", "answer": draw(st.booleans()), "feedback_false": texts[0]},
                {"type": "ordering", "items": [{"text": text, "feedback": text} for text in texts[:4]]},
                {
                    "type": "matching",
                    "pairs": [{"prompt": a, "match": b} for a, b in zip(texts[:3], words[:3], strict=True)],
                    "distractors": [{"text": words[3]}],
                },
            ]
        )
    )


def plainly(document: dict[str, Any]) -> dict[str, Any]:
    """Without what is only about where it comes from."""
    return {name: value for name, value in document.items() if name != "origin"}


@settings(max_examples=150, deadline=None)
@given(shared(), choices() | typed() | numbers() | others())
def test_whatever_the_format_can_say_comes_back_the_same(head: dict[str, Any], body: dict[str, Any]) -> None:
    document = make.value(**head, **body, subtopic=None).document()
    if body["type"] == "information":
        document["points"] = 1
    document = {name: value for name, value in document.items() if name != "points" or value != 1}

    (question,) = read(write(document).data).questions

    assert question.outcome is Outcome.RECOVERED, question.diagnostics
    assert plainly(question.document or {}) == document


@st.composite
def gapped(draw: Any) -> dict[str, Any]:
    parts = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        body = draw(typed() | numbers() | choices().filter(lambda each: each["type"] == "single_choice"))
        body = {name: value for name, value in body.items() if name not in ("unit", "units")}
        parts.append({"id": f"g{number}", "weight": draw(st.integers(1, 9)), **body})
    between = [draw(TEXT).replace("{", "(").replace("[", "(") for _ in parts]
    text = "".join(f"{text} [[{part['id']}]] " for text, part in zip(between, parts, strict=True))
    return {
        "type": "composite",
        "stem": {"plain": "Fill in the gaps."},
        "text": text,
        "parts": parts,
        "points": min(100, sum(part["weight"] for part in parts)),
    }


def without_entities(value: Any) -> Any:
    """In HTML an ampersand is written as one; the gaps of a cloze are HTML to Moodle."""
    if isinstance(value, dict):
        return {name: without_entities(each) for name, each in value.items()}
    if isinstance(value, list):
        return [without_entities(each) for each in value]
    return value.replace("&", "and") if isinstance(value, str) else value


@settings(max_examples=150, deadline=None)
@given(shared(), gapped())
def test_a_text_with_gaps_comes_back_the_same(head: dict[str, Any], body: dict[str, Any]) -> None:
    document = make.value(**{**head, **without_entities(body)}, subtopic=None).document()

    (question,) = read(write(document).data).questions

    assert question.outcome is Outcome.RECOVERED, question.diagnostics
    assert plainly(question.document or {}) == document
