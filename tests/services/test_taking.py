"""Sittings told as use cases, on both databases: what counts, when, and how often."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Encounter, Slot, Step, Tally
from quizapp.domain.certainty import Confidence
from quizapp.domain.errors import (
    AlreadyChecked,
    AlreadyFinished,
    AnswersAreClosed,
    ChangedElsewhere,
    NotAllowed,
    NotAvailable,
    NotFound,
    TimeIsUp,
    UnreadableAnswer,
)
from quizapp.domain.permissions import Actor
from quizapp.queries import attempts
from quizapp.services import answering, extra_time, finishing, starting

DOCUMENT = make.document("indexes")
RIGHT, WRONG = make.right(DOCUMENT), make.wrong(DOCUMENT)


def steps(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Step)) or 0


def save(session: Session, who: Actor, attempt_id: str, answer: Any = RIGHT, **options: Any) -> Any:
    options = {"number": 1, "now": make.NOW, **options}
    return answering.save_answer(session, who.id, attempt_id, options.pop("position", 1), answer, **options)


def test_a_learner_answers_submits_and_is_scored(session: Session, now: datetime) -> None:
    documents = [make.document() for _ in range(3)]
    learner, attempt_id = make.running(session, documents=documents)
    save(session, learner, attempt_id, make.right(documents[0]))
    save(session, learner, attempt_id, make.wrong(documents[1]), position=2)

    attempt = finishing.submit(session, learner.id, attempt_id, now=now + timedelta(minutes=5))

    assert (attempt.state, attempt.score, attempt.max_score) == ("finished", Decimal(1), Decimal(3))
    verdicts = [slot.verdict for slot in attempts.slots(session, learner.id, attempt_id)]
    assert verdicts == ["right", "wrong", None]


def test_a_save_says_nothing_about_right_or_wrong(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT, make.document()])

    right = save(session, learner, attempt_id, RIGHT)
    wrong = save(session, learner, attempt_id, make.wrong(make.document("q")) | WRONG, number=2)

    assert (right.number, wrong.number) == (1, 2)
    assert session.scalars(select(Step.verdict)).all() == [None, None]


def test_the_same_save_sent_again_changes_nothing(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    first = save(session, learner, attempt_id)

    again = save(session, learner, attempt_id)

    assert (again.number, again.at) == (first.number, first.at)
    assert steps(session) == 1


def test_a_stale_tab_gets_the_newer_answer_and_overwrites_nothing(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    save(session, learner, attempt_id, RIGHT)

    with pytest.raises(ChangedElsewhere) as refusal:
        save(session, learner, attempt_id, WRONG, number=1)

    assert (refusal.value.number, refusal.value.submission) == (1, RIGHT)
    assert steps(session) == 1


@pytest.mark.parametrize("number", [3, 1_000_001])
def test_a_number_from_the_future_is_refused(session: Session, number: int) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    save(session, learner, attempt_id, RIGHT)

    with pytest.raises(ChangedElsewhere):
        save(session, learner, attempt_id, WRONG, number=number)


def test_what_cannot_be_read_costs_nothing_and_leaves_no_step(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[make.sample("number")])

    with pytest.raises(UnreadableAnswer):
        save(session, learner, attempt_id, {"number": ["forty-two"]})

    assert steps(session) == 0


def test_an_answer_can_be_cleared(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    save(session, learner, attempt_id, RIGHT)
    save(session, learner, attempt_id, {}, number=2)

    attempt = finishing.submit(session, learner.id, attempt_id, now=now)

    assert attempt.score == 0
    assert attempts.slots(session, learner.id, attempt_id)[0].verdict is None


def test_clearing_what_was_never_answered_adds_no_step(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    save(session, learner, attempt_id, {})

    assert steps(session) == 0


def test_somebody_elses_attempt_looks_like_none(session: Session, now: datetime) -> None:
    _, attempt_id = make.running(session, documents=[DOCUMENT])
    stranger = make.actor(session)

    for use_case in (
        lambda: save(session, stranger, attempt_id),
        lambda: finishing.submit(session, stranger.id, attempt_id, now=now),
        lambda: answering.flag(session, stranger.id, attempt_id, 1, flagged=True, now=now),
        lambda: save(session, stranger, "no-such-attempt"),
    ):
        with pytest.raises(NotFound):
            use_case()
    assert steps(session) == 0


def test_until_the_grace_of_the_network_an_answer_counts_and_then_no_longer(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    deadline = make.NOW + timedelta(minutes=20)
    save(session, learner, attempt_id, RIGHT, now=deadline + timedelta(seconds=4))

    with pytest.raises(TimeIsUp):
        save(session, learner, attempt_id, WRONG, number=2, now=deadline + timedelta(seconds=6))

    finishing.settle(session, learner.id, now=deadline + timedelta(hours=1))
    attempt = attempts.of_learner(session, learner.id, attempt_id)
    assert attempt is not None
    assert (attempt.state, attempt.score, attempt.finished_at) == ("finished", Decimal(1), deadline)
    assert attempt.ended_by == "deadline"


def test_submitting_after_the_deadline_hands_in_what_was_saved_as_of_the_deadline(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    save(session, learner, attempt_id, RIGHT)

    attempt = finishing.submit(session, learner.id, attempt_id, now=make.NOW + timedelta(days=2))

    assert (attempt.ended_by, attempt.finished_at) == ("deadline", make.NOW + timedelta(minutes=20))


def test_in_the_grace_period_one_submits_without_changing(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT], at_deadline="grace", grace_minutes=5)
    save(session, learner, attempt_id, RIGHT)
    in_grace = make.NOW + timedelta(minutes=22)

    with pytest.raises(AnswersAreClosed):
        save(session, learner, attempt_id, WRONG, number=2, now=in_grace)
    attempt = finishing.submit(session, learner.id, attempt_id, now=in_grace)

    assert (attempt.state, attempt.score, attempt.ended_by) == ("finished", Decimal(1), "learner")


def test_after_the_grace_period_it_was_never_submitted(session: Session) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT], at_deadline="grace", grace_minutes=5)
    save(session, learner, attempt_id, RIGHT)

    attempt = finishing.submit(session, learner.id, attempt_id, now=make.NOW + timedelta(minutes=26))

    assert (attempt.state, attempt.score) == ("never_submitted", None)
    assert session.scalars(select(Tally)).all() == []


def test_submitting_again_gives_the_same_result(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    save(session, learner, attempt_id, RIGHT)
    first = finishing.submit(session, learner.id, attempt_id, now=now)
    graded = steps(session)

    again = finishing.submit(session, learner.id, attempt_id, now=now + timedelta(minutes=1))

    assert again.finished_at == first.finished_at == now
    assert steps(session) == graded == 2
    assert session.scalars(select(Tally.answers)).all() == [1]


def test_a_save_after_the_submit_is_refused(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    finishing.submit(session, learner.id, attempt_id, now=now)

    with pytest.raises(AlreadyFinished):
        save(session, learner, attempt_id)


def test_practice_checks_once_and_counts_at_once(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT], mode="practice")
    judged = answering.check_answer(session, learner.id, attempt_id, 1, WRONG, number=1, now=now)

    with pytest.raises(AlreadyChecked):
        answering.check_answer(session, learner.id, attempt_id, 1, RIGHT, number=2, now=now)
    with pytest.raises(AlreadyChecked):
        save(session, learner, attempt_id, RIGHT, number=2)
    finishing.submit(session, learner.id, attempt_id, now=now)

    assert judged.verdict == "wrong"
    assert session.scalars(select(Tally.answers)).all() == [1]
    assert session.scalars(select(Encounter.misses)).all() == [1]


def test_an_exam_reveals_nothing_when_asked_to_check(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])

    with pytest.raises(NotAllowed):
        answering.check_answer(session, learner.id, attempt_id, 1, RIGHT, number=1, now=now)
    assert steps(session) == 0


def test_not_knowing_is_wrong_in_practice_and_no_guess(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT], mode="practice")

    judged = answering.check_answer(
        session, learner.id, attempt_id, 1, {"dont_know": ["1"]}, number=1, now=now
    )

    assert (judged.verdict, judged.bucket) == ("wrong", "I don't know")


def test_starting_again_leads_to_the_running_attempt(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session)
    plan = attempts.of_learner(session, learner.id, attempt_id)
    assert plan is not None

    again = starting.start_quiz(session, learner, plan.blueprint["id"], now=now + timedelta(minutes=1))

    assert (again.attempt_id, again.resumed) == (attempt_id, True)


def test_attempts_run_out_and_waiting_is_enforced(session: Session, now: datetime) -> None:
    learner, first = make.running(session, attempts_allowed=2, wait_minutes=30)
    quiz = attempts.of_learner(session, learner.id, first)
    assert quiz is not None
    uid = quiz.blueprint["id"]
    finishing.submit(session, learner.id, first, now=now)

    with pytest.raises(NotAvailable, match="try again on"):
        starting.start_quiz(session, learner, uid, now=now + timedelta(minutes=29))
    second = starting.start_quiz(session, learner, uid, now=now + timedelta(minutes=30))
    finishing.submit(session, learner.id, second.attempt_id, now=now + timedelta(minutes=31))
    with pytest.raises(NotAvailable, match="all 2 attempts"):
        starting.start_quiz(session, learner, uid, now=now + timedelta(days=1))


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [({"opens_at": make.NOW + timedelta(hours=1)}, "opens on"), ({"closes_at": make.NOW}, "closed on")],
)
def test_a_quiz_starts_only_while_it_is_open(
    session: Session, fields: dict[str, Any], complaint: str
) -> None:
    rows = make.questions(session, [make.document()])
    quiz = make.quiz(session, [rows[0].uid], **fields)

    with pytest.raises(NotAvailable, match=complaint):
        starting.start_quiz(session, make.actor(session), quiz.uid, now=make.NOW)


def test_a_running_attempt_keeps_its_questions_and_rules(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])
    before = attempts.of_learner(session, learner.id, attempt_id)
    assert before is not None
    from quizapp.db.models import Question, Quiz, Revision

    question = session.scalars(select(Question)).one()
    session.add(
        Revision(
            question_id=question.id,
            number=2,
            content_hash="new",
            document=make.document("indexes", stem="Another question altogether?"),
            created_at=now,
        )
    )
    question.revision, question.status = 2, "retired"
    session.scalars(select(Quiz)).one().document = make.blueprint(time_limit_minutes=1).document()
    session.flush()
    save(session, learner, attempt_id, RIGHT, now=now + timedelta(minutes=19))

    attempt = finishing.submit(session, learner.id, attempt_id, now=now + timedelta(minutes=19))

    assert attempt.score == 1
    assert session.scalars(select(Slot.revision)).all() == [1]


def test_extra_time_reaches_a_running_attempt_at_once(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])

    changed = extra_time.grant(session, learner.id, 150, now=now + timedelta(minutes=15))

    assert changed == 1
    save(session, learner, attempt_id, RIGHT, now=now + timedelta(minutes=29))
    extra_time.grant(session, learner.id, None, now=now + timedelta(minutes=29))
    save(session, learner, attempt_id, WRONG, number=2, now=now + timedelta(days=3))


def test_extra_time_does_not_reopen_what_is_over(session: Session, now: datetime) -> None:
    learner, attempt_id = make.running(session, documents=[DOCUMENT])

    extra_time.grant(session, learner.id, 200, now=now + timedelta(minutes=21))

    attempt = attempts.of_learner(session, learner.id, attempt_id)
    assert attempt is not None
    assert (attempt.state, attempt.finished_at) == ("finished", now + timedelta(minutes=20))


def test_results_held_back_are_counted_at_their_release_and_not_before(
    session: Session, now: datetime
) -> None:
    closes = now + timedelta(hours=2)
    learner, attempt_id = make.running(
        session, documents=[DOCUMENT], feedback="after_close", closes_at=closes.isoformat()
    )
    save(session, learner, attempt_id, WRONG, confidence=Confidence.LOW)
    attempt = finishing.submit(session, learner.id, attempt_id, now=now + timedelta(minutes=5))

    finishing.settle(session, learner.id, now=closes - timedelta(seconds=1))
    assert attempt.release_at == closes
    assert session.scalars(select(Tally)).all() == []
    assert session.scalars(select(Encounter.missed)).all() == [False]

    finishing.settle(session, learner.id, now=closes)
    finishing.settle(session, learner.id, now=closes + timedelta(hours=1))
    assert session.scalars(select(Tally.answers)).all() == [1]
    assert session.scalars(select(Encounter.missed)).all() == [True]


def test_practice_does_not_draw_what_an_open_exam_asks(session: Session, now: datetime) -> None:
    learner, _ = make.running(session, documents=[DOCUMENT])
    plan = make.blueprint(items=[{"draw": {"count": 5}}], mode="practice", time_limit_minutes=None)

    with pytest.raises(NotAvailable):
        starting.start_own(session, learner, plan, "token-of-a-form", now=now)


def test_a_right_answer_later_takes_a_question_out_of_the_inbox(session: Session, now: datetime) -> None:
    learner, first = make.running(session, documents=[DOCUMENT])
    quiz = attempts.of_learner(session, learner.id, first)
    assert quiz is not None
    save(session, learner, first, WRONG)
    finishing.submit(session, learner.id, first, now=now)
    assert session.scalars(select(Encounter.missed)).all() == [True]

    second = starting.start_quiz(session, learner, quiz.blueprint["id"], now=now + timedelta(hours=1))
    save(session, learner, second.attempt_id, RIGHT, now=now + timedelta(hours=1))
    finishing.submit(session, learner.id, second.attempt_id, now=now + timedelta(hours=1))

    assert session.scalars(select(Encounter.missed)).all() == [False]


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run something in many threads that start together; exceptions are results too."""
    results: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = act(number)
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def prepared(database: Database) -> tuple[Database, Actor, str]:
    with database.writing() as session:
        learner = make.actor(session)
        rows = make.questions(session, [DOCUMENT])
        quiz = make.quiz(session, [rows[0].uid], attempts_allowed=3)
        return database, learner, quiz.uid


