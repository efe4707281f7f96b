"""Times in the reader's own zone, and the warning before typed things are lost."""

from typing import Any

from flask import Flask
from playwright.sync_api import Dialog, Page, expect

import make
from quizapp.domain.permissions import Actor, Role


def opened(context: Any, sign_in: Any, who: Actor, **options: Any) -> Page:
    browser = context(**options)
    sign_in(browser, who)
    page: Page = browser.new_page()
    return page


def test_a_moment_is_shown_in_the_readers_zone_and_keeps_utc(context: Any, sign_in: Any, lena: Actor) -> None:
    page = opened(context, sign_in, lena, timezone_id="Asia/Tokyo", locale="en-GB")
    page.goto("/account")

    shown = page.locator("time").first
    expect(shown).not_to_contain_text("UTC")
    expect(shown).to_contain_text("GMT+9")
    assert "UTC" in (shown.get_attribute("title") or "")


def test_without_scripts_a_moment_is_in_utc(context: Any, sign_in: Any, lena: Actor) -> None:
    page = opened(context, sign_in, lena, timezone_id="Asia/Tokyo", java_script_enabled=False)
    page.goto("/account")

    expect(page.locator("time").first).to_contain_text("UTC")


def test_leaving_an_unsaved_quiz_asks_first(context: Any, sign_in: Any, app: Flask) -> None:
    with app.extensions["quizapp_database"].writing() as session:
        teacher = make.actor(session, "Ines", role=Role.INSTRUCTOR.value)
    page = opened(context, sign_in, teacher)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto("/teach/quizzes/new")
    page.get_by_role("link", name="Leave without saving").click()
    expect(page).to_have_url("/teach")
    assert asked == []

    page.goto("/teach/quizzes/new")
    page.get_by_label("Title").fill("Warm-up")
    page.get_by_role("link", name="Leave without saving").click()

    expect(page).to_have_url("/teach")
    assert asked == ["beforeunload"]
