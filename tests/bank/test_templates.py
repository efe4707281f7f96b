"""Every computed key of the bank agrees with an independent implementation, over 300 seeds."""

from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import pytest

from bank.oracles import oracles
from quizapp.cli.environment import packed_bank
from quizapp.domain.documents import tries, variant
from quizapp.domain.grading import Verdict
from quizapp.domain.questions import Body, Question
from quizapp.domain.variants import Variants
from quizapp.services.bank_files import files_of, read_files

SEEDS = 300


def templates() -> dict[str, Question]:
    files, problems = files_of(packed_bank())
    assert problems == []
    bank = read_files(files)
    listed = [question for each in bank.sets.values() for question in each.questions]
    return {question.id: question for question in listed if question.written is not None}


TEMPLATES = templates()
ORACLES = oracles()


def parameters(question: Question, seed: int) -> dict[str, Any]:
    """The drawn parameters of a seed, without anything computed."""
    assert question.written is not None
    variants = Variants.model_validate(question.written["variants"])
    values = next(islice(variants.draws(seed), tries(question, seed) - 1, None))
    assert isinstance(values, dict)
    return {name: values[name] for name in variants.parameters}


def submission(body: Body[Any], value: Any) -> dict[str, list[str]]:
    """How a learner would give this answer."""
    if isinstance(value, dict):
        parts = {part.id: part.body for part in body.parts}
        assert set(value) <= set(parts)
        return {
            f"{name}.{field}": values
            for name, each in value.items()
            for field, values in submission(parts[name], each).items()
        }
    if "number" in body.examples().right:
        return {"number": [str(decimal(value))]}
    if "text" in body.examples().right:
        return {"text": [str(value)]}
    options = {option.text: option.id for option in body.options}
    assert str(value) in options, (value, sorted(options))
    return {"choice": [options[str(value)]]}


def decimal(value: Any) -> Decimal:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return (
        value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
    )


def test_every_template_has_a_second_opinion_and_no_opinion_is_left_over() -> None:
    assert set(ORACLES) == set(TEMPLATES)


def test_there_are_templates_over_all_core_topics() -> None:
    topics = [question.topic for question in TEMPLATES.values()]

    assert len(topics) >= 40
    assert all(topics.count(topic) >= 7 for topic in set(topics))
    assert len(set(topics)) == 5


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) & set(ORACLES)))
def test_the_key_is_what_another_way_of_working_it_out_gives(name: str) -> None:
    for seed in range(SEEDS):
        question = variant(TEMPLATES[name], seed)
        known = parameters(TEMPLATES[name], seed)
        sent = submission(question.body, ORACLES[name](**known))

        grade = question.body.grade(question.body.read(sent))
        assert grade.verdict is Verdict.RIGHT, (seed, known, sent, question.stem, question.body)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_in_every_variant_the_key_is_right_and_each_known_mistake_wrong(name: str) -> None:
    for seed in range(SEEDS):
        body = variant(TEMPLATES[name], seed).body
        examples = body.examples()

        assert body.grade(body.read(examples.right)).verdict is Verdict.RIGHT
        assert body.grade(body.read(examples.wrong)).verdict is Verdict.WRONG
        if body.key == "number":
            for mistake in body.mistakes:
                assert body.grade(mistake.value).verdict is Verdict.WRONG
                assert body.remark(mistake.value) is mistake
