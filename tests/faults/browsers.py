"""People who use a real server, over real connections."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import session as flask_session
from flask_wtf.csrf import generate_csrf

import make
from faults.processes import PATIENCE, SECRET, Server
from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db.engine import Database
from quizapp.domain.permissions import Actor, Role
from quizapp.services import sign_ins

LOST = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with what their browser holds after signing in."""

    actor: Actor
    cookie: str
    token: str

    @property
    def id(self) -> int:
        return self.actor.id


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser sends; the same can be sent again."""

    method: str
    path: str
    fields: Mapping[str, str] | None = None
    document: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers["Location"] or ""


class SignInDesk:
    """Signs people in without a sign-in page: it seals cookies as the server does."""

    def __init__(self, folder: Path) -> None:
        self._app = create_app(Settings(data_dir=folder, secret_key=SECRET, database_url="sqlite://"))

    def arrive(self, database: Database, count: int, *, role: str = "learner") -> list[Person]:
        """New accounts, each with a browser that is signed in."""
        with database.writing() as session:
            rows = [make.account(session, role=role) for _ in range(count)]
            keys = [sign_ins.sign_in(session, row.id, now=datetime.now(UTC)) for row in rows]
        return [self._person(row.id, row.role, key) for row, key in zip(rows, keys, strict=True)]

    def again(self, database: Database, person: Person) -> Person:
        """The same person, signed in once more."""
        with database.writing() as session:
            key = sign_ins.sign_in(session, person.id, now=datetime.now(UTC))
        return self._person(person.id, person.actor.role, key)

    def stranger(self) -> Person:
        """Somebody with a session, who is not signed in."""
        return self._person(0, "learner", "")

    def close(self) -> None:
        self._app.extensions["quizapp_database"].dispose()

    def _person(self, account_id: int, role: str, key: str) -> Person:
        with self._app.test_request_context():
            if key:
                flask_session["_user_id"] = key
                flask_session["_fresh"] = True
                flask_session.permanent = True
            token = generate_csrf()
            seal = self._app.session_interface.get_signing_serializer(self._app)
            return Person(Actor(account_id, Role(role)), seal.dumps(dict(flask_session)), token)


class Browser:
    """One connection of one person; it is opened anew when it was lost."""

    def __init__(self, server: Server, person: Person | None = None) -> None:
        self._server = server
        self.person = person
        self._connection: http.client.HTTPConnection | None = None

    def send(self, request: Request) -> Answer:
        """Raises one of `LOST` where no whole answer came."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=PATIENCE)
        headers = {}
        body = None
        if self.person:
            headers = {"Cookie": f"quizapp={self.person.cookie}", "X-CSRFToken": self.person.token}
        if request.document is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(request.document)
        elif request.fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(request.fields)
        try:
            self._connection.request(request.method, request.path, body, headers)
            response = self._connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        except LOST:
            self.close()
            raise

    def get(self, path: str) -> Answer:
        return self.send(Request("GET", path))

    def start(self, quiz: str) -> str:
        """Start a quiz; returns the attempt's id."""
        answer = self.send(start(quiz))
        assert answer.status == 302, (answer.status, answer.body[:500])
        return answer.location.rpartition("/")[2]

    def save(self, attempt: str, position: int, number: int, submission: dict[str, list[str]]) -> Answer:
        return self.send(save(attempt, position, number, submission))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def start(quiz: str) -> Request:
    return Request("POST", f"/quizzes/{quiz}/start", fields={})


def save(attempt: str, position: int, number: int, submission: dict[str, list[str]]) -> Request:
    """What the player sends: the answer, and which one in a row it is."""
    path = f"/api/attempts/{attempt}/questions/{position}"
    return Request("PUT", path, document={"answer": submission, "sequence": number})


def check(attempt: str, position: int, number: int, typed: str) -> Request:
    """What the button of a practice question sends."""
    fields = {"number": typed, "sequence": str(number - 1), "action": "check"}
    return Request("POST", f"/attempts/{attempt}/questions/{position}", fields=fields)


def submit(attempt: str) -> Request:
    return Request("POST", f"/attempts/{attempt}/submit", fields={})
