"""A database with learners in the middle of a quiz, and the requests they send."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from load import request

from quizapp.app import create_app
from quizapp.config import Settings, with_secret_key
from quizapp.db import migrations
from quizapp.db.engine import Database
from quizapp.db.models import Account
from quizapp.domain.permissions import Actor, Role
from quizapp.queries import attempts, revisions
from quizapp.services import answering, banks, finishing, sign_ins, starting

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
BANK = Path(__file__).parent.parent / "question_bank"
QUIZ = "backend-mixed"


@dataclass(frozen=True)
class Clients:
    """What each client knows: cookie, token, its open attempt and a finished one."""

    cookies: list[dict[str, str]]
    open: list[str]
    finished: list[str]
    answers: list[list[dict[str, list[str]]]]

    def save(self, client: int, count: int) -> bytes:
        """A new answer each time: the two answers of a question in turn, with the next number."""
        answers = self.answers[client]
        body = {"sequence": count, "answer": answers[count % len(answers)], "confidence": None}
        headers = {**self.cookies[client], "Content-Type": "application/json"}
        return request(
            "PUT", f"/api/attempts/{self.open[client]}/questions/1", headers, json.dumps(body).encode()
        )

    def question_page(self, client: int, count: int) -> bytes:
        return request(
            "GET", f"/attempts/{self.open[client]}/questions/{count % 20 + 1}", self.cookies[client]
        )

    def result_page(self, client: int, count: int) -> bytes:
        return request("GET", f"/attempts/{self.finished[client]}/result", self.cookies[client])


def prepared(folder: Path, count: int) -> Clients:
    """Migrate, load the bank, and bring `count` learners into the middle of a quiz."""
    settings = with_secret_key(Settings(data_dir=folder))
    database = Database(settings.database)
    migrations.upgrade(database)
    now = datetime.now(UTC)
    with database.writing() as session:
        banks.load(session, banks_files(), now=now)
    clients = Clients([], [], [], [])
    app = create_app(settings)
    for number in range(count):
        with database.writing() as session:
            _add(session, clients, number, now)
        clients.cookies.append(_signed_in(app, database, number, now))
    database.dispose()
    return clients


def banks_files() -> Any:
    from quizapp.services.bank_files import files_of

    return files_of(BANK)[0]


def _add(session: Any, clients: Clients, number: int, now: datetime) -> None:
    account = Account(
        name=f"Learner {number}",
        name_key=f"learner {number}",
        password_hash="!",
        role="learner",
        created_at=now,
    )
    session.add(account)
    session.flush()
    actor = Actor(account.id, Role.LEARNER)
    for kept in (clients.finished, clients.open):
        attempt_id = starting.start_quiz(session, actor, QUIZ, now=now).attempt_id
        slots = attempts.slots(session, actor.id, attempt_id)
        questions = revisions.asked_in(session, slots)
        if kept is clients.finished:
            for slot, question in zip(slots, questions, strict=True):
                right = question.body.examples().right
                answering.save_answer(session, actor.id, attempt_id, slot.position, right, number=1, now=now)
            finishing.submit(session, actor.id, attempt_id, now=now)
        else:
            examples = questions[0].body.examples()
            clients.answers.append(
                [{n: list(v) for n, v in each.items()} for each in (examples.right, examples.wrong)]
            )
        kept.append(attempt_id)


def _signed_in(app: Any, database: Database, number: int, now: datetime) -> dict[str, str]:
    with database.writing() as session:
        cookie = sign_ins.sign_in(session, number + 1, now=now)
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["_user_id"] = cookie
        kept["_fresh"] = True
    token = TOKEN.search(client.get("/help").text)
    assert token
    jar = client.get_cookie("quizapp")
    assert jar
    return {"Cookie": f"quizapp={jar.value}", "X-CSRFToken": token[1]}
