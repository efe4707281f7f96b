"""Words on pages: short texts of questions, and answers as they were typed and chosen."""

import re
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape

import make
import people
from quizapp.db.engine import Database
from quizapp.web.markup import plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"Given $a \to b$ and $n \le 3$.", "Given a → b and n ≤ 3."),
        (r"It holds $\lceil \log_2 n \rceil$ levels.", "It holds ⌈ log_2 n ⌉ levels."),
        (r"The key is $\{a, b\}$, one of $\mathrm{x}_{2}$.", "The key is {a, b}, one of x_2."),
        ("A price of 5 dollars", "A price of 5 dollars"),
    ],
)
def test_formulas_in_lists_read_without_marks(text: str, shown: str) -> None:
    assert plain_text(text) == shown


def test_a_long_text_ends_after_a_whole_word() -> None:
    assert plain_text("one two three, four", 16) == "one two three…"
    assert plain_text("x" * 40, 10) == "x" * 9 + "…"
    assert len(plain_text("word " * 100, 90)) <= 90


def test_a_formula_brings_no_markup_into_a_list() -> None:
    assert plain_text(r"$x \<b>y</b>$") == r"x <b>y</b>"
    assert "<b>" not in str(escape(plain_text(r"$x \<b>y</b>$")))


def summary_of(app: Flask, learner: people.Browser, document: dict[str, Any], answer: dict[str, Any]) -> str:
    database: Database = app.extensions["quizapp_database"]
    with database.writing() as session:
        rows = make.questions(session, [document])
        quiz = make.quiz(session, [row.uid for row in rows])
        address = f"/quizzes/{quiz.uid}"
    attempt = str(learner.post(f"{address}/start").headers["Location"])
    learner.post(f"{attempt}/questions/1", {"sequence": "0", "action": "next", **answer})
    page = learner.get(f"{attempt}/summary").text
    cell = re.search(r'data-label="Your answer">(.*?)</td>', page, re.DOTALL)
    assert cell is not None
    return " ".join(cell[1].split())


def test_the_summary_shows_what_was_typed_letter_for_letter(app: Flask, learner: people.Browser) -> None:
    shown = summary_of(app, learner, make.sample("short_text"), {"text": "Dense_RANK(*a*)"})

    assert shown == "Dense_RANK(*a*)"


def test_the_summary_parts_several_choices(app: Flask, learner: people.Browser) -> None:
    document = make.sample("multiple_choice")

    shown = summary_of(app, learner, document, make.right(document))

    keys = [option["text"] for option in document["options"] if option.get("key")]
    assert sorted(shown.split("; ")) == sorted(keys)


def test_a_page_of_checked_answers_does_not_promise_that_they_can_change(
    app: Flask, learner: people.Browser
) -> None:
    document = make.sample("true_false")
    database: Database = app.extensions["quizapp_database"]
    with database.writing() as session:
        rows = make.questions(session, [document])
        quiz = make.quiz(session, [row.uid for row in rows], mode="practice", time_limit_minutes=None)
        address = f"/quizzes/{quiz.uid}"
    attempt = str(learner.post(f"{address}/start").headers["Location"])
    assert "You can change any answer" in learner.get(f"{attempt}/summary").text

    learner.post(f"{attempt}/questions/1", {"sequence": "0", "action": "check", **make.right(document)})

    page = learner.get(f"{attempt}/summary").text
    assert "Every answer is checked and final" in page
    assert "You can change any answer" not in page


def test_an_empty_check_says_that_nothing_was_checked(app: Flask, learner: people.Browser) -> None:
    database: Database = app.extensions["quizapp_database"]
    with database.writing() as session:
        rows = make.questions(session, [make.sample("true_false")])
        quiz = make.quiz(session, [row.uid for row in rows], mode="practice", time_limit_minutes=None)
        address = f"/quizzes/{quiz.uid}"
    attempt = str(learner.post(f"{address}/start").headers["Location"])

    page = learner.post(f"{attempt}/questions/1", {"sequence": "0", "action": "check"})

    assert page.status_code == 422
    assert "Not checked:" in page.text
