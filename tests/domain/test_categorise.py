"""Sorting into bins: credit that guessing does not earn, and which questions are refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quizapp.domain.choices import text_id
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade, Verdict
from quizapp.domain.question_types.categorise import Categorise

BINS = ("Retry", "Change", "Stop")
RIGHT = {"503": "Retry", "reset": "Retry", "422": "Change", "403": "Stop"}


def body(**fields: Any) -> Categorise:
    items = [{"text": text, "bin": name, "feedback": "Because."} for text, name in RIGHT.items()]
    return Categorise.model_validate({"bins": [{"name": name} for name in BINS], "items": items, **fields})


def sent(placed: dict[str, str]) -> dict[str, list[str]]:
    return {f"item-{text_id(text)}": [text_id(name)] for text, name in placed.items()}


def graded(placed: dict[str, str], **fields: Any) -> Grade:
    asked = body(**fields)
    return asked.grade(asked.read(sent(placed)))


def test_every_item_in_its_bin_is_right() -> None:
    assert graded(RIGHT).verdict is Verdict.RIGHT


def test_a_blank_item_earns_nothing_and_costs_nothing() -> None:
    assert graded({"503": "Retry", "422": "Change"}).credit == Decimal("0.5")


def test_a_wrong_bin_costs_what_guessing_would_earn() -> None:
    """Of three bins a guess wins one in three: each wrong item takes half an item away."""
    assert graded({**RIGHT, "403": "Change"}).credit == Decimal("0.625")
    assert graded({"503": "Retry", "422": "Stop"}).credit == Decimal("0.125")
    assert graded({"503": "Retry", "422": "Stop", "403": "Change"}).credit == 0


def test_whoever_guesses_every_item_earns_nothing_on_average() -> None:
    """Of two bins, over all ways to fill them: what is won and what is lost balance."""
    items = [{"text": "a", "bin": "X"}, {"text": "b", "bin": "Y"}]
    asked = body(bins=[{"name": "X"}, {"name": "Y"}], items=items)
    ways = [{"a": a, "b": b} for a in "XY" for b in "XY"]

    earned = sorted(asked.grade(asked.read(sent(way))).credit for way in ways)

    assert earned == [0, 0, 0, 1]


def test_putting_everything_into_the_same_bin_earns_little_or_nothing() -> None:
    assert graded(dict.fromkeys(RIGHT, "Change")).credit == 0
    assert graded(dict.fromkeys(RIGHT, "Retry")).credit == Decimal("0.25")


def test_a_further_bin_counts_as_much_and_a_wrong_one_then_costs_more() -> None:
    items = [{"text": "401", "bin": "Change", "also": ["Stop"]}, {"text": "503", "bin": "Retry"}]

    assert graded({"401": "Stop", "503": "Retry"}, items=items).verdict is Verdict.RIGHT
    assert graded({"401": "Retry", "503": "Retry"}, items=items).credit == 0


@pytest.mark.parametrize(
    "values",
    [
        ["unknown"],
        [text_id("Retry"), text_id("Retry")],
        [text_id("Retry"), text_id("Stop")],
        ["503"],
        ["x" * 9999],
    ],
)
def test_bins_that_are_not_there_and_items_in_two_bins_are_refused(values: list[str]) -> None:
    with pytest.raises(UnreadableAnswer):
        body().read({f"item-{text_id('503')}": values})


@pytest.mark.parametrize("values", [[], [""], ["", ""], [" "]])
def test_choosing_no_bin_at_all_is_refused_not_wrong(values: list[str]) -> None:
    with pytest.raises(UnreadableAnswer, match="at least one item"):
        body().read({f"item-{text_id('503')}": values})


def test_fields_of_other_questions_are_not_read() -> None:
    asked = body()

    answer = asked.read(sent(RIGHT) | {"item-0000000000": ["x"], "choice": ["y"] * 40})

    assert set(answer) == set(map(text_id, RIGHT))


KNOWN = [*(f"item-{text_id(text)}" for text in RIGHT), "item-", "item-x"]


@given(
    st.dictionaries(
        st.sampled_from(KNOWN),
        st.lists(st.text(max_size=5) | st.sampled_from([text_id(name) for name in BINS]), max_size=3),
    )
)
def test_whatever_is_sent_is_refused_or_graded(submission: dict[str, list[str]]) -> None:
    asked = body()
    try:
        answer = asked.read(submission)
    except UnreadableAnswer:
        return
    assert 0 <= asked.grade(answer).credit <= 1
    assert (asked.grade(answer).verdict is Verdict.RIGHT) == (
        asked.bucket(answer) == asked.bucket(right_of(asked))
    )


def right_of(asked: Categorise) -> dict[str, str]:
    return asked.read(asked.examples().right)


def test_items_are_shuffled_and_bins_stay_as_written() -> None:
    asked = body()

    faces = [asked.face(seed) for seed in range(8)]

    assert len({tuple(item["id"] for item in face["items"]) for face in faces}) > 1
    assert {tuple(each["name"] for each in face["bins"]) for face in faces} == {BINS}
    assert [item["text"] for item in asked.face(None)["items"]] == list(RIGHT)


def test_a_heap_names_every_item_with_its_bin() -> None:
    asked = body()

    assert asked.bucket(asked.read(sent({"503": "Stop"}))) == "503 = Stop; reset = –; 422 = –; 403 = –"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"bins": [{"name": "Retry"}]}, "at least 2"),
        ({"bins": [{"name": name} for name in "abcdefg"]}, "at most 6"),
        ({"bins": [{"name": "Retry"}, {"name": " retry "}]}, "two bins say the same"),
        ({"items": [{"text": "a", "bin": "Retry"}, {"text": "A", "bin": "Stop"}]}, "two items say the same"),
        ({"items": [{"text": "a", "bin": "Retry"}, {"text": "b", "bin": "Bin"}]}, "does not exist: 'Bin'"),
        (
            {"items": [{"text": "a", "bin": "Retry"}, {"text": "b", "bin": "Stop", "also": ["Bin"]}]},
            "does not exist",
        ),
        (
            {"items": [{"text": "a", "bin": "Retry"}, {"text": "b", "bin": "Stop", "also": ["Stop"]}]},
            "say the same",
        ),
        (
            {
                "items": [
                    {"text": "a", "bin": "Retry"},
                    {"text": "b", "bin": "Stop", "also": ["Retry", "Change"]},
                ]
            },
            "every",
        ),
        ({"items": [{"text": "a", "bin": "Retry"}, {"text": "b", "bin": "Retry"}]}, "right for all items"),
        (
            {"items": [{"text": "a", "bin": "Retry"}, {"text": "b", "bin": "Stop", "also": ["Retry"]}]},
            "for all items",
        ),
        ({"items": [{"text": "a", "bin": "Retry"}]}, "at least 2"),
        ({"items": [{"text": 503, "bin": "Retry"}]}, "valid string"),
        ({"order": "fixed"}, "not permitted"),
    ],
)
def test_questions_that_make_no_sense_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        body(**fields)


def test_a_bin_may_stay_empty() -> None:
    asked = body(bins=[{"name": name} for name in (*BINS, "Nobody goes here")])

    assert asked.grade(right_of(asked)).verdict is Verdict.RIGHT


def test_authors_are_told_what_is_not_explained() -> None:
    items = [
        {"text": "a", "bin": "Retry"},
        {"text": "b", "bin": "Stop", "feedback": "So.", "misconception": "No."},
    ]

    remarks = body(items=items).lint()

    assert [(remark.code, remark.path) for remark in remarks] == [("B23", ("items", 0))] * 2
