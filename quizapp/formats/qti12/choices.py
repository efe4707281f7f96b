"""Choices of one or several options, and statements that are true or false."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from quizapp.domain.texts import Marked, Markup, markup_of
from quizapp.formats.qti12.analysis import (
    Several,
    credits_of_options,
    is_given_for_nothing,
    part_of,
    several_of,
)
from quizapp.formats.qti12.item import CannotAsk, Item
from quizapp.formats.qti12.kinds import Kind
from quizapp.formats.qti12.materials import plain_of
from quizapp.formats.qti12.own import MARKING
from quizapp.formats.qti12.presentation import Asked, Label
from quizapp.formats.qti12.scoring import Program, Unrecognised
from quizapp.formats.reading.xml import local_name

EITHER_OR = {
    "yes_no": ("Yes", "No"),
    "agree_disagree": ("Agree", "Disagree"),
    "right_wrong": ("Right", "Wrong"),
    "true_false": ("True", "False"),
}
"""What one dialect shows for the two options that it only names."""
SAID = {"true": True, "false": False, "t": True, "f": False}
SEVERAL = ("multiple_answers", "multiple answer", "multiple_response", "multipleresponse", "multi-select")
OWN_MARKINGS = frozenset({"right_minus_wrong", "per_option"})


def choice(item: Item) -> dict[str, Any]:
    """A choice of one or several options, as the scoring says."""
    asked = item.only_asked()
    labels = [_spoken(label) for label in asked.labels]
    if _is_several(item, asked):
        return _several(item, asked, labels)
    earned = _earned(item, asked)
    if max(earned.values(), default=Decimal(0)) <= 0:
        # Some files call a choice single although its scoring wants several options at once.
        try:
            return _several(item, asked, labels)
        except Unrecognised:
            raise CannotAsk("no_key", "no option earns anything, so none is known to be right") from None
    return _single(item, asked, labels, earned)


def true_false(item: Item) -> dict[str, Any]:
    """A statement that is true or false; with other words for it, a choice of two."""
    asked = item.only_asked()
    said = {label.ident: _said(_spoken(label)) for label in asked.labels}
    if sorted(map(str, said.values())) != ["False", "True"]:
        return choice(item)
    earned = _earned(item, asked)
    best = max(earned.values())
    if best <= 0:
        raise CannotAsk("no_key", "neither true nor false earns anything")
    if any(0 < credit < best for credit in earned.values()) or min(earned.values()) == best:
        return choice(item)
    right = next(ident for ident, credit in earned.items() if credit == best)
    body: dict[str, Any] = {"type": "true_false", "answer": said[right]}
    for ident, is_true in said.items():
        text = item.feedback.of_value(asked.ident, ident)
        if text:
            body["feedback_true" if is_true else "feedback_false"] = item.value(text)
    return body


def _is_several(item: Item, asked: Asked) -> bool:
    return asked.is_multiple or any(word in item.word.lower() for word in SEVERAL)


def _single(item: Item, asked: Asked, labels: list[Label], earned: dict[str, Decimal]) -> dict[str, Any]:
    if (
        item.kind is Kind.CHOICE
        and not item.word
        and [_said(label) for label in labels] in ([True, False], [False, True])
    ):
        body = true_false(item) if len({c > 0 for c in earned.values()}) == 2 else None
        if body is not None:
            return body
    full = max(earned.values())
    warn_of_full(item, full)
    has_key = False
    options = []
    for label in labels:
        credit = part_of(earned[label.ident], full)
        option = _option(item, asked, label)
        if credit == "1" and not has_key:
            option["key"] = has_key = True
        elif credit != "0":
            option["credit"] = credit
        options.append(option)
    return {"type": "single_choice", "options": _kept(item, options, labels)}


def _several(item: Item, asked: Asked, labels: list[Label]) -> dict[str, Any]:
    program = _program_for(item, asked)
    scheme = several_of(program, asked.ident, [label.ident for label in labels])
    own = item.fields.get(MARKING, "")
    if scheme.marking == "weighted" and _is_all_or_nothing(item) and len(scheme.keys) < len(labels):
        scheme = Several("all_or_nothing", scheme.keys, {})
    if own in OWN_MARKINGS and scheme.marking == "all_or_nothing":
        scheme = Several(own, scheme.keys, {})
    elif scheme.note:
        item.approximated("marking", scheme.note, severity="warning")
    options = []
    for label in labels:
        option = _option(item, asked, label)
        if label.ident in scheme.keys:
            option["key"] = True
        if scheme.marking == "weighted" and scheme.credits[label.ident]:
            option["credit"] = part_of(scheme.credits[label.ident], Decimal(1))
        options.append(option)
    return {"type": "multiple_choice", "marking": scheme.marking, "options": _kept(item, options, labels)}


def _is_all_or_nothing(item: Item) -> bool:
    """Whether the item says outright that a part of the answer earns nothing, whatever its options score."""
    models = [
        each.get("scoremodel", "") for each in item.element.iter() if local_name(each) == "resprocessing"
    ]
    said = [item.fields.get("scoring_algorithm", ""), *models]
    return any(word.strip().lower() == "allornothing" for word in said)


def _option(item: Item, asked: Asked, label: Label) -> dict[str, Any]:
    option: dict[str, Any] = {"text": item.value(label.text)}
    text = item.feedback.of_value(asked.ident, label.ident)
    if text:
        option["feedback"] = item.value(text)
    return option


def _earned(item: Item, asked: Asked) -> dict[str, Decimal]:
    """What each option earns; where nothing does, what one dialect or another must have meant."""
    program = _program_for(item, asked)
    idents = [label.ident for label in asked.labels]
    if len(set(idents)) < len(idents):
        raise CannotAsk("options", "two of its options have the same identity")
    if is_given_for_nothing(program, [asked.ident]):
        raise Unrecognised("no answer at all earns something")
    earned = credits_of_options(program, asked.ident, idents)
    if max(earned.values(), default=Decimal(0)) > 0:
        return earned
    marked = _marked_right(item, program, idents)
    if marked is None:
        return earned
    message = "its right answer earns 0 there; it was told by the feedback for right answers"
    item.approximated("zero_score", message, severity="warning")
    return {ident: Decimal(ident == marked) for ident in idents}


def _program_for(item: Item, asked: Asked) -> Program:
    """The scoring of a choice: rules for single options count only where they give part of the points."""
    rules = [rule for rule in item.program.rules if rule.is_of_option]
    if not rules:
        return item.program
    without = item.program.without(lambda rule: rule.is_of_option)
    idents = [label.ident for label in asked.labels]
    plain = credits_of_options(without, asked.ident, idents)
    own = credits_of_options(item.program, asked.ident, idents)
    most = max(own.values(), default=Decimal(0))
    if max(plain.values(), default=Decimal(0)) > 0 and not any(0 < credit < most for credit in own.values()):
        return without
    return item.program


def _marked_right(item: Item, program: Program, idents: Sequence[str]) -> str | None:
    """The only option that shows the feedback for right answers, where every option scores nothing."""
    if "respondusapi_qtype" not in item.fields:
        return None
    asked = item.only_asked()
    right = [
        ident
        for ident in idents
        if any(link.endswith(("_C", "_AC")) for link in program.run({asked.ident: (ident,)})[1])
    ]
    return right[0] if len(right) == 1 else None


def _kept(item: Item, options: list[dict[str, Any]], labels: list[Label]) -> list[dict[str, Any]]:
    """The options without those that are empty or there twice; two that contradict each other are refused."""
    kept: dict[str, dict[str, Any]] = {}
    empty = 0
    for option, label in zip(options, labels, strict=True):
        if not label.text:
            if option.get("key") or option.get("credit", "0")[0] != "0":
                raise CannotAsk("no_key", "a right option has no text")
            empty += 1
            continue
        name = " ".join(label.text.split()).casefold()
        if name not in kept:
            kept[name] = option
        elif _worth(kept[name]) == _worth(option):
            item.approximated(
                "duplicate_option", f"the option {label.text[:60]!r} is there twice; one was kept"
            )
        else:
            raise CannotAsk(
                "contradictory_options", f"two options say {label.text[:60]!r} and are scored differently"
            )
    if empty:
        item.approximated("empty_option", f"options without text were left out: {empty}")
    if len(kept) < 2:
        raise CannotAsk("options", f"offers {len(kept)} options; a choice needs two")
    return list(kept.values())


def _worth(option: dict[str, Any]) -> str:
    return "1" if option.get("key") and "credit" not in option else str(option.get("credit", "0"))


def warn_of_full(item: Item, full: Decimal) -> None:
    """Tell where even the best answer earned only a part."""
    variable = item.program.variables.get(item.program.score)
    most = variable.most if variable is not None else None
    points = item.fields.get("points_possible", "")
    if most is None or full >= most or full <= 1 or (points and Decimal(points or 0) == full):
        return
    message = f"the best answer earns {full} of {most} there; here it earns everything"
    item.approximated("best_answer", message, severity="warning")


def _spoken(label: Label) -> Label:
    """An option with the words that are shown for it."""
    name, _, which = plain_of(label.text, markup_of(label.text)).partition(".")
    if name in EITHER_OR and which in SAID:
        return Label(label.ident, Marked(EITHER_OR[name][not SAID[which]], Markup.PLAIN))
    return label


def _said(label: Label) -> bool | None:
    return SAID.get(plain_of(label.text, markup_of(label.text)).casefold())
