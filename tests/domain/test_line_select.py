"""Line picking: what counts as found, what cancels it, and which questions are refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import make
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Verdict
from quizapp.domain.question_types.line_select import LineSelect

SOURCE = "\n".join(f"line {number}" for number in range(1, 9))
"""Lines 3 and 6 are to be found, 4 shows the same as 3, and 8 does not matter."""


def body(**fields: Any) -> LineSelect:
    keys = [{"line": 3, "also": [4], "feedback": "Here."}, {"line": 6, "misconception": "It is fine."}]
    return LineSelect.model_validate({"source": SOURCE, "keys": keys, "neutral": [8], **fields})


def credit(lines: list[int], **fields: Any) -> Decimal:
    asked = body(**fields)
    return asked.grade(asked.read({"line": [str(line) for line in lines]})).credit


@pytest.mark.parametrize(
    ("lines", "earned"),
    [
        ([3, 6], 1),
        ([4, 6], 1),
        ([3, 4, 6], 1),
        ([6, 3, 8], 1),
        ([3], Decimal("0.5")),
        ([3, 4], Decimal("0.5")),
        ([3, 6, 1], Decimal("0.5")),
        ([3, 1], 0),
        ([8], 0),
        ([1, 2, 5], 0),
    ],
)
def test_a_wrong_line_cancels_a_found_one(lines: list[int], earned: Decimal) -> None:
    assert credit(lines) == earned


def test_marking_every_line_earns_nothing() -> None:
    assert credit(list(range(1, 9))) == 0


@pytest.mark.parametrize(("lines", "earned"), [([3, 6], 1), ([4, 6, 8], 1), ([3], 0), ([3, 6, 1], 0)])
def test_all_or_nothing_wants_every_finding_and_no_innocent_line(lines: list[int], earned: int) -> None:
    assert credit(lines, marking="all_or_nothing") == earned


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["0"],
        ["9"],
        ["-1"],
        ["03"],
        ["3.0"],
        [" 3"],
        ["٣"],
        ["three"],
        ["3", "3"],
        ["3", "99"],
        ["9" * 5000],
    ],
)
def test_lines_that_are_not_there_are_refused_and_cost_nothing(values: list[str]) -> None:
    with pytest.raises(UnreadableAnswer):
        body().read({"line": values})


@given(st.lists(st.text(max_size=4) | st.integers(-1, 10).map(str), max_size=12))
def test_whatever_is_sent_is_refused_or_graded(values: list[str]) -> None:
    asked = body()
    try:
        answer = asked.read({"line": values})
    except UnreadableAnswer:
        return
    assert {str(line) for line in answer} == set(values)
    assert asked.grade(answer).verdict in Verdict


def test_the_same_lines_fall_on_the_same_heap_in_whatever_order_they_were_marked() -> None:
    asked = body()

    assert (
        asked.bucket(asked.read({"line": ["6", "3"]}))
        == asked.bucket(asked.read({"line": ["3", "6"]}))
        == "3, 6"
    )
    assert asked.echo(asked.read({"line": ["6", "3"]})) == "Marked: lines 3, 6"


def test_lines_are_shown_in_their_own_order_with_their_indentation() -> None:
    asked = body(source=f"\n    deep\r\n\tdeeper  \n{SOURCE}\n\n\n")

    assert asked.face(1) == asked.face(2)
    assert asked.face(None)["source"].split("\n")[:3] == ["", "    deep", "\tdeeper  "]
    assert len(asked.lines()) == 11


def test_learners_are_told_how_many_lines_to_mark_only_if_the_author_says_so() -> None:
    assert body(asks=2).face(None)["asks"] == 2
    assert body().face(None)["asks"] is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"source": "only one"}, "2 to 60 lines"),
        ({"source": "   \n  "}, "2 to 60 lines"),
        ({"source": "\n".join("x" * 61)}, "2 to 60 lines"),
        ({"source": f"{SOURCE}\n{'x' * 201}"}, "line 9 has 201 characters"),
        ({"source": "x" * 50_000}, "at most"),
        ({"keys": [{"line": 9}]}, "there is no line 9"),
        ({"keys": [{"line": 1, "also": [9]}]}, "there is no line 9"),
        ({"remarks": [{"line": 20}]}, "there is no line 20"),
        ({"neutral": [9]}, "there is no line 9"),
        ({"keys": [{"line": 0}]}, "greater than or equal to 1"),
        ({"keys": [{"line": "first"}]}, "valid integer"),
        ({"keys": []}, "at least 1"),
        ({"keys": [{"line": 1}, {"line": 1}]}, "twice among the keys"),
        ({"keys": [{"line": 1, "also": [2]}, {"line": 2}]}, "twice among the keys"),
        ({"remarks": [{"line": 1}, {"line": 1}]}, "twice among the remarks"),
        ({"neutral": [1, 1]}, "twice among the neutral lines"),
        ({"neutral": [3]}, "line 3 is a key"),
        ({"remarks": [{"line": 4}]}, "line 4 is a key"),
        ({"neutral": [1, 2, 5, 7]}, "fewer innocent lines"),
        ({"asks": 1}, "`asks` says 1"),
        ({"language": "no such language"}, "match pattern"),
        ({"marking": "per_option"}, "right_minus_wrong"),
        ({"lines": 3}, "not permitted"),
    ],
)
def test_questions_that_make_no_sense_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        body(**fields)


def test_a_review_says_of_every_line_what_became_of_it() -> None:
    asked = body(remarks=[{"line": 1, "feedback": "Ordinary.", "misconception": "It looks odd."}])

    lines = list(asked.reviewed({"line": ["4", "1", "8", "no line"]}))

    assert [line.state for line in lines] == [
        *("innocent", "innocent", "found", "counts", "innocent", "missed", "innocent", "neutral")
    ]
    assert [line.number for line in lines if line.marked] == [1, 4, 8]
    assert (lines[0].feedback, lines[0].misconception) == ("Ordinary.", "It looks odd.")
    assert lines[3].stands_for == 3
    assert lines[5].misconception == "It is fine."


def test_a_review_of_no_answer_shows_what_was_to_be_found_and_blames_nobody() -> None:
    asked = body(remarks=[{"line": 1, "feedback": "Ordinary.", "misconception": "It looks odd."}])

    lines = list(asked.reviewed({}))

    assert [line.number for line in lines if line.state == "missed"] == [3, 6]
    assert not any(line.marked for line in lines)
    assert not any(line.misconception for line in lines)


def test_authors_are_told_what_is_not_explained() -> None:
    paths = [remark.path for remark in body(remarks=[{"line": 1, "feedback": "Ordinary."}]).lint()]

    assert paths == [("keys", 1), ("remarks", 0)]
    assert ("remarks",) in [remark.path for remark in body().lint()]
    assert make.sample("line_select")["remarks"], "the sample shows how it is done"
