"""Learners compose quizzes of their own, from topics and from what they missed."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from quizapp.db.models import Attempt, Encounter, Question
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.errors import NotAvailable, NotFound, NotReleased, Refused
from quizapp.domain.permissions import Actor
from quizapp.domain.questions import Level
from quizapp.queries import attempts, missed
from quizapp.services import answering, composing, finishing, starting
from quizapp.services.composing import Choice, blueprint_of

TOKEN = "a-token-of-the-form"


def choice(**fields: Any) -> Choice:
    return Choice(**{"topics": (), "levels": (), "questions": 10, "mode": "practice", **fields})


def sat(session: Session, documents: list[dict[str, Any]], wrong: int, now: datetime) -> tuple[Actor, str]:
    """A submitted attempt in which the first `wrong` answers are wrong and the others right."""
    learner, attempt_id = make.running(session, documents=documents)
    for position, document in enumerate(documents, start=1):
        submission = make.wrong(document) if position <= wrong else make.right(document)
        answering.save_answer(session, learner.id, attempt_id, position, submission, number=1, now=now)
    finishing.submit(session, learner.id, attempt_id, now=now)
    return learner, attempt_id


def asked(session: Session, learner: Actor, attempt_id: str) -> set[str]:
    ids = [slot.question_id for slot in attempts.slots(session, learner.id, attempt_id)]
    return set(session.scalars(select(Question.uid).where(Question.id.in_(ids))))


def test_questions_are_split_evenly_over_the_topics_and_the_rest_goes_to_the_first() -> None:
    plan = blueprint_of(choice(topics=("databases", "apis", "security"), questions=11), Curriculum())
    draws = [item.draw for item in plan.items if item.draw]
    assert [(draw.topic, draw.count) for draw in draws] == [("databases", 4), ("apis", 4), ("security", 3)]


def test_no_topic_means_any() -> None:
    plan = blueprint_of(choice(levels=(Level.MID, Level.SENIOR)), Curriculum())
    draws = [item.draw for item in plan.items if item.draw]
    assert [(draw.topic, draw.count, draw.levels) for draw in draws] == [(None, 10, ("mid", "senior"))]
    assert plan.title == "All topics, mid and senior"


def test_the_title_names_a_few_topics_and_counts_the_others() -> None:
    two = blueprint_of(choice(topics=("databases", "apis")), Curriculum())
    many = ("databases", "apis", "security", "networking", "caching")
    five = blueprint_of(choice(topics=many), Curriculum())
    assert (two.title, five.title) == ("Databases and Apis", "Databases, Apis and 3 more topics")


def test_practice_is_untimed_unless_the_learner_wants_a_limit() -> None:
    assert blueprint_of(choice(), Curriculum()).time_limit_minutes is None
    timed = blueprint_of(choice(mode="exam", time_limit_minutes=25), Curriculum())
    assert (timed.mode, timed.time_limit_minutes) == ("exam", Decimal(25))


def test_more_topics_than_questions_are_refused_beside_the_number() -> None:
    with pytest.raises(Refused, match="at least 6 questions") as refusal:
        blueprint_of(choice(topics=tuple("abcdef"), questions=5), Curriculum())
    assert refusal.value.field == "questions"


def test_a_review_asks_what_was_missed_and_nothing_else(session: Session, now: datetime) -> None:
    documents = [make.document() for _ in range(4)]
    learner, _ = sat(session, documents, wrong=2, now=now)

    started = composing.review_of_missed(session, learner, topic=None, count=10, token=TOKEN, now=now)

    attempt = attempts.of_learner(session, learner.id, started.attempt_id)
    assert attempt is not None
    assert (attempt.mode, attempt.deadline_at, started.missing) == ("review", None, 0)
    assert asked(session, learner, started.attempt_id) == {documents[0]["id"], documents[1]["id"]}


def test_options_come_in_a_fresh_order(session: Session, now: datetime) -> None:
    learner, attempt_id = sat(session, [make.document()], wrong=1, now=now)
    started = composing.review_of_attempt(session, learner, attempt_id, now=now)
    before = attempts.slots(session, learner.id, attempt_id)[0].seed
    after = attempts.slots(session, learner.id, started.attempt_id)[0].seed
    assert after is not None
    assert after != before


def test_a_right_answer_takes_the_question_out_of_the_inbox(session: Session, now: datetime) -> None:
    document = make.document()
    learner, _ = sat(session, [document], wrong=1, now=now)
    started = composing.review_of_missed(session, learner, topic=None, count=5, token=TOKEN, now=now)
    later = now + timedelta(minutes=1)
    answering.check_answer(
        session, learner.id, started.attempt_id, 1, make.right(document), number=1, now=later
    )
    assert missed.inbox(session, learner.id, limit=10) == []


def test_what_waits_longest_is_asked_first(session: Session, now: datetime) -> None:
    old, new = make.document(), make.document()
    learner, first = make.running(session, documents=[old])
    finishing.submit(session, learner.id, first, now=now)
    _, second = make.running(session, learner, [new])
    finishing.submit(session, learner.id, second, now=now + timedelta(hours=1))

    started = composing.review_of_missed(session, learner, topic=None, count=1, token=TOKEN, now=now)

    assert asked(session, learner, started.attempt_id) == {old["id"]}


def test_pressing_twice_starts_one_review(session: Session, now: datetime) -> None:
    learner, attempt_id = sat(session, [make.document() for _ in range(3)], wrong=3, now=now)
    first = composing.review_of_missed(session, learner, topic=None, count=5, token=TOKEN, now=now)
    second = composing.review_of_missed(session, learner, topic=None, count=5, token=TOKEN, now=now)
    third = composing.review_of_attempt(session, learner, attempt_id, now=now)
    fourth = composing.review_of_attempt(session, learner, attempt_id, now=now)
    assert (second.attempt_id, second.resumed) == (first.attempt_id, True)
    assert (fourth.attempt_id, fourth.resumed) == (third.attempt_id, True)


def test_a_review_never_asks_what_a_running_exam_asks(session: Session, now: datetime) -> None:
    documents = [make.document(), make.document()]
    learner, attempt_id = sat(session, documents, wrong=2, now=now)
    plan = make.quiz(session, [documents[0]["id"]])
    starting.start_quiz(session, learner, plan.uid, now=now)

    from_inbox = composing.review_of_missed(session, learner, topic=None, count=5, token=TOKEN, now=now)
    of_attempt = composing.review_of_attempt(session, learner, attempt_id, now=now)

    assert (asked(session, learner, from_inbox.attempt_id), from_inbox.missing) == ({documents[1]["id"]}, 1)
    assert asked(session, learner, of_attempt.attempt_id) == {documents[1]["id"]}


def test_retired_questions_are_not_asked_again(session: Session, now: datetime) -> None:
    document = make.document()
    learner, attempt_id = sat(session, [document], wrong=1, now=now)
    session.scalars(select(Question).where(Question.uid == document["id"])).one().status = "retired"
    session.flush()
    with pytest.raises(NotAvailable):
        composing.review_of_attempt(session, learner, attempt_id, now=now)
    with pytest.raises(NotAvailable):
        composing.review_of_missed(session, learner, topic=None, count=5, token=TOKEN, now=now)


def test_nothing_missed_leaves_nothing_to_practise(session: Session, now: datetime) -> None:
    learner, attempt_id = sat(session, [make.document()], wrong=0, now=now)
    with pytest.raises(NotAvailable):
        composing.review_of_attempt(session, learner, attempt_id, now=now)


def test_before_the_release_what_was_missed_is_no_ones_business(session: Session, now: datetime) -> None:
    closes = now + timedelta(days=1)
    learner, attempt_id = make.running(session, feedback="after_close", closes_at=closes)
    finishing.submit(session, learner.id, attempt_id, now=now)
    with pytest.raises(NotReleased) as refusal:
        composing.review_of_attempt(session, learner, attempt_id, now=now)
    assert refusal.value.available_from == closes
    with pytest.raises(NotAvailable):
        composing.review_of_missed(session, learner, topic=None, count=5, token=TOKEN, now=now)


def test_an_open_attempt_and_somebody_elses_cannot_be_practised(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session)
    with pytest.raises(NotReleased):
        composing.review_of_attempt(session, learner, attempt_id, now=now)
    with pytest.raises(NotFound):
        composing.review_of_attempt(session, make.actor(session), attempt_id, now=now)
    assert session.scalars(select(Attempt).where(Attempt.mode == "review")).all() == []


def test_starting_a_review_leaves_the_inbox_as_it_is(session: Session, now: datetime) -> None:
    learner, _ = sat(session, [make.document()], wrong=1, now=now)
    composing.review_of_missed(session, learner, topic="databases", count=5, token=TOKEN, now=now)
    row = session.scalars(select(Encounter).where(Encounter.learner_id == learner.id)).one()
    assert (row.missed, row.misses) == (True, 1)
