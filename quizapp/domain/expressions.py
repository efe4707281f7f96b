"""Formulas of question variants: a small language of our own, parsed once and evaluated often.

Nothing is ever handed to Python to run.  A formula is first scanned for what the
language has no use for, then parsed into a tree whose nodes must each be on a
list, and compiled into nested functions that check every bound as they go.
"""

import ast
import keyword
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from quizapp.domain import exact_arithmetic as arithmetic
from quizapp.domain.exact_values import (
    MAX_BITS,
    FormulaError,
    Number,
    Value,
    accepted,
    bounded,
    bounded_number,
    decimal,
    said,
    show,
    truth_of,
)
from quizapp.domain.expression_functions import FUNCTIONS

__all__ = ["FUNCTIONS", "Expression", "FormulaError", "Value", "decimal", "parse", "show"]

MAX_SOURCE = 500
MAX_NODES = 200
MAX_DEPTH = 40

Run = Callable[[Mapping[str, Value]], Value]

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    | (?P<number>0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)* | 0[bB][01]+(?:_[01]+)*
        | (?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)? | \.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<text>'[^'\\\r\n]*' | "[^"\\\r\n]*")
    | (?P<sign>\*\* | // | << | >> | [<>=!]= | [-+*/%&|^<>(),])""",
    re.VERBOSE,
)
_JOINED = re.compile(r"[A-Za-z0-9_.]")
_WORDS = frozenset({"and", "else", "if", "not", "or"})
_REFUSED = {
    ".": "attributes are not allowed",
    "[": "lists and subscripts are not allowed",
    "{": "sets and mappings are not allowed",
    "\\": "backslashes are not allowed",
    ":": "a colon is not part of the language",
    "=": "one = is not part of the language: compare with ==",
    "'": "a quote is not closed",
    '"': "a quote is not closed",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula, ready to be evaluated with any values for the names it reads."""

    source: str
    names: frozenset[str]
    run: Run = field(repr=False, compare=False)

    def evaluate(self, values: Mapping[str, Value]) -> Value:
        """The value of the formula.  Raises `FormulaError`, and nothing else."""
        try:
            return self.run(values)
        except RecursionError:  # The caller stands deep in the stack; forty levels need little of it.
            raise FormulaError("too deeply nested") from None


def parse(source: str) -> Expression:
    """Read a formula.  Raises `FormulaError`, which says what is wrong and where."""
    if len(source) > MAX_SOURCE:
        raise FormulaError(f"too large: a formula has at most {MAX_SOURCE} characters")
    text = _scanned(source).rstrip(" ")
    if not text.strip(" "):
        raise FormulaError("the formula is empty")
    indent = len(text) - len(text.lstrip(" "))
    text = text[indent:]
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        if not error.offset:
            raise _at("something is missing at the end", indent + len(text)) from None
        raise _at("the formula cannot be read", indent + min(error.offset, len(text)) - 1) from None
    except (MemoryError, RecursionError, ValueError):
        raise FormulaError("the formula cannot be read: it is too deeply nested") from None
    if sum(isinstance(node, ast.expr) for node in ast.walk(tree)) > MAX_NODES:
        raise FormulaError(f"too large: a formula has at most {MAX_NODES} parts")
    compiler = _Compiler(text.encode(), indent)
    try:
        run = compiler.compiled(tree, 1)
    except RecursionError:
        raise FormulaError("too deeply nested") from None
    return Expression(source, frozenset(compiler.names), run)


def _at(problem: str, place: int) -> FormulaError:
    return FormulaError(f"{problem}, at column {place + 1}")


def _scanned(source: str) -> str:
    """The formula on one line, once its words, signs and brackets have been checked."""
    line, place, opened, before = "", 0, 0, ""
    while place < len(source):
        found = _TOKEN.match(source, place)
        if found is None:
            raise _at(_unknown(source[place]), place)
        kind, part = found.lastgroup or "", found[0]
        _check_token(source, found)
        ends = kind in {"number", "text"} or (kind == "word" and part not in _WORDS)
        if ends and before:
            raise _at(f"a sign is missing between {before} and {part}"[:80], place)
        opened += {"(": 1, ")": -1}.get(part, 0)
        if opened < 0:
            raise _at("a bracket is closed that was never opened", place)
        if opened > MAX_DEPTH:
            raise _at("too deeply nested", place)
        line += " " * len(part) if kind == "space" else part
        place = found.end()
        if kind != "space":
            before = part if ends or part == ")" else ""
    if opened:
        raise _at("a bracket is not closed", place)
    return line


def _check_token(source: str, found: re.Match[str]) -> None:
    """Refuse what Python would read differently, or with a warning."""
    kind, part, place = found.lastgroup, found[0], found.start()
    following = source[found.end() : found.end() + 1]
    if kind == "number" and _JOINED.match(following):
        raise _at("a number runs into what follows", place)
    if kind == "word" and keyword.iskeyword(part) and part not in _WORDS:
        raise _at(f"'{part}' is not part of the language", place)
    if kind == "word" and following in {"'", '"'}:
        raise _at("a letter before a quote is not allowed", place)
    if kind == "text":
        try:
            accepted(part[1:-1])
        except FormulaError as error:
            raise _at(str(error), place) from None


def _unknown(character: str) -> str:
    if character in _REFUSED:
        return _REFUSED[character]
    shown = f"'{character}'" if character.isprintable() else f"U+{ord(character):04X}"
    return f"{shown} is not part of the language"


class _Compiler:
    """Turns a tree into nested functions, and notes the names it reads."""

    def __init__(self, text: bytes, indent: int) -> None:
        self.text = text
        self.indent = indent
        self.names: set[str] = set()

    def error(self, problem: str, node: ast.expr) -> FormulaError:
        return _at(problem, self.indent + len(self.text[: node.col_offset].decode()))

    def compiled(self, node: ast.expr, depth: int) -> Run:
        if depth > MAX_DEPTH:
            raise self.error(f"too deeply nested: a formula has at most {MAX_DEPTH} levels", node)
        compile_node = _COMPILERS.get(type(node))
        if compile_node is None:
            raise self.error(_NAMED.get(type(node), "this is not part of the language"), node)
        return compile_node(self, node, depth + 1)

    def constant(self, node: ast.Constant, depth: int) -> Run:
        value: Value = node.value if isinstance(node.value, str) else self.number(node)
        return lambda values: value

    def number(self, node: ast.Constant) -> Number:
        """Numbers are read from the text, because a binary float is not what was written."""
        written = self.text[node.col_offset : node.end_col_offset].decode().replace("_", "")
        if type(node.value) is int:
            number: Number = node.value
        else:
            _, _, exponent = written.lower().partition("e")
            if abs(int(exponent or 0)) > MAX_BITS:
                raise self.error("too large", node)
            number = Fraction(Decimal(written))
        try:
            return bounded_number(number)
        except FormulaError as error:
            raise self.error(str(error), node) from None

    def name(self, node: ast.Name, depth: int) -> Run:
        name = node.id
        self.names.add(name)

        def run(values: Mapping[str, Value]) -> Value:
            try:
                value = values[name]
            except KeyError:
                raise FormulaError(f"unknown name '{name}'") from None
            return accepted(value)

        return run

    def binary(self, node: ast.BinOp, depth: int) -> Run:
        operate = _BINARY.get(type(node.op))
        if operate is None:
            raise self.error("this sign is not part of the language", node)
        known: Callable[[Value, Value], Value] = operate
        left, right = self.compiled(node.left, depth), self.compiled(node.right, depth)
        return lambda values: known(left(values), right(values))

    def unary(self, node: ast.UnaryOp, depth: int) -> Run:
        inner = self.compiled(node.operand, depth)
        if isinstance(node.op, ast.USub):
            return lambda values: arithmetic.negate(inner(values))
        if isinstance(node.op, ast.Not):
            return lambda values: not truth_of(inner(values))
        raise self.error("a sign with nothing to its left must be a minus", node)

    def comparison(self, node: ast.Compare, depth: int) -> Run:
        first = self.compiled(node.left, depth)
        steps: list[tuple[Callable[[Value, Value], bool], Run]] = []
        for sign, right in zip(node.ops, node.comparators, strict=True):
            compare = _COMPARED.get(type(sign))
            if compare is None:
                raise self.error("this comparison is not part of the language", node)
            steps.append((compare, self.compiled(right, depth)))

        def run(values: Mapping[str, Value]) -> Value:
            left = first(values)
            for compare, operand in steps:
                right = operand(values)
                if not compare(left, right):
                    return False
                left = right
            return True

        return run

    def logic(self, node: ast.BoolOp, depth: int) -> Run:
        operands = [self.compiled(each, depth) for each in node.values]
        if isinstance(node.op, ast.And):
            return lambda values: all(truth_of(operand(values)) for operand in operands)
        return lambda values: any(truth_of(operand(values)) for operand in operands)

    def choice(self, node: ast.IfExp, depth: int) -> Run:
        condition = self.compiled(node.test, depth)
        chosen, otherwise = self.compiled(node.body, depth), self.compiled(node.orelse, depth)
        return lambda values: chosen(values) if truth_of(condition(values)) else otherwise(values)

    def call(self, node: ast.Call, depth: int) -> Run:
        if not isinstance(node.func, ast.Name):
            raise self.error("only functions of the language can be called", node)
        function = FUNCTIONS.get(node.func.id)
        if function is None:
            raise self.error(f"the name '{node.func.id}' is not a function of the language", node)
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            raise self.error("a function takes plain values only", node)
        if not function.accepts(len(node.args)):
            raise self.error(f"{function.signature} takes {function.takes()}, not {len(node.args)}", node)
        return _called(function.call, [self.compiled(each, depth) for each in node.args])


def _called(call: Callable[..., Value], operands: Sequence[Run]) -> Run:
    if len(operands) == 1:
        only = operands[0]
        return lambda values: bounded(call(only(values)))
    return lambda values: bounded(call(*[operand(values) for operand in operands]))


def _alike(compare: Callable[[Value, Value], bool], *, ordered: bool) -> Callable[[Value, Value], bool]:
    """A comparison of two values of one kind; there is no order of true and false."""

    def run(left: Value, right: Value) -> bool:
        if said(left) != said(right):
            raise FormulaError(f"{said(left)} cannot be compared with {said(right)}")
        if ordered and isinstance(left, bool):
            raise FormulaError("true and false have no order")
        return compare(left, right)

    return run


_BINARY: Mapping[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: arithmetic.add,
    ast.Sub: arithmetic.subtract,
    ast.Mult: arithmetic.multiply,
    ast.Div: arithmetic.divide,
    ast.FloorDiv: arithmetic.floor_divide,
    ast.Mod: arithmetic.remainder,
    ast.Pow: arithmetic.power,
    ast.BitAnd: arithmetic.bit_and,
    ast.BitOr: arithmetic.bit_or,
    ast.BitXor: arithmetic.bit_xor,
    ast.LShift: arithmetic.shift_left,
    ast.RShift: arithmetic.shift_right,
}
_COMPARED: Mapping[type[ast.cmpop], Callable[[Value, Value], bool]] = {
    ast.Eq: _alike(operator.eq, ordered=False),
    ast.NotEq: _alike(operator.ne, ordered=False),
    ast.Lt: _alike(operator.lt, ordered=True),
    ast.LtE: _alike(operator.le, ordered=True),
    ast.Gt: _alike(operator.gt, ordered=True),
    ast.GtE: _alike(operator.ge, ordered=True),
}
_COMPILERS: Mapping[type[ast.expr], Callable[..., Run]] = {
    ast.BinOp: _Compiler.binary,
    ast.BoolOp: _Compiler.logic,
    ast.Call: _Compiler.call,
    ast.Compare: _Compiler.comparison,
    ast.Constant: _Compiler.constant,
    ast.IfExp: _Compiler.choice,
    ast.Name: _Compiler.name,
    ast.UnaryOp: _Compiler.unary,
}
_NAMED: Mapping[type[ast.expr], str] = {
    ast.Attribute: "attributes are not allowed",
    ast.Starred: "a star needs something on its left",
    ast.Tuple: "a comma is only for the values of a function",
}
