"""After a quiz: the history, the result and the review, and what nobody sees too early."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

import make
import people
from quizapp.domain.question_types import answerable
from quizapp.queries import attempts
from quizapp.services import answering, finishing, starting

KEY = "A B-tree"
WHY = "Because ranges are read in order."


def paper(count: int = 3, **fields: Any) -> list[dict[str, Any]]:
    return [make.document(**{"explanation": WHY, **fields}) for _ in range(count)]


def sit(
    who: people.Browser,
    documents: Sequence[dict[str, Any]],
    answers: str = "",
    *,
    submit: bool = True,
    **fields: Any,
) -> str:
    """Take a quiz: r is a right answer, w a wrong one, anything else none.  Returns the attempt's id."""
    now = who.app.config["CLOCK"]()
    with who.app.extensions["quizapp_database"].writing() as session:
        _, attempt_id = make.running(session, who.actor, documents, now=now, **fields)
        for position, (document, mark) in enumerate(zip(documents, answers, strict=False), start=1):
            if mark in "rw":
                answer = make.right(document) if mark == "r" else make.wrong(document)
                answering.save_answer(session, who.id, attempt_id, position, answer, number=1, now=now)
        if submit:
            finishing.submit(session, who.id, attempt_id, now=now)
    return attempt_id


def test_the_result_tells_score_counts_and_whether_it_was_passed(learner: people.Browser) -> None:
    attempt_id = sit(learner, paper(4), "rrw", pass_mark=50)
    page = learner.get(f"/attempts/{attempt_id}/result")
    assert page.status_code == 200
    for words in ("2 of 4", "50 %", "Passed", "Pass mark 50 %", "Review the 2 you missed"):
        assert words in page.text
    assert "Not passed" not in page.text


def test_one_point_below_the_mark_is_not_passed(learner: people.Browser) -> None:
    attempt_id = sit(learner, paper(3), "rww", pass_mark=34)
    assert "Not passed" in learner.get(f"/attempts/{attempt_id}/result").text


def test_without_a_pass_mark_nothing_is_said_about_passing(learner: people.Browser) -> None:
    attempt_id = sit(learner, paper(2), "rr")
    page = learner.get(f"/attempts/{attempt_id}/result").text
    assert "assed" not in page
    assert "Review all 2 answers" in page


def test_a_penalty_is_told_and_the_points_add_up(learner: people.Browser) -> None:
    attempt_id = sit(learner, paper(4), "rrrw", marking={"penalty": "0.5"})
    page = learner.get(f"/attempts/{attempt_id}/result").text
    assert "2.5 of 4" in page
    assert "Wrong answers cost 0.5 of your points." in page
    assert "−0.5 of 1" in learner.get(f"/attempts/{attempt_id}/review?show=missed").text


def test_a_few_answers_single_out_no_topic(learner: people.Browser) -> None:
    documents = [*paper(2), *paper(2, topic="apis", subtopic=None)]
    attempt_id = sit(learner, documents, "rrww")
    page = learner.get(f"/attempts/{attempt_id}/result").text
    assert "Too few answers to single out a topic" in page
    assert "holding you back" not in page


def test_a_topic_that_is_clearly_weak_is_named(learner: people.Browser) -> None:
    documents = [*paper(8), *paper(8, topic="apis", subtopic=None)]
    attempt_id = sit(learner, documents, "rrrrrrrr" + "rwwwwwww")
    assert "Apis is holding you back: 1 of 8 right" in learner.get(f"/attempts/{attempt_id}/result").text


def test_topics_that_are_much_alike_are_not_told_apart(learner: people.Browser) -> None:
    documents = [*paper(8), *paper(8, topic="apis", subtopic=None)]
    attempt_id = sit(learner, documents, "rrrrrrrw" + "rrrrrrww")
    assert "No topic stands out" in learner.get(f"/attempts/{attempt_id}/result").text


def test_a_quiz_on_one_topic_is_told_by_subtopic(learner: people.Browser) -> None:
    documents = [*paper(1), *paper(1, subtopic="databases.null_logic")]
    page = learner.get(f"/attempts/{sit(learner, documents, 'rw')}/result").text
    assert "Null logic" in page
    assert "Indexing" in page


