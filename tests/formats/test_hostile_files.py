"""Files that were made to harm whoever reads them: bombs, traps, ways out, and texts that take for ever.

They are made by program, and none is large.  What could end a process is read in a child.
"""

import csv
import gzip
import io
import json
import os
import signal
import socket
import sqlite3
import stat
import struct
import tarfile
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore
from types import FrameType

import pytest
import zstandard
from lxml import etree
from openpyxl import Workbook
from PIL import Image as Pillow

import make
from quizapp.domain.errors import Overloaded
from quizapp.domain.imports import Outcome, Reading
from quizapp.formats import Written, detected, readable, writable
from quizapp.formats.reading.archives import BadArchive, open_archive
from quizapp.formats.reading.xml import BadXml, parse_xml, refuse_entities
from quizapp.services import import_reading
from quizapp.services.import_reading import READER_FAILED, Read, Request, read_file, read_in_child

SECONDS = 15
"""Of processor time that a hostile file may take, where other tests run beside this one."""

MEGABYTE = 1024 * 1024
XML_FORMATS = ("moodle_xml", "qti12", "qti2", "olx")


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Whoever takes more processor time than this is stuck."""

    def stuck(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"still reading after {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stuck)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects to anything has failed."""

    def refused(*arguments: object) -> None:
        raise AssertionError("a file made its reader connect to somewhere")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def read(data: bytes | str, name: str = "file", kind: str = "", seconds: float = SECONDS) -> Read:
    """Read a file in this process; the books balance, and nothing broke off."""
    data = data.encode("utf-8", "replace") if isinstance(data, str) else data
    with in_time(seconds):
        made = read_file(Request(data, name, kind))
    report = made.imported.as_json()
    assert report["found"] == report["recovered"] + report["opaque"] + report["dropped"]
    assert not [said for said in made.imported.diagnostics if said.code == READER_FAILED]
    return made


def told(made: Read) -> str:
    return "\n".join(said.message for said in made.imported.diagnostics)


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


# --- XML ---------------------------------------------------------------------------------------------------

SECRET = "<!ENTITY secret SYSTEM 'file:///etc/passwd'>"
LAUGHS = "<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {new} '{f'&{old};' * 20}'>" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
HIDDEN = (
    "<!DOCTYPE quiz [{0}]>",
    "<!doctype quiz [{0}]>",
    "<!-- <a --><!DOCTYPE quiz [{0}]>",
    "<?a <b ?><!DOCTYPE quiz [{0}]>",
    "<!DOCTYPE quiz [<!-- <![CDATA[ -->{0}]>",
    "<!DOCTYPE quiz [<!-- ]> -->{0}]>",
    "<!DOCTYPE quiz [<!ELEMENT quiz ANY><!ATTLIST quiz a CDATA ']>'>{0}]>",
    "<!DOCTYPE quiz [<?a ]> ?>{0}]>",
    f"<!--{'x' * 300_000}--><!DOCTYPE quiz [{{0}}]>",
    "<!DOCTYPE quiz SYSTEM 'http://example.org/a.dtd' [{0}]>",
    "<!DOCTYPE quiz><!DOCTYPE quiz [{0}]>",
    "<!DOCTYPE quiz [<!ENTITY % p SYSTEM 'http://example.org/p.dtd'>%p;{0}]>",
    "<!DOCTYPE quiz [%p;{0}]>",
)


@pytest.mark.parametrize("declared", [SECRET, LAUGHS], ids=["file", "laughs"])
@pytest.mark.parametrize("head", HIDDEN)
def test_entities_are_never_declared_however_they_hide(head: str, declared: str) -> None:
    text = f"{head.format(declared)}<quiz a='&i;'>&secret;&i;<b>&a-b;&_i;</b></quiz>"
    for lenient in (False, True):
        with in_time(SECONDS):
            try:
                root = parse_xml(text, lenient=lenient)
            except BadXml:
                continue
        shown = etree.tostring(root, encoding="unicode")
        assert "root:" not in shown
        assert len(shown) < len(text) + 1_000


