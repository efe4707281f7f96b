"""Files that a Moodle question brings along, and texts that name them by `@@PLUGINFILE@@`."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.reading.html_pictures import picture_kind, with_own_pictures

PLACE = "@@PLUGINFILE@@"
NAMED = re.compile(r"""@@PLUGINFILE@@/?([^\s"'<>()\\]{0,500})""")

Contents = Mapping[str, str | bytes]
"""Files by their paths, in base 64 where they are text."""


@dataclass(slots=True)
class Files:
    """The files of one question, and what became of them."""

    found: Found
    reading: Reading
    named: dict[str, str | bytes] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    """The paths that texts named: carried, or told to be missing."""

    def carried(self, text: Marked, own: Contents | None = None) -> Marked:
        """The text with its pictures named as this house does; its own files come before those of others."""
        if not text:
            return text
        files = {**self.named, **(own or {})}

        def resolve(address: str) -> bytes | None:
            return self._bytes(address, files)

        if text.markup in (Markup.HTML, Markup.MOODLE):
            carried = with_own_pictures(text, resolve, self.found, self.reading)
        else:
            carried = NAMED.sub(lambda found: self._in_plain_text(found, files), text)
        for found in NAMED.finditer(carried):
            self._tell(found[1], files)
        return Marked(carried, text.markup)

    def finish(self) -> None:
        """Tell of the files that no text names."""
        for name in sorted(self.named.keys() - self.met):
            message = f"the file {name[:100]!r}, which no text names, is not carried over"
            self.found.say("unused_file", message, Action.DROPPED, severity="info")

    def _in_plain_text(self, found: re.Match[str], files: Contents) -> str:
        data = self._bytes(found[0], files)
        return self.reading.add_image(data) if data is not None and picture_kind(data) else found[0]

    def _bytes(self, address: str, files: Contents) -> bytes | None:
        path = _meant(address.removeprefix(PLACE), files)
        self.met.add(path)
        return _decoded(files[path]) if path in files else None

    def _tell(self, address: str, files: Contents) -> None:
        path = _meant(address, files)
        if path in self.met:
            return
        self.met.add(path)
        if path in files:
            self.found.say("attached_file", f"the file {path[:100]!r} is not carried over", Action.DROPPED)
        else:
            message = f"the file {path[:100]!r} is named, but did not come along"
            self.found.say("missing_file", message, Action.DROPPED)


def file_path(folder: str, name: str) -> str:
    """The path of a file as `Files` knows it."""
    return "/".join(part for part in f"{folder}/{name}".split("/") if part)


def _meant(address: str, files: Contents) -> str:
    """The path that an address in a text means: it may be URL-encoded, and have a query."""
    paths = [file_path("", each) for each in (unquote(address.partition("?")[0]), unquote(address), address)]
    return next((path for path in paths if path in files), paths[0])


def _decoded(content: str | bytes) -> bytes | None:
    if isinstance(content, bytes):
        return content
    try:
        return b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
