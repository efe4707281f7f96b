"""Takes the pictures in docs/screenshots: `python tests/browser/screenshots.py [NAME...]`.

The main pages in light and dark, some also as on a narrow phone, with the demo's data.  `all` is a name too.
"""

import logging
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import structlog  # noqa: E402
from flask import Flask  # noqa: E402  # only now can our own modules be found
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

import make  # noqa: E402
import people  # noqa: E402
from browser.conftest import ARGUMENTS, QuietHandler, cookie_of, database_of  # noqa: E402
from browser.furnished import VISITOR, Shown, actor_of, fill, furnish  # noqa: E402
from quizapp.app import create_app  # noqa: E402
from quizapp.config import Settings  # noqa: E402
from quizapp.db import migrations  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
MAIN = {
    *("landing", "home", "quizzes", "quiz", "summary", "result", "review", "history", "missed", "practice"),
    *("topics", "topic", "teach", "teach-set", "teach-preview", "teach-quiz"),
    *("question-single_choice", "question-multiple_choice", "question-number", "question-ordering"),
    *("question-matching", "question-math", "checked-single_choice", "checked-ordering"),
}
NARROW = {"home", "question-single_choice", "question-ordering", "checked-single_choice", "result", "topics"}
SIZES = {"": (1200, 800), "-320": (320, 720)}


@contextmanager
def site() -> Iterator[tuple[Flask, str, list[Shown]]]:
    """The app with the demo in it, at an address of its own."""
    now = make.NOW
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/quizapp.db"
        settings = Settings(data_dir=Path(folder), database_url=url, secret_key="for pictures alone")
        app = create_app(settings, CLOCK=people.Clock(now))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        migrations.upgrade(database_of(app))
        fill(database_of(app), now=now, people=8)
        pages = furnish(database_of(app), now=now)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield app, f"http://127.0.0.1:{server.server_port}", pages
        server.shutdown()
        server.server_close()
        database_of(app).dispose()


def prepare(page: Page, name: str) -> None:
    """A question looks best with an answer; scripts have done their work."""
    if page.locator("[data-player], [data-summary-page]").count():
        page.locator("html[data-ready]").wait_for(state="attached")
    if name.startswith("question-"):
        for option in page.locator("label.option input").all()[1:2]:
            option.check()
            page.locator("[data-save-state][data-state=saved]").wait_for()
    page.evaluate("document.fonts.ready")
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)


def take(
    browser: Browser, app: Flask, origin: str, pages: list[Shown], scheme: Literal["light", "dark"], size: str
) -> None:
    width, height = SIZES[size]
    for who in dict.fromkeys(shown.who for shown in pages):
        context = browser.new_context(
            base_url=origin,
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        if who != VISITOR:
            with database_of(app).reading() as session:
                actor = actor_of(session, who)
            context.add_cookies([{"name": "quizapp", "value": cookie_of(app, actor), "url": origin}])
        page = context.new_page()
        for shown in [shown for shown in pages if shown.who == who]:
            page.goto(shown.path)
            prepare(page, shown.name)
            page.screenshot(path=FOLDER / f"{shown.name}{size}-{scheme}.png", full_page=bool(size))
        context.close()


def main(wanted: set[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with site() as (app, origin, pages), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        pages = [shown for shown in pages if shown.name in wanted or "all" in wanted]
        narrow = [shown for shown in pages if shown.name in NARROW]
        take(browser, app, origin, pages, "light", "")
        take(browser, app, origin, pages, "dark", "")
        take(browser, app, origin, narrow, "light", "-320")
        browser.close()


if __name__ == "__main__":
    main(set(sys.argv[1:]) or MAIN)