def test_the_result_compares_with_the_own_previous_attempt_alone(
    app: Flask, learner: people.Browser, other_learner: people.Browser, clock: people.Clock
) -> None:
    document = make.document()
    with app.extensions["quizapp_database"].writing() as session:
        uid = make.quiz(session, [row.uid for row in make.questions(session, [document])]).uid
    pages = []
    for who, answer in ((other_learner, make.right), (learner, make.wrong), (learner, make.right)):
        with app.extensions["quizapp_database"].writing() as session:
            started = starting.start_quiz(session, who.actor, uid, now=clock.at).attempt_id
            answering.save_answer(session, who.id, started, 1, answer(document), number=1, now=clock.at)
            finishing.submit(session, who.id, started, now=clock.at)
        pages.append(who.get(f"/attempts/{started}/result").text)
        clock.forward(days=3)
    assert "in your attempt" not in pages[0]
    assert "in your attempt" not in pages[1]
    assert "Up from" in pages[2]
    assert "0 % in your attempt" in pages[2]


def test_time_that_ran_out_is_settled_by_looking(learner: people.Browser, clock: people.Clock) -> None:
    attempt_id = sit(learner, paper(2), "r", submit=False)
    clock.forward(minutes=30)
    page = learner.get(f"/attempts/{attempt_id}/result")
    assert page.status_code == 200
    assert "1 of 2" in page.text
    assert "Time was up" in page.text
    assert "20 min" in page.text


@pytest.mark.parametrize("page", ["result", "review"])
def test_a_running_attempt_leads_back_to_its_questions(learner: people.Browser, page: str) -> None:
    attempt_id = sit(learner, paper(2), "r", submit=False)
    answer = learner.get(f"/attempts/{attempt_id}/{page}")
    assert answer.status_code == 302
    assert answer.location == f"/attempts/{attempt_id}"


@pytest.mark.parametrize("page", ["result", "review", "review?show=missed&topic=databases&page=2"])
def test_before_the_release_there_is_a_moment_and_no_score(
    learner: people.Browser, clock: people.Clock, page: str
) -> None:
    closes = clock.at + timedelta(days=2)
    attempt_id = sit(learner, paper(3), "rrw", feedback="after_close", closes_at=closes)

    early = learner.get(f"/attempts/{attempt_id}/{page}")
    assert early.status_code == 403
    assert "23 Nov 2026, 09:00 UTC" in early.text
    for secret in (KEY, WHY, "2 of 3", "66.7", "Right", "Wrong"):
        assert secret not in early.text

    clock.at = closes
    assert learner.get(f"/attempts/{attempt_id}/{page}").status_code == 200


def test_practising_the_missed_ones_waits_for_the_release(
    learner: people.Browser, clock: people.Clock
) -> None:
    closes = clock.at + timedelta(days=2)
    attempt_id = sit(learner, paper(3), "rrw", feedback="after_close", closes_at=closes)
    assert learner.post(f"/attempts/{attempt_id}/practise-missed").status_code == 403


def test_what_was_never_submitted_is_not_graded(learner: people.Browser, clock: people.Clock) -> None:
    attempt_id = sit(learner, paper(2), "rr", submit=False, at_deadline="grace", grace_minutes=5)
    clock.forward(hours=1)
    for page in ("result", "review"):
        answer = learner.get(f"/attempts/{attempt_id}/{page}")
        assert answer.status_code == 403
        assert "was not submitted" in answer.text
        assert KEY not in answer.text
    assert "Never submitted" in learner.get("/attempts").text


@pytest.mark.parametrize("page", ["result", "review"])
def test_somebody_elses_attempt_looks_like_none(
    learner: people.Browser, other_learner: people.Browser, page: str
) -> None:
    attempt_id = sit(learner, paper(1), "r")
    theirs = other_learner.get(f"/attempts/{attempt_id}/{page}")
    none = other_learner.get(f"/attempts/{'x' * 16}/{page}")
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert KEY not in theirs.text


@pytest.mark.parametrize("page", ["/attempts", "/attempts/x/result", "/attempts/x/review"])
def test_visitors_are_asked_to_sign_in(visitor: people.Browser, page: str) -> None:
    answer = visitor.get(page)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_the_review_shows_answers_keys_reasons_and_sources(learner: people.Browser) -> None:
    source = {"title": "The manual", "section": "11.2", "url": "https://example.org/indexes"}
    attempt_id = sit(learner, paper(1, references=[source]), "w")
    page = learner.get(f"/attempts/{attempt_id}/review").text
    for words in ("Question 1", "0 of 1 point", KEY, "Correct answer", "Your answer", WHY, "The manual"):
        assert words in page
    assert '<a href="https://example.org/indexes" rel="noopener noreferrer">' in page


