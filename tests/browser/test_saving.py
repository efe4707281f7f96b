"""An answer that was given is not lost: without a network, with a broken server, in two tabs, after signing out."""

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

import make
from browser.player import SAVED, Player, seven
from quizapp.db.models import Account
from quizapp.domain.permissions import Actor
from quizapp.services import passwords

SAVES = re.compile(r"/api/attempts/[^/]+/questions/\d+$")
DISCONNECTED = "ERR_INTERNET_DISCONNECTED"
PASSWORD = "a quiet lake at dawn"
both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def no_network(route: Route) -> None:
    route.abort("internetdisconnected")


def busy(route: Route) -> None:
    route.fulfill(status=503, json={"error": "busy"}, headers={"Retry-After": "2"})


def lose_the_reply(route: Route) -> None:
    """The server gets it; the browser never hears of that."""
    route.fetch()
    route.abort("connectionreset")


@both
def test_offline_an_answer_is_kept_and_then_saved_by_itself(
    player: Player, page: Page, browser: BrowserContext, watch: Any
) -> None:
    watch.expect(DISCONNECTED)
    player.start()
    player.option("TRUE").click()
    player.expect_saved()

    browser.set_offline(True)
    expect(player.banner).to_contain_text("Offline")
    player.option("UNKNOWN").click()
    expect(player.state).to_have_text("Not saved: you are offline")
    assert len(player.steps()) == 1

    browser.set_offline(False)
    player.expect_saved()
    expect(player.banner).to_have_count(0)
    assert len(player.steps()) == 2
    page.reload()
    player.ready()
    assert player.chosen() == ["UNKNOWN"]
    assert len(player.steps()) == 2


def test_offline_changes_in_a_row_end_with_the_last(
    player: Player, browser: BrowserContext, watch: Any
) -> None:
    watch.expect(DISCONNECTED)
    player.start()

    browser.set_offline(True)
    for text in ("TRUE", "FALSE", "UNKNOWN"):
        player.option(text).click()
    expect(player.state).to_have_text("Not saved: you are offline")
    browser.set_offline(False)
    player.expect_saved()

    assert player.chosen() == ["UNKNOWN"]
    assert player.choices()[-1] == make.right(make.sample("single_choice"))["choice"][0]


def test_next_while_offline_keeps_the_page_and_says_so(
    player: Player, page: Page, browser: BrowserContext, watch: Any
) -> None:
    watch.expect(DISCONNECTED)
    player.start()
    browser.set_offline(True)
    player.option("UNKNOWN").click()

    player.press("Save and continue")

    expect(player.banner).to_contain_text("Stay on this page")
    player.at(1)
    assert player.chosen() == ["UNKNOWN"]
    browser.set_offline(False)
    player.expect_saved()
    player.press("Save and continue")
    player.at(2)


def test_what_was_kept_offline_survives_a_reload(player: Player, page: Page, watch: Any) -> None:
    watch.expect(DISCONNECTED)
    player.start()
    page.route(SAVES, no_network)
    player.option("TRUE").click()
    expect(player.state).to_have_text(re.compile("^Not saved"))
    player.option("UNKNOWN").click()

    page.reload()
    player.ready()

    assert player.chosen() == ["UNKNOWN"]
    expect(player.state).to_have_text(re.compile("^Not saved"))
    assert player.steps() == []
    page.unroute(SAVES)
    page.evaluate("dispatchEvent(new Event('focus'))")
    player.expect_saved()
    assert len(player.steps()) == 2
    assert page.evaluate("Object.values(localStorage).join()") == "[]"


def test_an_order_that_was_kept_is_shown_again(player: Player, page: Page, watch: Any) -> None:
    watch.expect(DISCONNECTED)
    player.start([make.sample("ordering")])
    page.route(SAVES, no_network)
    first, second, third = player.order()
    page.get_by_role("button", name=f"Move up: {third}", exact=True).click()
    expect(player.state).to_have_text(re.compile("^Not saved"))

    page.reload()
    player.ready()

    assert player.order() == [first, third, second]
    page.unroute(SAVES)
    page.evaluate("dispatchEvent(new Event('focus'))")
    player.expect_saved()


def test_what_waits_is_delivered_from_the_next_page(player: Player, page: Page, watch: Any) -> None:
    watch.expect(DISCONNECTED)
    attempt = player.start()
    page.route(SAVES, no_network)
    player.option("UNKNOWN").click()
    expect(player.state).to_have_text(re.compile("^Not saved"))
    page.unroute(SAVES)

    page.goto(f"{attempt}/summary")
    player.ready()

    expect(page.locator("html")).to_have_attribute("data-ready", "yes")
    page.get_by_role("button", name=re.compile("^Submit")).click()
    expect(page).to_have_url(re.compile("/result$"))
    assert player.attempt.score == 1


