"""XML of strangers as a tree: no entities, no network, no document types that do anything."""

import re
from html.entities import html5

from lxml import etree

PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
ENTITY_DECLARED = re.compile(r"<!ENTITY\b", re.IGNORECASE)
SUBSET = re.compile(r"<!DOCTYPE[^\[>]*(\[)?", re.IGNORECASE)
NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*+(\[)?", re.IGNORECASE)
DECLARED = re.compile(
    r"""\s++|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<![A-Z]++(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""", re.DOTALL
)
"""What may stand in the inner part of a document type, and before it."""
BEFORE_ROOT = re.compile(r"(?:\s++|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z))*+", re.DOTALL)
INNER_END = re.compile(r"\]\s*+>")
OWN_ENTITIES = "declares entities of its own (DTD), which is not allowed"
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

Element = etree._Element  # noqa: SLF001  # the library's own name for the type of its elements


class BadXml(Exception):
    """The text is no XML that can be read; `line` counts from 1 within it."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def refuse_entities(text: str) -> None:
    """Refuse a document that declares entities of its own: no question needs one.  Raises `BadXml`.

    A document type without declarations is harmless, and real files have it.
    """
    found = ENTITY_DECLARED.search(CDATA.sub("", text[:200_000]))
    if found is not None and SUBSET.search(text) is not None:
        line = text.count("\n", 0, text.find("<!ENTITY")) + 1
        raise BadXml(OWN_ENTITIES, line)


def parse_xml(text: str, *, lenient: bool = False) -> Element:
    """The root of a document or fragment with one root.  Raises `BadXml` with the line.

    HTML's named entities are taken for their characters.  `lenient` closes what is left open and
    passes over what is no XML; use it second, and tell.
    """
    plain = _without_doctype(DECLARATION.sub(_blank_lines, text, count=1))
    plain = named_entities_resolved(NOT_XML.sub("\N{REPLACEMENT CHARACTER}", plain))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=lenient,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(plain.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise BadXml(f"is not well-formed XML: {str(error.msg).strip()}", error.lineno or 1) from error
    except ValueError as error:
        raise BadXml(f"is no XML: {error}") from error
    if root is None:
        raise BadXml("holds no XML element")
    return root


def named_entities_resolved(text: str) -> str:
    """`&nbsp;` and its kin as characters, except inside CDATA; what is unknown stays as text."""
    if "&" not in text:
        return text
    parts, at = [], 0
    for section in CDATA.finditer(text):
        parts += [NAMED.sub(_character, text[at : section.start()]), section[0]]
        at = section.end()
    return "".join([*parts, NAMED.sub(_character, text[at:])])


def local_name(element: Element) -> str:
    """An element's name without its namespace; empty for comments.  Damaged names are no reason to stop."""
    if not isinstance(element.tag, str):
        return ""
    return element.tag.rpartition("}")[2].rpartition(":")[2]


def _character(found: re.Match[str]) -> str:
    if found[1] in PREDEFINED:
        return found[0]
    character = html5.get(f"{found[1]};")
    if character is None:
        return f"&amp;{found[1]};"
    return character if character not in "<>&" else f"&#{ord(character)};"


def _without_doctype(text: str) -> str:
    """The text without its document type, which stands before the first element: elsewhere it is content.

    Raises `BadXml` where that declares entities, or where nobody can tell what it declares.
    """
    begin = _past(BEFORE_ROOT, text, 0)
    doctype = DOCTYPE.match(text, begin)
    if doctype is None:
        return text
    end = doctype.end() + 1 if doctype[1] is None else _end_of_inner(text, doctype.end())
    rest = text[end:]
    if DOCTYPE.match(rest, _past(BEFORE_ROOT, rest, 0)):
        raise BadXml("has two document types", text.count("\n", 0, end) + 1)
    return text[:begin] + "\n" * text.count("\n", begin, end) + rest


def _end_of_inner(text: str, at: int) -> int:
    """Where a document type with declarations of its own ends."""
    while found := DECLARED.match(text, at):
        if ENTITY_DECLARED.match(text, at):
            raise BadXml(OWN_ENTITIES, text.count("\n", 0, at) + 1)
        at = found.end()
    end = INNER_END.match(text, at)
    if end is None:
        raise BadXml("has a document type that cannot be read", text.count("\n", 0, at) + 1)
    return end.end()


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _blank_lines(found: re.Match[str]) -> str:
    """Lines stay where they are."""
    return "\n" * found[0].count("\n")
