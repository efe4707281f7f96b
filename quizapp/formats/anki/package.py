"""The archive around a collection: which database counts, and what its pictures are called."""

import io
import json
from collections.abc import Mapping
from urllib.parse import unquote

import zstandard

from quizapp.domain.imports import Action, Reading
from quizapp.formats.anki.collection import BadCollection
from quizapp.formats.anki.protobuf import BadMessage, fields_of
from quizapp.formats.reading.archives import CHUNK, MEGABYTE, MOST_OF_A_MEMBER, Archive, BadArchive

COLLECTIONS = ("collection.anki21b", "collection.anki21", "collection.anki2")
"""The newest first: beside a newer one, the oldest only says that Anki is out of date."""

MEDIA = "media"
ZSTANDARD = b"\x28\xb5\x2f\xfd"
MOST_OF_A_COLLECTION = 150 * MEGABYTE
MOST_WINDOW = 128 * MEGABYTE
MOST_RATIO, RATIO_COUNTS_FROM = 200, 8 * MEGABYTE
LEGACY_NAME = 255


class Package:
    """A package that was opened."""

    def __init__(self, archive: Archive, reading: Reading) -> None:
        self._archive = archive
        self._media = self._read_media(reading)

    @property
    def collection_name(self) -> str:
        """The member that holds the notes; empty where none does."""
        return next((name for name in COLLECTIONS if name in self._archive), "")

    def collection(self) -> bytes:
        """The database.  Raises `BadCollection`."""
        name = self.collection_name
        if not name:
            raise BadCollection("holds no collection of notes")
        try:
            return _expanded(self._archive.read(name, MOST_OF_A_COLLECTION), MOST_OF_A_COLLECTION)
        except BadArchive as error:
            raise BadCollection(str(error)) from error

    def media(self, address: str) -> bytes | None:
        """A file that a note names, or None."""
        member = self._media.get(address) or self._media.get(unquote(address))
        if member is None or member not in self._archive:
            return None
        try:
            return _expanded(self._archive.read(member), MOST_OF_A_MEMBER)
        except BadArchive:
            return None

    def _read_media(self, reading: Reading) -> Mapping[str, str]:
        """Names of files as notes write them → names of members."""
        if MEDIA not in self._archive:
            return {}
        try:
            data = _expanded(self._archive.read(MEDIA), MOST_OF_A_MEMBER)
            return _from_json(data) if data.lstrip()[:1] == b"{" else _from_message(data)
        except (BadArchive, BadMessage, ValueError, RecursionError) as error:
            message = f"the list of its pictures cannot be read: {error}"
            reading.say("media", message, Action.DROPPED, severity="error", member=MEDIA)
            return {}


def _from_json(data: bytes) -> Mapping[str, str]:
    listed = json.loads(data.decode("utf-8", "replace"))
    return {str(name): str(member) for member, name in listed.items()}


def _from_message(data: bytes) -> Mapping[str, str]:
    """A message whose entries have the numbers of their members, unless they say otherwise."""
    named: dict[str, str] = {}
    entries = (value for number, value in fields_of(data) if number == 1 and isinstance(value, bytes))
    for place, entry in enumerate(entries):
        fields = dict(fields_of(entry))
        name = fields.get(1, b"")
        if isinstance(name, bytes):
            named[name.decode("utf-8", "replace")] = str(fields.get(LEGACY_NAME, place))
    return named


def _expanded(data: bytes, most: int) -> bytes:
    """The content of a Zstandard frame, counted while it expands; other data as it is."""
    if not data.startswith(ZSTANDARD):
        return data
    parts, size = [], 0
    limit = min(most, max(RATIO_COUNTS_FROM, len(data) * MOST_RATIO))
    expander = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW)
    try:
        with expander.stream_reader(io.BytesIO(data)) as source:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise BadArchive("a member expands to more than an import may be")
                parts.append(chunk)
    except (zstandard.ZstdError, MemoryError) as error:
        raise BadArchive(f"a member is damaged: {error}") from error
    return b"".join(parts)
