"""Changing many questions at once, by rightful and by other hands, and undoing it."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import make
import people
from quizapp.db.models import BulkChange, Question, QuestionSet, Revision
from quizapp.domain.errors import NotAllowed, NotFound, Refused
from quizapp.domain.permissions import Actor
from quizapp.queries import bulk as reads
from quizapp.queries import sets as stored
from quizapp.queries.revisions import parsed
from quizapp.services import bulk, sets, starting, undoing
from quizapp.services.bulk import ALREADY, INTO_DRAFT, MEANWHILE, NOT_YOURS, SET_RETIRED, Done, Turn
from quizapp.services.revising import revise


@pytest.fixture
def ines(session: Session) -> Actor:
    return make.actor(session, "Ines", role="instructor")


@pytest.fixture
def igor(session: Session) -> Actor:
    return make.actor(session, "Igor", role="instructor")


def a_set(session: Session, owner: Actor | None, *uids: str, status: str = "published") -> QuestionSet:
    row = make.question_set(session, owner=owner.id if owner else None, status=status)
    if owner is None:
        row.source = f"databases/{uids[0]}.yaml"
    make.questions(session, [make.document(uid) for uid in uids], within=row)
    return row


def number(session: Session, uid: str) -> int:
    return session.scalars(select(Question.id).where(Question.uid == uid)).one()


def question(session: Session, uid: str) -> Question:
    """As the database has it now."""
    session.flush()
    session.expire_all()
    return session.scalars(select(Question).where(Question.uid == uid)).one()


def document(session: Session, uid: str) -> dict[str, Any]:
    row = question(session, uid)
    return session.get_one(Revision, (row.id, row.revision)).document


def do(session: Session, who: Actor, change: bulk.Change, *uids: str, now: Any = make.NOW) -> Done:
    ids = [number(session, uid) for uid in uids]
    done = bulk.apply(session, who, bulk.prepare(session, who, ids, change), now=now)
    session.flush()
    return done


def undo(session: Session, who: Actor, done: Done) -> undoing.Undone:
    assert done.change_id is not None
    return undoing.undo(session, who, done.change_id, now=make.NOW)


def everything(session: Session) -> list[tuple[Any, ...]]:
    """What each question says, and where it stands; without how often it was revised."""
    session.flush()
    rows = session.execute(
        select(Question.uid, Question.set_id, Question.position, Question.status, Revision.document)
        .join(Revision, stored.IS_CURRENT)
        .order_by(Question.uid)
    )
    sets_now = session.execute(select(QuestionSet.id, QuestionSet.status, QuestionSet.handed_in_at))
    return [*(tuple(row) for row in rows), *(tuple(row) for row in sets_now)]


EDITS = {
    "add": (lambda: bulk.add_tag("  Joins  and more "), {"tags": ["Joins and more"]}),
    "topic": (
        lambda: bulk.set_place("apis", "apis.rest", "REST"),
        {"topic": "apis", "subtopic": "apis.rest"},
    ),
    "whole topic": (lambda: bulk.set_place("apis", "", "APIs"), {"topic": "apis", "subtopic": None}),
    "level": (lambda: bulk.set_level("staff"), {"level": "staff"}),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_makes_a_revision_of_each_and_undo_another_that_says_the_old(session, ines, now, name):
    make_change, expected = EDITS[name]
    a_set(session, ines, "one", "two")
    before = everything(session)

    done = do(session, ines, make_change(), "one", "two")

    assert (done.changed, done.left) == (2, Counter())
    for uid in ("one", "two"):
        says = document(session, uid)
        assert {key: says.get(key) for key in expected} == expected
        row = question(session, uid)
        revision = session.get_one(Revision, (row.id, 2))
        assert (row.revision, revision.author_id, row.topic) == (2, ines.id, says["topic"])
        assert revision.content_hash == parsed(says, "made").content_hash()
    undone = undo(session, ines, done)
    assert (undone.restored, undone.left) == (2, Counter())
    assert everything(session) == before
    assert question(session, "one").revision == 3
    hashes = session.scalars(
        select(Revision.content_hash).where(Revision.question_id == number(session, "one"))
    )
    assert len(set(hashes)) == 2


def test_what_a_tag_is_called_is_searched_for_afterwards(session, ines):
    a_set(session, ines, "one")
    do(session, ines, bulk.add_tag("Vacuuming"), "one")
    assert "vacuuming" in question(session, "one").words


def test_a_tag_is_added_once_in_whatever_letters_and_removed_in_any(session, ines):
    a_set(session, ines, "one")
    do(session, ines, bulk.add_tag("Joins"), "one")
    assert do(session, ines, bulk.add_tag("joins"), "one").left == {ALREADY: 1}
    assert do(session, ines, bulk.remove_tag("JOINS"), "one").changed == 1
    assert "tags" not in document(session, "one")
    assert do(session, ines, bulk.remove_tag("joins"), "one").change_id is None


def test_an_objective_leaves_with_the_subtopic_it_belongs_to(session, ines):
    row = make.question_set(session, owner=ines.id)
    fields = {"objective": "databases.indexing.read", "subtopic": "databases.indexing"}
    make.questions(session, [make.document("one", **fields)], within=row)
    do(session, ines, bulk.set_place("databases", "databases.indexing", "Indexes"), "one")
    assert document(session, "one")["objective"] == "databases.indexing.read"
    do(session, ines, bulk.set_place("databases", "databases.joins", "Joins"), "one")
    assert "objective" not in document(session, "one")


def test_a_document_that_the_models_refuse_is_left_alone_with_the_reason(session, ines):
    row = make.question_set(session, owner=ines.id)
    full = [f"tag {n}" for n in range(100)]
    make.questions(session, [make.document("full", tags=full), make.document("one")], within=row)
    done = do(session, ines, bulk.add_tag("one more"), "full", "one")
    assert done.changed == 1
    [(reason, count)] = done.left.items()
    assert reason.startswith("refused: ")
    assert count == 1


def test_variants_keep_their_formulas(session, ines):
    row = make.question_set(session, owner=ines.id)
    written = make.document(
        "drawn",
        type="number",
        stem="What is {{a}} + 1?",
        answer="= a + 1",
        variants={"parameters": {"a": {"from": 1, "to": 9}}},
    )
    make.questions(session, [written], within=row)
    do(session, ines, bulk.set_level("senior"), "drawn")
    assert document(session, "drawn")["stem"] == "What is {{a}} + 1?"
    assert document(session, "drawn")["level"] == "senior"


def test_only_own_questions_change_and_the_others_are_counted(session, ines, igor):
    a_set(session, ines, "mine")
    a_set(session, igor, "shared")
    a_set(session, igor, "hidden", status="draft")
    a_set(session, None, "banked")
    before = {uid: document(session, uid) for uid in ("shared", "hidden", "banked")}
    for change in (bulk.add_tag("x"), bulk.turn(Turn.RETIRE)):
        done = do(session, ines, change, "mine", "shared", "hidden", "banked")
        assert (done.changed, done.left) == (1, {NOT_YOURS: 3})
    assert {uid: document(session, uid) for uid in before} == before
    assert {question(session, uid).status for uid in before} == {"published", "draft"}


def test_ids_that_nobody_has_look_like_those_of_others(session, ines, igor):
    a_set(session, igor, "hidden", status="draft")
    for ids in ([number(session, "hidden")], [987654]):
        done = bulk.apply(session, ines, bulk.prepare(session, ines, ids, bulk.add_tag("x")), now=make.NOW)
        assert (done.change_id, done.left) == (None, {NOT_YOURS: 1})


def test_learners_change_nothing(session, ines):
    a_set(session, ines, "one")
    lena = make.actor(session, "Lena")
    with pytest.raises(NotAllowed):
        do(session, lena, bulk.add_tag("x"), "one")


def test_an_admin_changes_what_instructors_own_but_not_the_bank(session, ines):
    a_set(session, ines, "one")
    a_set(session, None, "banked")
    admin = make.actor(session, "Ada", role="admin")
    assert do(session, admin, bulk.add_tag("x"), "one", "banked").left == {NOT_YOURS: 1}


def test_what_changed_between_looking_and_doing_is_left_alone(session, ines, now):
    a_set(session, ines, "one", "two")
    ids = [number(session, "one"), number(session, "two")]
    prepared = bulk.prepare(session, ines, ids, bulk.add_tag("late"))
    newer = parsed(document(session, "one") | {"stem": "Newer?"}, "made")
    revise(
        session, question(session, "one"), newer.document(), newer.content_hash(), author_id=ines.id, now=now
    )
    done = bulk.apply(session, ines, prepared, now=now)
    assert (done.changed, done.left) == (1, {MEANWHILE: 1})
    assert document(session, "one")["stem"] == "Newer?"


def test_undo_leaves_what_was_changed_again_since(session, ines, now):
    a_set(session, ines, "one", "two")
    done = do(session, ines, bulk.add_tag("first"), "one", "two")
    do(session, ines, bulk.add_tag("second"), "one")
    undone = undo(session, ines, done)
    assert (undone.restored, undone.left) == (1, {undoing.SINCE: 1})
    assert document(session, "one")["tags"] == ["first", "second"]
    assert "tags" not in document(session, "two")


def test_nobody_undoes_for_others_or_twice(session, ines, igor, now):
    a_set(session, ines, "one")
    done = do(session, ines, bulk.add_tag("x"), "one")
    for who, change_id in ((igor, done.change_id), (ines, 987654)):
        with pytest.raises(NotFound):
            undo(session, who, Done(change_id, "", 1, Counter()))
    undo(session, ines, done)
    with pytest.raises(Refused):
        undo(session, ines, done)
    assert question(session, "one").revision == 3


def test_what_is_no_longer_ones_own_is_left_by_undo(session, ines, igor, now):
    home = a_set(session, ines, "one")
    done = do(session, ines, bulk.add_tag("x"), "one")
    home.owner_id = igor.id
    session.flush()
    undone = undo(session, ines, done)
    assert (undone.restored, undone.left) == (0, {undoing.GONE: 1})


# Moving


def test_questions_move_to_the_end_of_an_own_set_and_back(session, ines, now):
    home, target = a_set(session, ines, "one", "two"), a_set(session, ines, "three")
    before = everything(session)
    done = do(session, ines, bulk.move(session, ines, target.id), "one", "two", "three")
    assert (done.changed, done.left) == (2, {ALREADY: 1})
    order = [each.question.uid for each in stored.questions(session, target.id, limit=9)]
    assert order == ["three", "one", "two"]
    assert stored.count(session, home.id) == 0
    assert undo(session, ines, done).restored == 2
    assert everything(session) == before


def test_both_sides_of_a_move_are_checked(session, ines, igor):
    mine, theirs = a_set(session, ines, "mine"), a_set(session, igor, "theirs")
    bank = a_set(session, None, "banked")
    for target in (theirs, bank):
        with pytest.raises(NotFound):
            bulk.move(session, ines, target.id)
        with pytest.raises(NotFound):
            forged = bulk.Move(target.id, ("", ""))
            do(session, ines, forged, "mine")
    done = do(session, ines, bulk.move(session, ines, mine.id), "theirs", "banked")
    assert (done.change_id, done.left) == (None, {NOT_YOURS: 2})


def test_what_learners_get_is_not_moved_out_of_their_reach(session, ines):
    a_set(session, ines, "one")
    draft, retired = (a_set(session, ines, name, status=name) for name in ("draft", "retired"))
    assert do(session, ines, bulk.move(session, ines, draft.id), "one").left == {INTO_DRAFT: 1}
    assert do(session, ines, bulk.move(session, ines, retired.id), "one").left == {SET_RETIRED: 1}


def test_a_question_that_moved_on_is_left_by_undo(session, ines, now):
    a_set(session, ines, "one")
    second, third = a_set(session, ines, "two"), a_set(session, ines, "three")
    done = do(session, ines, bulk.move(session, ines, second.id), "one")
    do(session, ines, bulk.move(session, ines, third.id), "one")
    assert undo(session, ines, done).left == {undoing.SINCE: 1}
    assert question(session, "one").set_id == third.id


def test_undo_brings_nothing_back_into_a_set_that_is_not_ones_own_any_more(session, ines, igor, now):
    home, target = a_set(session, ines, "one"), a_set(session, ines, "two")
    done = do(session, ines, bulk.move(session, ines, target.id), "one")
    home.owner_id = igor.id
    session.flush()
    assert undo(session, ines, done).left == {undoing.GONE: 1}
    assert question(session, "one").set_id == target.id


# Statuses


def test_a_retired_question_keeps_its_past_and_comes_back(session, ines, now):
    make.running(session, documents=[make.document("asked")])
    home = question(session, "asked")
    session.get_one(QuestionSet, home.set_id).owner_id = ines.id
    session.flush()
    done = do(session, ines, bulk.turn(Turn.RETIRE), "asked")
    assert (done.words, question(session, "asked").status) == ("Retired 1 question", "retired")
    assert session.scalar(select(func.count()).select_from(Revision)) == 1
    undone = undo(session, ines, done)
    assert (undone.restored, question(session, "asked").status) == (1, "published")
    assert do(session, ines, bulk.turn(Turn.BRING_BACK), "asked").left == {ALREADY: 1}


def test_bringing_back_means_to_where_the_set_stands(session, ines):
    for status in ("draft", "published", "retired"):
        a_set(session, ines, f"in-{status}", status=status)
    session.execute(update(Question).values(status="retired"))
    done = do(session, ines, bulk.turn(Turn.BRING_BACK), "in-draft", "in-published", "in-retired")
    assert (done.changed, done.left) == (2, {SET_RETIRED: 1})
    assert [question(session, f"in-{each}").status for each in ("draft", "published")] == [
        "draft",
        "published",
    ]


def test_what_its_file_no_longer_holds_gets_a_place_when_it_comes_back(session, ines, now):
    home = a_set(session, ines, "one", "gone")
    session.execute(
        update(Question).where(Question.uid == "gone").values(position=stored.NOWHERE, status="retired")
    )
    done = do(session, ines, bulk.turn(Turn.BRING_BACK), "gone")
    assert [each.question.uid for each in stored.questions(session, home.id, limit=9)] == ["one", "gone"]
    assert question(session, "gone").position > question(session, "one").position
    undo(session, ines, done)
    assert question(session, "gone").position == stored.NOWHERE


def test_publishing_one_of_a_draft_publishes_its_set_and_undo_takes_both_back(session, ines, now):
    home = a_set(session, ines, "one", "two", status="draft")
    home.handed_in_at = now - timedelta(hours=1)
    session.flush()
    before = everything(session)
    done = do(session, ines, bulk.turn(Turn.PUBLISH), "one")
    assert (home.status, home.handed_in_at) == ("published", None)
    assert [question(session, uid).status for uid in ("one", "two")] == ["published", "draft"]
    undo(session, ines, done)
    session.expire_all()
    assert everything(session) == before


def test_a_set_stays_published_where_more_of_it_was_published_since(session, ines, now):
    home = a_set(session, ines, "one", "two", status="draft")
    done = do(session, ines, bulk.turn(Turn.PUBLISH), "one")
    do(session, ines, bulk.turn(Turn.PUBLISH), "two")
    undo(session, ines, done)
    assert home.status == "published"


def test_what_learners_were_asked_stays_published(session, ines, now):
    home = a_set(session, ines, "one", status="draft")
    done = do(session, ines, bulk.turn(Turn.PUBLISH), "one")
    plan = make.quiz(session, ["one"])
    starting.start_quiz(session, make.actor(session), plan.uid, now=now)
    undone = undo(session, ines, done)
    assert (undone.restored, undone.left) == (0, {undoing.ASKED: 1})
    assert (home.status, question(session, "one").status) == ("published", "published")


def test_a_status_that_was_changed_since_is_left_by_undo(session, ines, now):
    home = a_set(session, ines, "one", "two")
    done = do(session, ines, bulk.turn(Turn.RETIRE), "one")
    sets.retire(session, ines, home.id, now=now)
    assert question(session, "two").status == "retired"
    undone = undo(session, ines, done)
    assert undone.left == {undoing.SET_CHANGED: 1}
    sets.publish(session, ines, home.id, now=now)
    assert question(session, "one").status == "published"


def test_publishing_a_set_leaves_alone_what_was_retired_by_itself(session, ines, now):
    home = a_set(session, ines, "one", "two", status="draft")
    do(session, ines, bulk.turn(Turn.RETIRE), "one")
    sets.publish(session, ines, home.id, now=now)
    assert [question(session, uid).status for uid in ("one", "two")] == ["retired", "published"]
    sets.back_to_draft(session, ines, home.id, now=now)
    assert [question(session, uid).status for uid in ("one", "two")] == ["retired", "draft"]


def test_publishing_a_published_set_publishes_what_was_added_since(session, ines, now):
    home = a_set(session, ines, "one")
    [added] = make.questions(session, [make.document("two")], within=home)
    added.status = "draft"
    session.flush()
    sets.publish(session, ines, home.id, now=now + timedelta(hours=1))
    assert (question(session, "two").status, home.updated_at) == ("published", now + timedelta(hours=1))


# How much, and for how long


def test_nothing_checked_and_too_much_are_refused(session, ines):
    for count in (0, bulk.MOST + 1):
        with pytest.raises(Refused):
            bulk.prepare(session, ines, range(count), bulk.turn(Turn.RETIRE))


@pytest.mark.parametrize("tag", ["", "  ", "x" * 101])
def test_a_tag_that_no_question_takes_is_refused(tag):
    for change in (bulk.add_tag, bulk.remove_tag):
        with pytest.raises(Refused):
            change(tag)


def test_braces_in_a_tag_are_only_text(session, ines):
    a_set(session, ines, "one")
    done = do(session, ines, bulk.add_tag("{} {0} {words}"), "one")
    assert done.words == "Added the tag “{} {0} {words}” to 1 question"


def test_old_changes_are_forgotten_when_new_ones_are_made(session, ines, now):
    a_set(session, ines, "one")
    do(session, ines, bulk.add_tag("old"), "one", now=now - timedelta(days=31))
    do(session, ines, bulk.add_tag("new"), "one", now=now)
    assert [row.words for row in reads.changes(session, ines, limit=9)] == [
        "Added the tag “new” to 1 question"
    ]
    assert session.scalar(select(func.count()).select_from(BulkChange)) == 1


def test_a_hundred_questions_take_a_number_of_statements_that_does_not_explode(database, now):
    with database.writing() as session:
        who = make.actor(session, "Ines", role="instructor")
        home = a_set(session, who, *(f"q-{n}" for n in range(100)))
        target = a_set(session, who, "other")
        ids = list(session.scalars(select(Question.id).where(Question.set_id == home.id)))
    statements = people.Statements(database.engine)
    with database.writing() as session, statements.counted() as sent:
        change = bulk.move(session, who, target.id)
        assert bulk.apply(session, who, bulk.prepare(session, who, ids, change), now=now).changed == 100
    assert len(sent) < 20
