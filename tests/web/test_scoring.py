"""Answers that people score: the forms, who may send them, and what everybody sees meanwhile."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import make
import people
from quizapp.db.models import Quiz
from quizapp.services import answering, finishing, starting

WORDS = {
    "text-requirements": ["A limit by *customer*."],
    "text-design": ["Token buckets, <script>local</script>."],
}
TOP = {"level-estimation": ["3"], "level-failure": ["3"], "level-clients": ["2"]}
HALF = {"level-estimation": ["0"], "level-failure": ["2"], "level-clients": ["1"]}


def sit(
    who: people.Browser, *, submit: bool = True, instructor: people.Browser | None = None, **fields: Any
) -> str:
    """Answer an open question, and one of a program; the attempt's id."""
    now = who.app.config["CLOCK"]()
    documents = [make.sample("open_response"), make.document()]
    with who.app.extensions["quizapp_database"].writing() as session:
        rows = make.questions(session, documents)
        if instructor is not None:
            fields = {"open_answers": "instructor", "owner": instructor.id, **fields}
        plan = make.quiz(session, [row.uid for row in rows], **fields)
        attempt_id = starting.start_quiz(session, who.actor, plan.uid, now=now).attempt_id
        answering.save_answer(session, who.id, attempt_id, 1, WORDS, number=1, now=now)
        answering.save_answer(session, who.id, attempt_id, 2, make.right(documents[1]), number=1, now=now)
        if submit:
            finishing.submit(session, who.id, attempt_id, now=now)
    return attempt_id


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_result_says_that_an_answer_awaits_the_learners_score(learner: people.Browser) -> None:
    attempt_id = sit(learner, pass_mark=50)
    page = learner.get(f"/attempts/{attempt_id}/result")
    words = text_of(page.text)

    assert "1 answer awaits your score." in words
    assert f"/attempts/{attempt_id}/review?at=1#q1" in page.text
    assert "Score so far 1 of 11" in words
    assert "assed" not in words  # nobody has failed yet
    assert "you missed" not in words


def test_the_review_shows_the_answer_the_model_and_the_rubric_as_a_form(learner: people.Browser) -> None:
    page = learner.get(f"/attempts/{sit(learner)}/review")
    words = text_of(page.text)

    assert "<em>customer</em>" in page.text
    assert "<script>local" not in page.text
    assert "A model answer" in words
    assert "Chooses by endpoint, with a local limit meanwhile" in words
    tags = " ".join(page.text.split())
    assert tags.count('type="radio" name="level-failure"') == 4
    assert tags.count('type="radio" name="level-clients"') == 3
    assert "Save score" in words
    assert "Awaits a score" in words


def test_saving_a_score_completes_the_result(learner: people.Browser) -> None:
    attempt_id = sit(learner, pass_mark=50)
    done = learner.post(f"/attempts/{attempt_id}/review/1/score", TOP)

    assert done.status_code == 302
    assert done.location == f"/attempts/{attempt_id}/review?at=1#q1"
    assert "Passed" in learner.get(f"/attempts/{attempt_id}/result").text
    page = text_of(learner.get(f"/attempts/{attempt_id}/review").text)
    assert "How it was scored" in page
    assert "10 of 10 points" in page
    assert "Change the score" in page


def test_a_score_can_be_changed_and_the_later_one_counts(learner: people.Browser) -> None:
    attempt_id = sit(learner)
    learner.post(f"/attempts/{attempt_id}/review/1/score", TOP)
    learner.post(f"/attempts/{attempt_id}/review/1/score", HALF)

    page = text_of(learner.get(f"/attempts/{attempt_id}/review").text)
    assert "5 of 10 points" in page
    assert "Level 2 of 3" in page


def test_a_dimension_left_out_is_told_beside_it_and_the_others_are_kept(learner: people.Browser) -> None:
    attempt_id = sit(learner)
    page = learner.post(
        f"/attempts/{attempt_id}/review/1/score", {"level-failure": "2", "level-clients": "1"}
    )

    assert page.status_code == 422
    assert "Choose a level for “Estimation”." in page.text
    assert re.search(r'name="level-failure"\s+value="2"\s+checked', page.text)
    assert 'id="q1-problem"' in page.text
    assert "<title>Error: Review" in page.text
    assert "awaits your score" in learner.get(f"/attempts/{attempt_id}/result").text


@pytest.mark.parametrize(
    "change",
    [
        {"level-estimation": "4"},
        {"level-estimation": "-1"},
        {"level-estimation": "³"},
        {"level-strange": "1"},
    ],
)
def test_a_level_or_dimension_that_is_not_there_is_refused(
    learner: people.Browser, change: dict[str, str]
) -> None:
    attempt_id = sit(learner)
    page = learner.post(f"/attempts/{attempt_id}/review/1/score", {**TOP, **change})

    assert page.status_code == 422
    assert "awaits your score" in learner.get(f"/attempts/{attempt_id}/result").text


