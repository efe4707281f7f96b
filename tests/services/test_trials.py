"""Trying a set out: the ordinary player over drafts too, and nothing of it is counted anywhere."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import make
from quizapp.db.models import Attempt, Encounter, Question, Slot, Step, Tally
from quizapp.domain.errors import HeldBack, NotAvailable, NotFound
from quizapp.domain.permissions import Actor
from quizapp.domain.quizzes import MAX_SLOTS
from quizapp.queries import attempts, library, missed, progress, results
from quizapp.queries import sets as stored
from quizapp.services import answering, composing, finishing, scoring, sets, starting, trials
from quizapp.services.rebuilding import rebuild


def teacher(session: Session, name: str = "Ines") -> Actor:
    return make.actor(session, name, role="instructor")


def a_set(session: Session, owner: Actor, documents: list[dict[str, Any]], status: str = "draft") -> int:
    row = make.question_set(session, owner=owner.id, status=status)
    make.questions(session, documents, within=row)
    return row.id


def counted(session: Session, actor: Actor, question_ids: list[int], now: Any) -> dict[str, Any]:
    """Every figure that an answer could move."""
    tallies = session.execute(select(Tally.__table__).where(Tally.learner_id == actor.id)).all()
    met = session.execute(select(Encounter.__table__).where(Encounter.learner_id == actor.id)).all()
    return {
        "tallies": [tuple(row) for row in tallies],
        "encounters": [tuple(row) for row in met],
        "missed": missed.by_topic(session, actor.id),
        "evidence": progress.evidence(session, actor.id),
        "running": [row.id for row in progress.running(session, actor.id)],
        "last": [row.id for row in progress.last_results(session, actor.id, now=now, limit=9)],
        "started": progress.has_started(session, actor.id),
        "history": [row.id for row in attempts.history(session, actor.id, limit=9)],
        "taken": attempts.taken_by_origin(session, actor.id),
        "silent": results.asked_in_silence(session, actor.id),
        "health": library.answers_of(session, question_ids, now),
        "asked": stored.asked_of(session, question_ids),
    }


def test_a_whole_trial_moves_no_figure_and_a_rebuild_agrees(database, now):
    documents = [
        make.document("one"),
        make.document("two"),
        make.document("three"),
        make.sample("open_response"),
    ]
    with database.writing() as session:
        ines = teacher(session)
        set_id = a_set(session, ines, documents)
        ids = list(session.scalars(select(Question.id)))
        # She has answered as a learner, too: that must stay what it is.
        real = make.questions(session, [make.document("real")])
        plan = make.quiz(session, [real[0].uid])
        attempt_id = _sat(session, ines, plan.uid, make.wrong(make.document("real")), now)
        before = counted(session, ines, ids, now)
    with database.writing() as session:
        trial = trials.try_set(session, ines, set_id, now=now).attempt_id
        for position, document in enumerate(documents[:2], start=1):
            answer = make.wrong(document) if position == 1 else make.right(document)
            answering.check_answer(session, ines.id, trial, position, answer, number=1, now=now)
        answering.save_answer(session, ines.id, trial, 3, make.wrong(documents[2]), number=1, now=now)
        answer = {name: values for name, values in make.right(documents[3]).items() if "level-" not in name}
        answering.check_answer(session, ines.id, trial, 4, answer, number=1, now=now)
        assert counted(session, ines, ids, now) == before
        levels = {name: values for name, values in make.right(documents[3]).items() if "level-" in name}
        scoring.score_own(session, ines.id, trial, 4, levels, now=now)
        finishing.submit(session, ines.id, trial, now=now + timedelta(minutes=1))
        finishing.settle(session, ines.id, now=now + timedelta(days=1))
        worst = {name: ["0"] for name in levels}
        scoring.score_own(session, ines.id, trial, 4, worst, now=now + timedelta(minutes=2))
    with database.reading() as session:
        later = now + timedelta(days=1)
        assert counted(session, ines, ids, later) == before
        assert attempts.of_learner(session, ines.id, attempt_id) is not None
        row = attempts.of_learner(session, ines.id, trial)
        assert (row.state, row.score is not None) == ("finished", True)
        assert session.scalar(select(func.count()).select_from(Step)) >= 6
    assert rebuild(database, check=True).differences == []
    assert rebuild(database).differences == []


def _sat(session, who, quiz_uid, answer, now):
    attempt_id = starting.start_quiz(session, who, quiz_uid, now=now).attempt_id
    answering.save_answer(session, who.id, attempt_id, 1, answer, number=1, now=now)
    finishing.submit(session, who.id, attempt_id, now=now)
    return attempt_id


def test_a_trial_asks_what_can_be_asked_in_the_order_of_the_set(session, now):
    ines = teacher(session)
    documents = [make.document("a"), make.sample("information"), make.sample("opaque"), make.document("b")]
    set_id = a_set(session, ines, [*documents, make.document("gone"), make.document("retired")])
    session.execute(update(Question).where(Question.uid == "gone").values(position=stored.NOWHERE))
    session.execute(update(Question).where(Question.uid == "retired").values(status="retired"))
    trial = trials.try_set(session, ines, set_id, now=now)
    assert _asked(session, ines, trial.attempt_id) == ["a", "b"]


def _asked(session, who, attempt_id):
    rows = select(Question.uid).join(Slot, Slot.question_id == Question.id)
    return list(
        session.scalars(
            rows.where(Slot.learner_id == who.id, Slot.attempt_id == attempt_id).order_by(Slot.position)
        )
    )


def test_pressing_twice_goes_on_with_the_same_trial(session, now):
    ines = teacher(session)
    set_id = a_set(session, ines, [make.document("a")])
    first = trials.try_set(session, ines, set_id, now=now)
    second = trials.try_set(session, ines, set_id, now=now)
    assert (first.attempt_id, second.resumed) == (second.attempt_id, True)


def test_a_trial_of_a_set_that_changed_is_left_for_a_new_one(session, now):
    ines = teacher(session)
    set_id = a_set(session, ines, [make.document("a")])
    first = trials.try_set(session, ines, set_id, now=now)
    make.questions(session, [make.document("b")], within=stored.visible(session, ines, set_id))
    second = trials.try_set(session, ines, set_id, now=now)
    assert second.attempt_id != first.attempt_id
    assert not second.resumed
    states = select(Attempt.id, Attempt.state)
    assert dict(tuple(row) for row in session.execute(states)) == {
        first.attempt_id: "never_submitted",
        second.attempt_id: "open",
    }


def test_drafts_of_others_cannot_be_tried_before_they_are_handed_in(session, now):
    ines, igor = teacher(session), teacher(session, "Igor")
    set_id = a_set(session, ines, [make.document("a")])
    with pytest.raises(NotFound):
        trials.try_set(session, igor, set_id, now=now)
    sets.hand_in(session, ines, set_id, now=now)
    assert trials.try_set(session, igor, set_id, now=now).attempt_id
    with pytest.raises(NotFound):
        trials.try_set(session, make.actor(session, "Lena"), set_id, now=now)


def test_a_set_with_nothing_to_ask_says_so(session, now):
    ines = teacher(session)
    set_id = a_set(session, ines, [make.sample("opaque")])
    with pytest.raises(NotAvailable):
        trials.try_set(session, ines, set_id, now=now)


def test_a_large_set_is_tried_as_far_as_a_sitting_goes(session, now):
    ines = teacher(session)
    set_id = a_set(session, ines, [make.document() for _ in range(MAX_SLOTS + 3)])
    assert trials.try_set(session, ines, set_id, now=now).missing == 3


def test_a_draft_that_was_only_tried_can_still_become_a_draft_again(session, now):
    ines = teacher(session)
    set_id = a_set(session, ines, [make.document("a")], status="published")
    trials.try_set(session, ines, set_id, now=now)
    assert sets.back_to_draft(session, ines, set_id, now=now).status == "draft"


def test_nothing_that_counts_grows_out_of_a_trial(session, now):
    ines = teacher(session)
    document = make.document("a")
    set_id = a_set(session, ines, [document], status="published")
    trial = trials.try_set(session, ines, set_id, now=now).attempt_id
    answering.check_answer(session, ines.id, trial, 1, make.wrong(document), number=1, now=now)
    with pytest.raises(NotAvailable):
        composing.sibling(session, ines, trial, 1, now=now)
    finishing.submit(session, ines.id, trial, now=now)
    with pytest.raises(NotAvailable):
        composing.review_of_attempt(session, ines, trial, now=now)


def test_an_exam_of_ones_own_keeps_its_keys_from_a_trial_of_the_same_set(session, now):
    """The check would give them away, so it waits, as in every practice."""
    ines = teacher(session)
    document = make.document("a")
    set_id = a_set(session, ines, [document], status="published")
    starting.start_quiz(session, ines, make.quiz(session, ["a"]).uid, now=now)
    trial = trials.try_set(session, ines, set_id, now=now).attempt_id
    with pytest.raises(HeldBack):
        answering.check_answer(session, ines.id, trial, 1, make.wrong(document), number=1, now=now)
