"""How an item scores: its rules worked out for the responses that can make a difference.

A choice has few possible responses, and each is tried.  Of the endless texts and numbers,
one of every sort is tried that the rules can tell apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, islice, pairwise

from quizapp.formats.qti2.processing import Processing, equal_range, rounded, rounding
from quizapp.formats.qti2.tree import attribute, below
from quizapp.formats.qti2.values import Declaration, Many, NotScorable, Value, value_of
from quizapp.formats.reading.xml import Element

ALL_SUBSETS_UP_TO = 8
MOST_TEXTS = 220
ALMOST = Decimal("0.00001")
"""Scores that differ by less are the same: three thirds are one."""
MOST_EDGES = 40
MOST_PAIRS = 800
NOBODY_WRITES = "\N{MIDDLE DOT} none of these \N{MIDDLE DOT}"
"""A text that no author expects, for what is made of any other answer."""


@dataclass(slots=True)
class Effect:
    """What comes of one response."""

    score: Decimal
    shown: frozenset[int]
    """The numbers of the feedback elements that are shown."""


@dataclass(slots=True)
class Part:
    """How one response variable counts."""

    best: Decimal = Decimal(0)
    effects: list[tuple[Value, Effect]] = field(default_factory=list)

    def effect(self, value: Value) -> Effect:
        return next(effect for each, effect in self.effects if each == value)

    def right(self) -> list[Value]:
        """The values that earn all there is."""
        return [value for value, effect in self.effects if abs(effect.score - self.best) < ALMOST]


@dataclass(slots=True)
class Scoring:
    """How an item counts."""

    best: Decimal
    parts: dict[str, Part]
    all_or_nothing: bool = False
    shown_when_right: frozenset[int] = frozenset()
    shown_when_wrong: frozenset[int] = frozenset()
    is_negative: bool = False
    """Whether some response costs points."""
    hints: list[frozenset[int]] = field(default_factory=list)
    """The feedback that each button of the item shows."""


class Trial:
    """Runs the rules of an item with one response after another."""

    def __init__(
        self, processing: Processing, score: str, feedback: Sequence[Element], fixed: Mapping[str, Value]
    ) -> None:
        self.processing = processing
        self._score = score
        self._feedback = feedback
        self._fixed = fixed
        """Buttons such as "give me a hint", which nobody presses."""

    def effect(self, answers: Mapping[str, Value]) -> Effect:
        found = self.processing.run({**self._fixed, **answers})
        score = found.get(self._score) if self._score else Decimal(0)
        if not isinstance(score, Decimal):
            # A sum with something missing in it is no score; it counts nothing.
            score = Decimal(0)
        return Effect(score, frozenset(self._shown(found)))

    def _shown(self, found: Mapping[str, Value]) -> Iterator[int]:
        for number, element in enumerate(self._feedback):
            value = found.get(attribute(element, "outcomeIdentifier"))
            names = value.items if isinstance(value, Many) else () if value is None else (value,)
            said = {str(name).lower() if isinstance(name, bool) else str(name) for name in names}
            if (attribute(element, "identifier") in said) != (attribute(element, "showHide") == "hide"):
                yield number


def scored(trial: Trial, probes: Mapping[str, Sequence[Value]]) -> Scoring:
    """How the responses count, each for itself.  Raises `NotScorable` where they do not."""
    responses = trial.processing.responses
    nothing: dict[str, Value] = dict.fromkeys(probes)
    empty = trial.effect(nothing)
    alone = {
        name: Part(effects=[(value, trial.effect({**nothing, name: value})) for value in values])
        for name, values in probes.items()
    }
    if len(alone) == 1:
        return _of_one(alone)
    key = {name: _best_guess(responses[name], part) for name, part in alone.items()}
    right = trial.effect(key)
    among = {
        name: Part(effects=[(value, trial.effect({**key, name: value})) for value in probes[name]])
        for name in probes
    }
    scoring = _added_up(alone, among, key, empty.score, right.score) or _only_together(
        among, alone, key, right
    )
    _check_mixtures(trial, scoring, key, nothing, empty.score)
    scoring.shown_when_right = right.shown
    scoring.shown_when_wrong = empty.shown
    return scoring


def _of_one(alone: dict[str, Part]) -> Scoring:
    [(name, part)] = alone.items()
    part.best = max((effect.score for _, effect in part.effects), default=Decimal(0))
    negative = any(effect.score < 0 for _, effect in part.effects)
    scoring = Scoring(part.best, {name: part}, is_negative=negative)
    best = [effect.shown for _, effect in part.effects if effect.score == part.best]
    rest = [effect.shown for _, effect in part.effects if effect.score < part.best]
    scoring.shown_when_right = frozenset.intersection(*best) if best else frozenset()
    scoring.shown_when_wrong = frozenset.intersection(*rest) if rest else frozenset()
    return scoring


def _best_guess(response: Declaration, part: Part) -> Value:
    """The declared key, or whatever earns most by itself."""
    if response.correct is not None:
        return response.correct
    return max(part.effects, key=lambda each: each[1].score, default=(None, None))[0]


def _added_up(
    alone: dict[str, Part], among: dict[str, Part], key: Mapping[str, Value], empty: Decimal, right: Decimal
) -> Scoring | None:
    """The scoring if what each response earns is added up; None if it is not."""
    if empty > 0:
        raise NotScorable("gives points for no answer at all")
    parts: dict[str, Part] = {}
    for name, part in alone.items():
        worth = [(value, Effect(effect.score - empty, effect.shown)) for value, effect in part.effects]
        at_key = next((effect.score for value, effect in worth if value == key[name]), Decimal(0))
        for (_, by_itself), (_, in_company) in zip(worth, among[name].effects, strict=True):
            if in_company.score - right != by_itself.score - at_key:
                return None
        best = max((effect.score for _, effect in worth), default=Decimal(0))
        parts[name] = Part(best, worth)
    if not all(part.best > 0 for part in parts.values()):
        return None
    negative = empty < 0 or any(e.score < 0 for part in parts.values() for _, e in part.effects)
    return Scoring(sum((part.best for part in parts.values()), Decimal(0)), parts, is_negative=negative)


def _only_together(
    among: dict[str, Part], alone: dict[str, Part], key: Mapping[str, Value], right: Effect
) -> Scoring:
    """The scoring if only the whole key earns anything."""
    if right.score <= 0 or any(e.score > 0 for part in alone.values() for _, e in part.effects):
        raise NotScorable("makes the worth of one answer depend on another one")
    parts = {}
    for name, part in among.items():
        if any(effect.score not in (right.score, Decimal(0)) for _, effect in part.effects):
            raise NotScorable("makes the worth of one answer depend on another one")
        effects = [
            (value, Effect(effect.score, by_itself.shown))
            for (value, effect), (_, by_itself) in zip(part.effects, alone[name].effects, strict=True)
        ]
        parts[name] = Part(right.score, effects)
    return Scoring(right.score, parts, all_or_nothing=True)


def _check_mixtures(
    trial: Trial, scoring: Scoring, key: Mapping[str, Value], nothing: Mapping[str, Value], empty: Decimal
) -> None:
    """Try the key in part: the first answers, the last ones, every other one."""
    names = list(key)
    for chosen in (names[::2], names[1::2], *(names[:length] for length in range(2, min(len(names), 12)))):
        found = trial.effect({**nothing, **{name: key[name] for name in chosen}}).score
        if scoring.all_or_nothing:
            expected = scoring.best if len(chosen) == len(names) else Decimal(0)
            fits = found == expected or (found < 0 and not expected)
        else:
            worths = (scoring.parts[name].effects for name in chosen)
            at_key = (
                next((effect.score for value, effect in effects if value == key[name]), Decimal(0))
                for name, effects in zip(chosen, worths, strict=True)
            )
            fits = found == empty + sum(at_key, Decimal(0))
        if not fits:
            raise NotScorable("makes the worth of one answer depend on another one")


def subsets(names: Sequence[str], rules: Element, response: Declaration, most: int) -> list[Value]:
    """Choices of several: all that there are of few, else each, all, and the key with one more or less."""
    if len(names) <= ALL_SUBSETS_UP_TO:
        sizes = range(1, min(len(names), most or len(names)) + 1)
        return [Many(each) for size in sizes for each in combinations(names, size)]
    found = [(name,) for name in names] + [tuple(names)]
    for key in [*_containers(rules, response), *_mapped_key(response)]:
        members = [name for name in names if name in key]
        found.append(tuple(members))
        found += [tuple(each for each in members if each != name) for name in members]
        found += [(*members, name) for name in names if name not in members]
    return [Many(each) for each in dict.fromkeys(found) if each and (not most or len(each) <= most)]


def pairs(left: Sequence[str], right: Sequence[str], response: Declaration) -> list[Value]:
    """Pairs: each by itself, the key, the key without each of its pairs."""
    singles = (
        tuple(sorted((a, b))) if response.base_type == "pair" else (a, b)
        for a in left
        for b in right
        if a != b
    )
    keys = [response.correct] if isinstance(response.correct, Many) else []
    mapped = tuple(value for value, worth in response.keys.items() if worth > 0)
    keys += [Many(mapped)] if mapped else []
    found: list[Value] = [Many((single,)) for single in dict.fromkeys(islice(singles, MOST_PAIRS))]
    for key in keys:
        items = key.items[:60]
        found += [key, *(Many(tuple(i for i in items if i != one)) for one in items if len(items) > 1)]
    distinct: list[Value] = []
    for value in found:
        if value not in distinct[-200:]:
            distinct.append(value)
    return distinct


def orders(names: Sequence[str], rules: Element, response: Declaration) -> list[Value]:
    """Orders: those that are named, the reverse, every swap of neighbours, the first ones alone."""
    key = response.correct.items if isinstance(response.correct, Many) else tuple(names)
    found = [key, key[::-1], tuple(names), *(_swapped(key, place) for place in range(len(key) - 1))]
    found += [tuple(each) for each in _containers(rules, response)]
    return [Many(each, ordered=True) for each in dict.fromkeys(found) if each]


def texts(rules: Element, response: Declaration) -> list[Value]:
    """Every text that is named, in other capitals too, and one that nobody expects."""
    named: list[str] = [] if response.correct is None else [str(response.correct)]
    named += [str(key) for key in response.keys]
    named += [
        each.text or "" for each in _constants(rules, response) if attribute(each, "baseType") == "string"
    ]
    distinct = [text for text in dict.fromkeys(named) if text.strip()]
    if len(distinct) > MOST_TEXTS:
        raise NotScorable(f"knows more than {MOST_TEXTS} answers")
    return [*dict.fromkeys([*distinct, *(text.swapcase() for text in distinct), NOBODY_WRITES])]


def numbers(rules: Element, response: Declaration) -> list[Value]:
    """Every number where something may begin or end, and one between each two of them."""
    constants: list[Value] = [response.correct, *response.keys]
    for each in _constants(rules, response):
        if attribute(each, "baseType") in ("float", "integer"):
            constants.append(value_of(each.text or "", "float"))
    known = list(dict.fromkeys(each for each in constants if isinstance(each, Decimal)))[:MOST_EDGES]
    edges = set(known)
    for equal in list(below(rules, "equal"))[:MOST_EDGES]:
        for constant in known if _is_about(equal, response) else ():
            # The tolerance may be that of the answer or that of the key; the range is nearly the same.
            edges |= set(equal_range(equal, constant))
    for equal in list(below(rules, "equalRounded"))[:MOST_EDGES]:
        if _is_about(equal, response):
            edges |= {edge for constant in known for edge in rounding_edges(constant, *rounding(equal))}
    ordered = sorted(edges)
    if not ordered:
        return []
    between = [(a + b) / 2 for a, b in pairwise(ordered)]
    room = max(abs(ordered[0]), abs(ordered[-1]), Decimal(1)) * 1000
    found = sorted({*ordered, *between, ordered[0] - room, ordered[-1] + room})
    if response.base_type == "integer":
        whole = {each.to_integral_value() for each in found}
        found = sorted({near for each in whole for near in (each - 1, each, each + 1)})
    return list(found)


def _constants(rules: Element, response: Declaration) -> Iterator[Element]:
    """The values that a response is compared with."""
    for each in below(rules, "baseValue"):
        holder = each.getparent()
        if holder is not None and holder.tag in ("multiple", "ordered"):
            holder = holder.getparent()
        if holder is not None and _is_about(holder, response):
            yield each


def _is_about(expression: Element, response: Declaration) -> bool:
    """Whether an expression compares the response itself with something."""
    return any(
        each.tag == "variable" and attribute(each, "identifier") == response.identifier
        for each in expression[:3]
    )


def rounding_edges(value: Decimal, mode: str, figures: int) -> tuple[Decimal, Decimal]:
    """Half a unit of the last figure that counts, on both sides."""
    places = figures if mode == "decimalPlaces" else figures - 1 - (value.adjusted() if value else 0)
    half = Decimal("0.5").scaleb(-min(places, 40))
    middle = rounded(value, mode, figures)
    return middle - half, middle + half


def _containers(rules: Element, response: Declaration) -> list[tuple[str, ...]]:
    found = [tuple(response.correct.items)] if isinstance(response.correct, Many) else []
    for each in below(rules, "multiple", "ordered"):
        names = tuple((value.text or "").strip() for value in each if value.tag == "baseValue")
        found += [names] if names and len(names) == len(each) else []
    return list(dict.fromkeys(found))[:20]


def _mapped_key(response: Declaration) -> list[tuple[str, ...]]:
    names = tuple(str(key) for key, worth in response.keys.items() if worth > 0)
    return [names] if names else []


def _swapped(items: tuple[str, ...], place: int) -> tuple[str, ...]:
    return (*items[:place], items[place + 1], items[place], *items[place + 2 :])
