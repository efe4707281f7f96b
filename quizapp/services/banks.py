"""Loading a bank into the database: only what changed, and nothing that learners did.

A question is known by its id.  Rows that did not come from a file (`source` is NULL)
belong to the people who uploaded them and are never touched.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizapp.db import models
from quizapp.domain.problems import Problem
from quizapp.queries import bank as reads
from quizapp.services.bank_files import Bank, BankFile, Progress, read_files
from quizapp.services.bank_loads import Load, LoadReport
from quizapp.services.bank_questions import take_questions
from quizapp.services.bank_quizzes import report_stale_quizzes, take_quizzes

READ_AGAIN = ""
"""Stands for the hash of a file that was loaded in part: no file has it."""
ONE_LOAD_AT_A_TIME = 0x62616E6B


def read_changed(
    session: Session, files: Sequence[BankFile], *, progress: Progress | None = None
) -> dict[str, Bank]:
    """Parse the files that the database does not hold as they are, each by itself.

    This is the slow part of a load, and it only reads: done before the writing
    session begins, it keeps nobody waiting.
    """
    return _parsed(_changed(files, reads.bank_files(session)), progress)


def load(
    session: Session,
    files: Sequence[BankFile],
    *,
    now: datetime,
    progress: Progress | None = None,
    parsed: Mapping[str, Bank] | None = None,
    problems: Sequence[Problem] = (),
) -> LoadReport:
    """Make the database hold what the files say.  A second load changes no row.

    A file with problems is skipped as a whole: what it said before stays, and the
    next load reads it again.  What is in no file any more is retired, not deleted.
    `parsed` is what `read_changed` gave for the same files; `problems` are those met
    when the folder was opened, and the files that they name are left as they are.
    """
    _take_turn(session)
    known = reads.bank_files(session)
    changed = _changed(files, known)
    have = dict(parsed or {})
    have |= _parsed([file for file in changed if file.name not in have], progress)
    unopened = {name for name in known for p in problems if p.where.startswith(f"{name}:")}
    names = {file.name for file in files}
    work = Load(
        session,
        now,
        files={file.name: file for file in files},
        banks={file.name: have[file.name] for file in changed},
        known=known,
        gone=known.keys() - names - unopened,
    )
    work.report.problems += problems
    _run(work)
    return work.report


def _changed(files: Sequence[BankFile], known: Mapping[str, models.BankFile]) -> list[BankFile]:
    return [file for file in files if file.name not in known or known[file.name].sha256 != file.sha256]


def _parsed(files: Sequence[BankFile], progress: Progress | None) -> dict[str, Bank]:
    banks = {}
    for number, file in enumerate(files, start=1):
        banks[file.name] = read_files([file])
        if progress:
            progress(number, len(files), file.name)
    return banks


def _take_turn(session: Session) -> None:
    """Two loads at once would both insert what is new.  SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(ONE_LOAD_AT_A_TIME)))


def _run(work: Load) -> None:
    for name, bank in list(work.banks.items()):
        if bank.problems:
            work.drop(name, bank.problems)
    if work.banks or work.gone:
        take_questions(work)
        take_quizzes(work)
    report_stale_quizzes(work)
    work.report.unchanged += reads.published_in(work.session, work.staying)
    _keep_files(work)


def _keep_files(work: Load) -> None:
    """Remember what was taken over, so that the next load need not read it again."""
    for name, bank in work.banks.items():
        row = work.known.get(name) or models.BankFile(name=name)
        sha256 = READ_AGAIN if name in work.in_part else work.files[name].sha256
        document = bank.curriculum.model_dump(mode="json", exclude_defaults=True)
        if (row.sha256, row.document) != (sha256, document):
            row.sha256, row.document = sha256, document
            work.session.add(row)
    for name in work.gone:
        work.session.delete(work.known[name])
    work.session.flush()
