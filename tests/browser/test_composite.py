"""Questions of several parts in a real browser: keys, saving, clearing, and life without scripts."""

from typing import Any

from flask import Flask
from playwright.sync_api import expect

import make
from browser.player import Player
from quizapp.domain.permissions import Actor


def several(*kinds: str) -> dict[str, Any]:
    """A question with parts a, b, c … made of the samples of some types."""
    parts: list[dict[str, Any]] = []
    for name, kind in zip("abcdef", kinds, strict=False):
        sample = make.sample(kind)
        own: dict[str, Any] = {
            field: sample[field] for field in ("options", "items", "answer", "answers") if field in sample
        }
        parts.append({"id": name, "type": kind, "prompt": sample["stem"], **own})
    return make.document(type="composite", stem="Several things about one backend.", parts=parts)


def test_letters_choose_in_the_part_that_has_the_focus_and_nowhere_else(player: Player) -> None:
    player.start([several("single_choice", "true_false")])
    page = player.page
    chosen = page.locator("input:checked")

    page.keyboard.press("b")
    expect(chosen).to_have_count(0)

    page.locator("[name='b.choice']").first.focus()
    page.keyboard.press("b")
    expect(chosen).to_have_count(1)
    expect(chosen).to_have_attribute("name", "b.choice")
    page.keyboard.press("c")
    expect(chosen).to_have_count(1)
    player.expect_saved()


def test_two_lists_are_put_in_order_each_for_itself(player: Player) -> None:
    player.start([several("ordering", "ordering")])
    page = player.page
    second = page.get_by_role("group", name="Part b")

    second.get_by_role("button", name="Move down").first.click()

    player.expect_saved()
    saved = player.steps(1)[-1].submission
    assert all(value for name, [value] in saved.items() if name.startswith("b."))
    assert not any(value for name, [value] in saved.items() if name.startswith("a."))


def test_what_is_filled_into_gaps_is_there_after_a_reload(player: Player) -> None:
    player.start([make.sample("composite")])
    page = player.page

    page.get_by_label("Gap 1 of 2").select_option("CONCURRENTLY")
    page.get_by_label("Gap 2 of 2").fill("NULL")
    player.expect_saved()
    page.reload()
    player.ready()

    expect(page.get_by_label("Gap 1 of 2").locator("option:checked")).to_have_text("CONCURRENTLY")
    expect(page.get_by_label("Gap 2 of 2")).to_have_value("NULL")


def test_a_part_that_cannot_be_read_does_not_keep_the_others_from_being_saved(player: Player) -> None:
    player.start([make.sample("composite")])
    page = player.page

    page.get_by_label("Gap 2 of 2").fill("NULL")
    player.expect_saved()
    page.get_by_role("group", name="Part a").get_by_role("textbox").fill("forty")
    page.get_by_role("group", name="Part b").get_by_text("False").click()

    player.expect_saved()
    expect(page.locator("[data-save-words]")).to_contain_text("Saved")
    assert player.steps(1)[-1].submission["b.choice"] == ["false"]


def test_clearing_empties_every_part(player: Player) -> None:
    player.start([make.sample("composite")])
    page = player.page
    page.get_by_label("Gap 2 of 2").fill("NULL")
    page.get_by_role("group", name="Part b").get_by_text("True").click()
    player.expect_saved()

    player.press("Clear answer")

    expect(page.get_by_label("Gap 2 of 2")).to_have_value("")
    expect(page.locator("input:checked")).to_have_count(0)


def test_it_is_answered_without_scripts(app: Flask, context: Any, sign_in: Any, lena: Actor) -> None:
    opened = context(java_script_enabled=False)
    sign_in(opened, lena)
    player = Player(opened.new_page(), app)
    player.page.goto(player.publish([make.sample("composite")]))
    player.page.get_by_role("button", name="Start").click()

    player.page.get_by_label("Gap 1 of 2").select_option("CONCURRENTLY")
    player.page.get_by_role("group", name="Part a").get_by_role("textbox").fill("40000")
    player.press("Save and go to the summary")

    expect(player.page.get_by_role("main")).to_contain_text("Gap 1: CONCURRENTLY; Part a: 40000")
    assert player.steps(1)[-1].submission["a.number"] == ["40000"]
