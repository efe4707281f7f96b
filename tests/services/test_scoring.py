"""Scores that people give: what they change, how often they count, and that a rebuild agrees."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

import make
from quizapp.db.models import Account, Attempt, Encounter, Picture, Question, Step, Tally
from quizapp.domain.errors import HeldBack, NotFound, NotReleased, Refused
from quizapp.domain.grading import Verdict
from quizapp.domain.permissions import Actor, Role
from quizapp.queries import scoring as reads
from quizapp.services import accounts, answering, finishing, personal_data, scoring, starting
from quizapp.services.accounts import Recognised
from quizapp.services.rebuilding import rebuild

WORDS = {"text-requirements": ["A limit by customer."], "text-design": ["Token buckets."]}
TOP = {"level-estimation": ["3"], "level-failure": ["3"], "level-clients": ["2"]}
NONE = {name: ["0"] for name in TOP}
HALF = {"level-estimation": ["0"], "level-failure": ["2"], "level-clients": ["1"]}


def sit(
    session: Any,
    now: Any,
    *,
    submit: bool = True,
    check: bool = False,
    owner: int | None = None,
    **fields: Any,
):
    """A learner, and an attempt whose first question is open and whose second is answered rightly."""
    closed = make.document(topic="system-design", subtopic=None)
    rows = make.questions(session, [make.sample("open_response"), closed])
    if owner is not None:
        fields["open_answers"] = "instructor"
    plan = make.quiz(session, [row.uid for row in rows], owner=owner, **fields)
    learner = make.actor(session)
    attempt_id = starting.start_quiz(session, learner, plan.uid, now=now).attempt_id
    use_case = answering.check_answer if check else answering.save_answer
    use_case(session, learner.id, attempt_id, 1, WORDS, number=1, now=now)
    answering.save_answer(session, learner.id, attempt_id, 2, make.right(closed), number=1, now=now)
    if submit:
        finishing.submit(session, learner.id, attempt_id, now=now)
    return learner, attempt_id


def tallied(session: Any) -> tuple[int, Decimal]:
    row = session.execute(select(Tally.answers, Tally.credit)).one()
    return row.answers, row.credit


def encountered(session: Any) -> Any:
    return session.execute(
        select(Encounter.verdict, Encounter.missed, Encounter.misses)
        .join(Question, Question.id == Encounter.question_id)
        .where(Question.type == "open_response")
    ).one()


def agrees(database: Any) -> bool:
    return rebuild(database, check=True).differences == []


def test_an_answer_that_awaits_its_score_counts_nowhere(database, now):
    with database.writing() as session:
        _, attempt_id = sit(session, now)
        attempt = session.scalars(select(Attempt).where(Attempt.id == attempt_id)).one()

        assert (attempt.score, attempt.max_score) == (1, 11)
        assert tallied(session) == (1, 1)
        assert tuple(encountered(session)) == (None, False, 0)
    assert agrees(database)


def test_a_score_completes_the_attempt_and_counts_once(database, now):
    with database.writing() as session:
        learner, attempt_id = sit(session, now)
        judged = scoring.score_own(session, learner.id, attempt_id, 1, HALF, now=now + timedelta(minutes=5))

        assert (judged.verdict, judged.credit) == (Verdict.PARTIAL, Decimal("0.5"))
        assert session.scalars(select(Attempt.score)).one() == 6
        assert tallied(session) == (2, Decimal("1.5"))
        assert tuple(encountered(session)) == ("partial", True, 1)
    assert agrees(database)


def test_a_later_score_takes_the_place_of_the_first(database, now):
    with database.writing() as session:
        learner, attempt_id = sit(session, now)
        for minutes, levels in ((5, NONE), (6, HALF), (9, TOP)):
            at = now + timedelta(minutes=minutes)
            scoring.score_own(session, learner.id, attempt_id, 1, levels, now=at)

        assert session.scalars(select(Attempt.score)).one() == 11
        assert tallied(session) == (2, 2)
        assert tuple(encountered(session)) == ("right", False, 0)
        kinds = session.scalars(select(Step.kind).where(Step.position == 1).order_by(Step.number)).all()
        assert kinds == ["save", "grade", "score", "score", "score"]
    assert agrees(database)


def test_the_same_score_sent_again_leaves_one_row(database, now):
    with database.writing() as session:
        learner, attempt_id = sit(session, now)
        for _ in range(2):
            scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now)

        assert session.scalar(select(func.count()).where(Step.kind == "score")) == 1
        assert tallied(session) == (2, 2)
    assert agrees(database)


def test_two_scores_at_once_leave_one_row(database, now):
    with database.writing() as session:
        learner, attempt_id = sit(session, now)
    barrier, failures = Barrier(2), []

    def score() -> None:
        barrier.wait()
        try:
            with database.writing() as session:
                scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now)
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=score) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as session:
        assert failures == []
        assert session.scalar(select(func.count()).where(Step.kind == "score")) == 1
        assert tallied(session) == (2, 2)


def test_all_zero_is_wrong_and_all_top_is_right(session, now):
    learner, attempt_id = sit(session, now)
    assert scoring.score_own(session, learner.id, attempt_id, 1, NONE, now=now).verdict is Verdict.WRONG
    assert scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now).verdict is Verdict.RIGHT


def test_in_practice_a_checked_answer_is_scored_while_the_attempt_is_open(database, now):
    with database.writing() as session:
        learner, attempt_id = sit(session, now, submit=False, check=True, mode="practice")
        assert session.scalars(select(Tally)).all() == []
        for minutes, levels in ((1, NONE), (2, TOP)):
            scoring.score_own(
                session, learner.id, attempt_id, 1, levels, now=now + timedelta(minutes=minutes)
            )
        assert tallied(session) == (1, 1)
    assert agrees(database)
    with database.writing() as session:
        finishing.submit(session, learner.id, attempt_id, now=now + timedelta(minutes=3))
        assert tallied(session) == (2, 2)
        assert session.scalars(select(Attempt.score)).one() == 11
    assert agrees(database)


def test_a_checked_answer_can_be_scored_after_the_practice(database, now):
    with database.writing() as session:
        learner, attempt_id = sit(session, now, check=True, mode="practice")
        assert tallied(session) == (1, 1)
        scoring.score_own(session, learner.id, attempt_id, 1, HALF, now=now + timedelta(minutes=3))
        assert tallied(session) == (2, Decimal("1.5"))
        kinds = session.scalars(select(Step.kind).where(Step.position == 1).order_by(Step.number)).all()
        assert kinds == ["check", "score"]
    assert agrees(database)


def test_an_answer_that_can_still_change_takes_no_score(session, now):
    for fields in ({}, {"mode": "practice"}):
        learner, attempt_id = sit_again(session, now, **fields)
        with pytest.raises(NotReleased):
            scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now)


def sit_again(session: Any, now: Any, **fields: Any) -> tuple[Actor, str]:
    """An open attempt of a new learner at the same question."""
    if session.scalar(select(func.count()).select_from(Question)) == 0:
        return sit(session, now, submit=False, **fields)
    plan = make.quiz(session, ["sample-open-response"], **fields)
    learner = make.actor(session)
    attempt_id = starting.start_quiz(session, learner, plan.uid, now=now).attempt_id
    answering.save_answer(session, learner.id, attempt_id, 1, WORDS, number=1, now=now)
    return learner, attempt_id


def test_a_score_waits_for_the_release(database, now):
    closes = now + timedelta(hours=2)
    with database.writing() as session:
        learner, attempt_id = sit(session, now, feedback="after_close", closes_at=closes.isoformat())
        with pytest.raises(NotReleased):
            scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now)
        scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=closes + timedelta(minutes=1))
        assert tallied(session) == (2, 2)
    assert agrees(database)


def test_a_running_exam_with_the_same_question_holds_the_score_back(session, now):
    learner, attempt_id = sit(session, now)
    plan = make.quiz(session, ["sample-open-response"])
    starting.start_quiz(session, learner, plan.uid, now=now)
    with pytest.raises(HeldBack):
        scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "level-estimation"),
        ({**TOP, "level-clients": ["3"]}, "level-clients"),
        ({**TOP, "level-clients": ["1", "2"]}, "level-clients"),
        ({**TOP, "level-clients": [""]}, "level-clients"),
        ({**TOP, "level-beauty": ["1"]}, "level-beauty"),
    ],
)
def test_a_strange_score_names_its_field_and_changes_nothing(session, now, given, field):
    learner, attempt_id = sit(session, now)
    with pytest.raises(Refused) as refusal:
        scoring.score_own(session, learner.id, attempt_id, 1, given, now=now)
    assert refusal.value.field == field
    assert session.scalar(select(func.count()).where(Step.kind == "score")) == 0


def test_nobody_scores_what_is_not_theirs_or_not_for_people(session, now):
    learner, attempt_id = sit(session, now)
    other = make.actor(session)
    for who, position in ((other.id, 1), (learner.id, 2), (learner.id, 3)):
        with pytest.raises(NotFound):
            scoring.score_own(session, who, attempt_id, position, TOP, now=now)


def test_what_was_not_answered_takes_no_score(session, now):
    make.questions(session, [make.sample("open_response")])
    for answer in ({}, {"dont_know": ["1"]}):
        learner = make.actor(session)
        plan = make.quiz(session, ["sample-open-response"])
        attempt_id = starting.start_quiz(session, learner, plan.uid, now=now).attempt_id
        answering.save_answer(session, learner.id, attempt_id, 1, answer, number=1, now=now)
        finishing.submit(session, learner.id, attempt_id, now=now)
        with pytest.raises(NotFound):
            scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now)


def test_levels_that_come_with_an_answer_are_not_kept(session, now):
    learner, attempt_id = sit(session, now, submit=False)
    answering.save_answer(session, learner.id, attempt_id, 1, {**WORDS, **TOP, "x": ["1"]}, number=2, now=now)
    newest = session.scalars(select(Step.submission).where(Step.position == 1).order_by(Step.number)).all()[
        -1
    ]
    assert newest == WORDS


# Instructors


def test_the_owner_of_a_quiz_scores_its_answers(database, now):
    with database.writing() as session:
        owner = make.actor(session, role="instructor")
        learner, attempt_id = sit(session, now, owner=owner.id)
        assert [each.place for each in reads.awaiting(session, owner, limit=9)] == [
            (learner.id, attempt_id, 1)
        ]
        with pytest.raises(NotFound):
            scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now)

        scoring.score_for(session, owner, learner.id, attempt_id, 1, HALF, now=now + timedelta(days=1))
        assert session.scalars(select(Attempt.score)).one() == 6
        assert reads.how_many_await(session, owner) == 0
        scoring.score_for(session, owner, learner.id, attempt_id, 1, TOP, now=now + timedelta(days=2))
        assert tallied(session) == (2, 2)
        with pytest.raises(NotFound):
            scoring.score_own(session, learner.id, attempt_id, 1, NONE, now=now)
    assert agrees(database)


def test_before_the_release_an_instructors_score_is_kept_but_not_counted(database, now):
    closes = now + timedelta(hours=2)
    with database.writing() as session:
        owner = make.actor(session, role="instructor")
        learner, attempt_id = sit(
            session, now, owner=owner.id, feedback="after_close", closes_at=closes.isoformat()
        )
        for minutes, levels in ((1, NONE), (2, TOP)):
            at = now + timedelta(minutes=minutes)
            scoring.score_for(session, owner, learner.id, attempt_id, 1, levels, now=at)
        assert session.scalars(select(Tally)).all() == []
        copy = personal_data.export(session, learner, now=now + timedelta(minutes=3))
        assert "level-" not in str(copy)
    assert agrees(database)
    with database.writing() as session:
        finishing.settle(session, learner.id, now=closes + timedelta(minutes=1))
        assert tallied(session) == (2, 2)
    assert agrees(database)


def test_nobody_else_scores_for_an_instructor(session, now):
    owner = make.actor(session, role="instructor")
    learner, attempt_id = sit(session, now, owner=owner.id)
    for who in (make.actor(session, role="instructor"), make.actor(session), learner):
        assert reads.awaiting(session, who, limit=9) == []
        with pytest.raises(NotFound):
            scoring.score_for(session, who, learner.id, attempt_id, 1, TOP, now=now)
    admin = make.actor(session, role="admin")
    assert scoring.score_for(session, admin, learner.id, attempt_id, 1, TOP, now=now).verdict is Verdict.RIGHT


def test_an_owner_does_not_score_where_learners_score_themselves(session, now):
    owner = make.actor(session, role="instructor")
    learner, attempt_id = sit(session, now)
    session.execute(select(Account))
    for row in session.scalars(select(make.Quiz)):
        row.owner_id = owner.id
    session.flush()
    assert reads.awaiting(session, owner, limit=9) == []
    with pytest.raises(NotFound):
        scoring.score_for(session, owner, learner.id, attempt_id, 1, TOP, now=now)


def test_an_answer_that_can_still_change_is_not_in_the_instructors_list(session, now):
    owner = make.actor(session, role="instructor")
    learner, attempt_id = sit(session, now, submit=False, owner=owner.id)
    assert reads.how_many_await(session, owner) == 0
    with pytest.raises(NotReleased):
        scoring.score_for(session, owner, learner.id, attempt_id, 1, TOP, now=now)


def test_how_many_await_is_told_by_attempt(session, now):
    learner, attempt_id = sit(session, now)
    assert reads.counts(session, learner.id, [attempt_id, "other"]) == {attempt_id: 1}
    scoring.score_own(session, learner.id, attempt_id, 1, TOP, now=now)
    assert reads.counts(session, learner.id, [attempt_id]) == {}


# Leaving


def test_a_deleted_account_leaves_its_scores_and_not_its_words(database, now):
    with database.writing() as session:
        owner = make.actor(session, role="instructor")
        learner, attempt_id = sit(session, now, owner=owner.id)
        session.add(
            Picture(
                learner_id=learner.id,
                id="an-opaque-identity",
                attempt_id=attempt_id,
                position=1,
                sha256="0",
                media_type="image/png",
                width=1,
                height=1,
                data=b"picture",
                created_at=now,
            )
        )
        session.flush()
        assert "cGljdHVyZQ==" in str(personal_data.export(session, learner, now=now))
        account = session.get_one(Account, learner.id)
        accounts.delete(session, Recognised(account.id, account.password_hash, None), now=now)

        assert session.scalars(select(Picture)).all() == []
        assert "Token buckets" not in str(session.scalars(select(Step.submission)).all())
        assert reads.how_many_await(session, owner) == 0
        with pytest.raises(NotFound):
            scoring.score_for(session, owner, learner.id, attempt_id, 1, TOP, now=now)
        assert session.get_one(Account, learner.id).role == Role.LEARNER
    assert agrees(database)
