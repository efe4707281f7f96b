"""Backups: all rows as data in one file, for either kind of database.

A backup is a ZIP of `manifest.json` and one `tables/<name>.jsonl` a table, a row a line.
It holds data only: nothing in it is run, and every name and value is checked against the
models before it is stored.  Who is signed in, and what rate limits counted, stay behind.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, LargeBinary, Table, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

import quizapp.db.models  # noqa: F401  # without them there is no table to keep
from quizapp.db import migrations
from quizapp.db.base import Base
from quizapp.db.engine import Database
from quizapp.services.backup_rows import BadRow, RowReader, as_json

LEFT_OUT = frozenset({"sign_in", "rate_limit"})
MANIFEST = "manifest.json"
BATCH, LARGE_BATCH = 500, 20
"""Rows at once, and rows that hold files."""
MAX_LINE = 16 * 1024 * 1024
MAX_MANIFEST = 1024 * 1024
MAX_TOTAL = 16 * 1024**3
MAX_RATIO = 250
"""Rows shrink ten to forty times.  What shrinks more was made to fill a disk."""
ENCRYPTED = 1
"""A flag of a ZIP's member."""
SMALL = 1024 * 1024
"""Members up to this size may shrink as they like."""


class BadBackup(Exception):
    """The file cannot be restored; the message says why.  Nothing was stored."""


class Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["quizapp-backup"]
    version: Literal[1]
    revision: str
    made_at: datetime
    tables: dict[str, int]
    """Rows by table."""


def back_up(database: Database, path: Path, *, now: datetime) -> dict[str, int]:
    """Write all rows, as they are at one moment, to a file.  Returns the rows by table."""
    counts: dict[str, int] = {}
    with path.open("wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        with _snapshot(database) as connection:
            for table in _tables():
                with archive.open(_member(table), "w", force_zip64=True) as file:
                    counts[table.name] = _write_rows(connection, table, file)
        manifest = Manifest(
            format="quizapp-backup", version=1, revision=migrations.head(), made_at=now, tables=counts
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))
    return counts


def restore(database: Database, path: Path) -> dict[str, int]:
    """Store all rows of a backup in an empty database, or none.  Returns the rows by table.

    Raises `BadBackup` where the database is not empty or the file is not what `back_up` writes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _checked(archive)
            with database.writing() as session:
                return _store(session.connection(), archive, manifest)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BadBackup(f"{path} is not a backup: {error}") from None


def _tables() -> list[Table]:
    """The tables that are kept, those first that others refer to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def _member(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def _snapshot(database: Database) -> Connection:
    """A connection that sees one moment only: SQLite's readers always do."""
    if database.is_sqlite:
        return database.engine.connect()
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return database.engine.connect().execution_options(**options)


def _write_rows(connection: Connection, table: Table, file: IO[bytes]) -> int:
    rows = connection.execution_options(yield_per=_batch(table)).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    count = 0
    for row in rows.mappings():
        line = json.dumps(as_json(dict(row)), ensure_ascii=False, separators=(",", ":"))
        file.write(line.encode() + b"\n")
        count += 1
    return count


def _checked(archive: zipfile.ZipFile) -> Manifest:
    """The manifest of an archive that holds exactly what it should."""
    members = archive.infolist()
    names = [member.filename for member in members]
    expected = {MANIFEST, *map(_member, _tables())}
    if len(names) != len(set(names)) or set(names) != expected:
        strange = sorted(set(names) ^ expected)
        raise BadBackup(f"It does not hold what a backup holds: {', '.join(strange[:5]) or 'a name twice'}.")
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise BadBackup("It is encrypted.")
    _check_sizes(members)
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except ValidationError as error:
        raise BadBackup(f"Its {MANIFEST} cannot be read: {error.errors()[0]['msg']}.") from None
    if manifest.revision != migrations.head():
        raise BadBackup(
            f"It was made by another version of quizapp (its tables are {manifest.revision}, these are "
            f"{migrations.head()}). Restore it with that version, then upgrade."
        )
    return manifest


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    """Never more is read from a member than the size that it declares, so these limits hold."""
    if sum(member.file_size for member in members) > MAX_TOTAL:
        raise BadBackup("It is too large.")
    for member in members:
        limit = MAX_MANIFEST if member.filename == MANIFEST else max(SMALL, member.compress_size * MAX_RATIO)
        if member.file_size > limit:
            raise BadBackup(f"{member.filename} would unpack to far more than rows do.")


def _store(connection: Connection, archive: zipfile.ZipFile, manifest: Manifest) -> dict[str, int]:
    for table in _tables():
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise BadBackup(f"The database is not empty: {table.name} has rows. Restore into a new one.")
    counts: dict[str, int] = {}
    for table in _tables():
        with archive.open(_member(table)) as file:
            counts[table.name] = _read_rows(connection, table, file)
    if counts != manifest.tables:
        raise BadBackup("It is not complete: there are not as many rows as its manifest says.")
    if connection.dialect.name == "postgresql":
        _move_sequences(connection)
    return counts


def _read_rows(connection: Connection, table: Table, file: IO[bytes]) -> int:
    count = 0
    for batch in _batches(RowReader(table), _batch(table), file):
        try:
            connection.execute(insert(table), batch)
        except IntegrityError as error:
            raise BadBackup(f"A row of {table.name} does not fit the others: {error.orig}") from None
        except (DataError, OverflowError, UnicodeError):
            raise BadBackup(f"A row of {table.name} holds a value that this database cannot store.") from None
        count += len(batch)
    return count


def _batch(table: Table) -> int:
    return LARGE_BATCH if any(isinstance(each.type, LargeBinary) for each in table.columns) else BATCH


def _batches(reader: RowReader, most: int, file: IO[bytes]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        try:
            batch.append(reader.read(line))
        except BadRow as error:
            raise BadBackup(f"tables/{reader.name}.jsonl:{number}: {error}") from None
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch


def _move_sequences(connection: Connection) -> None:
    """PostgreSQL counts identities by itself, and would begin again at 1."""
    for table in _tables():
        column = table.autoincrement_column
        if column is None:
            continue
        highest = connection.execute(select(func.max(column))).scalar() or 0
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :column), :next, false)"),
            {"table": table.name, "column": column.name, "next": highest + 1},
        )
