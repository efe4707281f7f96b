"""Searching and filtering all questions that one may see, and what their answers say of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

import make
from quizapp.db.models import Question, QuestionSet
from quizapp.domain.permissions import Actor
from quizapp.queries import library
from quizapp.queries.library import Health, Owner, Sort, Wanted
from quizapp.services import answering, finishing, scoring, sets, starting


@pytest.fixture
def ines(session: Session) -> Actor:
    return make.actor(session, "Ines", role="instructor")


@pytest.fixture
def igor(session: Session) -> Actor:
    return make.actor(session, "Igor", role="instructor")


def a_set(
    session: Session,
    owner: Actor | None,
    *documents: dict[str, Any],
    status: str = "published",
    title: str = "S",
) -> QuestionSet:
    row = make.question_set(session, owner=owner.id if owner else None, status=status, title=title)
    if owner is None:
        row.source = f"databases/{documents[0]['id']}.yaml"
    make.questions(session, list(documents), within=row)
    return row


def uids(session: Session, who: Actor, now: datetime = make.NOW, **wanted: Any) -> set[str]:
    asked = Wanted(**wanted)
    found = library.found(session, who, asked, limit=1000, now=now)
    assert library.total(session, who, asked, now=now) == len(found)
    return {each.question.uid for each in found}


@pytest.fixture
def shelf(session: Session, ines: Actor, igor: Actor) -> dict[str, QuestionSet]:
    """Sets of every owner and status."""
    named = {
        "mine-out": a_set(session, ines, make.document("mine-out"), title="Mine, out"),
        "mine-draft": a_set(session, ines, make.document("mine-draft"), status="draft"),
        "mine-retired": a_set(session, ines, make.document("mine-retired"), status="retired"),
        "igor-out": a_set(session, igor, make.document("igor-out")),
        "igor-draft": a_set(session, igor, make.document("igor-draft"), status="draft"),
        "igor-review": a_set(session, igor, make.document("igor-review"), status="draft"),
        "igor-retired": a_set(session, igor, make.document("igor-retired"), status="retired"),
        "bank": a_set(session, None, make.document("bank")),
        "bank-old": a_set(session, None, make.document("bank-old"), status="retired"),
    }
    sets.hand_in(session, igor, named["igor-review"].id, now=make.NOW)
    session.flush()
    return named


def test_one_sees_own_shared_and_handed_in_questions_and_nothing_else(session, shelf, ines):
    mine = {"mine-out", "mine-draft"}
    assert uids(session, ines) == mine | {"igor-out", "igor-review", "bank"}
    assert uids(session, ines, status="any") == uids(session, ines) | {"mine-retired"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"owner": Owner.MINE}, {"mine-out", "mine-draft"}),
        ({"owner": Owner.SHARED}, {"igor-out", "igor-review"}),
        ({"owner": Owner.BANK}, {"bank"}),
        ({"status": "draft"}, {"mine-draft", "igor-review"}),
        ({"status": "review"}, {"igor-review"}),
        ({"status": "published"}, {"mine-out", "igor-out", "bank"}),
        ({"status": "retired"}, {"mine-retired"}),
        ({"owner": Owner.MINE, "status": "any"}, {"mine-out", "mine-draft", "mine-retired"}),
    ],
)
def test_filters_by_owner_and_status(session, shelf, ines, wanted, expected):
    assert uids(session, ines, **wanted) == expected


def test_a_set_that_one_may_not_see_is_empty(session, shelf, ines):
    assert uids(session, ines, set_id=shelf["mine-draft"].id) == {"mine-draft"}
    assert uids(session, ines, set_id=shelf["igor-draft"].id, status="any") == set()


def test_an_admin_sees_the_drafts_of_all(session, shelf):
    admin = make.actor(session, "Ada", role="admin")
    assert {"igor-draft", "mine-draft"} <= uids(session, admin)
    assert "bank-old" not in uids(session, admin, status="any")


def test_every_word_has_to_occur_in_whatever_letters(session, ines):
    a_set(
        session,
        ines,
        make.document("tree", stem="Why is a B-tree BALANCED?"),
        make.document("per-cent", stem="What does 100% of a_b mean?", explanation="Größe of caches"),
        make.document("slash", stem=r"What is a/b and a\b?"),
    )
    assert uids(session, ines, words=("balanced", "why")) == {"tree"}
    assert uids(session, ines, words=("balanced", "caches")) == set()
    assert uids(session, ines, words=("100%",)) == {"per-cent"}
    assert uids(session, ines, words=("a_b",)) == {"per-cent"}
    assert uids(session, ines, words=("0%o",)) == set()
    assert uids(session, ines, words=("a/b",)) == {"slash"}
    assert uids(session, ines, words=("a\\b",)) == {"slash"}
    assert uids(session, ines, words=("GRÖßE",)) == {"per-cent"}
    assert uids(session, ines, words=("'; DROP TABLE question",)) == set()


def test_filters_by_topic_subtopic_type_and_level(session, ines):
    a_set(
        session,
        ines,
        make.document("join", subtopic="databases.joins", level="senior"),
        make.document("index"),
        make.document("whole", subtopic=None),
        make.document("api", topic="apis", subtopic=None, level="senior"),
        make.sample("opaque"),
    )
    assert uids(session, ines, place="databases") == {"join", "index", "whole"}
    assert uids(session, ines, place="databases.joins") == {"join"}
    assert uids(session, ines, type="opaque") == {"sample-opaque"}
    assert uids(session, ines, level="senior", type="single_choice") == {"join", "api"}
    assert uids(session, ines, level="senior", place="apis") == {"api"}


def test_filters_by_tag_and_counts_them(session, ines, igor):
    drawn = {"type": "number", "answer": "= n", "variants": {"parameters": {"n": [1, 2]}}, "stem": "{{n}}?"}
    a_set(
        session,
        ines,
        make.document("one", tags=["joins", "it's 100%"]),
        make.document("two", tags=["joins"]),
        make.document("drawn", tags=["joins"], **drawn),
        make.document("none"),
    )
    a_set(session, igor, make.document("hidden", tags=["secret"]), status="draft")
    assert uids(session, ines, tag="joins") == {"one", "two", "drawn"}
    assert uids(session, ines, tag="it's 100%") == {"one"}
    assert uids(session, ines, tag="join") == set()
    assert uids(session, ines, tag="secret") == set()
    assert library.tags(session, ines) == [("it's 100%", 1), ("joins", 3)]


def answered(session: Session, uid: str, right: int, wrong: int, **fields: Any) -> None:
    """So many learners answered a question right and wrong."""
    plan = make.quiz(session, [uid], **fields)
    for number in range(right + wrong):
        learner = make.actor(session)
        attempt_id = starting.start_quiz(session, learner, plan.uid, now=make.NOW).attempt_id
        sent = make.right if number < right else make.wrong
        answering.save_answer(
            session, learner.id, attempt_id, 1, sent(make.document(uid)), number=1, now=make.NOW
        )
        finishing.submit(session, learner.id, attempt_id, now=make.NOW)


def test_health_tells_what_the_answers_say_from_ten_on(session, ines, now):
    names = ("never", "few", "hard", "edge", "fine", "easy")
    a_set(session, ines, *(make.document(name) for name in names))
    for uid, right, wrong in (
        ("few", 0, 9),
        ("hard", 1, 9),
        ("edge", 2, 8),
        ("fine", 9, 1),
        ("easy", 10, 0),
    ):
        answered(session, uid, right, wrong)
    found = {health: uids(session, ines, health=health) for health in Health}
    assert found == {
        Health.NEVER: {"never"},
        Health.FEW: {"few"},
        Health.HARD: {"hard"},
        Health.FINE: {"edge", "fine"},
        Health.EASY: {"easy"},
    }
    told = {
        each.question.uid: (each.answers.count, each.answers.facility)
        for each in library.found(session, ines, Wanted(), limit=9, now=now)
    }
    assert told == {
        "never": (0, None),
        "few": (9, None),
        "hard": (10, 10),
        "edge": (10, 20),
        "fine": (10, 90),
        "easy": (10, 100),
    }
    hardest = library.found(session, ines, Wanted(sort=Sort.HARDEST), limit=4, now=now)
    assert [each.question.uid for each in hardest] == ["hard", "edge", "fine", "easy"]
    most = library.found(session, ines, Wanted(sort=Sort.ANSWERED), limit=9, now=now)
    assert [each.question.uid for each in most][-2:] == ["few", "never"]


def test_answers_count_from_their_release_on(session, ines, now):
    a_set(session, ines, make.document("one"))
    closes = now + timedelta(days=1)
    answered(session, "one", 0, 1, closes_at=closes, feedback="after_close")
    assert uids(session, ines, health=Health.NEVER) == {"one"}
    assert uids(session, ines, now=closes, health=Health.FEW) == {"one"}


def test_a_later_score_counts_instead_of_the_first(session, ines, now):
    a_set(session, ines, make.sample("open_response"))
    document = make.sample("open_response")
    plan = make.quiz(session, [document["id"]], mode="practice", time_limit_minutes=None)
    learner = make.actor(session)
    attempt_id = starting.start_quiz(session, learner, plan.uid, now=now).attempt_id
    right = make.right(document)
    answer = {name: values for name, values in right.items() if not name.startswith("level-")}
    answering.check_answer(session, learner.id, attempt_id, 1, answer, number=1, now=now)
    [number] = [each.question.id for each in library.found(session, ines, Wanted(), limit=9, now=now)]
    assert library.answers_of(session, [number], now) == {}
    levels = {name: values for name, values in right.items() if name.startswith("level-")}
    scoring.score_own(session, learner.id, attempt_id, 1, {n: ["0"] for n in levels}, now=now)
    scoring.score_own(session, learner.id, attempt_id, 1, levels, now=now + timedelta(minutes=1))
    assert library.answers_of(session, [number], now)[number].count == 1


def test_the_newest_revision_comes_first_unless_told_otherwise(session, ines, now):
    row = a_set(session, ines, make.document("b"), make.document("a", topic="apis", subtopic=None))
    found = library.found(session, ines, Wanted(), limit=9, now=now)
    assert [each.question.uid for each in found] == ["b", "a"]
    by_topic = library.found(session, ines, Wanted(sort=Sort.TOPIC), limit=9, now=now)
    assert [each.question.uid for each in by_topic] == ["a", "b"]
    assert [each.home.id for each in found] == [row.id, row.id]


def test_pages_follow_each_other_without_gaps(session, ines, now):
    a_set(session, ines, *(make.document(f"q-{n}") for n in range(7)))
    pages = [
        [each.question.uid for each in library.found(session, ines, Wanted(), limit=3, offset=at, now=now)]
        for at in (0, 3, 6)
    ]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({uid for page in pages for uid in page}) == 7


def test_all_that_match_are_only_those_one_may_change(session, shelf, ines, now):
    session.execute(update(Question).values(level="mid"))
    ids = library.ids(session, ines, Wanted(level="mid"), limit=99, now=now)
    names = {session.get_one(Question, number).uid for number in ids}
    assert names == {"mine-out", "mine-draft"}
    assert len(library.ids(session, ines, Wanted(), limit=1, now=now)) == 1


def test_selects_offer_what_one_may_see(session, shelf, ines):
    titles = [row.title for row in library.homes(session, ines)]
    assert len(titles) == 6
    assert library.places(session, ines) == [("databases", "databases.indexing")]
