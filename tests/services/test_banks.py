"""Loading the bank: what changed is taken over, and nothing else moves."""

import hashlib
import threading
from collections.abc import Callable, Iterable
from io import StringIO
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
import people
from quizapp.db.base import Base
from quizapp.db.engine import Database
from quizapp.db.models import Encounter, Question, QuestionSet, Quiz, Revision, Step
from quizapp.domain.problems import Place
from quizapp.queries.curriculum import curriculum
from quizapp.services import banks
from quizapp.services.bank_files import Bank, BankFile
from quizapp.services.bank_loads import LoadReport

NOW = make.NOW


def file(name: str, text: str) -> BankFile:
    data = text.encode()
    return BankFile(name, data, hashlib.sha256(data).hexdigest())


def dumped(value: Any) -> str:
    text = StringIO()
    YAML(typ="safe").dump(value, text)
    return text.getvalue()


def set_file(name: str, *questions: dict[str, Any] | str, title: str = "Indexes") -> BankFile:
    documents = [make.document(q) if isinstance(q, str) else q for q in questions]
    return file(name, dumped({"title": title, "questions": documents}))


def quiz_file(name: str, uid: str, *fixed: str, title: str = "A quiz") -> BankFile:
    items: list[dict[str, Any]] = [{"question": each} for each in fixed]
    return file(name, dumped({"id": uid, "title": title, "items": items or [{"draw": {"count": 1}}]}))


def load(session: Session, *files: BankFile, **options: Any) -> LoadReport:
    report = banks.load(session, files, now=NOW, **options)
    session.expire_all()
    return report


