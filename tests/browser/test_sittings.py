"""Whole sittings over all seven types: by mouse, by keyboard, and without JavaScript."""

import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import make
from browser.player import CODES, HANDSHAKE, KINDS, SAVED, Player, seven
from quizapp.domain.permissions import Actor

both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@both
def test_a_whole_sitting_by_mouse(player: Player, page: Page) -> None:
    page.goto(player.publish())
    expect(page.get_by_role("definition").filter(has_text="20 min")).to_be_visible()
    page.get_by_role("button", name="Start the 20-minute exam").click()

    player.at(1)
    player.option("TRUE").click()
    player.expect_saved()
    player.option("UNKNOWN").click()
    player.expect_saved()
    player.press("Save and continue")

    player.at(2)
    player.option("GET").click()
    player.option("HEAD").click()
    player.expect_saved()
    player.press("Flag for review")
    expect(page.get_by_role("button", name="Flagged for review")).to_have_attribute("aria-pressed", "true")
    player.press("Save and continue")

    player.at(3)
    player.option("False").click()
    player.press("Save and continue")

    player.at(4)
    page.get_by_label("Your answer").fill("2.5 min")
    player.expect_saved()
    player.press("Save and continue")

    player.at(5)
    page.get_by_label("Your answer").fill("explain analyze")
    player.press("Save and continue")

    player.at(6)
    drag_into_order(page)
    assert tuple(player.order()) == HANDSHAKE
    player.expect_saved()
    player.press("Save and continue")

    player.at(7)
    for code, meaning in CODES.items():
        page.get_by_label(code).select_option(label=meaning)
    player.expect_saved()
    player.press("Save and go to the summary")

    expect(page.get_by_role("row").filter(has_text="Flagged")).to_contain_text("HTTP methods")
    page.get_by_role("button", name="Submit 7 of 7 answers").click()

    expect(page).to_have_url(re.compile("/result$"))
    expect(page.locator("main")).to_contain_text("7 of 7")
    assert player.attempt.score == Decimal(7)
    page.get_by_role("link", name="Review all 7").click()
    expect(page.get_by_role("article")).to_have_count(7)


def drag_into_order(page: Page) -> None:
    for place, text in enumerate(HANDSHAKE):
        item = page.locator("[data-item]").filter(has=page.get_by_text(text, exact=True))
        target = page.locator("[data-item]").nth(place)
        if item.get_attribute("data-item") != target.get_attribute("data-item"):
            item.drag_to(target, target_position={"x": 40, "y": 4})


def test_what_was_missed_is_reviewed_first(player: Player, page: Page) -> None:
    player.start(seven()[:2])
    player.option("TRUE").click()
    player.press("Save and continue")
    player.at(2)
    player.option("GET").click()
    player.option("HEAD").click()
    player.press("Save and go to the summary")
    page.get_by_role("button", name="Submit 2 of 2 answers").click()

    page.get_by_role("link", name="Review the one you missed").click()

    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("Two unknown values need not be the same.")


def test_a_whole_sitting_by_keyboard(player: Player, page: Page) -> None:
    press = page.keyboard.press
    page.goto(player.publish())
    tab_to(page, "Start the 20-minute exam")
    press("Enter")

    player.at(1)
    press("b")
    expect(page.locator("input[data-key=B]")).to_be_checked()
    press("1")
    expect(page.locator("input[data-key=A]")).to_be_checked()
    press("ArrowDown")
    expect(page.locator("input[data-key=B]")).to_be_checked()
    choose_by_key(page, "UNKNOWN")
    player.expect_saved()
    press("t")
    expect(page.locator("[data-announce]")).to_have_text(re.compile(r"^(20|19) min left\.$"))
    press("f")
    expect(page.get_by_role("button", name="Flagged for review")).to_be_visible()
    press("Enter")

    player.at(2)
    press("ArrowLeft")
    player.at(1)
    assert player.chosen() == ["UNKNOWN"]
    press("j")
    player.at(2)
    choose_by_key(page, "GET")
    choose_by_key(page, "HEAD")
    press("Enter")

    player.at(3)
    choose_by_key(page, "False")
    press("ArrowRight")
    player.at(3)
    choose_by_key(page, "False")
    press("Enter")

    player.at(4)
    tab_to(page, "number")
    page.keyboard.type("150")
    press("Enter")

    player.at(5)
    tab_to(page, "text")
    page.keyboard.type("EXPLAIN ANALYZE")
    press("Enter")

    player.at(6)
    order_by_buttons(player)
    press("j")

    player.at(7)
    for code, meaning in CODES.items():
        tab_to(page, f"match-{code}", by_label=code)
        page.keyboard.type(meaning)
    player.expect_saved()
    tab_to(page, "Save and go to the summary")
    press("Enter")

    expect(page).to_have_url(re.compile("/summary$"))
    tab_to(page, "Submit 7 of 7 answers")
    press("Enter")
    expect(page).to_have_url(re.compile("/result$"))
    assert player.attempt.score == Decimal(7)


