"""Open answers: what is read, what awaits a person, and what levels come to."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import make
from quizapp.domain.attempts import bounded, judge
from quizapp.domain.errors import AwaitsScore, Refused, UnreadableAnswer
from quizapp.domain.grading import Verdict
from quizapp.domain.question_types.open_response import OpenResponse
from quizapp.domain.questions import Body

WORDS = {"text-requirements": ["A limit by customer."]}
ANCHOR = "Chooses by endpoint, with a local limit meanwhile and what that lets through."


def body(**fields: Any) -> OpenResponse:
    sample = make.sample("open_response")
    own = {
        name: sample[name] for name in ("kind", "prompts", "rubric", "model_answer", "follow_ups", "image")
    }
    return OpenResponse.model_validate(own | fields)


def question() -> Body[Any]:
    return body()


def levels(estimation: int, failure: int, clients: int) -> dict[str, list[str]]:
    given = {"estimation": estimation, "failure": failure, "clients": clients}
    return {f"level-{name}": [str(level)] for name, level in given.items()}


def test_a_learner_knows_the_dimensions_and_not_what_their_levels_are_like():
    shown = json.dumps(body().face(7))

    assert "Failure of the store" in shown
    assert body().face(7)["rubric"][1]["percent"] == 60
    for secret in (ANCHOR, "million checks", "three regions"):
        assert secret in json.dumps(body().model_dump(mode="json"))
        assert secret not in shown


def test_one_text_is_an_answer_and_so_is_a_diagram_alone():
    assert body().read(WORDS).texts == {"requirements": "A limit by customer."}
    assert body().read({"image-2": ["abcdefghijklmnopqrstuv"]}).images == ("abcdefghijklmnopqrstuv",)


@pytest.mark.parametrize(
    "submission",
    [
        {},
        {"text-requirements": [" \n "]},
        {"text-other": ["words"]},
        {"image-1": ["../../etc/passwd"]},
        {"image-5": ["abcdefghijklmnopqrstuv"]},
        {"image-1": ["a" * 22, "b" * 22, "c" * 22, "d" * 22, "e" * 22]},
        {"level-failure": ["3"]},
        {"text-requirements": ["x" * 8001]},
        {"text-requirements": ["x" * 4001], "text-design": ["x" * 4000]},
    ],
)
def test_what_is_no_answer_is_refused_with_a_hint(submission):
    with pytest.raises(UnreadableAnswer):
        body().read(submission)


def test_a_question_without_diagrams_reads_none():
    with pytest.raises(UnreadableAnswer):
        body(image=False).read({"image-1": ["abcdefghijklmnopqrstuv"]})
    assert body(image=False).of_learner({"image-1": ["abcdefghijklmnopqrstuv"]}) == {}
    assert body(image=False).face(None)["images"] == 0


def test_an_answer_without_levels_awaits_its_score():
    with pytest.raises(AwaitsScore):
        body().grade(body().read(WORDS))
    judged = judge(question(), WORDS)
    assert (judged.verdict, judged.kept_credit, judged.bucket) == (None, None, "not scored")


def test_some_levels_are_no_score_yet():
    with pytest.raises(AwaitsScore):
        body().grade(body().read(WORDS | {"level-failure": ["3"]}))


def test_levels_are_weighed_against_the_most_there_is():
    def credit(*given: int) -> Decimal:
        return body().grade(body().read(WORDS | levels(*given))).credit

    assert credit(3, 3, 2) == 1
    assert credit(0, 0, 0) == 0
    assert credit(0, 2, 1) == Decimal("0.5")  # (30 * 2 + 10 * 1) of (30 + 90 + 20)
    assert credit(3, 3, 1) == Decimal("0.928571")


def test_only_all_top_levels_are_right():
    assert judge(question(), WORDS | levels(3, 3, 2)).verdict is Verdict.RIGHT
    assert judge(question(), WORDS | levels(3, 3, 1)).verdict is Verdict.PARTIAL
    assert judge(question(), WORDS | levels(0, 0, 0)).verdict is Verdict.WRONG


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))
def test_any_levels_are_a_grade(estimation, failure, clients):
    judged = judge(question(), WORDS | levels(estimation, failure, clients))

    assert 0 <= judged.credit <= 1
    assert (judged.verdict is Verdict.RIGHT) == (judged.credit == 1)
    assert (judged.verdict is Verdict.WRONG) == (judged.credit == 0)


def test_a_learner_sends_no_levels():
    sent = WORDS | levels(3, 3, 2) | {"image-1": ["a" * 22], "dont_know": ["1"], "else": ["x"]}
    assert body().of_learner(sent) == WORDS | {"image-1": ["a" * 22], "dont_know": ["1"]}


def test_lines_end_in_one_way():
    assert body().of_learner({"text-design": ["a\r\nb\nc"]}) == {"text-design": ["a\nb\nc"]}


def test_a_score_needs_every_dimension_and_no_other():
    asked = body()
    assert asked.scored(WORDS, levels(1, 2, 0)) == WORDS | levels(1, 2, 0)
    assert asked.scored(WORDS | levels(3, 3, 2), levels(1, 2, 0)) == WORDS | levels(1, 2, 0)
    for strange in (
        {},
        levels(4, 0, 0),
        levels(-1, 0, 0),
        levels(0, 0, 3),
        levels(0, 0, 0) | {"level-beauty": ["1"]},
        levels(0, 0, 0) | {"level-clients": ["1", "1"]},
        levels(0, 0, 0) | {"level-clients": ["²"]},
    ):
        with pytest.raises(Refused) as refusal:
            asked.scored(WORDS, strange)
        assert refusal.value.field.startswith("level-")


def test_the_bucket_says_the_levels():
    answer = body().read(WORDS | levels(1, 2, 0))
    assert (
        body().bucket(answer) == "Estimation: 1 of 3; Failure of the store: 2 of 3; What clients see: 0 of 2"
    )


def test_a_summary_begins_with_the_learners_words():
    assert body().spoken(body().read(WORDS)) == "A limit by customer."
    assert body().spoken(body().read({"image-1": ["a" * 22]})) == "A diagram"


def test_a_page_can_show_whatever_was_sent():
    shown = body().parts_of({"text-design": ["a", "b"], "image-1": ["?"], "level-failure": ["9"]})
    assert shown.texts == {"requirements": "", "design": "a\nb"}
    assert (shown.images, shown.levels) == ((), {})
    assert body().parts_of({}).texts == {"requirements": "", "design": ""}


def test_the_longest_answer_with_all_its_fields_can_be_stored():
    prompts = [{"id": f"stage-{number}", "title": f"Stage {number}"} for number in range(8)]
    longest = body(prompts=prompts, max_chars=15_000)
    sent = {f"text-stage-{number}": ["x" * 1_875] for number in range(8)}
    sent |= {f"image-{number}": ["a" * 21 + str(number)] for number in range(1, 5)}
    assert len(longest.read(bounded(sent)).images) == 4


def dimension(**fields: Any) -> dict[str, Any]:
    return {"id": "depth", "title": "Depth", "levels": ["None.", "Some."], **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {"prompts": []},
        {"prompts": [{"id": "a", "title": "A"}, {"id": "a", "title": "B"}]},
        {"prompts": [{"id": f"p{number}", "title": "A"} for number in range(9)]},
        {"prompts": [{"id": "Not a slug", "title": "A"}]},
        {"prompts": [{"id": "a" * 41, "title": "A"}]},
        {"prompts": [{"id": "a", "title": "A", "minutes": 0}]},
        {"rubric": []},
        {"rubric": [dimension(), dimension(title="Other")]},
        {"rubric": [dimension(), dimension(id="other", title="depth")]},
        {"rubric": [dimension(levels=["Only one."])]},
        {"rubric": [dimension(levels=["a", "b", "c", "d", "e"])]},
        {"rubric": [dimension(levels=["Same.", "same."])]},
        {"rubric": [dimension(weight=0)]},
        {"kind": "riddle"},
        {"max_chars": 100},
        {"max_chars": 20_000},
    ],
)
def test_a_document_that_could_not_be_scored_is_refused(fields):
    with pytest.raises(ValidationError):
        body(**fields)
