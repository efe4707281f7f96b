"""How often something may be tried, as the pages need it: 429 beyond the limit, 503 without counters.

Any area may call `hit("start", key, "30 per minute")` before it does something costly.
Counting is a short write of its own: never call this inside `writing()`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import TypeVar

import structlog
from flask import current_app, request
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from quizapp.services.rate_limits import Limiter, LimiterDown, TooManyTries
from quizapp.services.rate_limits import limiter as make_limiter
from quizapp.web.clock import now
from quizapp.web.database import database

EXTENSION = "quizapp_limiter"
RETRY_SECONDS = 5

log = structlog.get_logger()
Found = TypeVar("Found")


class TooMany(TooManyRequests):
    """429 with Retry-After."""

    def __init__(self, seconds: int) -> None:
        super().__init__(retry_after=seconds)
        self.seconds = seconds


def hit(purpose: str, key: str, rate: str, *, fail_closed: bool = False) -> None:
    """Count one use by `key`, such as an account's id or `address()`.

    Raises `TooMany`.  Without counters everything passes, unless it must not: then 503.
    """
    with _told(fail_closed=fail_closed):
        limiter().hit(purpose, key, rate)


def guarded(name_key: str, check: Callable[[], Found | None]) -> Found | None:
    """Run a check of a password for an account, wherever one is asked for.

    Raises `TooMany` after too many wrong ones, and 503 without counters.
    """
    with _told(fail_closed=True):
        return limiter().guarded(name_key, address(), check)
    return None


def address() -> str:
    """Where the request comes from; one household's IPv6 addresses count as one."""
    text = request.remote_addr or ""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return found.exploded[:19]  # the first 64 bits, which is what one customer gets


def limiter() -> Limiter:
    """The application's limiter, made at its first use."""
    found: Limiter | None = current_app.extensions.get(EXTENSION)
    if found is None:
        settings = current_app.extensions["quizapp_settings"]
        found = make_limiter(database(), settings.redis_url, now)
        current_app.extensions[EXTENSION] = found
    return found


@contextmanager
def _told(*, fail_closed: bool) -> Iterator[None]:
    try:
        yield
    except TooManyTries as refusal:
        raise TooMany(refusal.seconds) from refusal
    except LimiterDown as error:
        log.warning("limiter_down", cause=str(error.__cause__))
        if fail_closed:
            raise ServiceUnavailable(retry_after=RETRY_SECONDS) from error
