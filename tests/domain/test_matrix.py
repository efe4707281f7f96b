"""Rows by columns: when a row counts, what guessing earns, and which questions are refused."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quizapp.domain.choices import text_id
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade, Verdict
from quizapp.domain.question_types.matrix import Matrix

COLUMNS = ("True", "False", "Depends")
RIGHT = {"a": ["True"], "b": ["False"], "c": ["False"], "d": ["Depends"]}
SEVERAL = {"GET": ["True", "False"], "PUT": ["False"]}


def body(right: dict[str, list[str]] = RIGHT, **fields: Any) -> Matrix:
    rows = [{"text": text, "key": key, "feedback": "Because."} for text, key in right.items()]
    return Matrix.model_validate({"columns": COLUMNS, "rows": rows, **fields})


def sent(chosen: dict[str, list[str]]) -> dict[str, list[str]]:
    return {f"row-{text_id(text)}": [text_id(each) for each in columns] for text, columns in chosen.items()}


def graded(asked: Matrix, chosen: dict[str, list[str]]) -> Grade:
    return asked.grade(asked.read(sent(chosen)))


def test_every_row_decided_rightly_is_right() -> None:
    assert graded(body(), RIGHT).verdict is Verdict.RIGHT


def test_a_wrong_row_costs_what_guessing_would_earn_and_a_blank_one_nothing() -> None:
    assert graded(body(), {"a": ["True"], "b": ["False"]}).credit == Decimal("0.5")
    assert graded(body(), {"a": ["True"], "b": ["True"]}).credit == Decimal("0.125")
    assert graded(body(), {"a": ["False"], "b": ["True"]}).credit == 0


def test_whoever_guesses_has_nothing_on_average_before_it_is_floored() -> None:
    """Over all ways to fill one row of three columns, one win of 1 and two losses of a half."""
    asked = body({"a": ["True"], "b": ["False"]})

    earned = sorted(graded(asked, {"a": [a], "b": [b]}).credit for a, b in product(COLUMNS, COLUMNS))

    assert earned == [0, 0, 0, 0, *[Decimal("0.25")] * 4, 1]


def test_with_several_columns_a_row_counts_only_when_exactly_its_key_is_chosen() -> None:
    asked = body(SEVERAL, multiple=True)

    assert graded(asked, SEVERAL).verdict is Verdict.RIGHT
    assert graded(asked, {"GET": ["False", "True"]}).credit == Decimal("0.5")
    assert graded(asked, {"GET": ["True"]}).credit == 0
    assert graded(asked, {text: list(COLUMNS) for text in SEVERAL}).credit == 0


def test_a_wrong_row_of_several_columns_costs_little_because_it_is_hard_to_guess() -> None:
    assert graded(body(SEVERAL, multiple=True), {**SEVERAL, "PUT": ["True"]}).credit == Decimal("0.416667")


def test_all_or_nothing_wants_every_row() -> None:
    asked = body(marking="all_or_nothing")

    assert graded(asked, RIGHT).verdict is Verdict.RIGHT
    assert graded(asked, {**RIGHT, "d": ["True"]}).credit == 0
    assert graded(asked, {text: key for text, key in RIGHT.items() if text != "d"}).credit == 0


@pytest.mark.parametrize(
    "values",
    [["unknown"], [text_id("True"), text_id("False")], [text_id("True")] * 2, ["a"], ["x" * 9999], ["True"]],
)
def test_columns_that_are_not_there_or_too_many_are_refused(values: list[str]) -> None:
    with pytest.raises(UnreadableAnswer):
        body().read({f"row-{text_id('a')}": values})


def test_the_same_box_twice_is_refused() -> None:
    with pytest.raises(UnreadableAnswer):
        body(SEVERAL, multiple=True).read({f"row-{text_id('GET')}": [text_id("True")] * 2})


@pytest.mark.parametrize("values", [[], [""], [" ", ""]])
def test_deciding_no_row_is_refused_not_wrong(values: list[str]) -> None:
    with pytest.raises(UnreadableAnswer, match="at least one row"):
        body().read({f"row-{text_id('a')}": values, "row-unknown": [text_id("True")]})


@given(
    st.booleans(),
    st.dictionaries(
        st.sampled_from([*(f"row-{text_id(text)}" for text in RIGHT), "row-", "row-x"]),
        st.lists(st.text(max_size=5) | st.sampled_from([text_id(text) for text in COLUMNS]), max_size=4),
    ),
)
def test_whatever_is_sent_is_refused_or_graded(multiple: bool, submission: dict[str, list[str]]) -> None:
    asked = body(multiple=multiple)
    try:
        answer = asked.read(submission)
    except UnreadableAnswer:
        return
    assert 0 <= asked.grade(answer).credit <= 1
    right = asked.bucket(asked.read(asked.examples().right))
    assert (asked.grade(answer).verdict is Verdict.RIGHT) == (asked.bucket(answer) == right)


def test_rows_are_shuffled_and_columns_stay_as_written() -> None:
    faces = [body().face(seed) for seed in range(8)]

    assert len({tuple(row["id"] for row in face["rows"]) for face in faces}) > 1
    assert {tuple(column["text"] for column in face["columns"]) for face in faces} == {COLUMNS}
    assert [row["text"] for row in body().face(None)["rows"]] == list(RIGHT)


def test_a_key_may_be_written_with_or_without_a_list() -> None:
    rows = [{"text": "a", "key": "True"}, {"text": "b", "key": ["False"]}]

    assert [row.right() for row in body(rows=rows).rows] == [("True",), ("False",)]


def test_a_heap_names_every_row_with_its_columns() -> None:
    asked = body(SEVERAL, multiple=True)

    assert asked.bucket(asked.read(sent({"GET": ["False", "True"]}))) == "GET = True + False; PUT = –"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"columns": ["True"]}, "at least 2"),
        ({"columns": list("abcdefg")}, "at most 6"),
        ({"columns": ["True", "true", "False", "Depends"]}, "two columns say the same"),
        ({"rows": []}, "at least 1"),
        ({"rows": [{"text": "a", "key": "True"}, {"text": "A ", "key": "False"}]}, "two rows say the same"),
        ({"rows": [{"text": "a", "key": "Maybe"}]}, "does not exist: 'Maybe'"),
        ({"rows": [{"text": "a", "key": []}]}, "at least 1"),
        ({"rows": [{"text": "a", "key": ["True", "False"]}]}, "needs `multiple: true`"),
        ({"rows": [{"text": "a", "key": ["True", "True"]}], "multiple": True}, "say the same"),
        ({"rows": [{"text": "a", "key": "True"}, {"text": "b", "key": ["true"]}]}, "same key"),
        ({"rows": [{"text": "a", "key": list(COLUMNS)}], "multiple": True}, "every column"),
        ({"rows": [{"text": str(n), "key": "True"} for n in range(11)]}, "at most 10"),
        ({"marking": "per_option"}, "per_row"),
        ({"options": []}, "not permitted"),
    ],
)
def test_questions_that_make_no_sense_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        body(**fields)


def test_one_row_is_enough() -> None:
    asked = body({"a": ["True"]})

    assert graded(asked, {"a": ["True"]}).verdict is Verdict.RIGHT


def test_authors_are_told_what_is_not_explained() -> None:
    rows = [
        {"text": "a", "key": "True"},
        {"text": "b", "key": "False", "feedback": "So.", "misconception": "No."},
    ]

    assert [(remark.code, remark.path) for remark in body(rows=rows).lint()] == [("B23", ("rows", 0))] * 2
