"""The library in a real browser: the key for the search, ranges of checks, a change and its undo, no script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

import make
from browser.conftest import database_of
from quizapp.db.models import Question, Revision
from quizapp.domain.permissions import Actor


@pytest.fixture
def ines(app: Flask) -> Actor:
    with database_of(app).writing() as session:
        who = make.actor(session, "Ines", role="instructor")
        home = make.question_set(session, owner=who.id)
        documents = [make.document(f"q-{n}", stem=f"Which structure number {n}?") for n in range(1, 7)]
        make.questions(session, documents, within=home)
        return who


@pytest.fixture
def open_library(
    context: Callable[..., BrowserContext], sign_in: Callable[[BrowserContext, Actor], None], ines: Actor
) -> Callable[..., Page]:
    def opened(**options: Any) -> Page:
        browser = context(**options)
        sign_in(browser, ines)
        page = browser.new_page()
        page.goto("/teach/questions")
        return page

    return opened


def tags(app: Flask) -> dict[str, list[str]]:
    with database_of(app).reading() as session:
        rows = session.execute(
            select(Question.uid, Revision.document).join(
                Revision, (Revision.question_id == Question.id) & (Revision.number == Question.revision)
            )
        )
        return {uid: document.get("tags", []) for uid, document in rows}


def test_a_slash_leads_to_the_search_and_the_address_stays_short(open_library: Callable[..., Page]) -> None:
    page = open_library()

    page.keyboard.press("/")
    expect(page.get_by_label("Words")).to_be_focused()
    page.keyboard.type("number 3 a/b")
    expect(page.get_by_label("Words")).to_have_value("number 3 a/b")
    page.get_by_label("Words").fill("number 3")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/teach/questions\?q=number\+3$"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(6)
    page.get_by_text("Filters", exact=True).click()
    expect(page.get_by_label("Level", exact=True).first).to_be_enabled()


def test_a_range_is_checked_with_shift_changed_and_undone(
    open_library: Callable[..., Page], app: Flask
) -> None:
    page = open_library()
    boxes = page.locator("input[name=question]")

    boxes.nth(1).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.get_by_text("3 checked")).to_be_visible()
    page.get_by_role("link", name="Change them").click()
    page.get_by_label("Tag", exact=True).last.fill("joins")
    page.get_by_role("button", name="Add", exact=True).click()

    expect(page.get_by_role("status").first).to_contain_text("Added the tag “joins” to 3 questions.")
    assert sorted(tags(app).values()) == [[], [], [], ["joins"], ["joins"], ["joins"]]
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile("/teach/changes$"))
    expect(page.get_by_role("status").first).to_contain_text("Undone for 3 questions")
    assert set(map(tuple, tags(app).values())) == {()}


def test_one_box_checks_the_page(open_library: Callable[..., Page]) -> None:
    page = open_library()
    page.get_by_label("Check all on this page").check()
    expect(page.get_by_text("6 checked")).to_be_visible()
    page.locator("input[name=question]").first.uncheck()
    expect(page.get_by_label("Check all on this page")).to_have_js_property("indeterminate", True)


def test_all_of_it_works_without_scripts(open_library: Callable[..., Page], app: Flask) -> None:
    page = open_library(java_script_enabled=False)

    page.get_by_label("Words").fill("number 2")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("input[name=question]").check()
    page.get_by_label("Level", exact=True).last.select_option("staff")
    page.get_by_role("button", name="Set level").click()

    expect(page.get_by_text("Set the level of 1 question to staff.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 1 question")).to_be_visible()
    with database_of(app).reading() as session:
        assert set(session.scalars(select(Question.level))) == {"mid"}