def choose_by_key(page: Page, text: str) -> None:
    """Press the letter that stands before an option."""
    letter = page.locator("label.option", has_text=text).locator("input").get_attribute("data-key")
    assert letter is not None
    page.keyboard.press(letter.lower())


def order_by_buttons(player: Player) -> None:
    page = player.page
    for place, text in enumerate(HANDSHAKE):
        while player.order().index(text) > place:
            tab_to(page, f"Move up: {text}")
            page.keyboard.press("Enter")
    assert tuple(player.order()) == HANDSHAKE
    player.expect_saved()


def tab_to(page: Page, name: str, by_label: str = "") -> None:
    """Press Tab until a control has the focus; twice round the page at most."""
    for _ in range(120):
        known = page.evaluate(
            """() => { const e = document.activeElement;
               return [e.name, e.getAttribute("aria-label"), e.textContent.trim(), e.labels?.[0]?.textContent.trim()] }"""
        )
        if name in known or (by_label and by_label in known):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {name!r}")


def test_help_opens_with_a_question_mark_and_closes_with_escape(player: Player, page: Page) -> None:
    player.start()
    dialog = page.get_by_role("dialog", name="Keys")

    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("b")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert player.chosen() == []

    page.get_by_role("button", name="Keys").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    player.at(1)


@pytest.mark.parametrize("position", [4, 5])
def test_keys_never_fire_where_somebody_types(player: Player, page: Page, position: int) -> None:
    attempt = player.start()
    page.goto(f"{attempt}/questions/{position}")
    player.ready()

    page.get_by_label("Your answer").focus()
    page.keyboard.type("fjkt?1a")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")

    expect(page.get_by_label("Your answer")).to_have_value("fjkt?1a")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Flag for review")).to_have_attribute("aria-pressed", "false")
    player.at(position)
    page.get_by_label("Your answer").fill("")


def test_keys_do_not_fire_in_a_select(player: Player, page: Page) -> None:
    attempt = player.start()
    page.goto(f"{attempt}/questions/7")
    player.ready()

    page.get_by_label("201").focus()
    page.keyboard.type("fj")

    expect(page.get_by_role("button", name="Flag for review")).to_have_attribute("aria-pressed", "false")
    player.at(7)


def test_keys_with_ctrl_belong_to_the_browser(player: Player, page: Page) -> None:
    player.start()

    page.keyboard.press("Control+b")
    page.keyboard.press("Alt+f")

    assert player.chosen() == []
    expect(page.get_by_role("button", name="Flag for review")).to_have_attribute("aria-pressed", "false")


def test_turned_off_in_settings_no_key_does_anything(player: Player, page: Page) -> None:
    page.goto("/account")
    box = page.get_by_label(re.compile("[Ss]hortcut|[Kk]eys"))
    box.uncheck()
    page.get_by_role("button", name="Save preferences").click()
    player.start()

    for key in ("b", "2", "f", "t", "j", "?", "ArrowRight"):
        page.keyboard.press(key)

    assert player.chosen() == []
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    expect(page.get_by_role("button", name="Flag for review")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-announce]")).to_be_empty()
    player.at(1)


