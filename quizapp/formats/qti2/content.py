"""What learners read in an item, as HTML without namespaces."""

import re
from collections.abc import Callable, Mapping
from html import escape

from quizapp.domain.texts import Markup
from quizapp.formats.qti2.tree import attribute, text_in
from quizapp.formats.qti2.vocabulary import AROUND_TEXT, CHOICES, HTML, INLINE, LEFT_OUT, MATHML, MEDIA, VOID
from quizapp.formats.reading.xml import Element, local_name

OWN_FIELD, OWN_PLAIN, OWN_PART, OWN_UNIT = "quizapp-field", "quizapp-plain", "quizapp-part", "quizapp-unit"
"""Classes with which this program's exports say where a text begins and ends, and that it is plain."""

Note = Callable[[str, str], None]
"""Takes a code and a message about content that was left behind."""


def outer_html(element: Element, replaced: Mapping[Element, str], note: Note) -> str:
    """An element as HTML; `replaced` gives the HTML of some elements, by the element."""
    if element in replaced:
        return replaced[element]
    name = str(element.tag)
    if name in LEFT_OUT:
        return ""
    if name in MEDIA:
        return _media(element, replaced, note)
    if name == "printedVariable":
        note("variable", f"shows the value of the variable {attribute(element, 'identifier')!r}")
        return escape(f"[{attribute(element, 'identifier')}]")
    inner = inner_html(element, replaced, note)
    if name in AROUND_TEXT:
        return inner
    if name not in HTML and name not in MATHML:
        if has_content(inner):
            note("unknown_element", f"the element {name[:60]!r} is no part of QTI; its text was left out")
        return ""
    attributes = "".join(f' {key!s}="{escape(str(value))}"' for key, value in element.attrib.items())
    return f"<{name}{attributes}/>" if name in VOID else f"<{name}{attributes}>{inner}</{name}>"


def inner_html(element: Element, replaced: Mapping[Element, str], note: Note) -> str:
    """What is in an element, as HTML."""
    parts = [_text(element.text)]
    for child in element:
        parts += [outer_html(child, replaced, note), _text(child.tail)]
    return "".join(parts)


def is_inline(element: Element) -> bool:
    """Whether an element holds nothing that stands in a line of its own."""
    return all(child.tag in INLINE for child in element.iterdescendants())


def field_value(element: Element | None, replaced: Mapping[Element, str], note: Note) -> str | dict[str, str]:
    """A text for a document written in HTML; one that this program wrote from plain text is plain again."""
    if element is None:
        return ""
    inner = list(element)
    alone = len(inner) == 1 and not (element.text or "").strip() and not (inner[0].tail or "").strip()
    if alone and attribute(inner[0], "class") == OWN_PLAIN:
        return {Markup.PLAIN.value: _plain(inner[0], replaced)}
    return inner_html(element, replaced, note).strip()


def has_content(html: str) -> bool:
    """Whether there is anything to see in a piece of HTML."""
    return bool(re.sub(r"<[^<>]*>|&nbsp;|\s", "", html)) or "<img" in html or "<math" in html


def readable(element: Element | None) -> str:
    """Everything that can be read in an item, for somebody who wants to know what it asks."""
    if element is None:
        return ""
    replaced: dict[Element, str] = {}
    for choice in reversed(list(element.iter(*CHOICES))):
        replaced[choice] = f"<li>{inner_html(choice, replaced, _nothing)}</li>"
    return inner_html(element, replaced, _nothing).strip()


def _media(element: Element, replaced: Mapping[Element, str], note: Note) -> str:
    source = attribute(element, "data")
    kind = attribute(element, "type").lower()
    if element.tag == "object" and (kind.startswith("image/") or (not kind and source)):
        sizes = "".join(
            f' {name}="{escape(attribute(element, name))}"'
            for name in ("width", "height")
            if element.get(name)
        )
        return f'<img src="{escape(source)}" alt="{escape(text_in(element))}"{sizes}/>'
    name = source or attribute(element, "src") or str(element.tag)
    note("media", f"the {local_name(element)} {name[:80]!r} cannot be played here")
    return inner_html(element, replaced, note)


def _plain(element: Element, replaced: Mapping[Element, str]) -> str:
    parts = [element.text or ""]
    for child in element:
        inside = replaced[child] if child in replaced else "".join(map(str, child.itertext()))
        parts += ["\n" if child.tag == "br" else inside, child.tail or ""]
    return "".join(parts)


def _text(text: str | None) -> str:
    return escape(str(text), quote=False) if text else ""


def _nothing(code: str, message: str) -> None:
    """Opaque questions lose nothing: their source says it all."""
