"""Gaps in running text: typed, or chosen from options."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from quizapp.domain.texts import Marked, Markup, markup_of, text_value
from quizapp.formats.qti12.analysis import Shares, part_of, shares_of
from quizapp.formats.qti12.item import CannotAsk, Item, distinct
from quizapp.formats.qti12.kinds import Kind
from quizapp.formats.qti12.materials import as_html, plain_of
from quizapp.formats.qti12.presentation import Asked, Label
from quizapp.formats.qti12.scoring import Unrecognised, comparisons_in, number_of
from quizapp.formats.qti12.typed import number_body, number_entries, short_body, written

LEAD = "Fill in the gaps."
GAP_LIKE = re.compile(r"\[\[(?=[a-z][a-z0-9_-]{0,39}\]\])")
TAGS = re.compile(r"<[^<>]*>")
MOST_GAPS = 60
MOST_WEIGHT = 100
MOST_TIMES = 20
CLOSE = Decimal("0.02")
NEARLY = Decimal("0.02")
"""Shares that differ by less were meant to be the same: 33.33 and 33.34."""


def blanks(item: Item) -> dict[str, Any]:
    """Gaps to be typed into."""
    return _gapped(item, typed=True)


def dropdowns(item: Item) -> dict[str, Any]:
    """Gaps to choose for."""
    sentence = next((asked for asked in item.shown.asked if asked.inside), None)
    if sentence is not None:
        return _sentence(item, sentence)
    return _gapped(item, typed=False)


def _gapped(item: Item, *, typed: bool) -> dict[str, Any]:
    asked = item.shown.asked or _named_in_scoring(item)
    if not 1 <= len(asked) <= MOST_GAPS:
        raise CannotAsk("responses", f"has {len(asked)} gaps")
    if len({each.ident for each in asked}) < len(asked):
        raise CannotAsk("responses", "two of its gaps have the same name")
    shares = shares_of(item.program, [each.ident for each in asked])
    names = [_name_of(each) for each in asked]
    ids = part_ids(names)
    text, placed = _text(item, asked, names, ids)
    if text:
        item.markup = markup_of(text)
    parts = []
    for each, name, part_id in zip(asked, names, ids, strict=True):
        part = {"id": part_id, **_part(item, each, shares, typed=typed)}
        if part_id not in placed:
            part["prompt"] = item.value(each.prompt) or {"plain": name}
        parts.append(part)
    return _composite(item, text, parts, [shares.best(each.ident) for each in asked], shares.together)


def _composite(
    item: Item, text: Marked, parts: list[dict[str, Any]], best: Sequence[Decimal], together: bool
) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "composite", "parts": parts}
    if text:
        body |= {"stem": text_value(Marked(LEAD, Markup.PLAIN), item.markup), "text": item.value(text)}
    if together and item.fields.get("bbmd_partialcredit", "").lower() != "true":
        body["marking"] = "all_or_nothing"
    elif not together:
        for part, weight in zip(parts, weights_of(item, best), strict=True):
            if weight != 1:
                part["weight"] = weight
    return body


def _named_in_scoring(item: Item) -> list[Asked]:
    """Gaps that only the text and the scoring know of."""
    tests = [test for rule in item.program.rules for test, _ in comparisons_in(rule.test)]
    names = dict.fromkeys(test.respident for test in tests)
    return [Asked(name, "response_str", is_typed=True) for name in names if name]


def _name_of(asked: Asked) -> str:
    """What the gap is called in the text."""
    told = plain_of(asked.prompt, markup_of(asked.prompt))
    return told or asked.ident.removeprefix("response_")


def part_ids(names: Sequence[str]) -> list[str]:
    """Ids of parts for names of gaps: a letter first, then plain letters, digits and dashes."""
    taken: dict[str, None] = {}
    for number, name in enumerate(names, start=1):
        plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()[:60]).strip("-")[:30].strip("-")
        wanted = plain if plain[:1].isalpha() else f"gap-{plain or number}"
        new, count = wanted, 2
        while new in taken:
            new, count = f"{wanted}-{count}", count + 1
        taken[new] = None
    return list(taken)


def _text(
    item: Item, asked: Sequence[Asked], names: Sequence[str], ids: Sequence[str]
) -> tuple[Marked, set[str]]:
    """The running text with its gaps, and which of them it has; empty where it has none."""
    if any(f"[{name}]" in item.shown.stem for name in names):
        return _with_names_replaced(item.shown.stem, names, ids)
    if item.shown.is_interleaved():
        return _in_flow(item, dict(zip((each.ident for each in asked), ids, strict=True))), set(ids)
    if len(asked) == 1 and item.shown.stem:
        # A lone gap needs a text to stand in: it comes last.
        stem = as_html(item.shown.stem, markup_of(item.shown.stem))
        return Marked(f"{_harmless(stem)} [[{ids[0]}]]", Markup.HTML), set(ids)
    return Marked("", Markup.PLAIN), set()


def _with_names_replaced(stem: Marked, names: Sequence[str], ids: Sequence[str]) -> tuple[Marked, set[str]]:
    """`[name]` becomes `[[id]]`, once for each, and never inside a tag."""
    markup = markup_of(stem)
    text = str(stem)
    if markup is Markup.PLAIN and GAP_LIKE.search(text):
        text, markup = as_html(text, markup), Markup.HTML
    known = {f"[{name}]": part_id for name, part_id in reversed(list(zip(names, ids, strict=True)))}
    placed: set[str] = set()

    def gap(found: re.Match[str]) -> str:
        part_id = known.get(found[0])
        if part_id is None or part_id in placed:
            return found[0]
        placed.add(part_id)
        return f"\x00{part_id}\x01"

    longest = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest)))
    parts, at = [], 0
    for tag in TAGS.finditer(text) if markup is not Markup.PLAIN else ():
        parts += [pattern.sub(gap, text[at : tag.start()]), tag[0]]
        at = tag.end()
    whole = "".join([*parts, pattern.sub(gap, text[at:])])
    if markup is not Markup.PLAIN:
        whole = _harmless(whole)
    return Marked(whole.replace("\x00", "[[").replace("\x01", "]]"), markup), placed


def _harmless(html: str) -> str:
    """HTML in which nothing looks like a gap that is none."""
    return GAP_LIKE.sub("[&#91;", html)


def _in_flow(item: Item, ids: dict[str, str]) -> Marked:
    """The text with each gap where its response stands."""
    parts = []
    for part in item.shown.parts:
        if isinstance(part, Asked):
            lead = as_html(part.prompt, markup_of(part.prompt))
            parts.append(f"{_harmless(lead)} [[{ids[part.ident]}]]" if lead else f"[[{ids[part.ident]}]]")
        else:
            parts.append(_harmless(as_html(part, markup_of(part))))
    return Marked("".join(parts).strip(), Markup.HTML)


def _part(item: Item, asked: Asked, shares: Shares, *, typed: bool) -> dict[str, Any]:
    values = shares.values[asked.ident]
    best = shares.best(asked.ident)
    if asked.labels and not _is_typed(asked, item, typed=typed):
        return _options(item, asked, values, best)
    if asked.labels:
        return _accepted_labels(item, asked, values, best)
    if best <= 0:
        raise CannotAsk("no_key", f"no answer is right for the gap {asked.ident[:60]!r}")
    if asked.is_numeric and all(number_of(value) is not None for value in values):
        if shares.together:
            return _exact_numbers(values)
        return number_body(item, number_entries(item, item.program, asked.ident), best)
    tests = {
        test.value: test
        for rule in item.program.rules
        for test, _ in comparisons_in(rule.test)
        if test.respident == asked.ident
    }
    entries = [(tests[value], part_of(credit, best)) for value, credit in values.items()]
    return short_body(item, asked.ident, entries)


def _exact_numbers(values: Iterable[str]) -> dict[str, Any]:
    """Numbers that one rule names together with the answers of other gaps."""
    first, *others = (written(number_of(value) or Decimal(0)) for value in values)
    body: dict[str, Any] = {"type": "number", "answer": first}
    return {**body, "accepted": [{"value": value} for value in others]} if others else body


def _is_typed(asked: Asked, item: Item, *, typed: bool) -> bool:
    """Whether options are answers to be typed: files write both the same way."""
    if item.word and item.kind is Kind.BLANKS:
        return typed
    if item.word and len(asked.labels) > 1:
        return False
    texts = [plain_of(label.text, markup_of(label.text)) for label in asked.labels]
    return len(texts) < 2 or not distinct(texts)


def _options(item: Item, asked: Asked, values: dict[str, Decimal], best: Decimal) -> dict[str, Any]:
    if best <= 0:
        raise CannotAsk("no_key", f"no option is right for the gap {asked.ident[:60]!r}")
    options = []
    has_key = False
    for label in asked.labels:
        option: dict[str, Any] = {"text": item.value(label.text)}
        text = item.feedback.of_value(asked.ident, label.ident)
        if text:
            option["feedback"] = item.value(text)
        credit = part_of(values.get(label.ident, Decimal(0)), best)
        if credit == "1" and not has_key:
            option["key"] = has_key = True
        elif credit != "0":
            option["credit"] = credit
        options.append(option)
    return {"type": "single_choice", "options": options}


def _accepted_labels(item: Item, asked: Asked, values: dict[str, Decimal], best: Decimal) -> dict[str, Any]:
    """Every label is an accepted text, even where only the first of them scores: its system reads it so."""
    answers: list[dict[str, Any]] = []
    for label in asked.labels:
        is_html = markup_of(label.text) is Markup.HTML
        text = plain_of(label.text, Markup.HTML) if is_html else str(label.text)
        if not text:
            continue
        answer: dict[str, Any] = {"text": text.replace("*", "\\*")}
        credit = part_of(values.get(label.ident, best), best) if best > 0 else "1"
        if credit not in ("0", "1") and not credit.startswith("-"):
            answer["credit"] = credit
        told = item.feedback.of_value(asked.ident, label.ident)
        answers.append({**answer, "feedback": item.value(told)} if told else answer)
    if not answers:
        raise CannotAsk("no_key", f"no answer is right for the gap {asked.ident[:60]!r}")
    return {"type": "short_text", "answers": answers}


def _sentence(item: Item, asked: Asked) -> dict[str, Any]:
    """A sentence whose words are to be put into their places: each place offers all of them."""
    rule = next(
        (rule for rule in item.program.rules if rule.settings and any(comparisons_in(rule.test))), None
    )
    right = {test.index: test.value for test, _ in comparisons_in(rule.test)} if rule is not None else {}
    labels = {label.ident: label for label in asked.labels}
    places = [each for each in asked.inside if isinstance(each, Label)]
    if (
        not set(range(1, len(places) + 1)) <= right.keys()
        or not {str(v) for v in right.values()} <= labels.keys()
    ):
        raise Unrecognised("the places of its words are not told")
    item.markup = Markup.HTML
    parts: list[dict[str, Any]] = []
    text: list[str] = []
    for each in asked.inside:
        if isinstance(each, Label):
            number = len(parts) + 1
            parts.append({"id": f"gap-{number}", **_place(item, asked, right[number])})
            text.append(f"[[gap-{number}]]")
        else:
            text.append(_harmless(as_html(each, markup_of(each))))
    whole = Marked(" ".join("".join(text).split()), Markup.HTML)
    body = _composite(item, whole, parts, [], together=True)
    if item.shown.stem:
        body["stem"] = item.value(item.shown.stem)
    return body


def _place(item: Item, asked: Asked, right: str) -> dict[str, Any]:
    options = [
        {"text": item.value(label.text), **({"key": True} if label.ident == right else {})}
        for label in asked.labels
    ]
    return {"type": "single_choice", "options": options}


def weights_of(item: Item, best: Sequence[Decimal]) -> list[int]:
    """Whole weights in the proportion of the shares."""
    if not best or min(best) <= 0 or max(best) - min(best) <= NEARLY * max(best):
        return [1] * len(best)
    least = min(best)
    for times in range(1, MOST_TIMES + 1):
        # Shares of 100 are rounded in files: 33.33 and 66.67 are 1 and 2.
        weights = [round(each / least * times) for each in best]
        fits = all(abs(each / least * times - w) <= CLOSE for each, w in zip(best, weights, strict=True))
        if fits and max(weights) <= MOST_WEIGHT:
            return weights
    largest = max(best)
    item.approximated("weights", "the weights of its parts were rounded")
    return [max(1, round(each * MOST_WEIGHT / largest)) for each in best]