def test_every_question_type_can_be_reviewed(learner: people.Browser) -> None:
    documents = [make.sample(kind) for kind in answerable()]
    attempt_id = sit(learner, documents, ("rw-" * len(documents))[: len(documents)])
    page = learner.get(f"/attempts/{attempt_id}/review")
    assert page.status_code == 200
    assert page.text.count("<article") == len(documents)


def test_filters_show_what_they_say(learner: people.Browser, clock: people.Clock) -> None:
    documents = paper(3)
    attempt_id = sit(learner, documents, "rw", submit=False)
    with learner.app.extensions["quizapp_database"].writing() as session:
        answering.flag(session, learner.id, attempt_id, 1, flagged=True, now=clock.at)
        answering.save_answer(
            session,
            learner.id,
            attempt_id,
            3,
            make.right(documents[2]),
            number=1,
            confidence=answering.Confidence.LOW,
            now=clock.at,
        )
        finishing.submit(session, learner.id, attempt_id, now=clock.at)

    def shown(query: str) -> list[int]:
        page = learner.get(f"/attempts/{attempt_id}/review?{query}").text
        return [number for number in (1, 2, 3) if f'id="q{number}"' in page]

    assert shown("show=all") == [1, 2, 3]
    assert shown("show=missed") == [2]
    assert shown("show=flagged") == [1]
    assert shown("show=guessed") == [3]
    assert shown("show=slow") == []
    assert shown("show=<script>") == [1, 2, 3]
    assert shown("topic=apis") == []
    assert shown("topic=databases") == [1, 2, 3]
    assert "No answer took much longer" in learner.get(f"/attempts/{attempt_id}/review?show=slow").text


def test_an_unanswered_question_is_missed_and_nothing_flagged_is_said_so(learner: people.Browser) -> None:
    attempt_id = sit(learner, paper(1))
    assert "Not answered" in learner.get(f"/attempts/{attempt_id}/review?show=missed").text
    assert "Nothing flagged in this quiz" in learner.get(f"/attempts/{attempt_id}/review?show=flagged").text


def test_slow_answers_are_told_from_the_servers_times(learner: people.Browser, clock: people.Clock) -> None:
    documents = paper(5)
    attempt_id = sit(learner, documents, submit=False)
    with learner.app.extensions["quizapp_database"].writing() as session:
        for position, seconds in enumerate((20, 20, 20, 20, 300), start=1):
            clock.forward(seconds=seconds)
            answer = make.right(documents[position - 1])
            answering.save_answer(session, learner.id, attempt_id, position, answer, number=1, now=clock.at)
        finishing.submit(session, learner.id, attempt_id, now=clock.at)
    page = learner.get(f"/attempts/{attempt_id}/review?show=slow").text
    assert 'id="q5"' in page
    assert 'id="q1"' not in page
    assert "5 min, slower than most" in page


def test_a_long_review_comes_in_pages_and_finds_a_question_by_its_place(learner: people.Browser) -> None:
    attempt_id = sit(learner, paper(45))
    address = f"/attempts/{attempt_id}/review"
    assert learner.get(address).text.count("<article") == 20
    last = learner.get(f"{address}?page=3").text
    assert (last.count("<article"), 'id="q41"' in last) == (5, True)
    assert learner.get(f"{address}?page=99").text.count("<article") == 5
    assert 'id="q33"' in learner.get(f"{address}?show=all&at=33").text
    assert learner.get(f"{address}?page=-4&at=x").text.count("<article") == 20


def test_a_running_exam_keeps_the_keys_of_old_reviews_back(
    learner: people.Browser, clock: people.Clock
) -> None:
    documents = paper(2)
    old = sit(learner, documents, "rw")
    with learner.app.extensions["quizapp_database"].writing() as session:
        uid = make.quiz(session, [documents[0]["id"]]).uid
        exam = starting.start_quiz(session, learner.actor, uid, now=clock.at).attempt_id

    meanwhile = learner.get(f"/attempts/{old}/review").text
    assert meanwhile.count("An exam you are taking now asks this question too") == 1
    assert meanwhile.count(WHY) == 1

    learner.post(f"/attempts/{exam}/submit")
    assert learner.get(f"/attempts/{old}/review").text.count(WHY) == 2


