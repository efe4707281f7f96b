"""Pieces of Moodle XML: texts with their markup and pictures, words, and what answers earn."""

import re
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from typing import Any

from quizapp.domain.texts import Marked, Markup, text_of
from quizapp.formats import Picture
from quizapp.formats.reading.moodle_question import HUNDRED, MARKS, spelled
from quizapp.formats.reading.xml import NOT_XML

NAMES = {
    Markup.HTML: "html",
    Markup.MOODLE: "moodle_auto_format",
    Markup.PLAIN: "plain_text",
    Markup.MARKDOWN: "markdown",
}
ASSET = re.compile(r"asset:([0-9a-f]{64})")
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
NEEDS_CDATA = re.compile(r"[<>&]")

Document = Mapping[str, Any]


class Marks:
    """Writes the pieces of one question, and remembers what it could not write."""

    def __init__(self, document: Document, pictures: Mapping[str, Picture]) -> None:
        self.document = document
        self._pictures = pictures
        self.limits: list[str] = []
        self._numbers: dict[str, str] = {}

    def limit(self, message: str) -> None:
        """Something that cannot be carried; the same is told once."""
        if message not in self.limits:
            self.limits.append(message)

    def text_of(self, holder: Document, field: str) -> Marked:
        """A text of the document, or of a part of it, in its markup."""
        inherited = {"markup": self.document.get("markup", Markup.MARKDOWN.value)}
        return text_of({**inherited, field: holder.get(field)}, field)

    def text(self, tag: str, text: Marked, attributes: str = "", inside: str = "") -> str:
        """An element with a text, its format, the pictures in it, and what else belongs inside."""
        named, files = self._with_files(text)
        head = f'<{tag}{attributes} format="{NAMES[text.markup]}">'
        return f"{head}\n<text>{self.characters(named)}</text>\n{files}{inside}</{tag}>\n"

    def words(self, tag: str, text: str) -> str:
        """An element that holds a word or a number."""
        return f"<{tag}>{self.characters(text)}</{tag}>\n"

    def in_text(self, tag: str, text: str, attributes: str = "", inside: str = "") -> str:
        """An element with a text that has no format."""
        return f"<{tag}{attributes}>\n<text>{self.characters(text)}</text>\n{inside}</{tag}>\n"

    def answer(
        self, text: Marked, earns: Decimal, feedback: Marked, *, plain: bool = False, more: str = ""
    ) -> str:
        """An answer with what it earns and what is said to it."""
        attributes = f' fraction="{self.percent(earns)}"'
        inside = more + self.text("feedback", feedback)
        if plain:
            return self.in_text("answer", text, attributes + ' format="moodle_auto_format"', inside)
        return self.text("answer", text, attributes, inside)

    def percent(self, earns: Decimal) -> str:
        """What an answer earns in per cent; Moodle knows only some shares."""
        share = spelled(earns * HUNDRED)
        if abs(earns) not in MARKS:
            self.limit(f"Moodle has no mark of {share} % and may refuse it or take the nearest one")
        return share

    def characters(self, text: str) -> str:
        """Text as XML can hold it."""
        if NOT_XML.search(text) is not None:
            self.limit("XML cannot hold some of its characters; they were replaced")
            text = NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
        if NEEDS_CDATA.search(text) is None:
            return text
        return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"

    def _with_files(self, text: Marked) -> tuple[str, str]:
        """The text as Moodle names pictures, and the pictures."""
        files: dict[str, str] = {}

        def named(found: re.Match[str]) -> str:
            picture = self._pictures.get(found[1])
            if picture is None:
                self.limit("a picture of it is not there any more")
                return found[0]
            name = f"{found[1][:16]}.{ENDINGS.get(picture.media_type, 'bin')}"
            data = b64encode(picture.data).decode()
            files[name] = f'<file name="{escape(name)}" path="/" encoding="base64">{data}</file>\n'
            return f"@@PLUGINFILE@@/{name}"

        return ASSET.sub(named, text), "".join(files.values())
