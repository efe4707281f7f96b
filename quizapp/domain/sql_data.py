"""Rows that a database is filled with, written as a table and its columns or as SQL."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from quizapp.domain.questions import Document, Note

MAX_SQL_CHARS = 20_000
MAX_ROWS = 100
MAX_CELL_CHARS = 500

Sql = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_SQL_CHARS)]


def _plain(value: Any) -> Any:
    """SQLite knows no decimals and no truth values; a file may hold both."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("a whole number has at most 64 bits")
    return int(value) if isinstance(value, bool) else value


Whole = Annotated[int, Field(strict=True)]
Broken = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Words = Annotated[str, StringConstraints(strict=True, strip_whitespace=False, max_length=MAX_CELL_CHARS)]
Cell = Annotated[Whole | Broken | Words | None, BeforeValidator(_plain)]
Row = Annotated[tuple[Cell, ...], Field(min_length=1, max_length=20)]
Head = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z_]\w* ?\( ?[A-Za-z_]\w*( ?, ?[A-Za-z_]\w*)* ?\)$", max_length=500),
]
"""A table with its columns, as INSERT names them: `orders(id, total)`."""

Rows = Annotated[dict[Head, Annotated[tuple[Row, ...], Field(max_length=MAX_ROWS)]], Field(max_length=10)]
NAME = re.compile(r"[A-Za-z_]\w*")


class HiddenKind(StrEnum):
    """What a hidden data set puts to the test; all that a learner is told of it."""

    EMPTY = "empty"
    SINGLE = "single"
    NULLS = "nulls"
    TIES = "ties"
    DUPLICATES = "duplicates"
    UNMATCHED = "unmatched"
    BOUNDARY = "boundary"
    ZERO = "zero"
    NEGATIVE = "negative"
    CASE = "case"
    ORDER = "order"
    LARGE = "large"
    OTHER = "other"


IN_WORDS: Mapping[HiddenKind, str] = {
    HiddenKind.EMPTY: "tables without rows",
    HiddenKind.SINGLE: "a single row",
    HiddenKind.NULLS: "NULL in some columns",
    HiddenKind.TIES: "ties",
    HiddenKind.DUPLICATES: "values that occur more than once",
    HiddenKind.UNMATCHED: "rows without a partner in the other table",
    HiddenKind.BOUNDARY: "values right at a boundary",
    HiddenKind.ZERO: "zeros",
    HiddenKind.NEGATIVE: "negative numbers",
    HiddenKind.CASE: "upper and lower case",
    HiddenKind.ORDER: "rows stored in another order",
    HiddenKind.LARGE: "many rows",
    HiddenKind.OTHER: "other rows",
}


class HiddenData(Document):
    """Rows that the learner never sees."""

    kind: HiddenKind
    title: Note = ""
    """For editors: what is special about these rows."""
    adds_to_visible: bool = False
    """Whether the rows come on top of the visible ones, or stand alone."""
    data: Rows | Sql = Field(default_factory=dict)
    """Rows by table and columns, or statements that make them."""

    @model_validator(mode="after")
    def _rows_fit(self) -> Self:
        if not isinstance(self.data, str):
            require_fitting(self.data)
        if self.kind is not HiddenKind.EMPTY and not self.data:
            raise ValueError("only the kind `empty` needs no data")
        return self


def columns_of(head: str) -> tuple[str, tuple[str, ...]]:
    """The table and the columns of a head."""
    table, *columns = NAME.findall(head)
    return table, tuple(columns)


def require_fitting(rows: Mapping[str, tuple[tuple[Any, ...], ...]]) -> None:
    """Refuse rows with more or fewer values than their table has columns, and too many rows."""
    if sum(len(each) for each in rows.values()) > MAX_ROWS:
        raise ValueError(f"more than {MAX_ROWS} rows; make them with SQL")
    for head, each in rows.items():
        _, columns = columns_of(head)
        for place, row in enumerate(each, start=1):
            if len(row) != len(columns):
                raise ValueError(f"row {place} of {head} has {len(row)} values for {len(columns)} columns")


def as_sql(data: Mapping[str, tuple[tuple[Any, ...], ...]] | str) -> str:
    """Statements that fill the tables."""
    return data if isinstance(data, str) else "\n".join(_inserts(data))


def _inserts(rows: Mapping[str, tuple[tuple[Any, ...], ...]]) -> Iterator[str]:
    for head, each in rows.items():
        table, columns = columns_of(head)
        names = ", ".join(f'"{column}"' for column in columns)
        for row in each:
            values = ", ".join(literal(value) for value in row)
            yield f'INSERT INTO "{table}" ({names}) VALUES ({values});'  # noqa: S608  # an author's rows, for a sandbox


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return "'{}'".format(value.replace("'", "''"))
    return repr(value)