@pytest.mark.parametrize("kind", XML_FORMATS)
@pytest.mark.parametrize("declared", [SECRET, LAUGHS], ids=["file", "laughs"])
def test_a_question_never_shows_a_file_of_the_server(kind: str, declared: str) -> None:
    body = {
        "moodle_xml": "<quiz><question type='essay'><questiontext><text>&secret;&i;</text></questiontext></question></quiz>",
        "qti12": "<questestinterop><item ident='a'><presentation><material><mattext>&secret;&i;</mattext></material></presentation></item></questestinterop>",
        "qti2": "<assessmentItem identifier='a'><itemBody><p>&secret;&i;</p></itemBody></assessmentItem>",
        "olx": "<problem><p>&secret;&i;</p></problem>",
    }[kind]
    for head in HIDDEN[:8]:
        report = json.dumps(read(head.format(declared) + body, kind=kind).imported.as_json())
        assert "root:x" not in report
        assert "hahahahahahahahahaha" not in report


def test_a_document_type_without_entities_is_harmless() -> None:
    for head in (
        "<!DOCTYPE quiz>",
        '<!DOCTYPE quiz PUBLIC "-//A//B" "http://example.org/a.dtd">',
        "<!DOCTYPE quiz [<!ELEMENT quiz (#PCDATA)>\n<!ATTLIST quiz a CDATA 'x>y'>\n]>",
        "<!-- a --><!DOCTYPE quiz><!-- b -->",
    ):
        refuse_entities(f"{head}<quiz>&eacute;</quiz>")
        root = parse_xml(f"{head}\n<quiz>&eacute;</quiz>")
        assert (root.text, root.sourceline) == ("é", head.count("\n") + 2)


def test_nothing_is_included_from_elsewhere() -> None:
    text = (
        "<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1' identifier='a' title='t'"
        " xmlns:xi='http://www.w3.org/2001/XInclude'><itemBody>"
        "<xi:include href='file:///etc/passwd' parse='text'/></itemBody></assessmentItem>"
    )
    assert "root:x" not in json.dumps(read(text, kind="qti2").imported.as_json())


DEEP_OR_WIDE = {
    "deep": lambda n: "<a>" * n,
    "deep and closed": lambda n: "<a>" * n + "</a>" * n,
    "attributes": lambda n: "<a " + " ".join(f"b{i}='1'" for i in range(n)) + "/>",
    "namespaces": lambda n: "<a " + " ".join(f"xmlns:b{i}='u{i}'" for i in range(n)) + "/>",
    "doctypes": lambda n: "<!DOCTYPE" * n,
    "types with an inner part": lambda n: "<!DOCTYPE a [" * n,
    "declarations": lambda n: "<!DOCTYPE a [" + "<!ELEMENT b ANY>" * n,
    "comments": lambda n: "<!--" * n,
    "sections": lambda n: "<![CDATA[" * n,
    "entities": lambda n: "&amp" * n,
    "instructions": lambda n: "<?a " * n,
}


@pytest.mark.parametrize("kind", XML_FORMATS)
@pytest.mark.parametrize("shape", DEEP_OR_WIDE)
def test_deep_and_wide_xml_takes_time_linear_in_its_size(kind: str, shape: str) -> None:
    inner = DEEP_OR_WIDE[shape](20_000)
    read(inner, kind=kind)
    read(f"<quiz>{inner}</quiz>", kind=kind)
    read(f"<problem>{inner}</problem>", kind=kind)


# --- Texts that take for ever ------------------------------------------------------------------------------

