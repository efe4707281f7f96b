"""Answers that are typed: short texts and numbers."""

from decimal import Decimal
from typing import Any

from quizapp.formats.qti2.asking import Asking, CannotAsk, best_of, share, spelled, with_feedback
from quizapp.formats.qti2.content import OWN_UNIT
from quizapp.formats.qti2.probing import NOBODY_WRITES, Effect, Part, rounding_edges
from quizapp.formats.qti2.processing import rounding
from quizapp.formats.qti2.tree import attribute, below
from quizapp.formats.qti2.values import Declaration, NotScorable, number
from quizapp.formats.reading.xml import Element

Body = dict[str, Any]
Tolerance = dict[str, Any]
NEARLY = Decimal("1e-12")


def entry_body(asking: Asking, interaction: Element, response: Declaration, part: Part) -> Body:
    """The fields of a question with a short answer."""
    if response.base_type in ("float", "integer"):
        unit = _unit_behind(interaction)
        body = _number(asking, response, part)
        return {**body, "unit": unit} if unit else body
    if response.base_type not in ("string", "identifier", ""):
        raise CannotAsk("kind", f"an answer that is a {response.base_type} cannot be typed here")
    return _text(asking, part)


def _text(asking: Asking, part: Part) -> Body:
    best = best_of(part)
    other = part.effect(NOBODY_WRITES)
    if other.score > 0:
        raise NotScorable("gives points for any text at all")
    common = frozenset.intersection(*(effect.shown for _, effect in part.effects))
    groups = _by_letters(part)
    telling = [group for group in groups if len(group) > 1 and any(effect != other for _, effect in group)]
    folded = [all(effect == group[0][1] for _, effect in group) for group in telling]
    exact = bool(folded) and not any(folded)
    if any(folded) and not all(folded):
        asking.say("case", "capitals count in some of its answers only; here they count in none")
    answers: list[Body] = []
    mistakes: list[Body] = []
    for group in groups:
        for value, effect in group if exact else [max(group, key=lambda each: each[1].score)]:
            fields = {"text": " ".join(value.split()).replace("*", "\\*")}
            if effect.score > 0:
                credit = share(effect.score, best)
                answer = fields if credit == 1 else {**fields, "credit": spelled(credit)}
                answers.append(with_feedback(answer, asking.feedback_of(effect.shown - common)))
            elif effect.shown != other.shown:
                mistakes.append(with_feedback(fields, asking.feedback_of(effect.shown - common)))
    said = asking.feedback_of(other.shown - common)
    mistakes += [{"text": "*", "feedback": said}] if said else []
    _tell_negatives(asking, part)
    body: Body = {"type": "short_text", "answers": answers, "mistakes": mistakes, "case_sensitive": exact}
    return {name: value for name, value in body.items() if value}


def _by_letters(part: Part) -> list[list[tuple[str, Effect]]]:
    """The texts that were tried, those together that differ in capitals only."""
    groups: dict[str, list[tuple[str, Effect]]] = {}
    for value, effect in part.effects:
        if value != NOBODY_WRITES:
            groups.setdefault(value.casefold(), []).append((value, effect))
    return list(groups.values())


def _tell_negatives(asking: Asking, part: Part) -> None:
    if any(effect.score < 0 for _, effect in part.effects):
        asking.say("negative", "a wrong answer costs points there; here it earns none")


def _number(asking: Asking, response: Declaration, part: Part) -> Body:
    best = best_of(part)
    runs = _runs(part, whole=response.base_type == "integer")
    outside = part.effects[0][1]
    if part.effects[-1][1].score > 0 or outside.score > 0:
        raise NotScorable("gives points for numbers without an end")
    common = frozenset.intersection(*(effect.shown for _, effect in part.effects))
    right = [run for run in runs if run[2].score == best]
    key = next((run for run in right if _holds(run, response.correct)), right[0])
    value, tolerance = _around(asking.rules, key, response.correct)
    body: Body = {"type": "number", "answer": spelled(value)}
    if tolerance:
        body["tolerance"] = tolerance
    feedback = asking.feedback_of(key[2].shown - common)
    if feedback:
        body["feedback"] = feedback
    accepted, mistakes = [], []
    for run in runs:
        if run is key or (run[2].score <= 0 and run[2].shown == outside.shown):
            continue
        middle, room = _around(asking.rules, run, None)
        fields: Body = {"value": spelled(middle)}
        if run[2].score > 0:
            credit = share(run[2].score, best)
            fields |= {"tolerance": room} if room else {}
            fields |= {"credit": spelled(credit)} if credit != 1 else {}
            accepted.append(with_feedback(fields, asking.feedback_of(run[2].shown - common)))
        else:
            fields |= {"tolerance": room} if room != tolerance else {}
            mistakes.append(with_feedback(fields, asking.feedback_of(run[2].shown - common)))
    otherwise = asking.feedback_of(outside.shown - common)
    _tell_negatives(asking, part)
    body |= {"accepted": accepted} if accepted else {}
    body |= {"mistakes": mistakes} if mistakes else {}
    return {**body, "otherwise": otherwise} if otherwise else body


def _unit_behind(interaction: Element) -> str:
    """The unit behind a number, where this program's export marks it; it is taken out of the text."""
    marked = interaction.getnext()
    if marked is None or attribute(marked, "class") != OWN_UNIT:
        return ""
    interaction.tail = marked.tail
    marked.tail = None
    interaction.getparent().remove(marked)  # type: ignore[union-attr]  # it has a sibling
    return (marked.text or "").strip()


Run = tuple[Decimal, Decimal, Effect]


def _runs(part: Part, *, whole: bool) -> list[Run]:
    """Ranges of numbers that have the same effect, each with its ends."""
    values = [value for value, _ in part.effects]
    runs: list[Run] = []
    start = 0
    for place in range(1, len(values) + 1):
        effect = part.effects[start][1]
        if place < len(values) and part.effects[place][1] == effect:
            continue
        # Every other probe lies between two edges: a range that begins with one begins at the edge before it.
        open_low, open_high = (not whole and each % 2 == 0 for each in (start, place - 1))
        low = values[start - 1] if open_low and start else values[start]
        high = values[place] if open_high and place < len(values) else values[place - 1]
        runs.append((low, high, effect))
        start = place
    return runs


def _holds(run: Run, value: object) -> bool:
    return isinstance(value, Decimal) and run[0] <= value <= run[1]


def _around(rules: Element, run: Run, correct: object) -> tuple[Decimal, Tolerance]:
    """A range as a number and how far off is still right."""
    low, high, _ = run
    middle = (low + high) / 2
    if isinstance(correct, Decimal) and abs((correct - low) - (high - correct)) <= NEARLY * max(
        abs(high), Decimal(1)
    ):
        middle = correct
    room = high - middle
    if not room:
        return middle, {}
    for equal in below(rules, "equal"):
        given = attribute(equal, "tolerance").split()
        if attribute(equal, "toleranceMode") == "relative" and given and len(set(given)) == 1:
            percent = number(given[0])
            if (
                abs(abs(middle) * percent / 100 - room) <= NEARLY * max(abs(middle), Decimal(1))
                and 0 < percent < 100
            ):
                return middle, {"relative": spelled(percent / 100)}
    for equal in below(rules, "equalRounded"):
        mode, figures = rounding(equal)
        value = correct if isinstance(correct, Decimal) else middle
        if mode == "significantFigures" and (low, high) == rounding_edges(value, mode, figures):
            return value, {"significant_figures": figures}
    return middle, {"absolute": spelled(room)}
