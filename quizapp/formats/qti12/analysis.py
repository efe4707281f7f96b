"""What an item's scoring amounts to: its program is asked about the responses that matter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from quizapp.formats.qti12.scoring import (
    Comparison,
    Compound,
    Node,
    Program,
    Rule,
    Setting,
    Unrecognised,
    comparisons_in,
)

CREDIT_STEP = Decimal("0.000000001")
MOST_OPTIONS = 26
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Several:
    """How a choice of several options is marked."""

    marking: str
    keys: frozenset[str]
    credits: dict[str, Decimal]
    """What each option adds, out of 1; only for weighted marking."""
    note: str = ""
    """What is not quite the same here."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What each value of each of several responses earns."""

    values: dict[str, dict[str, Decimal]]
    together: bool
    """Whether everything must be right to earn anything."""

    def best(self, respident: str) -> Decimal:
        return max(self.values.get(respident, {}).values(), default=NOTHING)


def part_of(amount: Decimal, full: Decimal) -> str:
    """A credit as documents write it: out of 1, at most nine decimals."""
    share = min(max(amount / full, Decimal(-1)), Decimal(1)).quantize(CREDIT_STEP)
    plain = format(share.normalize(), "f")
    return "0" if plain in ("-0", "0") else plain


def credits_of_options(program: Program, respident: str, idents: Sequence[str]) -> dict[str, Decimal]:
    """What each option earns when it alone is chosen."""
    if len(idents) > MOST_OPTIONS:
        raise Unrecognised(f"more than {MOST_OPTIONS} options cannot be asked here")
    return {ident: program.credit({respident: (ident,)}) for ident in idents}


def is_given_for_nothing(program: Program, respidents: Iterable[str]) -> bool:
    """Whether no answer at all earns something."""
    return program.credit(dict.fromkeys(respidents, ())) > 0


def several_of(program: Program, respident: str, idents: Sequence[str]) -> Several:
    """How several options are marked.  Raises `Unrecognised` where it is in no way that exists here."""
    if len(idents) > MOST_OPTIONS:
        raise Unrecognised(f"more than {MOST_OPTIONS} options cannot be asked here")
    asking = _Asking(program, respident, idents)
    if (found := asking.weighted()) is not None:
        return found
    for strict in (True, False):
        for keys in _key_sets(program, respident, frozenset(idents)):
            if asking.is_all_or_nothing(keys, strict=strict):
                return _all_or_nothing(keys, idents, strict=strict)
    raise Unrecognised("its options are scored in a way that is not known here")


class _Asking:
    """The scores of the sets of options that matter."""

    def __init__(self, program: Program, respident: str, idents: Sequence[str]) -> None:
        self._program = program
        self._respident = respident
        self._idents = idents
        self._nothing = self._of(())
        self._alone = {ident: self._of((ident,)) - self._nothing for ident in idents}

    def _of(self, chosen: Iterable[str]) -> Decimal:
        picked = set(chosen)
        response = tuple(ident for ident in self._idents if ident in picked)
        return self._program.credit({self._respident: response})

    def is_all_or_nothing(self, keys: frozenset[str], *, strict: bool) -> bool:
        """Whether exactly these options earn all; not `strict`: whether further ones may do no harm."""
        full = self._of(keys)
        if full <= 0 or self._nothing > 0 or any(self._of(keys - {each}) > 0 for each in keys):
            return False
        if len(keys) > 1 and any(credit > 0 for credit in self._alone.values()):
            return False
        more = [self._of(keys | {each}) for each in self._idents if each not in keys]
        return all(score <= (0 if strict else full) for score in more)

    def weighted(self) -> Several | None:
        """Credits that add up; None where they do not."""
        positive = [each for each, credit in self._alone.items() if credit > 0]
        if not positive or not self._adds_up(positive):
            return None
        keys = frozenset(positive)
        if self._nothing > 0:
            if len({abs(credit) for credit in self._alone.values()}) > 1:
                return None
            note = (
                "there, options rightly left alone earn something, too; here that is corrected for guessing"
            )
            return Several("per_option", keys, {}, note)
        full = sum((self._alone[each] for each in positive), NOTHING)
        note = ""
        if any(credit < -full for credit in self._alone.values()):
            note = "a wrong option costs more there than everything earns; here it costs as much"
        return Several("weighted", keys, {i: credit / full for i, credit in self._alone.items()}, note)

    def _adds_up(self, positive: list[str]) -> bool:
        """Whether sets earn the sum of their options: all sets of a few options, telling ones of many."""
        idents = list(self._idents)
        if len(idents) <= 6:
            sets = [
                [each for place, each in enumerate(idents) if number >> place & 1]
                for number in range(2 ** len(idents))
            ]
        else:
            pairs = [[a, b] for a, b in pairwise(idents)]
            less = [[each for each in positive if each != gone] for gone in positive]
            sets = [idents, positive, *pairs, *less, *([*positive, each] for each in idents)]
        return all(
            self._of(chosen) - self._nothing == sum((self._alone[i] for i in set(chosen)), NOTHING)
            for chosen in sets
        )


