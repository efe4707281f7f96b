"""Reads about released attempts, the inbox, and what the bank can provide."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from quizapp.db.models import Question
from quizapp.domain.errors import NotFound, NotReleased
from quizapp.queries import missed, results
from quizapp.queries.progress import questions
from quizapp.queries.supply import supply
from quizapp.services import answering, finishing, starting


def test_results_are_released_when_the_quiz_closes(session: Session, now: datetime) -> None:
    closes = now + timedelta(days=1)
    learner, attempt_id = make.running(session, feedback="after_close", closes_at=closes)
    finishing.submit(session, learner.id, attempt_id, now=now)
    with pytest.raises(NotReleased) as refusal:
        results.released(session, learner.id, attempt_id, now=closes - timedelta(seconds=1))
    assert refusal.value.available_from == closes
    assert results.released(session, learner.id, attempt_id, now=closes).id == attempt_id


def test_an_attempt_that_was_not_graded_is_never_released(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, at_deadline="grace", grace_minutes=5)
    later = now + timedelta(days=1)
    finishing.settle(session, learner.id, now=later)
    with pytest.raises(NotReleased) as refusal:
        results.released(session, learner.id, attempt_id, now=later)
    assert refusal.value.available_from is None


def test_somebody_elses_results_do_not_exist(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session)
    finishing.submit(session, learner.id, attempt_id, now=now)
    with pytest.raises(NotFound):
        results.released(session, make.actor(session).id, attempt_id, now=now)


def test_the_previous_attempt_is_the_last_released_one_of_the_same_quiz(
    session: Session, now: datetime
) -> None:
    rows = make.questions(session, [make.document()])
    plan, other = make.quiz(session, [rows[0].uid]), make.quiz(session, [rows[0].uid])
    learner = make.actor(session)
    ids = []
    for hours, quiz in enumerate((plan, plan, other, plan)):
        at = now + timedelta(hours=hours)
        ids.append(starting.start_quiz(session, learner, quiz.uid, now=at).attempt_id)
        finishing.submit(session, learner.id, ids[-1], now=at)
    end = now + timedelta(days=1)
    last = results.released(session, learner.id, ids[3], now=end)
    first = results.released(session, learner.id, ids[0], now=end)
    before = results.previous(session, last, now=end)
    assert before is not None
    assert before.id == ids[1]
    assert results.previous(session, first, now=end) is None


def test_only_open_silent_attempts_keep_keys_back(session: Session, now: datetime) -> None:
    learner, exam = make.running(session)
    make.running(session, learner, mode="practice", time_limit_minutes=None)
    hidden = results.asked_in_silence(session, learner.id)
    assert len(hidden) == 3
    finishing.submit(session, learner.id, exam, now=now)
    assert results.asked_in_silence(session, learner.id) == set()


def test_the_inbox_holds_wrong_and_unanswered_questions_newest_first(session: Session, now: datetime) -> None:
    first, second, third = make.document(), make.document(), make.document()
    learner, one = make.running(session, documents=[first, second])
    answering.save_answer(session, learner.id, one, 1, make.wrong(first), number=1, now=now)
    answering.save_answer(session, learner.id, one, 2, make.right(second), number=1, now=now)
    finishing.submit(session, learner.id, one, now=now)
    _, two = make.running(session, learner, [third])
    finishing.submit(session, learner.id, two, now=now + timedelta(hours=1))

    found = missed.inbox(session, learner.id, limit=10)

    assert [(row.attempt_id, row.position, row.misses) for row in found] == [(two, 1, 1), (one, 1, 1)]
    assert missed.inbox(session, learner.id, limit=1, offset=1) == found[1:]
    assert missed.inbox(session, make.actor(session).id, limit=10) == []


def test_the_inbox_counts_and_filters_by_topic(session: Session, now: datetime) -> None:
    apis = make.document(topic="apis", subtopic=None)
    learner, attempt_id = make.running(session, documents=[make.document(), make.document(), apis])
    finishing.submit(session, learner.id, attempt_id, now=now)
    assert missed.by_topic(session, learner.id) == {"databases": 2, "apis": 1}
    assert [row.topic for row in missed.inbox(session, learner.id, topic="apis", limit=9)] == ["apis"]
    assert missed.to_practise(session, learner.id, topic="apis", limit=9) == [apis["id"]]


def test_a_retired_question_leaves_the_inbox(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session)
    finishing.submit(session, learner.id, attempt_id, now=now)
    for row in session.scalars(select(Question)):
        row.status = "retired"
    session.flush()
    assert missed.inbox(session, learner.id, limit=9) == []
    assert missed.by_topic(session, learner.id) == {}


def test_the_supply_counts_published_questions_by_topic_and_level(session: Session) -> None:
    rows = make.questions(
        session,
        [
            make.document(level="junior"),
            make.document(level="junior"),
            make.document(level="senior"),
            make.document(topic="apis", subtopic=None),
        ],
    )
    rows[1].status = "retired"
    session.flush()
    assert supply(session) == {"apis": {"mid": 1}, "databases": {"junior": 1, "senior": 1}}


def test_what_cannot_be_asked_supplies_nothing(session: Session) -> None:
    make.questions(session, [make.document(), make.sample("information"), make.sample("opaque")])
    assert supply(session) == {"databases": {"mid": 1}}
    assert set(questions(session)) == {("databases", "databases.indexing")}