LONG = 20_000
UNITS = (
    *(" ", "\n", "\t", "a", "1", "<", "<a ", "<p>", '"', "'", "\\", "[", "(", "{", "}", "{=", "~", "#", "&"),
    *(
        "*",
        "`",
        "$$",
        "[[",
        "{{",
        "%",
        "<!--",
        "<![CDATA[",
        "<img ",
        "<question ",
        "<item ",
        "<text>",
        "- ",
        "? ",
    ),
    *(
        "a: ",
        "- - ",
        "\na) b",
        "\nA. b",
        "ANSWER: A\n",
        "\n1. a",
        '""a\n',
        '"a\n',
        '"\n',
        "{1:SA:",
        "{{c1::",
        "::",
    ),
    *(
        "=a->",
        "|",
        "'\\",
        '"a":',
        "[1,",
        "{ ",
        '<div class="math">',
        "@@PLUGINFILE@@/",
        "-> ",
        "~%5%",
        "```\n",
    ),
)
PLACES = {
    "gift": ("{0}", "::t::q {{={0}}}", "q {{#{0}}}", "q{{~%50%{0}}}"),
    "aiken": ("{0}", "Q {0}\nA. a\nB. b\nANSWER: A\n", "Q\nA. a\nB. b\nANSWER: {0}"),
    "cloze": ("{0}", "a {{1:SA:={0}}}", "a {{1:NM:={0}}}"),
    "moodle_xml": (
        "{0}",
        "<quiz>{0}</quiz>",
        "<quiz><question type='cloze'><questiontext format='html'><text><![CDATA[{0}]]></text></questiontext></question></quiz>",
    ),
    "qti12": (
        "{0}",
        "<questestinterop><item ident='a'><presentation><material><mattext>{0}</mattext></material></presentation></item></questestinterop>",
    ),
    "qti2": ("{0}", "<assessmentItem identifier='a'><itemBody><p>{0}</p></itemBody></assessmentItem>"),
    "olx": (
        "{0}",
        "<problem>{0}</problem>",
        "<problem><optionresponse><optioninput correct='a' options=\"{0}\"/></optionresponse></problem>",
    ),
    "csv": ("{0}", "question,answer,correct\n{0}", "question,option 1,option 2,correct\nq,{0},b,1\n"),
    "anki_text": ("{0}", "#separator:tab\n#html:true\n{0}\tb\n"),
    "text2qti": ("{0}", "1. {0}\n*a) a\nb) b\n", "1. q\n= {0}\n"),
    "yaml": ("{0}", "questions:\n  - stem: a\n    type: {0}\n", "questions:\n- {0}\n- stem: a"),
    "json": ("{0}", '{{"questions":[{0}]}}', '{{"questions":[{{"stem":"{0}"}}]}}'),
}


