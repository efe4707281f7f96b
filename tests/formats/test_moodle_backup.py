"""Moodle backups: the question bank inside, old and new, and archives that mean no good."""

import io
import tarfile
import zipfile
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from quizapp.domain.imports import Action, Import, Outcome, judge
from quizapp.formats import Picture, detected
from quizapp.formats.moodle_backup import MoodleBackup
from quizapp.formats.moodle_xml import MoodleXml

FILES = Path(__file__).parent / "files" / "moodle_backup"
DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HASH = "ab" + "c" * 38
LISTING = f"""<?xml version="1.0"?><files><file id="1"><contenthash>{HASH}</contenthash><component>question</component>
<filearea>questiontext</filearea><itemid>101</itemid><filepath>/</filepath><filename>dot.png</filename></file></files>"""
ABOUT = "<moodle_backup><original_course_fullname>Backend course</original_course_fullname></moodle_backup>"


def members(bank: str) -> dict[str, bytes]:
    return {
        "moodle_backup.xml": ABOUT.encode(),
        "questions.xml": bank.encode(),
        "files.xml": LISTING.encode(),
        f"files/ab/{HASH}": DOT,
    }


def tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def bank(name: str) -> str:
    return (FILES / name).read_text("utf-8")


def read(data: bytes) -> Import:
    return judge(MoodleBackup.read(data, "course.mbz", {}), "course.mbz")


def named(found: Import, name: str) -> dict[str, Any]:
    return next(each for each in found.documents if each["name"] == name)


@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_backup_of_either_kind_is_recognised_and_read(pack: Any) -> None:
    data = pack(members(bank("questions_new.xml")))
    found = read(data)

    assert detected(data, "anything") == "moodle_backup"
    assert found.title == "Backend course"
    assert [each.outcome for each in found.questions] == [Outcome.RECOVERED, Outcome.RECOVERED]


def test_the_newest_version_counts_and_the_others_are_told() -> None:
    found = read(tar(members(bank("questions_new.xml"))))
    document = named(found, "Order")

    assert document["stem"].startswith("<p>TCP keeps the order.")
    (said,) = [each for each in found.diagnostics if each.code == "older_version"]
    assert (said.action, said.member) == (Action.DROPPED, "questions.xml")
    assert '<question id="100">' in bank("questions_new.xml").split("\n")[said.line - 1]


def test_everything_said_of_a_question_comes_along() -> None:
    found = read(tar(members(bank("questions_new.xml"))))
    document = named(found, "Order")

    assert document["category"] == "Networks & more//less"
    assert (document["id"], document["origin"]["id"]) == ("tcp-1", "tcp-1")
    assert (document["answer"], document["feedback_true"]) == (True, "Yes.")
    assert (document["hints"], document["tags"]) == (["Think of streams."], ["TCP IP"])
    assert (document["points"], document["explanation"]) == (2, "By numbers.")
    assert list(found.images.values()) == [DOT]
    assert next(iter(found.images)) in document["stem"]


def test_a_cloze_is_put_together_from_its_parts() -> None:
    document = named(read(tar(members(bank("questions_new.xml")))), "Gaps")

    assert document["text"] == "<p>[[g1]] over [[g2]]</p>"
    assert [part["type"] for part in document["parts"]] == ["short_text", "single_choice"]
    assert document["points"] == 3


def test_a_cloze_without_its_parts_is_kept_whole() -> None:
    text = bank("questions_new.xml").replace('<question id="112">', '<question id="912">')
    found = read(tar(members(text)))

    assert named(found, "Gaps")["type"] == "opaque"
    assert "missing_part" in [each.code for each in found.diagnostics]