def test_what_an_author_wrote_is_never_a_script(learner: people.Browser) -> None:
    documents = paper(
        1, stem="<script>alert(1)</script> and [a](javascript:alert(2))", explanation="<img src=x>"
    )
    attempt_id = sit(learner, documents, "w")
    page = learner.get(f"/attempts/{attempt_id}/review").text
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    assert "<img" not in page


def test_math_is_loaded_where_there_is_math(learner: people.Browser) -> None:
    plain = sit(learner, paper(1, stem="What does `$1` stand for, at $5 a piece?"))
    math = sit(learner, paper(1, stem="How does $O(n \\log n)$ grow?"))
    assert "katex" not in learner.get(f"/attempts/{plain}/review").text
    assert "katex" in learner.get(f"/attempts/{math}/review").text


def test_the_history_tells_each_attempts_state(learner: people.Browser, clock: people.Clock) -> None:
    running = sit(learner, paper(1), submit=False, title="Still running")
    later = clock.at + timedelta(days=1)
    sit(learner, paper(3), "rrw", title="Closed soon", feedback="after_close", closes_at=later)
    page = learner.get("/attempts").text
    assert f'href="/attempts/{running}"' in page
    assert "Resume" in page
    assert "Results from" in page
    assert "22 Nov 2026, 09:00 UTC" in page
    for secret in ("2 of 3", "66.7"):
        assert secret not in page

    clock.at = later
    assert "66.7 %" in learner.get("/attempts").text


def test_the_history_is_newest_first_and_comes_in_pages(learner: people.Browser, clock: people.Clock) -> None:
    for number in range(27):
        sit(learner, paper(1), "r", title=f"Quiz number {number:02}")
        clock.forward(minutes=1)
    first, second = learner.get("/attempts").text, learner.get("/attempts?page=2").text
    assert "Quiz number 26" in first
    assert first.index("Quiz number 26") < first.index("Quiz number 02")
    assert "Quiz number 01" not in first
    assert "Quiz number 01" in second
    assert learner.get("/attempts?page=999999999999999999999").status_code == 200


def test_an_empty_history_offers_a_quiz(learner: people.Browser, other_learner: people.Browser) -> None:
    sit(other_learner, paper(1), "r")
    page = learner.get("/attempts").text
    assert "No results yet" in page
    assert "Choose a quiz" in page


def test_looking_at_results_writes_nothing(
    learner: people.Browser, sql: people.Statements, clock: people.Clock
) -> None:
    attempt_id = sit(learner, paper(2), "rw")
    with sql.counted() as sent:
        for page in ("/attempts", f"/attempts/{attempt_id}/result", f"/attempts/{attempt_id}/review"):
            assert learner.get(page).status_code == 200
    assert [statement for statement in sent if not statement.startswith("SELECT")] == []


@pytest.mark.parametrize("page", ["result", "review", "review?show=missed"])
@pytest.mark.parametrize("size", [3, 120])
def test_pages_send_as_many_statements_for_a_long_quiz_as_for_a_short_one(
    learner: people.Browser, sql: people.Statements, page: str, size: int
) -> None:
    attempt_id = sit(learner, paper(size), "rw")
    with sql.counted() as sent:
        assert learner.get(f"/attempts/{attempt_id}/{page}").status_code == 200
    assert len(sent) <= 8


def test_points_of_the_review_add_up_to_the_score(app: Flask, learner: people.Browser) -> None:
    from quizapp.domain.quizzes import Marking
    from quizapp.web.results.report import points_of

    documents = [make.sample(kind) for kind in answerable()]
    marking = {"penalty": "0.25"}
    attempt_id = sit(learner, documents, "r" * (len(documents) - 1) + "w", marking=marking)
    with app.extensions["quizapp_database"].reading() as session:
        attempt = attempts.of_learner(session, learner.id, attempt_id)
        slots = attempts.slots(session, learner.id, attempt_id)
    assert attempt is not None
    assert sum(points_of(slot, Marking.model_validate(marking)) for slot in slots) == attempt.score
