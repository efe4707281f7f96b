"""text2qti: quizzes in Markdown with signs at the margin.  Its code blocks are never run."""

import re
from collections.abc import Mapping
from typing import ClassVar

from quizapp.domain.imports import Action, Found, Reading
from quizapp.formats import formats
from quizapp.formats.reading.building import first_words
from quizapp.formats.reading.decoding import decoded, guessed_encoding
from quizapp.formats.text2qti.elements import Element, Kind, elements_of
from quizapp.formats.text2qti.questions import Draft, document_of

SAMPLE = 60_000
MARKS = re.compile(
    r"^(?:(?P<question>[0-9]{1,9}\.[ \t]+\S)|(?P<answer>\*[a-zA-Z]\)[ \t]|\[[* ]?\][ \t]|=[ \t]+[-+.\[0-9]"
    r"|_{3,}[ \t]*$|\^{3,}[ \t]*$|@gap[ \t])|(?P<star>\*[ \t]+\S)"
    r"|(?P<head>Quiz [Tt]itle:|GROUP[ \t]*$|END_GROUP[ \t]*$)"
    r"|(?P<code>```+[ \t]*\{[^{}\n]{0,200}\.run\b)|(?P<aiken>ANSWER:)|(?P<gift>::|\$CATEGORY:|=?\}))",
    re.MULTILINE,
)
BEGINS = (Kind.TITLE, Kind.POINTS, Kind.TEXT_TITLE, Kind.TEXT, Kind.GROUP, Kind.GROUP_END, Kind.CODE)


@formats.register
class Text2Qti:
    key: ClassVar[str] = "text2qti"
    title: ClassVar[str] = "text2qti"
    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".md")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        text = data[:SAMPLE].decode(guessed_encoding(data[:SAMPLE]), "replace").lstrip("\ufeff")
        seen = {kind for mark in MARKS.finditer(text.replace("\r", "\n")) for kind in [mark.lastgroup]}
        if seen & {"aiken", "gift"}:
            return 5 if seen >= {"question", "answer"} else 0
        if "head" in seen and seen & {"question", "code"}:
            return 92
        if seen >= {"question", "answer"}:
            return 80
        if seen >= {"question", "star"}:  # or a list and another list in some text
            return 30
        return 70 if "code" in seen else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        return _Quiz(Reading("text2qti"), data).read()


class _Quiz:
    """Collects elements into questions."""

    def __init__(self, reading: Reading, data: bytes) -> None:
        self.reading = reading
        self.text = decoded(data, reading)
        self.lines = self.text.split("\n")
        self.draft: Draft | None = None
        """The question, or what stands before it."""
        self.is_text = False
        self.group, self.groups = "", 0
        self.group_points = ""

    def read(self) -> Reading:
        for element in elements_of(self.text, self._say):
            self._take(element)
        self._finish(len(self.lines) + 1)
        return self.reading

    def _say(self, code: str, message: str, action: Action, line: int) -> None:
        self.reading.say(code, message, action, line=line)

    def _take(self, element: Element) -> None:
        if element.kind in BEGINS or element.kind is Kind.QUESTION:
            self._begin(element)
        elif element.kind is Kind.QUIZ_TITLE:
            self._finish(element.line)
            self.reading.title = element.text.strip()
        elif element.kind in (Kind.QUIZ_DESCRIPTION, Kind.OPTION):
            self._finish(element.line)
            message = f"the {element.kind} was not kept: {(element.sign + ' ' + element.text)[:120]!r}"
            self.reading.say("quiz", message, Action.DROPPED, severity="info", line=element.line)
        elif element.kind in (Kind.PICK, Kind.SOLUTIONS_PICK, Kind.GROUP_POINTS):
            self._of_group(element)
        elif self.draft is None or not self.draft.stem:
            message = f"a {element.kind} belongs to no question: {element.text[:80]!r}"
            self.reading.say("text", message, Action.DROPPED, line=element.line)
        else:
            self.draft.elements.append(element)
            self.draft.loose = self.draft.loose or element.loose

    def _begin(self, element: Element) -> None:
        waiting = self.draft is not None and not self.draft.stem
        goes_on = waiting and element.kind in (Kind.QUESTION, Kind.TITLE, Kind.POINTS)
        if not goes_on and not (waiting and self.is_text and element.kind is Kind.TEXT):
            self._finish(element.line)
        draft = self.draft or Draft(element.line, points=self.group_points, category=self.group)
        match element.kind:
            case Kind.TITLE:
                draft.title = element.text.strip()
            case Kind.POINTS:
                draft.points = element.text.strip()
            case Kind.TEXT_TITLE:
                draft.title, self.is_text = " ".join(element.text.split()), True
            case Kind.TEXT | Kind.QUESTION:
                draft.stem, draft.loose = element.text or " ", element.loose
                self.is_text = element.kind is Kind.TEXT
            case Kind.CODE:
                self._code(element)
                return
            case _:
                self._begin_group(element)
                return
        self.draft = draft

    def _begin_group(self, element: Element) -> None:
        self.group, self.group_points = "", ""
        if element.kind is Kind.GROUP:
            self.groups += 1
            self.group = f"Group {self.groups}"
            message = f"a group of which some are picked; its questions have the category {self.group!r}"
            self.reading.say("group", message, Action.APPROXIMATED, severity="info", line=element.line)

    def _of_group(self, element: Element) -> None:
        if element.kind is Kind.GROUP_POINTS:
            self.group_points = element.text.strip()
            return
        message = f"how many questions of a group are taken was not kept: {element.sign} {element.text[:40]}"
        self.reading.say("group", message, Action.DROPPED, severity="info", line=element.line)

    def _code(self, element: Element) -> None:
        title = first_words(element.text.partition("\n")[2])
        found = Found(title or "code", element.line, kind="code", text=element.text[:20_000])
        found.source = element.text
        found.give_up("code", "is written by a program, and programs in files are never run here")
        self.reading.found.append(found)
        self.draft = None

    def _finish(self, line: int) -> None:
        """The question ends before a line."""
        draft, self.draft = self.draft, None
        is_text, self.is_text = self.is_text, False
        if draft is None:
            return
        source = "\n".join(self.lines[draft.line - 1 : line - 1]).rstrip()
        if not draft.stem and not is_text:
            self.reading.say("text", "a title or points without a question", Action.DROPPED, line=draft.line)
            return
        found = Found(
            draft.title or first_words(draft.stem), draft.line, source=source, text=draft.stem.strip()
        )
        self.reading.found.append(found)
        if is_text:
            found.kind = "text"
            text = draft.stem.strip() or draft.title
            found.document = {
                "type": "information",
                "name": draft.title,
                "stem": text,
                "category": draft.category,
            }
            found.document["origin"] = {"format": "text2qti"}
        else:
            document_of(draft, found)
