"""GIFT as it is written: what is read again is the same, and what cannot be said is told."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from gift_sets import imported, only
from quizapp.domain.documents import read_question
from quizapp.domain.imports import judge
from quizapp.domain.problems import Place
from quizapp.domain.texts import Markup, default_markup
from quizapp.formats import Picture
from quizapp.formats.gift import Gift
from quizapp.formats.reading.moodle_choices import is_neutral

FILE = Path(__file__).parent / "files" / "gift" / "backend.gift"
SPICE = ":#={}~\\[]%/ \n\t*_`'\"()!?.,;$éß→0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyzTF"
NUMBERS = st.integers(-10_000, 10_000)
CREDITS = st.sampled_from(["0.1", "0.25", "0.3333333", "0.5", "0.9"])
MARKUPS = st.sampled_from(["markdown", "html", "plain", "moodle"])

words = st.text(LETTERS, min_size=1, max_size=8)
lines = st.builds(lambda a, b: " ".join(f"{a}{b}".split()), words, st.text(SPICE + LETTERS, max_size=20))
texts = st.one_of(
    st.builds(lambda a, b: f"{a}{b}".strip(), words, st.text(SPICE + LETTERS, max_size=30)),
    st.builds(
        str.__add__,
        st.sampled_from(["[html]", "[plain] ", "%50%", "// ", "=", "~", "#", "::", "{", "$CATEGORY:"]),
        words,
    ),
)


def written(*documents: dict[str, Any], **pictures: Picture) -> tuple[str, list[str]]:
    """A file of documents, and what it says it lacks."""
    result = Gift.write("Set", documents, pictures)
    return result.data.decode(), [f"{limit.question}: {limit.message}" for limit in result.limits]


def plainly(value: Any, markup: Markup) -> Any:
    """A document in which plain texts do not say so where that makes no difference."""
    if isinstance(value, list):
        return [plainly(each, markup) for each in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["plain"] and is_neutral(value["plain"], markup):
        return value["plain"]
    return {name: plainly(each, markup) for name, each in value.items()}


def distinct(draw: Any, strategy: Any, least: int, most: int) -> list[str]:
    keys = st.lists(
        strategy, min_size=least, max_size=most, unique_by=lambda t: " ".join(t.split()).casefold()
    )
    return list(draw(keys))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    markup = draw(MARKUPS)

    def text() -> Any:
        own = draw(MARKUPS)
        return draw(texts) if own == markup or draw(st.booleans()) else {own: draw(texts)}

    def with_feedback(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "feedback": text()} if draw(st.booleans()) else fields

    kind = draw(st.sampled_from(sorted(BODIES)))
    identity = draw(st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True))
    document = {
        "id": identity,
        "type": kind,
        "topic": "unsorted",
        "name": draw(lines),
        "category": draw(st.sampled_from(["", "A/B", "$course$/top/C//D", "Ü # {x}"])),
        "markup": markup,
        "stem": draw(texts),
        "tags": draw(
            st.lists(st.from_regex(r"[a-z# :]{0,5}[a-z\]]", fullmatch=True).map(str.strip), max_size=2)
        ),
        "origin": {"format": "gift", "id": identity},
    }
    if kind != "information" and draw(st.booleans()):
        document["explanation"] = text()
    document |= BODIES[kind](draw, text, with_feedback)
    question, problems = read_question(document, Place("", {}))
    assert question is not None, problems
    return question.document()


def single_choice(draw: Any, text: Any, fed: Any) -> dict[str, Any]:
    options = [fed({"text": each}) for each in distinct(draw, texts, 2, 5)]
    for option in options[1:]:
        if draw(st.booleans()):
            option["credit"] = draw(CREDITS)
    return {"options": [{**options[0], "key": True}, *options[1:]]}


def multiple_choice(draw: Any, text: Any, fed: Any) -> dict[str, Any]:
    right, *others = [fed({"text": each}) for each in distinct(draw, texts, 2, 5)]
    for option in others:
        if draw(st.booleans()):
            option["credit"] = f"-{draw(CREDITS)}"
    return {"marking": "weighted", "options": [*others, {**right, "key": True, "credit": "1"}]}


def true_false(draw: Any, text: Any, fed: Any) -> dict[str, Any]:
    sides = [side for side in ("true", "false") if draw(st.booleans())]
    return {"answer": draw(st.booleans()), **{f"feedback_{side}": text() for side in sides}}


def short_text(draw: Any, text: Any, fed: Any) -> dict[str, Any]:
    plain = lines.filter(lambda each: "*" not in each and "->" not in each)
    first, *others = distinct(draw, plain, 1, 5)
    fields: dict[str, Any] = {"answers": [fed({"text": first})]}
    for number, other in enumerate(others):
        if number % 2:
            fields.setdefault("mistakes", []).append(fed({"text": other}))
        else:
            fields["answers"].append(fed({"text": other, "credit": draw(CREDITS)}))
    return fields


def number(draw: Any, text: Any, fed: Any) -> dict[str, Any]:
    first, *others = draw(st.lists(NUMBERS, min_size=1, max_size=4, unique=True))
    fields: dict[str, Any] = {"answer": str(first)}
    if draw(st.booleans()):
        fields["tolerance"] = {"absolute": "0.25"}
    for place, other in enumerate(others):
        if place % 2:
            mistake = {"value": str(other), "tolerance": {"absolute": "0.5"}}
            fields.setdefault("mistakes", []).append(fed(mistake))
        else:
            fields.setdefault("accepted", []).append(fed({"value": str(other), "credit": draw(CREDITS)}))
    return {**fields, "otherwise": text()} if draw(st.booleans()) else fields


def matching(draw: Any, text: Any, fed: Any) -> dict[str, Any]:
    sides = lines.filter(lambda each: "->" not in each)
    prompts, matches = distinct(draw, sides, 2, 4), distinct(draw, sides, 5, 6)
    pairs = zip(prompts, matches, strict=False)
    return {
        "pairs": [{"prompt": prompt, "match": {"plain": match}} for prompt, match in pairs],
        "distractors": [{"text": {"plain": each}} for each in matches[len(prompts) :]],
    }


def open_response(draw: Any, text: Any, fed: Any) -> dict[str, Any]:
    essay = only("Q{}")
    return {"prompts": essay["prompts"], "rubric": essay["rubric"]}


BODIES: dict[str, Any] = {
    "single_choice": single_choice,
    "multiple_choice": multiple_choice,
    "true_false": true_false,
    "short_text": short_text,
    "number": number,
    "matching": matching,
    "open_response": open_response,
    "information": lambda draw, text, fed: {},
}


@given(st.lists(documents(), max_size=4, unique_by=lambda each: each["id"]))
def test_what_is_written_is_read_again(several: list[dict[str, Any]]) -> None:
    several.sort(key=lambda each: bool(each.get("category")))
    text, limits = written(*several)

    again = imported(text).documents

    assert [plainly(each, default_markup(each)) for each in again] == [
        plainly(each, default_markup(each)) for each in several
    ]
    assert [limit for limit in limits if "arrow" not in limit] == []


def test_a_stem_in_a_markup_of_its_own_leaves_the_other_texts_in_theirs() -> None:
    document = {"id": "one", "type": "true_false", "topic": "unsorted", "stem": {"html": "<p>Q</p>"}}

    text, _ = written({**document, "answer": True, "feedback_true": "*yes*"})

    question = only(text)
    assert (question["markup"], question["stem"]) == ("html", "<p>Q</p>")
    assert question["feedback_true"] == {"markdown": "*yes*"}


def test_a_file_survives_being_written_and_read() -> None:
    before = imported(FILE.read_bytes()).documents

    text, limits = written(*before)

    assert imported(text).documents == before
    assert limits == []


def test_what_could_not_be_read_is_written_to_the_letter() -> None:
    source = "// [id:q-1]\n::a::Q{=a\n  ~b"
    before = imported(f"$CATEGORY: X\n\n{source}\n\n::b::R{{T}}\n").documents

    text, _ = written(*before)

    assert source in text
    assert imported(text).documents == before


def test_every_sample_is_written_or_said_to_be_left_out() -> None:
    samples = [make.sample(path.stem) for path in sorted(make.SAMPLES.glob("*.yaml"))]

    result = Gift.write("Samples", samples, {})

    read = judge(Gift.read(result.data, "samples.gift", {}), "samples.gift")
    left_out = {limit.question for limit in result.limits if limit.is_left_out}
    assert {each["id"] for each in read.documents} | left_out == {each["id"] for each in samples}
    assert len(read.documents) == 8


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hints": ["Think."]}, "GIFT has no place for: hints"),
        ({"points": 3}, "GIFT has no place for: points"),
        ({"topic": "databases"}, "GIFT has no place for: topic"),
        ({"tags": ["a[b"]}, "its tag 'a[b' cannot be written"),
        ({"tags": ["a<b"]}, "Moodle does not read its tag 'a<b'"),
        ({"type": "information", "explanation": "Why."}, "its explanation is not carried"),
        ({"type": "short_text", "answers": [{"text": "p->x"}]}, "is left out: GIFT would take the arrow"),
        (
            {"type": "short_text", "answers": [{"text": "px", "feedback": "p->x"}]},
            "an arrow -> has a meaning there",
        ),
        (
            {"type": "short_text", "answers": [{"text": "px"}], "case_sensitive": True},
            "small and capital letters",
        ),
        ({"type": "number", "answer": 5, "unit": "ms"}, "GIFT has no units"),
        ({"type": "number", "answer": 5, "tolerance": {"relative": 0.1}}, "its relative tolerance"),
        (
            {"type": "number", "answer": 123, "tolerance": {"significant_figures": 2}},
            "by significant figures",
        ),
        ({"type": "opaque", "kind": "x", "source": "<x/>", "origin": {"format": "qti2"}}, "is left out"),
        ({"type": "ordering", "items": ["a", "b", "c"]}, "is left out: GIFT knows no questions of the type"),
    ],
)
def test_what_gift_cannot_say_is_told(fields: dict[str, Any], message: str) -> None:
    document: dict[str, Any] = {
        "id": "one",
        "type": "true_false",
        "topic": "unsorted",
        "stem": "Q",
        "name": "Q",
    }
    document |= {"answer": True} if "type" not in fields else {}

    _, limits = written(document | fields)

    assert any(message in limit for limit in limits), limits


def test_tolerances_of_other_kinds_are_computed() -> None:
    base = {"id": "one", "type": "number", "topic": "unsorted", "stem": "Q", "name": "Q"}

    relative, _ = written({**base, "answer": "-50", "tolerance": {"relative": "0.1"}})
    figures, _ = written({**base, "answer": "123", "tolerance": {"significant_figures": 2}})

    assert only(relative)["tolerance"] == {"absolute": "5"}
    assert only(figures)["tolerance"] == {"absolute": "2"}


@pytest.mark.parametrize(
    ("marking", "earned"),
    [
        ("right_minus_wrong", ["0.5", "0.5", "-0.5", "-0.5"]),
        ("all_or_nothing", ["0.5", "0.5", "-1", "-1"]),
        ("per_option", ["0.5", "0.5", "-1", "-1"]),
    ],
)
def test_markings_that_gift_lacks_become_weights(marking: str, earned: list[str]) -> None:
    options = [{"text": "a", "key": True}, {"text": "b", "key": True}, {"text": "c"}, {"text": "d"}]
    document = {"id": "one", "type": "multiple_choice", "topic": "unsorted", "stem": "Q", "options": options}

    text, limits = written({**document, "marking": marking})

    assert [option["credit"] for option in only(text)["options"]] == earned
    assert any("weights" in limit for limit in limits)


def test_variants_are_written_as_one_draw() -> None:
    document = {
        "id": "one",
        "type": "number",
        "topic": "unsorted",
        "name": "Q",
        "stem": "What is {{ n }} + 1?",
        "variants": {"parameters": {"n": {"from": 2, "to": 9}}, "computed": {"sum": "n + 1"}},
        "answer": "{{ sum }}",
    }

    text, limits = written(document)

    question = only(text)
    assert question["stem"] == f"What is {int(question['answer']) - 1} + 1?"
    assert any("one draw" in limit for limit in limits)


def test_pictures_are_written_into_the_text() -> None:
    data = b"\x89PNG\r\n\x1a\nrest"
    name = "0" * 64
    document = {
        "id": "one",
        "type": "true_false",
        "topic": "unsorted",
        "name": "Q",
        "stem": f"![a](asset:{name}) b",
        "answer": True,
    }

    text, limits = written(document, **{name: Picture("image/png", data)})

    result = imported(text)
    assert list(result.images.values()) == [data]
    assert result.documents[0]["stem"] == f"![a](asset:{next(iter(result.images))}) b"
    assert limits == []


def test_questions_without_a_category_stand_before_those_with_one() -> None:
    base = {"type": "true_false", "topic": "unsorted", "answer": True, "stem": "Q"}

    text, _ = written(
        {**base, "id": "one", "name": "one", "category": "A"}, {**base, "id": "two", "name": "two"}
    )

    assert [(each["id"], each.get("category", "")) for each in imported(text).documents] == [
        ("two", ""),
        ("one", "A"),
    ]
