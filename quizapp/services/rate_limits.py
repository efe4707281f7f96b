"""How often things may be tried.

Windows are fixed, and counted in the database or in Redis, for all processes together.

Passwords may be guessed wrongly, on every page that asks for one together:

- 8 times in 15 minutes for an account from an address;
- 40 times in 15 minutes from an address, whatever the accounts;
- 30 times in an hour for an account, from all addresses together.

The last rule stops many addresses that guess at one account, and must not let them
lock its owner out: once it is reached, it only refuses addresses that have guessed
wrongly at this account in their own running window.  Every other address still has
one try, so a person who knows the password gets in from anywhere else, and a swarm of
addresses gets one guess each.  Unknown names are counted like known ones.  Whoever
succeeds is never counted, and the right password is refused, too, while a rule holds.
"""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string

from quizapp.db.engine import Database
from quizapp.db.limit_storage import DatabaseStorage
from quizapp.domain.errors import QuizError

ACCOUNT_AND_ADDRESS = parse("8 per 15 minutes")
ADDRESS = parse("40 per 15 minutes")
ACCOUNT = parse("30 per hour")
REDIS_SECONDS = 2

Found = TypeVar("Found")


class TooManyTries(QuizError):
    """It was tried too often; `seconds` tells how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__("That was tried too often. Wait a little, then try again.")
        self.seconds = seconds


class LimiterDown(Exception):
    """The counters cannot be reached."""


@dataclass(frozen=True, slots=True)
class _Window:
    """What is counted together: a purpose, and a key such as an address."""

    item: RateLimitItem
    purpose: str
    key: str

    @property
    def name(self) -> str:
        return self.item.key_for(self.purpose, self.key)


class Limiter:
    """Counts in a storage; `seconds` is the storage's own time since 1970."""

    def __init__(self, storage: Storage, seconds: Callable[[], float]) -> None:
        self._storage = storage
        self._seconds = seconds

    def hit(self, purpose: str, key: str, rate: str) -> None:
        """Count once, such as `hit("start", "17", "30 per minute")`.

        Raises `TooManyTries` beyond the rate, and `LimiterDown`.
        """
        window = _Window(parse(rate), purpose, _opaque(key))
        if self._add(window) > window.item.amount:
            raise TooManyTries(self._wait(window))

    def guarded(self, name_key: str, address: str, check: Callable[[], Found | None]) -> Found | None:
        """Run a check of a password, which returns None for a wrong one, under the rules above.

        The rules are asked again after the check: of many guesses sent at once no more are
        answered than if they had come one after the other.
        Raises `TooManyTries` and `LimiterDown`.
        """
        windows = (
            _Window(ACCOUNT_AND_ADDRESS, "password", _opaque(name_key, address)),
            _Window(ADDRESS, "password-address", _opaque(address)),
            _Window(ACCOUNT, "password-account", _opaque(name_key)),
        )
        self._require_one_more(windows)
        found = check()
        if found is None:
            self._refuse_beyond(windows, [self._add(window) for window in windows])
        else:
            self._require_one_more(windows)
        return found

    def _require_one_more(self, windows: tuple[_Window, ...]) -> None:
        self._refuse_beyond(windows, [self._count(window) + 1 for window in windows])

    def _refuse_beyond(self, windows: tuple[_Window, ...], counts: list[int]) -> None:
        """Raise `TooManyTries` where a wrong guess, being the so-and-so-manieth, breaks a rule."""
        both, address, account = windows
        nth, nth_of_address, nth_of_account = counts
        waits = []
        if nth > both.item.amount:
            waits.append(self._wait(both))
        if nth_of_address > address.item.amount:
            waits.append(self._wait(address))
        if nth_of_account > account.item.amount and nth > 1:
            waits.append(min(self._wait(account), self._wait(both)))
        if waits:
            raise TooManyTries(max(waits))

    def _add(self, window: _Window) -> int:
        try:
            return self._storage.incr(window.name, window.item.get_expiry())
        except StorageError as error:
            raise LimiterDown from error

    def _count(self, window: _Window) -> int:
        try:
            return self._storage.get(window.name)
        except StorageError as error:
            raise LimiterDown from error

    def _wait(self, window: _Window) -> int:
        """Whole seconds until the window ends, at least one."""
        try:
            ends = self._storage.get_expiry(window.name)
        except StorageError as error:
            raise LimiterDown from error
        return max(1, math.ceil(ends - self._seconds()))


def limiter(database: Database, redis_url: str, clock: Callable[[], datetime]) -> Limiter:
    """The limiter of an application: in Redis where there is one, else in the database."""
    if not redis_url:
        return Limiter(DatabaseStorage(database, clock), lambda: clock().timestamp())
    storage = storage_from_string(
        redis_url,
        wrap_exceptions=True,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
    )
    if not isinstance(storage, Storage):
        raise TypeError(f"{redis_url!r} is not a Redis address that can be used here")
    return Limiter(storage, time.time)  # Redis goes by the real time, whatever the clock says


def _opaque(*parts: str) -> str:
    """A key of bounded length that holds no name and no address to read."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
