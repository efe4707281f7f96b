"""One row of a backup as JSON, and back, judged by its table's columns."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, Table, Text

from quizapp.db.base import Millionths, UtcDateTime


class BadRow(ValueError):
    """A line that is no row of its table; the message says why."""


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's values as JSON has them: moments and decimals as text, bytes in base 64."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, Decimal) else value


class RowReader:
    """Reads the lines of one table.  A name or a value that does not belong there is refused."""

    def __init__(self, table: Table) -> None:
        self.name = table.name
        self._columns = {column.name: (_reader(column), bool(column.nullable)) for column in table.columns}

    def read(self, line: bytes) -> dict[str, Any]:
        """The row in a line, for an INSERT.  Raises `BadRow`."""
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise BadRow("not a line of JSON") from None
        if not isinstance(found, dict) or found.keys() != self._columns.keys():
            names = found.keys() ^ self._columns.keys() if isinstance(found, dict) else ()
            raise BadRow(f"not the columns of {self.name}: {', '.join(sorted(names))[:200]}")
        return {name: self._value(name, value) for name, value in found.items()}

    def _value(self, name: str, value: Any) -> Any:
        read, is_nullable = self._columns[name]
        if value is None and is_nullable:
            return None
        try:
            return read(value)
        except (TypeError, ValueError, InvalidOperation, OverflowError):
            raise BadRow(f"{name}: not a value of this column") from None


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    for kind, read in _READERS:
        if isinstance(column.type, kind):
            return read
    raise TypeError(f"{column} has a type that backups do not know")


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_exactly(str, value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _decimal(value: Any) -> Decimal:
    number = Decimal(_exactly(str, value))
    if not number.is_finite():
        raise ValueError
    return number


def _whole(value: Any) -> int:
    return int(_exactly(int, value))


def _bytes(value: Any) -> bytes:
    return b64decode(_exactly(str, value), validate=True)


def _text(value: Any) -> str:
    return str(_exactly(str, value))


def _truth(value: Any) -> bool:
    return bool(_exactly(bool, value))


def _document(value: Any) -> Any:
    if not isinstance(value, dict | list):
        raise TypeError
    return value


def _exactly(kind: type, value: Any) -> Any:
    """A bool is an int to Python, but not to a database."""
    if type(value) is not kind:
        raise TypeError
    return value


_READERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (UtcDateTime, _moment),
    (Millionths, _decimal),
    (JSON, _document),
    (LargeBinary, _bytes),
    (Boolean, _truth),
    (Integer, _whole),
    (Text, _text),
)
