"""Insert or update, in the one statement that both databases have for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from quizapp.db.base import Base

Changes = Callable[[Any], Mapping[str, Any]]
"""From the row that was to be inserted to the columns that change in the row that is there."""


def upsert(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], changes: Changes) -> None:
    """Insert rows; where the primary key exists, apply `changes` instead.

    Rows are sorted by key first, so that two writers meet in the same order and
    never wait for each other in a circle.
    """
    if not rows:
        return
    insert, keys = _insert(session, model)
    statement = insert.on_conflict_do_update(index_elements=keys, set_=dict(changes(insert.excluded)))
    session.execute(statement, sorted(rows, key=lambda row: [str(row[key]).zfill(12) for key in keys]))


def insert_new(session: Session, model: type[Base], row: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key is taken; tells whether it was inserted."""
    insert, keys = _insert(session, model)
    result: Any = session.execute(insert.on_conflict_do_nothing(index_elements=keys), row)
    return bool(result.rowcount)


def _insert(session: Session, model: type[Base]) -> tuple[Any, list[str]]:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  # every model here is a plain table
    dialect = session.get_bind().dialect.name
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    return insert, [column.key for column in table.primary_key]
