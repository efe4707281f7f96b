"""The library in the browser: searching, changing many questions, reviews, copies, trials, what is only kept."""

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import make
import people
from quizapp.db.base import Base
from quizapp.db.models import Attempt, BulkChange, Encounter, Question, QuestionSet, Revision, Tally
from quizapp.services import sets

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def igor(app: Flask) -> people.Browser:
    return people.signed_in(app, "Igor", "instructor")


def database(app):
    return app.extensions["quizapp_database"]


def a_set(
    app: Flask,
    owner: people.Browser | None,
    *documents: dict,
    status: str = "published",
    title: str = "Indexes",
) -> int:
    with database(app).writing() as session:
        row = make.question_set(session, owner=owner.id if owner else None, status=status, title=title)
        if owner is None:
            row.source = f"databases/{documents[0]['id']}.yaml"
        make.questions(session, documents, within=row)
        return row.id


def number(app: Flask, uid: str) -> int:
    return question(app, uid).id


def question(app: Flask, uid: str) -> Question:
    with database(app).reading() as session:
        return session.scalars(select(Question).where(Question.uid == uid)).one()


def document(app: Flask, uid: str) -> dict:
    row = question(app, uid)
    with database(app).reading() as session:
        return session.get_one(Revision, (row.id, row.revision)).document


def rows(app: Flask) -> dict[str, int]:
    with database(app).reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def shown(page: str) -> list[str]:
    """The ids of the questions that a page of the library lists."""
    return re.findall(r"Choose ([a-z0-9-]+)</span>", page)


def change(who: people.Browser, do: str, *numbers: int, **fields):
    return who.post("/teach/questions/change", {"do": do, "question": [str(n) for n in numbers], **fields})


def quiz_fields(**fields) -> dict[str, object]:
    """What the form of a quiz sends when its defaults are left alone."""
    return {
        "token": "0123abcd",
        "title": "T",
        "mode": "exam",
        "at_deadline": "autosubmit",
        "feedback": "",
        "weights": "points",
        "shuffle_questions": "y",
        "shuffle_options": "y",
        "do": "save",
        **fields,
    }


# Who may


@pytest.mark.parametrize("path", ["/teach/questions", "/teach/changes"])
def test_learners_find_nothing_here_and_visitors_are_asked_to_sign_in(learner, visitor, path):
    assert learner.get(path).status_code == 404
    assert "/sign-in" in visitor.get(path).location


def test_learners_can_send_nothing_here(app, instructor, learner):
    set_id = a_set(app, instructor, make.document("one"))
    change(instructor, "add_tag", number(app, "one"), with_tag="x")
    before = rows(app)
    for path in (
        "questions/change",
        "changes/1/undo",
        f"sets/{set_id}/copy",
        f"sets/{set_id}/try",
        f"sets/{set_id}/hand-in",
        f"sets/{set_id}/take-back",
        f"sets/{set_id}/questions/one/retire",
        f"sets/{set_id}/questions/one/bring-back",
    ):
        answer = learner.post(f"/teach/{path}", {"do": "retire", "question": "1"})
        assert answer.status_code == 404, path
    assert rows(app) == before


def test_nothing_changes_without_the_token_of_the_form(app, instructor):
    set_id = a_set(app, instructor, make.document("one"), status="draft")
    before = rows(app)
    for path in ("questions/change", f"sets/{set_id}/copy", f"sets/{set_id}/try", f"sets/{set_id}/hand-in"):
        answer = instructor.client.post(f"/teach/{path}", data={"do": "retire", "question": "1"})
        assert answer.status_code == 400
    assert rows(app) == before


# Searching


def test_the_address_holds_the_search_and_the_page_shows_it(app, instructor):
    a_set(
        app, instructor, make.document("tree", stem="Which oak?"), make.document("hash", stem="Which hash?")
    )
    page = instructor.get("/teach/questions?q=which+OAK&level=mid&owner=mine&sort=topic").text
    assert shown(page) == ["tree"]
    assert 'value="which OAK"' in page
    assert '<option value="mid" selected>' in page
    assert "<strong>1 question</strong>" in page
    assert shown(instructor.get("/teach/questions").text) == ["tree", "hash"]


def test_the_form_needs_no_script(instructor):
    page = instructor.get("/teach/questions").text
    form = page.partition('<form class="library-search"')[2].partition("</form>")[0]
    assert 'method="get"' in form
    assert "<button" in form
    assert {"q", "topic", "type", "level", "status", "owner", "set", "tag", "health", "sort"} <= set(
        re.findall(r'name="(\w+)"', form)
    )


