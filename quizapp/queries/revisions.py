"""Questions as they were at a revision.  A revision never changes, so a process keeps it."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import Pool, select, tuple_

from quizapp.db.models import Revision
from quizapp.db.prepared import Door, connection_of
from quizapp.domain.documents import read_question, variant
from quizapp.domain.problems import Place
from quizapp.domain.questions import Question

Key = tuple[int, int]
"""A question's id and a revision's number."""

Drawn = tuple[int, int, int]
"""The same, with the seed of a variant."""

KEPT = 20_000

_caches: WeakKeyDictionary[Pool, OrderedDict[Key | Drawn, Question]] = WeakKeyDictionary()
_lock = Lock()


class Pinned(Protocol):
    """A slot, as far as it says which question it asks."""

    @property
    def question_id(self) -> int: ...
    @property
    def revision(self) -> int: ...
    @property
    def variant(self) -> int | None: ...


def asked(door: Door, slot: Pinned) -> Question:
    """The question of a slot: at its revision, and in its variant."""
    return asked_in(door, [slot])[0]


def asked_in(door: Door, slots: Iterable[Pinned]) -> list[Question]:
    """The questions of some slots, in their order; in one statement for those not kept yet."""
    listed = list(slots)
    found = load_many(door, {(slot.question_id, slot.revision) for slot in listed})
    cache = _cache_of(door)
    return [_variant(cache, found[slot.question_id, slot.revision], slot) for slot in listed]


def load(door: Door, question_id: int, revision: int) -> Question:
    """One question at a revision; mostly without asking the database."""
    return load_many(door, [(question_id, revision)])[question_id, revision]


def load_many(door: Door, keys: Iterable[Key]) -> dict[Key, Question]:
    """Questions at their revisions, in one statement for those not kept yet."""
    wanted = set(keys)
    cache = _cache_of(door)
    with _lock:
        found = {key: cache[key] for key in wanted if key in cache}
        for key in found:
            cache.move_to_end(key)
    missing = wanted - found.keys()
    if missing:
        found |= _read(door, missing)
        with _lock:
            cache.update({key: found[key] for key in missing})
            while len(cache) > KEPT:
                cache.popitem(last=False)
    return found


def _variant(cache: "OrderedDict[Key | Drawn, Question]", question: Question, slot: Pinned) -> Question:
    if question.written is None:
        return question
    key = (slot.question_id, slot.revision, slot.variant or 0)
    with _lock:
        known = cache.get(key)
    if known is None:
        known = variant(question, slot.variant)
        with _lock:
            cache[key] = known
            while len(cache) > KEPT:
                cache.popitem(last=False)
    return known


def parsed(document: dict[str, object], name: str) -> Question:
    """A stored document as a question.  It was judged before it was stored."""
    question, problems = read_question(document, Place(name, {}))
    if question is None:
        raise AssertionError(f"a stored question went bad: {problems}")
    return question


def _read(door: Door, keys: set[Key]) -> dict[Key, Question]:
    pair = tuple_(Revision.question_id, Revision.number)
    rows = door.execute(
        select(Revision.question_id, Revision.number, Revision.document).where(pair.in_(sorted(keys)))
    )
    return {
        (row.question_id, row.number): parsed(row.document, f"question {row.question_id}") for row in rows
    }


def _cache_of(door: Door) -> "OrderedDict[Key | Drawn, Question]":
    """The cache of a database: all doors of one `Database` share its pool."""
    pool = connection_of(door).engine.pool
    with _lock:
        return _caches.setdefault(pool, OrderedDict())
