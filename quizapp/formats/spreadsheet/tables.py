"""Tables as rows of texts, whatever file they come from."""

from dataclasses import dataclass, field

from quizapp.domain.imports import Reading
from quizapp.formats.reading.decoding import decoded
from quizapp.formats.reading.delimited import SAMPLE_CHARS, SEPARATORS, rows_of, separator_of
from quizapp.formats.spreadsheet.cells import odd_cell, unguarded
from quizapp.formats.spreadsheet.headers import HEADERS_WITHIN, LEAST_SCORE, score_of

SAID_SEPARATOR = "sep="
MOST_CELLS = 2_000_000
Remark = tuple[str, str]
"""A code and a message."""


@dataclass(slots=True)
class TableRow:
    """One row that holds something."""

    line: int
    cells: list[str]
    source: str
    remarks: list[Remark] = field(default_factory=list)
    """What is odd about it, in words for its question."""
    raw: list[str] = field(default_factory=list)
    """The cells with the spaces around them, where a file has any."""

    def cell(self, place: int) -> str:
        """A cell's text; empty beyond the end."""
        return self.cells[place] if place < len(self.cells) else ""


@dataclass(slots=True)
class Table:
    """The rows of a file or a sheet."""

    name: str
    rows: list[TableRow]

    @property
    def width(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)


def table_of_text(data: bytes, reading: Reading) -> Table:
    """The table in a text file; its separator is found out."""
    text = decoded(data, reading)
    first, _, rest = text.partition("\n")
    line = 1
    if first.lower().startswith(SAID_SEPARATOR) and len(first) == len(SAID_SEPARATOR) + 1:
        separator, text, line = first[-1], rest, 2
    else:
        separator = _separator(text)
    return Table("", _rows(text, separator, line))


def joined_again(table: Table) -> Table:
    """A sheet whose rows are whole lines of text with separators, as people paste them, taken apart."""
    if table.width != 1:
        return table
    text = "\n".join(row.cell(0) for row in table.rows)
    separator = separator_of(text)
    if separator is None or any("\n" in row.cell(0) for row in table.rows):
        return table
    rows = []
    for row in table.rows:
        for part in rows_of(row.cell(0), separator):
            rows.append(TableRow(row.line, [unguarded(cell.strip()) for cell in part.cells], row.source))
    return Table(table.name, rows)


def _separator(text: str) -> str:
    """What makes headers of a row near the beginning, or else what makes the most regular table."""
    sample = text[:SAMPLE_CHARS]
    scores = {
        sign: max((score_of(row.cells) for row in rows_of(sample, sign)[:HEADERS_WITHIN]), default=0)
        for sign in SEPARATORS
    }
    best = max(scores, key=lambda sign: scores[sign])
    return best if scores[best] >= LEAST_SCORE else separator_of(text) or ","


def _rows(text: str, separator: str, line: int) -> list[TableRow]:
    rows = []
    for row in rows_of(text, separator, line=line):
        raw = [unguarded(cell) for cell in row.cells]
        made = TableRow(row.line, [unguarded(cell.strip()) for cell in row.cells], row.source, raw=raw)
        if row.torn:
            message = "has quotes that do not match; they were taken for ordinary signs"
            made.remarks.append(("quote", message))
        made.remarks += [odd for cell in made.cells if (odd := odd_cell(cell)) is not None]
        rows.append(made)
    return rows