@pytest.mark.parametrize(
    "address",
    [
        "level=boss&type=riddle&status=odd&owner=me&health=ill&sort=luck",
        "set=x&page=-3",
        "set=99999999999999&page=99999999999999999999",
        "page=abc&q=%00",
        f"tag={'x' * 5000}&q={'y ' * 5000}",
        "topic=%27%3B--&q=%25%25%25",
    ],
)
def test_a_strange_address_is_no_error(app, instructor, address):
    a_set(app, instructor, make.document("one"))
    assert instructor.get(f"/teach/questions?{address}").status_code == 200


def test_what_others_type_and_what_one_types_is_escaped(app, instructor):
    a_set(app, instructor, make.document("one", tags=[HOSTILE], stem=f"Why {HOSTILE}?"), title=HOSTILE)
    with database(app).reading() as session:
        tag = session.scalars(select(Revision.document)).one()["tags"][0]
    for address in ("", f"?q={HOSTILE}", f"?tag={HOSTILE}"):
        page = instructor.get(f"/teach/questions{address}").text
        assert "<script>alert" not in page
    assert tag in unescape(instructor.get("/teach/questions").text)
    done = change(instructor, "add_tag", number(app, "one"), with_tag="<img src=x onerror=alert(2)>")
    page = instructor.get(done.location).text
    assert "Added the tag “&lt;img" in page
    assert "<img src=x" not in page + instructor.get("/teach/changes").text


def test_nothing_found_says_why_and_offers_to_clear(instructor):
    page = instructor.get("/teach/questions?q=unheard").text
    assert "Nothing fits" in page
    assert "the words “unheard”" in page
    assert 'href="/teach/questions">Clear filters' in page
    assert "No questions yet" in instructor.get("/teach/questions").text


def test_an_unanswered_question_and_one_with_answers_are_told_apart(app, instructor):
    a_set(app, instructor, make.document("one"))
    page = instructor.get("/teach/questions").text
    assert 'data-label="Answers">none<' in page


def test_pages_keep_the_filters(app, instructor):
    a_set(app, instructor, *(make.document(f"q-{n}") for n in range(51)))
    first = instructor.get("/teach/questions?level=mid")
    assert "51 questions" in first.text
    assert len(shown(first.text)) == 50
    (following,) = re.findall(r'rel="next"\s+href="([^"]+)"', first.text)
    assert unescape(following) == "/teach/questions?level=mid&page=2"
    assert len(shown(instructor.get(unescape(following)).text)) == 1
    assert len(shown(instructor.get("/teach/questions?level=mid&page=99").text)) == 1


@pytest.mark.parametrize("address", ["", "?health=never&tag=t&q=which&sort=hardest"])
def test_a_page_sends_as_many_statements_for_many_questions_as_for_one(app, instructor, sql, address):
    a_set(app, instructor, make.document("one", tags=["t"]))
    with sql.counted() as few:
        instructor.get(f"/teach/questions{address}")
    for home in range(3):
        documents = [make.document(f"q-{home}-{n}", tags=["t", f"t{n}"]) for n in range(15)]
        a_set(app, instructor, *documents, title=f"Set {home}")
    with sql.counted() as many:
        page = instructor.get(f"/teach/questions{address}").text
    assert len(shown(page)) == 46
    assert len(many) == len(few) <= 9


# Changing many


def test_checked_questions_get_a_tag_and_the_flash_undoes_it(app, instructor):
    a_set(app, instructor, make.document("one"), make.document("two"), make.document("three"))
    numbers = [number(app, uid) for uid in ("one", "two")]
    answer = change(instructor, "add_tag", *numbers, with_tag="joins", filters="q=which&level=mid")
    assert answer.location == "/teach/questions?q=which&level=mid&page=1"
    assert [document(app, uid).get("tags") for uid in ("one", "two", "three")] == [["joins"], ["joins"], None]
    page = instructor.get(answer.location).text
    assert "Added the tag “joins” to 2 questions." in page
    (undo,) = re.findall(r'class="undo"\s+method="post"\s+action="([^"]+)"', page)
    assert instructor.post(undo).location == "/teach/changes"
    assert document(app, "one").get("tags") is None
    changes = instructor.get("/teach/changes").text
    assert "Undone for 2 questions: added the tag “joins” to 2 questions." in changes
    assert undo not in changes
    assert "was undone before" in instructor.post(undo, follow_redirects=True).text


