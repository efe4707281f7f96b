"""Options: their order and ids tell nothing about the key."""

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

import make
from quizapp.domain.grading import Verdict
from quizapp.domain.question_types.multiple_choice import MultipleChoice
from quizapp.domain.question_types.ordering import longest_common_subsequence
from quizapp.domain.question_types.single_choice import SingleChoice
from quizapp.queries.revisions import parsed


def option(text: str, *, key: bool = False) -> dict[str, object]:
    return {"text": text, "key": key}


def test_the_key_lands_on_every_place_about_equally_often() -> None:
    body: Any = parsed(make.document(), "q").body
    key = next(o.id for o in body.options if o.key)

    places = Counter([o["id"] for o in body.face(seed)["options"]].index(key) for seed in range(3000))

    assert set(places) == {0, 1, 2}
    assert all(800 < count < 1200 for count in places.values())


def test_options_that_are_numbers_are_sorted_whatever_the_seed() -> None:
    body = SingleChoice.model_validate(
        {"options": [option("512"), option("64", key=True), option("8 "), option("1e3")]}
    )

    for seed in (None, 1, 2):
        assert [o["text"] for o in body.face(seed)["options"]] == ["8", "64", "512", "1e3"]


def test_an_option_keeps_its_id_when_the_key_moves() -> None:
    one = SingleChoice.model_validate({"options": [option("a", key=True), option("b")]})
    other = SingleChoice.model_validate({"options": [option("b", key=True), option("a")]})

    assert {o.id for o in one.options} == {o.id for o in other.options}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([option("a"), option("b")], "exactly one option"),
        ([option("a", key=True), option("b", key=True)], "exactly one option"),
        ([option("Same", key=True), option("  same ")], "say the same"),
        ([option("a", key=True)], "at least 2"),
    ],
)
def test_a_single_choice_has_one_key_among_distinct_options(options: list[object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        SingleChoice.model_validate({"options": options})


def test_a_multiple_choice_needs_a_distractor() -> None:
    with pytest.raises(ValidationError, match="at least one must not"):
        MultipleChoice.model_validate({"options": [option("a", key=True), option("b", key=True)]})


@pytest.mark.parametrize(
    ("order", "verdict", "credit"),
    [
        ((0, 1, 2), "right", 1),
        ((0, 2, 1), "partial", 0.5),
        ((2, 0, 1), "partial", 0.5),
        ((2, 1, 0), "wrong", 0),
    ],
)
def test_ordering_gives_credit_for_what_keeps_its_order(
    order: tuple[int, ...], verdict: str, credit: float
) -> None:
    body = parsed(make.sample("ordering"), "o").body
    right = body.examples().right["order"]

    grade = body.grade(body.read({"order": [right[place] for place in order]}))

    assert (grade.verdict, float(grade.credit)) == (Verdict(verdict), credit)


def test_an_ordering_is_never_shown_in_its_right_order() -> None:
    body = parsed(make.sample("ordering"), "o").body
    right = list(body.examples().right["order"])

    for seed in (None, *range(200)):
        assert [item["id"] for item in body.face(seed)["items"]] != right


def test_places_from_selects_are_read_like_an_order() -> None:
    body = parsed(make.sample("ordering"), "o").body
    right = body.examples().right["order"]
    places = {f"place-{identity}": [str(number)] for number, identity in enumerate(right, start=1)}

    assert body.read(places) == tuple(right)


def test_longest_common_subsequence() -> None:
    assert longest_common_subsequence(tuple("abcde"), tuple("badce")) == 3
    assert longest_common_subsequence((), tuple("ab")) == 0


def test_matching_counts_each_pair_and_ignores_what_was_left_out() -> None:
    body = parsed(make.sample("matching"), "m").body
    right = {name: list(values) for name, values in body.examples().right.items()}
    first = dict([next(iter(right.items()))])

    grade = body.grade(body.read(first))

    assert grade.verdict is Verdict.PARTIAL
    assert float(grade.credit) == pytest.approx(1 / 3, abs=1e-6)
