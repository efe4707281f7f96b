"""`quizapp import` and `quizapp export`: question files of other systems, in and out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.cli.environment import open_database
from quizapp.cli.output import emit, finish, json_option, say
from quizapp.db.models import Account, QuestionSet
from quizapp.domain.errors import Refused
from quizapp.domain.imports import Diagnostic, Import, Outcome
from quizapp.domain.permissions import Actor, Role
from quizapp.formats import readable, writable
from quizapp.queries import accounts
from quizapp.services import exports, imports
from quizapp.services.import_reading import Read, Request, read_in_child
from quizapp.services.sets import Fate

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TOLD_TO_PEOPLE = 50
"""More diagnostics of one file than this are counted; `--json` has them all."""


@click.command("import")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--format", "format_key", type=click.Choice(list(readable())), help="Left out: by content.")
@click.option("--dry-run", is_flag=True, help="Read and report, and keep nothing. Needs no database.")
@click.option("--topic", default="", help="The topic of questions that name none.")
@click.option("--owner", default="", help="Whose sets they become. Left out: the only instructor.")
@json_option
def import_(
    files: tuple[Path, ...], format_key: str | None, dry_run: bool, topic: str, owner: str, as_json: bool
) -> None:
    """Read question FILES of other systems, and keep each as a set of drafts.

    Nothing is lost silently: every question that was not fully carried is listed with its
    line, the reason, and what was done. The same file again updates its set.
    """
    told = [_read(path, format_key or "", topic) for path in files]
    reports = [read.imported.as_json() for read in told]
    for read in told:
        _say_file(read.imported)
    refused = False if dry_run else _keep(told, reports, owner)
    emit({"files": reports}, as_json=as_json)
    finish(ok=not refused and all(_is_whole(read.imported) for read in told))


@click.command("export")
@click.argument("sets", nargs=-1, required=True)
@click.option(
    "--format", "format_key", type=click.Choice(list(writable())), default="yaml", show_default=True
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    required=True,
    help="The file to write.",
)
@json_option
def export(sets: tuple[str, ...], format_key: str, output: Path, as_json: bool) -> None:
    """Write SETS as one file. A set is its number, its title, or the name of its file in the bank.

    What the format cannot carry is listed for each question.
    """
    with open_database() as database, database.reading() as session:
        rows = [_set(session, name) for name in sets]
        written = exports.written(session, rows, format_key)
        held = sum(len(exports.documents_of(session, row)) for row in rows)
    left_out = {each.question for each in written.limits if each.is_left_out}
    output.write_bytes(written.data)
    for limit in written.limits:
        say(f"{limit.question}: {limit.message}")
    say(f"{held - len(left_out)} of {held} questions written to {output}, {len(written.limits)} limits")
    limits = [{"question": each.question, "message": each.message} for each in written.limits]
    emit({"written": held - len(left_out), "limits": limits}, as_json=as_json)
    finish(ok=not left_out)


def _read(path: Path, format_key: str, topic: str) -> Read:
    def told(line: str) -> None:
        say(f"{path.name}: {line} …")

    return read_in_child(Request(path.read_bytes(), str(path), format_key, topic), told)


def _is_whole(imported: Import) -> bool:
    """Whether everything came over."""
    lost = imported.count(Outcome.OPAQUE) or imported.count(Outcome.DROPPED)
    return not lost and not any(each.severity == "error" for each in imported.diagnostics)


def _say_file(imported: Import) -> None:
    counts = ", ".join(f"{imported.count(outcome)} {outcome.value}" for outcome in Outcome)
    kind = imported.format or "unknown format"
    say(_printable(f"{imported.file}: {kind}, {len(imported.questions)} found: {counts}"))
    told = imported.diagnostics
    for each in told[:TOLD_TO_PEOPLE]:
        say(_printable(f"  {_in_words(imported.file, each)}"))
    if len(told) > TOLD_TO_PEOPLE:
        say(f"  and {len(told) - TOLD_TO_PEOPLE} more; --json has them all")


def _printable(text: str) -> str:
    """A line without what a terminal would obey: names and texts of a file are not ours."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _in_words(file: str, each: Diagnostic) -> str:
    member = f"({each.member})" if each.member else ""
    name = f" {each.question[:60]!r}:" if each.question else ""
    return f"{Path(file).name}{member}:{each.line}:{name} {each.message} [{each.severity}, {each.action}]"


def _keep(told: list[Read], reports: list[dict[str, Any]], owner: str) -> bool:
    """Keep what was read; whether anything was refused.  Each file is kept whole or not at all."""
    refused = False
    with open_database() as database:
        with database.reading() as session:
            actor = _owner(session, owner)
        for read, report in zip(told, reports, strict=True):
            try:
                with database.writing() as session:
                    row, plan = imports.save(session, actor, read, now=datetime.now(UTC))
                    report["set"] = {"id": row.id, "title": row.title, **_fates(plan)}
            except Refused as error:
                refused = True
                say(_printable(f"{read.imported.file}: {error}"))
                continue
            counted = ", ".join(f"{count} {fate}" for fate, count in _fates(plan).items() if count)
            say(_printable(f"{read.imported.file}: set {row.id}, “{row.title}”: {counted}"))
    return refused


def _fates(plan: Any) -> Mapping[str, int]:
    return {fate.value: len(plan.of(fate)) for fate in Fate}


def _owner(session: Session, name: str) -> Actor:
    """Whose sets the files become.  Raises `click.UsageError`."""
    if name:
        account = accounts.by_key(session, name.casefold())
        if account is None or account.role not in (Role.INSTRUCTOR, Role.ADMIN):
            raise click.UsageError(f"There is no instructor of the name {name!r}.")
        return Actor(account.id, Role(account.role))
    teachers = session.scalars(
        select(Account).where(Account.role != Role.LEARNER, Account.deleted_at.is_(None)).limit(2)
    ).all()
    if len(teachers) != 1:
        raise click.UsageError("Say with --owner whose sets the questions become.")
    return Actor(teachers[0].id, Role(teachers[0].role))


def _set(session: Session, name: str) -> QuestionSet:
    """A set by its number, title or file.  Raises `click.UsageError`."""
    rows = list(
        session.scalars(
            select(QuestionSet).where((QuestionSet.title == name) | (QuestionSet.source == name)).limit(2)
        )
    )
    if not rows and name.isascii() and name.isdigit() and len(name) < 10:
        rows = [row for row in [session.get(QuestionSet, int(name))] if row is not None]
    if len(rows) != 1:
        reason = "There is no set" if not rows else "There are several sets"
        raise click.UsageError(f"{reason} {name!r}; the numbers of sets are in their pages' addresses.")
    return rows[0]
