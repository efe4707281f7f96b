"""The area of those who teach, page by page, with honest and with hostile hands."""

import re
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

import make
import people
from quizapp.db.base import Base
from quizapp.db.models import Account, Attempt, Question, QuestionSet, Quiz
from quizapp.formats.quizapp_yaml import QuizappYaml
from quizapp.services import starting

GOOD = QuizappYaml.write(
    "Joins", [make.document("one"), make.document("two", stem="Which two?")], {}
).data.decode()
HOSTILE = """\
title: "<script>alert(1)</script>"
questions:
  - id: "<img src=x onerror=alert(2)>"
    type: essay
  - id: second
    type: true_false
    topic: databases
    stem: s
    answer: perhaps
    "<b>": 1
"""


@pytest.fixture
def igor(app: Flask) -> people.Browser:
    return people.signed_in(app, "Igor", "instructor")


def database(app):
    return app.extensions["quizapp_database"]


def count(app, model) -> int:
    with database(app).reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def rows(app) -> dict[str, int]:
    """How many rows each table holds."""
    with database(app).reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


def uploaded(browser, text=GOOD, *, publish=False) -> str:
    """Upload a set; its address."""
    answer = browser.post("/teach/sets/new", {"text": text, "do": "save"})
    assert answer.status_code == 302, answer.text
    if publish:
        assert browser.post(f"{answer.location}/publish").status_code == 302
    return answer.location


def quiz_fields(**fields) -> dict[str, object]:
    """What the form of a quiz sends when its defaults are left alone."""
    return {
        "token": "0123abcd",
        "title": "Joins, tested",
        "mode": "exam",
        "at_deadline": "autosubmit",
        "weights": "points",
        "feedback": "",
        "shuffle_questions": "y",
        "shuffle_options": "y",
        "rows-0-question": "one",
        "do": "save",
        **fields,
    }


# Who may


PAGES = (
    "",
    "/sets/new",
    "/sets/1",
    "/sets/1.yaml",
    "/sets/1/preview/one",
    "/sets/1/replace",
    "/sets/1/advice",
)
QUIZ_PAGES = ("/quizzes/new", "/quizzes/1", "/quizzes/1/preview", "/extra-time")


@pytest.mark.parametrize("page", PAGES + QUIZ_PAGES)
def test_learners_find_nothing_here_and_visitors_are_asked_to_sign_in(
    instructor, learner, visitor, page
) -> None:
    uploaded(instructor, publish=True)
    assert learner.get(f"/teach{page}").status_code == 404
    answer = visitor.get(f"/teach{page}")
    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_learners_can_send_nothing_here(app, instructor, learner) -> None:
    uploaded(instructor)
    before = rows(app)
    for path, fields in (
        ("/sets/new", {"text": GOOD.replace("one", "three")}),
        ("/sets/1/publish", {}),
        ("/sets/1/replace", {"text": GOOD, "do": "apply"}),
        ("/quizzes/new", quiz_fields()),
        ("/extra-time", {"name": "Lena", "percent": "200"}),
        ("/sets/1/preview/one", {"choice": "x"}),
    ):
        assert learner.post(f"/teach{path}", fields).status_code == 404
    assert rows(app) == before


def test_another_instructors_draft_looks_like_nothing(instructor, igor) -> None:
    address = uploaded(instructor)
    unknown = igor.get("/teach/sets/999").text
    for page in ("", ".yaml", "/preview/one", "/advice", "/replace"):
        answer = igor.get(f"{address}{page}")
        assert answer.status_code == 404
        assert _without_numbers(answer.text) == _without_numbers(unknown)
    assert igor.post(f"{address}/publish").status_code == 404
    assert "Joins" not in igor.get("/teach").text


def _without_numbers(page: str) -> str:
    return re.sub(r'nonce="[^"]*"|content="[^"]*"|value="[^"]*"|[0-9a-f]{12}', "", page)


