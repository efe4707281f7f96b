"""The clock of an exam: the server's, whatever the browser believes."""

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

import make
import people
from browser.player import Player, seven
from quizapp.db.models import Account
from quizapp.domain.permissions import Actor
from quizapp.services import extra_time

both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)

TWELVE_HOURS_AHEAD = """
const Real = Date;
const ahead = 12 * 3600 * 1000;
globalThis.Date = class extends Real {
  constructor(...given) { given.length ? super(...given) : super(Real.now() + ahead); }
  static now() { return Real.now() + ahead; }
};
"""
# Notes from the beginning what is said, and what the timer shows.
LISTEN = """
globalThis.heard = [];
globalThis.shown = [];
addEventListener("DOMContentLoaded", () => {
  const note = (selector, list) => {
    const place = document.querySelector(selector);
    const see = () => place.textContent && list.push(place.textContent);
    if (place) new MutationObserver(see).observe(place, { childList: true, characterData: true, subtree: true });
  };
  note("[data-announce]", heard);
  note("[data-timer-words]", shown);
});
"""


def sync(page: Page) -> None:
    """What happens whenever one comes back to the page."""
    page.evaluate("dispatchEvent(new Event('focus'))")


@both
def test_at_zero_the_answers_are_submitted_and_the_result_appears(
    player: Player, page: Page, clock: people.Clock
) -> None:
    player.start()
    player.option("UNKNOWN").click()
    player.expect_saved()

    clock.forward(minutes=19, seconds=58)
    sync(page)
    expect(player.banner).to_contain_text("Your saved answers are being submitted.")
    clock.forward(seconds=10)

    expect(page).to_have_url(re.compile("/result$"))
    expect(page.locator("main")).to_contain_text("Time was up")
    attempt = player.attempt
    assert (attempt.ended_by, attempt.score) == ("deadline", 1)
    assert attempt.finished_at == attempt.deadline_at


def test_what_could_not_be_saved_yet_is_sent_once_more_at_zero(
    player: Player, page: Page, clock: people.Clock, watch: Any
) -> None:
    watch.expect("^503 PUT")
    player.start([make.sample("number")])
    page.route("**/api/**/questions/1", lambda route: route.fulfill(status=503, json={}))
    page.get_by_label("Your answer").fill("150")
    expect(player.state).to_have_text("Not saved: trying again")
    page.unroute("**/api/**/questions/1")

    clock.forward(minutes=20)
    sync(page)

    expect(player.banner).to_contain_text("Time is up")
    player.expect_saved()
    clock.forward(seconds=10)
    expect(page).to_have_url(re.compile("/result$"))
    assert player.attempt.score == 1


def test_at_zero_on_the_summary_the_result_appears(player: Player, page: Page, clock: people.Clock) -> None:
    attempt = player.start()
    page.goto(f"{attempt}/summary")
    player.ready()

    clock.forward(minutes=20)
    sync(page)

    expect(player.banner).to_contain_text("Time is up")
    clock.forward(seconds=10)
    expect(page).to_have_url(re.compile("/result$"))
    assert player.attempt.ended_by == "deadline"


def test_with_a_grace_period_one_may_only_submit(player: Player, page: Page, clock: people.Clock) -> None:
    attempt = player.start(seven()[:1], at_deadline="grace", grace_minutes=2)
    player.option("UNKNOWN").click()
    player.expect_saved()
    clock.forward(minutes=20, seconds=10)

    page.goto(f"{attempt}/questions/1")
    expect(page.locator("main")).to_contain_text("answers can no longer be changed")
    page.goto(attempt)
    expect(page).to_have_url(re.compile("/questions/1|/summary$"))
    page.goto(f"{attempt}/summary")
    expect(page.locator("main")).to_contain_text("Answers can no longer be changed")
    player.ready()
    page.get_by_role("button", name="Submit 1 of 1 answers").click()

    expect(page).to_have_url(re.compile("/result$"))
    assert player.attempt.ended_by == "learner"


