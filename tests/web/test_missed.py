"""The inbox of missed questions, and practising them again."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

import make
import people
from quizapp.db.models import Attempt
from quizapp.services import answering, finishing, starting

TOKEN = "a-token-of-the-form"


def miss(who: people.Browser, count: int = 1, **fields: Any) -> str:
    """Submit a quiz without answering anything.  Returns the attempt's id."""
    now = who.app.config["CLOCK"]()
    documents = [make.document(**fields) for _ in range(count)]
    with who.app.extensions["quizapp_database"].writing() as session:
        _, attempt_id = make.running(session, who.actor, documents, now=now)
        finishing.submit(session, who.id, attempt_id, now=now)
    return attempt_id


def reviews(who: people.Browser) -> int:
    with who.app.extensions["quizapp_database"].reading() as session:
        return session.scalar(
            select(func.count())
            .select_from(Attempt)
            .where(Attempt.learner_id == who.id, Attempt.mode == "review")
        )


def started_attempt(answer: Any) -> str:
    assert answer.status_code == 303
    found = re.fullmatch(r"/attempts/([\w-]+)", answer.location)
    assert found, answer.location
    return found[1]


def test_an_empty_inbox_says_what_gathers_there(learner: people.Browser) -> None:
    page = learner.get("/missed").text
    assert "Nothing missed" in page
    assert "Practise something new" in page


def test_the_inbox_lists_what_was_missed_with_a_way_to_its_review(learner: people.Browser) -> None:
    attempt_id = miss(learner, stem="Which structure **keeps** order?")
    page = learner.get("/missed").text
    assert "Which structure keeps order?" in page
    assert "Missed once" in page
    link = re.search(rf'href="(/attempts/{attempt_id}/review\?[^"#]*)#q1"', page)
    assert link
    assert 'id="q1"' in learner.get(link[1].replace("&amp;", "&")).text


def test_the_inbox_is_ones_own(learner: people.Browser, other_learner: people.Browser) -> None:
    miss(learner)
    assert "Nothing missed" in other_learner.get("/missed").text


def test_topics_filter_the_inbox_and_are_counted(learner: people.Browser) -> None:
    miss(learner, 2, stem="About databases?")
    miss(learner, 1, stem="About interfaces?", topic="apis", subtopic=None)
    page = learner.get("/missed?topic=apis").text
    assert "About interfaces?" in page
    assert "About databases?" not in page
    assert "About databases?" in learner.get("/missed?topic=%00nothing").text


def test_the_inbox_comes_in_pages(learner: people.Browser) -> None:
    miss(learner, 27)
    assert learner.get("/missed").text.count('class="row"') == 25
    assert learner.get("/missed?page=2").text.count('class="row"') == 2
    assert "Nothing on this page" in learner.get("/missed?page=9").text


def test_practising_asks_as_many_as_were_chosen(learner: people.Browser) -> None:
    miss(learner, 7)
    answer = learner.post("/missed/practise", {"count": "5", "topic": "", "token": TOKEN})
    attempt_id = started_attempt(answer)
    assert "Question 1 of 5" in learner.get(f"/attempts/{attempt_id}/questions/1").text


def test_the_form_on_the_page_starts_a_review(learner: people.Browser) -> None:
    miss(learner, 3)
    page = learner.get("/missed").text
    fields = dict(re.findall(r'name="(token|topic)"[^>]*value="([^"]*)"', page))
    size = re.search(r'<option selected value="(\d+)">all 3</option>', page)
    assert size
    started_attempt(learner.post("/missed/practise", {**fields, "count": size[1]}))


def test_pressing_twice_starts_one_review(learner: people.Browser) -> None:
    miss(learner, 3)
    form = {"count": "5", "topic": "", "token": TOKEN}
    first = started_attempt(learner.post("/missed/practise", form))
    second = started_attempt(learner.post("/missed/practise", form))
    assert first == second
    assert reviews(learner) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"count": "500"},
        {"count": "-1"},
        {"count": "all"},
        {"token": "short"},
        {"token": "with spaces in the token"},
        {"token": "x" * 41},
        {"topic": "x" * 200},
    ],
)
def test_a_form_that_is_none_of_ours_starts_nothing(learner: people.Browser, change: dict[str, str]) -> None:
    miss(learner, 3)
    answer = learner.post("/missed/practise", {"count": "5", "topic": "", "token": TOKEN, **change})
    assert answer.location == "/missed"
    assert "nothing was started" in learner.get("/missed").text
    assert reviews(learner) == 0


