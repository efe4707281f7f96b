"""Tasks that are worked on, in a real browser: running an answer, checking it, and trying a sibling."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

import make
from browser.player import Player

PRACTICE: dict[str, Any] = {"mode": "practice", "time_limit_minutes": None}
SEGMENTS: dict[str, Any] = {
    "type": "number",
    "stem": "{{kib}} KiB over TCP, MTU {{mtu:,}}: how many segments?",
    "variants": {
        "parameters": {"mtu": [1500, 1400, 9000], "kib": {"from": 10, "to": 60}},
        "computed": {"segments": "ceil(kib * 1024 / (mtu - 40))"},
    },
    "answer": "= segments",
    "suffixes": True,
    "mistakes": [{"value": "= ceil(kib * 1024 / mtu)", "feedback": "{{mtu}} bytes include 40 of headers."}],
    "explanation": "{{kib}} KiB need **{{segments}}** segments.",
}


def template() -> dict[str, Any]:
    document = make.document(**SEGMENTS)
    return {name: value for name, value in document.items() if name != "options"}


def test_a_query_is_run_read_beside_the_expected_rows_and_graded_on_hidden_ones(player: Player) -> None:
    player.start([make.sample("sql_query")], **PRACTICE)
    page = player.page
    field = page.get_by_label("Your query")

    field.fill("SELEC name FROM customers")
    player.press("Run")
    expect(page.get_by_role("heading", name="What your answer does")).to_be_focused()
    expect(page.locator(".ran")).to_contain_text("syntax error")
    field.fill(
        "SELECT c.name, SUM(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id"
    )
    player.press("Run")
    expect(page.locator(".ran td").first).to_have_text("Ada")
    expect(page.locator(".feedback")).to_have_count(0)
    player.press("Check answer")

    expect(page.get_by_role("heading", name="Wrong")).to_be_visible()
    feedback = page.locator(".feedback")
    expect(feedback).to_contain_text("An inner join drops the customers")
    expect(feedback).not_to_contain_text("Cem")  # a row that only a hidden case has


def test_requests_are_sent_read_as_a_transcript_and_graded_by_their_goals(player: Player, watch: Any) -> None:
    watch.expect("^422 ")
    document = make.sample("http_kata")
    player.start([document], **PRACTICE)
    page = player.page
    field = page.locator("textarea[name=requests]")

    field.fill("get /payments")
    player.press("Send")
    expect(page.locator("#hint")).to_contain_text("Request 1")
    field.fill("GET /payments")
    player.press("Send")
    expect(page.locator(".ran")).to_contain_text("401")
    field.fill(document["solution"])
    player.press("Send")
    expect(page.locator(".ran")).to_contain_text("503")
    expect(page.locator(".ran")).to_contain_text("201")
    player.press("Check answer")

    expect(page.get_by_role("heading", name="Right")).to_be_visible()


def test_it_is_said_how_a_number_was_read_and_a_sibling_has_other_numbers(player: Player) -> None:
    player.start([template()], **PRACTICE)
    page = player.page
    stem = page.locator(".stem").inner_text()
    field = page.get_by_label("Your answer")

    field.fill("1.5k")
    expect(page.locator("[data-read-as]")).to_have_text("Read as 1,500")
    page.reload()
    expect(page.locator("[data-read-as]")).to_have_text("Read as 1,500")
    expect(page.locator(".stem")).to_have_text(stem)
    player.press("Check answer")
    kib = re.match(r"\d+", stem)
    assert kib is not None
    expect(page.locator(".feedback")).to_contain_text(f"{kib[0]} KiB need")
    others = set()
    for _ in range(3):  # another draw may be the same by chance, but not three times
        page.get_by_role("button", name="Try a sibling").click()
        player.at(1)
        others.add(page.locator(".stem").inner_text())
        player.press("I don't know")
    assert others - {stem}


def test_without_scripts_a_query_is_run_and_a_sibling_tried(
    player: Player, context: Any, sign_in: Any, lena: Any
) -> None:
    address = player.publish([make.sample("sql_query"), template()], shuffle_questions=False, **PRACTICE)
    plain: BrowserContext = context(java_script_enabled=False)
    sign_in(plain, lena)
    page: Page = plain.new_page()

    page.goto(address)
    page.get_by_role("button", name=re.compile("^Start")).click()
    page.get_by_label("Your query").fill("SELECT name, 1 FROM customers")
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".ran")).to_contain_text("Bo")
    expect(page.get_by_label("Your query")).to_have_value("SELECT name, 1 FROM customers")
    page.get_by_role("button", name="Skip").click()
    page.get_by_label("Your answer").fill("12")
    page.get_by_role("button", name="Check answer").click()
    page.get_by_role("button", name="Try a sibling").click()
    expect(page).to_have_title(re.compile("Another variant"))


@pytest.mark.parametrize("kind", ["sql_query", "http_kata", "line_select", "matrix", "composite"])
def test_a_telephone_shows_every_task_without_scrolling_sideways(player: Player, kind: str) -> None:
    player.page.set_viewport_size({"width": 320, "height": 640})
    player.start([make.sample(kind)])

    assert player.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_an_open_answer_with_a_diagram_is_handed_in_and_scored_by_its_author(
    player: Player, tmp_path: Path
) -> None:
    picture = tmp_path / "boxes.png"
    picture.write_bytes(a_png(40, 30))
    attempt = player.start([make.sample("open_response")])
    page = player.page

    page.locator("textarea").first.fill("A limit by customer.\n\n<script>alert(1)</script>")
    player.expect_saved()
    page.locator("input[type=file]").set_input_files(picture)
    page.locator("button[value=upload]").click()
    expect(page.locator('img[alt^="Diagram 1"]')).to_be_visible()
    expect(page.locator("textarea").first).to_have_value(re.compile("by customer"))
    page.goto(f"{attempt}/summary")
    page.get_by_role("button", name=re.compile("^Submit")).first.click()
    expect(page.locator("main")).to_contain_text("awaits your score")
    page.goto(f"{attempt}/review")
    expect(page.locator(".own-words")).to_contain_text("<script>")
    for group in page.locator(".rubric fieldset").all():
        group.get_by_role("radio").last.check()
    player.press("Save score")

    expect(page.locator("main")).to_contain_text("10 of 10 points")


def a_png(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()
