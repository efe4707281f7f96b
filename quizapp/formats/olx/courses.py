"""Files of Open edX: a problem by itself, or the export of a course or library."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from posixpath import basename
from urllib.parse import unquote

from lxml import etree

from quizapp.domain.imports import Action, Found, Reading
from quizapp.formats.olx.problems import ProblemSource, read_problem
from quizapp.formats.reading.archives import Archive, BadArchive, is_archive, open_archive
from quizapp.formats.reading.decoding import decoded, guessed_encoding
from quizapp.formats.reading.xml import BadXml, Element, local_name, parse_xml, refuse_entities

PROBLEM = re.compile(r"<problem[\s>/]")
EDX_WORDS = re.compile(r"<\w*(?:response|choicegroup|demandhint|startouttext)\b|display_name=|loncapa")
BEFORE = {"<?": "?>", "<!--": "-->", "<!": ">"}
"""What may stand before the first element, and how each of it ends."""
SPACE = re.compile(r"\s*")
FOLDER = re.compile(r"(?:^|/)problem/[^/]+\.xml$")
HEAD = 200_000
MOST_LOOKED_AT = 10
LEVELS = ("course", "library", "chapter", "sequential", "vertical", "library_content", "problem")
"""From the course down to the problem: each names its children by tag and `url_name`."""

Key = tuple[str, str]


def sureness(data: bytes) -> int:
    """From 0 to 100, by content."""
    if not is_archive(data):
        head = data[:HEAD].decode(guessed_encoding(data), "replace").lstrip("\ufeff")
        return (90 if EDX_WORDS.search(head) else 55) if _begins_with_a_problem(head) else 0
    try:
        archive = open_archive(data, Reading(""))
        problems = [name for name in archive.names if FOLDER.search(name)][:MOST_LOOKED_AT]
        for name in problems:
            if PROBLEM.search(archive.read(name).decode("utf-8", "replace")):
                return 88
        if any(basename(name) in ("course.xml", "library.xml") for name in archive.names):
            return 60
    except BadArchive:
        pass
    return 0


def _begins_with_a_problem(text: str) -> bool:
    """Whether the first element is a problem; declarations and comments may stand before it."""
    at = 0
    while True:
        at = SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing too
        opened = next((each for each in BEFORE if text.startswith(each, at)), None)
        if opened is None:
            return PROBLEM.match(text, at) is not None
        end = text.find(BEFORE[opened], at)
        if end < 0:
            return False
        at = end + len(BEFORE[opened])


def read_file(data: bytes, name: str) -> Reading:
    """Every problem of a file."""
    reading = Reading("olx")
    if is_archive(data):
        _read_archive(data, reading)
    else:
        own = basename(name).removesuffix(".xml")
        text = decoded(data, reading)
        _read_text(text, reading, lambda problem, text, line: ProblemSource(text, line, name=own))
    if not reading.found and not any(each.severity == "error" for each in reading.diagnostics):
        reading.say("no_questions", "holds no problems", Action.DROPPED)
    return reading


SourceOf = Callable[[Element, str, int], ProblemSource]


def _read_text(text: str, reading: Reading, source_of: SourceOf, member: str = "") -> None:
    """The problems of an XML text."""
    if not text.strip():
        return
    broken: BadXml | None = None
    try:
        refuse_entities(text)
        try:
            root = parse_xml(text)
        except BadXml as error:
            broken = error
            root = parse_xml(text, lenient=True)
    except BadXml as error:
        found = Found(member or "file", 1, kind="file", text=text[:2_000], source=text, member=member)
        found.give_up("xml", str(error), line=error.line)
        reading.found.append(found)
        return
    for problem in _problems_in(root):
        line = problem.sourceline or 1
        own = text if problem is root else etree.tostring(problem, encoding="unicode", with_tail=False)
        source = source_of(problem, own, line)
        found = read_problem(problem, source, reading)
        if broken is not None:
            # What is missing of it nobody knows: it is kept as it is.
            found.diagnostics.clear()
            found.give_up("xml", str(broken), line=broken.line)
        reading.found.append(found)


def _problems_in(root: Element) -> Iterator[Element]:
    """Problems that say something; others only name the file in which they do."""
    for problem in root.iter("problem"):
        content = len(problem) or (problem.text or "").strip()
        if content or (problem is root and problem.get("url_name") is None):
            yield problem


@dataclass(slots=True)
class _Course:
    """The parts of a course by tag and name, and what is above them."""

    archive: Archive
    folder: str = ""
    titles: dict[Key, str] = field(default_factory=dict)
    above: dict[Key, Key] = field(default_factory=dict)
    order: dict[Key, int] = field(default_factory=dict)
    static: dict[str, str] = field(default_factory=dict)

    def add(self, element: Element, key: Key) -> None:
        self.titles.setdefault(key, element.get("display_name", "").strip())
        for child in element:
            name = local_name(child)
            if name not in LEVELS:
                continue
            own = (name, child.get("url_name", "") or f"{key[1]}/{len(self.order)}")
            self.above.setdefault(own, key)
            self.order.setdefault(own, len(self.order))
            if len(child):
                self.add(child, own)

    def category(self, key: Key) -> str:
        names, seen = [], {key}
        while key in self.above and self.above[key] not in seen:
            key = self.above[key]
            seen.add(key)
            if key[0] not in ("course", "library"):
                names.append(self.titles.get(key) or key[1])
        return "/".join(name.replace("/", " ") for name in reversed(names))[:1_000]

    def place(self, key: Key) -> tuple[int, ...]:
        """Where it comes in the course."""
        path, seen = [], {key}
        while key in self.order:
            path.append(self.order[key])
            key = self.above[key]
            if key in seen:
                break
            seen.add(key)
        return tuple(reversed(path)) or (len(self.order),)

    def resolve(self, address: str) -> bytes | None:
        """A picture of the course by any of the ways to write its address."""
        path = unquote(address.partition("?")[0])
        name = basename(path.rpartition("block@")[2] or path)
        member = self.static.get(path.lstrip("/")) or self.static.get(name)
        if member is None:
            return None
        try:
            return self.archive.read(member)
        except BadArchive:
            return None


def _read_archive(data: bytes, reading: Reading) -> None:
    try:
        archive = open_archive(data, reading)
    except BadArchive as error:
        reading.say("archive", str(error), Action.DROPPED, severity="error")
        return
    course = _Course(archive)
    texts: dict[str, str] = {}
    for name in archive.names:
        _note_static(course, name)
        if name.lower().endswith(".xml"):
            try:
                about_text = Reading("")
                texts[name] = decoded(archive.read(name), about_text)
                reading.diagnostics += [replace(said, member=name) for said in about_text.diagnostics]
            except BadArchive as error:
                found = Found(name, 1, member=name)
                found.give_up("archive_member", str(error))
                reading.found.append(found)
    _map_the_course(course, texts, reading)
    chosen = [name for name, text in texts.items() if PROBLEM.search(text)]
    for name in sorted(chosen, key=lambda name: (course.place(_key_of(name)), name)):
        _read_text(texts[name], reading, _source_in(course, name), name)


def _source_in(course: _Course, name: str) -> SourceOf:
    kind, file_name = _key_of(name)

    def source(problem: Element, text: str, line: int) -> ProblemSource:
        own = problem.get("url_name", "") or (file_name if kind == "problem" else "")
        category = course.category((kind, file_name))
        if kind != "problem" and kind in LEVELS:
            title = course.titles.get((kind, file_name)) or file_name
            category = "/".join(filter(None, [category, title.replace("/", " ")]))
        return ProblemSource(text, line, name, own, category, course.resolve)

    return source


def _key_of(name: str) -> Key:
    folder, _, file = name.rpartition("/")
    return folder.rpartition("/")[2], file.removesuffix(".xml")


def _note_static(course: _Course, name: str) -> None:
    if "/static/" in f"/{name}":
        path = name[f"/{name}".index("/static/") :]
        course.static.setdefault(path, name)
        course.static.setdefault(basename(name), name)


def _map_the_course(course: _Course, texts: dict[str, str], reading: Reading) -> None:
    for name, text in texts.items():
        key = _key_of(name)
        is_course = key[1] in ("course", "library")
        if not is_course and key[0] not in LEVELS[:-1]:
            continue
        try:
            refuse_entities(text)
            root = parse_xml(text)
        except BadXml as error:
            reading.say("xml", str(error), Action.DROPPED, line=error.line, member=name)
            continue
        course.add(root, key if not is_course else (local_name(root), root.get("url_name", key[1])))
        if local_name(root) in ("course", "library") and not reading.title:
            reading.title = root.get("display_name", "").strip()
