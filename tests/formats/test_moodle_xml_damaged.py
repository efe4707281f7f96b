"""Moodle XML that is damaged, hostile, or in another encoding."""

from pathlib import Path
from typing import Any

import pytest

from quizapp.domain.imports import Found, Import, Outcome, Reading, judge
from quizapp.formats import detected
from quizapp.formats.moodle_xml import MoodleXml

FILES = Path(__file__).parent / "files" / "moodle_xml"


def read(text: str | bytes) -> Import:
    data = text if isinstance(text, bytes) else text.encode()
    return judge(MoodleXml.read(data, "set.xml", {}), "set.xml")


def question(kind: str, inside: str, *, text: str = "Which?", name: str = "One") -> str:
    return (
        f'<quiz><question type="{kind}"><name><text>{name}</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{inside}</question></quiz>'
    )


def answer(text: str, fraction: str, inside: str = "") -> str:
    return f'<answer fraction="{fraction}"><text>{text}</text>{inside}</answer>'


def only(found: Import) -> dict[str, Any]:
    (document,) = found.documents
    return document


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["backend.xml", "damaged.xml", "old.xml"])
def test_a_file_means_the_same_in_any_encoding(name: str, encoding: str, ends: str) -> None:
    text = (FILES / name).read_text("utf-8")
    data = text.replace("\n", ends).encode(encoding)
    before, after = read(text), read(data)

    assert detected(data, "some file") == "moodle_xml"
    assert [each.outcome for each in after.questions] == [each.outcome for each in before.questions]
    assert [each["name"] for each in after.documents] == [each["name"] for each in before.documents]


def test_an_encoding_that_the_file_names_is_believed() -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?>' + question("description", "", text="Сеть")

    assert only(read(text.encode("cp1251")))["stem"] == "Сеть"


@pytest.mark.parametrize("name", ["backend.xml", "damaged.xml", "old.xml"])
def test_whatever_is_cut_or_flipped_the_books_balance(name: str) -> None:
    data = (FILES / name).read_bytes()
    damaged = [data[: len(data) * point // 20] for point in range(20)]
    damaged += [data[:at] + bytes([data[at] ^ 0x14]) + data[at + 1 :] for at in range(0, len(data), 37)]
    for each in damaged:
        report = read(each).as_json()
        assert report["found"] == report["recovered"] + report["opaque"] + report["dropped"]
        assert all(said["line"] >= 1 for said in report["diagnostics"])


def test_a_question_that_the_file_ends_in_is_not_believed() -> None:
    whole = question("multichoice", answer("a", "100") + answer("b", "0") + answer("c", "0"))
    found = read(whole[: whole.index(answer("c", "0"))])

    assert found.count(Outcome.OPAQUE) == 1


def test_nobody_can_hide_questions_in_comments_or_lose_them_in_data() -> None:
    one = question("truefalse", answer("true", "100"), name="in a comment")
    text = f"<!-- {one} -->" + question("description", "", text='<question type="x"></question>', name="kept")

    assert [each["name"] for each in read(text).documents] == ["kept"]


HOSTILE = {
    "entities": '<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz><question type="x">&b;</question></quiz>',
    "outside": '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz></quiz>',
    "cdata": "<quiz>" + '<question type="a"><text><![CDATA[</text>' * 3_000,
    "comments": "<quiz>" + '<!-- <question type="a">' * 3_000,
    "starts": '<question type="x' * 3_000,
    "texts": '<quiz><question type="a">' + "<text><![CDATA[</text>" * 30_000 + "]]></question>",
    "depth": '<quiz><question type="a">' + "<a>" * 100_000 + "</question>",
    "signs": '<quiz><question type="a">' + "<&" * 200_000 + "</question>",
    "gaps": question("cloze", "", text="{1:SA:" * 50_000),
    "answers": question("cloze", "", text="{1:SA:" + "=a#~" * 50_000 + "}"),
    "images": question("description", "", text='<img src="@@PLUGINFILE@@/a' * 20_000),
    "brackets": question("gapfill", "", text="[" * 500_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_to_its_end(name: str) -> None:
    reading = MoodleXml.read(HOSTILE[name].encode(), "x.xml", {})

    assert isinstance(reading, Reading)
    assert all(isinstance(each, Found) for each in reading.found)
    assert not any("root:" in each.source for each in reading.found)


def test_more_questions_than_a_file_may_have_are_counted_and_told() -> None:
    one = '<question type="description"><name><text>n{}</text></name></question>'
    found = read("<quiz>" + "".join(one.format(number) for number in range(20_010)) + "</quiz>")

    assert (len(found.questions), found.count(Outcome.DROPPED)) == (20_010, 10)


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("<quiz><question type='x'></question></quiz>", 95),
        ("<question type='x'></question>", 60),
        ("junk <quiz> <question type='x'>", 60),
        ("<html></html>", 0),
        ("::Q:: text {T}", 0),
    ],
)
def test_a_file_is_recognised_by_what_is_in_it(text: str, sure: int) -> None:
    assert MoodleXml.recognises(text.encode(), "x") == sure
