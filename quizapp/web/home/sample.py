"""What visitors see of the product: a question and a figure, made by the parts that make the real ones."""

from decimal import Decimal
from functools import cache

from quizapp.domain.documents import read_question
from quizapp.domain.mastery import Evidence, estimate
from quizapp.domain.problems import Place
from quizapp.domain.questions import Question
from quizapp.domain.skills import Skill, by_need

QUESTION = {
    "id": "sample-limit-without-order",
    "type": "single_choice",
    "topic": "databases",
    "level": "junior",
    "stem": "A list page runs `SELECT … LIMIT 20 OFFSET 40` without `ORDER BY`. What can its readers get?",
    "options": [
        {
            "text": "Some rows twice, and others never",
            "key": True,
            "feedback": "Without an order, each page may cut another sequence of rows.",
        },
        {
            "text": "Rows in the order in which they were inserted",
            "feedback": "It often looks like that, until a vacuum, an update or another plan moves the rows.",
            "misconception": "A table is a list that remembers how it was filled",
        },
        {
            "text": "An error, because `OFFSET` needs an order",
            "feedback": "The statement is legal. That is what makes it easy to overlook.",
            "misconception": "What is not defined is refused",
        },
    ],
    "explanation": "",
}
ANSWERS = (
    ("databases", "Databases", 24, "13.5"),
    ("apis", "APIs", 18, "13"),
    ("security", "Security", 3, "2"),
    ("networking", "Networking", 20, "18.5"),
)


@cache
def question() -> Question:
    """One question, to be shown as it looks after a wrong answer."""
    found, problems = read_question(QUESTION, Place("sample", {}))
    assert found is not None, problems
    return found


@cache
def chosen() -> dict[str, list[str]]:
    """The wrong answer that the sample shows."""
    wrong = question().body.examples().wrong
    return {name: list(values) for name, values in wrong.items()}


@cache
def skills() -> list[Skill]:
    """Somebody's standing in four topics."""
    made = []
    for identity, title, answers, credit in ANSWERS:
        known = Evidence(answers, Decimal(credit), (), None)
        made.append(Skill(identity, title, answers, known, estimate(known), core=True))
    return by_need(made)
