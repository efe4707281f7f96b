"""Response processing: what an item makes of a response, as far as its rules are plain ones.

The rules of QTI are expressions without loops.  Those that only compare, map, count and add
are worked out here; anything else (chance, attempts, custom operators, patterns) is refused.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from quizapp.formats.qti2.tree import attribute, is_true
from quizapp.formats.qti2.values import Declaration, Many, NotScorable, Value, number, value_of
from quizapp.formats.reading.xml import Element

MOST_STEPS = 200_000
"""Expressions worked out for one item, all probes together."""
MOST_DIGITS = 40
BEYOND_ONE_ATTEMPT = frozenset({"numAttempts", "duration", "completionStatus", "completion_status"})


class _Exit(Exception):
    """The rules say that processing ends here."""


class Processing:
    """The rules of one item."""

    def __init__(
        self,
        rules: Element,
        responses: Mapping[str, Declaration],
        outcomes: Mapping[str, Declaration],
    ) -> None:
        self.rules = rules
        self.responses = responses
        self.outcomes = outcomes
        self._steps = 0
        self._answers: Mapping[str, Value] = {}
        self._found: dict[str, Value] = {}
        self._looks: dict[str, Callable[[Element], Value]] = {
            "variable": self._variable,
            "correct": self._correct,
            "default": self._default,
            "mapResponse": self._map_response,
            "baseValue": self._base_value,
            "null": self._null,
            "isNull": self._is_null,
            "equal": self._equal,
            "equalRounded": self._equal_rounded,
            "stringMatch": self._string_match,
        }
        """Expressions that look at more than the values of what is inside them."""

    def run(self, answers: Mapping[str, Value]) -> dict[str, Value]:
        """The outcome variables after a response.  Raises `NotScorable`."""
        self._answers = answers
        self._found = {
            name: Decimal(0) if each.default is None and each.is_number else each.default
            for name, each in self.outcomes.items()
        }
        try:
            self._follow(self.rules)
        except _Exit:
            pass
        except ArithmeticError as error:
            raise NotScorable("computes something that has no result") from error
        except RecursionError as error:
            raise NotScorable("is nested too deep") from error
        return self._found

    def _follow(self, block: Element, skipped: int = 0) -> None:
        for rule in list(block)[skipped:]:
            self._step()
            match rule.tag:
                case "setOutcomeValue":
                    self._found[attribute(rule, "identifier")] = self.value(self._only(rule))
                case "responseCondition":
                    self._branch(rule)
                case "responseProcessingFragment":
                    self._follow(rule)
                case "lookupOutcomeValue":
                    self._look_up(rule)
                case "exitResponse":
                    raise _Exit
                case _:
                    raise NotScorable(f"uses the rule {rule.tag!r}")

    def _branch(self, condition: Element) -> None:
        if any(each.tag == "responseElse" for each in list(condition)[:-1]):
            raise NotScorable("has a condition with something behind its last branch")
        for branch in condition:
            if branch.tag == "responseElse":
                self._follow(branch)
                return
            if branch.tag not in ("responseIf", "responseElseIf") or not len(branch):
                raise NotScorable(f"has {branch.tag!r} in a condition")
            if self.value(branch[0]) is True:
                self._follow(branch, skipped=1)
                return

    def _look_up(self, rule: Element) -> None:
        name = attribute(rule, "identifier")
        table = self.outcomes[name].table if name in self.outcomes else None
        found = self.value(self._only(rule))
        if table is None or not isinstance(found, Decimal):
            raise NotScorable("looks a value up in no table")
        base_type = self.outcomes[name].base_type
        exact = table.tag == "matchTable"
        for entry in table:
            source = number(attribute(entry, "sourceValue"))
            if found == source if exact else found >= source:
                self._found[name] = value_of(attribute(entry, "targetValue"), base_type)
                return
        default = attribute(table, "defaultValue")
        self._found[name] = value_of(default, base_type) if default else None

    def value(self, expression: Element) -> Value:
        """The value of an expression; None is no value."""
        self._step()
        name = str(expression.tag)
        looks = self._looks.get(name)
        if looks is not None:
            return looks(expression)
        if name not in OPERATORS:
            raise NotScorable(f"uses {name!r}")
        values = [self.value(child) for child in expression]
        fewest, most = ARITY.get(name, (0, len(values)))
        if not fewest <= len(values) <= most:
            raise NotScorable(f"has {len(values)} values in {name!r}")
        return OPERATORS[name](values)

    def _variable(self, expression: Element) -> Value:
        name = attribute(expression, "identifier")
        if name in self.responses:
            return self._answers.get(name)
        if name in self._found:
            return self._found[name]
        if name in BEYOND_ONE_ATTEMPT:
            raise NotScorable("counts attempts or time")
        raise NotScorable(f"uses the variable {name!r}, which is not declared")

    def _correct(self, expression: Element) -> Value:
        return self._response(expression).correct

    def _default(self, expression: Element) -> Value:
        name = attribute(expression, "identifier")
        return self.outcomes[name].default if name in self.outcomes else self._response(expression).default

    def _map_response(self, expression: Element) -> Value:
        response = self._response(expression)
        return response.mapping_of(self._answers.get(response.identifier))

    def _base_value(self, expression: Element) -> Value:
        return value_of(expression.text or "", attribute(expression, "baseType"))

    def _null(self, expression: Element) -> Value:
        return None

    def _is_null(self, expression: Element) -> Value:
        value = self.value(self._only(expression))
        return value is None or value == ""

    def _equal(self, expression: Element) -> Value:
        left, right = self._two(expression)
        if left is None or right is None:
            return None
        low, high = equal_range(expression, _as_number(left))
        value = _as_number(right)
        above = value > low or (value == low and attribute(expression, "includeLowerBound", "true") == "true")
        return above and (
            value < high or (value == high and attribute(expression, "includeUpperBound", "true") == "true")
        )

    def _equal_rounded(self, expression: Element) -> Value:
        left, right = self._two(expression)
        if left is None or right is None:
            return None
        figures = rounding(expression)
        return rounded(_as_number(left), *figures) == rounded(_as_number(right), *figures)

    def _string_match(self, expression: Element) -> Value:
        left, right = self._two(expression)
        if left is None or right is None:
            return None
        if not is_true(expression, "caseSensitive") and expression.get("caseSensitive") is not None:
            left, right = str(left).casefold(), str(right).casefold()
        if is_true(expression, "substring"):
            raise NotScorable("looks for a part of a text")
        return bool(left == right)

    def _only(self, element: Element) -> Element:
        if len(element) != 1:
            raise NotScorable(f"has {len(element)} values in {element.tag!r}, where one belongs")
        return element[0]

    def _two(self, element: Element) -> tuple[Value, Value]:
        if len(element) != 2:
            raise NotScorable(f"has {len(element)} values in {element.tag!r}, where two belong")
        return self.value(element[0]), self.value(element[1])

    def _response(self, expression: Element) -> Declaration:
        name = attribute(expression, "identifier")
        if name not in self.responses:
            raise NotScorable(f"uses the response {name!r}, which is not declared")
        return self.responses[name]

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise NotScorable("is too long to be worked out")


def equal_range(expression: Element, value: Decimal) -> tuple[Decimal, Decimal]:
    """The numbers between which another one is equal to `value`, by the tolerance of an `equal`."""
    mode = attribute(expression, "toleranceMode", "exact") or "exact"
    if mode == "exact":
        return value, value
    given = [number(each) for each in attribute(expression, "tolerance").split()]
    if not given or len(given) > 2 or mode not in ("absolute", "relative"):
        raise NotScorable("has a tolerance that is no number")
    below, above = given[0], given[-1]
    if mode == "relative":
        below, above = abs(value) * below / 100, abs(value) * above / 100
    return value - below, value + above


def rounding(expression: Element) -> tuple[str, int]:
    mode = attribute(expression, "roundingMode", "significantFigures")
    figures = attribute(expression, "figures")
    if mode not in ("significantFigures", "decimalPlaces") or not figures.isdigit() or len(figures) > 2:
        raise NotScorable("rounds in an unknown way")
    return mode, int(figures)


def rounded(value: Decimal, mode: str, figures: int) -> Decimal:
    places = figures if mode == "decimalPlaces" else figures - 1 - (value.adjusted() if value else 0)
    step = Decimal(1).scaleb(-min(places, MOST_DIGITS))
    return ((value / step) + Decimal("0.5")).to_integral_value(ROUND_FLOOR) * step


def same(left: Value, right: Value) -> bool | None:
    """What `match` says of two values."""
    if left is None or right is None:
        return None
    if isinstance(left, Many) or isinstance(right, Many):
        # Some authors compare one value with a container of one.
        left, right = (each if isinstance(each, Many) else Many((each,)) for each in (left, right))
        return bool(left.same(right))
    return type(left) is type(right) and bool(left == right)


def _as_number(value: Value) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        return number(value)
    raise NotScorable("compares what is no number")


def _and(values: list[Value]) -> Value:
    return False if False in values else None if None in values else True


def _or(values: list[Value]) -> Value:
    return True if True in values else None if None in values else False


def _not(values: list[Value]) -> Value:
    return None if values[0] is None else not values[0]


def _any_n_items(values: list[Value]) -> tuple[Value, ...]:
    items: list[Value] = []
    for each in values:
        items += each.items if isinstance(each, Many) else [] if each is None else [each]
    return tuple(items)


def _container(values: list[Value], *, ordered: bool = False) -> Value:
    items = _any_n_items(values)
    return Many(items, ordered) if items else None


def _member(values: list[Value]) -> Value:
    one, many = values
    if one is None or many is None:
        return None
    return one in (many.items if isinstance(many, Many) else (many,))


def _contains(values: list[Value]) -> Value:
    if None in values:
        return None
    whole, part = (list(_any_n_items([each])) for each in values)
    for item in part:
        if item not in whole:
            return False
        whole.remove(item)
    return True


def _delete(values: list[Value]) -> Value:
    one, many = values
    if one is None or many is None:
        return None
    left = tuple(item for item in _any_n_items([many]) if item != one)
    return Many(left) if left else None


def _numbers(values: list[Value]) -> list[Decimal] | None:
    flat: list[Value] = []
    for each in values:
        if each is None:
            return None
        flat += each.items if isinstance(each, Many) else [each]
    return [_as_number(each) for each in flat]


def _product(numbers: list[Decimal]) -> Decimal:
    result = Decimal(1)
    for each in numbers:
        result *= each
    return result


def _on_numbers(work: Any) -> Any:
    def worked(values: list[Value]) -> Value:
        numbers = _numbers(values)
        return work(numbers) if numbers else None

    return worked


OPERATORS: dict[str, Any] = {
    "match": lambda values: same(*values),
    "and": _and,
    "or": _or,
    "not": _not,
    "multiple": _container,
    "ordered": lambda values: _container(values, ordered=True),
    "member": _member,
    "contains": _contains,
    "delete": _delete,
    "containerSize": lambda values: Decimal(len(_any_n_items(values))),
    "sum": _on_numbers(lambda numbers: sum(numbers, Decimal(0))),
    "product": _on_numbers(_product),
    "subtract": _on_numbers(lambda numbers: numbers[0] - numbers[1]),
    "divide": _on_numbers(lambda numbers: numbers[0] / numbers[1] if numbers[1] else None),
    "max": _on_numbers(max),
    "min": _on_numbers(min),
    "round": _on_numbers(lambda numbers: (numbers[0] + Decimal("0.5")).to_integral_value(ROUND_FLOOR)),
    "truncate": _on_numbers(lambda numbers: Decimal(int(numbers[0]))),
    "integerToFloat": _on_numbers(lambda numbers: numbers[0]),
    "gt": _on_numbers(lambda numbers: numbers[0] > numbers[1]),
    "gte": _on_numbers(lambda numbers: numbers[0] >= numbers[1]),
    "lt": _on_numbers(lambda numbers: numbers[0] < numbers[1]),
    "lte": _on_numbers(lambda numbers: numbers[0] <= numbers[1]),
}
ARITY = {
    **dict.fromkeys(("match", "member", "contains", "delete", "subtract", "divide"), (2, 2)),
    **dict.fromkeys(("gt", "gte", "lt", "lte"), (2, 2)),
    **dict.fromkeys(("not", "containerSize", "round", "truncate", "integerToFloat"), (1, 1)),
    **dict.fromkeys(("max", "min"), (1, 1_000)),
}
