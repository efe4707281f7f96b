"""`quizapp doctor`: what is well, what is not, and what to do about it."""

import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from quizapp.cli.output import emit, finish, json_option, say
from quizapp.config import BadSettings, Settings, load_settings
from quizapp.db import migrations
from quizapp.db.engine import Database, DatabaseBusy, DatabaseDown
from quizapp.db.models import Question
from quizapp.domain import execution
from quizapp.domain.errors import Overloaded
from quizapp.domain.execution import DataSet, Program, Task

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 35)
ENOUGH_MEGABYTES = 200


class NotWell(Exception):
    """What is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    detail: str

    def as_json(self) -> dict[str, object]:
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Examine this installation.  It changes nothing."""
    checks = list(_examine())
    for check in checks:
        say(f"{'ok ' if check.ok else 'BAD'}  {check.name}: {check.detail}")
    ok = all(check.ok for check in checks)
    emit({"ok": ok, "checks": [check.as_json() for check in checks]}, as_json=as_json)
    finish(ok=ok)


def _examine() -> Iterator[Check]:
    yield _checked("python", _python)
    yield _checked("sqlite", _sqlite)
    yield _checked("sandbox", _sandbox)
    try:
        settings = load_settings()
    except BadSettings as error:
        yield Check("settings", False, str(error))
        return
    yield Check("settings", True, "can be read")
    for name, look in _OF_SETTINGS.items():
        yield _checked(name, lambda look=look: look(settings))  # type: ignore[misc]  # a default binds the loop's value
    reached = _checked("database", lambda: _with_database(settings, _database))
    yield reached
    for name, examine in _OF_DATABASE.items():
        if reached.ok:
            yield _checked(name, lambda examine=examine: _with_database(settings, examine))  # type: ignore[misc]  # the same
        else:
            yield Check(name, False, "not examined, because the database cannot be reached")
    if settings.redis_url:
        yield _checked("redis", lambda: _redis(settings))
    if settings.metrics_token:
        yield _checked("metrics", _metrics)


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except NotWell as problem:
        return Check(name, False, str(problem))


def _python() -> str:
    version = sys.version.split()[0]
    if sys.version_info < OLDEST_PYTHON:
        raise NotWell(f"{version} is too old; quizapp needs 3.11")
    return version


def _sqlite() -> str:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise NotWell(f"{sqlite3.sqlite_version} is too old; quizapp needs 3.35")
    return sqlite3.sqlite_version


def _sandbox() -> str:
    """Whether the processes that answers in SQL are run in can be started here."""
    try:
        outcome = execution.run(Program(Task.SELECT, "", (DataSet("empty", ""),), "SELECT 1"))
    except Overloaded:
        raise NotWell(
            "answers in SQL cannot be run: no process can be started, or none may have 192 MB"
        ) from None
    failure = outcome.runs[0].failure
    if failure is not None:
        raise NotWell(f"answers in SQL cannot be run: {failure.message}")
    return "runs SQL"


def _data_dir(settings: Settings) -> str:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            return str(settings.data_dir)
    except OSError as error:
        raise NotWell(f"{settings.data_dir} cannot be written: {error.strerror}") from None


def _disk_space(settings: Settings) -> str:
    folder = _first_existing(settings.data_dir)
    free = shutil.disk_usage(folder).free // 1024**2
    if free < ENOUGH_MEGABYTES:
        raise NotWell(f"only {free} MB are free at {folder}; answers cannot be kept on a full disk")
    return f"{free} MB are free"


def _first_existing(path: Path) -> Path:
    return path if path.exists() else _first_existing(path.parent)


def _secret_key(settings: Settings) -> str:
    if settings.secret_key:
        if len(settings.secret_key) < 32:
            raise NotWell("QUIZAPP_SECRET_KEY is short; take 32 characters or more at random")
        return "set by QUIZAPP_SECRET_KEY"
    path = settings.data_dir / "secret_key"
    if not path.exists():
        return "will be made by the first start"
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise NotWell(f"others can read {path}; run: chmod 600 {path}")
    return f"kept in {path}"


_OF_SETTINGS: dict[str, Callable[[Settings], str]] = {
    "data directory": _data_dir,
    "disk space": _disk_space,
    "secret key": _secret_key,
}


def _with_database(settings: Settings, examine: Callable[[Database], str]) -> str:
    try:
        url = make_url(settings.database)
        if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
            raise NotWell(f"there is none at {url.database}; ./quiz or quizapp serve --migrate makes it")
        database = Database(settings.database, busy_timeout=settings.busy_timeout_seconds)
        try:
            return examine(database)
        finally:
            database.dispose()
    except (SQLAlchemyError, DatabaseDown, ImportError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise NotWell(f"{reason}; check QUIZAPP_DATABASE_URL") from None


def _database(database: Database) -> str:
    with database.engine.connect() as connection:
        migrations.current(connection)
    return database.url.render_as_string(hide_password=True)


def _migrations(database: Database) -> str:
    with database.engine.connect() as connection:
        found = migrations.current(connection)
    if found != migrations.head():
        made = f"made by version {found}" if found else "empty"
        raise NotWell(f"the database is {made}, and needs {migrations.head()}; run: quizapp serve --migrate")
    return found


def _bank(database: Database) -> str:
    with database.reading() as session:
        count = session.scalar(
            select(func.count()).select_from(Question).where(Question.status == "published")
        )
    if not count:
        raise NotWell("there are no questions; run: quizapp bank load")
    return f"{count} questions"


def _writing(database: Database) -> str:
    try:
        with database.writing():
            return "can be had"
    except DatabaseBusy:
        raise NotWell("somebody holds it; look for a command or a copy that never ends") from None


_OF_DATABASE: dict[str, Callable[[Database], str]] = {
    "migrations": _migrations,
    "question bank": _bank,
    "writer's turn": _writing,
}


def _redis(settings: Settings) -> str:
    if find_spec("redis") is None:
        raise NotWell("QUIZAPP_REDIS_URL is set, but the client is missing; install quizapp[server]")
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        with Redis.from_url(settings.redis_url, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
    except (RedisError, ValueError) as error:
        raise NotWell(f"{type(error).__name__}; check QUIZAPP_REDIS_URL") from None
    return "answers"


def _metrics() -> str:
    if find_spec("prometheus_client") is None:
        raise NotWell("QUIZAPP_METRICS_TOKEN is set, but the library is missing; install quizapp[server]")
    return "are counted"
