"""Moodle backups: the question bank that a course or a quiz brings along."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked
from quizapp.formats import formats
from quizapp.formats.moodle_backup.categories import Categories
from quizapp.formats.moodle_backup.records import Record
from quizapp.formats.moodle_backup.stored_files import StoredFiles
from quizapp.formats.reading.archives import MEGABYTE, Archive, BadArchive, is_archive, names_in, open_archive
from quizapp.formats.reading.moodle_documents import document_of, keep_whole
from quizapp.formats.reading.moodle_splitting import Between, Fragment, Scanner
from quizapp.formats.reading.xml import BadXml, parse_xml, refuse_entities

BANK, ABOUT = "questions.xml", "moodle_backup.xml"
MOST_OF_A_BANK = 100 * MEGABYTE
PLACEHOLDER = re.compile(r"\{#([0-9]{1,4})\}")
COURSE = re.compile(r"<original_course_fullname>([^<]{1,500})<")


@formats.register
class MoodleBackup:
    key: ClassVar[str] = "moodle_backup"
    title: ClassVar[str] = "Moodle backup"
    suffixes: ClassVar[tuple[str, ...]] = (".mbz",)

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        if not is_archive(data):
            return 0
        names = names_in(data)
        return 95 if BANK in names and (ABOUT in names or name.lower().endswith(".mbz")) else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("moodle_backup")
        try:
            archive = open_archive(data, reading)
            if BANK not in archive:
                raise BadArchive(f"the archive has no {BANK}")
            text = archive.read(BANK, MOST_OF_A_BANK).decode("utf-8", "replace")
            refuse_entities(text)
        except (BadArchive, BadXml) as error:
            reading.say("archive", str(error), Action.DROPPED, severity="error", member=BANK)
            return reading
        reading.title = _title(archive)
        _Bank(archive, reading).read(text)
        return reading


@dataclass(slots=True)
class _Kept:
    """A question of the bank before it is known what it belongs to."""

    found: Found
    record: Record
    category: str
    idnumber: str
    entry: str
    version: int


class _Bank:
    """The questions of one backup."""

    def __init__(self, archive: Archive, reading: Reading) -> None:
        self._reading = reading
        self._stored = StoredFiles(archive, reading)
        self._kept: list[_Kept] = []

    def read(self, text: str) -> None:
        categories = Categories(text)
        for piece in Scanner(text).pieces():
            if isinstance(piece, Between):
                categories.enter(piece.text)
            else:
                self._take(piece, categories)
        newest = {each.entry: each.version for each in self._kept if each.entry}
        for each in self._kept:
            if each.entry:
                newest[each.entry] = max(newest[each.entry], each.version)
        by_id = {each.record.id: each for each in self._kept}
        for each in self._kept:
            if each.version < newest.get(each.entry, 0):
                self._pass_over(each)
            elif each.record.parent not in by_id:
                self._reading.found.append(each.found)
                self._make(each, by_id)

    def _take(self, fragment: Fragment, categories: Categories) -> None:
        """Keep a question for a while: its parts may stand behind it."""
        found = Found("", fragment.line, kind="question", source=fragment.text, member=BANK)
        try:
            root = parse_xml(fragment.text)
        except BadXml as error:
            line = fragment.line + error.line - 1
            found.give_up("malformed_xml", f"{error}, so it is not certain what it says", line=line)
            keep_whole(found, "moodle_backup", categories.path())
            self._reading.found.append(found)
            return
        record = Record(root, found, self._reading, self._stored)
        found.name, found.kind = record.name, record.kind or "question"
        place = categories.now
        kept = _Kept(found, record, categories.path(), place.idnumber, place.entry, place.version)
        self._kept.append(kept)

    def _make(self, kept: _Kept, by_id: Mapping[str, _Kept]) -> None:
        asked = kept.record.asked(kept.category, kept.idnumber)
        if asked.kind == "multianswer":
            whole = _with_parts(asked.text, kept.record.sequence, by_id)
            if whole is None:
                kept.found.text = asked.text
                kept.found.give_up("missing_part", "one of its embedded questions is not in the backup")
                keep_whole(kept.found, "moodle_backup", kept.category, asked.tags, asked.idnumber)
                return
            asked.text = whole
        document_of(asked, kept.found, "moodle_backup")

    def _pass_over(self, kept: _Kept) -> None:
        """An older version of a question: the newest one stands for all of them."""
        message = f"version {kept.version} is older than another one in the backup, which is taken"
        self._reading.say(
            "older_version",
            f"{kept.record.name[:100]!r}: {message}",
            Action.DROPPED,
            severity="info",
            line=kept.found.line,
            member=BANK,
        )


def _with_parts(text: Marked, sequence: list[str], by_id: Mapping[str, _Kept]) -> Marked | None:
    """A cloze text with its gaps written out, as each part keeps its own; None where one is missing."""
    gaps = [by_id[each].record.raw_text if each in by_id else "" for each in sequence]
    numbers = [int(each) for each in PLACEHOLDER.findall(text)]
    if not numbers or any(not 1 <= number <= len(gaps) or not gaps[number - 1] for number in numbers):
        return None
    return Marked(PLACEHOLDER.sub(lambda found: gaps[int(found[1]) - 1], text), text.markup)


def _title(archive: Archive) -> str:
    if ABOUT not in archive:
        return ""
    try:
        found = COURSE.search(archive.read(ABOUT).decode("utf-8", "replace"))
    except BadArchive:
        return ""
    return found[1].strip() if found else ""
