"""The lines of a text2qti file as elements: a sign at the margin, and the text indented behind it.

Nothing is carried out: a block of code that would write questions is an element like any other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from quizapp.domain.imports import Action

TAB = 4
FENCE = re.compile(r"(`{3,})(.*)")
Say = Callable[[str, str, Action, int], None]


class Kind(StrEnum):
    """What an element is."""

    QUESTION = "question"
    RIGHT = "right choice"
    WRONG = "wrong choice"
    TICKED = "ticked choice"
    UNTICKED = "choice without a tick"
    ACCEPTED = "short answer"
    NUMBER = "number"
    ESSAY = "essay"
    UPLOAD = "file upload"
    FEEDBACK = "feedback"
    IF_RIGHT = "feedback if right"
    IF_WRONG = "feedback if wrong"
    SOLUTION = "solution"
    TITLE = "title"
    POINTS = "points"
    TEXT_TITLE = "text title"
    TEXT = "text"
    QUIZ_TITLE = "quiz title"
    QUIZ_DESCRIPTION = "quiz description"
    OPTION = "quiz option"
    GROUP = "group"
    GROUP_END = "end of group"
    PICK = "pick"
    SOLUTIONS_PICK = "solutions pick"
    GROUP_POINTS = "points per question"
    CODE = "code"
    GAP = "gap"
    MATCH = "match"


# The first that fits counts.  No pattern can begin in two ways at one place, so each is tried in one pass.
SIGNS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.QUESTION, r"[0-9]{1,9}\.(?=\s|$)"),
        (Kind.RIGHT, r"\*[a-zA-Z]\)(?=\s|$)"),
        (Kind.WRONG, r"[a-zA-Z]\)(?=\s|$)"),
        (Kind.TICKED, r"\[\*\](?=\s|$)"),
        (Kind.UNTICKED, r"\[ ?\](?=\s|$)"),
        (Kind.ACCEPTED, r"\*(?=\s|$)"),
        (Kind.NUMBER, r"=(?=\s|$)"),
        (Kind.ESSAY, r"_{3,}\s*$"),
        (Kind.UPLOAD, r"\^{3,}\s*$"),
        (Kind.FEEDBACK, r"\.\.\.(?=\s|$)"),
        (Kind.IF_RIGHT, r"\+(?=\s|$)"),
        (Kind.IF_WRONG, r"-(?=\s|$)"),
        (Kind.SOLUTION, r"!(?=\s|$)"),
        (Kind.TITLE, r"[Tt]itle:"),
        (Kind.POINTS, r"[Pp]oints:"),
        (Kind.TEXT_TITLE, r"[Tt]ext [Tt]itle:"),
        (Kind.TEXT, r"[Tt]ext:"),
        (Kind.QUIZ_TITLE, r"[Qq]uiz [Tt]itle:"),
        (Kind.QUIZ_DESCRIPTION, r"[Qq]uiz [Dd]escription:"),
        (Kind.GROUP_POINTS, r"[Pp]oints per question:"),
        (Kind.PICK, r"[Pp]ick:"),
        (Kind.SOLUTIONS_PICK, r"[Ss]olutions pick:"),
        (
            Kind.OPTION,
            r"(?:[Ss]huffle answers|[Ss]how correct answers|[Oo]ne question at a time|[Cc]an[’']t go back"
            r"|[Ff]eedback is solution|[Ss]olutions sample groups|[Ss]olutions randomize groups):",
        ),
        (Kind.GROUP, r"GROUP\s*$"),
        (Kind.GROUP_END, r"END_GROUP\s*$"),
        (Kind.GAP, r"@gap(?=\s)"),
        (Kind.MATCH, r"@match(?=\s)"),
    )
)


@dataclass(slots=True)
class Element:
    """One thing that a file says."""

    kind: Kind
    line: int
    """Of its sign."""
    text: str
    """Without its sign and its indentation."""
    sign: str = ""
    loose: int = 0
    """The line of a continuation that is not indented as it should be, or 0."""


class _Reader:
    """Walks over the lines once."""

    def __init__(self, text: str, say: Say) -> None:
        self.lines = text.split("\n")
        self.say = say
        self.elements: list[Element] = []
        self.open: list[str] | None = None
        """The lines of the element that may go on."""
        self.column = 0
        self.after_blank = False
        self.no_mark_before = 0
        """Where the search for the end of a comment can begin: it was looked for before."""

    def read(self) -> list[Element]:
        number = 0
        while number < len(self.lines):
            number = self._line(number)
        self._close()
        return self.elements

    def _line(self, number: int) -> int:
        """Take one line, or a block that begins there; the number of the next."""
        line = self.lines[number].expandtabs(TAB).rstrip()
        if not line:
            self.after_blank = True
            if self.open is not None:
                self.open.append("")
            return number + 1
        if line.startswith(" "):
            self._continued(line, number)
            return number + 1
        if line.startswith("%"):
            return number + 1
        if line == "COMMENT":
            return self._after(number, "END_COMMENT")
        fence = FENCE.fullmatch(line)
        if fence is not None and ".run" in fence[2]:
            return self._code(number, fence[1])
        self._at_margin(line, number)
        return number + 1

    def _continued(self, line: str, number: int) -> None:
        """An indented line belongs to the element above it."""
        if self.open is None:
            self.say("text", f"belongs to no question: {line.strip()[:80]!r}", Action.DROPPED, number + 1)
            return
        indentation = len(line) - len(line.lstrip(" "))
        if indentation < self.column and self.elements[-1].kind not in (Kind.TITLE, Kind.TEXT_TITLE):
            self.elements[-1].loose = self.elements[-1].loose or number + 1
        self.open.append(line[min(indentation, self.column) :])
        self.after_blank = False

    def _at_margin(self, line: str, number: int) -> None:
        for kind, sign in SIGNS:
            found = sign.match(line)
            if found is not None:
                self._begin(kind, line, found.end(), number)
                return
        goes_on = not self.after_blank or (self.open and self.elements[-1].kind is Kind.QUESTION)
        if self.open is not None and goes_on:
            self.elements[-1].loose = self.elements[-1].loose or number + 1
            self.open.append(line)
            return
        self._close()
        self.say("text", f"is no part of any question: {line[:80]!r}", Action.DROPPED, number + 1)

    def _begin(self, kind: Kind, line: str, end: int, number: int) -> None:
        self._close()
        content = line[end:].lstrip(" ")
        self.elements.append(Element(kind, number + 1, "", line[:end]))
        self.column = len(line) - len(content) if content else end + 1
        self.open = [content]
        self.after_blank = False

    def _close(self) -> None:
        if self.open is not None:
            self.elements[-1].text = "\n".join(self.open).strip("\n").rstrip()
        self.open = None

    def _after(self, number: int, mark: str) -> int:
        """The line behind the one that is exactly a mark; the next one where there is none."""
        for at in range(max(number + 1, self.no_mark_before), len(self.lines)):
            if self.lines[at].rstrip() == mark:
                return at + 1
        self.no_mark_before = len(self.lines)
        self.say(
            "comment", "begins a comment that never ends; it was passed over", Action.DROPPED, number + 1
        )
        return number + 1

    def _code(self, number: int, fence: str) -> int:
        self._close()
        closed = (n for n in range(number + 1, len(self.lines)) if self.lines[n].rstrip() == fence)
        end = next(closed, len(self.lines) - 1)
        text = "\n".join(self.lines[number : end + 1])
        self.elements.append(Element(Kind.CODE, number + 1, text))
        return end + 1


def elements_of(text: str, say: Say) -> list[Element]:
    """What a file says, in its order; `say` hears of lines that belong nowhere."""
    return _Reader(text, say).read()
