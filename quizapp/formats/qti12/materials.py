"""Materials: what an item shows, as one text in the markup that the file gives it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape, unescape

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.reading.html_pictures import Resolve, with_own_pictures
from quizapp.formats.reading.xml import Element, local_name

TEXTS = frozenset({"mattext", "matemtext", "mat_formattedtext", "localizable_mattext"})
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp")
ATTACHED = frozenset({"matapplet", "matapplication", "mataudio", "matvideo"})
OTHER_TYPES = frozenset({"text/rtf", "text/ssml", "text/x-tex", "application/x-latex"})
BLOCK_TAGS = r"p|div|h[1-6]|ul|ol|table|pre|blockquote"
ESCAPED_HTML = re.compile(rf"&lt;(?:{BLOCK_TAGS})(?:\s|&gt;)", re.IGNORECASE)
ESCAPED_END = re.compile(rf"&lt;/(?:{BLOCK_TAGS})&gt;\Z", re.IGNORECASE)
REAL_TAG = re.compile(r"<[A-Za-z/!]")
WHOLE_HTML = re.compile(rf"<(?:{BLOCK_TAGS})\b[^<>]*>.*</(?:{BLOCK_TAGS})>\Z", re.DOTALL | re.IGNORECASE)
VOID = frozenset({"br", "hr", "img", "input", "col", "wbr"})
NEVER_EMPTY = frozenset({"p", "div", "span", "td", "th", "li", "a", "em", "strong", "code", "script"})


@dataclass(frozen=True, slots=True)
class Bit:
    """A run of text inside materials."""

    text: str
    markup: Markup


BREAK = Bit("\n", Markup.PLAIN)


class Texts:
    """Makes texts of materials; what cannot be carried of them is told at the question."""

    def __init__(self, found: Found, reading: Reading, resolve: Resolve, *, is_own: bool = False) -> None:
        self._found = found
        self._reading = reading
        self._resolve = resolve
        self._is_own = is_own
        """What this house wrote is escaped once, whatever it looks like."""
        self.is_escaped_twice = False
        """Whether this item's HTML was escaped twice, as its first text shows."""

    def first(self, elements: Iterable[Element]) -> Marked:
        """The question's own text, which tells how its HTML is escaped."""
        elements = list(elements)
        text = self.of(elements)
        if self._is_own or text.markup is not Markup.HTML or REAL_TAG.search(text):
            return text
        if not (ESCAPED_HTML.match(text) and ESCAPED_END.search(text)):
            return text
        self.is_escaped_twice = True
        message = "its HTML was escaped twice and was read as HTML"
        self._found.say("escaped_twice", message, Action.APPROXIMATED)
        return self.of(elements)

    def of(self, elements: Iterable[Element], *, inline: bool = False) -> Marked:
        """One text of several materials; `inline` runs them together."""
        blocks = [bits for element in elements if (bits := list(self._bits(element)))]
        bits = blocks[0][:] if blocks else []
        for block in blocks[1:]:
            bits += block if inline else [BREAK, *block]
        return self._joined(bits)

    def _bits(self, element: Element) -> Iterator[Bit]:
        name = local_name(element)
        if name in TEXTS:
            yield self._text(element)
        elif name == "matbreak":
            yield BREAK
        elif name == "matimage":
            yield self._image(element)
        elif name in ATTACHED:
            yield from self._attached(element)
        elif name == "matref":
            what = element.get("linkrefid", "")[:100]
            self._found.say("material", f"a reference to material elsewhere ({what})", Action.DROPPED)
        else:
            for child in element:
                yield from self._bits(child)

    def _text(self, element: Element) -> Bit:
        said = (element.get("texttype") or element.get("type") or "").strip().lower()
        has_children = any(isinstance(child.tag, str) for child in element)
        text = inner_markup(element) if has_children else "".join(element.itertext())
        if said in OTHER_TYPES:
            self._found.say("text_type", f"a text of type {said} is shown as it is written", Action.APPROXIMATED)
        if said == "smart_text":
            return Bit(text, Markup.MOODLE)  # HTML in which line ends count, too
        is_html = said in ("text/html", "html", "text/xhtml", "application/xhtml+xml") or has_children
        if not is_html and not said and WHOLE_HTML.match(text.strip()):
            is_html = True
        if local_name(element) == "matemtext":
            return Bit(f"<em>{text if is_html else escape(text, quote=False)}</em>", Markup.HTML)
        if is_html and self.is_escaped_twice:
            text = unescape(text)
        return Bit(text, Markup.HTML if is_html else Markup.PLAIN)

    def _image(self, element: Element) -> Bit:
        address = (element.get("uri") or element.get("src") or "").strip()
        content = "".join("".join(element.itertext()).split())
        if not address and content:
            kind = element.get("imagtype") or element.get("imagetype") or "image/png"
            address = f"data:{kind};base64,{content}"
        shown = element.get("label") or ""
        return Bit(f'<img src="{escape(address)}" alt="{escape(shown)}">', Markup.HTML)

    def _attached(self, element: Element) -> Iterator[Bit]:
        address = (element.get("uri") or "").strip()
        label = element.get("label") or address.rpartition("/")[2]
        if address.lower().endswith(PICTURES):
            yield Bit(f'<img src="{escape(address)}" alt="{escape(label)}">', Markup.HTML)
            return
        message = f"the attached file {label[:100]!r} is not carried over"
        self._found.say("attachment", message, Action.DROPPED)

    def _joined(self, bits: list[Bit]) -> Marked:
        while bits and bits[-1] is BREAK:
            bits.pop()
        while bits and bits[0] is BREAK:
            bits.pop(0)
        markups = {bit.markup for bit in bits if bit.text.strip()}
        if markups <= {Markup.PLAIN}:
            return Marked("".join(bit.text for bit in bits).strip(), Markup.PLAIN)
        if markups == {Markup.MOODLE}:
            text, markup = "".join(bit.text for bit in bits), Markup.MOODLE
        else:
            text, markup = "".join(as_html(bit.text, bit.markup) for bit in bits), Markup.HTML
        text = with_own_pictures(text, self._resolve, self._found, self._reading)
        return Marked(text.strip(), markup)


def as_html(text: str, markup: Markup) -> str:
    """A text of this or that markup as HTML that says the same."""
    if markup is Markup.PLAIN:
        return escape(text, quote=False).replace("\n", "<br>\n")
    if markup is Markup.MOODLE:
        return "<br>\n".join(text.split("\n"))
    return text


def inner_markup(element: Element) -> str:
    """What stands inside an element, as markup without namespaces."""
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(_outer_markup(child))
        parts.append(escape(child.tail or "", quote=False))
    return "".join(parts)


def _outer_markup(element: Element) -> str:
    name = local_name(element)
    given = "".join(
        f' {key.rpartition("}")[2]}="{escape(str(value))}"' for key, value in element.attrib.items()
    )
    if name in VOID:
        return f"<{name}{given}>"
    return f"<{name}{given}>{inner_markup(element)}</{name}>"


def plain_of(text: str, markup: Markup) -> str:
    """The words of a short text without its tags, for comparing and for labels."""
    if markup in (Markup.HTML, Markup.MOODLE):
        text = unescape(re.sub(r"<[^<>]*>", " ", text))
    return " ".join(text.split())
