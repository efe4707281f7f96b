"""What is typed: a few words, a number, an essay."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quizapp.formats.qti12.analysis import is_given_for_nothing, part_of
from quizapp.formats.qti12.choices import warn_of_full
from quizapp.formats.qti12.item import CannotAsk, Item, with_text
from quizapp.formats.qti12.materials import EMPTY
from quizapp.formats.qti12.scoring import (
    Comparison,
    Compound,
    Node,
    Other,
    Program,
    Rule,
    Unrecognised,
    comparisons_in,
    number_of,
)

MOST_ANSWERS = 200
MOST_NUMBERS = 50
ESSAY = {
    "type": "open_response",
    "prompts": [{"id": "answer", "title": "Your answer"}],
    "rubric": [
        {
            "id": "quality",
            "title": "Answer",
            "levels": ["Not answered or wrong", "Partly right", "Right and complete"],
        }
    ],
}


def essay(item: Item) -> dict[str, Any]:
    """A text that somebody reads; the file has no rubric, so it gets a plain one."""
    if len(item.shown.asked) > 1:
        raise CannotAsk("responses", "asks for several texts that somebody reads")
    item.approximated("rubric", "the file has no rubric, so a plain one was added")
    solution = item.feedback.solution
    if not solution and "CORRECT_ANSWER" in item.feedback.texts:
        solution = item.feedback.texts["CORRECT_ANSWER"]
        item.feedback.used.add("CORRECT_ANSWER")
    return with_text(dict(ESSAY), "model_answer", item.value(solution))


def short(item: Item) -> dict[str, Any]:
    """A few words."""
    asked = item.only_asked()
    tests = answers_in(item.program, asked.ident)
    if not tests:
        raise CannotAsk("no_key", "no answer is named as right")
    if is_given_for_nothing(item.program, [asked.ident]):
        raise Unrecognised("no answer at all earns something")
    earned = {test: item.program.credit({asked.ident: (test.value,)}) for test in tests}
    full = max(earned.values())
    if full <= 0:
        raise CannotAsk("no_key", "no answer earns anything, so none is known to be right")
    warn_of_full(item, full)
    entries = [(test, part_of(credit, full)) for test, credit in earned.items()]
    body = short_body(item, asked.ident, entries)
    text = item.feedback.overall.pop("incorrect", EMPTY)
    if text:
        body.setdefault("mistakes", []).append({"text": "*", "feedback": item.value(text)})
    return body


def answers_in(program: Program, respident: str) -> list[Comparison]:
    """The texts that the scoring compares an answer with, each once."""
    found: dict[tuple[str, str], Comparison] = {}
    # Rules that only say something come second: the order of the answers is that of the scoring.
    for rule in sorted(program.rules, key=lambda rule: not rule.settings):
        for test, negated in comparisons_in(rule.test):
            if test.respident == respident and test.value and not negated:
                if test.op not in ("varequal", "varsubstring"):
                    raise Unrecognised("a text is compared as if it were a number")
                found.setdefault((test.op, test.value), test)
    if len(found) > MOST_ANSWERS:
        raise CannotAsk("too_many", f"names more than {MOST_ANSWERS} answers")
    return list(found.values())


def short_body(item: Item, respident: str, entries: list[tuple[Comparison, str]]) -> dict[str, Any]:
    """The fields of a short text; what earns nothing is a mistake where something is said to it."""
    answers: list[dict[str, Any]] = []
    mistakes: list[dict[str, Any]] = []
    for test, credit in entries:
        entry: dict[str, Any] = {"text": pattern_of(test)}
        text = item.feedback.of_value(respident, test.value)
        if text:
            entry["feedback"] = item.value(text)
        if credit != "0" and not credit.startswith("-"):
            answers.append(entry if credit == "1" else {**entry, "credit": credit})
        elif text:
            mistakes.append(entry)
    known = {entry["text"].casefold() for entry in answers}
    body: dict[str, Any] = {"type": "short_text", "answers": answers}
    cased = {test.case for test, _ in entries}
    if cased == {True, False}:
        item.approximated(
            "case", "the case of letters matters for some answers there; here for none", severity="warning"
        )
    if cased == {True}:
        body["case_sensitive"] = True
    return with_text(body, "mistakes", [each for each in mistakes if each["text"].casefold() not in known])


def pattern_of(test: Comparison) -> str:
    """A text as a pattern: its stars are signs, and a part of an answer may stand anywhere."""
    text = test.value.replace("*", "\\*")
    return f"*{text}*" if test.op == "varsubstring" else text


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers that one rule accepts, with the one that it names."""

    low: Decimal
    high: Decimal
    named: Decimal | None = None
    is_open: bool = False
    tolerance: tuple[str, str] | None = None
    """The tolerance that is said outright, by its kind."""


def number(item: Item) -> dict[str, Any]:
    """A number with its tolerance, other accepted numbers and feedback."""
    asked = item.only_asked()
    if is_given_for_nothing(item.program, [asked.ident]):
        raise Unrecognised("no answer at all earns something")
    entries = number_entries(item, item.program, asked.ident)
    if not entries:
        raise CannotAsk("no_key", "no number is named as right")
    full = max(credit for _, _, credit in entries)
    if full <= 0:
        raise CannotAsk("no_key", "no number earns anything, so none is known to be right")
    warn_of_full(item, full)
    body = number_body(item, entries, full)
    text = item.feedback.overall.pop("incorrect", EMPTY)
    return with_text(body, "otherwise", item.value(text))


