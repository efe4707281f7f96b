"""Copies of sets: drafts of one's own with ids of their own."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import make
from quizapp.db.models import Question, QuestionSet, Revision
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.permissions import Actor
from quizapp.queries import sets as stored
from quizapp.queries.revisions import parsed
from quizapp.services import copying, sets
from quizapp.services.revising import words_of

PICTURE = f"Look: ![a plan](asset:{'ab' * 32})"


@pytest.fixture
def ines(session: Session) -> Actor:
    return make.actor(session, "Ines", role="instructor")


@pytest.fixture
def igor(session: Session) -> Actor:
    return make.actor(session, "Igor", role="instructor")


def a_set(session: Session, owner: Actor, *uids: str, status: str = "published") -> QuestionSet:
    row = make.question_set(session, owner=owner.id, status=status)
    documents = [make.document(uid, stem=f"{PICTURE} {uid}?") for uid in uids]
    make.questions(session, documents, within=row)
    return row


def test_a_copy_is_a_draft_that_says_the_same_under_new_ids(session, ines, igor, now):
    source = a_set(session, igor, "one", "two")
    source.description, source.licence = "About indexes", "CC0"
    copy = copying.copy_set(session, ines, source.id, now=now)
    assert (copy.owner_id, copy.status, copy.source, copy.title) == (ines.id, "draft", None, "Indexes (copy)")
    assert (copy.description, copy.licence) == ("About indexes", "CC0")
    before, after = stored.stored(session, source.id), stored.stored(session, copy.id)
    assert list(after) == ["one-2", "two-2"]
    for old, new in zip(before.values(), after.values(), strict=True):
        assert new.document == old.document | {"id": new.question.uid}
        assert new.content_hash == parsed(new.document, "copy").content_hash()
        assert (new.question.revision, new.question.status) == (1, "draft")
        assert new.question.words == words_of(new.document)
    authors = select(Revision.author_id).join(Question).where(Question.set_id == copy.id)
    assert set(session.scalars(authors)) == {ines.id}


def test_copying_again_takes_the_next_number(session, ines, now):
    source = a_set(session, ines, "one")
    names = [
        list(stored.stored(session, copying.copy_set(session, ines, source.id, now=now).id)) for _ in "ab"
    ]
    assert names == [["one-2"], ["one-3"]]


def test_only_what_was_chosen_is_copied(session, ines, now):
    source = a_set(session, ines, "one", "two", "three")
    copy = copying.copy_set(session, ines, source.id, only=["three", "one", "unknown"], now=now)
    assert list(stored.stored(session, copy.id)) == ["one-2", "three-2"]


def test_what_was_retired_by_itself_is_copied_only_when_chosen(session, ines, now):
    source = a_set(session, ines, "one", "old")
    session.execute(update(Question).where(Question.uid == "old").values(status="retired"))
    assert list(stored.stored(session, copying.copy_set(session, ines, source.id, now=now).id)) == ["one-2"]
    chosen = copying.copy_set(session, ines, source.id, only=["old"], now=now)
    assert list(stored.stored(session, chosen.id)) == ["old-2"]


def test_others_drafts_cannot_be_copied_before_they_are_handed_in(session, ines, igor, now):
    source = a_set(session, igor, "one", status="draft")
    ids = list(session.scalars(select(Question.id)))
    with pytest.raises(NotFound):
        copying.copy_set(session, ines, source.id, now=now)
    with pytest.raises(Refused):
        copying.copy_questions(session, ines, ids, now=now)
    sets.hand_in(session, igor, source.id, now=now)
    assert copying.copy_set(session, ines, source.id, now=now).owner_id == ines.id


def test_questions_of_several_sets_become_one_draft(session, ines, igor, now):
    a_set(session, igor, "one", "two")
    a_set(session, ines, "three", status="draft")
    ids = list(session.scalars(select(Question.id).where(Question.uid != "one")))
    copy = copying.copy_questions(session, ines, ids, now=now)
    assert copy.title == "Copied questions"
    assert list(stored.stored(session, copy.id)) == ["two-2", "three-2"]


def test_nothing_and_too_much_are_refused(session, ines, now):
    empty = make.question_set(session, owner=ines.id)
    with pytest.raises(Refused):
        copying.copy_set(session, ines, empty.id, now=now)
    for count in (0, copying.MOST + 1):
        with pytest.raises(Refused):
            copying.copy_questions(session, ines, range(count), now=now)
    assert session.scalars(select(QuestionSet.id)).all() == [empty.id]


def test_long_ids_are_cut_to_make_room(session, ines, now):
    long = "a" * 119 + "b"
    source = a_set(session, ines, long)
    [name] = stored.stored(session, copying.copy_set(session, ines, source.id, now=now).id)
    assert name == "a" * 118 + "-2"
