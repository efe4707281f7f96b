"""Migrations build exactly the models, and go both ways, on both databases."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import inspect

import conftest
from quizapp.db import migrations
from quizapp.db.base import Base
from quizapp.db.engine import Database


@pytest.fixture(params=conftest.KINDS)
def blank(request: pytest.FixtureRequest, tmp_path: Path, worker: str) -> Database:
    """A database with nothing in it."""
    if request.param == "sqlite":
        return Database(f"sqlite:///{tmp_path / 'blank.db'}")
    server = request.getfixturevalue("postgresql_server").replace("postgresql://", "postgresql+psycopg://")
    return Database(conftest.fresh_postgresql(server, f"blank_{worker}"))


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_up_down_and_up_again(blank: Database) -> None:
    migrations.upgrade(blank)
    assert tables(blank) == set(Base.metadata.tables)
    assert migrations.is_current(blank)

    migrations.downgrade(blank, "base")
    assert tables(blank) == set()
    assert not migrations.is_current(blank)

    migrations.upgrade(blank)
    assert tables(blank) == set(Base.metadata.tables)
    blank.dispose()


def test_the_migrations_build_exactly_the_models(blank: Database) -> None:
    migrations.upgrade(blank)

    migrations.check(blank)
    blank.dispose()


def test_migrations_import_nothing_of_the_project() -> None:
    for path in (migrations.folder() / "versions").glob("*.py"):
        modules = {
            getattr(node, "module", None) or node.names[0].name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert not any(str(module).startswith("quizapp") for module in modules), path.name