def test_what_is_not_ones_own_is_left_alone_and_said(app, instructor, igor):
    a_set(app, instructor, make.document("mine"))
    a_set(app, igor, make.document("shared"))
    a_set(app, igor, make.document("hidden"), status="draft")
    a_set(app, None, make.document("banked"))
    numbers = [number(app, uid) for uid in ("mine", "shared", "hidden", "banked")]
    before = [document(app, uid) for uid in ("shared", "hidden", "banked")]
    answer = change(instructor, "set_level", *numbers, to_level="staff")
    page = instructor.get(answer.location).text
    assert "Set the level of 1 question to staff. Left alone: 3 not yours to change." in page
    assert [document(app, uid) for uid in ("shared", "hidden", "banked")] == before
    nothing = change(instructor, "retire", number(app, "hidden"))
    assert "Nothing was changed. Left alone: 1 not yours to change." in instructor.get(nothing.location).text


@pytest.mark.parametrize(
    ("do", "fields", "field"),
    [
        ("add_tag", {"with_tag": " "}, "with_tag"),
        ("remove_tag", {"with_tag": "x" * 101}, "with_tag"),
        ("set_place", {"place": ""}, "place"),
        ("set_level", {"to_level": "boss"}, "to_level"),
        ("move", {"to_set": "x"}, "to_set"),
        ("explode", {}, None),
        ("", {}, None),
    ],
)
def test_what_is_missing_is_told_at_its_field_and_the_checks_stay(app, instructor, do, fields, field):
    a_set(app, instructor, make.document("one"), make.document("two"))
    before = rows(app)
    answer = change(instructor, do, number(app, "two"), **fields)
    assert answer.status_code == 422
    assert rows(app) == before
    checked = re.findall(r'name="question"\s+value="(\d+)"\s+checked', answer.text)
    assert checked == [str(number(app, "two"))]
    assert "<title>Error: " in answer.text
    if field:
        assert f'id="{field}-error"' in answer.text


def test_nothing_checked_is_told(app, instructor):
    a_set(app, instructor, make.document("one"))
    answer = change(instructor, "retire")
    assert answer.status_code == 422
    assert "Check at least one question first." in answer.text


def test_strange_numbers_change_nothing(app, instructor):
    a_set(app, instructor, make.document("one"))
    before = rows(app)
    strange = {"do": "retire", "question": ["x", "-1", "1e3", "٣", "99999999999999999999", ""]}
    assert instructor.post("/teach/questions/change", strange).status_code == 422
    assert rows(app) == before


@pytest.mark.parametrize(
    "strange", ["x%00y", "%ff%ed%a0%80", "%E2%80%AE%EF%BF%BE%F4%8F%BF%BF", "{{7*7}}%7B%7D%25s"]
)
@pytest.mark.parametrize("do", ["add_tag", "remove_tag", "set_place", "set_level", "move"])
def test_strange_characters_never_take_the_server_aback(app, instructor, do, strange):
    a_set(app, instructor, make.document("one"))
    fields = "&".join(f"{name}={strange}" for name in ("with_tag", "place", "to_level", "to_set", "filters"))
    body = f"csrf_token={instructor.token()}&do={do}&question={number(app, 'one')}&{fields}"
    form = "application/x-www-form-urlencoded"
    answer = instructor.client.post("/teach/questions/change", data=body, content_type=form)
    assert answer.status_code in {302, 422}
    for page in ("/teach/questions", "/teach/changes"):
        assert instructor.get(page).status_code == 200


@pytest.mark.parametrize("filters", ["a=1&" * 900, "%00%ff&&==;", "level=boss&set=-1", "x" * 9000])
def test_strange_filters_of_a_form_are_passed_over(app, instructor, filters):
    a_set(app, instructor, make.document("one"))
    answer = change(instructor, "add_tag", number(app, "one"), with_tag="x", filters=filters)
    assert answer.location == "/teach/questions?page=1"


def test_all_that_match_change_beyond_the_page(app, instructor, igor):
    a_set(app, instructor, *(make.document(f"q-{n}", level="junior") for n in range(60)))
    a_set(app, instructor, make.document("other", level="staff"))
    a_set(app, igor, make.document("shared", level="junior"))
    assert "All 61 that match" in instructor.get("/teach/questions?level=junior").text
    answer = change(instructor, "add_tag", all="1", filters="level=junior", with_tag="easy")
    assert "to 60 questions." in instructor.get(answer.location).text
    assert document(app, "q-59")["tags"] == ["easy"]
    for uid in ("other", "shared"):
        assert "tags" not in document(app, uid)


