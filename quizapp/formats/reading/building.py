"""Pieces of documents that readers of several simple formats build alike."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from quizapp.domain.imports import Action, Found

MOST_POINTS = 100
NUMBER_CHARS = 60
MOST_EXPONENT = 30
ESSAY_PROMPTS = [{"id": "answer", "title": "Your answer"}]
ESSAY_RUBRIC = [
    {
        "id": "quality",
        "title": "Answer",
        "levels": ["Not answered or wrong", "Partly right", "Right and complete"],
    }
]
RECALL_RUBRIC = [{"id": "recall", "title": "Recalled", "levels": ["Not recalled", "Partly", "Recalled"]}]


def essay(found: Found) -> dict[str, Any]:
    """The fields of a free answer whose file says nothing of how it is judged; that is told."""
    message = "says nothing of how an answer is judged; a plain rubric was added"
    found.say("rubric", message, Action.APPROXIMATED, severity="info")
    return {"type": "open_response", "prompts": ESSAY_PROMPTS, "rubric": ESSAY_RUBRIC}


def flashcard(back: Any) -> dict[str, Any]:
    """The fields of a card that is turned over: whoever asks judges whether it was recalled."""
    own: dict[str, Any] = {"type": "open_response", "prompts": ESSAY_PROMPTS, "rubric": RECALL_RUBRIC}
    return own | ({"model_answer": back} if back else {})


def number_in(text: str) -> Decimal | None:
    """An ordinary decimal number, or None: words, endless numbers and grouped digits are none."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(plain) > NUMBER_CHARS or not plain.isascii() or "_" in plain:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) >= MOST_EXPONENT):
        return None
    return number


def points_of(text: str, found: Found) -> tuple[int, str]:
    """Whole points from 1 to 100, and what the file says where that is something else."""
    number = number_in(text)
    if number is None:
        found.say("points", f"the points {text[:40]!r} are no number; it counts 1 point", Action.APPROXIMATED)
        return 1, text[:200]
    rounded = min(max(int(number.to_integral_value("ROUND_HALF_UP")), 1), MOST_POINTS)
    if rounded == number:
        return rounded, ""
    message = f"is worth {text.strip()} points, which became {rounded}"
    found.say("points", message, Action.APPROXIMATED, severity="info")
    return rounded, text.strip()


def literal(answer: str) -> str:
    """An answer of a system that knows no wildcards, as a pattern: its stars are stars."""
    return answer.replace("*", "\\*")


def shares(count: int) -> list[str]:
    """Credits of equal size that add up to exactly 1."""
    each = (Decimal(1) / count).quantize(Decimal("0.0000001"))
    first = Decimal(1) - each * (count - 1)
    return [decimal_text(first), *[decimal_text(each)] * (count - 1)]


def decimal_text(number: Decimal) -> str:
    """A number without exponent and needless zeros."""
    plain = format(number.normalize(), "f")
    return "0" if plain == "-0" else plain


def without_repeats(options: Sequence[dict[str, Any]], found: Found) -> list[dict[str, Any]]:
    """Options of which none says the same as another with the same credit; what was left out is told.

    Repeats that contradict each other stay, and are refused by the one door.
    """
    kept: dict[tuple[str, str, str], dict[str, Any]] = {}
    for option in options:
        text = " ".join(str(option["text"]).split()).casefold()
        key = (text, str(option.get("credit")), str(option.get("key", False)))
        if key in kept:
            message = f"offers {str(option['text'])[:60]!r} twice; it is offered once"
            found.say("duplicate_option", message, Action.APPROXIMATED)
        kept.setdefault(key, option)
    return list(kept.values())


def first_words(text: str, most: int = 120) -> str:
    """What a question without a name is called in a report."""
    plain = " ".join(text[: most * 4].split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
