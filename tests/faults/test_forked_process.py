"""A process that forks while it has the database open: parent and child do not share connections."""

import os
import subprocess
import sys

import pytest

import make
from faults.processes import PATIENCE, ROOT
from quizapp.db.engine import Database

BOTH_ASK = """
import os, sys
from sqlalchemy import text
from quizapp.db.engine import Database

database = Database(sys.argv[1])

def ask(first):
    for number in range(first, first + 500):
        with database.reading() as session:
            assert session.scalar(text(f"SELECT {number}")) == number
    with database.writing() as session:
        assert session.scalar(text(f"SELECT {first}")) == first

ask(0)
child = os.fork()
if child == 0:
    status = 1
    try:
        ask(1000)
        status = 0
    finally:
        os._exit(status)
ask(5000)
assert os.waitpid(child, 0)[1] == 0, "the child read wrong"
ask(9000)
print("both were right")
"""

PARENT_DIES_WRITING = """
import os, signal, sys
from sqlalchemy import text
from quizapp.db.engine import Database

database = Database(sys.argv[1])

def rename(name):
    session.execute(text(f"UPDATE account SET name = '{name}'"))

with database.writing() as session:
    rename("before")
starting, started = os.pipe()
if os.fork():
    with database.writing() as session:
        rename("never")
        os.write(started, b"!")
        os.kill(os.getpid(), signal.SIGKILL)
os.read(starting, 1)
with database.writing() as session:
    assert session.scalar(text("SELECT name FROM account")) == "before"
    rename("after")
print("the child could write", flush=True)
"""


def test_parent_and_child_each_read_their_own_answers(database: Database) -> None:
    assert _run(BOTH_ASK, database) == "both were right\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_child_can_write_after_its_parent_died_writing(database: Database) -> None:
    """The file that writers take turns at was opened before the fork, so the child holds it too."""
    with database.writing() as session:
        make.account(session)
    database.dispose()

    assert _run(PARENT_DIES_WRITING, database) == "the child could write\n"


def _run(program: str, database: Database) -> str:
    """What the program and its children say until the last of them has ended."""
    url = database.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", program, url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.stdout + done.stderr
