"""Insert or update, in the one statement that both databases have for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam
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
    insert, keys = _insert(model, session.get_bind().dialect.name)
    statement = insert.on_conflict_do_update(index_elements=keys, set_=dict(changes(insert.excluded)))
    session.execute(statement, sorted(rows, key=lambda row: [str(row[key]).zfill(12) for key in keys]))


def insert_new(model: type[Base], dialect: str) -> Any:
    """A statement that inserts a row unless its primary key is taken; for `Prepared`."""
    insert, keys = _insert(model, dialect)
    names = {column.key: bindparam(column.key, type_=column.type) for column in model.__table__.columns}
    return insert.values(names).on_conflict_do_nothing(index_elements=keys)


def _insert(model: type[Base], dialect: str) -> tuple[Any, list[str]]:
    table = model.__table__
    assert isinstance(table, Table)  # every model here is a plain table
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    return insert, [column.key for column in table.primary_key]