@pytest.mark.parametrize(
    "place", [(kind, place) for kind, all_of in PLACES.items() for place in all_of], ids=str
)
def test_no_text_makes_a_reader_think_for_long(place: tuple[str, str]) -> None:
    kind, around = place
    for unit in UNITS:
        read(around.format(unit * (LONG // len(unit))), kind=kind)


@pytest.mark.parametrize("unit", UNITS)
def test_no_text_makes_the_search_for_its_format_think_for_long(unit: str) -> None:
    for head in ("", "<?xml ", "<quiz>", "<problem", "1. ", "q {", "PK\x03\x04"):
        with in_time(SECONDS):
            detected((head + unit * (150_000 // len(unit))).encode(), "file")


@pytest.mark.parametrize("kind", [key for key, each in readable().items() if hasattr(each, "read")])
def test_noise_and_nothing_are_read_without_an_accident(kind: str) -> None:
    for data in (b"", b"\0", b"\xff\xfe", b"\xff" * 5_000, bytes(range(256)) * 50, b"PK\x03\x04" + b"\0" * 100,
                 b"\x1f\x8b\x08" + b"\0" * 100, b"SQLite format 3\0" + b"\1" * 5_000):  # fmt: skip
        read(data, kind=kind)


# --- YAML and JSON -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "questions:\n  - !!python/object/apply:os.system ['touch /tmp/never']\n",
        "questions:\n  - type: !!python/name:os.system\n    stem: a\n",
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nquestions: [*b,*b,*b,*b]\ntype: a",
        "questions:\n  - &q {type: a, stem: b}\n  - *q\n",
        "questions:\n  - <<: {type: a}\n    stem: b\n",
        "questions: " + "[" * 10_000 + "type: a",
        "questions:\n" + "".join(f"{'  ' * depth}- type:\n" for depth in range(300)),
        "questions:\n  - {type: number, stem: a, answer: 1e999999999}\n",
        "questions:\n  - {type: number, stem: a, answer: " + "9" * 100_000 + "}\n",
        "questions:\n  - {type: number, stem: a, answer: .inf}\n",
    ],
    ids=lambda text: text[:40],
)
def test_yaml_neither_runs_nor_explodes(text: str) -> None:
    made = read(text, "a.yaml", "yaml")
    assert made.imported.count(Outcome.RECOVERED) == 0
    assert made.imported.diagnostics
    assert len(json.dumps(made.imported.as_json())) < 10 * len(text) + 10_000


@pytest.mark.parametrize(
    "text",
    [
        '{"questions":' + "[" * 100_000,
        '{"questions":[' + '{"stem":' * 50_000,
        '{"questions":[{"type":"number","stem":"a","id":"a","topic":"t","answer":' + "9" * 100_000 + "}]}",
        '{"questions":[{"type":"number","stem":"a","id":"a","topic":"t","answer":1e400}]}',
        '{"questions":[{"type":"number","stem":"a","id":"a","topic":"t","answer":NaN}]}',
        '{"questions":[{"type":"number","stem":"a","id":"a","topic":"t","answer":"1e999999999"}]}',
        '{"title":"\\u0000\\ud800","questions":[{"stem":"\\u0000\\ud800","type":"\\u0000"}]}',
    ],
    ids=lambda text: text[:60],
)
def test_json_does_not_explode(text: str) -> None:
    made = read(text, "a.json", "json")
    assert made.imported.count(Outcome.RECOVERED) == 0
    assert made.imported.diagnostics


def test_a_title_is_one_line_that_a_database_can_keep() -> None:
    text = json.dumps({"title": "a\0\ud800\n b" + "x" * 10_000, "questions": []})
    title = read(text, kind="json").imported.title
    assert title.startswith("a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} b")
    assert len(title) <= 500


def test_more_remarks_than_anybody_reads_are_counted() -> None:
    text = "questions: []\n" + "".join(f"field{number}: 1\n" for number in range(5_000))
    about = read(text, kind="yaml").imported.about_file
    assert len(about) == import_reading.MOST_REMARKS + 1
    assert about[-1].message == "there are 3,000 more remarks like these"


# --- Archives ----------------------------------------------------------------------------------------------


def members_of(data: bytes) -> tuple[list[str], str]:
    """The members that count, and what is said of the others."""
    reading = Reading("")
    archive = open_archive(data, reading)
    return archive.names, "\n".join(said.message for said in reading.diagnostics)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../../a.xml", "a/../../b.xml", "a\\..\\b.xml", "C:/a.xml", "c:a.xml", "\\\\host\\a.xml"],
)
def test_names_that_lead_out_of_an_archive_are_passed_over(name: str) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        info = zipfile.ZipInfo("x" * len(name))
        archive.writestr(info, b"a")
        archive.writestr("good.xml", b"b")
    data = target.getvalue().replace(b"x" * len(name), name.encode())

    names, said = members_of(data)

    assert names == ["good.xml"]
    assert "passed over" in said


def test_links_encrypted_and_repeated_members_are_passed_over() -> None:
    link = zipfile.ZipInfo("link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("twice.xml", b"first")
        archive.writestr("thice.xml", b"second")
        archive.writestr("locked.xml", b"")
    data = bytearray(target.getvalue().replace(b"thice", b"twice"))
    at = data.rindex(b"locked.xml") - 46
    data[at + 8] |= 1

    names, said = members_of(bytes(data))

    assert names == ["twice.xml"]
    assert all(why in said for why in ("is a link", "is there twice", "is encrypted"))
    assert open_archive(bytes(data), Reading("")).read("twice.xml") == b"first"


def test_a_member_that_expands_a_thousand_times_is_not_expanded() -> None:
    bomb = zipped({"a.xml": b"\0" * 50 * MEGABYTE})
    with pytest.raises(BadArchive, match=r"expands more than|larger than"):
        open_archive(bomb, Reading("")).read("a.xml")


def test_what_a_header_says_of_a_size_is_not_believed() -> None:
    bomb = bytearray(zipped({"a.xml": b"\0" * 50 * MEGABYTE}))
    at = bomb.rindex(b"PK\x01\x02")
    struct.pack_into("<I", bomb, at + 24, 10)
    with in_time(SECONDS), pytest.raises(BadArchive):
        archive = open_archive(bytes(bomb), Reading(""))
        assert len(archive.read("a.xml")) <= 10


def test_members_share_one_limit() -> None:
    piece = os.urandom(1024) * 16 * 1024
    bomb = zipped({f"{n}.xml": piece for n in range(14)})
    archive = open_archive(bomb, Reading(""))
    with in_time(SECONDS), pytest.raises(BadArchive):
        for name in archive.names:
            archive.read(name, 20 * MEGABYTE)


def test_an_archive_of_very_many_members_is_refused() -> None:
    many = zipped({f"{n}.xml": b"" for n in range(5_001)}, zipfile.ZIP_STORED)
    with pytest.raises(BadArchive, match="more than 5,000 members"):
        open_archive(many, Reading(""))
    endless = b"PK\x03\x04" + b"PK\x01\x02" * 60_000
    with in_time(SECONDS), pytest.raises(BadArchive, match="more than 5,000 members"):
        open_archive(endless, Reading(""))


@pytest.mark.parametrize("how", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED], ids=str)
def test_damaged_members_are_damage_and_no_accident(how: int) -> None:
    whole = zipped({"imsmanifest.xml": b"<manifest/>" * 50, "a.xml": b"<assessmentItem/>" * 50}, how)
    for at in range(30, len(whole) - 30, 3):
        data = bytearray(whole)
        data[at] ^= 0xFF
        read(bytes(data), "a.zip")


@pytest.mark.parametrize("method", [9, 12, 14, 93, 98, 255])
def test_unknown_ways_of_packing_are_told(method: int) -> None:
    data = bytearray(zipped({"imsmanifest.xml": b"<manifest/>", "a.xml": b"<assessmentItem/>"}))
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            struct.pack_into("<H", data, at + offset, method)
    read(bytes(data), "a.zip")
    with pytest.raises(BadArchive):
        open_archive(bytes(data), Reading("")).read("a.xml")


def test_archives_in_archives_stay_closed() -> None:
    inner = zipped({"a.xml": b"<assessmentItem identifier='inner'/>"})
    made = read(zipped({"imsmanifest.xml": b"<manifest/>", "inner.zip": inner}), "a.zip", "qti2")
    assert not made.imported.documents
    assert "within an archive" in told(made)


def tarred(*infos: tarfile.TarInfo) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    return target.getvalue()


def test_links_devices_and_ways_out_of_a_tar_are_passed_over() -> None:
    infos = []
    for name, kind in (
        ("hard", tarfile.LNKTYPE),
        ("soft", tarfile.SYMTYPE),
        ("pipe", tarfile.FIFOTYPE),
        ("device", tarfile.CHRTYPE),
        ("block", tarfile.BLKTYPE),
        ("../out", tarfile.REGTYPE),
        ("/root", tarfile.REGTYPE),
        ("good", tarfile.REGTYPE),
    ):
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, "/etc/passwd", 1 if kind == tarfile.REGTYPE else 0
        infos.append(info)

    names, said = members_of(tarred(*infos))

    assert names == ["good"]
    assert said.count("passed over") == 7


def test_a_sparse_member_of_a_tar_has_no_content() -> None:
    info = tarfile.TarInfo("sparse")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398], header[398:410] = b"00000000000\0", b"00000000000\0"
    header[483:495] = b"77777777777\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with in_time(SECONDS):
        names, _ = members_of(bytes(header) + b"\0" * 1_024)
    assert names == []


def test_a_tar_that_leads_back_into_itself_ends() -> None:
    info = tarfile.TarInfo("back")
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"  # a size below zero
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with in_time(SECONDS):
        try:
            names, _ = members_of(bytes(header) * 3 + b"\0" * 1_024)
        except BadArchive:
            names = []
    assert len(names) <= 3


def test_a_gzip_bomb_is_not_expanded() -> None:
    with in_time(SECONDS), pytest.raises(BadArchive, match="expands to more"):
        open_archive(gzip.compress(b"\0" * 120 * MEGABYTE), Reading(""))


def test_a_damaged_tar_is_damage_and_no_accident() -> None:
    info = tarfile.TarInfo("moodle_backup.xml")
    info.size, info.pax_headers = 10, {"comment": "a" * 600, "path": "b" * 200}
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b"x" * 10))
    whole = target.getvalue()[:4_096]
    for at in range(0, len(whole), 23):
        data = bytearray(whole)
        data[at] ^= 0x55
        read(bytes(data), "a.mbz")


