"""Quizzes of instructors: what may be built, what is published, and whom a change reaches."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from quizapp.db.models import Attempt, Quiz
from quizapp.domain.errors import NotAllowed, NotFound, Refused
from quizapp.domain.permissions import Actor
from quizapp.queries import own_quizzes
from quizapp.queries import quizzes as stored
from quizapp.services import quizzes, starting


@pytest.fixture
def ines(session: Session) -> Actor:
    return make.actor(session, "Ines", role="instructor")


@pytest.fixture
def igor(session: Session) -> Actor:
    return make.actor(session, "Igor", role="instructor")


def test_a_new_quiz_is_a_draft_that_no_learner_can_start(session, ines, now) -> None:
    make.questions(session, [make.document("one")])
    row = quizzes.create(session, ines, make.blueprint(["one"]), now=now)
    assert (row.status, row.owner_id) == ("draft", ines.id)
    with pytest.raises(NotFound):
        starting.start_quiz(session, make.actor(session), row.uid, now=now)


def test_saving_a_new_quiz_twice_makes_one(session, ines, now) -> None:
    make.questions(session, [make.document("one")])
    blueprint = make.blueprint(["one"])
    first = quizzes.create(session, ines, blueprint, now=now)
    second = quizzes.create(session, ines, blueprint, now=now + timedelta(seconds=1))
    assert (second.id, second.updated_at) == (first.id, now)
    assert session.scalar(select(func.count()).select_from(Quiz)) == 1


def test_an_id_of_somebody_elses_quiz_is_refused_and_theirs_stays(session, ines, igor, now) -> None:
    make.questions(session, [make.document("one")])
    blueprint = make.blueprint(["one"])
    row = quizzes.create(session, ines, blueprint, now=now)
    with pytest.raises(Refused):
        quizzes.create(session, igor, blueprint.model_copy(update={"title": "Mine"}), now=now)
    assert (row.owner_id, row.title) == (ines.id, "Indexes")


def test_only_questions_that_one_may_use_are_asked(session, ines, igor, now) -> None:
    draft = make.question_set(session, owner=igor.id, status="draft")
    (hidden,) = make.questions(session, [make.document("hidden")], within=draft)
    hidden.status = "draft"
    home = make.question_set(session, owner=ines.id)
    *_, old = make.questions(session, [make.document("one"), make.document("old")], within=home)
    old.status = "retired"
    session.flush()
    blueprint = make.blueprint(["hidden", "one", "unknown", "old", "one"])
    problems = list(quizzes.item_problems(session, ines, blueprint))
    assert [(problem.where, problem.code) for problem in problems] == [
        ("quiz:1: items.0.question", "unknown_question"),
        ("quiz:1: items.2.question", "unknown_question"),
        ("quiz:1: items.3.question", "retired_question"),
        ("quiz:1: items.4.question", "same_question"),
    ]
    with pytest.raises(Refused) as refusal:
        quizzes.create(session, ines, blueprint, now=now)
    assert refusal.value.field == "items.0.question"
    assert own_quizzes.own(session, ines) == []


def test_coverage_counts_what_is_published_and_fits(session, ines, now) -> None:
    rows = make.questions(
        session,
        [
            make.document("one"),
            make.document("two", level="senior"),
            make.document("three", topic="networking", subtopic=None),
        ],
    )
    rows[0].status = "draft"
    session.flush()
    blueprint = make.blueprint(
        items=[
            {"draw": {"count": 2, "topic": "databases"}},
            {"draw": {"count": 1, "levels": ["senior"]}},
            {"question": "one"},
        ]
    )
    covered = quizzes.coverage(session, blueprint)
    assert [(row.item.count, row.found, row.is_short) for row in covered] == [
        (2, 1, True),
        (1, 1, False),
        (1, 0, True),
    ]


def test_a_quiz_without_enough_questions_is_not_published(session, ines, now) -> None:
    make.questions(session, [make.document("one"), make.document("two")])
    row = quizzes.create(session, ines, make.blueprint(items=[{"draw": {"count": 3}}]), now=now)
    with pytest.raises(Refused, match="3 asked, but 2 published fit") as refusal:
        quizzes.publish(session, ines, row.id, now=now)
    assert (refusal.value.field, row.status) == ("items.0", "draft")


def test_rows_that_share_their_questions_do_not_count_them_twice(session, ines, now) -> None:
    make.questions(session, [make.document("one"), make.document("two")])
    items = [{"draw": {"count": 2}}, {"draw": {"count": 1, "topic": "databases"}}]
    row = quizzes.create(session, ines, make.blueprint(items=items), now=now)
    with pytest.raises(Refused, match="1 would be missing"):
        quizzes.publish(session, ines, row.id, now=now)


def test_a_published_quiz_can_be_started_and_a_retired_one_cannot(session, ines, now) -> None:
    make.questions(session, [make.document("one")])
    row = quizzes.create(session, ines, make.blueprint(["one"]), now=now)
    quizzes.publish(session, ines, row.id, now=now)
    starting.start_quiz(session, make.actor(session), row.uid, now=now)
    quizzes.retire(session, ines, row.id, now=now)
    with pytest.raises(NotFound):
        starting.start_quiz(session, make.actor(session), row.uid, now=now)


def test_a_change_reaches_new_attempts_only(session, ines, now) -> None:
    make.questions(session, [make.document("one")])
    row = quizzes.create(session, ines, make.blueprint(["one"]), now=now)
    quizzes.publish(session, ines, row.id, now=now)
    learner = make.actor(session)
    running = starting.start_quiz(session, learner, row.uid, now=now).attempt_id
    shorter = make.blueprint(["one"], time_limit_minutes=5, title="Short")
    quizzes.change(session, ines, row.id, shorter, now=now)

    attempt = session.get_one(Attempt, (learner.id, running))
    assert attempt.deadline_at == now + timedelta(minutes=20)
    assert (row.title, stored.blueprint_of(row).time_limit_minutes) == ("Short", Decimal(5))
    assert stored.blueprint_of(row).id == row.uid != shorter.id


def test_a_published_quiz_cannot_be_changed_into_one_that_lacks_questions(session, ines, now) -> None:
    make.questions(session, [make.document("one")])
    row = quizzes.create(session, ines, make.blueprint(["one"]), now=now)
    quizzes.publish(session, ines, row.id, now=now)
    with pytest.raises(Refused):
        quizzes.change(session, ines, row.id, make.blueprint(items=[{"draw": {"count": 9}}]), now=now)
    assert stored.blueprint_of(row).slots == 1


def test_a_quiz_belongs_to_who_made_it(session, ines, igor, now) -> None:
    make.questions(session, [make.document("one")])
    blueprint = make.blueprint(["one"])
    row = quizzes.create(session, ines, blueprint, now=now)
    for attempt in (
        lambda: quizzes.change(session, igor, row.id, blueprint, now=now),
        lambda: quizzes.publish(session, igor, row.id, now=now),
        lambda: quizzes.retire(session, igor, row.id, now=now),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(NotAllowed):
        quizzes.create(session, make.actor(session), make.blueprint(["one"]), now=now)
    bank = make.quiz(session, ["one"])
    bank.source = "quizzes/joins.yaml"
    with pytest.raises(NotFound):
        quizzes.retire(session, make.actor(session, role="admin"), bank.id, now=now)


def test_a_sample_is_the_same_for_the_same_seed(session, ines, now) -> None:
    make.questions(session, [make.document() for _ in range(8)])
    blueprint = make.blueprint(items=[{"draw": {"count": 4}}])
    first, again, other = (quizzes.sample(session, blueprint, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert (len(first.slots), first.missing) == (4, 0)
