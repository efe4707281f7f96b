"""Writing a question in a browser: rows, the preview, and text that outlives the page."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import select

import make
from browser.conftest import database_of
from browser.watching import Watch
from quizapp.db.models import Draft, Question, QuestionSet, Revision
from quizapp.domain.permissions import Actor
from quizapp.services import editing


@pytest.fixture
def ines(app: Flask) -> Actor:
    with database_of(app).writing() as session:
        return make.actor(session, "Ines", role="instructor")


@pytest.fixture
def home(app: Flask, ines: Actor) -> QuestionSet:
    with database_of(app).writing() as session:
        return editing.new_set(
            session, ines, title="Mine", description="", licence="", now=app.config["CLOCK"]()
        )


@pytest.fixture
def page(context: Callable[..., BrowserContext], sign_in: Any, ines: Actor) -> Page:
    opened = context()
    sign_in(opened, ines)
    return opened.new_page()


def stored(app: Flask, uid: str) -> dict[str, Any]:
    with database_of(app).reading() as session:
        row = session.scalars(select(Question).where(Question.uid == uid)).one()
        return dict(session.get_one(Revision, (row.id, row.revision)).document)


def open_editor(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("html[data-editor=ready]").wait_for(state="attached")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def text_of(page: Page, name: str) -> Locator:
    return row(page, name).get_by_label("Text", exact=True)


def preview(page: Page) -> Locator:
    return page.get_by_role("region", name="Preview")


def fill(page: Page, stem: str, *options: str) -> None:
    page.get_by_label("Stem required").fill(stem)
    for number, option in enumerate(options, start=1):
        text_of(page, f"Option {number}").fill(option)
    page.get_by_label("Topic required").fill("databases")


def test_an_instructor_writes_a_question_and_finds_what_was_typed_again(
    app: Flask, page: Page, home: QuestionSet
) -> None:
    address = f"/teach/sets/{home.id}/questions/new?type=single_choice"
    open_editor(page, address)
    fill(page, "Which of $n$ is **right**?", "One", "Two", "Three", "Four")
    expect(preview(page).locator(".katex")).to_have_count(1)
    expect(preview(page)).to_contain_text("1 thing to fill in")

    page.get_by_role("button", name="Add an option").click()
    expect(text_of(page, "Option 5")).to_be_focused()
    page.keyboard.type("Five")
    page.keyboard.press("Alt+ArrowUp")
    expect(text_of(page, "Option 4")).to_have_value("Five")
    expect(text_of(page, "Option 4")).to_be_focused()
    expect(page.locator("[data-announce]")).to_have_text("Moved to place 4 of 5.")
    row(page, "Option 4").get_by_label("Right", exact=True).check()
    row(page, "Option 2").get_by_role("button", name="Remove").click()
    row(page, "Option 1").get_by_role("button", name="Move down").click()

    expect(preview(page)).to_contain_text("Complete, with")
    expect(page.locator("[data-save-words]")).to_contain_text("Draft kept")
    page.goto("/teach")

    open_editor(page, address)
    expect(page.locator("main")).to_contain_text("Restored")
    expect(text_of(page, "Option 1")).to_have_value("Three")
    page.get_by_role("button", name="Save", exact=True).last.click()

    expect(page.locator("main")).to_contain_text("Saved as ")
    uid = page.url.split("/")[-2]
    kept = stored(app, uid)
    assert [each["text"] for each in kept["options"]] == ["Three", "One", "Five", "Four"]
    assert [each.get("key", False) for each in kept["options"]] == [False, False, True, False]
    with database_of(app).reading() as session:
        assert session.scalars(select(Draft)).all() == []


def test_a_row_that_was_removed_can_be_put_back(page: Page, home: QuestionSet) -> None:
    open_editor(page, f"/teach/sets/{home.id}/questions/new?type=single_choice")
    fill(page, "Which?", "One", "Two", "Three")
    row(page, "Option 2").get_by_role("button", name="Remove").click()
    expect(text_of(page, "Option 2")).to_have_value("Three")
    page.get_by_role("button", name="Put it back").click()
    expect(text_of(page, "Option 2")).to_have_value("Two")
    expect(text_of(page, "Option 3")).to_have_value("Three")
    names = page.locator("textarea[name^='options.'][name$='.text']").evaluate_all(
        "all => all.map(e => e.name)"
    )
    assert names == [f"options.{n}.text" for n in range(4)]


def test_a_part_changes_its_type_in_place_and_its_rows_move_with_it(
    app: Flask, page: Page, home: QuestionSet
) -> None:
    open_editor(page, f"/teach/sets/{home.id}/questions/new?type=composite")
    page.get_by_label("Stem required").fill("Two parts.")
    page.get_by_label("Topic required").fill("databases")
    page.get_by_role("button", name="Add a part").click()
    for number, kind in ((1, "true_false"), (2, "number")):
        part = row(page, f"Part {number}")
        part.get_by_label("Id required").fill("ab"[number - 1])
        part.get_by_label("Prompt").fill(f"Prompt {number}")
        part.get_by_label("Type required").select_option(kind)
        expect(part.get_by_role("group", name="Options")).to_have_count(0)
    row(page, "Part 2").get_by_label("Answer required").fill("42")
    row(page, "Part 2").get_by_role("button", name="Add a mistake").click()
    row(page, "Mistake 1").get_by_label("Value required").fill("41")
    row(page, "Part 1").get_by_label("True", exact=True).check()
    row(page, "Part 2").get_by_role("button", name="Move up").first.click()
    row(page, "Part 1").get_by_role("button", name="Add a mistake").click()
    row(page, "Mistake 2").get_by_label("Value required").fill("43")
    page.keyboard.press("Control+s")

    expect(page.locator("main")).to_contain_text("Saved as ")
    parts = stored(app, page.url.split("/")[-2])["parts"]
    assert [part["id"] for part in parts] == ["b", "a"]
    assert [mistake["value"] for mistake in parts[0]["mistakes"]] == ["41", "43"]
    assert parts[1]["answer"] is True


def test_errors_take_the_focus_and_lead_to_their_fields(page: Page, home: QuestionSet, watch: Watch) -> None:
    watch.expect("^422 POST")
    open_editor(page, f"/teach/sets/{home.id}/questions/new?type=single_choice")
    fill(page, "Which?", "One")
    row(page, "Option 2").get_by_label("Feedback").fill("No text above.")
    page.get_by_role("button", name="Save", exact=True).last.click()

    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Option 2, Text: Fill this in.").first.click()
    expect(text_of(page, "Option 2")).to_be_focused()
    expect(text_of(page, "Option 2")).to_have_attribute("aria-invalid", "true")


def test_a_picture_goes_where_the_cursor_was(app: Flask, page: Page, home: QuestionSet, watch: Watch) -> None:
    watch.expect("^422 POST .*/teach/images")
    open_editor(page, f"/teach/sets/{home.id}/questions/new?type=true_false")
    page.get_by_label("Explanation", exact=True).fill("Before. After.")
    page.get_by_label("Explanation", exact=True).evaluate("area => area.setSelectionRange(8, 8)")
    page.get_by_role("link", name="Add a picture").click()
    made = BytesIO()
    Image.new("RGB", (4, 3), "teal").save(made, "PNG")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").set_input_files(
        {"name": "plan.png", "mimeType": "image/png", "buffer": made.getvalue()}
    )
    dialog.get_by_role("button", name="Put it into the text").click()
    expect(dialog).to_contain_text("Say in a few words")
    dialog.get_by_label("What it shows").fill("A plan")
    dialog.get_by_role("button", name="Put it into the text").click()

    expect(dialog).to_be_hidden()
    value = page.get_by_label("Explanation", exact=True).input_value()
    assert value.startswith("Before. ![A plan](asset:")
    assert value.endswith(")After.")


def test_without_scripts_everything_is_a_button(
    app: Flask, context: Callable[..., BrowserContext], sign_in: Any, ines: Actor, home: QuestionSet
) -> None:
    opened = context(java_script_enabled=False)
    sign_in(opened, ines)
    page = opened.new_page()
    page.goto(f"/teach/sets/{home.id}/questions/new?type=ordering")
    page.get_by_label("Stem required").fill("In which order?")
    page.get_by_label("Topic required").fill("networking")
    for number, text in enumerate(("ACK", "SYN", "SYN-ACK", "Data"), start=1):
        text_of(page, f"Item {number}").fill(text)
    page.get_by_role("button", name="Add an item").click()
    text_of(page, "Item 5").fill("FIN")
    for place in (1, 2):
        row(page, f"Item {place}").get_by_role("button", name="Move down").click()
    page.get_by_role("button", name="Preview").click()
    expect(preview(page)).to_contain_text("Complete")
    page.get_by_role("button", name="Save", exact=True).last.click()

    expect(page.locator("main")).to_contain_text("Saved as in-which-order")
    kept = stored(app, "in-which-order")
    assert [each["text"] for each in kept["items"]] == ["SYN", "SYN-ACK", "ACK", "Data", "FIN"]
