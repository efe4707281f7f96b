"""What the makers of questions share: the texts of an item, its feedback, and what is said of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.formats.qti2.content import field_value, has_content, inner_html, is_inline
from quizapp.formats.qti2.probing import Part, Scoring
from quizapp.formats.qti2.tree import attribute
from quizapp.formats.qti2.values import Declaration
from quizapp.formats.reading.html_pictures import with_own_pictures
from quizapp.formats.reading.xml import Element

TextField = str | dict[str, str]
PLACES = Decimal("0.0000001")
NEAR = Decimal("0.00001")


class CannotAsk(Exception):
    """The item cannot be asked here; it is kept as it is."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Asking:
    """An item on its way to a question."""

    item: Element
    body: Element | None
    found: Found
    reading: Reading
    resolve: Callable[[str], bytes | None]
    responses: Mapping[str, Declaration]
    rules: Element
    feedback: Sequence[Element]
    scoring: Scoring
    own: Mapping[str, Any]
    """What an export of this program says beside the item."""
    explained: set[int] = field(default_factory=set)
    """The numbers of the feedback elements that some answer shows."""

    def say(self, code: str, message: str, *, severity: str = "warning", lost: bool = False) -> None:
        """Report an approximation, or a loss, once."""
        action = Action.DROPPED if lost else Action.APPROXIMATED
        if not any(each.code == code and each.message == message for each in self.found.diagnostics):
            self.found.say(code, message, action, severity=severity)

    def note(self, code: str, message: str) -> None:
        self.say(code, message, lost=True)

    def pictured(self, text: TextField) -> TextField:
        """A text with its pictures carried over."""
        if isinstance(text, dict):
            return text
        return with_own_pictures(text, self.resolve, self.found, self.reading)

    def text(self, element: Element | None, replaced: Mapping[Element, str] | None = None) -> TextField:
        return self.pictured(field_value(element, replaced or {}, self.note))

    def inner(self, element: Element, replaced: Mapping[Element, str] | None = None) -> str:
        return inner_html(element, replaced or {}, self.note).strip()

    def block(self, element: Element | None) -> str:
        """The content of an element as a paragraph of its own."""
        if element is None:
            return ""
        html = self.inner(element)
        return f"<p>{html}</p>" if has_content(html) and is_inline(element) else html

    def own_marking(self, response: str) -> str:
        """The marking that an export of this program names for a choice; rules alone may fit several."""
        named = self.own.get("markings")
        return str(named.get(response, "")) if isinstance(named, Mapping) else ""

    def feedback_of(self, numbers: frozenset[int]) -> TextField:
        """The texts of some feedback elements together."""
        shown = [number for number in sorted(numbers) if number not in self.initially_shown]
        self.explained.update(numbers)
        texts = [text for text in (self.text(self.feedback[number]) for number in shown) if text]
        if len(texts) == 1:
            return texts[0]
        return "\n".join(each if isinstance(each, str) else next(iter(each.values())) for each in texts)

    @property
    def initially_shown(self) -> frozenset[int]:
        """Feedback that stands in the body unless it is hidden: it is part of the question."""
        return frozenset(
            number
            for number, element in enumerate(self.feedback)
            if attribute(element, "showHide") == "hide" and element.tag != "modalFeedback"
        )


def with_feedback(fields: dict[str, Any], feedback: TextField) -> dict[str, Any]:
    return {**fields, "feedback": feedback} if feedback else fields


def words(text: TextField) -> str:
    """A text, whatever it is written in."""
    return text if isinstance(text, str) else next(iter(text.values()))


def meaning(text: TextField) -> str:
    """What two texts that say the same have in common."""
    return " ".join(words(text).split()).casefold()


def share(score: Decimal, best: Decimal) -> Decimal:
    """Which part of the whole a score is; what is lost in decimal fractions is mended."""
    ratio = score / best
    for whole in (Decimal(0), Decimal(1), Decimal(-1)):
        if abs(ratio - whole) < NEAR:
            return whole
    return ratio.quantize(PLACES)


def spelled(number: Decimal) -> str:
    """A number in plain digits, without zeros that say nothing."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def best_of(part: Part) -> Decimal:
    """What the right answer earns.  Raises `CannotAsk` where none does."""
    if part.best <= 0:
        raise CannotAsk("no_key", "says of no answer that it is right")
    return part.best