def test_others_cannot_score_an_answer(
    learner: people.Browser,
    other_learner: people.Browser,
    instructor: people.Browser,
    visitor: people.Browser,
) -> None:
    attempt_id = sit(learner)
    for who in (other_learner, instructor):
        assert who.post(f"/attempts/{attempt_id}/review/1/score", TOP).status_code == 404
        assert who.post(f"/attempts/{attempt_id}/questions/1/score", TOP).status_code == 404
        path = f"/teach/scoring/{learner.id}/{attempt_id}/1"
        assert who.get(path).status_code == 404
        assert who.post(path, TOP).status_code == 404
    assert visitor.client.post(f"/attempts/{attempt_id}/review/1/score", data=TOP).status_code in {302, 400}


def test_an_open_attempt_takes_no_score_and_shows_no_anchor(learner: people.Browser) -> None:
    attempt_id = sit(learner, submit=False)
    page = learner.get(f"/attempts/{attempt_id}/questions/1")

    assert "Failure of the store" in page.text
    assert "(60 %)" in page.text
    assert "Chooses by endpoint" not in page.text
    assert "million checks" not in page.text
    assert learner.post(f"/attempts/{attempt_id}/questions/1/score", TOP).status_code == 403
    assert learner.post(f"/attempts/{attempt_id}/review/1/score", TOP).status_code == 302
    assert (
        "awaits your score" not in learner.get(f"/attempts/{attempt_id}/result", follow_redirects=True).text
    )


def test_levels_sent_with_an_answer_score_nothing(learner: people.Browser) -> None:
    attempt_id = sit(learner, submit=False)
    sent = {**{name: values[0] for name, values in WORDS.items()}, "level-failure": "3", "sequence": "1"}
    learner.post(
        f"/attempts/{attempt_id}/questions/1", {**sent, "level-estimation": "3", "level-clients": "2"}
    )
    answer = {**WORDS, **TOP}
    saved = learner.put_json(f"/api/attempts/{attempt_id}/questions/1", {"sequence": 2, "answer": answer})
    assert saved.status_code == 200
    learner.post(f"/attempts/{attempt_id}/submit")

    assert "awaits your score" in learner.get(f"/attempts/{attempt_id}/result").text


def test_a_question_of_a_program_takes_no_score(learner: people.Browser) -> None:
    attempt_id = sit(learner)
    assert learner.post(f"/attempts/{attempt_id}/review/2/score", TOP).status_code == 404
    assert learner.post(f"/attempts/{attempt_id}/review/9/score", TOP).status_code == 404


def test_in_practice_the_rubric_follows_the_check(learner: people.Browser) -> None:
    attempt_id = sit(learner, submit=False, mode="practice")
    sent = {**{name: values[0] for name, values in WORDS.items()}, "sequence": "1", "action": "check"}
    place = f"/attempts/{attempt_id}/questions/1"
    assert learner.post(place, sent).location == place
    page = learner.get(place)
    assert "Awaits a score" in page.text
    assert "A model answer" in page.text
    assert f'formaction="{place}/score"' in page.text

    assert learner.post(f"{place}/score", {"level-failure": "1"}).status_code == 422
    assert learner.post(f"{place}/score", TOP).location == place
    page = learner.get(place)
    assert "How it was scored" in page.text
    assert "Awaits a score" not in page.text
    learner.post(f"/attempts/{attempt_id}/submit")
    assert "11 of 11" in text_of(learner.get(f"/attempts/{attempt_id}/result").text)


def test_after_the_attempt_the_practice_pages_form_still_scores(learner: people.Browser) -> None:
    attempt_id = sit(learner, mode="practice")
    done = learner.post(f"/attempts/{attempt_id}/questions/1/score", TOP)
    assert done.location == f"/attempts/{attempt_id}/review?at=1#q1"


def test_a_running_exam_with_the_same_question_keeps_the_rubric_back(
    app: Flask, learner: people.Browser
) -> None:
    attempt_id = sit(learner)
    with app.extensions["quizapp_database"].writing() as session:
        plan = make.quiz(session, [make.sample("open_response")["id"]])
        starting.start_quiz(session, learner.actor, plan.uid, now=app.config["CLOCK"]())

    page = learner.get(f"/attempts/{attempt_id}/review")
    assert "million checks" not in page.text
    assert "Chooses by endpoint" not in page.text
    assert learner.post(f"/attempts/{attempt_id}/review/1/score", TOP).status_code == 422


def test_pages_that_list_results_say_what_is_still_to_score(learner: people.Browser) -> None:
    sit(learner, pass_mark=50)
    assert "1 answer to score" in learner.get("/attempts").text
    assert "1 answer to score" in learner.get("/").text
    assert learner.get("/missed").status_code == 200
    assert learner.get("/topics").status_code == 200


def test_what_was_missed_does_not_hold_what_awaits_a_score(learner: people.Browser) -> None:
    attempt_id = sit(learner)
    assert "Nothing missed in this quiz" in learner.get(f"/attempts/{attempt_id}/review?show=missed").text
    assert (
        learner.post(f"/attempts/{attempt_id}/practise-missed").location == f"/attempts/{attempt_id}/result"
    )