def test_a_computer_that_is_half_a_day_ahead_changes_nothing(
    context: Any, sign_in: Any, lena: Actor, app: Flask, clock: people.Clock, watch: Any
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    ahead: BrowserContext = context()
    ahead.add_init_script(TWELVE_HOURS_AHEAD)
    sign_in(ahead, lena)
    player = Player(ahead.new_page(), app)
    player.start()

    expect(player.page.get_by_role("timer")).to_have_text(re.compile("^(20|19) min left$"))
    player.option("TRUE").click()
    player.expect_saved()
    ahead.set_offline(True)
    player.option("UNKNOWN").click()
    expect(player.state).to_have_text("Not saved: you are offline")
    ahead.set_offline(False)
    player.expect_saved()
    player.page.reload()
    player.ready()
    expect(player.page.get_by_role("timer")).to_have_text(re.compile("^(20|19) min left$"))
    assert player.attempt.state == "open"
    clock.forward(minutes=21)
    sync(player.page)
    expect(player.page).to_have_url(re.compile("/result$"))
    assert player.attempt.score == 1


def test_only_milestones_are_said_aloud(
    player: Player, page: Page, browser: BrowserContext, clock: people.Clock
) -> None:
    player.start()
    clock.forward(minutes=18, seconds=57)
    browser.add_init_script(LISTEN)
    page.reload()
    player.ready()

    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^5[0-7] s left$"))

    heard = page.evaluate("heard")
    assert len(heard) == 1
    assert re.match(r"(1 min|5\d s) left\.", heard[0])
    assert len(page.evaluate("shown")) > 2
    assert page.get_by_role("timer").get_attribute("aria-live") in {None, "off"}


def test_half_of_the_time_is_a_milestone_of_the_whole_sitting(
    player: Player, page: Page, clock: people.Clock
) -> None:
    player.start(time_limit_minutes=50)
    clock.forward(minutes=24, seconds=58)
    page.reload()
    player.ready()

    expect(page.locator("[data-announce]")).to_have_text(re.compile(r"^2[45] min left\.$"))


def test_a_press_says_the_time_left(player: Player, page: Page) -> None:
    player.start()

    button = page.get_by_role("button", name="Say time left")
    button.focus()
    expect(button).to_be_visible()
    page.keyboard.press("Enter")

    expect(page.locator("[data-announce]")).to_have_text(re.compile(r"^(20|19) min left\.$"))
    player.at(1)


def test_without_a_limit_there_is_no_clock_to_watch(player: Player, page: Page) -> None:
    player.start(time_limit_minutes=None)

    expect(page.get_by_role("timer")).to_have_count(0)
    page.keyboard.press("t")

    expect(page.locator("[data-announce]")).to_have_text("There is no time limit.")


def grant(app: Flask, learner: Actor, percent: int | None) -> None:
    with app.extensions["quizapp_database"].writing() as session:
        extra_time.grant(session, learner.id, percent, now=app.config["CLOCK"]())


def test_time_granted_meanwhile_shows_up(player: Player, page: Page, app: Flask, lena: Actor) -> None:
    player.start()

    grant(app, lena, 150)
    sync(page)

    expect(page.get_by_role("timer")).to_have_text(re.compile("^(29|30) min left$"))
    expect(page.locator("[data-announce]")).to_have_text(
        re.compile("^You were given more time: (29|30) min left")
    )


def test_time_granted_at_zero_lets_one_go_on(
    player: Player, page: Page, app: Flask, lena: Actor, clock: people.Clock
) -> None:
    player.start()
    clock.forward(minutes=20)
    sync(page)
    expect(player.banner).to_contain_text("Time is up")

    grant(app, lena, 125)

    expect(page.get_by_role("timer")).to_have_text(re.compile("^(5 min|4 min [0-9]+ s) left$"))
    expect(player.banner).to_have_count(0)
    player.option("UNKNOWN").click()
    player.expect_saved()


def test_a_limit_taken_away_stops_the_clock(player: Player, page: Page, app: Flask, lena: Actor) -> None:
    player.start()
    player.option("UNKNOWN").click()

    grant(app, lena, None)
    sync(page)

    expect(page.get_by_role("timer")).to_have_count(0)
    player.ready()
    assert player.chosen() == ["UNKNOWN"]


def test_a_hidden_clock_comes_back_when_it_matters(
    player: Player, page: Page, app: Flask, lena: Actor, clock: people.Clock
) -> None:
    with app.extensions["quizapp_database"].writing() as session:
        session.get_one(Account, lena.id).preferences = {"hide_timer": True}
    player.start()
    expect(page.get_by_role("timer")).to_have_count(0)

    clock.forward(minutes=15, seconds=2)
    sync(page)

    expect(page.get_by_role("timer")).to_have_text(re.compile("^4 min [0-9]+ s left$"))
