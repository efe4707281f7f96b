"""Hashing passwords: Argon2id, one at a time in a process, and never inside a writing transaction.

A hash takes 19 MiB and about 15 ms of a core.  One at a time keeps the memory of a
server small, and leaves a core for the answers that others are saving meanwhile.
"""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from quizapp.domain.accounts import MAX_PASSWORD

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_ONE_AT_A_TIME = threading.Lock()

NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$OmQnITTZ+BMXsxUreDsEjw$CaCZ4nixPT1M5+kEWY7GT5p7axEecPAbAl3+AkMxOj0"
"""The hash that stands in for an unknown account, so that it takes as long as a known one."""


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _ONE_AT_A_TIME:
        return _HASHER.hash(_bytes(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password.  It takes the same time when there is no hash at all."""
    known = password_hash if password_hash and password_hash.startswith("$argon2") else None
    fits = len(password) <= MAX_PASSWORD
    with _ONE_AT_A_TIME:
        try:
            _HASHER.verify(known or NOBODY, _bytes(password if fits else ""))
        except (VerificationError, InvalidHashError):
            return False
    return fits and known is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    """The same bytes from every keyboard.  What no keyboard can send matches nothing."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