# --- Anki --------------------------------------------------------------------------------------------------

OLD = (
    "CREATE TABLE col (id, models, decks);"
    "CREATE TABLE cards (id INTEGER PRIMARY KEY, nid, did, odid, ord);"
    "INSERT INTO col VALUES (1, '{}', '{}');"
)
NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, guid, mid, tags, flds);"


def collection(script: str, tmp_path: Path) -> bytes:
    path = tmp_path / "made.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    "script",
    [
        OLD + "CREATE VIEW notes AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
        " SELECT n AS id, 'g' AS guid, 1 AS mid, '' AS tags, 'a' AS flds FROM r;",
        OLD + NOTES + "INSERT INTO notes VALUES (1, 'g', 1, '', zeroblob(30000000));",
        OLD + "CREATE TABLE notes (id INTEGER PRIMARY KEY, guid, mid, tags,"
        " flds AS (hex(zeroblob(50000000))));INSERT INTO notes VALUES (1, 'g', 1, '');",
        OLD
        + NOTES
        + "INSERT INTO notes VALUES (1, 'g', 1, '', 'a');"
        + "CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END;",
        OLD.replace("'{}', '{}'", "'" + "[" * 50_000 + "', '" + '{"a":' * 50_000 + "'")
        + NOTES
        + "INSERT INTO notes VALUES (1, 'g', 1, '', 'a');",
    ],
    ids=["endless view", "blob", "computed", "trigger", "deep settings"],
)
def test_a_hostile_collection_is_read_as_far_as_it_is_one(script: str, tmp_path: Path) -> None:
    data = collection(script, tmp_path)
    read(zipped({"collection.anki2": data}), "a.apkg", "anki")


