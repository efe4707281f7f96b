"""Moodle's choices, yes or no, and short answers as the fields of their types here."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from quizapp.domain.choices import text_id
from quizapp.domain.imports import Action, Found
from quizapp.domain.texts import Marked, Markup, text_value
from quizapp.domain.wildcards import an_instance, matches, normalised
from quizapp.formats.reading.moodle_question import Answer, Asked, spelled

Fields = dict[str, Any]

FULL = Decimal(1)
EMPTY_HTML = re.compile(r"(?:<[^<>]{0,300}>|&nbsp;|\s){0,2000}")
NEUTRAL = re.compile(r"(?![0-9]{1,9}[.)])[^\W_](?:[^\W_]|[ ,.;()/'%+=?!-]){0,4999}")
"""Words in which nothing means anything to Markdown."""

WORDS_FOR_TRUE = frozenset(
    (
        *("true", "wahr", "richtig", "verdadero", "vrai", "vero", "verdadeiro", "waar", "prawda", "tosi"),
        *("sant", "igaz", "pravda", "doğru", "yes", "ja", "oui", "sí", "si"),
    )
)
WORDS_FOR_FALSE = frozenset(
    (
        *("false", "falsch", "falso", "faux", "onwaar", "fałsz", "epätosi", "väärin", "falskt", "usann"),
        *("hamis", "nepravda", "yanlış", "no", "nein", "non", "nee"),
    )
)


def field(text: Marked, asked: Asked) -> Any:
    """A text as the question's document holds it; a plain one needs no word where it reads the same."""
    if text.markup is Markup.PLAIN and is_neutral(text, asked.text.markup):
        return str(text)
    return text_value(text, asked.text.markup)


def is_neutral(text: str, markup: Markup) -> bool:
    """Whether a plain text reads the same in a markup."""
    if markup is Markup.PLAIN:
        return True
    if markup is Markup.MARKDOWN:
        return NEUTRAL.fullmatch(text) is not None
    return not any(sign in text for sign in "<>&\n\r")


def note(fields: Fields, name: str, text: Marked, asked: Asked) -> None:
    """Set a field unless there is nothing to say."""
    if text.strip():
        fields[name] = field(text, asked)


def is_blank(text: Marked) -> bool:
    """Whether nothing of a text can be seen: no letters and no pictures."""
    if text.markup in (Markup.HTML, Markup.MOODLE) and "<img" not in text.lower():
        return EMPTY_HTML.fullmatch(text) is not None
    return not text.strip()


def choice(asked: Asked, answers: Sequence[Answer], found: Found, *, single: bool) -> Fields | None:
    """Options with what each earns; None where it was given up."""
    if any(answer.fraction is None for answer in answers):
        found.give_up("fraction", "what one of its answers earns cannot be read")
        return None
    offered = _distinct([answer for answer in answers if _is_offered(answer, found)], asked, found)
    if offered is None:
        return None
    if single:
        return _single(asked, offered, found)
    return _weighted(asked, offered, found)


def all_or_nothing(asked: Asked, found: Found, marking: str) -> Fields | None:
    """Several right options without weights; None where it was given up."""
    if any(answer.fraction is None for answer in asked.answers):
        found.give_up("fraction", "what one of its answers earns cannot be read")
        return None
    offered = _distinct([answer for answer in asked.answers if _is_offered(answer, found)], asked, found)
    if offered is None:
        return None
    if not any((answer.fraction or 0) > 0 for answer in offered):
        found.give_up("no_key", "no answer is marked as right")
        return None
    options = []
    for answer in offered:
        option: Fields = {"text": field(answer.text, asked)}
        if (answer.fraction or 0) > 0:
            option["key"] = True
        note(option, "feedback", answer.feedback, asked)
        options.append(option)
    return {"type": "multiple_choice", "marking": marking, "options": options}


def _single(asked: Asked, offered: list[Answer], found: Found) -> Fields | None:
    key = next((answer for answer in offered if answer.fraction == FULL), None)
    if key is None:
        found.give_up("no_key", "no answer is worth full marks")
        return None
    options = []
    for answer in offered:
        option: Fields = {"text": field(answer.text, asked)}
        if answer is key:
            option["key"] = True
        elif answer.fraction:
            option["credit"] = spelled(answer.fraction)
        note(option, "feedback", answer.feedback, asked)
        options.append(option)
    if any((answer.fraction or 0) < 0 for answer in offered):
        message = "a wrong choice costs marks in Moodle; here it earns nothing"
        found.say("negative_credit", message, Action.APPROXIMATED, severity="info")
    return {"type": "single_choice", "options": options}


