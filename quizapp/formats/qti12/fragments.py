"""The source of one item as a tree: strictly, or mended where it is clear what was meant."""

import re
from collections.abc import Iterator
from html import escape

from quizapp.domain.imports import Action, Found
from quizapp.formats.reading.xml import CDATA, NOT_XML, BadXml, Element, local_name, parse_xml

PREFIX = re.compile(r"(?:</?|\s)([A-Za-z_][\w.-]{0,40}):(?=[A-Za-z_])")
STRAY = re.compile(r"&(?!(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
TEXT_TAG = re.compile(
    r"<(?P<name>(?:[\w.-]{1,40}:)?(?:mattext|mat_formattedtext|fieldentry))\b[^<>]*+(?<!/)>"
)
MOST_PREFIXES = 40
RESERVED = frozenset({"xml", "xmlns"})


def item_of(source: str, found: Found) -> Element | None:
    """The element of an item; None, told at `found`, where it cannot be read for sure."""
    if NOT_XML.search(source):
        message = "holds characters that XML cannot have; each became \N{REPLACEMENT CHARACTER}"
        found.say("character", message, Action.APPROXIMATED)
    first: BadXml | None = None
    for text, mended in _attempts(source):
        try:
            root = _parsed(text)
        except BadXml as error:
            first = first or error
            continue
        if mended:
            assert first is not None
            message = f"{first}; {mended}"
            found.say("malformed", message, Action.APPROXIMATED, line=found.line + first.line - 1)
        return root
    assert first is not None
    message = f"{first}; it is kept as it is"
    found.say("malformed", message, severity="error", line=found.line + first.line - 1)
    return None


def readable_text(source: str) -> str:
    """What can be read of an item that is no XML, without its tags."""
    plain = re.sub(r"<!\[CDATA\[|\]\]>", "", source[:20_000])
    return " ".join(re.sub(r"<[^<>]*>", " ", plain).split())[:2_000]


def _attempts(source: str) -> Iterator[tuple[str, str]]:
    """The source as it is, then with plain mistakes mended, each with what was done."""
    yield source, ""
    plain = _outside_cdata(source)
    if plain != source:
        yield plain, "a lone & was taken for the sign"
    written_out = _markup_escaped(plain)
    if written_out != plain:
        yield written_out, "the tags inside its texts were taken for HTML"


def _parsed(source: str) -> Element:
    """The item inside a root that declares whatever prefixes it uses."""
    prefixes = dict.fromkeys(PREFIX.findall(source))
    declared = "".join(
        f' xmlns:{prefix}="urn:{prefix}"'
        for prefix in list(prefixes)[:MOST_PREFIXES]
        if prefix not in RESERVED
    )
    root = parse_xml(f"<root{declared}>{source}</root>")
    item = next((each for each in root if local_name(each) == "item"), None)
    if item is None:
        raise BadXml("holds no item")
    return item


def _outside_cdata(source: str) -> str:
    """The source with every lone ampersand escaped."""
    parts, at = [], 0
    for section in CDATA.finditer(source):
        parts += [STRAY.sub("&amp;", source[at : section.start()]), section[0]]
        at = section.end()
    return "".join([*parts, STRAY.sub("&amp;", source[at:])])


def _markup_escaped(source: str) -> str:
    """The source with the tags inside its texts escaped: unclosed `<br>` is good HTML and bad XML."""
    parts, at = [], 0
    last = {}
    for opening in TEXT_TAG.finditer(source):
        name = opening["name"]
        if opening.start() < at:
            continue
        if name not in last:
            last[name] = source.rfind(f"</{name}>")
        if last[name] < opening.end():
            continue
        end = source.index(f"</{name}>", opening.end())
        content = source[opening.end() : end]
        if "<" in content and "<![CDATA[" not in content:
            tag = opening[0]
            if "texttype" not in tag and not name.endswith("fieldentry"):
                tag = f'{tag[:-1]} texttype="text/html">'
            parts += [source[at : opening.start()], tag, escape(content, quote=False)]
        else:
            parts.append(source[at:end])
        at = end
    return "".join([*parts, source[at:]])
