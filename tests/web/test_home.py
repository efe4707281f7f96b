"""The start page and the help page."""

import re
from datetime import timedelta

import pytest

import make
from quizapp.app import create_app
from quizapp.db.models import BankFile
from quizapp.queries.curriculum import CURRICULUM
from quizapp.services import answering, finishing
from quizapp.web.home.dashboard import DIAGNOSTIC

MOST_STATEMENTS = 10
PRIMARY = re.compile(r'<a class="button button-primary"\s+href="([^"]+)"')


@pytest.fixture
def database(app):
    """The app's own database, with one core topic, its questions, and the diagnostic."""
    database = app.extensions["quizapp_database"]
    with database.writing() as session:
        topics = [{"id": "databases", "title": "Databases", "core": True}]
        session.add(BankFile(name=CURRICULUM, sha256="a", document={"topics": topics}))
        rows = make.questions(session, [make.document(f"index-{number}") for number in range(3)])
        make.quiz(session, [row.uid for row in rows], id=DIAGNOSTIC, title="Ten-minute diagnostic")
    return database


def primary(page: str) -> list[str]:
    return [href.replace("&amp;", "&") for href in PRIMARY.findall(page)]


def finished(database, learner, now, *, right: int = 0, questions: int = 3, **fields) -> str:
    """An exam of which this many answers are right."""
    documents = [make.document() for _ in range(questions)]
    with database.writing() as session:
        _, attempt_id = make.running(session, learner.actor, documents, now=now, **fields)
        for position, document in enumerate(documents, start=1):
            answer = make.right(document) if position <= right else make.wrong(document)
            answering.save_answer(session, learner.id, attempt_id, position, answer, number=1, now=now)
        finishing.submit(session, learner.id, attempt_id, now=now)
    return attempt_id


def test_a_visitor_is_told_what_this_is_and_can_begin(database, visitor):
    page = visitor.get("/")

    assert page.status_code == 200
    assert primary(page.text) == [f"/register?next=/quizzes/{DIAGNOSTIC}"]
    assert "Take the 10-minute diagnostic" in page.text
    assert 'href="/sign-in"' in page.text


def test_a_visitor_sees_a_real_question_and_a_real_figure(database, visitor):
    page = visitor.get("/").text

    assert "Your answer" in page
    assert "Correct answer" in page
    assert "You are weakest in Databases" in page
    assert 'aria-label="Security: 60 of 100, 80 % between 34 and 86, few answers yet"' in page


def test_without_a_diagnostic_the_way_leads_to_the_quizzes(app, visitor):
    assert primary(visitor.get("/").text) == ["/register?next=/quizzes"]


def test_where_nobody_may_register_the_way_leads_to_signing_in(settings, visitor):
    closed = create_app(settings.model_copy(update={"registration": "closed"}))

    page = closed.test_client().get("/").text

    assert primary(page) == ["/sign-in?next=/quizzes"]
    closed.extensions["quizapp_database"].dispose()


def test_a_new_learner_is_led_to_the_diagnostic(database, learner):
    page = learner.get("/").text

    assert primary(page) == [f"/quizzes/{DIAGNOSTIC}"]
    assert "Last results" not in page
    assert "There are none now" in page


def test_a_learner_without_any_bank_is_not_led_astray(app, learner):
    page = learner.get("/")

    assert page.status_code == 200
    assert primary(page.text) == []
    assert "There are no questions yet" in page.text


def test_a_running_quiz_stands_first_with_the_time_left(database, learner, now):
    with database.writing() as session:
        _, attempt_id = make.running(session, learner.actor, now=now - timedelta(minutes=5))

    page = learner.get("/").text

    assert primary(page) == [f"/attempts/{attempt_id}"]
    assert "15 min left" in page


def test_of_two_running_quizzes_the_more_urgent_stands_first(database, learner, now):
    with database.writing() as session:
        make.running(session, learner.actor, mode="practice", time_limit_minutes=None)
        _, exam = make.running(session, learner.actor, now=now)

    page = learner.get("/").text

    assert primary(page) == [f"/attempts/{exam}"]
    assert page.count(">Resume<") == 2
    assert "no time limit" in page


def test_time_that_ran_out_meanwhile_is_a_result(database, learner, clock):
    with database.writing() as session:
        make.running(session, learner.actor)
    clock.forward(hours=1)

    page = learner.get("/").text

    assert "Still running" not in page
    assert "Last results" in page
    assert "0 of 3" in page


def test_the_weakest_topic_comes_next(database, learner, now):
    finished(database, learner, now, right=4, questions=20)

    page = learner.get("/").text

    assert primary(page) == ["/practice?topic=databases"]
    assert "Databases is your weakest topic so far: 20 % right in 20 answers" in page
    assert "You are weakest in Databases" in page
    assert "16 questions wait" in page


def test_a_few_answers_are_called_too_few(database, learner, now):
    finished(database, learner, now, right=0, questions=2)

    page = learner.get("/").text

    assert "2 answers in Databases: too few to say where you stand" in page
    assert "weakest" not in page


def test_results_are_shown_with_score_and_pass_mark(database, learner, now):
    attempt_id = finished(database, learner, now, right=2, pass_mark=60)

    page = learner.get("/").text

    assert f'href="/attempts/{attempt_id}/result"' in page
    assert "66.7 %" in page
    assert "Passed" in page


def test_a_score_is_not_shown_before_its_release(database, learner, clock, now):
    """Abuse 3."""
    closes = (now + timedelta(hours=2)).isoformat()
    attempt_id = finished(database, learner, now, right=3, feedback="after_close", closes_at=closes)

    before = learner.get("/").text
    clock.forward(hours=3)
    after = learner.get("/").text

    assert attempt_id not in before
    assert "100 %" not in before
    assert "Last results" not in before
    assert (attempt_id in after, "100 %" in after) == (True, True)


def test_the_start_page_shows_nothing_of_others(database, learner, other_learner, now):
    attempt_id = finished(database, other_learner, now, right=1)

    page = learner.get("/").text

    assert attempt_id not in page
    assert primary(page) == [f"/quizzes/{DIAGNOSTIC}"]


def test_no_history_makes_the_start_page_ask_more(database, learner, sql, now):
    learner.get("/")
    counts = []
    for _ in range(2):
        for number in range(4):
            finished(database, learner, now - timedelta(hours=number), right=1)
        with sql.counted() as sent:
            learner.get("/")
        counts.append(len(sent))

    assert counts[0] == counts[1] <= MOST_STATEMENTS


def test_help_is_for_everybody(app, visitor, learner):
    for person in (visitor, learner):
        page = person.get("/help")
        assert page.status_code == 200
        assert '<meta name="csrf-token"' in page.text
        assert all(f'id="{part}"' in page.text for part in ("keys", "modes", "time", "saving", "data"))
    assert 'href="/account"' in learner.get("/help").text
    assert 'href="/account"' not in visitor.get("/help").text


def test_help_asks_the_database_nothing_of_a_visitor(app, visitor, sql):
    with sql.counted() as sent:
        visitor.get("/help")

    assert sent == []
