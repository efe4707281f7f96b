"""An item while it is written: what the writers of all types fill in."""

from dataclasses import dataclass, field
from typing import Any

from quizapp.domain.texts import Marked
from quizapp.formats.qti12.writing_texts import Outlet, feedback_node
from quizapp.formats.reading.xml import Element


class CannotSay(Exception):
    """QTI 1.2 has no such question; the message says why."""


@dataclass(slots=True)
class Sheet:
    """The parts of an item while it is written."""

    outlet: Outlet
    question_type: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    text: Marked | None = None
    """What is shown, where that is not the stem."""
    responses: list[Element] = field(default_factory=list)
    notes: list[Element] = field(default_factory=list)
    """Rules that only show something."""
    rules: list[Element] = field(default_factory=list)
    feedback: list[Element] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    """Overall feedback that has its text and its rule already."""
    right: list[str] = field(default_factory=list)
    """Feedback that every right answer shows."""
    taken: int = 1000

    def new_id(self) -> str:
        self.taken += 1
        return str(self.taken)

    def remark(self, value: Any, ident: str) -> str:
        """Feedback of its own for an answer; its name."""
        link = f"{ident}_fb"
        self.feedback.append(feedback_node(link, self.outlet.material(value)))
        return link
