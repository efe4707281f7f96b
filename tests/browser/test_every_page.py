"""What holds on every page: accessible in light, dark and on a narrow screen, with a name, a heading and a way in."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

import make
from browser.furnished import INSTRUCTOR, LEARNER, VISITOR, Shown, actor_of, fill, furnish
from browser.player import Player
from quizapp.db.engine import Database

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RUN_AXE = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`));
}"""
VIEWS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"color_scheme": "light", "viewport": {"width": 320, "height": 720}},
    "narrow-dark": {"color_scheme": "dark", "viewport": {"width": 320, "height": 720}},
}
SMALL_TARGETS = """() => [...document.querySelectorAll("button, input, select, textarea, summary, .button, nav a")]
  .filter((e) => e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true }))
  .filter((e) => !e.closest(".visually-hidden, .visually-hidden-until-focus, .skip-link"))
  .map((e) => [e, (e.closest("label") ?? e).getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
  .map(([e, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${e.outerHTML.slice(0, 120)}`)"""
NOT_PAGES = {
    "health.alive", "health.ready", "health.metrics",
    "saving.time", "saving.session_state",
    "static_files.file",
    "taking.resume",  # only leads on
    "teach.download",  # a file
}


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Shown]]:
    """A database in which every page has something to show, and the list of pages."""
    path = tmp_path_factory.mktemp("filled") / "quizapp.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    fill(database, now=make.NOW)
    pages = furnish(database, now=make.NOW)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return path, pages


@pytest.fixture
def database_url(filled: tuple[Path, list[Shown]], tmp_path: Path) -> str:
    shutil.copyfile(filled[0], tmp_path / "quizapp.db")
    return f"sqlite:///{tmp_path / 'quizapp.db'}"


@pytest.fixture
def pages(filled: tuple[Path, list[Shown]]) -> list[Shown]:
    return filled[1]


class Visits:
    """Goes through pages, each with the eyes of whom it is for."""

    def __init__(self, app: Flask, context: Any, sign_in: Any, options: dict[str, Any]) -> None:
        self._pages: dict[str, Page] = {}
        for who in (VISITOR, LEARNER, INSTRUCTOR):
            opened: BrowserContext = context(**options)
            if who != VISITOR:
                with app.extensions["quizapp_database"].reading() as session:
                    actor = actor_of(session, who)
                sign_in(opened, actor)
            self._pages[who] = opened.new_page()

    def to(self, pages: list[Shown]) -> Iterator[tuple[Shown, Page]]:
        for shown in pages:
            page = self._pages[shown.who]
            response = page.goto(shown.path)
            assert response is not None
            assert response.status == shown.status, shown.name
            page.wait_for_load_state("load")
            if page.locator("[data-player], [data-summary-page]").count():
                page.locator("html[data-ready]").wait_for(state="attached")
            yield shown, page


@pytest.fixture
def visits(app: Flask, context: Any, sign_in: Any, watch: Any, request: pytest.FixtureRequest) -> Visits:
    watch.expect("^404 GET .*/nothing-here")
    return Visits(app, context, sign_in, VIEWS[getattr(request, "param", "light")])


def test_every_page_of_the_site_is_looked_at(app: Flask, pages: list[Shown]) -> None:
    urls = app.url_map.bind("localhost")
    seen = {urls.match(shown.path.partition("?")[0])[0] for shown in pages if shown.status == 200}
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}

    assert there - seen - NOT_PAGES == set()


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("visits", VIEWS, indirect=True)
def test_axe_finds_nothing(visits: Visits, pages: list[Shown], part: int) -> None:
    found = []
    for shown, page in visits.to(pages[part::3]):
        for closed in page.locator("main details:not([open]) > summary").all():
            closed.click()
        page.evaluate(AXE)
        found += [f"{shown.name}: {one}" for one in page.evaluate(RUN_AXE)]

    assert found == []


@pytest.mark.parametrize("visits", ["narrow"], indirect=True)
def test_no_page_scrolls_sideways_at_320_pixels(visits: Visits, pages: list[Shown]) -> None:
    wide = []
    for shown, page in visits.to(pages):
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append(f"{shown.name}: {width}")

    assert wide == []


@pytest.mark.parametrize("visits", ["light", "narrow"], indirect=True)
def test_what_is_pressed_is_large_enough(visits: Visits, pages: list[Shown]) -> None:
    small = [f"{shown.name}: {one}" for shown, page in visits.to(pages) for one in page.evaluate(SMALL_TARGETS)]

    assert small == []


def test_every_page_has_its_own_title_and_one_first_heading(visits: Visits, pages: list[Shown]) -> None:
    titles: dict[str, str] = {}
    for shown, page in visits.to(pages):
        assert page.locator("h1").count() == 1, shown.name
        assert page.locator("main").count() == 1, shown.name
        title = page.title()
        assert title not in titles.values() or shown.name in {"home"}, f"{shown.name}: {title}"
        titles[shown.name] = title

    assert titles["question-ordering"] == "Q6 of 8 – Seven kinds of questions"


def test_the_skip_link_is_first_and_leads_to_the_content(visits: Visits, pages: list[Shown]) -> None:
    for shown, page in visits.to(pages):
        page.evaluate("document.activeElement.blur()")
        page.evaluate("getSelection().removeAllRanges()")
        page.locator("body").press("Tab")
        if shown.name.startswith(("question", "checked")):
            page.locator(".skip-link").focus()
        expect(page.locator(".skip-link"), shown.name).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main"), shown.name).to_be_focused()


def test_tab_leads_through_a_page_and_out_again(visits: Visits, pages: list[Shown]) -> None:
    for shown, page in visits.to(pages):
        page.locator(".skip-link").focus()
        seen: list[int] = []
        for _ in range(400):
            page.keyboard.press("Tab")
            place = page.evaluate(
                "[...document.querySelectorAll('*')].indexOf(document.activeElement)",
            )
            if place <= 3 or place in seen[:1]:
                break
            assert place != (seen[-1] if seen else None), f"{shown.name} holds the focus"
            seen.append(place)
        else:
            raise AssertionError(f"{shown.name} never lets go of the focus")
        assert seen, shown.name


def test_the_heading_has_the_focus_after_going_to_a_question(player: Player, page: Page) -> None:
    player.start()

    expect(page.locator("h1")).to_be_focused()
    player.option("TRUE").click()
    player.press("Save and continue")
    player.at(2)
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("h1")).to_have_text("Question 2 of 7")


@pytest.mark.parametrize("name", ["result", "review", "question-matching", "quiz", "topics"])
def test_on_paper_there_is_no_navigation(visits: Visits, pages: list[Shown], name: str) -> None:
    for _, page in visits.to([shown for shown in pages if shown.name == name]):
        page.emulate_media(media="print")
        for hidden in page.locator("nav, header, footer, .button, .timer, [data-save-state]").all():
            expect(hidden).to_be_hidden()
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("visits", ["dark"], indirect=True)
def test_the_colours_are_switched_at_once_and_remembered(visits: Visits, pages: list[Shown]) -> None:
    [(_, page)] = list(visits.to([shown for shown in pages if shown.name == "help"]))
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.get_by_role("button", name="Light").click()

    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.goto("/sign-in")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light