def test_a_bank_of_before_moodle_4() -> None:
    found = read(tar(members(bank("questions_old.xml"))))

    assert [each["type"] for each in found.documents] == [
        *("single_choice", "number", "matching", "composite", "opaque"),
    ]
    assert named(found, "Choice")["options"] == [
        {"text": {"html": "GET"}, "key": True, "feedback": {"html": "It reads."}},
        {"text": {"html": "PUT"}, "credit": "-0.3333333"},
    ]
    number = named(found, "Bits")
    assert (number["tolerance"], number["otherwise"], number["unit"]) == (
        {"absolute": "0.5"},
        "Eight.",
        "bit",
    )
    assert named(found, "Layers")["pairs"][1] == {"prompt": "TCP", "match": "transport"}
    assert len(named(found, "Drag")["parts"]) == 2
    assert named(found, "Random (Bank)")["kind"] == "random"
    assert all(each["category"] == "Bank" for each in found.documents)
    assert {"hidden", "overall_feedback", "negative_credit", "kind"} <= {
        each.code for each in found.diagnostics
    }


def test_what_was_read_can_be_written_as_moodle_xml() -> None:
    found = read(tar(members(bank("questions_old.xml"))))
    pictures = {name: Picture("image/png", data) for name, data in found.images.items()}
    written = MoodleXml.write("t", found.documents, pictures)
    again = judge(MoodleXml.read(written.data, "x.xml", {}), "x.xml")

    assert again.count(Outcome.RECOVERED) == 4
    assert [each.question for each in written.limits if each.is_left_out] == ["random-bank"]


def test_a_broken_question_costs_only_itself() -> None:
    text = bank("questions_old.xml").replace("<name>Bits</name>", "<name>Bits</nam>")
    found = read(tar(members(text)))

    assert (found.count(Outcome.RECOVERED), found.count(Outcome.OPAQUE)) == (3, 2)
    (said,) = [each for each in found.diagnostics if each.code == "malformed_xml"]
    assert said.line == text[: text.index("</nam>")].count("\n") + 1


@pytest.mark.parametrize(
    "files",
    [
        {"moodle_backup.xml": b"<x/>"},
        {"moodle_backup.xml": b"<x/>", "questions.xml": b'<!DOCTYPE q [<!ENTITY a "b">]><q>&a;</q>'},
        {"moodle_backup.xml": b"<x/>", "questions.xml": b" " * 130_000_000},
    ],
)
def test_an_archive_that_cannot_be_read_says_why(files: dict[str, bytes]) -> None:
    found = read(zipped(files))

    assert found.questions == ()
    assert [(each.code, each.severity) for each in found.diagnostics] == [("archive", "error")]


def test_names_that_lead_out_of_the_archive_are_passed_over() -> None:
    found = read(tar({**members(bank("questions_old.xml")), "../../evil": b"x"}))

    assert "archive_member" in [each.code for each in found.diagnostics]
    assert len(found.questions) == 5


def test_a_file_that_is_listed_and_missing_is_told() -> None:
    files = members(bank("questions_new.xml"))
    del files[f"files/ab/{HASH}"]
    found = read(tar(files))

    assert found.count(Outcome.RECOVERED) == 2
    assert "missing_image" in [each.code for each in found.diagnostics]


def test_whatever_is_cut_or_flipped_the_books_balance() -> None:
    data = tar(members(bank("questions_new.xml")))
    damaged = [data[: len(data) * point // 20] for point in range(20)]
    damaged += [data[:at] + bytes([data[at] ^ 0x11]) + data[at + 1 :] for at in range(0, len(data), 23)]
    inner = bank("questions_old.xml").encode()
    damaged += [
        tar({**members(""), "questions.xml": inner[: len(inner) * point // 20]}) for point in range(20)
    ]
    for each in damaged:
        report = read(each).as_json()
        assert report["found"] == report["recovered"] + report["opaque"] + report["dropped"]
        assert all(said["line"] >= 1 for said in report["diagnostics"])


def test_another_archive_is_not_recognised() -> None:
    assert MoodleBackup.recognises(zipped({"imsmanifest.xml": b"<manifest/>"}), "x.zip") == 0
    assert MoodleBackup.recognises(b"no archive", "x.mbz") == 0
