"""What question writing is held to: each rule finds its own mistake and nothing else."""

from typing import Any

import pytest

import make
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.linting import Placed, lint, placed
from quizapp.domain.problems import Place, Problem, Severity
from quizapp.queries.revisions import parsed

PLACE = Place("set.yaml", {("questions", 0): 7, ("questions", 0, "explanation"): 12})
WHY = "An index is ordered, so a range of its keys lies side by side. " * 3
CURRICULUM = Curriculum.model_validate(
    {
        "topics": [
            {
                "id": "databases",
                "title": "Databases",
                "subtopics": [
                    {
                        "id": "databases.indexing",
                        "title": "Indexes",
                        "objectives": [
                            {
                                "id": "databases.indexing.1",
                                "level": "mid",
                                "cognitive": "apply",
                                "statement": "Choose an index",
                            }
                        ],
                    }
                ],
            }
        ]
    }
)


def careful(uid: str = "one", **fields: Any) -> dict[str, Any]:
    """A question that breaks no rule."""
    whole = make.document(uid) | {
        "objective": "databases.indexing.1",
        "cognitive": "apply",
        "explanation": WHY,
        "references": [{"title": "PostgreSQL documentation", "section": "11.2"}],
        "options": [
            {"text": "A B-tree", "key": True, "feedback": "Right: it is ordered."},
            {"text": "A bitmap", "feedback": "Made on the fly.", "misconception": "Bitmaps are stored"},
        ],
    }
    return whole | fields


def found(*documents: dict[str, Any], curriculum: Curriculum | None = CURRICULUM) -> list[Problem]:
    questions = [
        Placed(parsed(document, "made"), PLACE, ("questions", number))
        for number, document in enumerate(documents)
    ]
    return lint(questions, curriculum, Severity.ERROR)


def codes(*documents: dict[str, Any]) -> list[str]:
    return [problem.code for problem in found(*documents)]


def option(text: str = "A heap", **fields: Any) -> dict[str, Any]:
    return {"text": text, "feedback": "That is the table.", "misconception": "A heap is ordered"} | fields


def test_a_careful_question_has_no_finding() -> None:
    assert found(careful()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"explanation": "Because."}, "B22"),
        ({"explanation": ""}, "B22"),
        ({"references": []}, "B24"),
        ({"references": [{"title": "PostgreSQL documentation"}]}, "B24"),
        ({"cognitive": None}, "B31"),
        ({"objective": None}, "B31"),
        ({"versions": ["PostgreSQL 15"]}, "B32"),
        ({"topic": "gardening", "subtopic": None, "objective": None}, "C1"),
        ({"subtopic": "databases.gardening", "objective": None}, "C1"),
        ({"objective": "databases.indexing.99"}, "C1"),
    ],
)
def test_each_rule_finds_its_mistake(fields: dict[str, Any], code: str) -> None:
    assert code in codes(careful(**fields))
    assert set(codes(careful(**fields))) <= {code, "B31"}


def test_a_dated_fact_with_its_date_is_fine() -> None:
    assert codes(careful(versions=["PostgreSQL 15"], as_of="2026-11")) == []


def test_an_explanation_of_120_characters_is_long_enough() -> None:
    assert codes(careful(explanation="x" * 120)) == []
    assert codes(careful(explanation="x" * 119)) == ["B22"]


@pytest.mark.parametrize(
    "text", ["All of the above", "none of the above.", "Both of these", "Both A and B", "All are correct"]
)
def test_options_about_the_other_options_are_found(text: str) -> None:
    options = [*careful()["options"], option(text)]

    assert codes(careful(options=options)) == ["B10"]


@pytest.mark.parametrize("missing", ["feedback", "misconception"])
def test_every_distractor_says_why_it_is_wrong_and_who_believes_it(missing: str) -> None:
    options = [*careful()["options"], option(**{missing: ""})]

    (problem,) = found(careful(options=options))
    assert problem.code == "B23"
    assert problem.where.endswith("questions.0.options.2")


def test_the_key_needs_feedback_but_no_misconception() -> None:
    key, distractor = careful()["options"]

    assert codes(careful(options=[key | {"feedback": ""}, distractor])) == ["B23"]


@pytest.mark.parametrize("kind", ["number", "short_text", "true_false", "ordering", "matching"])
def test_the_other_types_want_feedback_too(kind: str) -> None:
    fields = make.sample(kind)
    names = {"feedback", "feedback_true", "feedback_false", "misconception", "mistakes"}

    assert "B23" in codes(_without(fields, names))


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(part, names) for name, part in value.items() if name not in names}
    return [_without(part, names) for part in value] if isinstance(value, list) else value


def test_the_same_question_again_is_found() -> None:
    (problem,) = found(careful("one"), careful("two", stem="Which  structure does AN ordinary index use?"))

    assert (problem.code, problem.message) == ("B19", "two: repeats one")


def test_the_same_stem_with_another_key_is_found() -> None:
    key, distractor = careful()["options"]
    turned = [key | {"key": False, "misconception": "x"}, distractor | {"key": True}]

    (problem,) = found(careful("one"), careful("two", options=turned))
    assert problem.code == "B21"
    assert "one" in problem.message


def test_the_same_stem_with_the_same_key_and_other_distractors_is_allowed() -> None:
    assert codes(careful("one"), careful("two", options=[careful()["options"][0], option()])) == []


def test_without_a_map_nothing_is_off_it() -> None:
    assert found(careful(topic="gardening", subtopic=None, objective=None), curriculum=Curriculum()) != []
    off = found(careful(topic="gardening", subtopic=None, objective=None), curriculum=None)
    assert [problem.code for problem in off] == ["B31"]


def test_a_finding_stands_at_its_line_and_names_the_question() -> None:
    (problem,) = found(careful(explanation="Because."))

    assert problem.where == "set.yaml:12: questions.0.explanation"
    assert problem.message.startswith("one: ")


def test_advice_is_no_error() -> None:
    question = Placed(parsed(careful(explanation=""), "made"), PLACE, ("questions", 0))

    (problem,) = lint([question], CURRICULUM, Severity.ADVICE)
    assert not problem.is_error


def test_questions_are_placed_in_the_order_of_their_files() -> None:
    assert placed([]) == []
