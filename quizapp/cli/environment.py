"""Where a command works: the settings' database, and the bank that comes with quizapp."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from quizapp.config import BadSettings, Settings, load_settings
from quizapp.db import migrations
from quizapp.db.engine import Database, DatabaseBusy, DatabaseDown

BUSY = "The database is busy, so nothing was changed. Try again in a moment."


UNMIGRATED = (
    "The database does not have the tables of this version. "
    "Stop the server, copy the database, then start with --migrate."
)


@contextmanager
def open_database(settings: Settings | None = None, *, migrate: bool = True) -> Iterator[Database]:
    """The database of the settings, brought up to date, or refused where `migrate` is false.

    What an operator can mend becomes a `click.ClickException`, which exits with 1.
    """
    settings = settings or usable_settings()
    database = _ready(settings, migrate=migrate)
    try:
        yield database
    except DatabaseBusy:
        raise click.ClickException(BUSY) from None
    except DatabaseDown as error:
        raise click.ClickException(f"The database failed, so nothing was changed: {error}") from None
    finally:
        database.dispose()


def usable_settings(**chosen: Any) -> Settings:
    """The settings; what the command line chose goes before them, unless it is None."""
    try:
        return load_settings(**{name: value for name, value in chosen.items() if value is not None})
    except BadSettings as error:
        raise click.ClickException(f"Mend the settings first. {error}") from None


def packed_bank() -> Path:
    """The bank that comes with quizapp: packed in a wheel, or at the top of a checkout."""
    package = Path(__file__).parent.parent
    packed = package / "_question_bank"
    return packed if packed.exists() else package.parent / "question_bank"


def _ready(settings: Settings, *, migrate: bool) -> Database:
    try:
        database = Database(settings.database, busy_timeout=settings.busy_timeout_seconds)
    except (SQLAlchemyError, ImportError) as error:
        message = f"QUIZAPP_DATABASE_URL cannot be used: {_first_line(error)}"
        raise click.ClickException(message) from None
    except OSError as error:
        message = f"{settings.data_dir} cannot be used ({error.strerror}); set QUIZAPP_DATA_DIR."
        raise click.ClickException(message) from None
    try:
        if not migrations.is_current(database):
            _upgrade(database, allowed=migrate)
    except SQLAlchemyError as error:
        database.dispose()
        message = f"The database does not answer: {_first_line(error)}. Check QUIZAPP_DATABASE_URL."
        raise click.ClickException(message) from None
    return database


def _upgrade(database: Database, *, allowed: bool) -> None:
    if not allowed:
        raise click.ClickException(UNMIGRATED)
    from alembic.util import CommandError

    try:
        migrations.upgrade(database)
    except CommandError as error:
        message = f"The database cannot be brought to this version: {error}. Is it from a newer quizapp?"
        raise click.ClickException(message) from None


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).partition("\n")[0]
