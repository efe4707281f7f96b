"""Migrations build exactly the models, and go both ways, on both databases."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

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


def test_answers_come_through_the_change_that_allows_scores(blank: Database) -> None:
    migrations.upgrade(blank, "0001")
    rows = (
        "INSERT INTO account VALUES (1, 'Lena', 'lena', '', 'learner', 100, '{}', false, '2026-11-21', NULL)",
        "INSERT INTO question_set VALUES (1, NULL, NULL, 'A', '', '', 'published', '2026-11-21', '2026-11-21')",
        "INSERT INTO question VALUES (1, 'a', 1, 1, 1, 'apis', NULL, 'number', 'mid', 1, 'published')",
        "INSERT INTO question_revision VALUES (1, 1, '', '{}', '2026-11-21')",
        "INSERT INTO attempt (learner_id, id, origin, title, mode, blueprint, seed, state, started_at, max_score)"
        " VALUES (1, 'x', 'quiz:1', 'A', 'exam', '{}', 1, 'open', '2026-11-21', 1000000)",
        "INSERT INTO slot VALUES (1, 'x', 1, 1, 1, NULL, 1, 'apis', '', false)",
        "INSERT INTO step VALUES (1, 'x', 1, 1, 'save', '2026-11-21', '{}', 'low', NULL, NULL, NULL)",
    )
    score = "INSERT INTO step VALUES (1, 'x', 1, 2, 'score', '2026-11-21', '{}', NULL, 'right', 1000000, '')"
    with blank.engine.begin() as connection:
        for row in rows:
            connection.exec_driver_sql(row)
    with pytest.raises(IntegrityError), blank.engine.begin() as connection:
        connection.exec_driver_sql(score)

    migrations.upgrade(blank)
    with blank.engine.begin() as connection:
        connection.exec_driver_sql(score)
    for wrong in ("kind = 'other'", "verdict = 'good'", "confidence = 'some'"):
        with pytest.raises(IntegrityError), blank.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE step SET {wrong} WHERE number = 2")

    migrations.downgrade(blank, "0001")
    with blank.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT kind FROM step").scalars().all() == ["save"]
    migrations.upgrade(blank)
    blank.dispose()
