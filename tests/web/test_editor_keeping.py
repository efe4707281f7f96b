"""What the editor keeps: revisions, unfinished text, pictures; and two who write at once."""

import html
import re
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image

import people
from editor import (
    CHOICE,
    changed,
    database,
    draft_of,
    empty_set,
    form_of,
    rows,
    sample,
    stored,
    stored_in,
    uid_of,
    write,
)
from quizapp.db.models import Draft


@pytest.fixture
def home(instructor: people.Browser) -> str:
    return empty_set(instructor)


@pytest.fixture
def address(instructor: people.Browser, home: str) -> str:
    """A question of the instructor's, opened in the editor."""
    return str(write(instructor, home, "single_choice", CHOICE).location)


# Two editors, and twice the same


def test_the_second_of_two_editors_sees_both_texts_and_loses_nothing(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    mine = form_of(instructor.get(address))
    changed(instructor, address, stem="What do they say?")

    answer = instructor.post(address, mine | {"stem": "What do I say?", "do": "save"})

    assert answer.status_code == 409
    text = re.sub(r"</?(?:ins|del)>", "", answer.text)
    assert "What do they say?" in text
    assert "What do I say?" in text
    assert "Ines" in answer.text
    assert stored(app, uid_of(address))["stem"] == "What do they say?"
    sent = answer.text.split(f'action="{address}"')[1].split("</form>")[0]
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', sent))
    again = {name: html.unescape(value) for name, value in again.items() if name != "csrf_token"}
    assert again["base"] == "2"
    saved = instructor.post(address, again | {"do": "save"})
    assert saved.status_code == 302
    assert stored(app, uid_of(address), 3)["stem"] == "What do I say?"


def test_the_same_change_made_twice_is_one_revision(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    fields = form_of(instructor.get(address)) | {"stem": "Another stem?", "do": "save"}
    assert instructor.post(address, fields).status_code == 302
    after = rows(app)
    assert instructor.post(address, fields).status_code == 302
    assert rows(app) == after


def test_a_new_question_sent_twice_is_one_question(app: Flask, instructor: people.Browser, home: str) -> None:
    first = write(instructor, home, "single_choice", CHOICE)
    after = rows(app)
    second = write(instructor, home, "single_choice", CHOICE)
    assert first.location == second.location
    assert rows(app) == after


def test_save_and_next_goes_on_and_ends_at_the_set(instructor: people.Browser, home: str) -> None:
    first = write(instructor, home, "single_choice", CHOICE).location
    second = write(instructor, home, "true_false", sample("true_false")).location
    assert changed(instructor, first, do="next").location == second
    assert changed(instructor, second, do="next").location == home
    place = f"{home}/questions/new?type=true_false"
    fields = {"stem": "Really?", "topic": "databases", "answer": "true", "do": "next"}
    assert instructor.post(place, fields).location == place


# Drafts


def test_what_was_typed_is_kept_restored_and_discarded(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    page = instructor.get(address)
    fields = form_of(page) | {"stem": "Half a thou", "points": "many"}
    answer = instructor.post(draft_of(page), fields)
    assert answer.get_json()["kept"] is True

    opened = instructor.get(address)
    assert form_of(opened)["stem"] == "Half a thou"
    assert form_of(opened)["points"] == "many"
    assert "Restored" in opened.text
    assert opened.status_code == 200

    instructor.post(draft_of(opened, drop=True))
    assert form_of(instructor.get(address))["stem"] == CHOICE["stem"]
    assert rows(app)["question_draft"] == 0


def test_saving_forgets_the_draft_and_a_late_autosave_does_not_bring_it_back(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    page = instructor.get(address)
    fields = form_of(page) | {"stem": "Another stem?"}
    instructor.post(draft_of(page), fields)
    instructor.post(address, fields | {"do": "save"})
    assert rows(app)["question_draft"] == 0

    assert instructor.post(draft_of(page), fields).get_json()["kept"] is False
    assert rows(app)["question_draft"] == 0
    assert "Restored" not in instructor.get(address).text


def test_drafts_of_new_questions_are_kept_by_type_and_yaml_as_well(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    place = f"{home}/questions/new?type=number"
    page = instructor.get(place)
    instructor.post(draft_of(page), form_of(page) | {"mode": "yaml", "yaml": "stem: half"})
    assert form_of(instructor.get(place))["yaml"] == "stem: half"
    assert "Restored" not in instructor.get(f"{home}/questions/new?type=matrix").text


def test_a_draft_on_an_older_revision_says_so_and_collides_when_it_is_saved(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    page = instructor.get(address)
    instructor.post(draft_of(page), form_of(page) | {"stem": "Mine?"})
    instructor.post(address, form_of(page) | {"stem": "Theirs?", "do": "preview"})
    fresh = {**form_of(page), "stem": "Theirs?"}
    with database(app).writing() as session:
        session.query(Draft).update({"key": "elsewhere"})
    instructor.post(address, fresh | {"do": "save"})
    with database(app).writing() as session:
        session.query(Draft).update({"key": uid_of(address)})

    opened = instructor.get(address)
    assert "changed since" in opened.text
    assert instructor.post(address, form_of(opened) | {"do": "save"}).status_code == 409


def test_a_draft_that_a_newer_version_no_longer_understands_still_opens(
    app: Flask, instructor: people.Browser, address: str, clock: people.Clock
) -> None:
    with database(app).writing() as session:
        fields = {"stem": "Kept", "gone.0.field": "x", "mode": "form"}
        session.add(
            Draft(
                account_id=instructor.id,
                key=uid_of(address),
                fields=fields,
                base_revision=1,
                updated_at=clock(),
            )
        )
    opened = instructor.get(address)
    assert opened.status_code == 200
    assert form_of(opened)["stem"] == "Kept"


# History


def test_the_history_says_who_changed_what_and_brings_it_back(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    changed(instructor, address, stem="Which structure does a plain index use?", points="2")
    place = address.replace("/edit", "/history")
    page = instructor.get(place)
    assert page.status_code == 200
    assert "<del>an</del><ins>a</ins>" in page.text
    assert "Changed: Stem, Points" in page.text
    assert page.text.count("Ines") == 2

    answer = instructor.post(f"{place}/1/restore")
    assert answer.status_code == 302
    assert stored(app, uid_of(address), 3) == stored(app, uid_of(address), 1)
    after = rows(app)
    assert instructor.post(f"{place}/1/restore").status_code == 302
    assert instructor.post(f"{place}/99/restore").status_code == 404
    assert rows(app) == after


def test_a_long_history_has_pages(app: Flask, instructor: people.Browser, address: str) -> None:
    for number in range(22):
        changed(instructor, address, points=str(number + 2))
    place = address.replace("/edit", "/history")
    newest = instructor.get(place).text
    assert "Revision 23" in newest
    assert "Revision 3<" not in newest
    older = re.search(r'rel="next"\s+href="([^"]+)"', newest)
    assert older
    page = instructor.get(html.unescape(older[1])).text
    assert "The first text." in page
    assert instructor.get(f"{place}?up_to=0").status_code == 200
    assert instructor.get(f"{place}?up_to=zzz").status_code == 200


def test_what_is_kept_of_another_system_can_be_labelled_but_not_rewritten(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    document = sample("opaque")
    address = stored_in(app, home, document)
    page = instructor.get(address)
    assert "dragdrop" in page.text
    assert "Layers &amp;amp; places" in page.text or "Layers &amp; places" in page.text
    assert 'value="mode:yaml"' not in page.text

    changed(instructor, address, tags="later")
    assert stored(app, document["id"]) == document | {"tags": ["later"]}
    before = rows(app)
    fields = form_of(instructor.get(address))
    assert instructor.post(address, fields | {"source": "x", "do": "save"}).status_code == 400
    assert instructor.post(address, fields | {"mode": "yaml", "yaml": "a: 1"}).status_code == 400
    assert rows(app) == before
    assert instructor.get(f"{home}/questions/new?type=opaque").status_code == 404


# Pictures


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (3, 2), "teal").save(made, "PNG")
    return made.getvalue()


def test_a_picture_is_kept_and_the_text_for_it_is_told(app: Flask, instructor: people.Browser) -> None:
    sent = {"picture": (BytesIO(picture()), "plan.png"), "alt": 'A "plan" [1]'}
    told = instructor.post("/teach/images", sent, headers={"Accept": "application/json"}).get_json()
    assert re.fullmatch(r"asset:[0-9a-f]{64}", told["address"])
    assert told["markdown"] == f'![A "plan" \\[1\\]]({told["address"]})'
    assert told["html"] == f'<img src="{told["address"]}" alt="A &#34;plan&#34; [1]">'
    assert rows(app)["image"] == 1

    sent = {"picture": (BytesIO(picture()), "again.png"), "alt": "The same"}
    page = instructor.post("/teach/images", sent)
    assert page.status_code == 200
    assert html.escape(f"![The same]({told['address']})") in page.text
    assert rows(app)["image"] == 1


def test_a_picture_needs_words_and_has_to_be_one(app: Flask, instructor: people.Browser) -> None:
    for fields in (
        {"alt": "Nothing sent"},
        {"picture": (BytesIO(picture()), "plan.png"), "alt": "  "},
        {"picture": (BytesIO(b"GIF89a<script>"), "plan.png"), "alt": "No picture"},
        {"picture": (BytesIO(picture()), "plan.png"), "alt": "x" * 501},
    ):
        answer = instructor.post("/teach/images", fields)
        assert answer.status_code == 422
        assert "field-error" in answer.text
    assert rows(app)["image"] == 0