def _weighted(asked: Asked, offered: list[Answer], found: Found) -> Fields | None:
    right = [answer.fraction for answer in offered if answer.fraction and answer.fraction > 0]
    if not right:
        found.give_up("no_key", "no answer is marked as right")
        return None
    together = sum(right, Decimal(0))
    if abs(together - FULL) > Decimal("0.01"):
        message = f"the right answers are worth {spelled(together * 100)} % together; all of them are right"
        found.say("fraction_sum", message, Action.APPROXIMATED)
    options = []
    for answer in offered:
        option: Fields = {"text": field(answer.text, asked)}
        if answer.fraction:
            option["credit"] = spelled(answer.fraction)
            if answer.fraction > 0:
                option["key"] = True
        note(option, "feedback", answer.feedback, asked)
        options.append(option)
    return {"type": "multiple_choice", "marking": "weighted", "options": options}


def _is_offered(answer: Answer, found: Found) -> bool:
    if not is_blank(answer.text):
        return True
    if answer.fraction or answer.feedback.strip():
        found.say("empty_option", "an answer without a text was left out", Action.DROPPED)
    return False


def _distinct(answers: list[Answer], asked: Asked, found: Found) -> list[Answer] | None:
    """The answers without repetitions; None where two that say the same earn differently."""
    kept: dict[str, Answer] = {}
    for answer in answers:
        same = kept.setdefault(text_id(answer.text), answer)
        if same is answer:
            continue
        if same.fraction != answer.fraction:
            message = f"two answers say the same and earn differently: {answer.text[:80]!r}"
            found.give_up("contradiction", message)
            return None
        message = f"the answer {answer.text[:80]!r} was there twice; one is kept"
        found.say("duplicate_option", message, Action.APPROXIMATED)
    return list(kept.values())


def true_false(asked: Asked, found: Found) -> Fields | None:
    """A statement that holds or not; None where it was given up."""
    sides = _sides(asked, found)
    right = {said for said, answer in sides.items() if answer.fraction == FULL}
    if len(right) != 1 or any(answer.fraction not in (0, 1) for answer in sides.values()):
        found.give_up("no_key", "it does not say clearly whether true or false is right")
        return None
    fields: Fields = {"type": "true_false", "answer": right.pop()}
    for said, answer in sides.items():
        note(fields, "feedback_true" if said else "feedback_false", answer.feedback, asked)
    return fields


def _sides(asked: Asked, found: Found) -> dict[bool, Answer]:
    sides: dict[bool, Answer] = {}
    for number, answer in enumerate(asked.answers):
        word = answer.text.strip().casefold()
        if word in WORDS_FOR_TRUE or word in WORDS_FOR_FALSE:
            said = word in WORDS_FOR_TRUE
        else:
            said = number == 0
            side = "true" if said else "false"
            message = f"{answer.text[:40]!r} was taken for {side}, as it is answer {number + 1}"
            found.say("true_false_words", message, Action.APPROXIMATED)
        sides.setdefault(said, answer)
    return sides


def short_text(asked: Asked, answers: Sequence[Answer], found: Found, *, cases: bool) -> Fields | None:
    """Patterns that earn something, and those that are known to be wrong; None where it was given up."""
    if any(answer.fraction is None for answer in answers):
        found.give_up("fraction", "what one of its answers earns cannot be read")
        return None
    accepted: list[Fields] = []
    mistakes: list[Fields] = []
    before: list[Answer] = []
    for answer in answers:
        if not answer.text.strip():
            continue
        if not _is_met(answer, before, found, cases):
            continue
        before.append(answer)
        fields: Fields = {"text": " ".join(answer.text.split())}
        note(fields, "feedback", answer.feedback, asked)
        if answer.fraction and answer.fraction > 0:
            part = {} if answer.fraction == FULL else {"credit": spelled(answer.fraction)}
            accepted.append(fields | part)
            continue
        mistakes.append(fields)
        if answer.fraction:
            message = f"{answer.text[:60]!r} costs marks in Moodle; here it earns nothing"
            found.say("negative_credit", message, Action.APPROXIMATED, severity="info")
    if not any("credit" not in each for each in accepted):
        found.give_up("no_key", "no answer is worth full marks")
        return None
    whole: Fields = {"type": "short_text", "answers": accepted}
    if mistakes:
        whole["mistakes"] = mistakes
    return whole | {"case_sensitive": True} if cases else whole


def _is_met(answer: Answer, before: Sequence[Answer], found: Found, cases: bool) -> bool:
    """Whether an answer counts for anything: in Moodle the first one that fits decides."""
    pattern = normalised(answer.text, case_sensitive=cases)
    earns = max(answer.fraction or 0, 0)
    for earlier in before:
        if not matches(normalised(earlier.text, case_sensitive=cases), an_instance(pattern)):
            continue
        if "*" not in pattern and not earns:
            message = f"{answer.text[:60]!r} never counts, because an answer before it fits as well"
            found.say("unreachable", message, Action.DROPPED, severity="info")
            return False
        if max(earlier.fraction or 0, 0) < earns:
            first, better = earlier.text[:60], answer.text[:60]
            message = f"in Moodle {first!r} counts before {better!r}; here the better one does"
            found.say("answer_order", message, Action.APPROXIMATED)
    return True
