"""Composing a quiz of one's own."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

import make
import people
from quizapp.db.models import Attempt

TOKEN = "a-token-of-the-form"


@pytest.fixture
def bank(app: Flask) -> None:
    """Eight questions on databases and six on APIs, of two levels."""
    levels = ("junior", "senior")
    documents = [make.document(level=levels[number % 2]) for number in range(8)]
    documents += [make.document(topic="apis", subtopic=None, level=levels[number % 2]) for number in range(6)]
    with app.extensions["quizapp_database"].writing() as session:
        make.questions(session, documents)


def ask(who: people.Browser, **fields: Any) -> TestResponse:
    return who.post(
        "/practice", {"questions": "5", "mode": "practice", "minutes": "", "token": TOKEN, **fields}
    )


def started(who: people.Browser) -> list[Attempt]:
    with who.app.extensions["quizapp_database"].reading() as session:
        return list(session.scalars(select(Attempt).where(Attempt.learner_id == who.id)))


def ticked(page: str) -> set[str]:
    return set(re.findall(r'<input checked[^>]*name="(?:topics|levels)"[^>]*value="([^"]+)"', page))


@pytest.mark.usefixtures("bank")
def test_topics_are_offered_with_their_numbers(learner: people.Browser) -> None:
    page = learner.get("/practice").text
    assert re.search(r"Databases\s*<span[^>]*>8</span>", page)
    assert re.search(r"Apis\s*<span[^>]*>6</span>", page)
    assert ticked(page) == set()


def test_without_questions_the_page_says_so(learner: people.Browser) -> None:
    assert "There are no questions yet" in learner.get("/practice").text


@pytest.mark.usefixtures("bank")
def test_the_address_can_choose_before(learner: people.Browser) -> None:
    page = learner.get("/practice?topic=databases&topic=nothing&level=senior&level=<b>").text
    assert ticked(page) == {"databases", "senior"}


@pytest.mark.usefixtures("bank")
def test_the_form_on_the_page_starts_an_untimed_practice(learner: people.Browser) -> None:
    page = learner.get("/practice").text
    token = re.search(r'name="token"[^>]*value="([\w-]{16,40})"', page)
    assert token
    answer = ask(learner, topics=["databases", "apis"], levels=["junior"], token=token[1])
    (attempt,) = started(learner)
    assert answer.status_code == 303
    assert answer.location == f"/attempts/{attempt.id}"
    assert (attempt.mode, attempt.deadline_at, attempt.title) == (
        "practice",
        None,
        "Databases and Apis, junior",
    )
    draws = [item["draw"] for item in attempt.blueprint["items"]]
    assert [(draw["topic"], draw["count"], draw["levels"]) for draw in draws] == [
        ("databases", 3, ["junior"]),
        ("apis", 2, ["junior"]),
    ]


@pytest.mark.usefixtures("bank")
def test_an_exam_has_the_limit_that_was_asked_for(learner: people.Browser) -> None:
    ask(learner, mode="exam", minutes="15")
    (attempt,) = started(learner)
    assert attempt.mode == "exam"
    assert attempt.deadline_at is not None
    assert (attempt.deadline_at - attempt.started_at).total_seconds() == 15 * 60


@pytest.mark.usefixtures("bank")
def test_pressing_twice_starts_one_quiz(learner: people.Browser) -> None:
    assert ask(learner).location == ask(learner).location
    assert len(started(learner)) == 1


@pytest.mark.usefixtures("bank")
def test_two_people_with_one_token_do_not_meet(
    learner: people.Browser, other_learner: people.Browser
) -> None:
    assert ask(learner).location != ask(other_learner).location


@pytest.mark.usefixtures("bank")
def test_too_few_questions_start_a_shorter_quiz_and_it_is_said(learner: people.Browser) -> None:
    answer = ask(learner, questions="20")
    assert "Only 14 questions fit." in learner.get(answer.location, follow_redirects=True).text


@pytest.mark.usefixtures("bank")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"questions": "4"}, "Choose a number from 5 to 50."),
        ({"questions": "51"}, "Choose a number from 5 to 50."),
        ({"questions": ""}, "Choose a number from 5 to 50."),
        ({"questions": "many"}, "Choose a number from 5 to 50."),
        ({"questions": "9" * 5000}, "Choose a number from 5 to 50."),
        ({"minutes": "0"}, "Give whole minutes from 1 to 600"),
        ({"minutes": "1.5"}, "Give whole minutes from 1 to 600"),
        ({"minutes": "9999"}, "Give whole minutes from 1 to 600"),
        ({"token": "short"}, "Send it once more"),
        ({"topics": ["nothing"]}, "nothing"),
        ({"levels": ["wizard"]}, "wizard"),
        ({"mode": "review"}, "Not a valid choice"),
        ({"levels": ["staff"]}, "There is no question that fits."),
    ],
)
def test_what_cannot_be_started_is_told_beside_its_field(
    learner: people.Browser, change: dict[str, Any], words: str
) -> None:
    answer = ask(learner, **{"topics": ["apis"], "levels": ["junior"], **change})
    assert answer.status_code == 422
    assert words in answer.text
    assert "<title>Error: " in answer.text
    assert started(learner) == []
    kept = set() if "topics" in change else {"apis"}
    assert kept <= ticked(answer.text)


@pytest.mark.usefixtures("bank")
def test_a_refused_form_keeps_what_was_typed(learner: people.Browser) -> None:
    page = ask(learner, topics=["apis"], levels=["senior"], questions="700", minutes="12", mode="exam").text
    assert ticked(page) == {"apis", "senior"}
    assert 'value="700"' in page
    assert 'value="12"' in page
    assert re.search(r'<input checked[^>]*value="exam"', page)
    assert f'value="{TOKEN}"' in page


@pytest.mark.usefixtures("bank")
def test_an_unreadable_token_is_replaced_so_that_the_next_press_works(learner: people.Browser) -> None:
    page = ask(learner, token="<broken>").text
    fresh = re.search(r'name="token"[^>]*value="([\w-]{16,40})"', page)
    assert fresh
    assert ask(learner, token=fresh[1]).status_code == 303


@pytest.mark.usefixtures("bank")
def test_fields_that_are_none_of_ours_change_nothing(learner: people.Browser, clock: people.Clock) -> None:
    ask(learner, learner_id="1", deadline="2099-01-01", score="100", state="finished", own_factor="10")
    (attempt,) = started(learner)
    assert (attempt.state, attempt.score, attempt.started_at) == ("open", None, clock.at)


@pytest.mark.usefixtures("bank")
def test_visitors_and_forged_forms_start_nothing(visitor: people.Browser, learner: people.Browser) -> None:
    assert visitor.get("/practice").status_code == 302
    assert learner.client.post("/practice", data={"questions": "5", "token": TOKEN}).status_code == 400
    assert started(learner) == []


@pytest.mark.usefixtures("bank")
def test_the_sixty_first_start_in_an_hour_has_to_wait(learner: people.Browser, clock: people.Clock) -> None:
    form = {"csrf_token": learner.token(), "questions": "5", "mode": "practice", "token": TOKEN}
    codes = [learner.client.post("/practice", data=form).status_code for _ in range(61)]
    assert codes == [303] * 60 + [429]
    clock.forward(hours=2)
    assert ask(learner).status_code == 303


@pytest.mark.usefixtures("bank")
def test_the_page_sends_few_statements(learner: people.Browser, sql: people.Statements) -> None:
    with sql.counted() as sent:
        assert learner.get("/practice").status_code == 200
    assert len(sent) <= 4