def test_topic_and_move_and_statuses_work_from_the_page(app, instructor):
    a_set(app, instructor, make.document("one"), make.document("two"), title="From")
    target = a_set(app, instructor, make.document("three"), title="To")
    change(instructor, "set_place", number(app, "one"), place="apis|apis.rest")
    assert (question(app, "one").topic, question(app, "one").subtopic) == ("apis", "apis.rest")
    change(instructor, "move", number(app, "one"), to_set=str(target))
    assert question(app, "one").set_id == target
    change(instructor, "retire", number(app, "two"))
    assert question(app, "two").status == "retired"
    assert "two" not in shown(instructor.get("/teach/questions").text)
    change(instructor, "bring_back", number(app, "two"))
    assert question(app, "two").status == "published"
    with database(app).reading() as session:
        assert session.scalar(select(func.count()).select_from(BulkChange)) == 4


@pytest.mark.parametrize("owner", ["igor", "bank"])
def test_nothing_is_moved_into_a_place_that_is_not_ones_own(app, instructor, igor, owner):
    a_set(app, instructor, make.document("mine"))
    target = a_set(app, igor if owner == "igor" else None, make.document("theirs"))
    before = question(app, "mine").set_id
    for set_id in (target, 987654):
        answer = change(instructor, "move", number(app, "mine"), to_set=str(set_id))
        assert answer.status_code == 404
    assert question(app, "mine").set_id == before


def test_others_changes_are_neither_seen_nor_undone(app, instructor, igor):
    a_set(app, instructor, make.document("one"))
    change(instructor, "add_tag", number(app, "one"), with_tag="mine alone")
    with database(app).reading() as session:
        change_id = session.scalars(select(BulkChange.id)).one()
    assert "mine alone" not in igor.get("/teach/changes").text
    assert igor.post(f"/teach/changes/{change_id}/undo").status_code == 404
    assert document(app, "one")["tags"] == ["mine alone"]


def test_one_question_is_retired_and_brought_back_from_its_page(app, instructor, igor):
    set_id = a_set(app, instructor, make.document("one"))
    address = f"/teach/sets/{set_id}/questions/one"
    assert igor.post(f"{address}/retire").status_code == 404
    assert question(app, "one").status == "published"
    answer = instructor.post(f"{address}/retire")
    page = instructor.get(answer.location).text
    assert "Retired 1 question." in page
    assert f"{address}/bring-back" in page
    instructor.post(f"{address}/bring-back")
    assert question(app, "one").status == "published"
    assert instructor.post(f"/teach/sets/{set_id}/questions/unknown/retire").status_code == 404


# Reviews


def test_a_draft_is_seen_by_colleagues_from_the_hand_in_to_the_taking_back(app, instructor, igor):
    set_id = a_set(app, instructor, make.document("one"), status="draft", title="For review")
    address = f"/teach/sets/{set_id}"
    pages = (address, f"{address}/preview/one", f"{address}/advice", f"{address}.yaml")
    assert {igor.get(page).status_code for page in pages} == {404}
    assert "For review" not in igor.get("/teach").text

    assert igor.post(f"{address}/hand-in").status_code == 404
    instructor.post(f"{address}/hand-in")

    start = igor.get("/teach").text
    assert "Waiting for review" in start
    assert "For review" in start
    assert "In review" in start
    assert {igor.get(page).status_code for page in pages} == {200}
    assert "In review" in igor.get(address).text
    assert shown(igor.get("/teach/questions?status=review").text) == ["one"]
    for verb in ("publish", "retire", "take-back", "questions/one/retire"):
        assert igor.post(f"{address}/{verb}").status_code == 404
        assert f"{address}/{verb}" not in igor.get(address).text
    assert igor.get(f"{address}/replace").status_code == 404
    assert "Waiting for review" not in instructor.get("/teach").text

    instructor.post(f"{address}/take-back")
    assert {igor.get(page).status_code for page in pages} == {404}


def test_publishing_ends_a_review(app, instructor, igor):
    set_id = a_set(app, instructor, make.document("one"), status="draft")
    instructor.post(f"/teach/sets/{set_id}/hand-in")
    instructor.post(f"/teach/sets/{set_id}/publish")
    with database(app).reading() as session:
        row = session.get_one(QuestionSet, set_id)
        assert (row.status, row.handed_in_at) == ("published", None)
    assert "Waiting for review" not in igor.get("/teach").text
    answer = instructor.post(f"/teach/sets/{set_id}/hand-in", follow_redirects=True)
    assert "Only a draft can be handed in" in answer.text


