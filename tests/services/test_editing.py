"""Writing questions by hand, below the pages: ids, revisions, collisions, what is brought back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from quizapp.db.engine import Database
from quizapp.db.models import Draft, Question, QuestionSet, Revision
from quizapp.domain.errors import NotAllowed, NotFound, Refused
from quizapp.domain.permissions import Actor
from quizapp.queries import drafts as kept
from quizapp.queries import history
from quizapp.queries.revisions import parsed
from quizapp.services import drafts, editing, sets
from quizapp.services.editing import ChangedMeanwhile, Saved


def document(**fields: Any) -> dict[str, Any]:
    """A judged document without an id, as a form gives it."""
    whole = parsed(make.document("any", **fields), "made").document()
    return {name: value for name, value in whole.items() if name != "id"}


@pytest.fixture
def ines(session: Session) -> Actor:
    return make.actor(session, "Ines", role="instructor")


@pytest.fixture
def home(session: Session, ines: Actor, now: datetime) -> QuestionSet:
    return editing.new_set(session, ines, title="Mine", description="", licence="", now=now)


def question(session: Session, uid: str) -> Question:
    return session.scalars(select(Question).where(Question.uid == uid)).one()


def test_a_new_set_is_a_draft_of_the_instructor(session: Session, ines: Actor, home: QuestionSet) -> None:
    assert (home.status, home.owner_id) == ("draft", ines.id)
    learner = make.actor(session)
    with pytest.raises(NotAllowed):
        editing.new_set(session, learner, title="x", description="", licence="", now=make.NOW)


def test_a_new_question_stands_last_and_can_be_found_by_its_words(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    first = editing.add(session, ines, home.id, document(stem="Which one?"), now=now)
    later = now + timedelta(minutes=1)
    second = editing.add(session, ines, home.id, document(stem="Which two?"), now=later)

    assert first == Saved("which-one", 1, True)
    rows = [question(session, saved.uid) for saved in (first, second)]
    assert [row.position for row in rows] == [0, 1]
    assert rows[1].status == "draft"
    assert "which two?" in rows[1].words
    assert home.updated_at == later
    entry = history.entry(session, rows[1].id, 1)
    assert (entry.author, entry.created_at) == ("Ines", later)
    assert parsed(entry.document, "kept").content_hash() == entry.content_hash


def test_an_id_that_is_taken_anywhere_gets_a_number_and_one_that_is_given_is_refused(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    make.questions(session, [make.document("which-one"), make.document("which-one-2")])
    assert editing.add(session, ines, home.id, document(stem="Which one?"), now=now).uid == "which-one-3"
    with pytest.raises(Refused) as refusal:
        editing.add(session, ines, home.id, {**document(), "id": "which-one"}, now=now)
    assert refusal.value.field == "id"


def test_the_same_text_again_is_the_question_of_the_first_time(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    one = editing.add(session, ines, home.id, document(), now=now)
    two = editing.add(session, ines, home.id, document(), now=now)
    assert (two.uid, two.is_new) == (one.uid, False)
    elsewhere = editing.new_set(session, ines, title="Other", description="", licence="", now=now)
    assert editing.add(session, ines, elsewhere.id, document(), now=now).uid == f"{one.uid}-2"


def test_a_change_is_a_revision_and_the_same_text_is_none(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    uid = editing.add(session, ines, home.id, document(), now=now).uid
    other = document(stem="Another?", level="senior")
    assert editing.change(session, ines, home.id, uid, other, base=1, now=now) == Saved(uid, 2, True)
    assert question(session, uid).level == "senior"
    # The same again, even from the page that was opened before: it says that already.
    assert editing.change(session, ines, home.id, uid, other, base=1, now=now) == Saved(uid, 2, False)


def test_neither_the_id_nor_the_type_can_be_changed(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    uid = editing.add(session, ines, home.id, document(), now=now).uid
    fields = {**document(stem="Another?"), "id": "stolen", "type": "single_choice"}
    editing.change(session, ines, home.id, uid, fields, base=1, now=now)
    row = question(session, uid)
    assert history.entry(session, row.id, 2).document["id"] == uid
    claim = {"type": "true_false", "topic": "databases", "stem": "Really?", "answer": True}
    with pytest.raises(Refused):
        editing.change(session, ines, home.id, uid, claim, base=2, now=now)
    assert row.revision == 2


def test_a_text_on_top_of_an_older_one_is_told_of_the_newer(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    uid = editing.add(session, ines, home.id, document(), now=now).uid
    editing.change(session, ines, home.id, uid, document(stem="Theirs?"), base=1, now=now)
    with pytest.raises(ChangedMeanwhile) as told:
        editing.change(session, ines, home.id, uid, document(stem="Mine?"), base=1, now=now)
    assert (told.value.number, told.value.document["stem"]) == (2, "Theirs?")
    assert question(session, uid).revision == 2


def test_what_a_question_said_comes_back_as_a_new_revision(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    uid = editing.add(session, ines, home.id, document(), now=now).uid
    editing.change(session, ines, home.id, uid, document(stem="Another?"), base=1, now=now)
    assert editing.restore(session, ines, home.id, uid, 1, now=now) == Saved(uid, 3, True)
    row = question(session, uid)
    assert history.entry(session, row.id, 3).document == history.entry(session, row.id, 1).document
    assert "another" not in row.words
    assert not editing.restore(session, ines, home.id, uid, 1, now=now).is_new
    with pytest.raises(NotFound):
        editing.restore(session, ines, home.id, uid, 9, now=now)


def test_a_text_that_could_no_longer_be_asked_is_not_brought_back(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    uid = editing.add(session, ines, home.id, document(), now=now).uid
    row = question(session, uid)
    session.add(
        Revision(question_id=row.id, number=0, content_hash="old", document={"id": uid}, created_at=now)
    )
    session.flush()
    with pytest.raises(Refused, match="no longer be asked"):
        editing.restore(session, ines, home.id, uid, 0, now=now)
    assert row.revision == 1


def test_only_whoever_may_change_a_set_writes_into_it(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    uid = editing.add(session, ines, home.id, document(), now=now).uid
    sets.publish(session, ines, home.id, now=now)
    bank = make.question_set(session)
    bank.source = "databases/joins.yaml"
    [in_bank] = make.questions(session, [make.document("in-bank")], within=bank)
    admin = make.actor(session, "Ada", role="admin")
    for actor, place, name in (
        (make.actor(session, "Igor", role="instructor"), home.id, uid),
        (make.actor(session, "Lena"), home.id, uid),
        (ines, bank.id, in_bank.uid),
        (admin, bank.id, in_bank.uid),
    ):
        with pytest.raises(NotFound):
            editing.add(session, actor, place, document(), now=now)
        with pytest.raises(NotFound):
            editing.change(session, actor, place, name, document(stem="x"), base=1, now=now)
        with pytest.raises(NotFound):
            editing.restore(session, actor, place, name, 1, now=now)
    assert editing.change(session, admin, home.id, uid, document(stem="x"), base=1, now=now).revision == 2


def test_a_question_that_is_written_into_a_published_set_is_published(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    sets.publish(session, ines, home.id, now=now)
    assert (
        question(session, editing.add(session, ines, home.id, document(), now=now).uid).status == "published"
    )


def test_two_who_save_at_once_never_overwrite_each_other(database: Database, now: datetime) -> None:
    with database.writing() as session:
        ines = make.actor(session, "Ines", role="instructor")
        home = editing.new_set(session, ines, title="Mine", description="", licence="", now=now).id
        uid = editing.add(session, ines, home, document(), now=now).uid

    def save(number: int) -> str:
        with database.writing() as session:
            try:
                text = document(stem=f"Text {number}?")
                editing.change(session, ines, home, uid, text, base=1, now=now)
            except ChangedMeanwhile:
                return "told"
        return "saved"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(save, range(4))) == ["saved", "told", "told", "told"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Revision)) == 2


def test_a_new_question_sent_many_times_at_once_is_one(database: Database, now: datetime) -> None:
    with database.writing() as session:
        ines = make.actor(session, "Ines", role="instructor")
        homes = [
            editing.new_set(session, ines, title=title, description="", licence="", now=now).id
            for title in ("One", "Two")
        ]

    def save(home: int) -> Saved:
        with database.writing() as session:
            return editing.add(session, ines, home, document(), now=now)

    with ThreadPoolExecutor(6) as pool:
        saved = list(pool.map(save, homes * 3))
    assert len({each.uid for each in saved}) == 2
    assert sum(each.is_new for each in saved) == 2
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Question)) == 2


def test_each_author_has_one_draft_of_a_question(session: Session, ines: Actor, now: datetime) -> None:
    igor = make.actor(session, "Igor", role="instructor")
    later = now + timedelta(seconds=5)
    drafts.keep(session, ines, "q", {"stem": "a", "mode": "form"}, base=1, now=now)
    drafts.keep(session, ines, "q", {"stem": "b"}, base=2, now=later)
    drafts.keep(session, igor, "q", {"stem": "c"}, base=1, now=now)
    mine = kept.draft(session, ines, "q")
    assert mine is not None
    session.refresh(mine)
    assert (mine.fields, mine.base_revision, mine.updated_at) == ({"stem": "b"}, 2, later)
    drafts.drop(session, ines, "q")
    drafts.drop(session, ines, "q")
    assert [row.account_id for row in session.scalars(select(Draft))] == [igor.id]


def test_questions_that_ask_the_same_are_found_whatever_their_spaces_and_case(
    session: Session, ines: Actor, home: QuestionSet, now: datetime
) -> None:
    stem = "Which 100 % of _rows_\n\ndoes it return?"
    uid = editing.add(session, ines, home.id, document(stem=stem), now=now).uid
    editing.add(session, ines, home.id, document(stem="Which 100 % of rows does it return?"), now=now)

    def found(text: str, actor: Actor = ines, but: str = "") -> list[str]:
        return [each.uid for each in history.asking_the_same(session, actor, text, but=but)]

    assert found("which 100 % of _ROWS_\n\ndoes it  return?") == [uid]
    assert found(stem.upper()) == [uid]
    assert found(stem, but=uid) == []
    assert found(stem, make.actor(session, "Igor", role="instructor")) == []
    assert found("%%%%") == []
    assert found("") == []
