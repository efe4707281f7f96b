"""Bringing a database to the models' version, by Alembic.

Alembic is imported only when there is something to do, because finding out that
there is not happens at every start.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from quizapp.db.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

REVISION = re.compile(r'^revision = "(\w+)"', re.MULTILINE)
DOWN = re.compile(r'^down_revision = "(\w+)"', re.MULTILINE)


def folder() -> Path:
    """Where the migrations are: packed beside the code in a wheel, at the top of a checkout."""
    package = Path(__file__).parent.parent
    packed = package / "_migrations"
    return packed if packed.exists() else package.parent / "migrations"


@cache
def head() -> str:
    """The newest revision: the one that no other comes after."""
    texts = [path.read_text("utf-8") for path in (folder() / "versions").glob("*.py")]
    revisions = {found[1] for each in texts if (found := REVISION.search(each))}
    followed = {found[1] for each in texts if (found := DOWN.search(each))}
    (newest,) = revisions - followed
    return newest


def current(connection: Connection) -> str | None:
    """The revision that a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_current(database: Database) -> bool:
    with database.engine.connect() as connection:
        return current(connection) == head()


def upgrade(database: Database, revision: str = "head") -> None:
    _run(database, "upgrade", revision)


def downgrade(database: Database, revision: str) -> None:
    _run(database, "downgrade", revision)


def check(database: Database) -> None:
    """Raises where the migrations would not build exactly the models."""
    _run(database, "check")


def _run(database: Database, command: str, *arguments: str) -> None:
    from alembic import command as commands

    with database.engine.begin() as connection:
        getattr(commands, command)(_config(connection), *arguments)


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    from quizapp.db.base import Base

    config = Config()
    config.set_main_option("script_location", str(folder()))
    attributes: dict[str, Any] = config.attributes
    attributes |= {"connection": connection, "metadata": Base.metadata}
    return config