def test_a_draft_in_review_cannot_be_put_into_others_quizzes(app, instructor, igor):
    set_id = a_set(app, instructor, make.document("one"), status="draft")
    instructor.post(f"/teach/sets/{set_id}/hand-in")
    answer = igor.post("/teach/quizzes/new", quiz_fields(**{"rows-0-question": "one"}))
    assert answer.status_code == 422
    assert "no such question" in answer.text


# Copies


def test_a_copy_is_ones_own_draft_and_its_page_opens(app, instructor, igor):
    set_id = a_set(app, igor, make.document("one"), make.document("two"), title="Shared")
    answer = instructor.post(f"/teach/sets/{set_id}/copy")
    page = instructor.get(answer.location).text
    assert "Copied 2 questions into this new draft of yours." in page
    assert "Shared (copy)" in page
    chosen = instructor.post(f"/teach/sets/{set_id}/copy", {"question": ["two", HOSTILE]})
    assert "two-3" in instructor.get(chosen.location).text
    assert question(app, "two-3").status == "draft"


def test_others_drafts_cannot_be_copied(app, instructor, igor):
    set_id = a_set(app, igor, make.document("hidden"), status="draft")
    before = rows(app)
    assert instructor.post(f"/teach/sets/{set_id}/copy").status_code == 404
    answer = change(instructor, "copy", number(app, "hidden"))
    assert answer.status_code == 422
    assert rows(app) == before


def test_checked_questions_are_copied_into_one_draft(app, instructor, igor):
    a_set(app, igor, make.document("one"), make.document("two"))
    a_set(app, None, make.document("three"))
    answer = change(instructor, "copy", number(app, "one"), number(app, "three"))
    page = instructor.get(answer.location).text
    assert "Copied 2 questions into a new draft of yours." in page
    assert "one-2" in page
    assert "three-2" in page


# Trials


def test_a_set_is_tried_in_the_players_own_pages_and_no_figure_moves(app, instructor):
    documents = [make.document("one"), make.document("two"), make.sample("information")]
    set_id = a_set(app, instructor, *documents, status="draft", title="Tried")
    answer = instructor.post(f"/teach/sets/{set_id}/try", follow_redirects=True)
    assert "Trial: Tried" in answer.text
    assert "1 of 2" in answer.text
    with database(app).reading() as session:
        attempt_id = session.scalars(select(Attempt.id)).one()
    place = f"/attempts/{attempt_id}/questions/1"
    sent = make.wrong(documents[0]) | {"action": "check", "sequence": "0"}
    assert instructor.post(place, sent).status_code == 302
    assert "is-wrong" in instructor.get(place).text
    instructor.post(f"/attempts/{attempt_id}/submit")
    result = instructor.get(f"/attempts/{attempt_id}/result").text
    assert "nothing of this is counted" in result
    assert "practise-missed" not in result
    assert f'href="/teach/sets/{set_id}"' in result
    assert "Trial: Tried" not in instructor.get("/attempts").text + instructor.get("/").text
    assert 'data-label="Answers">none<' in instructor.get("/teach/questions?q=which").text
    with database(app).reading() as session:
        for model in (Tally, Encounter):
            assert session.scalar(select(func.count()).select_from(model)) == 0


def test_others_drafts_cannot_be_tried(app, instructor, igor):
    set_id = a_set(app, igor, make.document("hidden"), status="draft")
    assert instructor.post(f"/teach/sets/{set_id}/try").status_code == 404
    with database(app).writing() as session:
        sets.hand_in(session, igor.actor, set_id, now=make.NOW)
    assert instructor.post(f"/teach/sets/{set_id}/try").status_code == 302


def test_a_set_with_nothing_to_ask_says_so(app, instructor):
    set_id = a_set(app, instructor, make.sample("information"))
    answer = instructor.post(f"/teach/sets/{set_id}/try", follow_redirects=True)
    assert "Nothing in this set can be asked yet." in answer.text


# What is only kept


@pytest.fixture
def kept(app, instructor) -> int:
    source = '<question type="drag"></pre><script>alert(1)</script>&amp;</question>'
    opaque = make.sample("opaque") | {"source": source, "reason": "<b>No</b> dragging here."}
    documents = [opaque, make.sample("information"), make.document("real", topic="networking", subtopic=None)]
    return a_set(app, instructor, *documents)


