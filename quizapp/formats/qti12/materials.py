"""Materials: what an item shows, as one text in the markup that the file gives it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape, unescape

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, Markup, markup_of
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
BLOCK_END = re.compile(rf"</(?:{BLOCK_TAGS})>\Z", re.IGNORECASE)
VOID = frozenset({"br", "hr", "img", "input", "col", "wbr"})
EMPTY = Marked("", Markup.PLAIN)


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

    def look_at(self, elements: Iterable[Element]) -> None:
        """Learn from the question's own text how the HTML of this item is escaped."""
        if self._is_own:
            return
        bits = [bit for element in elements for bit in self._bits(element, quiet=True) if bit.text.strip()]
        text = bits[0].text.strip() if len(bits) == 1 and bits[0].markup is Markup.HTML else ""
        if REAL_TAG.search(text) or not (ESCAPED_HTML.match(text) and ESCAPED_END.search(text)):
            return
        self.is_escaped_twice = True
        self._found.say(
            "escaped_twice", "its HTML was escaped twice and was read as HTML", Action.APPROXIMATED
        )

    def of(self, elements: Iterable[Element]) -> Marked:
        """One text of several materials, one below the other."""
        return together([self.run(element) for element in elements])

    def run(self, element: Element) -> Marked:
        """The text of one material with the spaces around it, which count within a sentence."""
        return self._joined(list(self._bits(element)))

    def _bits(self, element: Element, *, quiet: bool = False) -> Iterator[Bit]:
        name = local_name(element)
        if name in TEXTS:
            yield self._text(element, quiet=quiet)
        elif name == "matbreak":
            yield BREAK
        elif name == "variable":
            yield Bit(f"[{_attribute(element, 'name')}]", Markup.PLAIN)
        elif name == "matimage":
            yield self._image(element)
        elif name in ATTACHED:
            yield from self._attached(element, quiet=quiet)
        elif name == "matref" and not quiet:
            what = element.get("linkrefid", "")[:100]
            self._found.say("material", f"a reference to material elsewhere ({what})", Action.DROPPED)
        else:
            for child in element:
                yield from self._bits(child, quiet=quiet)

    def _text(self, element: Element, *, quiet: bool) -> Bit:
        said = (element.get("texttype") or element.get("type") or "").strip().lower()
        has_children = any(isinstance(child.tag, str) for child in element)
        text = inner_markup(element) if has_children else "".join(element.itertext())
        if said in OTHER_TYPES and not quiet:
            self._found.say(
                "text_type", f"a text of type {said} is shown as it is written", Action.APPROXIMATED
            )
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

    def _attached(self, element: Element, *, quiet: bool) -> Iterator[Bit]:
        address = (element.get("uri") or "").strip()
        label = element.get("label") or address.rpartition("/")[2]
        if address.lower().endswith(PICTURES):
            yield Bit(f'<img src="{escape(address)}" alt="{escape(label)}">', Markup.HTML)
        elif not quiet:
            message = f"the attached file {label[:100]!r} is not carried over"
            self._found.say("attachment", message, Action.DROPPED)

    def _joined(self, bits: list[Bit]) -> Marked:
        while bits and bits[-1] is BREAK:
            bits.pop()
        while bits and bits[0] is BREAK:
            bits.pop(0)
        markups = {bit.markup for bit in bits if bit.text.strip()}
        if markups <= {Markup.PLAIN}:
            return Marked("".join(bit.text for bit in bits), Markup.PLAIN)
        if markups == {Markup.MOODLE}:
            text, markup = "".join(bit.text for bit in bits), Markup.MOODLE
        else:
            text, markup = "".join(as_html(bit.text, bit.markup) for bit in bits), Markup.HTML
        text = with_own_pictures(text, self._resolve, self._found, self._reading)
        return Marked(text, markup)


def together(texts: Iterable[Marked]) -> Marked:
    """Several texts as one, each on lines of its own."""
    some = [Marked(text.strip(), markup_of(text)) for text in texts if text.strip()]
    if len(some) < 2:
        return some[0] if some else EMPTY
    markups = {markup_of(text) for text in some}
    if len(markups) == 1 and Markup.HTML not in markups:
        return Marked("\n\n".join(some), markups.pop())
    parts = [as_html(text, markup_of(text)) for text in some]
    ends = ["\n" if BLOCK_END.search(part) else "<br>\n" for part in parts[:-1]]
    return Marked("".join(part + end for part, end in zip(parts, [*ends, ""], strict=True)), Markup.HTML)


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


def _attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace."""
    return next(
        (str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), ""
    )


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
