"""What an item's response processing says: a small program over variables, which is run, not guessed.

A question is understood by asking its program what it would give for this or that response.  What
the program uses beyond comparisons, `and`, `or`, `not` and sums raises `Unrecognised`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from quizapp.formats.reading.xml import Element, local_name

MOST_NODES = 2_500
COMPARISONS = frozenset({"varequal", "varsubstring", "vargte", "vargt", "varlte", "varlt"})
Response = Mapping[str, Sequence[str]]
"""What somebody answers: for every response the values chosen or typed, in their order."""


class Unrecognised(Exception):
    """The scoring uses something that is not understood here; the message says what."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a response with a value."""

    op: str
    respident: str
    value: str
    case: bool = False
    index: int | None = None
    precision: str = ""
    precision_type: str = ""


@dataclass(frozen=True, slots=True)
class Compound:
    """`and`, `or` or `not` over further conditions; an empty `and` always holds."""

    op: str
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Other:
    """Holds when nothing that scores held before."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A condition of a kind that is not understood."""

    name: str


Node = Comparison | Compound | Other | Unknown
ALWAYS = Compound("and", ())


@dataclass(frozen=True, slots=True)
class Setting:
    """A change of a variable."""

    variable: str
    action: str
    value: str


@dataclass(slots=True)
class Rule:
    """A condition with what follows from it."""

    test: Node
    settings: list[Setting]
    shows: list[str]
    stops: bool
    title: str = ""
    is_of_option: bool = False
    """Whether it names an option where a response should stand, as one dialect does."""


@dataclass(slots=True)
class Variable:
    default: Decimal = Decimal(0)
    most: Decimal | None = None
    least: Decimal | None = None


@dataclass(slots=True)
class Program:
    """All rules of an item, in blocks that know nothing of each other."""

    blocks: list[list[Rule]]
    variables: dict[str, Variable]
    score: str
    texts: frozenset[str] = frozenset()
    """Responses that are typed: their case may not matter."""
    multiple: frozenset[str] = frozenset()
    """Responses that take several values at once."""

    @property
    def rules(self) -> list[Rule]:
        return [rule for block in self.blocks for rule in block]

    @property
    def scores(self) -> bool:
        """Whether any rule changes the score."""
        return any(rule.settings for rule in self.rules)

    def without(self, dropped: Callable[[Rule], bool]) -> "Program":
        """The program without some of its rules."""
        blocks = [[rule for rule in block if not dropped(rule)] for block in self.blocks]
        return Program(blocks, self.variables, self.score, self.texts, self.multiple)

    def run(self, response: Response) -> tuple[Decimal, list[str]]:
        """The score of a response, and the feedback that it is shown."""
        values = {name: variable.default for name, variable in self.variables.items()}
        values.setdefault(self.score, Decimal(0))
        shown: list[str] = []
        for block in self.blocks:
            something_held = False
            for rule in block:
                if not self._holds(rule.test, response, something_held):
                    continue
                shown += rule.shows
                for setting in rule.settings:
                    self._apply(setting, values)
                something_held = something_held or bool(rule.settings)
                if rule.stops and rule.settings:
                    break
        return values[self.score], shown

    def credit(self, response: Response) -> Decimal:
        return self.run(response)[0]

    def _holds(self, node: Node, response: Response, something_held: bool) -> bool:
        match node:
            case Comparison():
                return self._meets(node, response)
            case Other():
                return not something_held
            case Unknown():
                raise Unrecognised(f"a condition <{node.name}> is not understood here")
            case Compound(op="not"):
                return not any(self._holds(part, response, something_held) for part in node.parts)
            case Compound(op="or") | Compound(op="either") if not self._takes_all(node):
                return any(self._holds(part, response, something_held) for part in node.parts)
            case _:
                return all(self._holds(part, response, something_held) for part in node.parts)

    def _takes_all(self, node: Compound) -> bool:
        """Whether several values side by side must all be chosen, because they can be."""
        first = node.parts[0] if node.parts else None
        return node.op == "either" and isinstance(first, Comparison) and first.respident in self.multiple

    def _meets(self, test: Comparison, response: Response) -> bool:
        given = response.get(test.respident, ())
        if test.index is not None:
            return 0 < test.index <= len(given) and given[test.index - 1] == test.value
        if test.op == "varequal":
            if test.respident in self.texts and not test.case:
                return any(value.casefold() == test.value.casefold() for value in given)
            return test.value in given
        if test.op == "varsubstring":
            return any(test.value.casefold() in value.casefold() for value in given)
        return any(_compared(test.op, value, test.value) for value in given)

    def _apply(self, setting: Setting, values: dict[str, Decimal]) -> None:
        amount = self._amount(setting.value, values)
        name = setting.variable
        before = values.get(name, Decimal(0))
        match setting.action:
            case "set":
                values[name] = amount
            case "add":
                values[name] = before + amount
            case "subtract":
                values[name] = before - amount
            case "multiply":
                values[name] = before * amount
            case "divide" if amount:
                values[name] = before / amount
            case _:
                raise Unrecognised(
                    f"the score is changed by {setting.action!r}, which is not understood here"
                )
        if abs(values[name]) > Decimal(10) ** 30:
            raise Unrecognised("the score grows beyond any points")

    def _amount(self, text: str, values: Mapping[str, Decimal]) -> Decimal:
        if text in values:
            return values[text]
        name, _, part = text.rpartition(".")
        if part == "max":
            most = self.variables.get(name, Variable()).most
            return most if most is not None and most > 0 else Decimal(100)
        if part == "min" and name in self.variables:
            return self.variables[name].least or Decimal(0)
        number = number_of(text)
        if number is None:
            raise Unrecognised(f"the score is set to {text[:40]!r}, which is no number")
        return number