def test_a_collection_with_broken_pages_is_no_accident(tmp_path: Path) -> None:
    rows = "".join(f"INSERT INTO notes VALUES ({n}, 'g{n}', 1, '', 'front{n}\x1fback');" for n in range(300))
    whole = collection(OLD + NOTES + rows, tmp_path)
    for at in range(16, len(whole), len(whole) // 60):
        data = bytearray(whole)
        data[at : at + 20] = b"\xff" * 20
        read(zipped({"collection.anki2": bytes(data)}), "a.apkg", "anki")


@pytest.mark.parametrize("name", ["collection.anki21b", "media"])
def test_a_zstandard_bomb_is_not_expanded(name: str) -> None:
    bomb = zstandard.ZstdCompressor(level=1).compress(b"\0" * 180 * MEGABYTE)
    made = read(zipped({name: bomb, "collection.anki2": b""}, zipfile.ZIP_STORED), "a.apkg", "anki")
    assert not made.imported.documents


# --- Workbooks ---------------------------------------------------------------------------------------------


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    return zipped(parts | {name: content})


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'
HOSTILE_SHEETS = {
    "far row": SHEET % b'<sheetData><row r="99999999"><c r="A99999999"><v>1</v></c></row></sheetData>',
    "far column": SHEET % (b"<sheetData>" + b'<row><c r="XFD1"><v>1</v></c></row>' * 200 + b"</sheetData>"),
    "merged": SHEET
    % (
        b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        + b"".join(b'<row r="%d"><c r="B%d"><v>1</v></c></row>' % (n, n) for n in range(2, 5_000))
        + b"</sheetData><mergeCells>"
        + b'<mergeCell ref="A1:XFD1048576"/>' * 10_000
        + b"</mergeCells>"
    ),
    "far string": SHEET % b'<sheetData><row><c t="s"><v>999999999</v></c></row></sheetData>',
    "late type": b"<!--" + b"x" * 9_000 + b"--><!DOCTYPE a [<!ENTITY b 'c'>]>" + SHEET % b"<sheetData/>",
    "wide type": ("<!DOCTYPE a [<!ENTITY b 'c'>]>" + (SHEET % b"<sheetData/>").decode()).encode("utf-16"),
    "deep": b"<a>" * 100_000,
}


@pytest.mark.parametrize("kind", HOSTILE_SHEETS)
def test_a_hostile_sheet_neither_fills_memory_nor_time(kind: str) -> None:
    data = with_part(workbook([["question", "answer"]]), "xl/worksheets/sheet1.xml", HOSTILE_SHEETS[kind])
    made = read(data, "a.xlsx", "xlsx")
    assert made.imported.diagnostics
    if "type" in kind:
        assert "declares a document type" in told(made)


def test_formulas_and_links_of_a_workbook_are_neither_run_nor_followed() -> None:
    row: list[object] = ["Which?", '=WEBSERVICE("http://example.org/")', "=cmd|' /C calc'!A0", "b", 1]
    head: list[object] = ["question", "option 1", "option 2", "option 3", "correct"]
    link = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
    data = with_part(workbook([head, row]), "xl/externalLinks/_rels/externalLink1.xml.rels", link)
    made = read(data, "a.xlsx", "xlsx")
    assert "formula whose value was never stored" in told(made)


FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", ' "=1', "'=1", "＝1+1", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_exported_cell_is_a_formula_and_the_text_comes_back(formula: str) -> None:
    options = [{"text": {"plain": formula}, "key": True}, {"text": "b"}]
    document = make.document("one", stem={"plain": f"{formula} stem"}, name=formula, options=options)

    written = writable()["csv"].write(formula, [document], {})
    for row in csv.reader(io.StringIO(written.data.decode("utf-8-sig"))):
        for cell in row:
            bare = cell.lstrip(' "\n\u00a0')
            assert not bare.startswith(("=", "+", "@", "\t", "\r", "＝")), cell
            assert not bare.startswith("-") or bare[1:].replace(".", "").isdigit()
    back = read(written.data, "a.csv", "csv").imported.documents[0]
    assert formula.strip() in json.dumps(back["options"][0], ensure_ascii=False).replace('\\"', '"').replace(
        "\\t", "\t"
    )


# --- Pictures ----------------------------------------------------------------------------------------------


def drawn(kind: str = "PNG", size: tuple[int, int] = (9, 7), **more: object) -> bytes:
    target = io.BytesIO()
    Pillow.new("RGB", size, "navy").save(target, kind, **more)
    return target.getvalue()


def of_frames(kind: str, count: int) -> bytes:
    frames = [Pillow.new("RGB", (16, 16), (n % 256, n // 256, 0)) for n in range(count)]
    target = io.BytesIO()
    frames[0].save(target, kind, save_all=True, append_images=frames[1:])
    return target.getvalue()


def huge_png() -> bytes:
    """The head of a picture of 4 billion pixels."""
    data = bytearray(drawn())
    struct.pack_into(">II", data, 16, 65_500, 65_500)
    struct.pack_into(">I", data, 29, zlib.crc32(data[12:29]))
    return bytes(data)


def showing(address: str) -> str:
    return (
        "<quiz><question type='description'><name><text>n</text></name><questiontext format='html'><text>"
        f'<![CDATA[<p>see <img src="{address}"></p>]]></text></questiontext></question></quiz>'
    )


def inline(data: bytes, kind: str = "image/png") -> str:
    return showing(f"data:{kind};base64,{b64encode(data).decode()}")


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"GIF89a/*<svg/onload=alert(1)>*/=1;",
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 40,
        b"\xff\xd8\xff\xe0" + b"\xff" * 500,
        huge_png(),
        b"",
    ],
    ids=["svg", "html", "not a png", "not a gif", "not a webp", "not a jpeg", "huge", "nothing"],
)
def test_what_is_no_picture_is_not_kept(data: bytes) -> None:
    made = read(inline(data), kind="moodle_xml")
    assert not made.pictures
    assert "picture" in told(made)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_a_picture_of_very_many_frames_becomes_its_first_one(kind: str) -> None:
    made = read(inline(of_frames(kind, 1_500)), kind="moodle_xml")
    [picture] = made.pictures.values()
    assert (picture.media_type, picture.width, picture.height) == ("image/png", 16, 16)


def test_nothing_that_hides_behind_a_picture_is_kept() -> None:
    script = b"<script>alert(1)</script>"
    for data in (drawn() + script, drawn("JPEG") + script, drawn("JPEG", comment=script)):
        made = read(inline(data), kind="moodle_xml")
        assert all(script not in picture.data for picture in made.pictures.values())
        assert made.pictures


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "//example.org/a.png",
        "https://example.org/a.png",
        "ftp://example.org/a",
        "file:///etc/passwd",
        "/etc/passwd",
        "../../../../etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "@@PLUGINFILE@@/../../../../etc/passwd",
        "@@PLUGINFILE@@/%2e%2e/%2e%2e/etc/passwd",
        "$IMS-CC-FILEBASE$/../../../etc/passwd",
        "$IMS-CC-FILEBASE$//etc/passwd",
        "/static/../../etc/passwd",
        "static/..\\..\\etc\\passwd",
        "jar:file:///a!/b",
    ],
)
def test_a_picture_comes_from_the_package_or_not_at_all(address: str) -> None:
    item = (
        "<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1' identifier='a' title='t'><itemBody><p>q"
        f"<img src=\"{address}\" alt=''/></p></itemBody></assessmentItem>"
    ).encode()
    old = (
        "<questestinterop><item ident='a'><presentation><material><mattext texttype='text/html'><![CDATA[q "
        f'<img src="{address}">]]></mattext></material></presentation></item></questestinterop>'
    ).encode()
    problem = f'<problem><p>q <img src="{address}"/></p></problem>'.encode()
    for data, kind in (
        (showing(address).encode(), "moodle_xml"),
        (item, "qti2"),
        (old, "qti12"),
        (problem, "olx"),
    ):
        assert not read(data, kind=kind).pictures
    for inside in (item, old):
        assert not read(zipped({"a/item.xml": inside}), "a.zip").pictures