def test_a_busy_server_is_asked_again(player: Player, page: Page, watch: Any) -> None:
    watch.expect("^503 PUT")
    player.start()
    page.route(SAVES, busy, times=2)

    player.option("UNKNOWN").click()

    expect(player.state).to_have_text("Not saved: trying again")
    player.expect_saved()
    assert len(player.steps()) == 1


def test_next_waits_for_a_server_that_does_not_answer(player: Player, page: Page, watch: Any) -> None:
    watch.expect("^503 PUT")
    player.start()
    page.route(SAVES, busy)
    player.option("UNKNOWN").click()
    expect(player.state).to_have_text("Not saved: trying again")

    player.press("Save and continue")

    expect(player.banner).to_contain_text("The server does not answer")
    player.at(1)
    page.unroute(SAVES)
    player.press("Save and continue")
    player.at(2)
    assert len(player.steps()) == 1


@both
def test_a_lost_acknowledgement_makes_no_second_step(player: Player, page: Page, watch: Any) -> None:
    watch.expect("ERR_CONNECTION_RESET")
    player.start()
    page.route(SAVES, lose_the_reply, times=1)

    player.option("TRUE").click()
    expect(player.state).to_have_text("Not saved: trying again")
    assert len(player.steps()) == 1
    player.option("UNKNOWN").click()
    player.expect_saved()

    expect(player.state).to_have_text(SAVED)
    assert [step.number for step in player.steps()] == [1, 2]
    assert player.choices()[-1] == make.right(make.sample("single_choice"))["choice"][0]


def test_the_older_of_two_tabs_is_told(player: Player, page: Page, browser: BrowserContext) -> None:
    player.start()
    second = Player(browser.new_page(), player.app)
    second.page.goto(page.url)
    second.ready()

    expect(player.banner).to_contain_text("opened in another tab")
    expect(second.banner).to_have_count(0)
    second.option("UNKNOWN").click()
    second.expect_saved()
    player.press("Continue here")
    expect(page.locator("label.option:has(:checked)")).to_contain_text("UNKNOWN")
    expect(second.banner).to_contain_text("opened in another tab")


@pytest.fixture
def stale(player: Player, page: Page, browser: BrowserContext, watch: Any) -> Player:
    """A page whose learner has answered TRUE after the other tab answered UNKNOWN."""
    watch.expect("^409 PUT")
    player.start()
    second = Player(browser.new_page(), player.app)
    second.page.goto(page.url)
    second.ready()
    second.option("UNKNOWN").click()
    second.expect_saved()
    second.page.close()
    player.option("TRUE").click()
    expect(player.state).to_have_text("Not saved: changed elsewhere")
    return player


def test_a_stale_page_may_keep_its_own_answer(stale: Player) -> None:
    stale.press("Keep the answer on this page")

    stale.expect_saved()
    assert stale.chosen() == ["TRUE"]
    assert [step.number for step in stale.steps()] == [1, 2]
    assert stale.choices()[0] != stale.choices()[1]


def test_a_stale_page_may_take_the_newer_answer(stale: Player) -> None:
    stale.press("Take the newer answer")

    expect(stale.page.locator("label.option:has(:checked)")).to_contain_text("UNKNOWN")
    stale.expect_saved()
    assert len(stale.steps()) == 1


def test_a_stale_page_that_goes_on_is_asked_first(stale: Player, watch: Any) -> None:
    watch.expect("^409 POST")
    stale.press("Save and continue")

    stale.at(1)
    expect(stale.page.locator("main")).to_contain_text("changed elsewhere")
    assert len(stale.steps()) == 1


def test_a_reload_in_the_middle_keeps_the_answer(player: Player, page: Page) -> None:
    player.start()
    player.option("UNKNOWN").click()
    page.get_by_label("I am guessing").check()
    player.expect_saved()

    page.reload()

    player.expect_saved()
    assert player.chosen() == ["UNKNOWN"]
    expect(page.get_by_label("I am guessing")).to_be_checked()


def test_back_shows_the_answer_that_was_given(player: Player, page: Page) -> None:
    player.start()
    player.option("UNKNOWN").click()
    player.press("Save and continue")
    player.at(2)

    page.go_back()

    player.at(1)
    assert player.chosen() == ["UNKNOWN"]


def test_back_after_submitting_submits_nothing_again(player: Player, page: Page) -> None:
    player.start(seven()[:1])
    player.option("UNKNOWN").click()
    player.press("Save and go to the summary")
    page.get_by_role("button", name="Submit 1 of 1 answers").click()
    expect(page).to_have_url(re.compile("/result$"))
    finished = player.attempt.finished_at

    page.go_back()
    expect(page.locator("main h1")).to_be_visible()
    expect(page).to_have_url(re.compile("/result$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/result$"))

    assert player.attempt.finished_at == finished
    assert [step.kind for step in player.steps()] == ["save", "grade"]


def test_pressing_start_twice_starts_once(player: Player, page: Page) -> None:
    page.goto(player.publish())

    page.get_by_role("button", name="Start the 20-minute exam").dblclick()

    player.at(1)
    assert len(player.attempts()) == 1