# Instructors


def test_an_instructor_scores_the_answers_of_an_own_quiz(
    learner: people.Browser, instructor: people.Browser
) -> None:
    attempt_id = sit(learner, instructor=instructor)
    words = text_of(learner.get(f"/attempts/{attempt_id}/result").text)
    assert "1 answer awaits your instructor's score." in words
    page = learner.get(f"/attempts/{attempt_id}/review").text
    assert "Your instructor scores this answer." in page
    assert "Save score" not in page

    assert "1 answer awaits your score" in text_of(instructor.get("/teach").text)
    place = f"/teach/scoring/{learner.id}/{attempt_id}/1"
    assert place in instructor.get("/teach/scoring").text
    page = instructor.get(place).text
    assert "<em>customer</em>" in page
    assert "Lena" not in page  # whose answer it is does not matter
    assert instructor.post(place, TOP).location == "/teach/scoring"
    assert "Nothing to score" in instructor.get("/teach/scoring").text
    assert "11 of 11" in text_of(learner.get(f"/attempts/{attempt_id}/result").text)


def test_an_instructor_is_told_which_level_is_missing(
    learner: people.Browser, instructor: people.Browser
) -> None:
    place = f"/teach/scoring/{learner.id}/{sit(learner, instructor=instructor)}/1"
    page = instructor.post(place, {"level-failure": "2"})
    assert page.status_code == 422
    assert "Choose a level for “Estimation”." in page.text


def test_where_an_instructor_scores_learners_cannot(
    learner: people.Browser, instructor: people.Browser
) -> None:
    attempt_id = sit(learner, instructor=instructor)
    assert learner.post(f"/attempts/{attempt_id}/review/1/score", TOP).status_code == 404
    instructor.post(f"/teach/scoring/{learner.id}/{attempt_id}/1", HALF)
    assert learner.post(f"/attempts/{attempt_id}/review/1/score", TOP).status_code == 404
    assert "5 of 10 points" in text_of(learner.get(f"/attempts/{attempt_id}/review").text)
    assert learner.get("/teach/scoring").status_code == 404


def test_another_instructor_sees_no_answer(
    app: Flask, learner: people.Browser, instructor: people.Browser
) -> None:
    attempt_id = sit(learner, instructor=instructor)
    other = people.signed_in(app, "Ivo", "instructor")
    assert attempt_id not in other.get("/teach/scoring").text
    assert other.get(f"/teach/scoring/{learner.id}/{attempt_id}/1").status_code == 404
    assert other.post(f"/teach/scoring/{learner.id}/{attempt_id}/1", TOP).status_code == 404
    admin = people.signed_in(app, "Ada", "admin")
    assert attempt_id in admin.get("/teach/scoring").text


def test_answers_are_scored_one_after_the_other(
    learner: people.Browser, other_learner: people.Browser, instructor: people.Browser, clock: people.Clock
) -> None:
    first = sit(learner, instructor=instructor)
    clock.forward(minutes=5)
    with other_learner.app.extensions["quizapp_database"].writing() as session:
        uid = session.scalars(select(Quiz.uid)).one()
        second = starting.start_quiz(session, other_learner.actor, uid, now=clock.at).attempt_id
        answering.save_answer(session, other_learner.id, second, 1, WORDS, number=1, now=clock.at)
        finishing.submit(session, other_learner.id, second, now=clock.at)
    places = [f"/teach/scoring/{learner.id}/{first}/1", f"/teach/scoring/{other_learner.id}/{second}/1"]
    page = instructor.get(places[0]).text
    assert f'rel="next" href="{places[1]}"' in " ".join(page.split())
    assert instructor.post(places[0], TOP).location == places[1]
    assert places[0] not in instructor.get(places[1]).text


def test_scores_before_the_release_are_seen_with_it(
    learner: people.Browser, instructor: people.Browser, clock: people.Clock
) -> None:
    closes = clock.at + timedelta(hours=2)
    attempt_id = sit(learner, instructor=instructor, feedback="after_close", closes_at=closes.isoformat())
    assert instructor.post(f"/teach/scoring/{learner.id}/{attempt_id}/1", TOP).status_code == 302
    assert learner.get(f"/attempts/{attempt_id}/result").status_code == 403
    clock.forward(hours=3)
    assert "11 of 11" in text_of(learner.get(f"/attempts/{attempt_id}/result").text)


def test_the_preview_of_an_open_question_says_that_people_score_it(
    app: Flask, instructor: people.Browser
) -> None:
    with app.extensions["quizapp_database"].writing() as session:
        within = make.question_set(session, owner=instructor.id)
        make.questions(session, [make.sample("open_response")], within=within)
        place = f"/teach/sets/{within.id}/preview/sample-open-response"
    assert instructor.get(place).status_code == 200
    page = instructor.post(place, {name: values[0] for name, values in WORDS.items()} | {"do": "check"})
    assert "Awaits a score" in page.text
