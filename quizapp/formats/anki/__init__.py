"""Anki: packages of notes, in every form that Anki has written them, and its text export."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import ClassVar

from quizapp.domain.imports import Action, Reading
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.anki.cards import question_of
from quizapp.formats.anki.collection import BadCollection, read_collection
from quizapp.formats.anki.notes import Note
from quizapp.formats.anki.package import COLLECTIONS, Package
from quizapp.formats.anki.text import KEYS, head_of, notes_of
from quizapp.formats.anki.writing import written_package
from quizapp.formats.reading.archives import ZIP, BadArchive, names_in, open_archive
from quizapp.formats.reading.decoding import decoded, guessed_encoding
from quizapp.formats.reading.delimited import regular_share

SAMPLE = 60_000
MEDIA_TYPE = "application/octet-stream"


@formats.register
class Anki:
    key: ClassVar[str] = "anki"
    title: ClassVar[str] = "Anki package"
    suffixes: ClassVar[tuple[str, ...]] = (".apkg", ".colpkg")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        if not data.startswith(ZIP):
            return 0
        return 99 if set(COLLECTIONS) & set(names_in(data)) else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("anki")
        member = ""
        try:
            package = Package(open_archive(data, reading), reading)
            member = package.collection_name
            notes = read_collection(package.collection(), reading, member)
        except (BadArchive, BadCollection) as error:
            reading.say("collection", str(error), Action.DROPPED, severity="error", member=member)
            return reading
        reading.title = _common_deck(notes) or PurePath(name).stem
        reading.found = [question_of(note, package.media, reading, "anki", member) for note in notes]
        return reading

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        data, limits = written_package(title, questions, pictures)
        return Written(data, MEDIA_TYPE, ".apkg", limits)


@formats.register
class AnkiText:
    key: ClassVar[str] = "anki_text"
    title: ClassVar[str] = "Anki notes as text"
    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".tsv", ".csv")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        text = data[:SAMPLE].decode(guessed_encoding(data[:SAMPLE]), "replace").lstrip("\ufeff")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        head = head_of(text)
        if head.said.keys() & KEYS:
            return 96
        marks = "[sound:" in text or ("{{c1::" in text and "::" in text)
        share, width = max(regular_share(text, separator) for separator in "\t|;")
        if marks and share > 0.5 and width > 1:
            return 70
        share, width = regular_share(text, "\t")
        is_list = share > 0.9 and 2 <= width <= 4 and name.lower().endswith(".txt")
        return 25 if is_list else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("anki_text")
        notes = notes_of(decoded(data, reading), reading)
        reading.title = _common_deck(notes) or PurePath(name).stem
        reading.found = [question_of(note, lambda address: None, reading, "anki_text", "") for note in notes]
        return reading


def _common_deck(notes: Sequence[Note]) -> str:
    """The deck that all notes lie in, by its own name or that of a deck inside."""
    decks = {note.deck.partition("::")[0].strip() for note in notes}
    return decks.pop() if len(decks) == 1 else ""