def number_of(text: str) -> Decimal | None:
    """A number as files write it, or None."""
    try:
        number = Decimal(text.strip().replace("\u2212", "-"))
    except InvalidOperation:
        return None
    return number if number.is_finite() and (not number or abs(number.adjusted()) < 30) else None


def _compared(op: str, given: str, value: str) -> bool:
    left, right = number_of(given), number_of(value)
    if left is None or right is None:
        return False
    if op in ("vargte", "varlte") and left == right:
        return True
    return left > right if op in ("vargte", "vargt") else left < right


def program_of(
    item: Element, texts: frozenset[str], multiple: frozenset[str], options: Mapping[str, str]
) -> Program:
    """The program of an item.  `options` tells to which response an option belongs."""
    reader = _Reader(options)
    blocks: list[list[Rule]] = []
    variables: dict[str, Variable] = {}
    for processing in item.iter():
        name = local_name(processing)
        if name == "resprocessing":
            rules = (each for each in processing.iter() if local_name(each) == "respcondition")
            blocks.append([reader.rule(each) for each in rules])
        elif name == "decvar":
            given = processing.get("varname") or processing.get("variablename") or "SCORE"
            variables[given] = Variable(
                number_of(processing.get("defaultval") or "0") or Decimal(0),
                number_of(processing.get("maxvalue") or ""),
                number_of(processing.get("minvalue") or ""),
            )
    return Program(blocks, variables, _score_name(blocks, variables), texts, multiple)


def _score_name(blocks: list[list[Rule]], variables: Mapping[str, Variable]) -> str:
    """The variable that is the score: called so, or the only one, or the one that counts what is right."""
    used = dict.fromkeys(s.variable for block in blocks for rule in block for s in rule.settings)
    for usual in ("score", "que_score"):
        for name in used:
            if name.casefold() == usual:
                return name
    known = list(used) or list(variables)
    better = [name for name in known if "score" in name.casefold()] or [
        name for name in known if name.casefold().endswith("correct") and "incorrect" not in name.casefold()
    ]
    return next(iter(better or known), "SCORE")


class _Reader:
    """Reads conditions; counts their parts, because each of them is asked many times."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options
        self._nodes = 0

    def rule(self, element: Element) -> Rule:
        tests, settings, shows = [], [], []
        for child in element:
            match local_name(child):
                case "conditionvar":
                    tests += [test for part in child if (test := self._node(part)) is not None]
                case "setvar":
                    settings.append(_setting(child))
                case "displayfeedback":
                    shows.append((child.get("linkrefid") or "").strip())
        of_option = any(isinstance(each, Comparison) and self._is_of_option(each) for each in tests)
        tests = [self._with_response(each) for each in tests]
        stops = (element.get("continue") or "").strip().lower() == "no"
        return Rule(_together(tests), settings, shows, stops, (element.get("title") or "").strip(), of_option)

    def _node(self, element: Element) -> Node | None:
        name = local_name(element)
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise Unrecognised(f"the scoring has more than {MOST_NODES:,} conditions")
        if name in COMPARISONS:
            return _test(element, name)
        if name in ("and", "or", "not"):
            parts = tuple(part for child in element if (part := self._node(child)) is not None)
            return ALWAYS if name == "and" and _is_idiom(parts) else Compound(name, parts)
        if name == "other":
            return Other()
        return Unknown(name) if name else None

    def _is_of_option(self, test: Comparison) -> bool:
        return not test.value and test.respident in self._options

    def _with_response(self, node: Node) -> Node:
        if isinstance(node, Comparison) and self._is_of_option(node):
            return Comparison("varequal", self._options[node.respident], node.respident)
        return node


def _test(element: Element, name: str) -> Comparison:
    given = element.attrib
    index = str(given.get("index", ""))
    kind = str(given.get("precisiontype") or given.get("margintype") or "").lower()
    return Comparison(
        name,
        response_name(str(given.get("respident", ""))),
        "".join(element.itertext()).strip(),
        str(given.get("case", "")).lower() in ("yes", "true"),
        int(index) if index.isdecimal() and len(index) < 5 else None,
        str(given.get("precision") or given.get("margin") or ""),
        kind,
    )


def response_name(text: str) -> str:
    """The name of a response; some write it in the brackets that it has in the text."""
    text = text.strip()
    return text[1:-1].strip() if text.startswith("[") and text.endswith("]") else text


def _setting(element: Element) -> Setting:
    variable = (element.get("varname") or element.get("variablename") or "SCORE").strip()
    action = (element.get("action") or "Set").strip().lower()
    return Setting(variable, action, "".join(element.itertext()).strip())


def _together(tests: list[Node]) -> Node:
    """Conditions side by side: all must hold, but several values of one answer mean any of them."""
    if len(tests) == 1:
        return tests[0]
    equal = [each for each in tests if isinstance(each, Comparison) and each.op == "varequal"]
    if len(equal) == len(tests) > 1 and len({each.respident for each in equal}) == 1:
        return Compound("either", tuple(tests))
    return ALWAYS if _is_idiom(tests) else Compound("and", tuple(tests))


def _is_idiom(parts: Sequence[Node]) -> bool:
    """`other` and `not other` together mean "in any case" in files of one tool."""
    return len(parts) == 2 and Other() in parts and Compound("not", (Other(),)) in parts


def comparisons_in(node: Node, *, negated: bool = False) -> Iterator[tuple[Comparison, bool]]:
    """Every comparison in a condition, with whether it must not hold."""
    if isinstance(node, Comparison):
        yield node, negated
    elif isinstance(node, Compound):
        for part in node.parts:
            yield from comparisons_in(part, negated=negated != (node.op == "not"))
