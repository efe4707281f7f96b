"""The database of a package, opened in memory as something hostile.

Nothing is trusted: only known tables can be read, no function of the schema runs, and a
handler ends what takes too long.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from quizapp.domain.imports import Action, Reading
from quizapp.formats.anki.notes import Note, NoteType, Template
from quizapp.formats.anki.protobuf import BadMessage, numbers_of, texts_of

HEADER = b"SQLite format 3\0"
VERSIONS = slice(18, 20)
"""Where the header says whether changes are kept in a log beside the file; here there is no such log."""
TABLES = frozenset({"col", "notes", "cards", "notetypes", "fields", "templates", "decks"})
STEPS_BETWEEN_LOOKS, MOST_LOOKS = 100_000, 2_000
LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024),
    (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 10),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
)
"""A schema may compute its columns; none of that gets large."""

CLOZE = 1
FIELD_SEPARATOR, DECK_SEPARATOR = "\x1f", "::"
DEFAULT_DECK = "Default"


class BadCollection(Exception):
    """The database cannot be read at all."""


def read_collection(data: bytes, reading: Reading, member: str) -> list[Note]:
    """Every note, in the order they were made.  Raises `BadCollection`; what is damaged is told."""
    if not data.startswith(HEADER):
        raise BadCollection("holds no SQLite database")
    try:
        with closing(_opened(data)) as connection:
            return _Collection(connection, reading, member).notes()
    except (sqlite3.Error, MemoryError, OverflowError) as error:
        raise BadCollection(f"holds a damaged database: {error}") from error


def _opened(data: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for limit, most in LIMITS:
        connection.setlimit(limit, most)
    connection.deserialize(data[: VERSIONS.start] + b"\x01\x01" + data[VERSIONS.stop :])
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.create_collation("unicase", _unicase)
    looks = iter(range(MOST_LOOKS))
    connection.set_progress_handler(lambda: int(next(looks, None) is None), STEPS_BETWEEN_LOOKS)
    connection.set_authorizer(_allowed)
    return connection


def _allowed(action: int, table: str | None, column: str | None, base: str | None, view: str | None) -> int:
    if action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and table in TABLES and not view):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _unicase(left: str, right: str) -> int:
    one, other = left.casefold(), right.casefold()
    return (one > other) - (one < other)


class _Collection:
    """Reads the tables of either generation."""

    def __init__(self, connection: sqlite3.Connection, reading: Reading, member: str) -> None:
        self.connection = connection
        self.reading = reading
        self.member = member

    def notes(self) -> list[Note]:
        kinds = self._note_types()
        decks = self._decks()
        places = self._places()
        found: list[Note] = []
        for number, row in enumerate(
            self._rows("SELECT id, guid, mid, tags, flds FROM notes ORDER BY id"), 1
        ):
            note_id, guid, kind_id, tags, values = row
            texts = _text(values).split(FIELD_SEPARATOR)
            kind = kinds.get(str(kind_id)) or _unknown(len(texts))
            names = [*kind.fields, *(f"Field {n}" for n in range(len(kind.fields) + 1, len(texts) + 1))]
            deck, cards = places.get(note_id, ("", ()))
            note = Note(number, _text(guid), kind, dict(zip(names, texts, strict=False)), _text(tags).split())
            note.deck, note.cards = decks.get(deck, ""), cards
            found.append(note)
        return found

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Rows up to where the database is damaged, which is told."""
        try:
            yield from self.connection.execute(query)
        except (sqlite3.Error, MemoryError, OverflowError) as error:
            message = f"is damaged ({error}); what could be read was kept"
            self.reading.say("damaged", message, Action.DROPPED, severity="error", member=self.member)

    def _has(self, table: str) -> bool:
        try:
            self.connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608  # our own names
        except sqlite3.Error:
            return False
        return True

    def _note_types(self) -> dict[str, NoteType]:
        if not self._has("notetypes"):
            return dict(filter(None, map(_from_model, self._json("models").items())))
        fields: dict[str, list[str]] = {}
        for kind, name in self._rows("SELECT ntid, name FROM fields ORDER BY ntid, ord"):
            fields.setdefault(str(kind), []).append(_text(name))
        templates: dict[str, list[Template]] = {}
        for kind, name, config in self._rows("SELECT ntid, name, config FROM templates ORDER BY ntid, ord"):
            sides = _message(texts_of, config)
            made = Template(_text(name), sides.get(1, ""), sides.get(2, ""))
            templates.setdefault(str(kind), []).append(made)
        return {
            str(kind): NoteType(
                _text(name),
                tuple(fields.get(str(kind), ())),
                tuple(templates.get(str(kind), ())),
                _message(numbers_of, config).get(1) == CLOZE,
            )
            for kind, name, config in self._rows("SELECT id, name, config FROM notetypes")
        }

    def _decks(self) -> dict[str, str]:
        if self._has("decks"):
            rows = self._rows("SELECT id, name FROM decks")
            named = {str(deck): _text(name).replace(FIELD_SEPARATOR, DECK_SEPARATOR) for deck, name in rows}
        else:
            decks = self._json("decks").items()
            named = {deck: _text(each.get("name")) for deck, each in decks if isinstance(each, Mapping)}
        return {deck: name for deck, name in named.items() if name != DEFAULT_DECK}

    def _places(self) -> dict[int, tuple[str, tuple[int, ...]]]:
        """Of every note its deck and the numbers of its cards.  A card on loan is at home elsewhere."""
        places: dict[int, tuple[str, tuple[int, ...]]] = {}
        for note, deck, lent_from, number in self._rows("SELECT nid, did, odid, ord FROM cards ORDER BY id"):
            home = str(lent_from or deck)
            known, cards = places.get(note, (home, ()))
            if isinstance(number, int):
                cards = (*cards, number)
            places[note] = known, cards
        return places

    def _json(self, column: str) -> Mapping[str, Any]:
        """One of the columns of settings, which hold JSON."""
        row = next(self._rows(f"SELECT {column} FROM col"), ("",))  # noqa: S608  # our own names
        try:
            value = json.loads(_text(row[0]) or "{}")
        except (ValueError, RecursionError):
            message = f"its {column} cannot be read; the first field of a note was taken for the question"
            self.reading.say("damaged", message, Action.APPROXIMATED, severity="error", member=self.member)
            return {}
        return value if isinstance(value, Mapping) else {}


def _from_model(item: tuple[str, Any]) -> tuple[str, NoteType] | None:
    key, model = item
    if not isinstance(model, Mapping):
        return None
    fields = [each for each in model.get("flds") or () if isinstance(each, Mapping)]
    templates = [each for each in model.get("tmpls") or () if isinstance(each, Mapping)]
    kind = NoteType(
        _text(model.get("name")),
        tuple(_text(each.get("name")) for each in fields),
        tuple(
            Template(_text(each.get("name")), _text(each.get("qfmt")), _text(each.get("afmt")))
            for each in templates
        ),
        model.get("type") == CLOZE,
    )
    return key, kind


def _unknown(count: int) -> NoteType:
    """The kind of a note whose own is missing: the first field asks, the others answer."""
    names = tuple(f"Field {number}" for number in range(1, count + 1))
    back = "<br>".join(f"{{{{{name}}}}}" for name in names[1:])
    return NoteType("unknown", names, (Template("Card 1", "{{Field 1}}", back),))


def _message(reader: Any, data: Any) -> Any:
    """A message from a column; nothing where it is none."""
    try:
        return reader(data) if isinstance(data, bytes) else {}
    except BadMessage:
        return {}


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else "" if value is None else str(value)
