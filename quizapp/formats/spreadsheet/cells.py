"""Cells that spreadsheets would run or change: formulas on the way out, dates and errors on the way in."""

import re

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
STARTS_FORMULA = frozenset(
    "=+-@\t\r\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}"
    "\N{FULLWIDTH COMMERCIAL AT}"
)
BEFORE_FORMULA = " \n\"'\N{NO-BREAK SPACE}"
GUARD = "'"
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DATE = re.compile(rf"[0-9]{{1,2}}[-. ](?:{MONTHS})|(?:{MONTHS})[-. ][0-9]{{1,2}}", re.IGNORECASE)
ERRORS = frozenset({"#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#N/A", "#NULL!", "#NUM!"})


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    return f"{GUARD}{text}" if _is_formula(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` was given, and what other careful programs write."""
    return cell[1:] if cell.startswith(GUARD) and _is_formula(cell[1:]) else cell


def odd_cell(cell: str) -> tuple[str, str] | None:
    """What a spreadsheet seems to have made of a cell: a code and a message."""
    if len(cell) > 10:
        return None
    plain = cell.strip()
    if DATE.fullmatch(plain):
        return "date", f"holds {plain!r}, which a spreadsheet may have made of numbers such as 1-2"
    if plain in ERRORS:
        return "formula", f"holds the error {plain} of a formula"
    return None


def _is_formula(text: str) -> bool:
    """Whether a text begins as a formula does, perhaps behind spaces and quotes."""
    bare = text.lstrip(BEFORE_FORMULA)
    return bare[:1] in STARTS_FORMULA and bool(bare) and NUMBER.fullmatch(text) is None
