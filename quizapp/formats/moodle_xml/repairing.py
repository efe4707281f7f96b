"""A question's XML as a tree: as it is, with usual mistakes mended, or as far as it goes."""

import re
from collections import Counter

from quizapp.domain.imports import Action, Found
from quizapp.formats.reading.moodle_splitting import Next
from quizapp.formats.reading.xml import NAMED, PREDEFINED, BadXml, Element, local_name, parse_xml

TEXT_TAG = re.compile(r"<text(?:\s[^<>]{0,200})?>")
TEXT_END = "</text>"
CDATA, CDATA_END = "<![CDATA[", "]]>"
STRAY_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
STRAY_LESS = re.compile(r"<(?![A-Za-z/!?])")
START_TAG = re.compile(r"<([A-Za-z_][\w.-]{0,60})")
WHOLE_TAG = re.compile(r"<[A-Za-z_][^<>]{0,2000}>")
ATTRIBUTE = re.compile(r"[\w:.-]{1,60}\s{0,9}=")
PLACES = re.compile(r",? line [0-9]{1,9}(?:, column [0-9]{1,9})?")
SECTION = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)


def tree_of(text: str, found: Found) -> Element | None:
    """The question's element; None where it was given up."""
    try:
        root = parse_xml(text)
    except BadXml as error:
        return _repaired(text, error, found)
    _tell_entities(text, found)
    if not _has_markup_in_texts(root):
        return root
    try:
        root = parse_xml(mended(text))
    except BadXml:
        return root
    found.say("unescaped_html", "its HTML is not escaped; it was read as it stands", severity="info")
    return root


def _repaired(text: str, error: BadXml, found: Found) -> Element | None:
    line = found.line + error.line - 1
    try:
        root = parse_xml(mended(text))
    except BadXml:
        return _as_far_as_it_goes(text, error, found)
    message = f"{_words(error)}; what was meant is clear, and nothing is lost"
    found.say("malformed_xml", message, line=line)
    return root


def _as_far_as_it_goes(text: str, error: BadXml, found: Found) -> Element | None:
    line = found.line + error.line - 1
    try:
        root = parse_xml(mended(text), lenient=True)
    except BadXml:
        root = None
    if root is None or not _is_whole(text, root):
        found.give_up("malformed_xml", f"{_words(error)}, so it is not certain what it says", line=line)
        return root
    found.say("malformed_xml", f"{_words(error)}; look at it again", Action.APPROXIMATED, line=line)
    return root


def _words(error: BadXml) -> str:
    """What is wrong, without the lines of the question alone."""
    first_line = str(error).partition("\n")[0]
    return PLACES.sub("", first_line)[:300]


def mended(text: str) -> str:
    """XML in which lonely signs are escaped, CDATA is closed, and HTML inside `<text>` is CDATA."""
    parts, at, closings = [], 0, Next(text, CDATA_END)
    while start := TEXT_TAG.search(text, at):
        inner_end = _end_of_text(text, start.end(), closings)
        parts += [_escaped(text[at : start.end()]), _content(text[start.end() : inner_end])]
        at = inner_end
    return "".join([*parts, _escaped(text[at:])])


def _end_of_text(text: str, begin: int, closings: Next) -> int:
    """Where the content of `<text>` ends: `</text>` inside its CDATA belongs to it."""
    end = text.find(TEXT_END, begin)
    while (opening := text.find(CDATA, begin, end if end >= 0 else None)) >= 0:
        closing = closings(opening)
        if closing < 0 or (end >= 0 and text.find(CDATA, end, closing) >= 0):
            break
        begin = closing + len(CDATA_END)
        if 0 <= end < begin:
            end = text.find(TEXT_END, begin)
    return end if end >= 0 else len(text)


def _content(text: str) -> str:
    """The content of `<text>`, so that it is characters and nothing else."""
    if text.strip().startswith(CDATA):
        opened, closed = text.count(CDATA), text.count(CDATA_END)
        return text + CDATA_END * (opened - closed) if opened > closed else text
    plain = SECTION.sub("", text)
    if START_TAG.search(plain) is None and "</" not in plain:
        return _escaped(text)
    inside = text.replace(CDATA, "").replace(CDATA_END, "")
    return f"{CDATA}{inside}{CDATA_END}"


def _escaped(text: str) -> str:
    """Lonely `&` and `<` as characters, outside of CDATA."""
    parts, at = [], 0
    for section in SECTION.finditer(text):
        parts += [_plain(text[at : section.start()]), section[0]]
        at = section.end()
    return "".join([*parts, _plain(text[at:])])


def _plain(text: str) -> str:
    return STRAY_LESS.sub("&lt;", STRAY_AMPERSAND.sub("&amp;", text))


def _has_markup_in_texts(root: Element) -> bool:
    return any(len(element) and any(local_name(child) for child in element) for element in root.iter("text"))


def _is_whole(text: str, root: Element) -> bool:
    """Whether every element that begins in the text is in the tree, and answers are not inside each other."""
    plain = SECTION.sub("", mended(text))
    begun = Counter(found[1] for found in START_TAG.finditer(plain))
    read = Counter(local_name(element) for element in root.iter() if isinstance(element.tag, str))
    said = sum(len(ATTRIBUTE.findall(tag)) for tag in WHOLE_TAG.findall(plain))
    known = sum(len(element.attrib) for element in root.iter() if isinstance(element.tag, str))
    nested = root.find(".//answer//answer") is not None or root.find(".//text//text") is not None
    return (begun, said) == (read, known) and not nested and plain.rstrip().endswith("</question>")


def _tell_entities(text: str, found: Found) -> None:
    if "&" not in text:
        return
    odd = {each[1] for each in NAMED.finditer(SECTION.sub("", text))} - PREDEFINED
    if odd:
        name = min(odd)
        message = f"&{name}; is not known in XML, and Moodle refuses the whole file; it was taken for HTML's"
        found.say("html_entity", message, severity="info")
