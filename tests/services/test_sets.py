"""Question sets of instructors: uploading, replacing, publishing, and who may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from quizapp.db.engine import Database
from quizapp.db.models import Question, QuestionSet, Revision
from quizapp.domain.errors import NotAllowed, NotFound, Refused
from quizapp.domain.permissions import Actor
from quizapp.formats.quizapp_yaml import QuizappYaml
from quizapp.queries import sets as stored
from quizapp.services import sets, starting
from quizapp.services.sets import Fate
from quizapp.services.uploads import Upload, judge_in_child, judge_upload, line_and_field

BANK = Path(__file__).parents[2] / "question_bank"


def upload(*documents, title: str = "Indexes") -> Upload:
    judged = judge_upload(QuizappYaml.write(title, list(documents), {}).data, "mine.yaml")
    assert judged.errors == ()
    assert judged.upload
    return judged.upload


@pytest.fixture
def ines(session: Session) -> Actor:
    return make.actor(session, "Ines", role="instructor")


@pytest.fixture
def igor(session: Session) -> Actor:
    return make.actor(session, "Igor", role="instructor")


def statuses(session: Session, set_id: int) -> dict[str, str]:
    rows = session.execute(select(Question.uid, Question.status).where(Question.set_id == set_id))
    return {row[0]: row[1] for row in rows}


def numbers(session: Session, set_id: int) -> dict[str, int]:
    rows = session.execute(select(Question.uid, Question.revision).where(Question.set_id == set_id))
    return {row[0]: row[1] for row in rows}


def replace(session, actor, set_id, new: Upload, now):
    seen = sets.plan(session, actor, new, set_id).fingerprint
    return sets.replace(session, actor, set_id, new, fingerprint=seen, now=now)


# Judging


def test_every_problem_comes_with_its_line_and_in_the_order_of_lines() -> None:
    text = b"title: ''\nsurprise: 1\nquestions:\n  - id: Bad Id\n    type: essay\n  - 7\n"
    judged = judge_upload(text, "a: odd.yaml")
    assert judged.upload is None
    places = [line_and_field(problem, "a: odd.yaml") for problem in judged.errors]
    assert places == [(1, "title"), (2, "surprise"), (5, "questions.0.type"), (6, "questions.1")]


def test_the_child_judges_like_the_server_would() -> None:
    path = BANK / "databases" / "queries-and-indexes.yaml"
    assert judge_in_child(path.read_bytes(), path.name) == judge_upload(path.read_bytes(), path.name)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"a: !!python/object:os.system {}\n", "tag"),
        (b"a: &a [1]\nb: [*a, *a]\n", "anchor"),
        (b"[" * 10_000, "depth"),
        (b"title: \xff\n", "encoding"),
        (b"x" * (4 * 1024 * 1024 + 1), "size"),
        (
            b'title: "a\\0b"\nquestions: [{id: a, type: true_false, topic: t, stem: s, answer: true}]\n',
            "character",
        ),
        (b"", "mapping_type"),
    ],
)
def test_a_hostile_file_is_refused_with_a_reason(text: bytes, code: str) -> None:
    judged = judge_in_child(text, "hostile.yaml")
    assert judged.upload is None
    assert judged.errors[0].code == code


def test_what_takes_too_long_to_read_is_a_problem_of_the_file(monkeypatch) -> None:
    monkeypatch.setattr("quizapp.services.uploads.SECONDS", 1)
    judged = judge_in_child(b"- a\n" * 900_000, "long.yaml")
    assert [(problem.where, problem.code) for problem in judged.errors] == [("long.yaml:1", "limit")]


def test_problems_can_be_printed_whatever_stood_in_the_file() -> None:
    field = b'"\\u202e' + b"x" * 5000 + b'"'
    rest = b": 1, id: a, type: true_false, topic: t, stem: s, answer: true}]"
    (problem,) = judge_upload(b"title: t\nquestions: [{" + field + rest, "odd.yaml").errors
    assert str(problem).isprintable()
    assert len(str(problem)) < 1000


def test_thousands_of_problems_are_counted_not_listed() -> None:
    judged = judge_upload(b"title: t\nquestions: [" + b"{}, " * 3000 + b"]", "many.yaml")
    assert (len(judged.errors), judged.untold) == (1000, 2000)


# A new set


def test_an_upload_becomes_a_draft_in_the_order_of_its_file(session, ines, now) -> None:
    first, second = make.document("z-first", points=3, level="senior"), make.document("a-second")
    row = sets.save_new(session, ines, upload(first, second), now=now)
    listed = stored.questions(session, row.id, limit=10)
    assert (row.status, row.owner_id, row.source) == ("draft", ines.id, None)
    assert [each.question.uid for each in listed] == ["z-first", "a-second"]
    assert [(q.question.points, q.question.level, q.question.status) for q in listed] == [
        (3, "senior", "draft"),
        (1, "mid", "draft"),
    ]
    assert listed[0].document == make.value(**first).document()


def test_uploading_the_same_file_twice_changes_nothing(session, ines, now) -> None:
    file = upload(make.document("one"), make.document("two"))
    first = sets.save_new(session, ines, file, now=now)
    again = sets.save_new(session, ines, file, now=now + timedelta(hours=1))
    assert (again.id, again.updated_at) == (first.id, now)
    assert session.scalar(select(func.count()).select_from(QuestionSet)) == 1
    assert session.scalar(select(func.count()).select_from(Revision)) == 2


def test_ids_of_the_bank_and_of_other_sets_are_refused_with_their_lines(session, ines, igor, now) -> None:
    bank = make.question_set(session)
    bank.source = "databases/joins.yaml"
    make.questions(session, [make.document("of-the-bank")], within=bank)
    sets.save_new(session, igor, upload(make.document("of-igor"), title="Secret plans"), now=now)
    sets.save_new(session, ines, upload(make.document("of-ines"), title="Joins"), now=now)
    file = upload(*map(make.document, ("of-the-bank", "fresh", "of-igor", "of-ines")))

    problems = sets.plan(session, ines, file).problems

    assert [line_and_field(problem, "mine.yaml") for problem in problems] == [
        (entry.line, f"questions.{number}.id")
        for number, entry in enumerate(file.entries)
        if entry.uid != "fresh"
    ]
    assert [problem.message.partition("used by ")[2] for problem in problems] == [
        "the question bank",
        "another instructor's set",
        "your set “Joins”; replace that set on its page, or choose another id",
    ]
    with pytest.raises(Refused, match="of-the-bank"):
        sets.save_new(session, ines, file, now=now)
    assert session.scalar(select(func.count()).select_from(Question).where(Question.uid == "fresh")) == 0


def test_the_same_upload_sent_twice_at_once_makes_one_set(database: Database, now: datetime) -> None:
    with database.writing() as session:
        ines = make.actor(session, "Ines", role="instructor")
    file = upload(*(make.document(f"at-once-{n}") for n in range(5)))

    def send(_: int) -> int | None:
        try:
            with database.writing() as session:
                return sets.save_new(session, ines, file, now=now).id
        except Refused:
            return None

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(send, range(4))) - {None}
    with database.reading() as session:
        assert list(session.scalars(select(QuestionSet.id))) == list(made)
        assert session.scalar(select(func.count()).select_from(Question)) == 5


def test_a_learner_cannot_upload(session, now) -> None:
    with pytest.raises(NotAllowed):
        sets.save_new(session, make.actor(session), upload(make.document()), now=now)


# Replacing


def test_a_newer_file_revises_adds_and_retires_and_an_older_one_brings_back(session, ines, now) -> None:
    same, old, going = make.document("same"), make.document("edited"), make.document("going")
    first = upload(same, old, going)
    row = sets.save_new(session, ines, first, now=now)
    sets.publish(session, ines, row.id, now=now)
    edited = {**old, "stem": "Which structure is ordered?", "points": 2}

    done = replace(session, ines, row.id, upload(edited, same, make.document("fresh")), now)

    assert {change.uid: change.fate for change in done.changes} == {
        "edited": Fate.CHANGED,
        "same": Fate.UNCHANGED,
        "fresh": Fate.NEW,
        "going": Fate.GONE,
    }
    assert set(done.of(Fate.CHANGED)[0].fields) == {"stem", "points"}
    assert numbers(session, row.id) == {"same": 1, "edited": 2, "going": 1, "fresh": 1}
    assert statuses(session, row.id) == {
        "same": "published",
        "edited": "published",
        "fresh": "published",
        "going": "retired",
    }
    assert [each.question.uid for each in stored.questions(session, row.id, limit=9)] == [
        "edited",
        "same",
        "fresh",
        "going",
    ]
    kept = session.get_one(Revision, (stored.question(session, row.id, "edited").id, 1))
    assert kept.document["stem"] == old["stem"]

    back = replace(session, ines, row.id, first, now)
    assert [change.uid for change in back.of(Fate.BACK)] == ["going"]
    assert numbers(session, row.id)["going"] == 1
    assert statuses(session, row.id)["going"] == "published"
    assert statuses(session, row.id)["fresh"] == "retired"


def test_replacing_with_what_is_there_changes_nothing(session, ines, now) -> None:
    file = upload(make.document("one"), make.document("two"))
    row = sets.save_new(session, ines, file, now=now)
    done = replace(session, ines, row.id, file, now + timedelta(days=1))
    assert done.does_nothing
    assert row.updated_at == now
    assert numbers(session, row.id) == {"one": 1, "two": 1}


def test_a_plan_that_no_longer_holds_is_not_carried_out(session, ines, now) -> None:
    row = sets.save_new(session, ines, upload(make.document("one")), now=now)
    newer = upload(make.document("one", stem="Which one?"))
    seen = sets.plan(session, ines, newer, row.id).fingerprint
    replace(session, ines, row.id, upload(make.document("one"), make.document("two")), now)
    with pytest.raises(Refused, match="changed meanwhile"):
        sets.replace(session, ines, row.id, newer, fingerprint=seen, now=now)
    assert numbers(session, row.id) == {"one": 1, "two": 1}


def test_only_the_owner_replaces_publishes_and_retires(session, ines, igor, now) -> None:
    row = sets.save_new(session, ines, upload(make.document("hers")), now=now)
    sets.publish(session, ines, row.id, now=now)
    for attempt in (
        lambda: sets.plan(session, igor, upload(make.document("hers")), row.id),
        lambda: replace(session, igor, row.id, upload(make.document("hers")), now),
        lambda: sets.publish(session, igor, row.id, now=now),
        lambda: sets.retire(session, igor, row.id, now=now),
        lambda: sets.back_to_draft(session, igor, row.id, now=now),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert row.status == "published"


def test_a_bank_set_is_changed_by_nobody_here(session, now) -> None:
    bank = make.question_set(session)
    bank.source = "databases/joins.yaml"
    admin = make.actor(session, role="admin")
    with pytest.raises(NotFound):
        sets.retire(session, admin, bank.id, now=now)


# Statuses


def test_publishing_retiring_and_publishing_again_moves_the_questions_of_the_file(session, ines, now) -> None:
    row = sets.save_new(session, ines, upload(make.document("stays"), make.document("goes")), now=now)
    replace(session, ines, row.id, upload(make.document("stays")), now)
    assert statuses(session, row.id) == {"stays": "draft", "goes": "retired"}
    for move, status in ((sets.publish, "published"), (sets.retire, "retired"), (sets.publish, "published")):
        move(session, ines, row.id, now=now)
        assert (row.status, statuses(session, row.id)) == (status, {"stays": status, "goes": "retired"})


def test_publishing_twice_is_publishing_once(session, ines, now) -> None:
    row = sets.save_new(session, ines, upload(make.document()), now=now)
    sets.publish(session, ines, row.id, now=now)
    sets.publish(session, ines, row.id, now=now + timedelta(hours=1))
    assert row.updated_at == now


def test_a_set_goes_back_to_draft_only_while_no_learner_has_met_it(session, ines, now) -> None:
    row = sets.save_new(session, ines, upload(make.document("met")), now=now)
    sets.publish(session, ines, row.id, now=now)
    sets.back_to_draft(session, ines, row.id, now=now)
    assert statuses(session, row.id) == {"met": "draft"}

    sets.publish(session, ines, row.id, now=now)
    quiz = make.quiz(session, ["met"])
    starting.start_quiz(session, make.actor(session), quiz.uid, now=now)
    with pytest.raises(Refused, match="retire"):
        sets.back_to_draft(session, ines, row.id, now=now)
    assert statuses(session, row.id) == {"met": "published"}


# Who sees what


def test_drafts_are_seen_by_their_owner_published_sets_by_all_who_teach(session, ines, igor, now) -> None:
    row = sets.save_new(session, ines, upload(make.document()), now=now)
    admin, learner = make.actor(session, role="admin"), make.actor(session)
    assert stored.visible(session, ines, row.id) is row
    assert stored.visible(session, admin, row.id) is row
    with pytest.raises(NotFound):
        stored.visible(session, igor, row.id)
    sets.publish(session, ines, row.id, now=now)
    assert stored.visible(session, igor, row.id) is row
    assert [each.row.id for each in stored.shared(session, igor)] == [row.id]
    with pytest.raises(NotFound):
        stored.visible(session, learner, row.id)


def test_counts_of_a_set_leave_out_what_its_file_no_longer_holds(session, ines, now) -> None:
    one, two = make.document("one"), make.document("two", topic="networking", subtopic=None)
    row = sets.save_new(session, ines, upload(one, two), now=now)
    replace(session, ines, row.id, upload(one), now)
    (summary,) = stored.own(session, ines)
    assert (summary.questions, summary.topics, summary.types) == (1, {"databases": 1}, {"single_choice": 1})


# Taking it away


FILES = sorted(path for path in BANK.glob("*/*.yaml") if path.parent.name != "quizzes")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_downloaded_set_can_be_uploaded_again_and_changes_nothing(session, ines, now, path: Path) -> None:
    file = judge_upload(path.read_bytes(), path.name).upload
    assert file
    row = sets.save_new(session, ines, file, now=now)
    again = judge_upload(sets.as_file(session, row), "again.yaml").upload
    assert again
    assert sets.plan(session, ines, again, row.id).does_nothing