def test_what_is_kept_shows_its_text_its_kind_its_reason_and_its_source(instructor, kept):
    page = instructor.get(f"/teach/sets/{kept}/preview/sample-opaque").text
    for words in ("Drag each layer", "dragdrop", "&lt;b&gt;No&lt;/b&gt; dragging here.", "Kept, not askable"):
        assert words in page
    source = page.partition("<pre")[2].partition("</pre>")[0].partition("<code>")[2].partition("</code>")[0]
    assert unescape(source) == '<question type="drag"></pre><script>alert(1)</script>&amp;</question>'
    assert "<script>alert" not in page
    assert 'value="check"' not in page


def test_a_text_to_read_shows_it_and_takes_no_answer(app, instructor, kept):
    address = f"/teach/sets/{kept}/preview/sample-information"
    page = instructor.get(address).text
    assert "<strong>40 orders a second</strong>" in page
    assert 'value="check"' not in page
    before = rows(app)
    assert instructor.post(address, {"choice": "x", "do": "check"}).status_code == 200
    assert rows(app) == before


def test_what_cannot_be_asked_is_offered_nowhere(instructor, learner, kept):
    page = instructor.get(f"/teach/quizzes/new?set={kept}").text
    offered = set(re.findall(r'<option[^>]* value="([^"]*)"', page))
    assert "real" in offered
    assert not offered & {"sample-opaque", "sample-information", "opaque", "information"}
    assert "system_design|" not in offered  # no question of this topic can be asked
    compose = learner.get("/practice").text
    assert 'value="networking"' in compose
    assert 'value="system_design"' not in compose


@pytest.mark.parametrize("uid", ["sample-opaque", "sample-information"])
def test_what_cannot_be_asked_gets_into_no_quiz(app, instructor, kept, uid):
    answer = instructor.post("/teach/quizzes/new", quiz_fields(**{"rows-0-question": uid}))
    assert answer.status_code == 422
    assert "no such question that can be asked" in answer.text


def test_a_draw_of_what_cannot_be_asked_is_never_published(app, instructor, kept):
    fields = quiz_fields(**{"rows-0-count": "1", "rows-0-type": "opaque"})
    address = instructor.post("/teach/quizzes/new", fields).location
    assert "1 asked, but 0 published fit" in instructor.post(f"{address}/publish", follow_redirects=True).text


# The sample of a quiz


def test_a_sample_tells_what_it_covers_counts_and_takes(app, instructor):
    a_set(
        app,
        instructor,
        make.document("one", points=3, level="senior"),
        make.document("two", topic="apis", subtopic=None),
        make.sample("sql_query"),
    )
    uids = ("one", "two", make.sample("sql_query")["id"])
    asked = {f"rows-{number}-question": uid for number, uid in enumerate(uids)}
    fields = quiz_fields(time_limit_minutes="10", **asked)
    address = instructor.post("/teach/quizzes/new", fields).location
    page = instructor.get(f"{address}/preview").text
    total = 4 + make.sample("sql_query").get("points", 1)
    assert f"<span>{total} points</span>" in page
    assert "About 11 min of work" in page
    assert "8 min for each of 1 hands-on task" in page
    assert "That is more than the limit of 10 min." in page
    for words in ("2 topics, none above", "2 levels, none above", "Indexing", "Senior"):
        assert words in " ".join(page.split())
    instructor.post(address, fields | {"weights": "equal"})
    assert "<span>3 points</span>" in instructor.get(f"{address}/preview").text


def status_of(session: Session, uid: str) -> str:
    return session.scalars(select(Question.status).where(Question.uid == uid)).one()


def test_the_page_of_a_published_set_offers_to_publish_what_was_added(app, instructor):
    set_id = a_set(app, instructor, make.document("one"), make.document("two"))
    with database(app).writing() as session:
        session.execute(update(Question).where(Question.uid == "two").values(status="draft"))
    assert "Publish 1 draft" in instructor.get(f"/teach/sets/{set_id}").text
    instructor.post(f"/teach/sets/{set_id}/publish")
    with database(app).reading() as session:
        assert status_of(session, "two") == "published"


def test_an_empty_set_says_what_it_waits_for(app, instructor):
    set_id = a_set(app, instructor, status="draft")
    page = instructor.get(f"/teach/sets/{set_id}").text
    assert "No questions yet" in page
    assert f"/teach/sets/{set_id}/publish" not in page
    answer = instructor.post(f"/teach/sets/{set_id}/hand-in", follow_redirects=True)
    assert "nothing to review" in answer.text