def counts(report: LoadReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.retired


def question(session: Session, uid: str) -> Question:
    return session.scalars(select(Question).where(Question.uid == uid)).one()


def status(session: Session, uid: str) -> str:
    return question(session, uid).status


def home(session: Session, uid: str) -> str | None:
    return session.get_one(QuestionSet, question(session, uid).set_id).source


def quiz(session: Session, uid: str) -> Quiz:
    return session.scalars(select(Quiz).where(Quiz.uid == uid)).one()


def revisions(session: Session, uid: str) -> list[tuple[int, str]]:
    rows = session.scalars(
        select(Revision).where(Revision.question_id == question(session, uid).id).order_by(Revision.number)
    )
    return [(row.number, row.document["stem"]) for row in rows]


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    session.flush()
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def codes(report: LoadReport) -> list[tuple[str, str]]:
    return [(problem.where, problem.code) for problem in report.problems]


# New, changed, unchanged


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


# Retired, returned, moved


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


# Problems


def test_a_file_with_a_problem_is_skipped_and_the_others_load(session: Session) -> None:
    broken = set_file("b.yaml", make.document("bad", type="riddle"), "good")

    report = load(session, set_file("a.yaml", "one"), broken)

    assert counts(report) == (1, 0, 0, 0)
    assert [problem.code for problem in report.problems] == ["type"]
    assert report.problems[0].where.startswith("b.yaml:")
    assert session.scalars(select(Question.uid)).all() == ["one"]


def test_a_file_that_breaks_keeps_what_it_said_before_until_it_is_mended(session: Session) -> None:
    good = set_file("a.yaml", "one", "two")
    load(session, good)
    broken = file("a.yaml", "title: [")

    for _ in range(2):
        report = load(session, broken)
        assert counts(report) == (0, 0, 2, 0)
        assert [problem.code for problem in report.problems] == ["yaml"]
    assert status(session, "one") == "published"
    assert counts(load(session, set_file("a.yaml", "one"))) == (0, 0, 1, 1)


def test_going_back_to_the_text_before_the_mistake_is_no_change(session: Session) -> None:
    good = set_file("a.yaml", "one")
    load(session, good)
    load(session, file("a.yaml", "title: ["))

    report = load(session, good)

    assert counts(report) == (0, 0, 1, 0)
    assert report.problems == []


def test_one_id_in_two_new_files_is_told_at_the_second(session: Session) -> None:
    report = load(session, set_file("a.yaml", "one"), set_file("b.yaml", "two", "one"))

    assert counts(report) == (1, 0, 0, 0)
    (problem,) = report.problems
    assert (problem.code, problem.where.startswith("b.yaml:")) == ("duplicate_id", True)
    assert problem.where.endswith("questions.1.id")
    assert "a.yaml" in problem.message


def test_an_id_of_an_unchanged_file_cannot_be_taken(session: Session) -> None:
    a = set_file("a.yaml", "one")
    load(session, a)

    report = load(session, a, set_file("b.yaml", make.document("one", stem="Mine?"), "two"))

    assert counts(report) == (0, 0, 1, 0)
    assert [problem.code for problem in report.problems] == ["duplicate_id"]
    assert home(session, "one") == "a.yaml"
    assert revisions(session, "one") == [(1, "Which structure does an ordinary index use?")]


def test_a_question_that_moves_out_of_a_broken_file_waits_for_the_repair(session: Session) -> None:
    load(session, set_file("a.yaml", "one", "two"))

    report = load(session, file("a.yaml", "title: ["), set_file("b.yaml", "two"))

    assert sorted(problem.code for problem in report.problems) == ["duplicate_id", "yaml"]
    assert home(session, "two") == "a.yaml"
    report = load(session, set_file("a.yaml", "one"), set_file("b.yaml", "two"))
    assert (report.problems, home(session, "two")) == ([], "b.yaml")


def test_a_chain_of_moves_behind_a_broken_file_loses_no_question(session: Session) -> None:
    load(session, set_file("a.yaml", "one"), set_file("b.yaml", "two"), set_file("c.yaml", "three"))

    report = load(
        session, file("a.yaml", "title: ["), set_file("b.yaml", "one"), set_file("c.yaml", "two", "three")
    )

    assert [problem.code for problem in report.problems] == ["yaml", "duplicate_id", "duplicate_id"]
    assert counts(report) == (0, 0, 3, 0)
    assert [home(session, uid) for uid in ("one", "two", "three")] == ["a.yaml", "b.yaml", "c.yaml"]


# Uploads are not the bank's


def test_an_id_of_an_upload_is_reported_and_only_that_question_is_left_out(session: Session) -> None:
    owner = make.account(session, role="instructor")
    make.questions(session, [make.document("mine")], within=make.question_set(session, owner=owner.id))
    files = [set_file("a.yaml", "one", make.document("mine", stem="The bank's?"), "two")]
    before = session.scalars(select(Revision)).one().document

    report = load(session, *files)

    assert counts(report) == (2, 0, 0, 0)
    (problem,) = report.problems
    assert (problem.code, problem.where.startswith("a.yaml:")) == ("id_taken", True)
    assert problem.where.endswith("questions.1.id")
    assert home(session, "mine") is None
    assert revisions(session, "mine") == [(1, before["stem"])]


def test_a_file_loaded_in_part_is_read_again_each_time_and_writes_nothing(session: Session) -> None:
    make.questions(session, [make.document("mine")])
    files = [set_file("a.yaml", "one", "mine")]
    load(session, *files)
    before = everything(session)

    report = load(session, *files)

    assert counts(report) == (0, 0, 1, 0)
    assert [problem.code for problem in report.problems] == ["id_taken"]
    assert everything(session) == before


def test_going_back_after_a_load_in_part_restores_the_old_text(session: Session) -> None:
    make.questions(session, [make.document("mine")])
    first = set_file("a.yaml", make.document("one", stem="Old?"))
    load(session, first)
    load(session, set_file("a.yaml", make.document("one", stem="New?"), "mine"))

    report = load(session, first)

    assert counts(report) == (0, 1, 0, 0)
    assert [stem for _, stem in revisions(session, "one")] == ["Old?", "New?", "Old?"]


def test_uploads_are_never_retired(session: Session) -> None:
    make.questions(session, [make.document("mine")])
    load(session, set_file("a.yaml", "one"))

    load(session)

    assert (status(session, "mine"), status(session, "one")) == ("published", "retired")


def test_a_quiz_that_somebody_made_is_not_taken_over(session: Session) -> None:
    own = make.quiz(session, owner=make.account(session, role="instructor").id, id="friday", title="Mine")

    report = load(session, quiz_file("quizzes/friday.yaml", "friday", title="The bank's"))

    assert [problem.code for problem in report.problems] == ["id_taken"]
    assert (quiz(session, "friday").id, quiz(session, "friday").title) == (own.id, "Mine")


# Quizzes and the curriculum


def test_a_quiz_is_published_changed_and_retired_with_its_file(session: Session) -> None:
    a = set_file("a.yaml", "one")
    load(session, a, quiz_file("quizzes/q.yaml", "quiz-a", title="First"))
    identity = quiz(session, "quiz-a").id
    load(session, a, quiz_file("quizzes/q.yaml", "quiz-a", "one", title="Second"))

    row = quiz(session, "quiz-a")
    assert (row.id, row.title, row.status, row.owner_id) == (identity, "Second", "published", None)
    assert row.document["items"] == [{"question": "one"}]

    load(session, a)
    assert quiz(session, "quiz-a").status == "retired"
    load(session, a, quiz_file("quizzes/other.yaml", "quiz-a"))
    row = quiz(session, "quiz-a")
    assert (row.id, row.status, row.source) == (identity, "published", "quizzes/other.yaml")


def test_two_quizzes_may_swap_their_files(session: Session) -> None:
    load(session, quiz_file("quizzes/a.yaml", "quiz-a"), quiz_file("quizzes/b.yaml", "quiz-b"))
    identity = quiz(session, "quiz-a").id

    load(session, quiz_file("quizzes/a.yaml", "quiz-b"), quiz_file("quizzes/b.yaml", "quiz-a"))

    assert (quiz(session, "quiz-a").id, quiz(session, "quiz-a").source) == (identity, "quizzes/b.yaml")
    assert quiz(session, "quiz-b").source == "quizzes/a.yaml"


def test_another_quiz_in_the_same_file_is_another_quiz(session: Session) -> None:
    load(session, quiz_file("quizzes/a.yaml", "quiz-a"))

    load(session, quiz_file("quizzes/a.yaml", "quiz-b"))

    assert (quiz(session, "quiz-a").status, quiz(session, "quiz-b").status) == ("retired", "published")
    assert quiz(session, "quiz-a").id != quiz(session, "quiz-b").id


def test_two_quizzes_with_one_id_are_told(session: Session) -> None:
    report = load(session, quiz_file("quizzes/a.yaml", "quiz-a"), quiz_file("quizzes/b.yaml", "quiz-a"))

    assert codes(report) == [("quizzes/b.yaml:1: id", "duplicate_id")]
    assert quiz(session, "quiz-a").source == "quizzes/a.yaml"


def test_a_quiz_that_names_an_unknown_question_is_skipped(session: Session) -> None:
    report = load(session, set_file("a.yaml", "one"), quiz_file("quizzes/q.yaml", "quiz-a", "one", "ghost"))

    assert [problem.code for problem in report.problems] == ["unknown_question"]
    assert report.problems[0].where.endswith("items.1.question")
    assert session.scalars(select(Quiz)).all() == []


def test_a_quiz_may_name_a_question_of_a_file_that_is_not_read_again(session: Session) -> None:
    a = set_file("a.yaml", "one")
    load(session, a)

    report = load(session, a, quiz_file("quizzes/q.yaml", "quiz-a", "one"))

    assert report.problems == []
    assert quiz(session, "quiz-a").status == "published"


def test_a_quiz_whose_question_went_away_is_told_at_its_line_each_time(session: Session) -> None:
    fixed = quiz_file("quizzes/q.yaml", "quiz-a", "one", "two")
    load(session, set_file("a.yaml", "one", "two"), fixed)

    for _ in range(2):
        report = load(session, set_file("a.yaml", "one"), fixed)
        (problem,) = report.problems
        assert problem.code == "unknown_question"
        line = next(n for n, text in enumerate(fixed.data.decode().splitlines(), 1) if "two" in text)
        assert problem.where == f"quizzes/q.yaml:{line}: items.1.question"
    assert quiz(session, "quiz-a").status == "published"


def test_the_curriculum_is_kept_replaced_and_taken_away(session: Session) -> None:
    load(session, file("curriculum.yaml", "topics: [{id: databases, title: Databases, core: true}]"))
    assert [(topic.title, topic.core) for topic in curriculum(session).topics] == [("Databases", True)]

    load(session, file("curriculum.yaml", "topics: [{id: databases, title: Data}]"))
    assert [(topic.title, topic.core) for topic in curriculum(session).topics] == [("Data", False)]

    report = load(session, file("curriculum.yaml", "topics: [{id: databases}]"))
    assert [problem.code for problem in report.problems] == ["missing"]
    assert curriculum(session).title("databases") == "Data"

    load(session)
    assert curriculum(session).topics == ()


# What learners did


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


# Size, and two at once


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
