"""Loading a bank that has problems: what is skipped, what stays, and what is told."""

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from bank_texts import counts, everything, file, home, load, quiz, quiz_file, revisions, set_file, status
from quizapp.db.models import Question, Revision


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
