"""Loading the bank: what changed is taken over, and nothing else moves."""

import threading
from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
import people
from bank_texts import (
    NOW,
    counts,
    everything,
    file,
    home,
    load,
    question,
    quiz_file,
    revisions,
    set_file,
    status,
)
from quizapp.db.engine import Database
from quizapp.db.models import Encounter, Question, QuestionSet, Revision, Step
from quizapp.domain.problems import Place
from quizapp.services import banks
from quizapp.services.bank_files import Bank, BankFile
from quizapp.services.bank_loads import LoadReport


def test_a_first_load_publishes_every_question_with_a_first_revision(session: Session) -> None:
    report = load(session, set_file("a.yaml", "one", "two"))

    assert counts(report) == (2, 0, 0, 0)
    assert report.problems == []
    assert [(q.uid, q.position, q.status, q.revision) for q in session.scalars(select(Question))] == [
        ("one", 0, "published", 1),
        ("two", 1, "published", 1),
    ]
    row = session.scalars(select(QuestionSet)).one()
    assert (row.source, row.title, row.owner_id, row.status) == ("a.yaml", "Indexes", None, "published")


def test_the_columns_that_searches_use_come_from_the_document(session: Session) -> None:
    document = make.document("one", level="senior", points=3)
    load(session, set_file("a.yaml", document))

    row = question(session, "one")
    assert (row.topic, row.subtopic, row.type) == ("databases", "databases.indexing", "single_choice")
    assert (row.level, row.points) == ("senior", 3)
    revision = session.scalars(select(Revision)).one()
    assert revision.document["options"][0] == {
        "text": "A B-tree",
        "key": True,
        "feedback": "Ordered, so ranges work.",
    }


def test_a_second_load_changes_no_row(session: Session) -> None:
    files = [
        set_file("a.yaml", "one", "two"),
        quiz_file("quizzes/q.yaml", "quiz-a", "one"),
        file("curriculum.yaml", "topics: [{id: databases, title: Databases}]"),
    ]
    load(session, *files)
    before = everything(session)

    report = banks.load(session, files, now=NOW.replace(year=2027))

    assert counts(report) == (0, 0, 2, 0)
    assert everything(session) == before


def test_an_unchanged_file_is_not_parsed_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = set_file("a.yaml", "one"), set_file("b.yaml", "two")
    load(session, first, second)
    read: list[str] = []

    def spying(files: list[BankFile]) -> Bank:
        read.extend(each.name for each in files)
        return real(files)

    real = banks.read_files
    monkeypatch.setattr(banks, "read_files", spying)
    report = load(session, first, set_file("b.yaml", "two", "three"))

    assert read == ["b.yaml"]
    assert counts(report) == (1, 0, 2, 0)


def test_an_edited_question_gets_a_new_revision_and_keeps_the_old_one(session: Session) -> None:
    load(session, set_file("a.yaml", make.document("one", stem="Old words?", level="junior"), "two"))
    identity = question(session, "one").id

    report = load(session, set_file("a.yaml", make.document("one", stem="New words?", level="senior"), "two"))

    assert counts(report) == (0, 1, 1, 0)
    assert revisions(session, "one") == [(1, "Old words?"), (2, "New words?")]
    row = question(session, "one")
    assert (row.id, row.revision, row.level) == (identity, 2, "senior")


def test_rewrapping_a_file_changes_no_question(session: Session) -> None:
    original = set_file("a.yaml", "one", "two")
    load(session, original)

    report = load(session, file("a.yaml", "# a comment\n" + original.data.decode()))

    assert counts(report) == (0, 0, 2, 0)
    assert revisions(session, "one") == [(1, "Which structure does an ordinary index use?")]


def test_questions_may_change_places(session: Session) -> None:
    load(session, set_file("a.yaml", "one", "two"))

    report = load(session, set_file("a.yaml", "two", "one"))

    assert counts(report) == (0, 0, 2, 0)
    assert (question(session, "two").position, question(session, "one").position) == (0, 1)


def test_questions_with_and_without_a_subtopic_load_together(session: Session) -> None:
    plain = [make.document(f"p{n}", stem=f"Stem {n}?") for n in range(6)]
    for document in plain[::2]:
        del document["subtopic"]

    load(session, set_file("a.yaml", *plain))

    assert [question(session, f"p{n}").subtopic for n in range(3)] == [None, "databases.indexing", None]


def test_a_question_that_left_its_file_is_retired_and_keeps_its_revisions(session: Session) -> None:
    load(session, set_file("a.yaml", "one", "two"))

    report = load(session, set_file("a.yaml", "one"))

    assert counts(report) == (0, 0, 1, 1)
    assert status(session, "two") == "retired"
    assert revisions(session, "two") != []


def test_a_question_that_comes_back_is_published_again(session: Session) -> None:
    both = set_file("a.yaml", "one", "two")
    load(session, both)
    load(session, set_file("a.yaml", "one"))

    report = load(session, both)

    assert counts(report) == (0, 1, 1, 0)
    assert status(session, "two") == "published"
    assert [number for number, _ in revisions(session, "two")] == [1]


