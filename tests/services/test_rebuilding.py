"""A rebuild counts the same as the use cases did, finds what was broken, and mends it."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

import make
from quizapp.db.models import Encounter, Tally
from quizapp.services import answering, banks, demo, finishing, starting
from quizapp.services.bank_files import files_of
from quizapp.services.rebuilding import Difference, rebuild
from quizapp.services.simulated_learners import NAMES

BANK = Path(__file__).parents[2] / "question_bank"
PASSWORDS = {demo.INSTRUCTOR: "chalk dust and red ink", demo.LEARNER: "read it twice aloud"}


@pytest.fixture
def demo_database(database, now):
    with database.writing() as session:
        banks.load(session, files_of(BANK)[0], now=now)
    demo.seed(database, passwords=PASSWORDS, now=now, people=NAMES[:6])
    return database


@pytest.fixture
def counted(database, now):
    """A database with one learner's exam of three questions, one of them right."""
    documents = [make.document() for _ in range(3)]
    with database.writing() as session:
        learner, attempt_id = make.running(session, documents=documents)
        answering.save_answer(session, learner.id, attempt_id, 1, make.right(documents[0]), number=1, now=now)
        answering.save_answer(session, learner.id, attempt_id, 2, make.wrong(documents[1]), number=1, now=now)
        finishing.submit(session, learner.id, attempt_id, now=now)
    return database


def rows(session):
    return sorted(
        str(tuple(row)) for table in (Tally, Encounter) for row in session.execute(select(table.__table__))
    )


def told(report):
    return [str(difference) for difference in report.differences]


def test_on_the_demo_nothing_differs(demo_database):
    report = rebuild(demo_database, check=True)

    assert report.rows > 300
    assert told(report) == []


def test_a_whole_new_count_equals_what_was_written(demo_database):
    with demo_database.writing() as session:
        before = rows(session)
        session.execute(delete(Tally))
        session.execute(delete(Encounter))

    report = rebuild(demo_database)

    with demo_database.reading() as session:
        after = rows(session)
    assert len(report.differences) == report.rows == len(before)
    assert after == before


def test_checking_finds_a_changed_row_and_leaves_it(counted):
    with counted.writing() as session:
        session.execute(update(Tally).values(credit=Decimal(2)))

    for _ in range(2):
        assert [line.split(": ")[1] for line in told(rebuild(counted, check=True))] == ["credit"]


def test_rebuilding_mends_what_is_changed_missing_or_made_up(counted, now):
    with counted.writing() as session:
        learner_id = session.scalars(select(Tally.learner_id)).one()
        questions = session.scalars(select(Encounter.question_id).order_by(Encounter.question_id)).all()
        session.execute(update(Encounter).where(Encounter.question_id == questions[0]).values(misses=7))
        session.execute(delete(Encounter).where(Encounter.question_id == questions[1]))
        session.add(
            Tally(
                learner_id=learner_id,
                topic="cloud",
                subtopic="",
                answers=1,
                credit=Decimal(1),
                recent=[[int(now.timestamp()), 1_000_000]],
                last_at=now,
            )
        )

    report = rebuild(counted)

    assert sorted(line.rpartition(": ")[2] for line in told(report)) == [
        "misses",
        "missing",
        "nothing accounts for it",
    ]
    assert told(rebuild(counted, check=True)) == []


def test_each_difference_is_told_as_it_is_found(counted):
    with counted.writing() as session:
        session.execute(delete(Encounter))
    heard: list[Difference] = []

    report = rebuild(counted, check=True, tell=heard.append)

    assert heard == report.differences
    assert (report.rows, len(heard)) == (4, 3)


def test_results_that_are_not_released_stay_uncounted(database, now):
    document = make.document()
    closes = now + timedelta(hours=2)
    with database.writing() as session:
        learner, attempt_id = make.running(
            session, documents=[document], feedback="after_close", closes_at=closes.isoformat()
        )
        answering.save_answer(session, learner.id, attempt_id, 1, make.right(document), number=1, now=now)
        finishing.submit(session, learner.id, attempt_id, now=now)

    assert told(rebuild(database)) == []
    with database.reading() as session:
        assert session.scalars(select(Tally)).all() == []


def test_attempts_that_one_visit_settles_together_are_counted_in_the_order_they_began(database, now):
    """The last of them decides what the inbox says, now and after a rebuild."""
    document = make.document()
    with database.writing() as session:
        learner, first = make.running(session, documents=[document])
        answering.save_answer(session, learner.id, first, 1, make.right(document), number=1, now=now)
        later = now + timedelta(minutes=1)
        another = make.quiz(session, [document["id"]]).uid
        second = starting.start_quiz(session, learner, another, now=later).attempt_id
        answering.save_answer(session, learner.id, second, 1, make.wrong(document), number=1, now=later)
        finishing.settle(session, learner.id, now=now + timedelta(days=1))
        assert session.scalars(select(Encounter.attempt_id)).one() == second

    assert told(rebuild(database, check=True)) == []


def test_practice_left_open_and_grace_that_ran_out_are_counted_as_they_were(database, now):
    documents = [make.document() for _ in range(2)]
    with database.writing() as session:
        learner, practice = make.running(session, documents=documents, mode="practice")
        answering.check_answer(session, learner.id, practice, 1, make.wrong(documents[0]), number=1, now=now)
        _, strict = make.running(session, learner, at_deadline="grace", grace_minutes=5)
        finishing.settle(session, learner.id, now=now + timedelta(days=1))

    report = rebuild(database, check=True)

    assert strict
    assert (told(report), report.rows) == ([], 6)


def test_an_empty_database_needs_nothing(database):
    report = rebuild(database)

    assert (report.rows, report.differences) == (0, [])
