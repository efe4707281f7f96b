"""An item while it is being understood: what every reader of a kind needs of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quizapp.domain.imports import Action, Found
from quizapp.domain.texts import Marked, Markup, text_value
from quizapp.formats.qti12.feedback import Feedback
from quizapp.formats.qti12.kinds import Kind
from quizapp.formats.qti12.presentation import Asked, Presentation
from quizapp.formats.qti12.scoring import Program
from quizapp.formats.reading.xml import Element


class CannotAsk(Exception):
    """The item cannot be asked here; the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Item:
    """An item with everything that was read of it."""

    found: Found
    element: Element
    fields: dict[str, str]
    kind: Kind
    word: str
    shown: Presentation
    program: Program
    feedback: Feedback
    markup: Markup = Markup.HTML
    """The markup of its texts where they do not say it for themselves."""

    def value(self, text: Marked) -> Any:
        """A text as the document holds it."""
        return text_value(text, self.markup) if text else ""

    def only_asked(self) -> Asked:
        """The one response that there is."""
        if len(self.shown.asked) != 1:
            raise CannotAsk("responses", f"asks for {len(self.shown.asked)} responses where its kind has one")
        return self.shown.asked[0]

    def approximated(self, code: str, message: str, *, severity: str = "info") -> None:
        self.found.say(code, message, Action.APPROXIMATED, severity=severity)


def with_text(fields: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Fields with one more, unless it is empty."""
    return {**fields, name: value} if value else fields


def distinct(texts: Sequence[str]) -> bool:
    """Whether texts differ by more than case and spaces."""
    return len({" ".join(text.split()).casefold() for text in texts}) == len(texts)
