"""A process that forks while it has the database open: parent and child do not share connections."""

import os
import subprocess
import sys

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

WITHIN_A_WRITE = """
import os, signal, sys
from sqlalchemy import text
from quizapp.db.engine import Database

database = Database(sys.argv[1], busy_timeout=20)
parent = os.getpid()
with database.writing() as session:
    session.execute(text("UPDATE account SET name = 'never'"))
    if os.fork():
        os.kill(parent, signal.SIGKILL)
    # From here on this is the child, and its parent died while it was writing.
    with database.writing() as other:
        other.execute(text("UPDATE account SET name = 'after'"))
    print("the child could write", flush=True)
    os._exit(0)
"""


def test_parent_and_child_each_read_their_own_answers(database: Database) -> None:
    assert _run(BOTH_ASK, database) == "both were right\n"


def test_a_child_can_write_after_its_parent_died_writing(database: Database) -> None:
    assert _run(WITHIN_A_WRITE, database) == "the child could write\n"


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
