"""Items of any version of QTI as one plain tree: the names of 2.x, no namespaces, no comments."""

import re
from collections.abc import Iterator

from lxml import etree

from quizapp.formats.reading.xml import Element, local_name

XINCLUDE = "{http://www.w3.org/2001/XInclude}"
SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
KEBAB = re.compile(r"-([a-zA-Z0-9])")
NAME = re.compile(r"[^\W\d][\w.-]*")
UNTOUCHED = ("data-", "aria-")
INCLUDED = "xinclude"
"""What an XInclude is called in the plain tree: it is told, never followed."""


def plain_tree(root: Element) -> Element:
    """The tree with the names of QTI 2.x.  It is changed in place."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            _remove(element)
            continue
        # A prefix that nobody declared stays a part of the name.
        name = local_name(element).rpartition(":")[2]
        kebab = name.startswith("qti-")
        included = element.tag.startswith(XINCLUDE) or element.tag == "xi:include"
        plain_name = INCLUDED if included else camel(name)
        # Lenient reading of damaged files lets names through that are none.
        element.tag = plain_name if NAME.fullmatch(plain_name) else "unnamed"
        for key, value in list(element.attrib.items()):
            plain = _attribute(str(key), kebab=kebab)
            if plain != key:
                del element.attrib[key]
                if NAME.fullmatch(plain):
                    element.set(plain, value)
    etree.cleanup_namespaces(root)
    return root


def camel(name: str) -> str:
    """`qti-choice-interaction` is `choiceInteraction`; names of HTML stay as they are."""
    if not name.startswith("qti-"):
        return name
    return KEBAB.sub(lambda found: found[1].upper(), name.removeprefix("qti-"))


def first(element: Element, name: str) -> Element | None:
    """The first child of a name."""
    return next(children(element, name), None)


def children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if child.tag == name)


def below(element: Element, *names: str) -> Iterator[Element]:
    """Every element of these names below another, in document order."""
    return (each for each in element.iter(*names) if each is not element) if names else iter(())


def attribute(element: Element, name: str, default: str = "") -> str:
    return str(element.get(name, default)).strip()


def is_true(element: Element, name: str) -> bool:
    return attribute(element, name).lower() in ("true", "1")


def whole_number(element: Element, name: str, default: int) -> int:
    text = attribute(element, name)
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else default


def text_in(element: Element) -> str:
    """All the text in an element, with single spaces."""
    return " ".join("".join(str(text) for text in element.itertext()).split())


def _attribute(name: str, *, kebab: bool) -> str:
    if name.startswith(SCHEMA_INSTANCE):
        return ""
    local = name.rpartition("}")[2]
    return KEBAB.sub(_upper, local) if kebab and not local.startswith(UNTOUCHED) else local


def _upper(found: re.Match[str]) -> str:
    return found[1].upper()


def _remove(element: Element) -> None:
    """Take a comment out and leave the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    tail = element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
