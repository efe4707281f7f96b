"""Databases, worked out by building the pages, playing the transactions and listing the cases."""

from fractions import Fraction
from math import lcm
from typing import Any


def btree_path(millions: Any, leaf: Any, fan: Any) -> Any:
    """Builds the levels from the leaves to the root, then adds the page of the table."""
    level = -(-millions * 1_000_000 // leaf)
    pages = 1
    while level > 1:
        level = -(-level // fan)
        pages += 1
    return pages + 1


def uuid_index_growth(millions: Any, seq_fill: Any, rnd_fill: Any) -> Any:
    """Fills a page of each kind entry by entry, then counts pages."""

    def size(key: int, fill: Any) -> int:
        entries = max(count for count in range(500) if count * (key + 12) * 100 <= 8152 * fill)
        return int(-(-millions * 1_000_000 // entries)) * 8192

    return round((size(16, rnd_fill) - size(8, seq_fill)) / 1024**3, 2)


def planner_two_columns(millions: Any, freq: Any, nulls: Any, common: Any, distinct: Any) -> Any:
    """Sets aside the rows that are of another kind, NULL or listed, and shares the rest out."""
    refunds = millions * 1_000_000 * Fraction(freq, 100)
    spread = refunds - refunds * Fraction(nulls, 100) - refunds * Fraction(common, 100)
    return round(spread / (distinct - 100))


def hash_join_spill(work: Any, factor: Any, build: Any, probe: Any) -> Any:
    """Splits in two until a batch fits, then writes every batch but the first."""
    batches = 1
    while Fraction(build, batches) > work * factor:
        batches *= 2
    return sum((Fraction(build + probe, batches) for _batch in range(1, batches)), Fraction(0))


def replica_data_age(halt: Any, since: Any, make: Any, extra: Any) -> Any:
    """Writes and replays second by second, then asks when the last replayed byte was written."""
    written = replayed = 0
    for second in range((halt + since) * 60):
        written += make
        if second >= halt * 60:
            replayed = min(written, replayed + make + extra)
    return round(float(Fraction(written - replayed, make * 60)), 2)


def modulo_reshard(old: Any, add: Any, rows: Any) -> Any:
    """Looks at every hash value of one period of both rules."""
    period = lcm(int(old), int(old + add))
    moving = sum(value % old != value % (old + add) for value in range(period))
    return round(float(Fraction(rows * moving, period)), 1)


def xid_runway(tps: Any, share: Any, saves: Any, age: Any) -> Any:
    """Hands out the IDs of a day: one to each writing transaction, one to each of its savepoints."""
    writing = Fraction(tps * share * 24 * 60 * 60, 100)
    a_day = sum((writing for _writer in range(1 + saves)), Fraction(0))
    left = 2**31 - 3_000_000 - age * 1_000_000
    return round(float(left / a_day), 1)


def index_entries_written(
    inserts: Any, updates: Any, deletes: Any, hot: Any, full: Any, part: Any, hit: Any
) -> Any:
    """Takes a hundred seconds; a new version that is not HOT goes into every index that wants it."""
    versions = inserts * 100 + updates * (100 - hot)
    wanted = [Fraction(1)] * int(full) + [Fraction(hit, 100)] * int(part)
    return sum(versions * share for share in wanted) / 100


def visible_version(base: Any, g1: Any, g2: Any, g3: Any, swap: Any, cut: Any, row: Any) -> Any:
    """Reads the page as PostgreSQL does, with the snapshot that the session shows."""
    first, early, late, last = base, base + g1, base + g1 + g2, base + g1 + g2 + g3
    second, third = (late, early) if swap else (early, late)
    running = {1: {second, third} if swap else {second}, 2: {third}, 3: {last}, 4: set()}[cut]
    xmax = {1: last if swap else third, 2: last, 3: last + 4, 4: last + 4}[cut]
    rolled_back = {last} if cut == 4 else set()

    def seen(transaction: Any) -> bool:
        return transaction < xmax and transaction not in running | rolled_back

    page = [
        (first, second, f"{row}A"),
        (second, third, f"{row + 3}C"),
        (third, last, f"{row - 5}F"),
        (last, 0, f"{row + 1}D"),
    ]
    (seat,) = (seat for made, ended, seat in page if seen(made) and not (ended and seen(ended)))
    return seat


CONFLICTS = {
    "ACCESS SHARE": "ACCESS EXCLUSIVE",
    "ROW SHARE": "EXCLUSIVE, ACCESS EXCLUSIVE",
    "ROW EXCLUSIVE": "SHARE, SHARE ROW EXCLUSIVE, EXCLUSIVE, ACCESS EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE": "SHARE UPDATE EXCLUSIVE, SHARE, SHARE ROW EXCLUSIVE, EXCLUSIVE, ACCESS EXCLUSIVE",
    "SHARE": "ROW EXCLUSIVE, SHARE UPDATE EXCLUSIVE, SHARE ROW EXCLUSIVE, EXCLUSIVE, ACCESS EXCLUSIVE",
}
"""What cannot be held beside a lock, as the manual has it; each pair is asked about from both sides."""

LOCKS = {
    "SELECT count(*) FROM {t}": "ACCESS SHARE",
    "SELECT * FROM {t} WHERE id = 7 FOR SHARE": "ROW SHARE",
    "SELECT * FROM {t} WHERE id = 7 FOR UPDATE": "ROW SHARE",
    "INSERT INTO {t} ({c}) VALUES (NULL)": "ROW EXCLUSIVE",
    "UPDATE {t} SET {c} = NULL WHERE id = 7": "ROW EXCLUSIVE",
    "DELETE FROM {t} WHERE id = 7": "ROW EXCLUSIVE",
    "ANALYZE {t}": "SHARE UPDATE EXCLUSIVE",
    "ALTER TABLE {t} VALIDATE CONSTRAINT {c}_ok": "SHARE UPDATE EXCLUSIVE",
    "CREATE INDEX ON {t} ({c})": "SHARE",
    "ALTER TABLE {t} DISABLE TRIGGER USER": "SHARE ROW EXCLUSIVE",
    "ALTER TABLE {t} DROP COLUMN {c}": "ACCESS EXCLUSIVE",
    "TRUNCATE {t}": "ACCESS EXCLUSIVE",
    "VACUUM FULL {t}": "ACCESS EXCLUSIVE",
}
OFFERED = {
    1: (("ANALYZE", "CREATE", "UPDATE"), ("DROP", "TRUNCATE", "VACUUM")),
    2: (("ANALYZE", "INSERT", "count"), ("CREATE", "DISABLE", "TRUNCATE")),
    3: (("DELETE", "INSERT", "count"), ("CREATE", "VALIDATE", "DISABLE")),
    4: (("CREATE", "FOR UPDATE", "count"), ("UPDATE", "DELETE", "ANALYZE")),
    5: (("FOR SHARE", "FOR UPDATE", "count"), ("INSERT", "CREATE", "ANALYZE")),
}
"""The three options that stay and the one that changes, by a word of each."""


def table_lock_waits(held: Any, pick: Any, t: Any, c: Any) -> Any:
    """Looks up the lock of every statement on offer in the table of conflicts."""
    mode = ["ACCESS SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE"][
        held - 1
    ]
    same, changing = OFFERED[int(held)]

    def offered(word: str) -> str:
        found = [each for each in LOCKS if word in each]
        return min(found, key=lambda each: each.index(word))

    def waits(lock: str) -> bool:
        return mode in CONFLICTS.get(lock, "").split(", ") or lock in CONFLICTS.get(mode, "").split(", ")

    statements = [offered(word) for word in (*same, changing[pick - 1])]
    (waiting,) = (each for each in statements if waits(LOCKS[each]))
    return f"`{waiting.format(t=t, c=c)}`"


ORACLES = {
    "db-btree-path-drawn": btree_path,
    "db-uuid-index-growth-drawn": uuid_index_growth,
    "db-planner-two-columns-drawn": planner_two_columns,
    "db-hash-join-spill-drawn": hash_join_spill,
    "db-replica-data-age-drawn": replica_data_age,
    "db-modulo-reshard-drawn": modulo_reshard,
    "db-xid-runway-drawn": xid_runway,
    "db-index-entries-written-drawn": index_entries_written,
    "db-visible-version-drawn": visible_version,
    "db-table-lock-waits-drawn": table_lock_waits,
}