@pytest.mark.parametrize("topic", ["apis", "\x00"])
def test_a_topic_without_missed_questions_starts_nothing(learner: people.Browser, topic: str) -> None:
    miss(learner)
    answer = learner.post("/missed/practise", {"count": "5", "topic": topic, "token": TOKEN})
    assert answer.location == "/missed"
    assert reviews(learner) == 0


def test_an_empty_inbox_starts_nothing(learner: people.Browser) -> None:
    answer = learner.post("/missed/practise", {"count": "5", "topic": "", "token": TOKEN})
    assert answer.location == "/missed"
    assert "nothing to practise again" in learner.get("/missed").text


def test_a_right_answer_later_takes_a_question_out(learner: people.Browser, clock: people.Clock) -> None:
    attempt_id = miss(learner, stem="Only this one?")
    review = started_attempt(learner.post(f"/attempts/{attempt_id}/practise-missed"))
    assert "Only this one?" in learner.get("/missed").text
    with learner.app.extensions["quizapp_database"].writing() as session:
        answer = make.right(make.document())
        answering.check_answer(session, learner.id, review, 1, answer, number=1, now=clock.at)
    assert "Nothing missed" in learner.get("/missed").text


def test_the_missed_ones_of_an_attempt_are_practised_once_at_a_time(learner: people.Browser) -> None:
    attempt_id = miss(learner, 2)
    address = f"/attempts/{attempt_id}/practise-missed"
    assert started_attempt(learner.post(address)) == started_attempt(learner.post(address))
    assert reviews(learner) == 1


def test_where_all_was_right_there_is_nothing_to_practise(
    learner: people.Browser, clock: people.Clock
) -> None:
    document = make.document()
    with learner.app.extensions["quizapp_database"].writing() as session:
        _, attempt_id = make.running(session, learner.actor, [document], now=clock.at)
        answering.save_answer(
            session, learner.id, attempt_id, 1, make.right(document), number=1, now=clock.at
        )
        finishing.submit(session, learner.id, attempt_id, now=clock.at)
    answer = learner.post(f"/attempts/{attempt_id}/practise-missed")
    assert answer.location == f"/attempts/{attempt_id}/result"
    assert reviews(learner) == 0


def test_somebody_elses_missed_ones_cannot_be_practised(
    learner: people.Browser, other_learner: people.Browser
) -> None:
    attempt_id = miss(learner)
    assert other_learner.post(f"/attempts/{attempt_id}/practise-missed").status_code == 404
    assert other_learner.post(f"/attempts/{'x' * 16}/practise-missed").status_code == 404


def test_what_a_running_exam_asks_is_not_practised_meanwhile(
    learner: people.Browser, clock: people.Clock
) -> None:
    documents = [make.document()]
    with learner.app.extensions["quizapp_database"].writing() as session:
        _, old = make.running(session, learner.actor, documents, now=clock.at)
        finishing.submit(session, learner.id, old, now=clock.at)
        uid = make.quiz(session, [documents[0]["id"]]).uid
        starting.start_quiz(session, learner.actor, uid, now=clock.at)
    learner.post("/missed/practise", {"count": "5", "topic": "", "token": TOKEN})
    learner.post(f"/attempts/{old}/practise-missed")
    assert reviews(learner) == 0


@pytest.mark.parametrize("address", ["/missed/practise", "/attempts/x/practise-missed"])
def test_without_the_token_of_the_session_nothing_happens(learner: people.Browser, address: str) -> None:
    assert learner.client.post(address, data={"count": "5"}).status_code == 400


def test_the_sixty_first_start_in_an_hour_has_to_wait(learner: people.Browser) -> None:
    attempt_id = miss(learner)
    form = {"csrf_token": learner.token()}
    address = f"/attempts/{attempt_id}/practise-missed"
    codes = [learner.client.post(address, data=form).status_code for _ in range(61)]
    assert codes == [303] * 60 + [429]


def test_the_inbox_sends_few_statements(learner: people.Browser, sql: people.Statements) -> None:
    miss(learner, 30)
    with sql.counted() as sent:
        assert learner.get("/missed").status_code == 200
    assert len(sent) <= 8
