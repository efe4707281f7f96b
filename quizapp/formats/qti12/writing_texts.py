"""Texts, feedback and metadata as the elements that other systems read."""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin

from quizapp.domain.texts import Marked, Markup, default_markup, markup_of
from quizapp.formats import Picture
from quizapp.formats.qti12.materials import as_html
from quizapp.formats.reading.xml import NOT_XML, Element

FILES = "$IMS-CC-FILEBASE$"
FOLDER = "images"
ASSET = re.compile(r"asset:([0-9A-Za-z_-]{1,80})")
SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
MARKED_UP = re.compile(r"[*_`#\[\]<>&|\\~$!\n]|^\s*(?:\d+[.)]|[-+])\s")
ONE_PARAGRAPH = re.compile(r"<p>((?:(?!<p>).)*)</p>\s*\Z", re.DOTALL)


class Outlet:
    """Turns one document's texts into elements, and remembers what they lack there."""

    def __init__(self, document: Mapping[str, Any], pictures: Mapping[str, Picture]) -> None:
        self._markup = default_markup(document)
        self._pictures = pictures
        self.used: dict[str, str] = {}
        """The files of the pictures that were used, by the names that texts call them."""
        self.lacks: dict[str, None] = {}

    def lack(self, message: str) -> None:
        self.lacks[message] = None

    def marked(self, value: Any) -> Marked:
        """A text of the document with its markup."""
        if isinstance(value, Mapping):
            [(name, text)] = value.items()
            return Marked(text, Markup(name))
        return Marked(str(value or ""), self._markup)

    def material(self, value: Any) -> Element:
        """A text as the file holds it."""
        text = value if isinstance(value, Marked) else self.marked(value)
        markup = markup_of(text)
        if markup is Markup.PLAIN:
            return node("material", node("mattext", self.clean(text), texttype="text/plain"))
        html = self.html(text)
        return node("material", node("mattext", self.clean(html), texttype="text/html"))

    def html(self, value: Any) -> str:
        """A text as HTML, its pictures named as files of the package."""
        text = value if isinstance(value, Marked) else self.marked(value)
        markup = markup_of(text)
        if markup is Markup.MARKDOWN:
            if MARKED_UP.search(text):
                self.lack("Markdown is written as HTML")
            html = rendered(text)
        else:
            if markup is Markup.MOODLE:
                self.lack("Moodle's automatic format is written as HTML")
            html = as_html(text, markup)
        return ASSET.sub(self._file, html) if "asset:" in html else html

    def clean(self, text: str) -> str:
        """A text without characters that XML cannot hold."""
        if NOT_XML.search(text):
            self.lack("characters that XML cannot hold are replaced")
            return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
        return text

    def _file(self, found: re.Match[str]) -> str:
        picture = self._pictures.get(found[1])
        if picture is None:
            self.lack("a picture of it is missing")
            return found[0]
        path = f"{FOLDER}/{found[1]}.{SUFFIXES.get(picture.media_type, 'bin')}"
        self.used[found[1]] = path
        return f"{FILES}/{path}"


def node(name: str, *content: "str | Element | None", **attributes: str) -> Element:
    """An element with text and children."""
    element = etree.Element(name)
    for key, value in attributes.items():
        element.set(key.removesuffix("_"), NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value))
    for each in content:
        if isinstance(each, str):
            element.text = (element.text or "") + NOT_XML.sub("\N{REPLACEMENT CHARACTER}", each)
        elif each is not None:
            element.append(each)
    return element


def fields_node(fields: list[tuple[str, str]]) -> Element:
    """Metadata as Canvas writes it."""
    entries = [
        node("qtimetadatafield", node("fieldlabel", label), node("fieldentry", entry))
        for label, entry in fields
    ]
    return node("itemmetadata", node("qtimetadata", *entries))


def feedback_node(ident: str, material: Element) -> Element:
    return node("itemfeedback", node("flow_mat", material), ident=ident)


def rendered(text: str) -> str:
    """Markdown as HTML; a lone paragraph needs no box of its own."""
    html: str = PARSER.render(str(text)).strip()
    alone = ONE_PARAGRAPH.match(html)
    return alone[1] if alone else html


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    parser.enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False)
    parser.validateLink = lambda url: url.startswith("asset:") or MarkdownIt.validateLink(parser, url)  # type: ignore[method-assign]  # ours are no scripts
    parser.add_render_rule("math_inline", _math)
    parser.add_render_rule("math_block", _math)
    return parser


def _math(self: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """Formulas as Canvas reads them."""
    token = tokens[index]
    opening, closing = ("\\[", "\\]") if token.type == "math_block" else ("\\(", "\\)")
    return as_html(f"{opening}{token.content.strip()}{closing}", Markup.PLAIN)


PARSER = _parser()
