"""Questions of several rows: what belongs to what, and what comes in which order."""

from decimal import Decimal
from typing import Any

from quizapp.domain.texts import Marked
from quizapp.formats.qti12.analysis import shares_of
from quizapp.formats.qti12.gaps import NEARLY, dropdowns
from quizapp.formats.qti12.item import CannotAsk, Item, distinct
from quizapp.formats.qti12.presentation import Asked
from quizapp.formats.qti12.scoring import Comparison, Compound, Rule, Unrecognised, comparisons_in


def matching(item: Item) -> dict[str, Any]:
    """What belongs to what; options that belong to nothing are distractors."""
    asked = item.shown.asked
    if len(asked) < 2 or any(not each.labels for each in asked):
        raise CannotAsk("responses", "has no two prompts with options to match")
    shares = shares_of(item.program, [each.ident for each in asked])
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    matched = set()
    for each in _with_prompts(item, asked):
        match = _match_of(each, shares.values[each.ident], shares.best(each.ident))
        matched.add(_folded(match))
        pair: dict[str, Any] = {"prompt": item.value(each.prompt), "match": item.value(match)}
        feedback = item.feedback.of_response(each.ident)
        if feedback:
            pair["feedback"] = item.value(feedback)
        if (_folded(each.prompt), _folded(match)) in pairs:
            item.approximated(
                "duplicate_option", f"the pair {each.prompt[:60]!r} is there twice; one was kept"
            )
        pairs.setdefault((_folded(each.prompt), _folded(match)), pair)
    best = [shares.best(each.ident) for each in asked if each.prompt]
    if max(best) - min(best) > NEARLY * max(best):
        item.approximated("weights", "its pairs earn different points there; here each earns the same")
    if shares.together and item.fields.get("bbmd_partialcredit", "").lower() != "true":
        item.approximated(
            "marking", "only all pairs together earn points there; here each pair earns its share"
        )
    body: dict[str, Any] = {"type": "matching", "pairs": list(pairs.values())}
    distractors = _distractors(item, asked, matched)
    return {**body, "distractors": distractors} if distractors else body


def _with_prompts(item: Item, asked: list[Asked]) -> list[Asked]:
    """The rows that ask something; one tool leaves empty ones behind."""
    rows = [each for each in asked if each.prompt]
    if len(rows) < len(asked):
        item.approximated("empty_row", "rows without a prompt were left out")
    if len(rows) < 2:
        raise CannotAsk("responses", "has no two prompts with options to match")
    return rows


def _match_of(asked: Asked, values: dict[str, Decimal], best: Decimal) -> Marked:
    if best <= 0:
        raise CannotAsk("no_key", f"nothing matches {asked.prompt[:60]!r}")
    texts = {label.ident: label.text for label in asked.labels}
    right = [texts[ident] for ident, credit in values.items() if credit == best and ident in texts]
    if not right:
        raise CannotAsk("no_key", f"nothing matches {asked.prompt[:60]!r}")
    if len({_folded(text) for text in right}) > 1:
        raise CannotAsk("several_keys", f"several options match {asked.prompt[:60]!r}")
    if any(0 < credit < best for credit in values.values()):
        raise Unrecognised("a match earns a part of the points")
    return right[0]


def _distractors(item: Item, asked: list[Asked], matched: set[str]) -> list[dict[str, Any]]:
    offered = {_folded(label.text): label.text for each in asked for label in each.labels if label.text}
    return [{"text": item.value(text)} for name, text in offered.items() if name not in matched]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def ordering(item: Item) -> dict[str, Any]:
    """Things to put in order."""
    asked = item.shown.asked
    if any(each.inside for each in asked):
        return dropdowns(item)
    if len(asked) != 1:
        raise CannotAsk("responses", "has several lists to put in order")
    texts = {label.ident: label.text for label in asked[0].labels}
    for rule in item.program.rules:
        order = _order_of(rule, set(texts))
        if rule.settings and order is not None:
            break
    else:
        order = _order_of_all(item.program.rules, set(texts))
    if order is None:
        raise Unrecognised("its right order is not told in a way that is known here")
    if not distinct([texts[ident] for ident in order]):
        raise CannotAsk("options", "two of its things say the same")
    item.approximated("marking", "here, a part of the right order earns a part of the points")
    return {"type": "ordering", "items": [{"text": item.value(texts[ident])} for ident in order]}


def _order_of(rule: Rule, known: set[str]) -> list[str] | None:
    """The order that one rule names: by places, or as a list."""
    tests = [test for test, negated in comparisons_in(rule.test) if not negated and test.op == "varequal"]
    if not isinstance(rule.test, Compound) or rule.test.op in ("or", "not"):
        return None
    return _in_order(tests, known)


def _order_of_all(rules: list[Rule], known: set[str]) -> list[str] | None:
    """The order that several rules name, one for each place."""
    tests = [rule.test for rule in rules if isinstance(rule.test, Comparison) and rule.settings]
    return _in_order([test for test in tests if test.op == "varequal"], known)


def _in_order(tests: list[Comparison], known: set[str]) -> list[str] | None:
    if tests and all(test.index is not None for test in tests):
        order = [test.value for test in sorted(tests, key=lambda test: test.index or 0)]
    elif {test.respident for test in tests} == known and all(test.value.isdecimal() for test in tests):
        order = [test.respident for test in sorted(tests, key=lambda test: int(test.value[:9]))]
    else:
        order = [test.value for test in tests]
    return order if len(order) == len(known) and set(order) == known else None
