"""Text with separated values as rows, whatever separates them; one bad quote costs one row at most.

Rows know their lines and their text to the letter.  The separator is found by trying each on the
beginning of the text.
"""

from collections import Counter
from dataclasses import dataclass

QUOTE = '"'
SEPARATORS = (",", ";", "\t", "|")
SAMPLE_CHARS = 40_000
SAMPLE_ROWS = 60
MOST_CELLS_IN_A_ROW = 1_000
IN_VAIN = 4
"""So many times its length of a text may be searched for ends of quotes that have none; after that a quote
ends on its line or is an ordinary sign."""


@dataclass(slots=True)
class Row:
    """One record of a table."""

    line: int
    cells: list[str]
    source: str
    """The record as the file has it."""
    torn: bool = False
    """Its quotes do not match, so they were read as ordinary signs."""


def rows_of(text: str, separator: str, *, line: int = 1) -> list[Row]:
    """The rows of a text whose lines end with line feeds; empty lines are left out.

    A quoted cell may hold separators, line ends and doubled quotes.  A quote that never
    ends, or ends where no cell can, is an ordinary sign.
    """
    rows, at, patience = [], 0, IN_VAIN * len(text) + SAMPLE_CHARS
    while at < len(text):
        row, end, searched = _row(text, at, separator, line, many_lines=patience > 0)
        patience -= searched
        if any(cell.strip() for cell in row.cells):
            rows.append(row)
        line += text.count("\n", at, end)
        at = end
    return rows


def separator_of(text: str) -> str | None:
    """What separates the values of a text; None where no sign makes a table of it."""
    best, most = None, (0.0, 0)
    for sign in SEPARATORS:
        score = _regularity(text, sign)
        if score > most:
            best, most = sign, score
    return best


def regular_share(text: str, separator: str) -> tuple[float, int]:
    """Which share of the first rows has the commonest number of cells, and that number."""
    rows = rows_of(_sample(text), separator)[:SAMPLE_ROWS]
    counted = Counter(len(row.cells) for row in rows)
    width, times = max(counted.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
    return (times / len(rows) if rows else 0.0, width)


def _regularity(text: str, sign: str) -> tuple[float, int]:
    """Tables of one column are none; of two that are about as regular, the wider one is likelier."""
    share, width = regular_share(text, sign)
    return (round(share, 1), width) if width > 1 else (0.0, 0)


def _sample(text: str) -> str:
    """The beginning of a text, to the end of a line."""
    if len(text) <= SAMPLE_CHARS:
        return text
    end = text.rfind("\n", 0, SAMPLE_CHARS)
    return text[: end if end > 0 else SAMPLE_CHARS]


def _row(text: str, at: int, separator: str, line: int, *, many_lines: bool) -> tuple[Row, int, int]:
    """The row that begins at a place, where the next one begins, and how much was searched in vain."""
    stop = _line_end(text, at)
    cells, end = _quoted_row(text, at, separator, len(text) if many_lines else stop)
    if cells is not None:
        return Row(line, cells, text[at:end].rstrip("\n")), end, 0
    plain = text[at:stop]
    return Row(line, _split(plain, separator), plain, torn=True), stop + 1, end - at


def _quoted_row(text: str, at: int, separator: str, last: int) -> tuple[list[str] | None, int]:
    """Cells up to the end of the record; None, and how far was looked, where a quote does not end.

    No quote ends behind `last`.
    """
    stop = _line_end(text, at)
    if text.find(QUOTE, at, stop) < 0:
        return _split(text[at:stop], separator), stop + 1
    cells: list[str] = []
    while len(cells) <= MOST_CELLS_IN_A_ROW:
        start, at = at, _past_spaces(text, at)
        if text[at : at + 1] == QUOTE:
            cell, at = _quoted_cell(text, at, separator, last)
            if cell is None:
                return None, at
            stop = _line_end(text, at) if at > stop else stop
        else:
            found = text.find(separator, start, stop)
            at = stop if found < 0 else found
            cell = text[start:at]
        cells.append(cell)
        if at >= stop:
            return cells, at + 1
        at += 1
    return None, at


def _quoted_cell(text: str, at: int, separator: str, last: int) -> tuple[str | None, int]:
    """A quoted cell and where it ends: before a separator or a line end; None where it does not.

    A single quote in the middle stays as it is; after a line end it tells that the
    quote at the beginning was none.
    """
    parts, start, several_lines = [], at + 1, False
    while True:
        quote = text.find(QUOTE, start, last)
        if quote < 0:
            return None, last
        parts.append(text[start:quote])
        several_lines = several_lines or "\n" in parts[-1]
        after = quote + 1
        if text[after : after + 1] == QUOTE:
            parts.append(QUOTE)
            start = after + 1
            continue
        end = _past_spaces(text, after)
        if end >= len(text) or text[end] in (separator, "\n"):
            return "".join(parts), end
        if several_lines:
            return None, end
        parts.append(QUOTE)
        start = after


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _past_spaces(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at


def _split(line: str, separator: str) -> list[str]:
    return line.split(separator, MOST_CELLS_IN_A_ROW)
