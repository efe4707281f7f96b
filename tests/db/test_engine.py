"""The two doors of the database."""

import sqlite3
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

import make
from quizapp.db.engine import Database, DatabaseBusy
from quizapp.db.models import Account, Tally


def test_what_raises_is_undone(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        make.account(session, "Nobody")
        raise ZeroDivisionError

    with database.reading() as session:
        assert session.scalars(select(Account)).all() == []


def test_reading_never_commits(database: Database) -> None:
    with database.reading() as session:
        make.account(session, "Nobody")

    with database.reading() as session:
        assert session.scalars(select(Account)).all() == []


def test_sqlite_keeps_what_it_acknowledged(sqlite_template: Path, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    with database.engine.connect() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    database.dispose()


def test_a_writer_that_waits_too_long_is_told_that_the_database_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "busy.db"
    database = Database(f"sqlite:///{path}", busy_timeout=0.05)
    with database.engine.connect():
        pass
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(DatabaseBusy), database.writing():
        pass

    other.execute("ROLLBACK")
    with database.writing() as session:
        assert session.scalar(text("SELECT 1")) == 1
    other.close()
    database.dispose()


def test_two_processes_worth_of_doors_take_turns(tmp_path: Path) -> None:
    """Two engines on one file share the file lock: the second waits, then gives up."""
    first = Database(f"sqlite:///{tmp_path / 'shared.db'}", busy_timeout=0.05)
    second = Database(f"sqlite:///{tmp_path / 'shared.db'}", busy_timeout=0.05)

    with first.writing(), pytest.raises(DatabaseBusy), second.writing():
        pass

    with second.writing():
        pass
    first.dispose()
    second.dispose()


def test_moments_come_back_aware_and_in_utc(database: Database, now: datetime) -> None:
    elsewhere = now.astimezone(timezone(timedelta(hours=5, minutes=45)))
    with database.writing() as session:
        account = make.account(session, "Nima")
        account.created_at = elsewhere
        account.deleted_at = None

    with database.reading() as session:
        found = session.scalars(select(Account)).one().created_at
    assert found == now
    assert found.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_a_bug(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"), database.writing() as session:
        make.account(session, "Nina").created_at = datetime(2026, 1, 1)  # noqa: DTZ001  # the point of the test
        session.flush()


def test_credits_add_up_exactly_on_every_database(database: Database, now: datetime) -> None:
    with database.writing() as session:
        learner = make.account(session)
        session.add(
            Tally(
                learner_id=learner.id,
                topic="apis",
                subtopic="",
                answers=3,
                credit=Decimal("0.333333") * 3,
                recent=[],
                last_at=now,
            )
        )

    with database.reading() as session:
        assert session.scalars(select(Tally.credit)).one() == Decimal("0.999999")


def test_a_mistake_in_a_statement_is_a_bug_and_not_a_database_that_is_down(database: Database) -> None:
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(text("SELECT no_such_column FROM account"))