def test_a_question_that_comes_back_changed_gets_a_revision(session: Session) -> None:
    load(session, set_file("a.yaml", "one", "two"))
    load(session, set_file("a.yaml", "one"))

    load(session, set_file("a.yaml", "one", make.document("two", stem="Changed?")))

    assert [number for number, _ in revisions(session, "two")] == [1, 2]
    assert status(session, "two") == "published"


def test_a_file_that_went_away_takes_its_questions_with_it(session: Session) -> None:
    a, b = set_file("a.yaml", "one"), set_file("b.yaml", "two")
    load(session, a, b)

    report = load(session, a)

    assert counts(report) == (0, 0, 1, 1)
    assert status(session, "two") == "retired"
    assert (
        session.scalars(select(QuestionSet.status).where(QuestionSet.source == "b.yaml")).one() == "retired"
    )
    assert counts(load(session, a)) == (0, 0, 1, 0)


def test_a_file_that_comes_back_unchanged_is_taken_again(session: Session) -> None:
    a, b = set_file("a.yaml", "one"), set_file("b.yaml", "two")
    load(session, a, b)
    load(session, a)

    report = load(session, a, b)

    assert counts(report) == (0, 1, 1, 0)
    assert status(session, "two") == "published"
    assert (
        session.scalars(select(QuestionSet.status).where(QuestionSet.source == "b.yaml")).one() == "published"
    )


def test_a_file_that_could_not_be_opened_keeps_its_questions(session: Session) -> None:
    load(session, set_file("a.yaml", "one"))
    link = Place("a.yaml", {}).error((), "symlink", "links are not followed")

    report = load(session, problems=[link])

    assert counts(report) == (0, 0, 1, 0)
    assert report.problems == [link]
    assert status(session, "one") == "published"


def test_a_question_may_move_to_another_file(session: Session) -> None:
    load(session, set_file("a.yaml", "one", "two"), set_file("b.yaml", "three"))
    identity = question(session, "two").id

    report = load(session, set_file("a.yaml", "one"), set_file("b.yaml", "three", "two"))

    assert counts(report) == (0, 0, 3, 0)
    assert (question(session, "two").id, home(session, "two")) == (identity, "b.yaml")


def test_a_file_may_be_renamed(session: Session) -> None:
    load(session, set_file("a.yaml", "one"))

    report = load(session, set_file("z.yaml", "one"))

    assert counts(report) == (0, 0, 1, 0)
    assert (home(session, "one"), status(session, "one")) == ("z.yaml", "published")


def test_loading_never_touches_what_learners_did(session: Session) -> None:
    learner, attempt = make.running(session)
    load(session, set_file("a.yaml", "one", "two"))
    one = question(session, "one")
    session.add(Encounter(learner_id=learner.id, question_id=one.id, seen_at=NOW))
    before = {name: rows for name, rows in everything(session).items() if name in LEARNERS}

    load(session, set_file("a.yaml", make.document("two", stem="Changed?")))
    load(session)

    assert {name: rows for name, rows in everything(session).items() if name in LEARNERS} == before
    assert status(session, "one") == "retired"
    assert attempt


LEARNERS = {"account", "attempt", "slot", Step.__tablename__, "encounter", "tally", "sign_in"}


def many(count: int, name: str = "a.yaml", words: str = "old") -> BankFile:
    return set_file(name, *(make.document(f"{name[0]}{n}", stem=f"Stem {n}, {words}?") for n in range(count)))


def test_the_number_of_statements_does_not_grow_with_the_questions(database: Database) -> None:
    def sent(*files: BankFile) -> int:
        statements = people.Statements(database.engine)
        with database.writing() as session, statements.counted() as found:
            banks.load(session, files, now=NOW)
        return len(found)

    few, lots = many(10, "a.yaml"), many(400, "b.yaml")
    first = sent(few)
    assert sent(few, lots) == first
    edited = sent(many(10, "a.yaml", "new"), lots)
    assert sent(many(10, "a.yaml", "new"), many(400, "b.yaml", "new")) == edited
    assert sent(lots) <= first + 4


def test_reading_before_the_writing_session_gives_the_same_load(database: Database) -> None:
    files = [set_file("a.yaml", "one"), file("b.yaml", "title: [")]
    seen: list[tuple[int, int, str]] = []
    with database.reading() as session:
        parsed = banks.read_changed(session, files, progress=lambda *step: seen.append(step))
    with database.writing() as session:
        report = banks.load(session, files, now=NOW, parsed=parsed)

    assert seen == [(1, 2, "a.yaml"), (2, 2, "b.yaml")]
    assert counts(report) == (1, 0, 0, 0)
    assert [problem.code for problem in report.problems] == ["yaml"]


def test_two_loads_at_once_load_each_question_once(database: Database) -> None:
    files = [many(50)]
    reports: list[LoadReport] = []

    def run() -> None:
        with database.writing() as session:
            reports.append(banks.load(session, files, now=NOW))

    at_once(run for _ in range(2))

    assert sorted(counts(report) for report in reports) == [(0, 0, 50, 0), (50, 0, 0, 0)]


def at_once(tasks: Iterable[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
