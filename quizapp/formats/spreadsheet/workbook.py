"""Excel workbooks as tables, checked as archives before anything reads them.

Values are those that the workbook remembers: nothing is calculated, and macros are bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.cell import range_boundaries

from quizapp.domain.imports import Action, Reading
from quizapp.formats.reading.archives import Archive, BadArchive, open_archive
from quizapp.formats.spreadsheet.cells import odd_cell, unguarded
from quizapp.formats.spreadsheet.headers import column_letters
from quizapp.formats.spreadsheet.tables import MOST_CELLS, Table, TableRow

READ = re.compile(
    r"(?:\[Content_Types\]\.xml|_rels/.*|xl/(?:_rels/.*|workbook\.xml|sharedStrings\.xml"
    r"|styles\.xml|theme/.*|worksheets/[^/]*\.xml))",
    re.IGNORECASE,
)
MARKUP = (b"<!DOCTYPE", b"<!ENTITY")
SHEET = re.compile(r"xl/worksheets/[^/]*\.xml", re.IGNORECASE)
MERGED = re.compile(
    rb"<(?:\w{1,20}:)?mergeCell\b[^<>]{0,200}\bref=\"([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})\""
)
NO_VALUE = re.compile(
    rb"<(?:\w{1,20}:)?c\b([^<>]{0,200})>\s{0,20}<(?:\w{1,20}:)?f\b[^<>]{0,300}(?:/>|>[^<]{0,8200}</(?:\w{1,20}:)?f>)"
    rb"\s{0,20}(?:<(?:\w{1,20}:)?v\s?/>|<(?:\w{1,20}:)?v></(?:\w{1,20}:)?v>)?\s{0,20}</(?:\w{1,20}:)?c>"
)
REFERENCE = re.compile(rb"\br=\"([A-Z]{1,3})([0-9]{1,7})\"")
PICTURES = re.compile(r"xl/media/", re.IGNORECASE)
MOST_MERGES, MOST_FILLED = 10_000, 500_000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Places = dict[tuple[int, int], tuple[int, int]]


class BadWorkbook(Exception):
    """The workbook cannot be read at all."""


def tables_of_workbook(data: bytes, reading: Reading) -> list[Table]:
    """The sheets that can be seen.  Raises `BadWorkbook`; what is passed over is told."""
    try:
        archive = open_archive(data, reading)
        clean, sheets = _checked(archive)
    except BadArchive as error:
        raise BadWorkbook(str(error)) from error
    if any(PICTURES.match(name) for name in archive.names):
        message = "pictures that lie on its sheets are not read"
        reading.say("image", message, Action.DROPPED)
    try:
        return list(_tables(clean, sheets, reading))
    except (BadArchive, MemoryError, RecursionError) as error:
        raise BadWorkbook(f"cannot be read: {error}") from error
    except Exception as error:  # whatever the library meets in a broken workbook
        raise BadWorkbook(f"is damaged: {type(error).__name__} {str(error)[:200]}") from error


def _checked(archive: Archive) -> tuple[bytes, dict[str, bytes]]:
    """The members that are needed in an archive of their own, read under limits; and the sheets."""
    target = io.BytesIO()
    sheets: dict[str, bytes] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as clean:
        for name in archive.names:
            if not READ.fullmatch(name):
                continue
            content = archive.read(name)
            plain = content.replace(b"\0", b"")  # of two bytes a character
            if any(mark in plain for mark in MARKUP):
                raise BadArchive(f"{name} declares a document type, which no workbook does")
            clean.writestr(zipfile.ZipInfo(name), content)
            if SHEET.fullmatch(name):
                sheets[name] = content
    return target.getvalue(), sheets


def _tables(clean: bytes, sheets: dict[str, bytes], reading: Reading) -> Iterator[Table]:
    book = load_workbook(io.BytesIO(clean), read_only=True, data_only=True, keep_links=False)
    left = MOST_CELLS
    for sheet in book.worksheets:
        title = str(sheet.title)
        if sheet.sheet_state != "visible":
            reading.say("hidden_sheet", "is a hidden sheet and was passed over", Action.DROPPED, member=title)
            continue
        path = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
        sheet.reset_dimensions()
        rows, left = _rows(sheet, title, left, reading)
        content = sheets.get(path, b"")
        _fill_merged(rows, content)
        _tell_of_formulas(rows, content)
        yield Table(title, [row for row in rows if any(row.cells)])


def _rows(sheet: Any, title: str, left: int, reading: Reading) -> tuple[list[TableRow], int]:
    """The rows of a sheet, as far as the limit of cells goes; numbers are those of the sheet."""
    rows: list[TableRow] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        left -= 1 + len(cells)
        if left < 0:
            message = "has more cells than an import may; what follows was passed over"
            reading.say("limit", message, Action.DROPPED, severity="error", line=number, member=title)
            break
        row = TableRow(number, [], "")
        row.cells = [_text_of(cell, row) for cell in cells]
        while row.cells and not row.cells[-1]:
            row.cells.pop()
        row.source = "\t".join(_one_line(cell) for cell in row.cells)
        rows.append(row)
    return rows, left


def _text_of(cell: ReadOnlyCell | EmptyCell, row: TableRow) -> str:
    """A cell as a text, as it looks in the sheet as far as that matters."""
    value = cell.value
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time):
        shown = _shown_date(value, str(cell.number_format or ""))
        message = f"holds a date, read as {shown!r}; if it was typed as numbers such as 1-2, write it as text"
        row.remarks.append(("date", message))
        return shown
    if isinstance(value, int | float | Decimal):
        return _shown_number(value, str(cell.number_format or ""))
    text = unguarded(str(value).replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").strip())
    if (odd := odd_cell(text)) is not None:
        row.remarks.append(odd)
    return text


def _shown_number(value: float | Decimal, how: str) -> str:
    """5.0 is 5, and what binary fractions add at the end is left out."""
    if "%" in how:
        return f"{float(value) * 100:.15g}%"
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return format(Decimal(text), "f") if "e" in text.lower() and abs(float(value)) < 1e30 else text


def _shown_date(value: datetime | date | time, how: str) -> str:
    if isinstance(value, time):
        return value.isoformat()
    day = value.date() if isinstance(value, datetime) else value
    if "y" in how.lower() or not how:
        at = value.time() if isinstance(value, datetime) else time()
        return f"{day.isoformat()} {at.isoformat()}" if at != time() else day.isoformat()
    return f"{day.day}-{MONTHS[day.month - 1]}"


def _fill_merged(rows: list[TableRow], content: bytes) -> None:
    """A cell that spans several rows counts for each of them."""
    left_to_fill = MOST_FILLED
    for found in islice(MERGED.finditer(content), MOST_MERGES):
        left, top, _, bottom = (int(each or 0) for each in range_boundaries(found[1].decode()))
        if bottom == top or top > len(rows):
            continue
        text = rows[top - 1].cell(left - 1)
        for row in islice(rows, top, min(bottom, len(rows))) if text else ():
            left_to_fill -= max(1, left - len(row.cells))
            if left_to_fill < 0:
                return  # merged by nobody who wrote questions
            if not any(row.cells):
                continue  # a row with nothing of its own stays empty
            row.cells += [""] * (left - len(row.cells))
            row.cells[left - 1] = row.cells[left - 1] or text
            row.source = "\t".join(_one_line(cell) for cell in row.cells)


def _tell_of_formulas(rows: list[TableRow], content: bytes) -> None:
    """Formulas whose value the workbook does not remember are empty here."""
    for found in NO_VALUE.finditer(content):
        place = REFERENCE.search(found[1])
        if place is not None and 0 < int(place[2]) <= len(rows):
            cell = f"{place[1].decode()}{place[2].decode()}"
            message = f"{cell} holds a formula whose value was never stored, so it is empty here"
            rows[int(place[2]) - 1].remarks.append(("formula", message))


def _one_line(cell: str) -> str:
    return " ".join(cell.split()) if "\n" in cell or "\t" in cell else cell


def place_name(column: int, line: int) -> str:
    """`B7`: how spreadsheets call a cell."""
    return f"{column_letters(column)}{line}"
