"""Loading a bank's folder, with a bar while somebody looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from quizapp.db.engine import Database
from quizapp.services import banks
from quizapp.services.bank_files import Progress, files_of
from quizapp.services.bank_loads import LoadReport


def load_bank(database: Database, path: Path) -> LoadReport:
    """Load the files that changed."""
    files, problems = files_of(path)
    # Reading takes long, so it is done before the database is asked to wait.
    with database.reading() as session, _progress() as progress:
        parsed = banks.read_changed(session, files, progress=progress)
    with database.writing() as session:
        return banks.load(session, files, now=datetime.now(UTC), parsed=parsed, problems=problems)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error while files are read; nothing where nobody looks."""
    if not click.get_text_stream("stderr").isatty():
        yield None
        return
    with click.progressbar(
        length=1, label="Reading", file=click.get_text_stream("stderr"), item_show_func=str
    ) as bar:

        def advance(number: int, total: int, name: str) -> None:
            bar.length = total
            bar.update(1, name)

        yield advance
