"""The demo: made once, the same every time, and through the real use cases."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

import make
from quizapp.db.models import Account, Attempt, QuestionSet, Slot, Step
from quizapp.domain.accounts import name_key, valid_name
from quizapp.domain.errors import Refused
from quizapp.domain.mastery import Standing
from quizapp.domain.permissions import Role
from quizapp.queries import missed, progress
from quizapp.queries.curriculum import curriculum
from quizapp.services import banks, demo
from quizapp.services.bank_files import files_of
from quizapp.services.passwords import matches
from quizapp.services.simulated_learners import NAMES

BANK = Path(__file__).parents[2] / "question_bank"
PASSWORDS = {demo.INSTRUCTOR: "chalk dust and red ink", demo.LEARNER: "read it twice aloud"}
FEW = NAMES[:3]


@pytest.fixture
def bank(database, now):
    files, problems = files_of(BANK)
    assert problems == []
    with database.writing() as session:
        banks.load(session, files, now=now)
    return database


def accounts(session):
    return {row.name: row for row in session.scalars(select(Account))}


def what_happened(session):
    """Everything but ids, in an order of its own."""
    rows = session.execute(
        select(
            Account.name,
            Attempt.title,
            Attempt.started_at,
            Attempt.finished_at,
            Attempt.score,
            Slot.position,
            Slot.topic,
            Step.number,
            Step.at,
            Step.verdict,
            Step.submission,
        )
        .join(Attempt, Attempt.learner_id == Account.id)
        .join(Slot, (Slot.learner_id == Account.id) & (Slot.attempt_id == Attempt.id))
        .join(
            Step,
            (Step.learner_id == Account.id)
            & (Step.attempt_id == Attempt.id)
            & (Step.position == Slot.position),
        )
        .order_by(Account.name, Attempt.started_at, Slot.position, Step.number)
    )
    return [tuple(row) for row in rows]


def test_there_is_an_instructor_a_learner_and_a_class(bank, now):
    demo.seed(bank, passwords=PASSWORDS, now=now, people=FEW)

    with bank.reading() as session:
        people = accounts(session)
    assert set(people) == {demo.INSTRUCTOR, demo.LEARNER, *FEW}
    assert all(row.is_demo for row in people.values())
    assert people[demo.INSTRUCTOR].role == Role.INSTRUCTOR
    assert {people[name].role for name in (demo.LEARNER, *FEW)} == {"learner"}


def test_one_can_sign_in_as_the_two_and_as_nobody_else(bank, now):
    demo.seed(bank, passwords=PASSWORDS, now=now, people=FEW)

    with bank.reading() as session:
        people = accounts(session)
    for name, password in PASSWORDS.items():
        assert matches(people[name].password_hash, password)
    assert not any(matches(people[name].password_hash, demo.NO_PASSWORD) for name in FEW)


def test_the_learner_has_something_on_every_page(bank, now):
    demo.seed(bank, passwords=PASSWORDS, now=now, people=())

    with bank.reading() as session:
        learner = accounts(session)[demo.LEARNER]
        tried = session.scalars(select(Attempt).where(Attempt.learner_id == learner.id)).all()
        skills = progress.standing(session, learner.id, curriculum(session))
        inbox = missed.by_topic(session, learner.id)
        running = progress.running(session, learner.id)
        flagged = session.scalars(
            select(Slot.position).where(Slot.learner_id == learner.id, Slot.flagged)
        ).all()
    standings = {skill.standing for skill in skills}
    assert len(tried) == 10
    assert {Standing.WEAK, Standing.STRONG} <= standings
    assert sum(inbox.values()) > 5
    assert [(attempt.mode, attempt.deadline_at) for attempt in running] == [("practice", None)]
    assert len(flagged) == 1
    assert sum(attempt.ended_by == "deadline" for attempt in tried) == 1


def test_everything_lies_in_the_month_before(bank, now):
    demo.seed(bank, passwords=PASSWORDS, now=now, people=FEW)

    with bank.reading() as session:
        first = session.scalars(select(func.min(Attempt.started_at))).one()
        last = session.scalars(select(func.max(Step.at))).one()
        scores = session.scalars(select(Attempt.score).where(Attempt.state == "finished")).all()
    assert now - timedelta(days=31) < first < last <= now
    assert any(score > Decimal(0) for score in scores)


def test_seeding_again_changes_nothing(bank, now):
    demo.seed(bank, passwords=PASSWORDS, now=now, people=FEW)
    with bank.reading() as session:
        before = what_happened(session), [row.password_hash for row in accounts(session).values()]

    demo.seed(bank, passwords=PASSWORDS, now=now + timedelta(days=2), people=FEW)

    with bank.reading() as session:
        after = what_happened(session), [row.password_hash for row in accounts(session).values()]
        sets = session.scalars(select(QuestionSet).where(QuestionSet.source.is_(None))).all()
    assert before == after
    assert sorted(row.status for row in sets) == ["draft", "published"]


def test_a_new_password_replaces_the_old_one(bank, now):
    demo.seed(bank, passwords=PASSWORDS, now=now, people=())

    demo.seed(bank, passwords={**PASSWORDS, demo.LEARNER: "quite another one"}, now=now, people=())

    with bank.reading() as session:
        assert matches(accounts(session)[demo.LEARNER].password_hash, "quite another one")


def test_a_seed_that_was_cut_short_is_completed(bank, now):
    demo.seed(bank, passwords=PASSWORDS, now=now, people=FEW[:1])

    demo.seed(bank, passwords=PASSWORDS, now=now, people=FEW)

    with bank.reading() as session:
        assert set(FEW) <= set(accounts(session))


def test_the_same_moment_gives_the_same_history(bank, now):
    demo.seed(bank, passwords=PASSWORDS, now=now, people=FEW)
    with bank.writing() as session:
        first = what_happened(session)
        for row in session.scalars(select(Account)):
            row.name, row.name_key, row.is_demo = f"old {row.name}", f"old {row.name_key}", False

    demo.seed(bank, passwords=PASSWORDS, now=now, people=FEW)

    with bank.reading() as session:
        second = [row for row in what_happened(session) if not row[0].startswith("old ")]
    assert len(first) > 100
    assert second == first


def test_somebody_real_keeps_the_name_and_their_things(bank, now):
    with bank.writing() as session:
        make.account(session, demo.LEARNER)

    with pytest.raises(Refused):
        demo.seed(bank, passwords=PASSWORDS, now=now, people=())

    with bank.reading() as session:
        row = accounts(session)[demo.LEARNER]
    assert (row.is_demo, row.password_hash) == (False, "!")


def test_without_a_bank_there_are_accounts_and_no_history(database, now):
    demo.seed(database, passwords=PASSWORDS, now=now, people=FEW)

    with database.reading() as session:
        assert len(accounts(session)) == 5
        assert session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_the_invented_names_could_be_registered():
    assert len({name_key(name) for name in NAMES}) == 40
    assert all(valid_name(name) == name for name in NAMES)
