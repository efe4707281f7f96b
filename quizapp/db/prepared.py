"""Statements of the hot path: written once in SQLAlchemy Core, compiled once a dialect.

Building a statement, looking it up in the compiler's cache and wrapping its rows
costs more than the database does.  A `Prepared` keeps the text and the converters
of values, and hands both to the driver.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase

Convert = Callable[[Any], Any]

Door = Session | Connection
"""Either way into the database: a session, or the connection of the hot path alone."""


def connection_of(door: Door) -> Connection:
    """The connection behind a door.  What a session has not written yet is written first."""
    if not isinstance(door, Session):
        return door
    door.flush()
    return door.connection()


class _Plan:
    """A statement in one dialect's words."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self.order: list[str] | None = compiled.positiontup
        self.names = list(self.order or compiled.binds)
        known = compiled.construct_params(_check=False)
        self.fixed = {name: value for name, value in known.items() if value is not None}
        self.binders = {
            name: binder
            for name, bound in compiled.binds.items()
            if (binder := bound.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        selected: Any = () if isinstance(statement, UpdateBase) else statement
        columns = list(getattr(selected, "selected_columns", ()))
        self.readers: list[Convert | None] = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ]
        self.row = _row_type([column.key for column in columns])

    def values(self, given: Mapping[str, Any]) -> Any:
        bound = {}
        for name in self.names:
            value = given[name] if name in given else self.fixed.get(name)
            binder = self.binders.get(name)
            bound[name] = binder(value) if binder is not None else value
        return tuple(bound[name] for name in self.order) if self.order is not None else bound

    def read(self, raw: Any) -> Any:
        pairs = zip(raw, self.readers, strict=True)
        return self.row(*[value if reader is None else reader(value) for value, reader in pairs])


def _row_type(names: list[str]) -> Any:
    return namedtuple("Row", names)


class Prepared:
    """A statement with named parameters.  `make` builds it for a dialect, once."""

    def __init__(self, make: Callable[[Dialect], ClauseElement]) -> None:
        self._make = make
        self._plans: dict[str, _Plan] = {}

    def one(self, door: Door, **parameters: Any) -> Any:
        """The only row, its values converted, with a name for each; None where there is none."""
        connection = connection_of(door)
        plan = self._plan(connection)
        raw = connection.exec_driver_sql(plan.text, plan.values(parameters)).cursor.fetchone()
        return None if raw is None else plan.read(raw)

    def all(self, door: Door, **parameters: Any) -> list[Any]:
        """All rows."""
        connection = connection_of(door)
        plan = self._plan(connection)
        cursor = connection.exec_driver_sql(plan.text, plan.values(parameters)).cursor
        return [plan.read(raw) for raw in cursor.fetchall()]

    def run(self, door: Door, **parameters: Any) -> int:
        """Execute a change; the number of rows it touched."""
        connection = connection_of(door)
        plan = self._plan(connection)
        return connection.exec_driver_sql(plan.text, plan.values(parameters)).rowcount

    def _plan(self, connection: Connection) -> _Plan:
        name = connection.dialect.name
        plan = self._plans.get(name)
        if plan is None:
            plan = self._plans[name] = _Plan(self._make(connection.dialect), connection.dialect)
        return plan