def test_another_instructors_published_set_can_be_looked_at_and_not_changed(instructor, igor) -> None:
    address = uploaded(instructor, publish=True)
    page = igor.get(address).text
    assert "Which two?" in page
    assert f"{address}/retire" not in page
    assert igor.get(f"{address}/preview/one").status_code == 200
    assert igor.get(f"{address}/replace").status_code == 404
    assert igor.post(f"{address}/retire").status_code == 404
    assert "Joins" in igor.get("/teach").text


def test_nothing_changes_without_the_token_of_the_form(app, instructor) -> None:
    address = uploaded(instructor)
    assert instructor.client.post(f"{address}/publish").status_code == 400
    with database(app).reading() as session:
        assert session.scalars(select(QuestionSet.status)).all() == ["draft"]


# The start page


def test_empty_lists_say_what_they_are_and_offer_one_button(instructor) -> None:
    page = instructor.get("/teach").text
    assert "No sets yet" in page
    assert "No quizzes yet" in page
    assert page.count('href="/teach/sets/new"') == 1
    assert page.count('href="/teach/quizzes/new"') == 1


def test_the_start_page_sends_as_many_statements_for_many_sets_as_for_one(instructor, sql) -> None:
    uploaded(instructor)
    with sql.counted() as few:
        instructor.get("/teach")
    for number in range(5):
        uploaded(instructor, GOOD.replace("one", f"a{number}").replace("two", f"b{number}"))
    with sql.counted() as many:
        instructor.get("/teach")
    assert len(many) == len(few) <= 8


# Uploading


def test_a_good_file_becomes_a_draft_and_its_page_lists_the_questions(app, instructor) -> None:
    answer = instructor.post(
        "/teach/sets/new",
        {"file": (BytesIO(GOOD.encode()), "joins.yaml"), "do": "save"},
        content_type="multipart/form-data",
    )
    page = instructor.get(answer.location).text
    assert "Saved as a draft: 2 questions" in page
    assert "Which two?" in page
    assert count(app, Question) == 2