def test_practice_by_keyboard_says_why_at_once(player: Player, page: Page) -> None:
    player.start(seven()[:2], mode="practice", time_limit_minutes=None)

    choose_by_key(page, "TRUE")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Wrong")).to_be_focused()
    expect(page.locator(".feedback")).to_contain_text("Two unknown values need not be the same.")
    expect(page.locator(".feedback")).to_contain_text("Three-valued logic")
    expect(page.locator("label.option")).to_have_count(0)
    page.keyboard.press("Enter")
    player.at(2)
    player.press("I don't know")
    expect(page.get_by_role("heading", name="Wrong")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    player.at(1)
    assert [step.kind for step in player.steps(1)][-1] == "check"


class TestWithoutJavaScript:
    """Every page does its work by links and forms alone."""

    @pytest.fixture
    def page(self, context: Any, sign_in: Any, lena: Actor) -> Page:
        plain = context(java_script_enabled=False)
        sign_in(plain, lena)
        return plain.new_page()

    def test_a_whole_sitting(self, player: Player, page: Page) -> None:
        page.goto(player.publish())
        page.get_by_role("button", name="Start the 20-minute exam").click()
        player.at(1, scripts=False)
        player.option("UNKNOWN").click()
        player.press("Save and continue")
        player.at(2, scripts=False)
        player.option("GET").click()
        player.option("HEAD").click()
        player.press("Save and continue")
        player.option("False").click()
        player.press("Save and continue")
        page.get_by_label("Your answer").fill("150")
        player.press("Save and continue")
        page.get_by_label("Your answer").fill("EXPLAIN ANALYZE")
        player.press("Save and continue")
        for place, text in enumerate(HANDSHAKE, start=1):
            page.get_by_label(f"Place of: {text}", exact=True).select_option(str(place))
        player.press("Save and continue")
        for code, meaning in CODES.items():
            page.get_by_label(code).select_option(label=meaning)
        player.press("Save and go to the summary")
        page.get_by_role("button", name="Submit 7 of 7 answers").click()

        expect(page.locator("main")).to_contain_text("7 of 7")
        assert player.attempt.score == Decimal(7)

    def test_clear_flag_and_back(self, player: Player, page: Page) -> None:
        page.goto(player.publish())
        page.get_by_role("button", name="Start the 20-minute exam").click()
        player.option("UNKNOWN").click()
        player.press("Flag for review")
        expect(page.get_by_role("button", name="Flagged for review")).to_be_visible()
        assert player.chosen() == ["UNKNOWN"]
        player.press("Save and continue")
        player.at(2, scripts=False)
        player.press("Back")
        player.at(1, scripts=False)
        assert player.chosen() == ["UNKNOWN"]
        player.press("Clear answer")
        assert player.chosen() == []
        player.press("Flagged for review")
        expect(page.get_by_role("button", name="Flag for review")).to_be_visible()
        assert player.steps(1)[-1].submission == {}

    def test_an_unreadable_number_is_kept_and_explained(self, player: Player, page: Page, watch: Any) -> None:
        watch.expect("^422")
        page.goto(player.publish([make.sample("number")]))
        page.get_by_role("button", name="Start the 20-minute exam").click()
        page.get_by_label("Your answer").fill("half an hour")
        player.press("Save and go to the summary")

        expect(page).to_have_title(re.compile("^Error: "))
        field = page.get_by_label("Your answer")
        expect(field).to_have_value("half an hour")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#hint")).to_contain_text("Not saved")
        field.fill("150")
        player.press("Save and go to the summary")
        expect(page).to_have_url(re.compile("/summary$"))

    def test_practice_with_check(self, player: Player, page: Page) -> None:
        page.goto(player.publish(seven()[:2], mode="practice", time_limit_minutes=None))
        page.get_by_role("button", name=re.compile("^Start")).click()
        player.option("UNKNOWN").click()
        player.press("Check answer")

        expect(page.get_by_role("heading", name="Right")).to_be_visible()
        expect(page.locator(".feedback")).to_contain_text("Three-valued logic")
        page.get_by_role("link", name="Next question").click()
        player.at(2, scripts=False)


def test_every_type_says_when_it_was_saved(player: Player, page: Page) -> None:
    attempt = player.start()
    for position, kind in enumerate(KINDS, start=1):
        page.goto(f"{attempt}/questions/{position}")
        player.ready()
        answer_somehow(player, kind)
        expect(player.state, kind).to_have_text(SAVED)
        page.reload()
        expect(player.state, kind).to_have_text(SAVED)
        page.get_by_text("All questions").click()
        expect(page.locator(".map-link[aria-current]"), kind).to_contain_text("answered")


def answer_somehow(player: Player, kind: str) -> None:
    page = player.page
    if kind in {"single_choice", "multiple_choice", "true_false"}:
        page.locator("label.option").first.click()
    elif kind in {"number", "short_text"}:
        page.get_by_label("Your answer").fill("12 s" if kind == "number" else "EXPLAIN")
    elif kind == "ordering":
        player.press("Keep this order")
    else:
        page.get_by_label("409").select_option(label="Gone")


def test_clearing_an_answer_makes_it_unanswered(player: Player, page: Page) -> None:
    player.start()
    page.get_by_text("All questions").click()
    square = page.locator(".map-link[aria-current]")
    player.option("UNKNOWN").click()
    player.expect_saved()
    expect(square).to_have_class(re.compile("is-answered"))
    expect(page.locator("[data-answered]")).to_have_text("1")

    player.press("Clear answer")

    expect(page.locator("[data-answered]")).to_have_text("0")
    expect(square).to_contain_text("not answered")
    assert player.chosen() == []
    assert player.steps()[-1].submission == {}


def test_a_name_and_a_password_are_enough_to_begin(context: Any) -> None:
    page = context().new_page()
    page.goto("/register")
    page.get_by_label("Name").fill("Nora")
    page.get_by_label("Password").fill("a quiet lake at dawn")
    page.get_by_role("button", name="Create").click()

    expect(page.locator("main h1")).to_be_visible()
    page.get_by_role("button", name="Sign out").locator("visible=true").click()
    page.goto("/account")
    page.get_by_label("Name").fill("Nora")
    page.get_by_label("Password").fill("a quiet lake at dawn")
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(re.compile("/account$"))