def number_entries(item: Item, program: Program, respident: str) -> list[tuple[Span, Rule, Decimal]]:
    """What each rule that scores accepts, and what it earns."""
    found = []
    for rule in program.rules:
        if not any(test.respident == respident for test, _ in comparisons_in(rule.test)):
            continue
        for span in _spans_of(rule):
            middle = span.named if span.named is not None else (span.low + span.high) / 2
            found.append((span, rule, program.credit({respident: (format(middle, "f"),)})))
    if len(found) > MOST_NUMBERS:
        raise CannotAsk("too_many", f"names more than {MOST_NUMBERS} numbers")
    return found


def number_body(item: Item, entries: list[tuple[Span, Rule, Decimal]], full: Decimal) -> dict[str, Any]:
    """The fields of a number: the first that earns all is the key."""
    body: dict[str, Any] = {"type": "number"}
    accepted: list[dict[str, Any]] = []
    mistakes: list[dict[str, Any]] = []
    for span, rule, earned in entries:
        credit = part_of(earned, full)
        entry = _accepted(item, span)
        entry = with_text(entry, "feedback", item.value(item.feedback.of_rule(rule)))
        if credit == "1" and "answer" not in body:
            body["answer"] = entry.pop("value")
            body |= entry
        elif credit != "0" and not credit.startswith("-"):
            accepted.append(entry if credit == "1" else {**entry, "credit": credit})
        elif "feedback" in entry:
            mistakes.append({"tolerance": {}, **entry})
    for mistake in mistakes:
        if mistake["tolerance"] == body.get("tolerance", {}):
            del mistake["tolerance"]
    body = with_text(body, "accepted", accepted)
    return with_text(body, "mistakes", mistakes)


def _accepted(item: Item, span: Span) -> dict[str, Any]:
    if span.tolerance is not None and span.named is not None:
        return {"value": written(span.named), "tolerance": dict([span.tolerance])}
    if span.is_open:
        item.approximated("open_range", "an end of the range does not count there; here it does")
    middle, room = (span.low + span.high) / 2, (span.high - span.low) / 2
    if span.named is not None and span.named != middle:
        message = f"{span.named} is not in the middle of the range, so {written(middle)} is shown as the key"
        item.approximated("range", message)
    value: dict[str, Any] = {"value": written(middle)}
    return {**value, "tolerance": {"absolute": written(room)}} if room else value


def written(value: Decimal) -> str:
    """A number without an exponent or needless zeros."""
    plain = format(value.normalize(), "f")
    return "0" if plain in ("-0", "0") else plain


def _spans_of(rule: Rule) -> list[Span]:
    """The ranges of a rule; what is not understood matters only where it scores."""
    try:
        return _merged(_spans(rule.test))
    except Unrecognised:
        if rule.settings:
            raise
        return []


def _spans(node: Node) -> list[Span]:
    """The ranges of numbers that meet a condition, one for each of its alternatives."""
    match node:
        case Comparison():
            return _bounded([node])
        case Compound(op="or") | Compound(op="either"):
            return [span for part in node.parts for span in _spans(part)]
        case Compound(op="and") if all(isinstance(part, Comparison) for part in node.parts):
            return _bounded([part for part in node.parts if isinstance(part, Comparison)])
        case Other():
            return []
        case _:
            raise Unrecognised("its range of numbers is described in a way that is not known here")


def _bounded(tests: list[Comparison]) -> list[Span]:
    """Comparisons that hold together, as one range."""
    numbers = [(test, number_of(test.value.replace(",", "."))) for test in tests]
    if any(value is None for _, value in numbers):
        raise Unrecognised("a number is compared with something that is none")
    known = [(test, value) for test, value in numbers if value is not None]
    named = next(((test, value) for test, value in known if test.op == "varequal"), None)
    low = max((value for test, value in known if test.op in ("vargte", "vargt")), default=None)
    high = min((value for test, value in known if test.op in ("varlte", "varlt")), default=None)
    if named is not None and low is None and high is None:
        return [Span(named[1], named[1], named[1], tolerance=_said_tolerance(named[0], named[1]))]
    if low is None or high is None or low > high:
        raise Unrecognised("its range of numbers has no two ends")
    is_open = any(test.op in ("vargt", "varlt") for test, _ in known)
    return [Span(low, high, named[1] if named else None, is_open, _said_tolerance(*named) if named else None)]


def _merged(spans: list[Span]) -> list[Span]:
    """A named number and the range around it are one and the same."""
    points = [span for span in spans if span.low == span.high == span.named]
    ranges = [span for span in spans if span not in points]
    merged: list[Span] = []
    for span in ranges:
        inside = next((point for point in points if span.low <= point.low <= span.high), None)
        if inside is None or span.named is not None:
            merged.append(span)
            continue
        points.remove(inside)
        merged.append(Span(span.low, span.high, inside.named, span.is_open, inside.tolerance))
    return [*points, *merged]


def _said_tolerance(test: Comparison, value: Decimal) -> tuple[str, str] | None:
    """A precision or margin that a comparison names."""
    amount = number_of(test.precision)
    if amount is None or amount <= 0:
        return None
    kind = test.precision_type
    if kind == "percent" and amount < 100:
        return "relative", written(amount / 100)
    if kind == "absolute":
        return "absolute", written(amount)
    if amount != int(amount) or amount > 15:
        return None
    if kind == "decimals":
        return "absolute", written(Decimal(5).scaleb(-int(amount) - 1))
    if kind in ("significantdigits", "significantfigures"):
        return "significant_figures", str(int(amount))
    return None
