"""Saying how sure one is, with the keyboard alone."""

import re
from typing import Any

from playwright.sync_api import Page, expect

import make
from browser.player import Player

DISCONNECTED = "ERR_INTERNET_DISCONNECTED"
ASKED = "How sure are you?"


def test_how_sure_is_chosen_by_keyboard_and_saved_by_itself(player: Player, page: Page) -> None:
    player.start([make.document()], confidence="marked")
    group = page.get_by_role("group", name=ASKED)
    page.get_by_role("radio", name=re.compile("B-tree")).focus()

    page.keyboard.press("Tab")
    expect(group.get_by_role("radio", name=re.compile("^Low"))).to_be_focused()
    page.keyboard.press("Space")
    player.expect_saved()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(group.get_by_role("radio", name=re.compile("^High"))).to_be_checked()
    player.at(1)
    player.expect_saved()

    player.option("B-tree").click()
    player.expect_saved()
    page.reload()
    player.ready()

    expect(group.get_by_role("radio", name=re.compile("^High"))).to_be_checked()
    last = player.steps()[-1]
    assert (last.kind, last.confidence, player.chosen()) == ("save", "high", ["A B-tree"])
    assert player.steps()[0].submission == {}


def test_confidence_chosen_offline_is_saved_later(player: Player, page: Page, watch: Any) -> None:
    watch.expect(DISCONNECTED)
    player.start([make.document()], confidence="asked")
    player.option("B-tree").click()
    player.expect_saved()
    page.context.set_offline(True)
    page.get_by_label("Medium").check()
    expect(player.state).to_have_text("Not saved: you are offline")

    page.context.set_offline(False)

    player.expect_saved()
    assert player.steps()[-1].confidence == "medium"
