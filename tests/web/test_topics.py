"""The map of topics, as learners see it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

import make
from quizapp.db.models import BankFile, Tally
from quizapp.queries.curriculum import CURRICULUM
from quizapp.services import answering, finishing

NAMES = {"databases": "Databases", "apis": "APIs", "cloud": "Cloud"}
MOST_STATEMENTS = 8


@pytest.fixture
def database(app):
    """The app's own database, with a small map and three questions about indexes."""
    database = app.extensions["quizapp_database"]
    with database.writing() as session:
        topics = [
            {"id": "databases", "title": "Databases", "core": True, "subtopics": INDEXING},
            {"id": "apis", "title": "APIs", "core": True},
            {"id": "cloud", "title": "Cloud"},
        ]
        session.add(BankFile(name=CURRICULUM, sha256="a", document={"topics": topics}))
        make.questions(session, [make.document(f"index-{number}") for number in range(3)])
        make.questions(session, [make.document("a-verb", topic="apis", subtopic=None)])
    return database


INDEXING = [
    {
        "id": "databases.indexing",
        "title": "Indexes",
        "objectives": [
            {
                "id": "databases.indexing.1",
                "level": "junior",
                "cognitive": "recall",
                "statement": "Name the lookups that a B-tree makes cheap",
            }
        ],
    }
]


def answers(database, learner, topic: str, subtopic: str, count: int, credit: int, at: datetime) -> None:
    with database.writing() as session:
        recent = [[int(at.timestamp()), 0]] * min(count, 10)
        session.add(
            Tally(
                learner_id=learner.id,
                topic=topic,
                subtopic=subtopic,
                answers=count,
                credit=Decimal(credit),
                recent=recent,
                last_at=at,
            )
        )


def test_the_map_is_for_people_who_are_signed_in(database, visitor):
    for path in ("/topics", "/topics/databases"):
        response = visitor.get(path)
        assert (response.status_code, "/sign-in" in response.location) == (302, True)


def test_a_new_learner_sees_every_topic_and_no_verdict(database, learner):
    page = learner.get("/topics").text

    assert all(name in page for name in NAMES.values())
    assert "No answers yet" in page
    assert page.count("Not answered yet") == 2 * 2  # two topics, in the figure and in the table
    assert "Weak" not in page
    assert page.index("No questions yet") > page.index("APIs")


def test_a_weak_topic_is_named_when_the_answers_say_so(database, learner, now):
    answers(database, learner, "databases", "databases.indexing", 20, 6, now)

    page = learner.get("/topics").text

    assert "You are weakest in Databases" in page
    assert "30 %" in page
    assert 'aria-label="Databases: 32 of 100, 80 % between' in page


def test_two_wrong_answers_make_no_verdict(database, learner, now):
    answers(database, learner, "databases", "databases.indexing", 2, 0, now)

    for path in ("/topics", "/topics/databases"):
        page = learner.get(path).text
        assert "Not enough answers yet" in page
        assert "weakest" not in page
        assert "Weak" not in page


def test_somebody_elses_answers_are_not_mine(database, learner, other_learner, now):
    answers(database, other_learner, "databases", "databases.indexing", 20, 6, now)

    assert "No answers yet" in learner.get("/topics").text


def test_a_topic_shows_its_subtopics_and_leads_to_practice(database, learner, now):
    answers(database, learner, "databases", "databases.indexing", 20, 6, now)

    page = learner.get("/topics/databases").text

    assert "You are weakest in Indexes" in page
    assert 'href="/practice?topic=databases"' in page
    assert "Name the lookups that a B-tree makes cheap" in page
    assert "/missed?topic=" not in page


def test_a_topic_leads_to_what_was_missed_in_it(app, database, learner, now):
    with database.writing() as session:
        _, attempt_id = make.running(session, learner.actor)
        finishing.submit(session, learner.id, attempt_id, now=now)

    page = learner.get("/topics/databases").text

    assert 'href="/missed?topic=databases"' in page
    assert "3 missed questions" in page


def test_a_topic_without_questions_says_so_and_offers_another(database, learner):
    response = learner.get("/topics/cloud")

    assert response.status_code == 200
    assert "No questions yet" in response.text
    assert "/practice?topic=" not in response.text


@pytest.mark.parametrize("topic", ["alchemy", "databases.indexing", "%00", "<b>", "x" * 300])
def test_an_unknown_topic_is_not_there(database, learner, topic):
    assert learner.get(f"/topics/{topic}").status_code == 404


def test_without_a_bank_the_map_says_why_it_is_empty(app, learner):
    assert "No topics yet" in learner.get("/topics").text


def test_nothing_shows_before_the_release(app, database, learner, clock, now):
    """Abuse 3: results that come when the quiz closes move no estimate before."""
    document = make.document()
    closes = now + timedelta(hours=2)
    with database.writing() as session:
        _, attempt_id = make.running(
            session, learner.actor, [document], feedback="after_close", closes_at=closes.isoformat()
        )
        answering.save_answer(session, learner.id, attempt_id, 1, make.wrong(document), number=1, now=now)
    before = [learner.get(path).text for path in ("/topics", "/topics/databases")]
    with database.writing() as session:
        finishing.submit(session, learner.id, attempt_id, now=now)

    def words(page: str) -> str:
        return page.partition("<main")[2].partition("</main>")[0]

    after = [learner.get(path).text for path in ("/topics", "/topics/databases")]
    assert [words(page) for page in after] == [words(page) for page in before]

    clock.forward(hours=3)
    assert "1 answer" in learner.get("/topics/databases").text


def test_no_history_makes_the_pages_ask_more(app, database, learner, sql, now):
    learner.get("/topics")  # the map is kept from now on
    counts = {}
    for path in ("/topics", "/topics/databases"):
        with sql.counted() as few:
            learner.get(path)
        counts[path] = len(few)
    for number in range(6):
        answers(database, learner, "databases", f"databases.part_{number}", 20, 6, now)
        with database.writing() as session:
            _, attempt_id = make.running(session, learner.actor)
            finishing.submit(session, learner.id, attempt_id, now=now)
    for path, before in counts.items():
        with sql.counted() as many:
            assert learner.get(path).status_code == 200
        assert len(many) == before <= MOST_STATEMENTS