def test_a_picture_is_called_after_its_bytes_whatever_a_file_says() -> None:
    wanted, own = sha256(b"somebody else's picture").hexdigest(), drawn()
    document = make.document("one", stem=f"![x](asset:{wanted})")
    text = json.dumps({"images": {wanted: b64encode(own).decode()}, "questions": [document]})

    made = read(text, kind="json")

    digest = sha256(own).hexdigest()
    assert set(made.pictures) == {digest}
    assert made.imported.documents[0]["stem"] == f"![x](asset:{digest})"


# --- The child ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["quizapp.nowhere:read", "os:abort", "quizapp.services.import_reading:SECONDS"]
)
def test_whatever_happens_to_the_child_is_told_of_the_file(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = import_reading.run_limited
    monkeypatch.setattr(
        import_reading, "run_limited", lambda ours, payload, **more: run(target, payload, **more)
    )

    made = read_in_child(Request(b"{}", "a.json"))

    assert not made.imported.questions
    [said] = made.imported.about_file
    assert (said.severity, said.code) == ("error", READER_FAILED)


def test_an_answer_that_no_database_should_keep_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_reading, "MOST_ANSWER", 1_000)
    text = json.dumps({"questions": [make.document("one", stem="x" * 2_000)]})
    [said] = read_in_child(Request(text.encode(), "a.json")).imported.about_file
    assert said.code == "limit"


