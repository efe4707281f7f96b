"""Loading the quizzes and the curriculum of a bank."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bank_texts import codes, file, load, quiz, quiz_file, set_file
from quizapp.db.models import Quiz
from quizapp.queries.curriculum import curriculum


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