def test_every_problem_is_shown_with_its_line_escaped_and_nothing_is_written(app, instructor) -> None:
    before = rows(app)
    answer = instructor.post(
        "/teach/sets/new",
        {"file": (BytesIO(HOSTILE.encode()), "<b>.yaml"), "do": "save"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    lines = re.findall(r'data-label="Line">(\d+)<', answer.text)
    assert lines == ["4", "9", "10"]
    for tag in ("<script>alert", "<img src=x", "<b>"):
        assert tag not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text.partition("<textarea")[2]
    assert rows(app) == before


def test_pasted_text_stays_when_it_has_problems(instructor) -> None:
    answer = instructor.post("/teach/sets/new", {"text": "title: Mine\nquestions: 7\n", "do": "save"})
    assert answer.status_code == 422
    assert "title: Mine\nquestions: 7" in answer.text


def test_ids_of_others_are_refused_with_their_line(app, instructor, igor) -> None:
    uploaded(igor)
    line = next(n for n, text in enumerate(GOOD.splitlines(), start=1) if "id: two" in text)
    answer = instructor.post("/teach/sets/new", {"text": GOOD.replace("one", "fresh"), "do": "save"})
    assert answer.status_code == 422
    assert f'data-label="Line">{line}<' in answer.text
    assert "already used by another instructor" in answer.text
    assert count(app, QuestionSet) == 1


def test_a_check_alone_shows_advice_and_saves_nothing(app, instructor) -> None:
    answer = instructor.post("/teach/sets/new", {"text": GOOD, "do": "check"})
    assert answer.status_code == 200
    assert "Nothing is saved yet" in answer.text
    assert "characters; 120 say why" in answer.text
    assert count(app, QuestionSet) == 0


def test_sending_the_same_file_again_leads_to_the_same_set(app, instructor) -> None:
    assert uploaded(instructor) == uploaded(instructor)
    assert count(app, QuestionSet) == 1


def test_an_empty_form_says_what_is_missing(instructor) -> None:
    answer = instructor.post("/teach/sets/new", {"text": " ", "do": "save"})
    assert answer.status_code == 422
    assert "Choose a file, or paste its text" in answer.text


def test_a_file_over_the_limit_is_not_even_read(app, instructor) -> None:
    answer = instructor.post("/teach/sets/new", {"text": "x" * (9 * 1024 * 1024)})
    assert answer.status_code == 413
    assert count(app, QuestionSet) == 0


def test_extra_fields_choose_neither_owner_nor_status(app, instructor, igor) -> None:
    fields = {"text": GOOD, "do": "save", "owner_id": igor.id, "status": "published", "source": "x.yaml"}
    instructor.post("/teach/sets/new", fields)
    with database(app).reading() as session:
        row = session.scalars(select(QuestionSet)).one()
        assert (row.owner_id, row.status, row.source) == (instructor.id, "draft", None)


# Replacing


def test_a_newer_file_is_shown_first_and_applied_by_a_second_press(app, instructor) -> None:
    address = uploaded(instructor)
    newer = GOOD.replace("Which two?", "Which <b>two</b>?").replace("id: one", "id: three")
    before = rows(app)
    page = instructor.post(f"{address}/replace", {"text": newer, "do": "check"})
    assert page.status_code == 200
    assert rows(app) == before
    assert "<ins>+ stem: Which &lt;b&gt;two&lt;/b&gt;?</ins>" in page.text
    assert "<del>- stem: Which two?</del>" in page.text
    (seen,) = re.findall(r'name="fingerprint"[^>]*value="([0-9a-f]+)"', page.text)

    answer = instructor.post(f"{address}/replace", {"text": newer, "do": "apply", "fingerprint": seen})

    assert answer.location == address
    with database(app).reading() as session:
        found = session.execute(select(Question.uid, Question.revision, Question.status))
        assert {tuple(row) for row in found} == {
            ("one", 1, "retired"),
            ("two", 2, "draft"),
            ("three", 1, "draft"),
        }


def test_changes_that_nobody_looked_at_are_not_applied(app, instructor) -> None:
    address = uploaded(instructor)
    newer = GOOD.replace("Which two?", "Which of the two?")
    answer = instructor.post(f"{address}/replace", {"text": newer, "do": "apply", "fingerprint": "guessed"})
    assert answer.status_code == 422
    assert "Look at the changes again" in answer.text
    with database(app).reading() as session:
        assert set(session.scalars(select(Question.revision))) == {1}


# Previewing


def test_a_preview_is_what_learners_see_and_holds_no_key_before_the_check(app, instructor) -> None:
    address = uploaded(instructor)
    page = instructor.get(f"{address}/preview/one").text
    assert page.count('name="choice"') == 3
    assert "Ordered, so ranges work." not in page


@pytest.mark.parametrize("kind", ["single_choice", "multiple_choice", "number", "matching", "ordering"])
def test_a_checked_preview_shows_verdict_and_reasons_and_leaves_no_trace(app, instructor, kind) -> None:
    document = make.sample(kind) | {"id": "sample"}
    address = uploaded(instructor, QuizappYaml.write("Samples", [document], {}).data.decode())
    before = rows(app)
    right = instructor.post(f"{address}/preview/sample?seed=7", make.right(document))
    wrong = instructor.post(f"{address}/preview/sample?seed=7", make.wrong(document))
    assert (right.status_code, wrong.status_code) == (200, 200)
    assert 'class="verdict is-right"' in right.text
    assert 'class="verdict is-wrong"' in wrong.text or 'class="verdict is-partial"' in wrong.text
    assert "seed=8" in right.text
    assert rows(app) == before


def test_an_unreadable_answer_in_a_preview_gives_the_learners_hint(instructor) -> None:
    address = uploaded(instructor)
    answer = instructor.post(f"{address}/preview/one", {"do": "check"})
    assert answer.status_code == 422
    assert "Choose one option." in answer.text


def test_another_seed_shows_another_order(instructor) -> None:
    address = uploaded(instructor)
    orders = {
        tuple(
            re.findall(
                r'name="choice"\s+value="(\w+)"', instructor.get(f"{address}/preview/one?seed={n}").text
            )
        )
        for n in range(12)
    }
    assert len(orders) > 1
    assert {len(order) for order in orders} == {3}


@pytest.mark.parametrize("seed", ["-1", "x", "99999999999999999999", "1.5", "%00"])
def test_a_strange_seed_is_no_error(instructor, seed) -> None:
    address = uploaded(instructor)
    assert instructor.get(f"{address}/preview/one?seed={seed}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/sets/99999999999999", "/sets/1/preview/%00", "/sets/0", "/quizzes/99999999999"]
)
def test_a_strange_address_is_just_not_there(instructor, path) -> None:
    uploaded(instructor)
    assert instructor.get(f"/teach{path}").status_code == 404


# Statuses and the file


def test_a_set_is_published_retired_and_taken_back_by_its_buttons(app, instructor) -> None:
    address = uploaded(instructor)
    for button, status in (
        ("publish", "published"),
        ("draft", "draft"),
        ("publish", "published"),
        ("retire", "retired"),
    ):
        assert instructor.post(f"{address}/{button}").location == address
        with database(app).reading() as session:
            assert session.scalars(select(QuestionSet.status)).all() == [status]
            assert set(session.scalars(select(Question.status))) == {status}


def test_a_set_that_learners_met_stays_published_and_says_why(app, instructor, learner) -> None:
    address = uploaded(instructor, publish=True)
    with database(app).writing() as session:
        quiz = make.quiz(session, ["one"])
        starting.start_quiz(session, learner.actor, quiz.uid, now=make.NOW)
    answer = instructor.post(f"{address}/draft", follow_redirects=True)
    assert "Learners have already been asked" in answer.text
    with database(app).reading() as session:
        assert session.scalars(select(QuestionSet.status)).all() == ["published"]


def test_the_download_is_a_file_that_says_the_same(instructor) -> None:
    address = uploaded(instructor)
    answer = instructor.get(f"{address}.yaml")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="joins.yaml"'
    again = instructor.post(f"{address}/replace", {"text": answer.text, "do": "check"})
    assert "There is nothing to change" in again.text


def test_advice_names_the_questions_that_could_be_better(instructor) -> None:
    page = instructor.get(f"{uploaded(instructor)}/advice").text
    assert "2 of 2 questions could be better" in page
    assert "The cognitive level is missing" in page


# Quizzes


def test_a_small_set_begins_a_quiz_that_asks_all_of_it(instructor) -> None:
    address = uploaded(instructor)
    page = instructor.get(f"/teach/quizzes/new?set={address.rpartition('/')[2]}").text
    assert re.findall(r'<option selected value="(\w+)">Which', page) == ["one", "two"]
    assert page.count('name="rows-') > 5 * 6
    assert 'name="rows-6-count"' in page
    assert 'name="rows-7-count"' not in page


def test_a_quiz_is_built_shown_published_and_retired(app, instructor, learner) -> None:
    uploaded(instructor, publish=True)
    fields = quiz_fields(
        **{
            "time_limit_minutes": "12.5",
            "penalty": "25",
            "opens_at": "2026-11-20T08:00",
            "closes_at": "2026-12-01T18:30",
            "pass_mark": "60",
            "rows-1-count": "1",
            "rows-1-place": "databases|databases.indexing",
            "rows-1-levels": ["mid", "junior"],
            "rows-1-points": "3",
        }
    )
    address = instructor.post("/teach/quizzes/new", fields).location
    with database(app).reading() as session:
        row = session.scalars(select(Quiz)).one()
    assert row.uid == "joins-tested-0123abcd"
    assert (row.status, row.owner_id) == ("draft", instructor.id)
    draw = {"count": 1, "topic": "databases", "subtopic": "databases.indexing", "levels": ["mid", "junior"]}
    assert row.document["items"] == [{"question": "one"}, {"draw": draw, "points": 3}]
    assert row.document["time_limit_minutes"] == "12.5"
    assert row.document["marking"] == {"penalty": "0.250000"}
    assert row.document["closes_at"] == "2026-12-01T18:30:00Z"

    page = instructor.get(address).text
    assert 'value="2026-12-01T18:30"' in page
    assert "Draw 1: Indexing, mid or junior" in page
    sample = instructor.get(f"{address}/preview?seed=3").text
    assert "Draw number 3" in sample
    assert "2 questions" in sample
    assert count(app, Attempt) == 0

    assert instructor.post(f"{address}/publish").location == address
    assert "Joins, tested" in learner.get("/quizzes").text
    instructor.post(f"{address}/retire")
    assert "Joins, tested" not in learner.get("/quizzes").text


def test_saving_a_quiz_again_as_it_stands_changes_nothing(app, instructor, clock) -> None:
    uploaded(instructor, publish=True)
    fields = quiz_fields(time_limit_minutes="10", penalty="33.3", at_deadline="grace", grace_minutes="2")
    address = instructor.post("/teach/quizzes/new", fields).location
    with database(app).reading() as session:
        before = session.scalars(select(Quiz)).one()
    clock.forward(hours=1)
    sent = _fields_of(instructor.get(address).text)
    assert instructor.post(address, sent | {"do": "save"}).status_code == 302
    with database(app).reading() as session:
        after = session.scalars(select(Quiz)).one()
    assert (after.document, after.updated_at) == (before.document, before.updated_at)


def _fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the quiz form on a page."""
    form = page.partition('<form class="form is-wide quiz-form"')[2].partition("</form>")[0]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'(name|value|type)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or " checked" in tag:
            sent[given["name"]] = given.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL):
        sent[name] = text
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        selected = re.findall(r'<option selected value="([^"]*)"', options)
        sent[name] = [*selected, *re.findall(r'value="([^"]*)"', options)][0]
    return sent


def test_problems_stand_beside_their_fields_and_nothing_typed_is_lost(app, instructor) -> None:
    uploaded(instructor)
    fields = quiz_fields(
        **{
            "title": "",
            "description": "Typed <b>by hand</b>",
            "time_limit_minutes": "soon",
            "pass_mark": "140",
            "closes_at": "never",
            "rows-1-count": "many",
            "rows-1-place": "databases|",
            "rows-2-count": "0",
        }
    )
    answer = instructor.post("/teach/quizzes/new", fields)
    assert answer.status_code == 422
    wrong = set(re.findall(r'aria-invalid="true"[^>]*?\bid="([^"]+)"', answer.text))
    assert wrong == {"title", "time_limit_minutes", "pass_mark", "closes_at", "rows-1-count", "rows-2-count"}
    for kept in ("Typed &lt;b&gt;by hand&lt;/b&gt;", 'value="soon"', 'value="140"', 'value="many"'):
        assert kept in answer.text
    assert '<option selected value="databases|">' in answer.text
    assert count(app, Quiz) == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"opens_at": "2026-12-02T09:00", "closes_at": "2026-12-01T09:00"}, "closes_at"),
        ({"at_deadline": "grace", "time_limit_minutes": "5"}, "grace_minutes"),
        ({"feedback": "during"}, "feedback"),
        ({"feedback": "after_close"}, "closes_at"),
        ({"penalty": "101"}, "penalty"),
        ({"attempts_allowed": "0"}, "attempts_allowed"),
        ({"rows-0-points": "1000"}, "rows-0-points"),
        ({"rows-0-question": "nobody-knows"}, "rows-0-question"),
        ({"rows-0-question": "a\x00b"}, "rows-0-question"),
        ({"rows-1-question": "one"}, "rows-1-question"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(app, instructor, fields, field) -> None:
    uploaded(instructor)
    answer = instructor.post("/teach/quizzes/new", quiz_fields(**fields))
    assert answer.status_code == 422
    assert re.findall(r'aria-invalid="true"[^>]*?\bid="([^"]+)"', answer.text) == [field]
    assert count(app, Quiz) == 0


def test_a_quiz_without_questions_is_refused(instructor) -> None:
    answer = instructor.post("/teach/quizzes/new", quiz_fields(**{"rows-0-question": ""}))
    assert answer.status_code == 422
    assert "Choose at least one question, or draw some." in answer.text


def test_more_rows_come_without_losing_or_saving_anything(app, instructor) -> None:
    uploaded(instructor)
    answer = instructor.post("/teach/quizzes/new", quiz_fields(**{"rows-1-count": "4", "do": "rows"}))
    assert answer.status_code == 200
    assert 'value="4"' in answer.text
    assert 'name="rows-6-count"' in answer.text
    assert count(app, Quiz) == 0


def test_all_questions_of_a_set_are_added_once(instructor) -> None:
    address = uploaded(instructor)
    fields = quiz_fields(set=address.rpartition("/")[2], do="all")
    page = instructor.post("/teach/quizzes/new", fields).text
    assert re.findall(r'<option selected value="(\w+)">Which', page) == ["one", "two"]


def test_saving_a_new_quiz_twice_makes_one(app, instructor) -> None:
    uploaded(instructor)
    first = instructor.post("/teach/quizzes/new", quiz_fields())
    second = instructor.post("/teach/quizzes/new", quiz_fields())
    assert first.location == second.location
    assert count(app, Quiz) == 1


def test_a_quiz_without_enough_published_questions_says_so_and_stays_a_draft(app, instructor) -> None:
    uploaded(instructor)
    address = instructor.post("/teach/quizzes/new", quiz_fields()).location
    assert "too few published questions" in instructor.get(address).text
    assert "would be missing" in instructor.get(f"{address}/preview").text
    answer = instructor.post(f"{address}/publish", follow_redirects=True)
    assert "Row 1: 1 asked, but 0 published fit" in answer.text
    with database(app).reading() as session:
        assert session.scalars(select(Quiz.status)).all() == ["draft"]


def test_another_instructors_quiz_looks_like_nothing(instructor, igor) -> None:
    uploaded(instructor, publish=True)
    address = instructor.post("/teach/quizzes/new", quiz_fields()).location
    instructor.post(f"{address}/publish")
    for answer in (
        igor.get(address),
        igor.get(f"{address}/preview"),
        igor.post(address, quiz_fields(title="Mine")),
        igor.post(f"{address}/retire"),
    ):
        assert answer.status_code == 404


def test_another_instructors_draft_question_cannot_be_asked(app, instructor, igor) -> None:
    uploaded(instructor)
    answer = igor.post("/teach/quizzes/new", quiz_fields())
    assert answer.status_code == 422
    assert "Which structure" not in answer.text
    assert count(app, Quiz) == 0


# Extra time


@pytest.mark.parametrize(("choice", "percent"), [("125", 125), ("200", 200), ("none", None), ("100", 100)])
def test_a_learner_gets_extra_time_by_name(app, instructor, learner, choice, percent) -> None:
    answer = instructor.post("/teach/extra-time", {"name": " lena ", "percent": choice})
    assert answer.status_code == 302
    with database(app).reading() as session:
        assert session.get_one(Account, learner.id).time_percent == percent


def test_extra_time_moves_the_deadline_of_a_running_attempt(app, instructor, learner) -> None:
    with database(app).writing() as session:
        _, attempt_id = make.running(session, learner.actor)
    answer = instructor.post("/teach/extra-time", {"name": "Lena", "percent": "150"}, follow_redirects=True)
    assert "Running quizzes changed: 1" in answer.text
    with database(app).reading() as session:
        attempt = session.get_one(Attempt, (learner.id, attempt_id))
        assert (attempt.deadline_at - attempt.started_at).total_seconds() == 30 * 60


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "Len", "percent": "150"}, "name"),
        ({"name": "L\x00", "percent": "150"}, "name"),
        ({"name": "x" * 5000, "percent": "150"}, "name"),
        ({"name": "", "percent": "150"}, "name"),
        ({"name": "Lena", "percent": "900"}, "percent"),
    ],
)
def test_a_wrong_name_or_factor_is_told_at_its_field_and_lists_nobody(
    app, instructor, learner, fields, field
) -> None:
    answer = instructor.post("/teach/extra-time", fields)
    assert answer.status_code == 422
    assert f'id="{field}-error' in answer.text
    if fields["name"] != "Lena":
        assert "Lena" not in answer.text
    with database(app).reading() as session:
        assert session.get_one(Account, learner.id).time_percent == 100