def _key_sets(program: Program, respident: str, idents: frozenset[str]) -> list[frozenset[str]]:
    """The sets of options that rules which score name together."""
    found = []
    for rule in program.rules:
        if not rule.settings:
            continue
        keys = frozenset(
            test.value
            for test, negated in comparisons_in(rule.test)
            if not negated and test.respident == respident and test.op == "varequal"
        )
        if keys and keys <= idents and keys not in found:
            found.append(keys)
    return found[:20]


def _all_or_nothing(keys: frozenset[str], idents: Sequence[str], *, strict: bool) -> Several:
    if len(keys) == len(idents):
        note = "every option is right there and all must be chosen; here each earns its share"
        return Several("weighted", keys, {ident: 1 / Decimal(len(keys)) for ident in idents}, note)
    note = "" if strict else "there, further options do no harm; here exactly the right ones must be chosen"
    return Several("all_or_nothing", keys, {}, note)


def shares_of(program: Program, respidents: Sequence[str]) -> Shares:
    """What values of several responses earn.  Raises `Unrecognised` where each does not stand for itself."""
    known = frozenset(respidents)
    alone: dict[str, list[Rule]] = {respident: [] for respident in respidents}
    joint: list[Rule] = []
    for rule in program.rules:
        named = {test.respident for test, _ in comparisons_in(rule.test)} & known
        if len(named) == 1 and rule.settings:
            alone[named.pop()].append(rule)
        elif len(named) > 1 and _scores(rule):
            joint.append(rule)
    values = {respident: _values(program, respident, known, alone[respident]) for respident in respidents}
    if not joint:
        return Shares(values, together=False)
    if len(joint) > 1 or any(credit > 0 for earned in values.values() for credit in earned.values()):
        raise Unrecognised("its parts are scored in a way that is not known here")
    return Shares(_accepted_together(joint[0], known), together=True)


def _values(program: Program, respident: str, known: frozenset[str], rules: list[Rule]) -> dict[str, Decimal]:
    """What each value that is named for a response earns, the others left blank."""
    if not rules:
        return {}
    own = program.without(lambda rule: _names_others(rule, respident, known))
    nothing = own.credit({})
    named = [test for rule in rules for test, negated in comparisons_in(rule.test) if not negated]
    return {test.value: own.credit({respident: (test.value,)}) - nothing for test in named if test.value}


def _names_others(rule: Rule, respident: str, known: frozenset[str]) -> bool:
    named = {test.respident for test, _ in comparisons_in(rule.test)}
    return bool(named & known - {respident})


def _accepted_together(rule: Rule, known: frozenset[str]) -> dict[str, dict[str, Decimal]]:
    """The values of one rule over all responses: an `and` of one choice of values for each."""
    parts = rule.test.parts if isinstance(rule.test, Compound) and rule.test.op == "and" else ()
    found: dict[str, dict[str, Decimal]] = {}
    for part in parts:
        tests = _alternatives(part)
        named = {test.respident for test in tests}
        if len(named) != 1 or not named <= known or named & found.keys():
            raise Unrecognised("its parts are scored together in a way that is not known here")
        found[named.pop()] = {test.value: Decimal(1) for test in tests}
    if found.keys() != known:
        raise Unrecognised("not all of its parts are scored")
    return found


def _alternatives(node: Node) -> list[Comparison]:
    if isinstance(node, Comparison) and node.op == "varequal":
        return [node]
    if isinstance(node, Compound) and node.op in ("or", "either", "and"):
        if node.op == "and" and len(node.parts) != 1:
            return []
        return [test for part in node.parts for test in _alternatives(part)]
    return []


def _scores(rule: Rule) -> bool:
    """Whether a rule can add to the score."""
    return any(not _is_zero(setting) for setting in rule.settings)


def _is_zero(setting: Setting) -> bool:
    try:
        return Decimal(setting.value) <= 0
    except ArithmeticError:
        return False
