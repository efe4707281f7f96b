"""`quizapp backup` and `quizapp restore`: all data in one file."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from quizapp.cli.environment import open_database
from quizapp.cli.output import emit, json_option, say
from quizapp.services.backups import BadBackup, back_up
from quizapp.services.backups import restore as restore_all

WRITTEN = click.Path(dir_okay=False, path_type=Path)
READ = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=WRITTEN)
@json_option
def backup(file: Path, as_json: bool) -> None:
    """Write all data to a new FILE, while people go on working.

    It holds password hashes and everybody's answers, so only you can read it.
    """
    if file.exists():
        raise click.ClickException(f"{file} exists already. Choose another name.")
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    with open_database(migrate=False) as database:
        try:
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL, 0o600))
            tables = back_up(database, unfinished, now=datetime.now(UTC))
            os.link(unfinished, file)  # unlike a rename, it never replaces a file
        except OSError as error:
            raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
        finally:
            unfinished.unlink(missing_ok=True)
    _tell("Written", file, tables, as_json=as_json)


@click.command()
@click.argument("file", type=READ)
@json_option
def restore(file: Path, as_json: bool) -> None:
    """Store all data of a backup FILE in the database, which must be empty."""
    with open_database() as database:
        try:
            tables = restore_all(database, file)
        except BadBackup as error:
            raise click.ClickException(f"Nothing was restored. {error}") from None
    _tell("Restored", file, tables, as_json=as_json)


def _tell(done: str, file: Path, tables: dict[str, int], *, as_json: bool) -> None:
    size = file.stat().st_size
    say(f"{done}: {sum(tables.values())} rows of {len(tables)} tables, {size} bytes")
    emit({"bytes": size, "tables": tables}, as_json=as_json)
