"""Connecting: one engine a process, reads that never wait, writes that wait in turn.

SQLite has one writer.  Its own way of waiting polls with growing sleeps, which
starves whoever came first, so writers of this project take turns at a lock of
ours before they begin: a thread lock inside the process, a file lock between
processes.  PostgreSQL does all of this by itself.
"""

import fcntl
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

FIRST_PAUSE, LONGEST_PAUSE = 0.00005, 0.002
"""A writer holds the file lock for well under a millisecond, so whoever waits looks again soon."""
WRITING = "quizapp_writing"
NO_LIMIT = 0
"""Threads are the limit: each reads with one connection and may write with a second.  Were there
fewer than that, threads that read would wait for each other before they write, for ever."""
WRONG_SQL = "SQLITE_ERROR"  # SQLite has one class for a full disk and for a misspelt column
READ_ONLY = "25006"
"""What PostgreSQL calls a write to a copy that only reads, such as after a failover."""


class DatabaseBusy(Exception):
    """The database could not take the write in time; nothing was saved."""


class DatabaseDown(Exception):
    """The database cannot be reached or cannot store; nothing was saved."""


class Database:
    """An engine with two doors: `reading()` and `writing()`."""

    def __init__(self, url: str, *, busy_timeout: float = 5.0) -> None:
        self.url = make_url(url)
        self.busy_timeout = busy_timeout
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._sqlite_engine() if self.is_sqlite else self._postgresql_engine()
        self._writer = self.engine.execution_options(**{WRITING: True})
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._turn = _WriterTurn(self._lock_path(), busy_timeout)
        _forget_after_fork(self)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads.  It is never committed."""
        session = self._sessions()
        try:
            with _told_apart():
                yield session
        finally:
            _let_go(session)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends, and undone when it raises.

        Raises `DatabaseBusy` or `DatabaseDown` when the database cannot take it.
        """
        with _told_apart(), self._turn, self._sessions(bind=self._writer) as session:
            session.connection()
            yield session
            session.commit()

    @contextmanager
    def saving(self) -> Iterator[Connection]:
        """The door of the hot path: like `writing()`, without a session around the connection."""
        with _told_apart(), self._turn, self._writer.begin() as connection:
            yield connection

    def dispose(self) -> None:
        self.engine.dispose()

    def _lock_path(self) -> Path | None:
        name = self.url.database if self.is_sqlite else None
        if not name or name == ":memory:":
            return None
        return Path(f"{name}-writer.lock")

    def _sqlite_engine(self) -> Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(
            self.url,
            hide_parameters=True,
            pool_size=NO_LIMIT,
            connect_args={"timeout": self.busy_timeout, "check_same_thread": False},
        )
        event.listen(engine, "do_connect", self._make_private)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _make_private(self, *connecting: Any) -> None:
        """SQLite itself would make a new file that everybody on the machine may read."""
        if self.url.database and self.url.database != ":memory:":
            with suppress(OSError):  # it is there, or SQLite says what is wrong
                os.close(os.open(self.url.database, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))

    def _postgresql_engine(self) -> Engine:
        milliseconds = int(self.busy_timeout * 1000)
        return create_engine(
            self.url,
            hide_parameters=True,  # an error goes to the log, and answers and hashes must not
            pool_size=NO_LIMIT,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": max(2, int(self.busy_timeout)),
                "options": f"-c lock_timeout={milliseconds} -c timezone=UTC",
            },
        )


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    """Set up a new connection; transactions are begun by `_begin_sqlite`, not by the driver."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that will write takes the write lock first: a later upgrade could only fail."""
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN DEFERRED")


class _WriterTurn:
    """A fair lock for writers of one SQLite file; it does nothing for PostgreSQL."""

    def __init__(self, path: Path | None, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._thread_lock = threading.Lock()
        self._file: int | None = None

    def __enter__(self) -> None:
        if self._path is None:
            return
        give_up = time.monotonic() + self._timeout
        if not self._thread_lock.acquire(timeout=self._timeout):
            raise DatabaseBusy
        try:
            self._lock_file(self._path, give_up)
        except BaseException:
            self._thread_lock.release()
            raise

    def __exit__(self, *exception: object) -> None:
        if self._path is None:
            return
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._thread_lock.release()

    def forget(self) -> None:
        """After a fork: the parent's locks are not ours.

        Its file is closed here, or its lock would outlive a parent that dies holding it.
        """
        self._thread_lock = threading.Lock()
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _lock_file(self, path: Path, give_up: float) -> None:
        if self._file is None:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        pause = FIRST_PAUSE
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= give_up:
                    raise DatabaseBusy from None
                time.sleep(pause)
                pause = min(pause * 1.1, LONGEST_PAUSE)
            else:
                return


def _let_go(session: Session) -> None:
    """Close a session that only read.  Where even that fails, nothing is lost but the connection."""
    try:
        session.close()
    except SQLAlchemyError:
        session.invalidate()


def failure_of(error: SQLAlchemyError) -> DatabaseBusy | DatabaseDown | None:
    """What an error means in two words, busy or down; None where it is a bug of ours."""
    if not isinstance(error, DBAPIError):
        return None
    text = str(error.orig)
    if getattr(error.orig, "sqlite_errorname", None) == WRONG_SQL:
        return None
    if isinstance(error, OperationalError):
        return DatabaseBusy(text) if _is_busy(text) else DatabaseDown(text)
    read_only = getattr(error.orig, "sqlstate", None) == READ_ONLY
    return DatabaseDown(text) if error.connection_invalidated or read_only else None


@contextmanager
def _told_apart() -> Iterator[None]:
    """Raise what went wrong with the database in two words."""
    try:
        yield
    except SQLAlchemyError as error:
        failure = failure_of(error)
        if failure is None:
            raise
        raise failure from error


def _is_busy(text: str) -> bool:
    return "locked" in text or "lock timeout" in text or "deadlock" in text


def _forget_after_fork(database: Database) -> None:
    """A forked child must not share the parent's connections: it would read another's rows."""
    reference = weakref.ref(database)

    def forget() -> None:
        mine = reference()
        if mine is not None:
            mine.engine.dispose(close=False)
            mine._turn.forget()  # noqa: SLF001  # one module, two classes of one mechanism

    os.register_at_fork(after_in_child=forget)