def test_pressing_submit_twice_submits_once(player: Player, page: Page) -> None:
    attempt = player.start(seven()[:1])
    player.option("UNKNOWN").click()
    player.expect_saved()
    page.goto(f"{attempt}/summary")
    player.ready()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/submit", hold)
    page.evaluate(
        """() => {
          const button = document.querySelector("[data-submit] button");
          button.click();
          setTimeout(() => button.click(), 100);
        }"""
    )
    page.wait_for_timeout(400)
    assert len(held) == 1
    held[0].continue_()

    expect(page).to_have_url(re.compile("/result$"))
    expect(page.locator("main")).not_to_contain_text("already submitted")
    assert [step.kind for step in player.steps()] == ["save", "grade"]


def test_leaving_asks_only_for_what_could_not_be_saved(player: Player, page: Page, watch: Any) -> None:
    watch.expect("^422 PUT")
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", answer)
    attempt = player.start([make.sample("number")])
    field = page.get_by_label("Your answer")
    field.fill("150")
    page.get_by_role("link", name="Home").locator("visible=true").first.click()
    expect(page).to_have_url(re.compile("/$"))
    assert asked == []

    page.goto(f"{attempt}/questions/1")
    player.ready()
    expect(field).to_have_value("150")
    field.fill("half an hour")
    expect(player.state).to_have_text(re.compile("^Not saved: "))
    page.get_by_role("link", name="Home").locator("visible=true").first.click()
    player.at(1)
    expect(field).to_have_value("half an hour")
    assert asked == ["beforeunload"]
    assert [step.submission["number"] for step in player.steps()] == [["150"]]


def test_an_unreadable_number_is_explained_where_it_was_typed(player: Player, page: Page, watch: Any) -> None:
    watch.expect("^422")
    player.start([make.sample("number")])
    page.get_by_label("Your answer").fill("half an hour")
    player.press("Save and go to the summary")

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("#hint")).to_be_focused()
    expect(page.get_by_label("Your answer")).to_have_value("half an hour")
    page.get_by_label("Your answer").fill("2.5 min")
    player.expect_saved()
    player.press("Save and go to the summary")
    expect(page).to_have_url(re.compile("/summary$"))


@pytest.fixture
def with_password(app: Any, lena: Actor) -> None:
    with app.extensions["quizapp_database"].writing() as session:
        session.get_one(Account, lena.id).password_hash = passwords.hashed(PASSWORD)


@pytest.fixture
def signed_out(
    player: Player, page: Page, browser: BrowserContext, with_password: None, watch: Any
) -> Player:
    """A page whose learner signed out in another tab, and then answered."""
    watch.expect("^40[01] PUT")
    player.start()
    other = browser.new_page()
    other.goto("/help")
    other.get_by_role("button", name="Sign out").locator("visible=true").click()
    expect(other.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()
    player.option("UNKNOWN").click()
    expect(player.banner).to_contain_text("Signed out")
    expect(player.state).to_have_text("Not saved: you are signed out")
    return player


def type_password(page: Page) -> None:
    page.get_by_label("Name").fill("Lena")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_signed_out_elsewhere_the_answer_waits_until_one_signs_in_there(
    signed_out: Player, browser: BrowserContext
) -> None:
    assert signed_out.steps() == []
    other = browser.pages[-1]
    other.goto("/sign-in")
    type_password(other)
    expect(other.get_by_role("button", name="Sign out").locator("visible=true")).to_be_visible()

    signed_out.page.bring_to_front()
    signed_out.page.evaluate("dispatchEvent(new Event('focus'))")

    signed_out.expect_saved()
    expect(signed_out.banner).to_have_count(0)
    assert len(signed_out.steps()) == 1
    signed_out.press("Save and continue")
    signed_out.at(2)


def test_signing_in_again_leads_back_to_the_question_with_the_answer(signed_out: Player) -> None:
    signed_out.page.get_by_role("link", name="Sign in", exact=True).and_(
        signed_out.page.locator(".button")
    ).click()
    type_password(signed_out.page)

    signed_out.at(1)
    signed_out.expect_saved()
    assert signed_out.chosen() == ["UNKNOWN"]
    assert len(signed_out.steps()) == 1


def test_another_learner_on_the_same_device_delivers_nothing(
    signed_out: Player, browser: BrowserContext, app: Any, sign_in: Any, watch: Any
) -> None:
    watch.expect("^404 GET .*/time$")
    with app.extensions["quizapp_database"].writing() as session:
        otto = make.actor(session, "Otto")
    sign_in(browser, otto)

    signed_out.page.evaluate("dispatchEvent(new Event('focus'))")
    other = Player(browser.new_page(), app)
    other.start([make.document()])

    expect(signed_out.state).to_have_text("Not saved: you are signed out")
    assert signed_out.steps() == []
