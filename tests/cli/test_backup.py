"""Backups hold everything, go from one kind of database to the other, and are never trusted."""

import json
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from conftest import empty
from quizapp.cli import main
from quizapp.cli.environment import packed_bank
from quizapp.db.base import Base
from quizapp.db.engine import Database
from quizapp.db.models import (
    Account,
    BulkChange,
    Draft,
    Image,
    PendingImport,
    Picture,
    RateLimit,
    SignIn,
    Slot,
)
from quizapp.services import backups, banks, demo, rebuilding, sign_ins
from quizapp.services.backups import BadBackup, back_up, restore
from quizapp.services.bank_files import files_of

KEPT = [table for table in Base.metadata.sorted_tables if table.name not in {"sign_in", "rate_limit"}]


@pytest.fixture
def busy_month(database: Database, now) -> Database:
    """A database in which something stands in every table."""
    files, _ = files_of(packed_bank())
    with database.writing() as session:
        banks.load(session, files, now=now)
    passwords = dict.fromkeys((demo.INSTRUCTOR, demo.LEARNER), "four rusty kettles sing")
    demo.seed(database, passwords=passwords, now=now, people=())
    with database.writing() as session:
        learner = session.scalars(select(Account).where(Account.name == demo.LEARNER)).one()
        sign_ins.sign_in(session, learner.id, now=now)
        session.add(RateLimit(key="sign-in", count=3, expires_at=now + timedelta(hours=1)))
        slot = session.scalars(select(Slot).limit(1)).one()
        session.add(
            Picture(
                learner_id=slot.learner_id,
                id="a-diagram",
                attempt_id=slot.attempt_id,
                position=slot.position,
                sha256="0" * 64,
                media_type="image/png",
                width=3,
                height=2,
                data=bytes(range(256)),
                created_at=now,
            )
        )
        _leave_unfinished(session, learner.id, now)
    return database