def test_twenty_starts_at_once_give_one_attempt(prepared: tuple[Database, Actor, str], now: datetime) -> None:
    database, learner, uid = prepared

    def start(_: int) -> str:
        with database.writing() as session:
            return starting.start_quiz(session, learner, uid, now=now).attempt_id

    found = at_once(20, start)

    assert len(set(found)) == 1, found
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_twenty_submits_at_once_finish_once(prepared: tuple[Database, Actor, str], now: datetime) -> None:
    database, learner, uid = prepared
    with database.writing() as session:
        attempt_id = starting.start_quiz(session, learner, uid, now=now).attempt_id
        save(session, learner, attempt_id, WRONG)

    def submit(number: int) -> Any:
        with database.writing() as session:
            later = now + timedelta(seconds=number)
            return finishing.submit(session, learner.id, attempt_id, now=later).finished_at

    found = at_once(20, submit)

    assert len(set(found)) == 1, found
    with database.reading() as session:
        assert session.scalars(select(Tally.answers)).all() == [1]
        assert session.scalar(select(func.count()).select_from(Step)) == 2


def test_of_twenty_different_saves_at_once_one_is_kept(
    prepared: tuple[Database, Actor, str], now: datetime
) -> None:
    database, learner, uid = prepared
    with database.writing() as session:
        attempt_id = starting.start_quiz(session, learner, uid, now=now).attempt_id
    options = [[o["id"]] for o in make.value(**DOCUMENT).body.face(1)["options"]]

    def write(number: int) -> Any:
        with database.writing() as session:
            answer = {"choice": options[number % len(options)]}
            return save(session, learner, attempt_id, answer).number

    found = at_once(20, write)

    kinds = {type(each) for each in found}
    assert kinds <= {int, ChangedElsewhere}, found
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Step)) == 1
