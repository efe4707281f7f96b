"""Texts of questions as XHTML, with pictures that lie in the package."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import lxml.html
from lxml import etree
from markdown_it import MarkdownIt

from quizapp.domain.texts import Marked, Markup, default_markup
from quizapp.formats import Picture
from quizapp.formats.qti2.content import OWN_FIELD, OWN_PLAIN
from quizapp.formats.qti2.vocabulary import VOID
from quizapp.formats.reading.xml import NOT_XML, BadXml, Element, local_name, parse_xml

ASSET = re.compile(r"asset:([0-9a-f]{64})")
MATHML = "http://www.w3.org/1998/Math/MathML"
NAME = re.compile(r"[A-Za-z_][\w.-]*")
SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

Tell = Callable[[str], None]


class Texts:
    """Writes the texts of one question."""

    def __init__(
        self,
        document: Mapping[str, Any],
        pictures: Mapping[str, Picture],
        used: dict[str, Picture],
        tell: Tell,
    ) -> None:
        self._markup = default_markup(document)
        self._pictures = pictures
        self._used = used
        self._tell = tell

    def marked(self, value: Any) -> Marked:
        """A text of the document with its markup."""
        if isinstance(value, Mapping):
            [(name, text)] = value.items()
            return Marked(str(text), Markup(name))
        return Marked(str(value or ""), self._markup)

    def xhtml(self, value: Any) -> str:
        """A text as XHTML; plain text can be told apart again."""
        text = self.marked(value)
        if text.markup is Markup.PLAIN:
            lines = [escape(line, quote=False) for line in clean(text).split("\n")]
            return f'<span class="{OWN_PLAIN}">{"<br/>".join(lines)}</span>'
        html = str(text)
        if text.markup is not Markup.HTML and html:
            self._tell(f"its {text.markup.value.capitalize()} is written as HTML")
        if text.markup is Markup.MARKDOWN:
            html = MARKDOWN.render(html)
        elif text.markup is Markup.MOODLE and "<p" not in html and "<br" not in html:
            html = html.replace("\n", "<br/>\n")
        return self._with_pictures(_xhtml(clean(html))).strip()

    def inline(self, value: Any) -> str:
        """A text for a place where nothing may begin a new line."""
        html = self.xhtml(value)
        alone = re.fullmatch(r"<p>((?:(?!</?p[ >]).)*)</p>", html, re.DOTALL)
        return alone[1] if alone and self.marked(value).markup is Markup.MARKDOWN else html

    def field(self, name: str, value: Any) -> str:
        """A text of the item, marked with what it is."""
        return f'<div class="{OWN_FIELD} {name}">{self.xhtml(value)}</div>'

    def bare(self, value: Any) -> str:
        """A text without any markup, escaped."""
        text = self.marked(value)
        if text.markup is Markup.PLAIN:
            return escape(" ".join(clean(text).split()), quote=False)
        inline = self.inline(value)
        plain = re.sub(r"<[^<>]*>", "", inline)
        if plain != inline:
            self._tell("a choice inside a text is written without its markup")
        return " ".join(plain.split())

    def _with_pictures(self, html: str) -> str:
        def carried(found: re.Match[str]) -> str:
            picture = self._pictures.get(found[1]) or self._pictures.get(found[0])
            if picture is None:
                self._tell("a picture of it is missing")
                return found[0]
            name = f"images/{found[1][:32]}{SUFFIXES.get(picture.media_type, '.img')}"
            self._used[name] = picture
            return f"../{name}"

        return ASSET.sub(carried, html)


def clean(text: str) -> str:
    """A text without the characters that XML has no place for."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def attribute(text: str) -> str:
    """A text as the value of an attribute."""
    return escape(" ".join(clean(text).split()))


def _xhtml(html: str) -> str:
    """HTML as well-formed XML."""
    try:
        root = parse_xml(f"<div>{html}</div>")
    except BadXml:
        try:
            root = lxml.html.fragment_fromstring(html, create_parent="div")
        except (etree.ParserError, ValueError):
            return escape(html, quote=False)
    return "".join([escape(root.text or "", quote=False), *(_written(child) for child in root)])


def _written(element: Element) -> str:
    tail = escape(str(element.tail or ""), quote=False)
    name = local_name(element)
    if not NAME.fullmatch(name):
        return tail
    attributes = [(str(key).rpartition("}")[2], str(value)) for key, value in element.attrib.items()]
    if name == "math":
        attributes = [("xmlns", MATHML), *(each for each in attributes if each[0] != "xmlns")]
    written = "".join(f' {key}="{escape(clean(value))}"' for key, value in attributes if NAME.fullmatch(key))
    inner = "".join([escape(str(element.text or ""), quote=False), *(_written(child) for child in element)])
    body = f"<{name}{written}/>" if name in VOID and not inner else f"<{name}{written}>{inner}</{name}>"
    return body + tail
