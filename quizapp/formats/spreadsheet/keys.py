"""Which answers a table calls right: by letter, by number, or by their text.

Each way is tried; where two of them say different things, the rest of the table decides.
"""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

TOKENS = re.compile(r"[\s,;/&+|]+|\band\b")
LETTER = re.compile(r"(?:option|answer|choice)?\s{0,3}\(?([a-zA-Z])[.)]?", re.IGNORECASE)
NUMBER = re.compile(r"(?:option|answer|choice)?\s{0,3}\(?([0-9]{1,2})[.)]?", re.IGNORECASE)
LABELLED = re.compile(r"\(?([a-zA-Z])[.):]\s{0,9}(\S.{0,4999})", re.DOTALL)
RUN_OF_LETTERS = re.compile(r"[A-Z]{2,10}")
MOST_CHARS = 20_000


class Style(StrEnum):
    """How a table names right answers."""

    LETTER = "letter"
    NUMBER = "number"
    FROM_ZERO = "number from zero"
    TEXT = "text"


@dataclass(slots=True)
class Habit:
    """What all the rows of a table that were looked at agree on."""

    possible: set[Style] = field(default_factory=lambda: set(Style))
    has_zero: bool = False
    usual: Style | None = None
    """What a known template does, whatever else a cell could mean."""

    def learn(self, cell: str, texts: Sequence[str]) -> None:
        readings = all_readings(cell, texts)
        self.has_zero = self.has_zero or "0" in TOKENS.split(cell.strip()[:100])
        if readings:
            self.possible &= readings.keys()

    def read(self, cell: str, texts: Sequence[str]) -> tuple[int, ...] | None:
        """The places of the right answers, from 0; None where it cannot be said, () where none is named."""
        readings = all_readings(cell, texts)
        if self.usual in readings:
            return readings[self.usual]
        if not self.has_zero:
            readings.pop(Style.FROM_ZERO, None)
        elif Style.FROM_ZERO in self.possible:
            readings.pop(Style.NUMBER, None)
        if len(set(readings.values())) <= 1:
            return next(iter(readings.values()), ())
        usual = {style: places for style, places in readings.items() if style in self.possible}
        return next(iter(usual.values())) if len(set(usual.values())) == 1 else None


def all_readings(cell: str, texts: Sequence[str]) -> dict[Style, tuple[int, ...]]:
    """What a cell says in each way in which it says something."""
    cell = cell.strip()
    if not cell or len(cell) > MOST_CHARS:
        return {}
    readings = {
        Style.LETTER: _by_letter(cell, texts),
        Style.NUMBER: _by_number(cell, texts, 1),
        Style.FROM_ZERO: _by_number(cell, texts, 0),
        Style.TEXT: by_text(cell, texts),
    }
    return {style: places for style, places in readings.items() if places}


def by_text(cell: str, texts: Sequence[str]) -> tuple[int, ...]:
    """The answers that a cell spells out, several with signs between them."""
    known = {_plain(text): place for place, text in reversed(list(enumerate(texts))) if text.strip()}
    if _plain(cell) in known:
        return (known[_plain(cell)],)
    for separator in (";", "|", "\n", ","):
        parts = [_plain(part) for part in cell.split(separator) if part.strip()]
        if len(parts) > 1 and all(part in known for part in parts):
            return tuple(sorted({known[part] for part in parts}))
    return ()


def _by_letter(cell: str, texts: Sequence[str]) -> tuple[int, ...]:
    labelled = LABELLED.fullmatch(cell)
    if labelled is not None:
        place = string.ascii_lowercase.index(labelled[1].lower())
        return (place,) if place < len(texts) and _plain(labelled[2]) == _plain(texts[place]) else ()
    tokens = [cell] if LETTER.fullmatch(cell) else [token for token in TOKENS.split(cell) if token]
    if len(tokens) == 1 and RUN_OF_LETTERS.fullmatch(tokens[0]) and len(set(tokens[0])) == len(tokens[0]):
        tokens = list(tokens[0])
    letters = [found[1].lower() if (found := LETTER.fullmatch(token)) else "" for token in tokens]
    if "" in letters:
        return ()
    places = [string.ascii_lowercase.index(letter) for letter in letters]
    return _within(places, texts)


def _by_number(cell: str, texts: Sequence[str], first: int) -> tuple[int, ...]:
    tokens = [cell] if NUMBER.fullmatch(cell) else [token for token in TOKENS.split(cell) if token]
    numbers = [NUMBER.fullmatch(token) for token in tokens]
    places = [int(found[1]) - first for found in numbers if found is not None]
    return _within(places, texts) if len(places) == len(tokens) else ()


def _within(places: Sequence[int], texts: Sequence[str]) -> tuple[int, ...]:
    """Places that hold an answer, or none if one of them does not."""
    fits = all(0 <= place < len(texts) and texts[place].strip() for place in places)
    return tuple(sorted(set(places))) if fits else ()


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
