"""Files of QTI: an item by itself, or a package with its manifest, tests, pictures and shared texts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from lxml import etree

from quizapp.domain.imports import Action, Found, Reading
from quizapp.formats.qti2.content import readable
from quizapp.formats.qti2.items import ItemSource, read_item
from quizapp.formats.qti2.manifests import Manifest, Place, read_manifest, read_test
from quizapp.formats.qti2.tree import attribute, below, first, plain_tree
from quizapp.formats.reading.archives import Archive, BadArchive, is_archive, open_archive
from quizapp.formats.reading.decoding import decoded, guessed_encoding
from quizapp.formats.reading.xml import BadXml, Element, local_name, parse_xml, refuse_entities

ITEM = re.compile(r"<(?:[\w.-]+:)?(?:assessmentItem|qti-assessment-item)[\s>/]")
TEST = re.compile(r"<(?:[\w.-]+:)?(?:assessmentTest|qti-assessment-test)[\s>/]")
OF_QTI = re.compile(
    rb"imsqti_(?:item|apipitem|test|section|assessment|stimulus)|imsapip_|qti_v[23]p|imsqti_v[23]p|imsqtiasi_v3"
)
MANIFEST = "imsmanifest.xml"
XML_SUFFIXES = (".xml", ".qti")
HEAD = 200_000
MOST_LOOKED_AT = 40
VERSIONS = (("v3p0", "3.0"), ("v2p2", "2.2"), ("v2p1", "2.1"), ("v2p0", "2.0"))
PREFIX = "Namespace prefix"

Resolve = Callable[[str], bytes | None]
SourceOf = Callable[[Element, str, int, str], ItemSource]


def sureness(data: bytes) -> int:
    """From 0 to 100, by content."""
    if not is_archive(data):
        return _sureness_of_text(data)
    try:
        archive = open_archive(data, Reading(""))
        manifest = _manifest_name(archive)
        if manifest and OF_QTI.search(archive.read(manifest)):
            return 90
        for name in [name for name in archive.names if name.lower().endswith(XML_SUFFIXES)][:MOST_LOOKED_AT]:
            if name != manifest and _sureness_of_text(archive.read(name)) >= 90:
                return 75
    except BadArchive:
        pass
    return 0


def _sureness_of_text(data: bytes) -> int:
    head = data[:HEAD].decode(guessed_encoding(data), "replace")
    if "<" not in head[:2_000]:
        return 0
    return 90 if ITEM.search(head) else 60 if TEST.search(head) else 0


def read_file(data: bytes) -> Reading:
    """Every item of a file."""
    reading = Reading("qti2")
    if is_archive(data):
        _read_archive(data, reading)
    else:
        _read_items(decoded(data, reading), "", reading, lambda address: None, _plain_source)
    if not reading.found and not any(each.severity == "error" for each in reading.diagnostics):
        reading.say("no_questions", "holds no questions", Action.DROPPED)
    return reading


def _plain_source(item: Element, text: str, line: int, version: str) -> ItemSource:
    return ItemSource(text, line, "", lambda address: None, version)


def _read_items(text: str, member: str, reading: Reading, resolve: Resolve, source_of: SourceOf) -> bool:
    """The items of an XML text; False where it is of another kind."""
    if not text.strip():
        return False
    try:
        root, said = _parsed(text)
    except BadXml as error:
        _keep_whole(text, member, str(error), error.line, reading)
        return True
    version = _version(root)
    items = [root] if _is_item(root) else [each for each in root.iter() if _is_item(each)]
    for item in items:
        line = item.sourceline or 1
        own_text = text if item is root else etree.tostring(item, encoding="unicode", with_tail=False)
        tree = plain_tree(item)
        broken = said if said and not said[0].startswith(PREFIX) else None
        if broken:
            # What is missing of it nobody knows: it is kept as it is.
            found = Found(attribute(tree, "title") or attribute(tree, "identifier") or member or "item", line)
            found.kind, found.source, found.member = "assessmentItem", own_text, member
            found.text = readable(first(tree, "itemBody"))[:5_000]
            found.give_up("xml", broken[0], line=broken[1])
        else:
            found = read_item(tree, source_of(tree, own_text, line, version), reading)
            if said:
                found.say("xml", said[0], Action.APPROXIMATED, severity="info", line=said[1])
        reading.found.append(found)
    return bool(items)


def _parsed(text: str) -> tuple[Element, tuple[str, int] | None]:
    """The root, and what is wrong with the text if it could only be read with goodwill."""
    refuse_entities(text)
    try:
        return parse_xml(text), None
    except BadXml as error:
        said = str(error).removeprefix("is not well-formed XML: ")
        return parse_xml(text, lenient=True), (said, error.line)


def _keep_whole(text: str, member: str, message: str, line: int, reading: Reading) -> None:
    found = Found(member or "file", 1, kind="file", text=text[:2_000], source=text, member=member)
    found.give_up("xml", message, line=line)
    reading.found.append(found)


def _is_item(element: Element) -> bool:
    name = local_name(element)
    return name.rpartition(":")[2] in ("assessmentItem", "qti-assessment-item")


def _version(root: Element) -> str:
    if local_name(root).startswith("qti-"):
        return "3.0"
    spaces = " ".join(str(space) for space in root.nsmap.values())
    return next((version for mark, version in VERSIONS if mark in spaces), "")


def _manifest_name(archive: Archive) -> str:
    """The manifest that is nearest to the root: some packages have a folder around them."""
    named = [name for name in archive.names if name.rpartition("/")[2].lower() == MANIFEST]
    return min(named, key=lambda name: name.count("/"), default="")


@dataclass(slots=True)
class _Package:
    """The members of a package that are XML, and what its manifest says of them."""

    archive: Archive
    reading: Reading
    manifest: Manifest
    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    """Where the tests have their items, in their order."""
    by_folded_name: dict[str, str] = field(default_factory=dict)

    def member(self, address: str, of: str) -> str:
        """The member that an address in another one names; empty where there is none."""
        path = unquote(address.partition("?")[0].partition("#")[0]).replace("\\", "/")
        for base in (dirname(of), self.manifest.folder, ""):
            name = normpath(join(base, path)).lstrip("/")
            if name in self.archive:
                return name
            if name.casefold() in self.by_folded_name:
                return self.by_folded_name[name.casefold()]
        return ""

    def resolver(self, of: str) -> Resolve:
        def resolve(address: str) -> bytes | None:
            name = self.member(address, of)
            if not name:
                return None
            try:
                return self.archive.read(name)
            except BadArchive:
                return None

        return resolve

    def source_of(self, name: str) -> SourceOf:
        described = self.manifest.described.get(name)
        place = self.places.get(name, Place())

        def source(item: Element, text: str, line: int, version: str) -> ItemSource:
            made = ItemSource(
                text, line, name, self.resolver(name), version, place.category, weight=place.weight
            )
            if described is not None:
                made.tags, made.own = described.tags, described.own
            made.stimuli = tuple(self._stimuli(item, name))
            return made

        return source

    def _stimuli(self, item: Element, name: str) -> Iterator[Element]:
        """The bodies of the shared texts that an item names."""
        for reference in below(item, "assessmentStimulusRef"):
            member = self.member(attribute(reference, "href"), name)
            text = self.texts.get(member)
            try:
                body = first(plain_tree(parse_xml(text)), "stimulusBody") if text else None
            except BadXml:
                body = None
            if body is None:
                message = f"the shared text {attribute(reference, 'href')[:80]!r} is not in the file"
                self.reading.say("stimulus", message, Action.DROPPED, member=name)
            else:
                yield body


def _read_archive(data: bytes, reading: Reading) -> None:
    try:
        archive = open_archive(data, reading)
        name = _manifest_name(archive)
        manifest = read_manifest(decoded(archive.read(name), reading), dirname(name)) if name else Manifest()
    except BadArchive as error:
        reading.say("archive", str(error), Action.DROPPED, severity="error")
        return
    except BadXml as error:
        reading.say("manifest", f"the manifest {error}", Action.APPROXIMATED, line=error.line, member=name)
        manifest = Manifest(dirname(name))
    package = _Package(archive, reading, manifest)
    package.by_folded_name = {each.casefold(): each for each in archive.names}
    _load_texts(package)
    _order_by_tests(package)
    reading.title = reading.title or manifest.title
    listed = [member for href in manifest.hrefs if (member := package.member(href, name))]
    for member in dict.fromkeys([*package.places, *listed, *package.texts]):
        if member in package.texts and ITEM.search(package.texts[member][:HEAD]):
            _read_items(
                package.texts[member], member, reading, package.resolver(member), package.source_of(member)
            )
    for href in manifest.item_hrefs:
        if not package.member(href, name):
            reading.say(
                "missing_item",
                f"names the item {href[:100]!r}, which is not in it",
                Action.DROPPED,
                severity="error",
            )


def _load_texts(package: _Package) -> None:
    for name in package.archive.names:
        folded = name.lower()
        if folded.endswith((".zip", ".imscc")):
            message = "an archive within an archive is not opened"
            package.reading.say(
                "archive_member", message, Action.DROPPED, severity="error", member=name[:200]
            )
        if not folded.endswith(XML_SUFFIXES) or name.startswith("__MACOSX/"):
            continue
        try:
            data = package.archive.read(name)
        except BadArchive as error:
            found = Found(name, 1, member=name)
            found.give_up("archive_member", str(error))
            package.reading.found.append(found)
            continue
        about_text = Reading("")
        package.texts[name] = decoded(data, about_text)
        package.reading.diagnostics += [replace(said, member=name) for said in about_text.diagnostics]


def _order_by_tests(package: _Package) -> None:
    for name, text in package.texts.items():
        if not TEST.search(text[:HEAD]):
            continue
        try:
            test = plain_tree(_parsed(text)[0])
        except BadXml as error:
            package.reading.say("test", f"the test {error}", Action.DROPPED, line=error.line, member=name)
            continue
        title, places = read_test(test)
        package.reading.title = package.reading.title or title
        for href, place in places:
            member = package.member(href, name)
            if member:
                package.places.setdefault(member, place)
            else:
                message = f"the test names the item {href[:100]!r}, which is not in the file"
                package.reading.say("missing_item", message, Action.DROPPED, severity="error", member=name)
