"""Fixtures: a real browser, the site on a free port, and people who sit in front of it."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

import make
from browser.player import Player
from browser.watching import Watch
from quizapp.db.engine import Database
from quizapp.domain.permissions import Actor
from quizapp.services import sign_ins
from quizapp.web.accounts import identity

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 20_000
"""How long to wait for what should come, in milliseconds; on a busy machine, everything takes longer."""


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Requests are of no interest here."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium from the system.  Where everything must be tested, its absence is a failure."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "NO BROWSER TESTED: install chromium, or set CHROMIUM to where it is"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, unless a test is marked to run on `both`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "quizapp.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    from conftest import empty

    url: str = request.getfixturevalue("postgresql_url")
    empty(url)
    return url


@pytest.fixture
def origin(app: Flask) -> Iterator[str]:
    """The address at which the app is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def watch(origin: str) -> Watch:
    return Watch(origin)


@pytest.fixture
def context(chromium: Browser, origin: str, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """Opens browsers that share nothing; at the end nothing may have gone wrong in any."""
    opened: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        options = {"viewport": {"width": 1200, "height": 800}, "reduced_motion": "reduce", **options}
        context = watch.over(chromium.new_context(base_url=origin, **options))
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context

    yield open_context
    for each in opened:
        each.close()
    assert watch.unexpected() == []


@pytest.fixture
def lena(app: Flask) -> Actor:
    """The learner of most tests."""
    with database_of(app).writing() as session:
        return make.actor(session, "Lena")


def cookie_of(app: Flask, who: Actor) -> str:
    """What the browser of somebody signed in keeps; typing a password is another test's matter."""
    with database_of(app).writing() as session:
        token = sign_ins.sign_in(session, who.id, now=app.config["CLOCK"]())
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update({identity.COOKIE_KEY: token, identity.CSRF_KEY: identity.csrf_secret(), "_fresh": True})
        kept.permanent = True
    cookie = client.get_cookie("quizapp")
    assert cookie is not None
    return cookie.value


@pytest.fixture
def sign_in(app: Flask, origin: str) -> Callable[[BrowserContext, Actor], None]:
    """Signs somebody in in a browser."""

    def put(context: BrowserContext, who: Actor) -> None:
        value = cookie_of(app, who)
        context.add_cookies([{"name": "quizapp", "value": value, "url": origin, "httpOnly": True}])

    return put


@pytest.fixture
def browser(context: Any, sign_in: Any, lena: Actor) -> BrowserContext:
    """Lena's browser."""
    opened: BrowserContext = context()
    sign_in(opened, lena)
    return opened


@pytest.fixture
def page(browser: BrowserContext) -> Page:
    return browser.new_page()


@pytest.fixture
def player(page: Page, app: Flask) -> Player:
    return Player(page, app)


def database_of(app: Flask) -> Database:
    found: Database = app.extensions["quizapp_database"]
    return found
