"""Questions with parameters: the same seed gives the same question for ever."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from quizapp.domain.documents import TRIED_SEEDS, read_question, tries, variant
from quizapp.domain.grading import Verdict
from quizapp.domain.problems import Place
from quizapp.domain.questions import Question
from quizapp.domain.variants import MAX_DRAWS, Range, Variants


def template(**fields: Any) -> dict[str, Any]:
    """How many segments a payload needs; a test changes what matters to it."""
    base = {
        "id": "net-segments",
        "type": "number",
        "topic": "networking",
        "stem": "{{kib}} KiB and an MTU of {{mtu:,}}: how many segments?",
        "variants": {
            "parameters": {"mtu": [1500, 1400, 9000], "kib": {"from": 10, "to": 60}},
            "computed": {"payload": "kib * 1024", "segments": "ceil(payload / (mtu - 40))"},
            "where": ["payload % (mtu - 40) != 0"],
        },
        "answer": "= segments",
        "mistakes": [{"value": "= ceil(payload / mtu)", "feedback": "{{mtu}} bytes include 40 of headers."}],
        "explanation": "{{payload:,}} bytes need **{{segments}}**.",
    }
    return base | fields


def read(document: dict[str, Any]) -> Question:
    question, problems = read_question(document, Place("sets.yaml", {}))
    assert question is not None, problems
    return question


def refusal(document: dict[str, Any]) -> str:
    question, problems = read_question(document, Place("sets.yaml", {}))
    assert question is None
    return " | ".join(str(problem) for problem in problems)


def test_a_seed_gives_the_same_question_for_ever() -> None:
    question = variant(read(template()), 12345)

    assert question.stem == "53 KiB and an MTU of 1,500: how many segments?"
    assert question.body.answer == 38
    assert question.explanation == "54,272 bytes need **38**."
    assert question.body.mistakes[0].feedback == "1500 bytes include 40 of headers."


def test_other_seeds_give_other_questions() -> None:
    question = read(template())

    assert len({variant(question, seed).stem for seed in range(200)}) > 60


def test_a_question_without_variants_is_the_same_for_every_seed() -> None:
    question = make.value()

    assert variant(question, 7) is question


def test_the_document_is_what_its_author_wrote() -> None:
    question = read(template())

    assert question.document() == template()
    assert variant(question, 3).document() == template()
    assert variant(question, 3).content_hash() == question.content_hash()


def test_decimal_parameters_survive_the_document_exactly() -> None:
    parameters = {"a": {"from": Decimal("0.1"), "to": Decimal("0.9"), "step": Decimal("0.1")}}
    question = read(
        template(
            variants={"parameters": parameters, "computed": {"b": "a * 3"}},
            stem="{{a}}",
            answer="= b",
            mistakes=[],
            explanation="",
        )
    )

    again = read(question.document())
    assert [variant(again, seed).body.answer for seed in range(30)] == [
        variant(question, seed).body.answer for seed in range(30)
    ]
    assert {variant(again, seed).body.answer for seed in range(99)} >= {Decimal("0.3"), Decimal("2.7")}


def test_what_breaks_a_constraint_is_drawn_again() -> None:
    question = read(template(variants=template()["variants"] | {"where": ["kib > 55"]}, mistakes=[]))

    assert all(int(variant(question, seed).stem.split()[0]) > 55 for seed in range(50))
    assert max(tries(question, seed) for seed in range(50)) > 1


def test_a_draw_whose_mistake_would_be_right_is_drawn_again() -> None:
    question = read(template(mistakes=[{"value": "= 12"}]))

    answers = {variant(question, seed).body.answer for seed in range(300)}
    assert 12 not in answers
    assert {11, 13} <= answers


def test_a_draw_whose_options_say_the_same_is_drawn_again() -> None:
    document = template(
        type="single_choice",
        variants={"parameters": {"a": [1, 2, 3], "b": [1, 2, 3]}},
        stem="Which?",
        explanation="",
        options=[{"text": "{{a}} ms", "key": True}, {"text": "{{b}} ms"}],
    )
    del document["answer"], document["mistakes"]
    question = read(document)

    for seed in range(60):
        one, other = variant(question, seed).body.options
        assert one.text != other.text


@given(st.integers(min_value=0, max_value=2**31))
def test_of_every_draw_the_key_is_right_and_the_mistake_wrong(seed: int) -> None:
    body = variant(TEMPLATE, seed).body

    assert body.grade(body.answer).verdict is Verdict.RIGHT
    assert all(body.grade(mistake.value).verdict is Verdict.WRONG for mistake in body.mistakes)


TEMPLATE = read(template())


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"stem": "{{7*7}}"}, "sets.yaml:1: stem: a placeholder is written {{name}}"),
        ({"stem": "{{kib" + " " * 100_000 + "!"}, "sets.yaml:1: stem: a placeholder is written {{name}}"),
        ({"stem": "{{nope}}"}, "stem: there is no parameter or computed value 'nope'"),
        ({"stem": "{{kib.real}}"}, "only names may stand in it"),
        ({"stem": "{{kib:z}}"}, "'z' is not a format"),
        ({"answer": "= nope"}, "answer: unknown name 'nope'"),
        ({"answer": "= __import__('os')"}, "answer: the name '__import__'"),
        ({"answer": "= 9**9**9"}, "answer: "),
        ({"mistakes": [{"value": "= kib.real"}]}, "mistakes.0.value: "),
        ({"mistakes": [{"value": "= segments"}]}, "would be accepted as right"),
        ({"answr": 3}, "answr: unknown field"),
        ({"variants": {"parameters": {}}}, "variants.parameters"),
        ({"variants": {"parameters": {"a": [1]}}}, "variants.parameters"),
        ({"variants": {"parameters": {"A": [1, 2]}}}, "variants.parameters"),
        ({"variants": {"parameters": {"a": {"from": 3, "to": 1}}}}, "has 0 values"),
        ({"variants": {"parameters": {"a": {"from": 0, "to": 9e9}}}}, "2 to 1,000,000 are possible"),
        ({"variants": {"parameters": {"a": [1, 2]}, "computed": {"a": "1"}}}, "'a' is defined twice"),
        ({"variants": {"parameters": {"a": [1, 2]}, "computed": {"b": "c"}}}, "'c', which is not defined"),
        (
            {"variants": {"parameters": {"a": [1, 2]}, "computed": {"b": "c", "c": "b"}}},
            "computed from itself",
        ),
        ({"variants": {"parameters": {"a": [1, 2]}, "computed": {"b": "a."}}}, "variants.computed.b"),
        ({"variants": {"parameters": {"kib": [1, 2], "mtu": [1, 2]}, "where": ["kib > 5"]}}, "no draw meets"),
        (
            {"variants": {"parameters": {"kib": [0, 0], "mtu": [1, 2]}, "computed": {"x": "1 / kib"}}},
            "x: division",
        ),
        ({"variants": "many"}, "variants: "),
    ],
)
def test_a_template_that_cannot_be_drawn_says_what_and_where(fields: dict[str, Any], told: str) -> None:
    assert told in refusal(template(**fields))


def test_braces_in_a_question_without_variants_are_only_text() -> None:
    question = make.value(stem="What does `{{ 7*7 }}` or {{__import__('os')}} print in Jinja?")

    assert variant(question, 5).stem == "What does `{{ 7*7 }}` or {{__import__('os')}} print in Jinja?"


def test_a_range_counts_its_last_value() -> None:
    tenths = Range.model_validate({"from": "0.1", "to": "0.5", "step": "0.2"})

    assert (tenths.count, [str(tenths.value(place)) for place in range(3)]) == (3, ["1/10", "3/10", "1/2"])


def test_words_and_truth_values_may_be_parameters_too() -> None:
    variants = Variants.model_validate(
        {"parameters": {"word": ["0.5", "x"], "flag": [True, False]}, "where": ["flag"]}
    )
    drawn = [values for values in variants.draws(1) if isinstance(values, dict)]

    assert {values["word"] for values in drawn} == {"0.5", "x"}
    assert {values["flag"] for values in drawn} == {True}


def test_the_order_of_what_is_computed_does_not_matter() -> None:
    computed = template()["variants"]["computed"]
    turned = template()["variants"] | {"computed": dict(reversed(computed.items()))}

    assert variant(read(template(variants=turned)), 5).stem == variant(read(template()), 5).stem


def test_every_seed_has_a_variant_however_narrow_the_constraints_are() -> None:
    known = template()["variants"] | {"parameters": {"mtu": {"from": 1, "to": 1_000_000}, "kib": [10, 20]}}
    first: list[Any] = [
        next(Variants.model_validate(known | {"where": []}).draws(seed)) for seed in range(TRIED_SEEDS)
    ]
    where = " or ".join(f"mtu == {values['mtu']}" for values in first if isinstance(values, dict))
    narrow = read(template(variants=known | {"where": [where]}, mistakes=[]))
    stems = [variant(narrow, seed).stem for seed in range(20)]

    assert len(set(stems)) == TRIED_SEEDS
    assert stems == [variant(narrow, seed).stem for seed in range(20)]
    assert max(tries(narrow, seed) for seed in range(20)) == MAX_DRAWS


def test_spaces_may_stand_in_a_placeholder() -> None:
    stem = "{{ kib }} KiB, {{mtu :,}} and {{ mtu :x }} bytes: how many?"

    assert "{{" not in variant(read(template(stem=stem)), 1).stem
