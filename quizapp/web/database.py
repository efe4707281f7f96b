"""The request's way to the database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from quizapp.db.engine import Database

EXTENSION = "quizapp_database"


def init_app(app: Flask, database: Database) -> None:
    app.extensions[EXTENSION] = database
    app.teardown_appcontext(_close)


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions[EXTENSION]
    return found


def reading() -> Session:
    """The request's reading session, opened at its first use and closed at its end."""
    if "reading" not in g:
        g.doors = ExitStack()
        g.reading = g.doors.enter_context(database().reading())
    session: Session = g.reading
    return session


@contextmanager
def writing() -> Iterator[Session]:
    """A session whose work is committed when the block ends, and undone when it raises.

    What was read before may be outdated afterwards, so the reading session starts anew.
    """
    with database().writing() as session:
        yield session
    _close()


def _close(error: BaseException | None = None) -> None:
    g.pop("reading", None)
    doors: ExitStack | None = g.pop("doors", None)
    if doors is not None:
        doors.close()
