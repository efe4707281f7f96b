"""Moodle XML: every question of a file on its own, so that a broken one costs only itself."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from quizapp.domain.imports import MOST_QUESTIONS, Action, Found, Reading
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.moodle_xml.elements import (
    Reader,
    about_category,
    category_of,
    guessed_name,
    kind_of,
    name_of,
)
from quizapp.formats.moodle_xml.repairing import tree_of
from quizapp.formats.moodle_xml.writing import write_file
from quizapp.formats.reading.decoding import decoded
from quizapp.formats.reading.moodle_documents import document_of, keep_whole
from quizapp.formats.reading.moodle_splitting import Between, Fragment, Scanner
from quizapp.formats.reading.xml import BadXml, Element, refuse_entities

HEAD = 65_536
MOST_CATEGORY = 1_000
QUIZ = re.compile(rb"<quiz[\s>]")
ENCODING = re.compile(
    rb"""<\?xml[^<>]{0,100}\bencoding\s*=\s*["']"""
    rb"(iso-8859-(?:[1-9]|1[0-1]|1[3-6])|windows-125[0-8]|cp125[0-8]|koi8-[ru]|gb2312|gbk|gb18030|big5"
    rb"|shift_jis|euc-jp|euc-kr)[\"']",
    re.IGNORECASE,
)
QUESTION = re.compile(rb"""<question\s[^<>]{0,200}type\s*=""")
AROUND = re.compile(r"<\?[^<>]{0,999}\?>|<!DOCTYPE[^<>]{0,999}>|</?quiz\b[^<>]{0,999}>|\s+", re.IGNORECASE)
"""What may stand between questions."""

MOST_TOLD = 20
"""How often junk between questions is told one by one."""


@formats.register
class MoodleXml:
    key: ClassVar[str] = "moodle_xml"
    title: ClassVar[str] = "Moodle XML"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        head = data[:HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        known = bool(QUIZ.search(head)) + bool(QUESTION.search(head))
        return (0, 60, 95)[known] if head.startswith(b"<") else (0, 0, 60)[known]

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("moodle_xml")
        text = decoded(_in_utf8(data), reading, keep_line_ends=True)
        if "\n" not in text:
            text = text.replace("\r", "\n")
        try:
            refuse_entities(text)
        except BadXml as error:
            reading.say("entities", str(error), Action.DROPPED, severity="error", line=error.line)
            return reading
        _Import(reading).read(text)
        if not reading.found:
            reading.say("no_questions", "holds no questions", severity="info")
        return reading

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        return write_file(title, questions, pictures)


def _in_utf8(data: bytes) -> bytes:
    """Data in UTF-8 where it is in another encoding that it names itself, and that is an ordinary one."""
    named = ENCODING.match(data[:200])
    if named is None:
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(named[1].decode("ascii"), "replace").encode()
    return data


class _Import:
    """One file, with the category that its questions are in at the moment."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._category = ""
        self._junk = 0

    def read(self, text: str) -> None:
        for piece in Scanner(text).pieces():
            if isinstance(piece, Between):
                self._tell_junk(piece)
            else:
                self._read(piece)
        if self._junk > MOST_TOLD:
            message = f"{self._junk - MOST_TOLD} more texts between questions were passed over"
            self._reading.say("junk", message, Action.DROPPED)

    def _read(self, fragment: Fragment) -> None:
        kind = kind_of(fragment.text)
        name = guessed_name(fragment.text)
        found = Found(name, fragment.line, kind=kind or "question", source=fragment.text)
        if len(self._reading.found) >= MOST_QUESTIONS:
            # What is beyond the limit is counted and not looked at.
            self._reading.found.append(found)
            return
        text = fragment.text if fragment.is_whole else f"{fragment.text}</question>"
        root = tree_of(text, found)
        if kind == "category":
            self._enter(root, found)
            return
        self._reading.found.append(found)
        if root is None:
            keep_whole(found, "moodle_xml", self._category)
            return
        found.name = name_of(root)
        if fragment.is_cut:
            found.give_up("missing_end", "the file ends within this question")
        elif not fragment.is_whole:
            found.say("missing_end", "its end tag is missing; it ends where the next question begins")
        self._make(root, found)

    def _make(self, root: Element, found: Found) -> None:
        """The document of a question; one that was given up before keeps what can be read of it."""
        if any(each.severity == "error" for each in found.diagnostics):
            found.text = Reader(root, Found("", 1), Reading("")).text()
            keep_whole(found, "moodle_xml", self._category)
            return
        reader = Reader(root, found, self._reading)
        asked = reader.asked(self._category)
        said = len(found.diagnostics)
        document_of(asked, found, "moodle_xml")
        if found.document is None or found.document["type"] == "opaque":
            # Its files are in its source.
            found.diagnostics = found.diagnostics[said:]
        else:
            reader.finish()

    def _enter(self, root: Element | None, found: Found) -> None:
        """From here on questions belong to another category."""
        if root is None:
            self._reading.diagnostics += found.diagnostics
            return
        path = " ".join(category_of(root).split())
        self._category = path[:MOST_CATEGORY].strip()
        if len(path) > MOST_CATEGORY:
            message = f"a category's path was cut after {MOST_CATEGORY:,} characters"
            self._reading.say("category", message, Action.APPROXIMATED, line=found.line)
        if about_category(root):
            message = f"the description of the category {self._category[:100]!r} is not kept"
            self._reading.say("category_info", message, Action.DROPPED, severity="info", line=found.line)

    def _tell_junk(self, between: Between) -> None:
        text = AROUND.sub(" ", between.text).strip()
        if not text:
            return
        self._junk += 1
        if self._junk <= MOST_TOLD:
            message = f"text between questions was passed over: {text[:80]!r}"
            line = between.line + between.text[: between.text.find(text[:1])].count("\n")
            self._reading.say("junk", message, Action.DROPPED, line=line)
