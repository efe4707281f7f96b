"""Results are counted once, and never before their release."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from quizapp.db.models import Encounter
from quizapp.domain.mastery import RECENT
from quizapp.queries import missed, progress
from quizapp.services import answering, finishing, starting
from quizapp.services.progress import Result, added

INDEXING = ("databases", "databases.indexing")


def encounter(session: Session, learner_id: int) -> Encounter:
    found = select(Encounter).where(Encounter.learner_id == learner_id)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def test_a_submitted_exam_is_counted(session, now):
    documents = [make.document() for _ in range(3)]
    learner, attempt_id = make.running(session, documents=documents)
    answering.save_answer(session, learner.id, attempt_id, 1, make.right(documents[0]), number=1, now=now)
    answering.save_answer(session, learner.id, attempt_id, 2, make.wrong(documents[1]), number=1, now=now)

    finishing.submit(session, learner.id, attempt_id, now=now)

    known = progress.evidence(session, learner.id)[INDEXING]
    assert (known.answers, known.credit, known.last_at) == (2, Decimal(1), now)
    assert known.recent == ((int(now.timestamp()), 1_000_000), (int(now.timestamp()), 0))


def test_what_was_left_out_is_missed_but_is_no_evidence(session, now):
    learner, attempt_id = make.running(session)

    finishing.submit(session, learner.id, attempt_id, now=now)

    assert progress.evidence(session, learner.id) == {}
    assert missed.by_topic(session, learner.id) == {"databases": 3}


def test_submitting_twice_counts_once(session, now):
    document = make.document()
    learner, attempt_id = make.running(session, documents=[document])
    answering.save_answer(session, learner.id, attempt_id, 1, make.right(document), number=1, now=now)

    for _ in range(2):
        finishing.submit(session, learner.id, attempt_id, now=now)
        finishing.settle(session, learner.id, now=now + timedelta(days=1))

    assert progress.evidence(session, learner.id)[INDEXING].answers == 1


def test_a_checked_answer_counts_at_once_and_not_again_at_the_end(session, now):
    document = make.document()
    learner, attempt_id = make.running(session, documents=[document], mode="practice")
    answering.check_answer(session, learner.id, attempt_id, 1, make.wrong(document), number=1, now=now)
    before = progress.evidence(session, learner.id)

    finishing.submit(session, learner.id, attempt_id, now=now)

    assert before[INDEXING].answers == 1
    assert progress.evidence(session, learner.id) == before
    assert encounter(session, learner.id).misses == 1


def test_nothing_moves_before_the_release(session, now):
    """Abuse 3: an exam whose results come when it closes."""
    document = make.document()
    closes = now + timedelta(hours=2)
    learner, attempt_id = make.running(
        session, documents=[document], feedback="after_close", closes_at=closes.isoformat()
    )
    answering.save_answer(session, learner.id, attempt_id, 1, make.wrong(document), number=1, now=now)
    finishing.submit(session, learner.id, attempt_id, now=now)
    finishing.settle(session, learner.id, now=closes - timedelta(seconds=1))

    assert progress.evidence(session, learner.id) == {}
    assert missed.by_topic(session, learner.id) == {}
    assert encounter(session, learner.id).verdict is None

    finishing.settle(session, learner.id, now=closes)

    assert progress.evidence(session, learner.id)[INDEXING].answers == 1
    assert missed.by_topic(session, learner.id) == {"databases": 1}


def test_a_right_answer_takes_the_question_out_of_the_inbox_and_keeps_the_misses(session, now):
    document = make.document()
    learner, first = make.running(session, documents=[document], mode="practice")
    answering.check_answer(session, learner.id, first, 1, make.wrong(document), number=1, now=now)
    finishing.submit(session, learner.id, first, now=now)
    later = now + timedelta(days=1)
    again = starting.start_own(
        session, learner, make.blueprint([document["id"]], mode="practice"), "token", now=later
    )

    answering.check_answer(
        session, learner.id, again.attempt_id, 1, make.right(document), number=1, now=later
    )

    row = encounter(session, learner.id)
    assert (row.missed, row.misses, row.attempt_id, row.seen_at) == (False, 1, again.attempt_id, later)
    assert missed.by_topic(session, learner.id) == {}


def test_only_the_last_results_are_kept_one_by_one(now):
    tally = None
    for number in range(RECENT + 5):
        at = now + timedelta(seconds=number)
        tally = added(tally, Result(1, "apis", "", "a", 1, at, None, Decimal(number % 2)))

    assert tally is not None
    assert (tally["answers"], tally["credit"], len(tally["recent"])) == (RECENT + 5, 7, RECENT)
    assert tally["recent"][-1] == [int(tally["last_at"].timestamp()), 0]


def test_one_learners_results_are_nobody_elses(session, now):
    document = make.document()
    learner, attempt_id = make.running(session, documents=[document])
    other = make.actor(session)
    answering.save_answer(session, learner.id, attempt_id, 1, make.right(document), number=1, now=now)

    finishing.submit(session, learner.id, attempt_id, now=now)

    assert progress.evidence(session, other.id) == {}
