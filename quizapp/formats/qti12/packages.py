"""Packages of QTI files: which members hold questions, what they are called, where their pictures lie."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from posixpath import dirname, normpath
from urllib.parse import unquote

from quizapp.domain.imports import Action, Reading
from quizapp.formats.reading.archives import Archive, BadArchive, is_archive, open_archive
from quizapp.formats.reading.decoding import decoded, guessed_encoding

MANIFEST = "imsmanifest.xml"
ROOT = b"questestinterop"
ITEM = re.compile(rb"<item[\s>]")
INSIDE = (b"<presentation", b"<resprocessing", b"<itemmetadata", b"<response_")
QTI_RESOURCE = re.compile(rb"""type\s*=\s*["'](?:ims_?qti(?:asi)?_?(?:xml)?v1p[012]|assessment/x-bb-qti)""")
QTI2 = (b"assessmentItem", b"assessmentTest", b"qti-assessment-item", b"qti-assessment-test")
PASSED_OVER = (
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".svg",
    ".bmp",
    ".pdf",
    ".html",
    ".htm",
    ".css",
    ".js",
)
PACKED = (".zip", ".gz", ".tar", ".imscc", ".imscp", ".7z", ".rar")
HREF = re.compile(r"""\bhref\s{0,9}=\s{0,9}("[^"<>]{1,1000}"|'[^'<>]{1,1000}')""")
TITLE = re.compile(
    r"<(?:\w{1,20}:)?title\b[^<>]*>(?:\s*<(?:\w{1,20}:)?(?:lang)?string\b[^<>]*>)?([^<]{1,300})<"
)
DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
BASE = re.compile(
    r"^(?:\$IMS[-_]CC[-_]FILE[-_]?BASE\$|%%LINKPATH%%|@X@EmbeddedFile\.[A-Za-z]{1,40}@X@"
    r"|/webct/RelativeResourceManager/Template)/*",
    re.IGNORECASE,
)
FOLDERS = ("", "web_resources/", "Imported_Resources/", "csfiles/home_dir/", "images/")
LOOK_INTO = 200_000
MOST_LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Member:
    """A file that may hold questions; a loose file is its own member and has no name."""

    name: str
    text: str


class Package:
    """The files of a package, or the one loose file."""

    def __init__(self, data: bytes, name: str, reading: Reading) -> None:
        self._reading = reading
        self._archive: Archive | None = None
        self._loose = data
        self._by_end: dict[str, list[str]] = {}
        self._taken: dict[str, bytes | None] = {}
        self.title = ""
        if is_archive(data):
            self._archive = open_archive(data, reading)
            for member in self._archive.names:
                self._by_end.setdefault(member.rpartition("/")[2].lower(), []).append(member)

    def members(self) -> list[Member]:
        """Every file that may hold questions, in the order of the manifest, then of the archive."""
        if self._archive is None:
            return [Member("", text_of(self._loose, self._reading))]
        found = []
        for name in self._in_order(self._archive.names):
            if name.lower().endswith(PACKED):
                message = "is an archive inside the archive, which is not opened"
                self._reading.say("nested_archive", message, Action.DROPPED, member=name)
                continue
            if name.lower().endswith(PASSED_OVER):
                continue
            data = self._read(name)
            if data is not None and holds_questions(data):
                found.append(Member(name, text_of(data, self._reading, name)))
        return found

    def picture(self, address: str, member: str) -> bytes | None:
        """The file of the package that an address in a text of `member` means, wherever exporters put it."""
        if self._archive is None:
            return None
        for wanted in (unquote(address), address):
            name = self._named(wanted, member)
            if name is not None:
                if name not in self._taken:
                    self._taken[name] = self._read(name)
                return self._taken[name]
        return None

    def _named(self, address: str, member: str) -> str | None:
        assert self._archive is not None
        plain = BASE.sub("", address.strip()).lstrip("/")
        for path in dict.fromkeys((plain, re.split(r"[?#]", plain, maxsplit=1)[0])):
            if not path:
                continue
            near = normpath(f"{dirname(member)}/{path}".lstrip("/"))
            for wanted in (near, *(folder + normpath(path) for folder in FOLDERS)):
                if wanted in self._archive:
                    return wanted
            if (known := self._by_its_end(path)) is not None:
                return known
        return None

    def _by_its_end(self, path: str) -> str | None:
        """The only member whose path ends like an address: exporters cut the folders before it."""
        parts = [part for part in normpath(path).lower().split("/") if part not in ("", ".", "..")]
        known = self._by_end.get(parts[-1], []) if parts else []
        for length in range(len(parts), 0, -1):
            end = "/" + "/".join(parts[-length:])
            met = [name for name in known if f"/{name.lower()}".endswith(end)]
            if met:
                return met[0] if len(met) == 1 else None
        return None

    def _in_order(self, names: list[str]) -> list[str]:
        manifests = sorted((name for name in names if name.endswith(MANIFEST)), key=len)
        if not manifests:
            return names
        manifest = self._read(manifests[0])
        if manifest is None:
            return names
        text = text_of(manifest, Reading(""))
        titled = TITLE.search(text[:LOOK_INTO])
        self.title = titled[1].strip() if titled else ""
        known = set(names)
        named = (unquote(found[1:-1]) for found in HREF.findall(text))
        first = dict.fromkeys(name for name in named if name in known)
        rest = [name for name in names if name not in first and name not in manifests]
        return [*first, *rest]

    def _read(self, name: str) -> bytes | None:
        assert self._archive is not None
        try:
            return self._archive.read(name)
        except BadArchive as error:
            message = f"could not be read: {error}"
            self._reading.say("archive_member", message, Action.DROPPED, severity="error", member=name[:200])
            return None


def holds_questions(data: bytes) -> bool:
    """Whether a file may be QTI 1.2: by its root or its items, not by its name."""
    head = data[:LOOK_INTO]
    if guessed_encoding(data) in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        head = head.replace(b"\0", b"")
    if b"<manifest" in head[:4_000] or any(mark in head[:4_000] for mark in QTI2):
        return False
    return ROOT in head or (ITEM.search(head) is not None and any(mark in head for mark in INSIDE))


def text_of(data: bytes, reading: Reading, member: str = "") -> str:
    """The text of an XML file, by what it says of its own encoding where its bytes do not say better."""
    said = Reading("")
    declared = DECLARED.match(data[:300])
    if declared and guessed_encoding(data) == "cp1252":
        with suppress(LookupError, UnicodeError):
            name = codecs.lookup(declared[1].decode("ascii")).name
            if name not in ("iso8859-1", "ascii", "utf-8", "latin-1"):
                data = data.decode(name).encode("utf-8")
    text = decoded(data, said)
    for each in said.diagnostics:
        reading.say(
            each.code, each.message, each.action, severity=each.severity, line=each.line, member=member
        )
    return text


def package_certainty(data: bytes) -> int:
    """How sure it is that an archive holds QTI 1.2: by its manifest, or by a look into its files."""
    try:
        archive = open_archive(data, Reading(""))
        names = sorted(archive.names, key=lambda name: (not name.endswith(MANIFEST), len(name)))
        looked = 0
        for name in names:
            if name.lower().endswith((*PASSED_OVER, *PACKED)):
                continue
            with suppress(BadArchive):
                content = archive.read(name)
                if name.endswith(MANIFEST) and QTI_RESOURCE.search(content):
                    return 95
                if ROOT in content[:LOOK_INTO].replace(b"\0", b""):
                    return 85
            looked += 1
            if looked == MOST_LOOKED_AT:
                break
    except BadArchive:
        return 0
    return 0