def _leave_unfinished(session: Session, account_id: int, now: datetime) -> None:
    """What authors leave behind."""
    session.add_all(
        [
            Image(
                name="1" * 64,
                sha256="2" * 64,
                media_type="image/png",
                width=3,
                height=2,
                data=bytes(range(256)),
                owner_id=account_id,
                created_at=now,
            ),
            Draft(account_id=account_id, key="q", fields={"b": 1, "a": 2}, base_revision=0, updated_at=now),
            BulkChange(account_id=account_id, words="Tagged", before={"z": 1, "a": []}, at=now),
            PendingImport(
                id="p",
                account_id=account_id,
                file_name="a.gift",
                data=b"\x00\xff",
                options={},
                answer=b"{}",
                created_at=now,
            ),
        ]
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Makes the empty database that a backup is restored in, when the first one is done with."""
    made: list[Database] = []

    def make_one() -> Database:
        if request.param == "sqlite":
            path = tmp_path / "restored.db"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            made.append(Database(f"sqlite:///{path}"))
        else:
            url = request.getfixturevalue("postgresql_url")
            empty(url)
            made.append(Database(url))
        return made[-1]

    yield make_one
    for database in made:
        database.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


def rows_of(database: Database) -> dict[str, list[Any]]:
    with database.reading() as session:
        return {
            table.name: [
                tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in KEPT
        }


def test_everything_comes_back_on_either_kind_of_database(busy_month, new_database, file, now):
    before = rows_of(busy_month)
    assert all(before.values()), "every table should have rows, or this test shows nothing"
    counts = back_up(busy_month, file, now=now)
    restored = new_database()
    assert restore(restored, file) == counts == {name: len(rows) for name, rows in before.items()}
    assert rows_of(restored) == before
    assert rebuilding.rebuild(restored, check=True).differences == []
    with restored.writing() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0
        assert session.scalar(select(func.count()).select_from(RateLimit)) == 0
        newest = session.scalar(select(func.max(Account.id)))
        assert make.account(session, "Somebody New").id > (newest or 0)


def test_a_backup_is_one_moment_while_people_go_on_working(database, file, now, monkeypatch):
    with database.writing() as session:
        make.account(session, "Here Before")
    write = backups._write_rows

    def write_slowly(connection, table, into):
        count = write(connection, table, into)
        if table is KEPT[0]:
            with database.writing() as session:
                make.questions(session, [make.document()])
        return count

    monkeypatch.setattr(backups, "_write_rows", write_slowly)
    counts = back_up(database, file, now=now)
    assert counts["account"] == 1
    assert counts["question"] == 0


def test_nobody_who_was_signed_in_is_in_the_file(busy_month, file, now):
    back_up(busy_month, file, now=now)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    assert "tables/account.jsonl" in names
    assert not any("sign_in" in name or "rate_limit" in name for name in names)


def test_only_an_empty_database_takes_a_backup(database, file, now):
    with database.writing() as session:
        make.account(session, "Here Before")
    back_up(database, file, now=now)
    with pytest.raises(BadBackup, match="not empty"):
        restore(database, file)
    with database.reading() as session:
        assert session.scalars(select(Account.name)).all() == ["Here Before"]


Members = dict[str, bytes]


@pytest.fixture
def members(database: Database, file: Path, now) -> Members:
    """What is in the backup of a database with two learners, which is empty again."""
    with database.writing() as session:
        make.account(session, "Lena")
        make.account(session, "Otto")
    back_up(database, file, now=now)
    with database.writing() as session:
        session.query(Account).delete()
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(file: Path, members: Members) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def changed_account(members: Members, **fields: Any) -> Members:
    """The same members, with the last account's row changed."""
    *others, last = members["tables/account.jsonl"].splitlines()
    row = json.loads(last) | fields
    return members | {"tables/account.jsonl": b"\n".join([*others, json.dumps(row).encode()])}


def changed_manifest(members: Members, **fields: Any) -> Members:
    document = json.loads(members["manifest.json"]) | fields
    return members | {"manifest.json": json.dumps(document).encode()}


SPOILED: dict[str, tuple[Callable[[Members], Members], str]] = {
    "a column that no table has": (lambda m: changed_account(m, is_root=True), "account.jsonl:2"),
    "a number for a text": (lambda m: changed_account(m, name=7), "name"),
    "a text for a number": (lambda m: changed_account(m, id="1 OR 1=1"), "id"),
    "a truth for a number": (lambda m: changed_account(m, id=True), "id"),
    "nothing where something must be": (lambda m: changed_account(m, name=None), "name"),
    "a moment without a zone": (lambda m: changed_account(m, created_at="2026-01-01T00:00"), "created_at"),
    "a text for a document": (lambda m: changed_account(m, preferences="{}"), "preferences"),
    "a role that does not exist": (lambda m: changed_account(m, role="root"), "does not fit"),
    "a number beyond every database": (lambda m: changed_account(m, id=2**70), "cannot store"),
    "half a character": (lambda m: changed_account(m, name="\ud800"), "cannot store"),
    "two rows with one name": (lambda m: changed_account(m, name_key="lena"), "does not fit"),
    "no JSON": (lambda m: m | {"tables/account.jsonl": b"\x80\x04pickled"}, "not a line of JSON"),
    "endless brackets": (lambda m: m | {"tables/account.jsonl": b"[" * 200_000}, "not a line of JSON"),
    "a list for a row": (lambda m: m | {"tables/account.jsonl": b"[1, 2]"}, "not the columns"),
    "fewer rows than promised": (lambda m: m | {"tables/account.jsonl": b""}, "not complete"),
    "another version": (lambda m: changed_manifest(m, revision="9999"), "another version"),
    "a later kind of backup": (lambda m: changed_manifest(m, version=2), "manifest"),
    "a manifest with more": (lambda m: changed_manifest(m, run="rm"), "manifest"),
    "no manifest": (lambda m: {k: v for k, v in m.items() if k != "manifest.json"}, "manifest.json"),
    "a table too many": (lambda m: m | {"tables/sqlite_master.jsonl": b""}, "sqlite_master"),
    "a way out of the folder": (lambda m: m | {"../../etc/passwd": b""}, "passwd"),
    "a sign-in": (lambda m: m | {"tables/sign_in.jsonl": b""}, "sign_in"),
    "a bomb": (lambda m: m | {"tables/account.jsonl": b" " * 30_000_000}, "unpack to far more"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_spoiled_backup_is_refused_and_nothing_is_stored(database, members, file, what):
    spoil, told = SPOILED[what]
    write(file, spoil(members))
    with pytest.raises(BadBackup, match=told):
        restore(database, file)
    assert not any(rows_of(database).values())


def test_the_unspoiled_backup_is_taken(database, members, file):
    write(file, members)
    assert restore(database, file)["account"] == 2


def test_a_name_twice_is_refused(database, members, file):
    write(file, members)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("tables/account.jsonl", b"")
    with pytest.raises(BadBackup, match="twice"):
        restore(database, file)


def test_a_backup_larger_than_any_is_refused(database, members, file, monkeypatch):
    monkeypatch.setattr(backups, "MAX_TOTAL", 100)
    write(file, members)
    with pytest.raises(BadBackup, match="too large"):
        restore(database, file)


@pytest.mark.parametrize("keep", [0, 40, -30])
def test_half_a_file_is_refused(database, members, file, keep):
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(BadBackup, match="not a backup"):
        restore(database, file)
    assert not any(rows_of(database).values())


def test_a_damaged_file_is_refused(database, members, file):
    data = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        at = archive.getinfo("tables/account.jsonl").header_offset + 80
    data[at : at + 8] = b"\0" * 8
    file.write_bytes(data)
    with pytest.raises(BadBackup, match="not a backup"):
        restore(database, file)
    assert not any(rows_of(database).values())


@pytest.fixture
def quizapp(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `quizapp …` on the test's database."""
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", database_url)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def test_both_commands_say_how_much_it_was(quizapp, database, file):
    with database.writing() as session:
        make.account(session, "Lena")
    written = json.loads(quizapp("backup", file, "--json").stdout)
    assert written["bytes"] == file.stat().st_size
    assert written["tables"]["account"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with database.writing() as session:
        session.query(Account).delete()
    assert json.loads(quizapp("restore", file, "--json").stdout) == written
    with database.reading() as session:
        assert session.scalars(select(Account.name)).all() == ["Lena"]


def test_a_backup_never_replaces_a_file(quizapp, file):
    file.write_text("precious")
    result = quizapp("backup", file)
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert file.read_text() == "precious"


def test_a_backup_that_cannot_be_written_leaves_nothing_behind(quizapp, file, monkeypatch):
    result = quizapp("backup", file.parent / "nowhere" / "backup.zip")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr

    def fill_up(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("quizapp.cli.backup.back_up", fill_up)
    result = quizapp("backup", file)
    assert result.exit_code == 1
    assert "No space left" in result.stderr
    assert [path.name for path in file.parent.iterdir() if "backup" in path.name] == []


def test_restoring_what_is_no_backup_says_so(quizapp, file):
    file.write_text("hello")
    result = quizapp("restore", file)
    assert result.exit_code == 1
    assert "Nothing was restored" in result.stderr