def test_only_so_many_files_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_reading, "_turns", BoundedSemaphore(1))
    monkeypatch.setattr(import_reading, "PATIENCE", 0.01)
    with import_reading._turn(), pytest.raises(Overloaded):
        read_in_child(Request(b"{}", "a.json"))
    assert read_in_child(Request(b"{}", "a.json")).imported.about_file


def test_a_bomb_in_a_child_costs_only_the_child() -> None:
    many = zipped(
        {f"{n}.xml": b"<assessmentItem>" + b" " * MEGABYTE + b"</assessmentItem>" for n in range(150)}
    )
    made = read_in_child(Request(many, "a.zip", "qti2"))
    assert made.imported.about_file or made.imported.questions


def test_every_writer_copes_with_hostile_texts() -> None:
    hostile = [make.document("one", stem={"html": "<script>alert(1)</script><img src=x onerror=alert(1)>"})]
    title = "../../<script>\r\nX: y\0 ]]> \u202e"
    for key, each in writable().items():
        with in_time(SECONDS):
            written = each.write(title, hostile, {})
        assert isinstance(written, Written), key
        assert "\n" not in written.media_type
        assert written.suffix.lstrip(".").isalnum()
        if written.data.startswith(b"PK"):
            names = zipfile.ZipFile(io.BytesIO(written.data)).namelist()
            assert all(".." not in name and not name.startswith("/") for name in names)
