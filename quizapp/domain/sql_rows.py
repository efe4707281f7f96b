"""Whether two tables say the same, and where they first do not."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from quizapp.domain.execution import Cell, Row, Run, Table
from quizapp.domain.sql_data import literal

RELATIVE = 1e-9
ABSOLUTE = 1e-12
"""For sums that should be zero and miss it by what floats cannot hold."""

SHOWN_CHARS = 120


def same_runs(ours: Run, theirs: Run, *, ordered: bool, names: bool) -> bool:
    """Whether two programs did the same on a data set; a failure equals nothing."""
    if ours.failure or theirs.failure or len(ours.tables) != len(theirs.tables):
        return False
    pairs = zip(ours.tables, theirs.tables, strict=True)
    return all(same_tables(a, b, ordered=ordered, names=names) for a, b in pairs)


def same_tables(a: Table, b: Table, *, ordered: bool, names: bool) -> bool:
    if (a.title, a.refused, len(a.columns), len(a.rows)) != (b.title, b.refused, len(b.columns), len(b.rows)):
        return False
    if names and not _same_names(a, b):
        return False
    if ordered:
        return all(map(same_rows, a.rows, b.rows))
    missing, unexpected = unmatched(a.rows, b.rows)
    return not missing and not unexpected


def same_rows(a: Row, b: Row) -> bool:
    return len(a) == len(b) and all(map(same_cells, a, b))


def same_cells(a: Cell, b: Cell) -> bool:
    """Whole numbers and texts exactly; a number with a point within what floats can hold."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        if isinstance(a, int) and isinstance(b, int):
            return a == b
        return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(a) is type(b) and a == b


def unmatched(wanted: Sequence[Row], given: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows of either side that have no partner on the other; the order does not matter."""
    missing = list((Counter(wanted) - Counter(given)).elements())
    unexpected = list((Counter(given) - Counter(wanted)).elements())
    # What is left may still differ by no more than floats do: partners stand side by side when sorted.
    missing.sort(key=_sorting)
    unexpected.sort(key=_sorting)
    left: list[Row] = []
    right: list[Row] = []
    while missing and unexpected:
        a, b = missing[-1], unexpected[-1]
        if same_rows(a, b):
            missing.pop()
            unexpected.pop()
        elif _sorting(a) > _sorting(b):
            left.append(missing.pop())
        else:
            right.append(unexpected.pop())
    return [*missing, *reversed(left)], [*unexpected, *reversed(right)]


def difference(wanted: Run, given: Run, *, ordered: bool, names: bool) -> str:
    """Where two runs first differ, in words; empty when they do not."""
    if given.failure or wanted.failure:
        return ""
    for a, b in zip_longest(wanted.tables, given.tables):
        if a is None or b is None or a.title != b.title:
            return _other_tables(wanted.tables, given.tables)
        found = _difference(a, b, ordered=ordered, names=names)
        if found:
            return f"{a.title}: {found}" if a.title else found
    return ""


def _other_tables(wanted: Sequence[Table], given: Sequence[Table]) -> str:
    ours, theirs = {t.title for t in wanted}, {t.title for t in given}
    if ours - theirs:
        return f"the table {min(ours - theirs)} is missing"
    return f"the table {min(theirs - ours)} should not be there"


def _difference(a: Table, b: Table, *, ordered: bool, names: bool) -> str:
    if a.refused != b.refused:
        return "this should be refused, but it is accepted" if a.refused else "this should not be refused"
    if len(a.columns) != len(b.columns):
        return f"your columns are {len(b.columns)}, expected are {len(a.columns)}"
    if names and not _same_names(a, b):
        return f"the columns should be called {', '.join(a.columns)}"
    missing, unexpected = unmatched(a.rows, b.rows)
    if missing:
        return f"the row {in_words(missing[0])} is missing"
    if unexpected:
        return f"the row {in_words(unexpected[0])} should not be there"
    if ordered:
        for place, (x, y) in enumerate(zip(a.rows, b.rows, strict=True), start=1):
            if not same_rows(x, y):
                return f"row {place} should be {in_words(x)}, but is {in_words(y)}"
    return ""


def in_words(row: Row) -> str:
    """A row as SQL writes it, not endlessly long."""
    text = f"({', '.join(literal(cell) for cell in row)})"
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 2]}…)"


def _same_names(a: Table, b: Table) -> bool:
    return [name.casefold() for name in a.columns] == [name.casefold() for name in b.columns]


def _sorting(row: Row) -> tuple[tuple[tuple[int, str], ...], tuple[float, ...]]:
    """Numbers last: rows that differ in the tail of a float stay neighbours."""
    others = tuple(
        (0, "") if cell is None else (1, "") if isinstance(cell, int | float) else _text(cell) for cell in row
    )
    return others, tuple(float(cell) for cell in row if isinstance(cell, int | float))


def _text(cell: str | bytes) -> tuple[int, str]:
    return (2, cell) if isinstance(cell, str) else (3, cell.hex())
