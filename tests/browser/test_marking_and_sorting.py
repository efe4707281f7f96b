"""Lines, bins and tables in a real browser: by mouse, by keyboard, on a phone, and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import make
from browser.player import Player
from quizapp.domain.choices import text_id

NEW = ("line_select", "categorise", "matrix")
RESET = "The connection was reset after the request was sent"


def started(player: Player, kind: str) -> Page:
    player.start([make.sample(kind)])
    return player.page


def bin_named(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


def card(page: Page, text: str) -> Locator:
    return page.locator("[data-item]", has_text=text)


def test_a_card_dragged_into_a_bin_is_saved_there(player: Player) -> None:
    page = started(player, "categorise")

    card(page, RESET).drag_to(bin_named(page, "Retry the same request"))

    expect(bin_named(page, "Retry the same request").locator("[data-item]")).to_have_count(1)
    expect(card(page, RESET).get_by_role("combobox")).to_have_value(text_id("Retry the same request"))
    player.expect_saved()
    page.reload()
    player.ready()
    expect(bin_named(page, "Retry the same request").locator("[data-item]")).to_have_text([re.compile(RESET)])


def test_a_card_is_moved_by_keyboard_keeps_the_focus_and_is_announced(player: Player) -> None:
    page = started(player, "categorise")
    select = page.get_by_role("combobox", name=RESET)

    select.focus()
    select.select_option("Stop and tell somebody")

    expect(bin_named(page, "Stop and tell somebody").locator("[data-item]")).to_have_count(1)
    expect(select).to_be_focused()
    expect(page.locator("[data-announce]")).to_have_text(f"{RESET}: now in Stop and tell somebody.")
    player.expect_saved()


def test_clearing_puts_every_card_back(player: Player) -> None:
    page = started(player, "categorise")
    page.get_by_role("combobox", name=RESET).select_option("Retry the same request")

    player.press("Clear answer")

    expect(bin_named(page, "Not in a bin yet").locator("[data-item]")).to_have_count(4)


def test_arrow_keys_move_between_lines_and_space_marks(player: Player) -> None:
    page = started(player, "line_select")
    boxes = page.get_by_role("checkbox", name="Line ")

    boxes.first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Space"):
        page.keyboard.press(key)

    expect(boxes.nth(1)).to_be_checked()
    expect(boxes.nth(1)).to_be_focused()
    player.expect_saved()


def test_a_click_anywhere_on_a_line_marks_it(player: Player) -> None:
    page = started(player, "line_select")

    page.get_by_text("Rows Removed by Filter").click()

    expect(page.get_by_role("checkbox", name="Rows Removed by Filter")).to_be_checked()
    player.expect_saved()


def test_a_choice_in_a_table_is_named_by_its_row_and_its_column(player: Player) -> None:
    page = started(player, "matrix")

    page.get_by_role("checkbox", name="PUT Idempotent").check()

    player.expect_saved()
    page.reload()
    player.ready()
    expect(page.get_by_role("checkbox", name="PUT Idempotent")).to_be_checked()


@pytest.mark.parametrize("kind", NEW)
@pytest.mark.parametrize("width", [320, 1200])
def test_nothing_makes_the_page_scroll_sideways(player: Player, kind: str, width: int) -> None:
    player.page.set_viewport_size({"width": width, "height": 700})
    page = started(player, kind)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", NEW)
def test_without_scripts_a_right_answer_is_right(
    context: Any, sign_in: Any, lena: Any, app: Any, kind: str
) -> None:
    """Every field is an ordinary one: ticked or chosen, sent, and reviewed."""
    opened = context(java_script_enabled=False)
    sign_in(opened, lena)
    player = Player(opened.new_page(), app)
    player.page.goto(player.publish([make.sample(kind)], mode="practice", time_limit_minutes=None))
    player.page.get_by_role("button", name="Start").click()

    for name, values in make.right(make.sample(kind)).items():
        for value in values:
            box = player.page.locator(f"input[name='{name}'][value='{value}']")
            select = player.page.locator(f"select[name='{name}']")
            expect(box.or_(select)).to_be_visible()  # counting does not wait for the page
            if box.count():
                box.check()
            else:
                select.select_option(value)
    player.press("Check answer")

    expect(player.page.locator("#feedback-heading")).to_have_text("Right")
