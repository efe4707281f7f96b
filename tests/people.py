"""People with browsers, for web tests: they read pages and send the forms they find there."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

import make
from quizapp.db.engine import Database
from quizapp.domain.permissions import Actor, Role
from quizapp.services import sign_ins

TOKEN = re.compile(r'name="csrf[-_]token"[^>]*?(?:content|value)="([^"]+)"')


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> None:
        self.at += timedelta(**amount)


class Browser:
    """One person's browser: it keeps cookies, and sends the CSRF token that pages give it."""

    def __init__(self, app: Flask, actor: Actor | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        self._actor = actor

    @property
    def actor(self) -> Actor:
        assert self._actor is not None
        return self._actor

    @property
    def id(self) -> int:
        return self.actor.id

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def token(self, path: str = "/help") -> str:
        found = TOKEN.search(self.get(path).text)
        assert found, f"{path} has no CSRF token"
        return found[1]

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with the token that any page of this session carries."""
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **options)

    def put_json(self, path: str, document: Any, **options: Any) -> TestResponse:
        headers = {"X-CSRFToken": self.token(), **options.pop("headers", {})}
        return self.client.put(path, json=document, headers=headers, **options)

    def post_json(self, path: str, document: Any) -> TestResponse:
        return self.client.post(path, json=document, headers={"X-CSRFToken": self.token()})


def signed_in(app: Flask, name: str, role: str) -> Browser:
    """A new account with a browser that is signed in to it."""
    database: Database = app.extensions["quizapp_database"]
    with database.writing() as session:
        account = make.account(session, name, role=role)
        cookie = sign_ins.sign_in(session, account.id, now=app.config["CLOCK"]())
        actor = Actor(account.id, Role(account.role))
    browser = Browser(app, actor)
    with browser.client.session_transaction() as kept:
        kept["_user_id"] = cookie
        kept["_fresh"] = True
        kept.permanent = True
    return browser


class Statements:
    """Counts SQL statements; transaction control does not count."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        sent: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
                sent.append(statement)

        event.listen(self._engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(self._engine, "before_cursor_execute", note)
