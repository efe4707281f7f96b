"""Real files of other systems, whole and damaged, through the importer as a user meets it: by content.

The files are no part of the project.  Without them these tests are skipped by name; the formats'
own tests have files of their own.
"""

import csv
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import NamedTuple

import pytest

from quizapp.domain.imports import Action, Outcome
from quizapp.services.import_reading import READER_FAILED, Read, Request, as_bytes, from_bytes, read_file

FILES = Path(__file__).parents[3] / "shared" / "formats"
READERS = {
    "aiken": {"aiken"},
    "anki": {"anki", "anki_text"},
    "cloze": {"cloze"},
    "csv_xlsx": {"csv", "xlsx"},
    "gift": {"gift"},
    "moodle_mbz": {"moodle_backup"},
    "moodle_xml": {"moodle_xml"},
    "olx": {"olx"},
    "qti12": {"qti12"},
    "qti2": {"qti2"},
    "qti3": {"qti2"},
    "text2qti": {"text2qti"},
}
SECONDS = 2
"""Of processor time that reading one file may take."""

SMALL = 150_000
"""Bytes.  Larger files are damaged in fewer places, or the suite would take for ever."""


class Sample(NamedTuple):
    name: str
    format: str
    questions: int


def samples() -> list[Sample]:
    """Every file that the manifest lists as one of questions."""
    manifest = FILES / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t") if "AST" not in row["count_basis"]]
    return [
        Sample(row["file"], row["format"], int(row["questions"] or 0))
        for row in rows
        if (FILES / row["file"]).is_file()
    ]


SAMPLES = samples()
needs_files = pytest.mark.skipif(
    not SAMPLES, reason="the corpus of real question files is not beside the project"
)


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


def checked(data: bytes, name: str) -> Read:
    """Read a file; whatever is in it, the books balance and every loss has been told."""
    with in_time(SECONDS * 5):  # other tests run beside this one
        read = read_file(Request(data, name))
    told = read.imported
    report = told.as_json()
    json.dumps(report)
    assert report["found"] == report["recovered"] + report["opaque"] + report["dropped"]
    assert len(report["questions"]) == report["recovered"] + report["opaque"]
    for each in told.questions:
        if each.outcome is not Outcome.RECOVERED:
            assert each.diagnostics, f"{each.name} at {each.line} is not whole, and nothing says so"
        if each.outcome is Outcome.DROPPED:
            assert any(said.action is Action.DROPPED for said in each.diagnostics)
    for said in told.diagnostics:
        assert said.code != READER_FAILED, said.message
        assert said.line >= 1
        assert said.message
        assert said.severity in ("error", "warning", "info")
    return read


@needs_files
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name[-60:])
def test_a_real_file_is_recognised_and_every_question_in_it_is_accounted_for(sample: Sample) -> None:
    data = (FILES / sample.name).read_bytes()

    read = checked(data, sample.name)

    kept = read.imported.count(Outcome.RECOVERED) + read.imported.count(Outcome.OPAQUE)
    assert kept >= sample.questions
    if sample.questions:
        assert read.imported.format in READERS[sample.format]
    assert from_bytes(as_bytes(read)).imported.as_json() == read.imported.as_json()


@needs_files
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name[-60:])
def test_a_damaged_file_gives_up_only_what_is_damaged(sample: Sample) -> None:
    data = (FILES / sample.name).read_bytes()
    random = Random(sample.name)
    points = 20 if len(data) <= SMALL else 4
    for point in range(points):
        checked(data[: len(data) * point // points], sample.name)
    for _ in range(5 if len(data) <= SMALL else 1):
        flipped = bytearray(data)
        for _ in range(1 + len(data) // 2_000):
            flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        checked(bytes(flipped), sample.name)


@needs_files
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name[-60:])
def test_a_text_file_means_the_same_in_another_encoding(sample: Sample) -> None:
    data = (FILES / sample.name).read_bytes()
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        pytest.skip("no text in UTF-8")
    if "\0" in text:
        pytest.skip("no text")
    before = checked(text.encode(), sample.name).imported
    for again in (
        "\ufeff".encode() + text.encode(),
        text.encode("utf-16"),
        text.replace("\n", "\r\n").encode(),
        text.replace("\n", "\r").encode(),
        text.encode("cp1252", "replace"),
    ):
        after = checked(again, sample.name).imported
        if again.count(b"?") == text.count("?"):  # Windows-1252 cannot say everything
            assert len(after.questions) == len(before.questions)
