"""Counters for the `limits` library in our own database, so that all server processes share them."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from limits.storage import Storage
from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from quizapp.db.engine import Database, DatabaseBusy, DatabaseDown
from quizapp.db.models import RateLimit

TIDY_EVERY_SECONDS = 600
KEEP_EXPIRED = timedelta(hours=1)


class DatabaseStorage(Storage):
    """Each count is one short transaction of its own: never use it inside `writing()`."""

    STORAGE_SCHEME = None

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        super().__init__(wrap_exceptions=True)
        self._database = database
        self._clock = clock
        self._tidy_at = 0.0

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return (DatabaseBusy, DatabaseDown, SQLAlchemyError)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, beginning a new window where the old one is over; returns the new count.

        It is one statement, so that counting at once in two processes loses nothing.
        """
        now = self._clock()
        insert = (sqlite if self._database.is_sqlite else postgresql).insert(RateLimit)
        statement = insert.values(key=key, count=amount, expires_at=now + timedelta(seconds=expiry))
        is_over = RateLimit.expires_at <= now
        fresh = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=[RateLimit.key],
            set_={
                "count": case((is_over, fresh.count), else_=RateLimit.count + fresh.count),
                "expires_at": case((is_over, fresh.expires_at), else_=RateLimit.expires_at),
            },
        ).returning(RateLimit.count)
        with self._database.writing() as session:
            count = int(session.execute(statement).scalar_one())
        self._tidy(now)
        return count

    def get(self, key: str) -> int:
        """The count of the running window; 0 where there is none."""
        found = select(RateLimit.count).where(RateLimit.key == key, RateLimit.expires_at > self._clock())
        with self._database.reading() as session:
            return session.execute(found).scalar() or 0

    def get_expiry(self, key: str) -> float:
        """When the running window ends, in seconds since 1970; now where there is none."""
        now = self._clock()
        found = select(RateLimit.expires_at).where(RateLimit.key == key, RateLimit.expires_at > now)
        with self._database.reading() as session:
            return (session.execute(found).scalar() or now).timestamp()

    def check(self) -> bool:
        """Whether the table can be read."""
        try:
            self.get("")
        except Exception:  # the question is only whether it works
            return False
        return True

    def reset(self) -> int:
        """Forget all counts; returns how many there were."""
        with self._database.writing() as session:
            keys = session.execute(delete(RateLimit).returning(RateLimit.key)).all()
        return len(keys)

    def clear(self, key: str) -> None:
        with self._database.writing() as session:
            session.execute(delete(RateLimit).where(RateLimit.key == key))

    def _tidy(self, now: datetime) -> None:
        """Now and then, remove windows that ended long ago."""
        if time.monotonic() < self._tidy_at:
            return
        self._tidy_at = time.monotonic() + TIDY_EVERY_SECONDS
        with self._database.writing() as session:
            session.execute(delete(RateLimit).where(RateLimit.expires_at < now - KEEP_EXPIRED))
