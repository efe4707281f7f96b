"""The question bank itself: it checks clean, it is broad enough, and no question gives itself away."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from quizapp.cli.environment import packed_bank
from quizapp.domain.grading import Verdict
from quizapp.domain.question_types import answerable
from quizapp.domain.questions import Cognitive, Level, Question
from quizapp.domain.selection import Candidate, supply
from quizapp.services.bank_files import read_bank

BANK = read_bank(packed_bank())
QUESTIONS = [question for each in BANK.sets.values() for question in each.questions]
CHOICES = [question for question in QUESTIONS if hasattr(question.body, "options")]
CORE = [topic.id for topic in BANK.curriculum.topics if topic.core]
SEEDS = (None, 0, 1, 2)
LEVELS = list(Level)


def of_topic(topic: str) -> list[Question]:
    return [question for question in QUESTIONS if question.topic == topic]


def test_the_bank_checks_without_a_problem() -> None:
    assert [str(problem) for problem in BANK.problems] == []


def test_the_bank_has_at_least_a_hundred_questions() -> None:
    assert len(QUESTIONS) >= 100


def test_there_are_five_core_topics_and_twelve_others() -> None:
    assert CORE == ["databases", "apis", "security", "networking", "system_design"]
    assert len(BANK.curriculum.topics) == 17
    assert all(topic.subtopics for topic in BANK.curriculum.topics)


@pytest.mark.parametrize("topic", CORE)
def test_every_core_topic_is_covered_in_breadth(topic: str) -> None:
    questions = of_topic(topic)
    asked = Counter(question.subtopic for question in questions)
    listed = next(each for each in BANK.curriculum.topics if each.id == topic).subtopics

    assert len(questions) >= 20
    assert len({question.type for question in questions}) >= len(answerable()) - 3
    assert len({question.level for question in questions}) >= 2
    assert [sub.id for sub in listed if not asked[sub.id]] == []


def test_there_is_enough_of_every_kind_that_is_worked_on() -> None:
    kinds = Counter(question.type for question in QUESTIONS)
    wanted = {"sql_query": 20, "line_select": 10, "composite": 6, "http_kata": 4, "open_response": 8}

    assert set(kinds) == set(answerable())
    assert {kind: kinds[kind] for kind, least in wanted.items() if kinds[kind] < least} == {}


@pytest.mark.parametrize("topic", CORE)
def test_most_questions_of_a_topic_ask_for_more_than_recall(topic: str) -> None:
    questions = of_topic(topic)

    assert sum(question.cognitive == "recall" for question in questions) * 3 <= len(questions)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_question_asks_no_less_than_its_objective(question: Question) -> None:
    """A task may ask for a step more of the same knowledge; what should be applied is not only recalled."""
    assert question.objective is not None
    assert question.cognitive is not None
    objective = BANK.curriculum.objectives[question.objective]

    assert LEVELS.index(question.level) - LEVELS.index(objective.level) in {0, 1}
    assert question.cognitive is not Cognitive.RECALL or objective.cognitive is Cognitive.RECALL


@pytest.mark.parametrize("name", BANK.quizzes)
def test_every_quiz_can_be_filled_from_the_bank(name: str) -> None:
    quiz, _ = BANK.quizzes[name]
    provided = supply(quiz, candidates())

    assert [n for n, item in enumerate(quiz.items) if provided[n] < item.count] == []


def candidates() -> list[Candidate]:
    return [
        Candidate(number, q.id, q.topic, q.subtopic, q.level, q.type, q.points)
        for number, q in enumerate(QUESTIONS)
    ]


def test_there_is_an_exam_for_each_core_topic_a_mixed_one_and_a_diagnostic() -> None:
    quizzes = {quiz.id: quiz for quiz, _ in BANK.quizzes.values()}

    for topic in CORE:
        exam = quizzes[f"{topic.replace('_', '-')}-exam"]
        assert (exam.slots, exam.time_limit_minutes, exam.pass_mark) == (12, 20, 70)
        assert {item.draw.topic for item in exam.items if item.draw} == {topic}
    mixed, diagnostic = quizzes["backend-mixed"], quizzes["ten-minute-diagnostic"]
    assert (mixed.slots, mixed.time_limit_minutes, mixed.pass_mark) == (20, 30, 70)
    assert (diagnostic.slots, diagnostic.time_limit_minutes, diagnostic.pass_mark) == (10, 10, None)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_the_right_example_is_right_and_the_wrong_one_is_not(question: Question) -> None:
    body, examples = question.body, question.body.examples()

    assert body.grade(body.read(examples.right)).verdict is Verdict.RIGHT
    assert body.grade(body.read(examples.wrong)).verdict is not Verdict.RIGHT


SECRET = frozenset({"key", "answer", "answers", "mistakes", "tolerance", "credit", "explanation"})
TEACHING = frozenset({"feedback", "feedback_true", "feedback_false", "misconception", "explanation"})


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_what_a_learner_sees_reveals_nothing(question: Question) -> None:
    document = question.document()
    canaries = {text for name, text in leaves(document) if name in TEACHING}
    assert canaries
    for seed in SEEDS:
        face = question.body.face(seed)
        assert {name for name, _ in leaves(face)} & (SECRET | TEACHING) == set()
        shown = json.dumps(face, ensure_ascii=False)
        assert [text for text in canaries if json.dumps(text, ensure_ascii=False)[1:-1] in shown] == []


@pytest.mark.parametrize("question", CHOICES, ids=lambda question: question.id)
def test_another_key_would_look_the_same(question: Question) -> None:
    """Ids and order come from the texts and the seed alone."""
    fields = question.body.model_dump()
    keys = [option["key"] for option in fields["options"]]
    for option, key in zip(fields["options"], [*keys[1:], keys[0]], strict=True):
        option["key"] = key
    turned = type(question.body).model_validate(fields)

    assert turned != question.body
    assert [turned.face(seed) for seed in SEEDS] == [question.body.face(seed) for seed in SEEDS]


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text inside a value, with the field that holds it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, key)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part, name)
    elif value not in ("", None):
        yield name, str(value)
