"""What holds on every page: accessible in light, dark and on a narrow screen, with a name, a heading and a way in."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

import make
from browser.conftest import cookie_of, database_of
from browser.furnished import INSTRUCTOR, LEARNER, VISITOR, Shown, actor_of, fill, furnish
from browser.player import Player
from quizapp.db.engine import Database
from quizapp.domain.permissions import Actor

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RUN_AXE = """async (rules) => {
  const found = await axe.run(document, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
  if (found.passes.length < (rules ?? Array(15)).length) return ["axe looked at next to nothing"];
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`));
}"""
VIEWS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"color_scheme": "light", "viewport": {"width": 320, "height": 720}},
}
SMALL_TARGETS = """() => [...document.querySelectorAll("button, input, select, textarea, summary, .button, nav a")]
  .filter((e) => e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true }))
  .filter((e) => !e.closest(".visually-hidden, .visually-hidden-until-focus, .skip-link"))
  .map((e) => [e, (e.closest("label") ?? e).getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
  .map(([e, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${e.outerHTML.slice(0, 120)}`)"""
# Radio buttons of one name are one stop.
TAB_STOPS = """() => new Set([...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((e) => e.type !== "hidden" && !e.matches(":disabled") && e.checkVisibility({ visibilityProperty: true }))
  .map((e) => (e.type === "radio" ? e.name : e))).size"""
PLACE = "[...document.querySelectorAll('*')].indexOf(document.activeElement)"
NOT_PAGES = {
    "health.counted",
    "health.healthz",
    "health.readyz",
    "saving.time",
    "saving.session_state",
    "static_files.file",
    "taking.picture",  # a file
    "taking.resume",  # only leads on
    "images.show",  # a file
    "teach.download",  # a file
    "teach.export_file",  # a file
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


def account_of(app: Flask, who: str) -> Actor:
    with database_of(app).reading() as session:
        return actor_of(session, who)


class Visits:
    """Goes through pages, each with the eyes of whom it is for."""

    def __init__(self, app: Flask, context: Any, sign_in: Any, options: dict[str, Any]) -> None:
        # Dark differs from light in its colours alone.
        self.rules = ["color-contrast"] if options.get("color_scheme") == "dark" else None
        self._pages: dict[str, Page] = {}
        for who in (VISITOR, LEARNER, INSTRUCTOR):
            opened: BrowserContext = context(**options)
            if who != VISITOR:
                sign_in(opened, account_of(app, who))
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


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("visits", VIEWS, indirect=True)
def test_every_page_can_be_used_by_everybody(visits: Visits, pages: list[Shown], part: int) -> None:
    """Axe finds nothing, nothing scrolls sideways, and what is pressed is large enough."""
    found = []
    for shown, page in visits.to(pages[part::4]):
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        page.evaluate(AXE)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{shown.name}: {one}" for one in page.evaluate(RUN_AXE, visits.rules)]
        found += [f"{shown.name}: target {one}" for one in page.evaluate(SMALL_TARGETS)]
        found += [f"{shown.name}: {wide} px too wide"] if wide > 0 else []

    assert found == []


def test_every_page_has_its_own_title_and_one_first_heading(app: Flask, pages: list[Shown]) -> None:
    clients = {who: app.test_client() for who in (VISITOR, LEARNER, INSTRUCTOR)}
    for who in (LEARNER, INSTRUCTOR):
        clients[who].set_cookie("quizapp", cookie_of(app, account_of(app, who)))
    titles: dict[str, str] = {}
    for shown in pages:
        text = clients[shown.who].get(shown.path).text
        assert text.count("<h1") == text.count("<main") == 1, shown.name
        title = text.split("<title>")[1].split("</title>")[0]
        same = [name for name, other in titles.items() if other == title]
        assert not same, f"{shown.name} and {same} are both called {title}"
        titles[shown.name] = title

    assert titles["question-ordering"] == "Q6 of 15 – Backend basics"


FEW = {
    "landing",
    "sign-in",
    "home",
    "quiz",
    "practice",
    "question-matching",
    "question-ordering",
    "question-math",
    "checked-single_choice",
    "summary",
    "review",
    "account",
    "teach-quiz",
}


def test_the_skip_link_comes_first_and_tab_leads_through_the_page_and_out_again(
    visits: Visits, pages: list[Shown]
) -> None:
    for shown, page in visits.to([shown for shown in pages if shown.name in FEW]):
        order = page.evaluate(TAB_STOPS)
        assert page.evaluate("document.querySelector('a, button').className") == "skip-link"
        page.locator(".skip-link").focus()
        reached = [page.evaluate(PLACE)]
        # A field for a date has several stops of its own.
        for _ in range(order + 20):
            page.keyboard.press("Tab")
            reached.append(page.evaluate(PLACE))
            if reached[-1] == reached[0]:
                break
        assert len(set(reached)) >= order, (
            f"{shown.name}: Tab reaches {len(set(reached))} of {order} controls"
        )

        page.locator(".skip-link").focus()
        page.keyboard.press("Enter")
        expect(page.locator("main"), shown.name).to_be_focused()


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
