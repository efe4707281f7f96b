"""Composite questions: parts of other types, gaps, weights, and what is unreadable in one part alone."""

import json
from decimal import Decimal
from typing import Any

import pytest

import make
from quizapp.domain.documents import read_question
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Verdict
from quizapp.domain.problems import Place
from quizapp.domain.question_types import answerable, question_types
from quizapp.domain.question_types.composite import PART_FIELDS, Composite, of_part
from quizapp.queries.revisions import parsed

CHOICE: dict[str, Any] = {
    "id": "a",
    "type": "single_choice",
    "prompt": "Which index?",
    "options": [
        {"text": "B-tree", "key": True, "feedback": "Ordered."},
        {"text": "Hash", "feedback": "Not ordered.", "misconception": "Hashes are ordered"},
    ],
}
NUMBER: dict[str, Any] = {"id": "b", "type": "number", "prompt": "How many?", "answer": 12, "weight": 2}
WORD: dict[str, Any] = {
    "id": "c",
    "type": "short_text",
    "prompt": "Which word?",
    "answers": [{"text": "NULL"}],
}


def document(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return make.document(type="composite", parts=list(parts or (CHOICE, NUMBER, WORD)), **fields)


def body(*parts: dict[str, Any], **fields: Any) -> Composite:
    made = parsed(document(*parts, **fields), "made").body
    assert isinstance(made, Composite)
    return made


def problems(*parts: Any, **fields: Any) -> list[str]:
    return problems_of({"parts": list(parts), **fields})


def problems_of(fields: dict[str, Any]) -> list[str]:
    _, found = read_question(make.document(type="composite", **fields), Place("f.yaml", {}))
    return [str(problem).removeprefix("f.yaml:1: ") for problem in found]


def right(made: Composite, *ids: str) -> dict[str, Any]:
    """The right answers to some parts."""
    every = made.examples().right
    return {name: values for name, values in every.items() if name.partition(".")[0] in ids}


def test_a_problem_inside_a_part_comes_with_its_whole_path() -> None:
    options = [{"key": True}, *CHOICE["options"]]

    assert problems(CHOICE | {"options": options}, NUMBER) == ["parts.0.options.0.text: field required"]


def test_every_problem_of_every_part_is_told_at_once() -> None:
    found = problems(
        CHOICE | {"colour": "red {x}", "weight": 0}, NUMBER | {"answer": "many"}, WORD | {"id": "C"}
    )

    assert [each.partition(":")[0] for each in found] == [
        *("parts.0.colour", "parts.0.weight", "parts.1.answer", "parts.2.id"),
    ]


@pytest.mark.parametrize("kind", ["composite", "open_response", "riddle", None, ["number"]])
def test_a_part_cannot_be_of_every_type(kind: Any) -> None:
    [found] = problems(CHOICE | {"type": kind}, NUMBER)

    assert found.startswith("parts.0.type: should be one of: ")
    assert not {"composite", "open_response"} & set(found.partition("of: ")[2].split(", "))


@pytest.mark.parametrize("part", ["a", 5, None, ["id"]])
def test_a_part_that_is_no_mapping_is_refused(part: Any) -> None:
    assert problems(part, CHOICE) == ["parts.0: should be a mapping of fields to values"]


def test_ids_are_short_plain_and_distinct() -> None:
    assert problems(CHOICE, NUMBER | {"id": "a"}) == ["parts.1.id: the id 'a' is used more than once"]
    for name in ("a.b", "1a", "A", "a" * 41, "", "a b"):
        assert problems(CHOICE | {"id": name}, NUMBER)[0].startswith("parts.0.id: ")


def test_one_part_is_enough_only_with_a_gap() -> None:
    gap = {name: value for name, value in CHOICE.items() if name != "prompt"}

    assert problems(CHOICE)[0].startswith("parts: should be 2 to 60 parts")
    assert problems(gap, text="An index is a [[a]].") == []
    assert problems_of({"parts": [], "text": "[[a]]"}) == ["text: the gap [[a]] has no part with that id"]
    assert problems_of({"parts": []})[0].startswith("parts: should be 2 to 60 parts")
    assert problems(*[CHOICE | {"id": f"p{n}"} for n in range(61)])[0].startswith("parts: ")


def test_gaps_and_parts_belong_together() -> None:
    gap = {name: value for name, value in CHOICE.items() if name != "prompt"}
    statement = {"id": "d", "type": "true_false", "answer": True}

    assert problems(gap, NUMBER, text="[[a]] [[a]]") == ["text: the gap [[a]] occurs 2 times"]
    assert problems(gap, NUMBER, text="[[a]] [[x]]") == ["text: the gap [[x]] has no part with that id"]
    assert problems(CHOICE, NUMBER, text="[[a]]") == [
        "parts.0.prompt: a gap has no prompt: the text around it asks"
    ]
    assert problems(gap, statement, text="[[a]] [[d]]") == [
        "parts.1.type: a gap should be one of: single_choice, number, short_text"
    ]
    assert problems(gap, NUMBER) == ["parts.0.prompt: field required, unless [[a]] is a gap in the text"]
    assert problems(CHOICE, NUMBER, text="No gap: [[1]], [[ a ]], [[:alpha:]]")[0].startswith(
        "text: has no gap"
    )


def test_no_type_has_a_field_that_a_part_has() -> None:
    """They stand side by side in a part, so each name can mean one thing only."""
    for key, kind in question_types.items():
        assert not set(kind.model_fields) & set(PART_FIELDS), key


@pytest.mark.parametrize("key", answerable())
def test_every_type_that_grades_itself_can_be_a_part(key: str) -> None:
    if key == "composite" or question_types[key].scored_by_people:
        pytest.skip("no part can be of this type")
    sample = make.sample(key)
    own = {name: value for name, value in sample.items() if name in question_types[key].model_fields}
    made = body({"id": "own", "type": key, "prompt": "Now?", **own}, CHOICE)

    assert made.grade(made.read(made.examples().right)).verdict is Verdict.RIGHT
    assert made.grade(made.read(made.examples().wrong)).verdict is Verdict.WRONG
    assert json.dumps(made.face(3))


def test_the_document_is_flat_and_says_no_defaults() -> None:
    question = parsed(document(), "made")

    assert question.document()["parts"][0] == CHOICE
    assert question.document()["parts"][1] == NUMBER | {"answer": "12"}
    assert "marking" not in question.document()
    assert parsed(question.document(), "again").content_hash() == question.content_hash()


def test_credit_is_the_weighted_share_of_the_parts() -> None:
    made = body()

    half = made.grade(made.read(right(made, "b")))
    quarter = made.grade(made.read(right(made, "a") | {"b.number": ["13"], "c.text": ["nil"]}))

    assert (half.verdict, half.credit) == (Verdict.PARTIAL, Decimal("0.5"))
    assert (quarter.verdict, quarter.credit) == (Verdict.PARTIAL, Decimal("0.25"))


def test_thirds_are_rounded_once() -> None:
    made = body(CHOICE, NUMBER | {"weight": 1}, WORD)

    assert made.grade(made.read(right(made, "a"))).credit == Decimal("0.333333")
    assert made.grade(made.read(right(made, "a", "b"))).credit == Decimal("0.666667")


def test_partial_credit_of_a_part_counts_and_never_vanishes() -> None:
    word = WORD | {"answers": [{"text": "NULL"}, {"text": "nothing", "credit": "0.000001"}]}
    made = body(word, CHOICE | {"weight": 100})

    grade = made.grade(made.read({"c.text": ["nothing"]}))
    nearly = made.grade(made.read(right(made, "a") | {"c.text": ["nothing"]}))

    assert (grade.verdict, grade.credit) == (Verdict.PARTIAL, Decimal("0.000001"))
    assert nearly.verdict is Verdict.PARTIAL


def test_all_or_nothing_needs_every_part() -> None:
    made = body(marking="all_or_nothing")

    assert made.grade(made.read(right(made, "a", "b"))).verdict is Verdict.WRONG
    assert made.grade(made.read(right(made, "a", "b", "c"))).verdict is Verdict.RIGHT


def test_an_unreadable_part_holds_up_no_other_and_is_named() -> None:
    made = body()

    answer = made.read(right(made, "a") | {"b.number": ["twelve"], "c.text": ["  "]})

    assert set(answer.parts) == {"a"}
    assert made.grade(answer).credit == Decimal("0.25")
    assert made.echo(answer).startswith("Part b was not understood: Type a number")
    assert made.bucket(answer) == "a: B-tree; b: not understood; c: –"
    assert made.spoken(answer) == "Part a: B-tree; Part b: not understood"


def test_when_nothing_can_be_read_the_first_hint_names_its_part() -> None:
    made = body()

    with pytest.raises(UnreadableAnswer, match=r"^Part b: Type a number"):
        made.read({"b.number": ["twelve"], "a.choice": [""]})
    with pytest.raises(UnreadableAnswer, match=r"^Answer at least one part\.$"):
        made.read({"b.number": [" "], "x.choice": ["B-tree"], "choice": ["B-tree"]})


def test_gaps_are_numbered_as_the_text_has_them() -> None:
    gaps = [{k: v for k, v in each.items() if k != "prompt"} for each in (CHOICE, WORD)]
    made = body(NUMBER, *gaps, text="First [[c]], then [[a]].")

    assert made.labels() == {"b": "Part b", "a": "Gap 2", "c": "Gap 1"}
    assert [part["id"] for part in made.face(1)["parts"]] == ["c", "a", "b"]
    assert [result.part.id for result in made.results({})] == ["c", "a", "b"]


def test_each_part_is_shuffled_by_itself_and_for_ever() -> None:
    options = [{"text": f"Option {n}", "key": n == 0} for n in range(6)]
    first, second = (CHOICE | {"id": name, "options": options} for name in "xy")
    orders = [
        [part["face"]["options"] for part in body(first, second).face(seed)["parts"]] for seed in range(9)
    ]

    assert any(one != other for one, other in orders)
    assert body(first, second).face(4)["parts"][0] == body(first, NUMBER).face(4)["parts"][0]
    assert [option["text"][-1] for option in orders[4][0]] == ["0", "4", "3", "1", "5", "2"]


def test_the_fields_of_one_part_are_its_own() -> None:
    assert of_part({"a.choice": ["1"], "ab.choice": ["2"], "choice": ["3"], "b.a.choice": ["4"]}, "a") == {
        "choice": ["1"]
    }


def test_a_review_survives_whatever_was_sent() -> None:
    made = body()
    sent = {
        "a.choice": ["x", "x"],
        "b.number": ["NaN", "1"],
        "c.text": [],
        "d.text": ["?"],
        "dont_know": ["1"],
    }

    results = made.results(sent)

    assert [result.verdict for result in results] == [None, None, None]
    assert [bool(result.hint) for result in results] == [True, True, False]


def test_remarks_of_a_part_say_where() -> None:
    word = WORD | {"mistakes": [{"text": "nil", "feedback": "No."}]}

    [remark] = body(
        CHOICE | {"options": [o | {"misconception": "M"} for o in CHOICE["options"]]}, word
    ).lint()

    assert remark.path == ("parts", 1, "mistakes")
    assert remark.message.startswith("part c: ")


def test_only_a_part_that_can_run_makes_the_whole_run() -> None:
    assert not body().can_run
    assert body().run(body().read({"b.number": ["1"]})) == {"parts": []}


def test_what_a_learner_may_not_send_is_taken_out_and_the_rest_stays() -> None:
    sent = {"a.choice": ["x"], "dont_know": ["1"]}

    assert body().of_learner(sent) == sent
