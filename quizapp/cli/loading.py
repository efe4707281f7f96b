"""Loading a bank's folder, with a bar while somebody looks."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from quizapp.db.engine import Database
from quizapp.services import banks
from quizapp.services.bank_files import Progress, files_of
from quizapp.services.bank_loads import LoadReport


def load_bank(database: Database, path: Path) -> LoadReport:
    """Load the files of a folder that changed."""
    files, problems = files_of(path)
    # Reading takes long, so it is done before the database is asked to wait.
    with database.reading() as session, _progress() as progress:
        parsed = banks.read_changed(session, files, progress=progress)
    with database.writing() as session:
        return banks.load(session, files, now=datetime.now(UTC), parsed=parsed, problems=problems)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error from the first file on; nothing where nobody looks or nothing is read."""
    with ExitStack() as shown:
        bar: Any = None

        def advance(number: int, total: int, name: str) -> None:
            nonlocal bar
            if bar is None:
                bar = shown.enter_context(
                    click.progressbar(length=total, label="Reading files", show_pos=True, file=sys.stderr)
                )
            bar.update(1)

        yield advance if sys.stderr.isatty() else None
