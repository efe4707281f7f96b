"""Response processing as elements: rules, comparisons, scores and the feedback that they show."""

from collections.abc import Iterable
from decimal import Decimal

from quizapp.formats.qti12.typed import written
from quizapp.formats.qti12.writing_texts import node
from quizapp.formats.reading.xml import Element

FULL = Decimal(100)
RESPONSE = "response1"
GENERAL, CORRECT, INCORRECT = "general_fb", "correct_fb", "general_incorrect_fb"


def equal(value: str, respident: str = RESPONSE, **attributes: str) -> Element:
    return node("varequal", value, respident=respident, **attributes)


def rule(
    *tests: Element,
    score: Decimal | None = None,
    action: str = "Set",
    shows: Iterable[str] = (),
    goes_on: bool | None = None,
) -> Element:
    """A rule: its conditions, what it scores, what it shows, and whether the next rules count, too."""
    made = node("respcondition", node("conditionvar", *tests))
    if goes_on is not None:
        made.set("continue", "Yes" if goes_on else "No")
    if score is not None:
        made.append(node("setvar", written(score), action=action, varname="SCORE"))
    for link in shows:
        made.append(node("displayfeedback", feedbacktype="Response", linkrefid=link))
    return made


def saying(link: str, *tests: Element) -> Element:
    """A rule that only shows feedback."""
    return rule(*(tests or (node("other"),)), shows=[link], goes_on=True)


def processing(rules: Iterable[Element]) -> Element:
    outcomes = node("decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    return node("resprocessing", node("outcomes", outcomes), *rules)


def share(weight: int, total: int) -> Decimal:
    """A part of a hundred, to four decimals."""
    return (FULL * weight / total).quantize(Decimal("0.0001"))
