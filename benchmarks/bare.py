"""The yardstick: bare Flask routes with raw SQLite, and nothing that quizapp adds.

No sign-in, no CSRF, no ownership, no deadline; the same server, database file
settings (WAL, synchronous=FULL) and the same fair writer lock.
"""

import fcntl
import os
import sqlite3
import threading
import time

from flask import Flask, render_template_string, request

PAGE = """<!doctype html><title>{{ title }}</title>
{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.text }}</td><td>{{ row.note }}</td></tr>
{% endfor %}"""
ROWS = [
    {"number": n, "text": f"Row {n} " * 6, "note": "An ordinary cell & its words " * 3} for n in range(110)
]

_local = threading.local()
_turn = threading.Lock()


def connection() -> sqlite3.Connection:
    if not hasattr(_local, "connection"):
        path = os.environ["BARE_DATABASE"]
        _local.connection = sqlite3.connect(path, timeout=5, isolation_level=None)
        _local.connection.execute("PRAGMA journal_mode=WAL")
        _local.connection.execute("PRAGMA synchronous=FULL")
        _local.lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT)
    found: sqlite3.Connection = _local.connection
    return found


def create_app() -> Flask:
    app = Flask(__name__)
    connection().execute(
        "CREATE TABLE IF NOT EXISTS answer (learner INT, question INT, number INT, body TEXT, at REAL,"
        " PRIMARY KEY (learner, question)) WITHOUT ROWID"
    )

    @app.put("/save")
    def save() -> dict[str, object]:
        sent = request.get_json()
        database = connection()
        with _turn:
            fcntl.flock(_local.lock, fcntl.LOCK_EX)
            try:
                database.execute("BEGIN IMMEDIATE")
                database.execute(
                    "SELECT number FROM answer WHERE learner=? AND question=?", (sent["learner"], 1)
                ).fetchone()
                database.execute(
                    "INSERT INTO answer VALUES (?, 1, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                    " number=excluded.number, body=excluded.body, at=excluded.at",
                    (sent["learner"], sent["sequence"], str(sent["answer"]), time.time()),
                )
                database.execute("COMMIT")
            finally:
                fcntl.flock(_local.lock, fcntl.LOCK_UN)
        return {"sequence": sent["sequence"]}

    @app.get("/page")
    def page() -> str:
        return render_template_string(PAGE, title="Bare", rows=ROWS)

    @app.get("/plain")
    def plain() -> str:
        return "ok"

    return app
