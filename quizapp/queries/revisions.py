"""Questions as they were at a revision.  A revision never changes, so a process keeps it."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Pool, select, tuple_

from quizapp.db.models import Revision
from quizapp.db.prepared import Door, connection_of
from quizapp.domain.documents import read_question
from quizapp.domain.problems import Place
from quizapp.domain.questions import Question

Key = tuple[int, int]
"""A question's id and a revision's number."""

KEPT = 20_000

_caches: WeakKeyDictionary[Pool, OrderedDict[Key, Question]] = WeakKeyDictionary()
_lock = Lock()


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


def _cache_of(door: Door) -> OrderedDict[Key, Question]:
    """The cache of a database: all doors of one `Database` share its pool."""
    pool = connection_of(door).engine.pool
    with _lock:
        return _caches.setdefault(pool, OrderedDict())
