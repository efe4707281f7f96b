"""The language of formulas: exact, small, bounded, and deaf to everything else."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulas import refusal, value_of
from quizapp.domain.exact_values import MAX_BITS, MAX_TEXT
from quizapp.domain.expressions import FUNCTIONS, FormulaError, Value, decimal, parse, show

BIG = 2 ** (MAX_BITS - 1)


def outcome(source: str, **values: Value) -> Value | FormulaError:
    """What a formula is worth, or why it was refused; anything else is a failure."""
    try:
        return parse(source).evaluate(values)
    except FormulaError as refused:
        return refused


VALUES: list[tuple[str, Value]] = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("0.1 + 0.2 == 0.3", True),
    ("0.1 + 0.2", Fraction(3, 10)),
    ("1e3", 1000),
    ("1.5e-3", Fraction(3, 2000)),
    (".5 + 1.", Fraction(3, 2)),
    ("0x10 + 0b11", 19),
    ("1_000.000_1", Fraction(10_000_001, 10_000)),
    ("6 / 3", 2),
    ("1 / 3", Fraction(1, 3)),
    ("7 // 2", 3),
    ("-7 // 2", -4),
    ("-7 % 5", 3),
    ("7.5 % 2", Fraction(3, 2)),
    ("2 ** 10", 1024),
    ("2 ** -10", Fraction(1, 1024)),
    ("2 ** 511", BIG),
    ("(2 / 3) ** -2", Fraction(9, 4)),
    ("0 ** 0", 1),
    ("(-1) ** (2 ** 500 + 1)", -1),
    ("1 ** (2 ** 500)", 1),
    ("0 ** (2 ** 500)", 0),
    ("-2 ** 2", -4),
    ("2 ** 3 ** 2", 512),
    ("--2", 2),
    ("0xff & 0x0f | 0x30 ^ 0x10", 0x2F),
    ("1 << 511", BIG),
    ("0 << 10 ** 9", 0),
    ("1024 >> 3", 128),
    ("1024 >> 10 ** 100", 0),
    ("-1 >> 10 ** 100", -1),
    ("1 < 2 <= 2 < 3", True),
    ("1 < 2 > 2", False),
    ("1 != 1.0", False),
    ("'a' < 'b'", True),
    ("not 1 > 2 and (1 > 2 or 2 > 1)", True),
    ("(1 > 2) == (2 > 3)", True),
    ("1 if 2 > 1 else 1 / 0", 1),
    ("1 > 2 and 1 / 0 > 1", False),
    ("'ab' + \"c'd\"", "abc'd"),
    ("'a' if n > 1 else 'b'", "a"),
    ("n * n - r", Fraction(31, 2)),
    ("\n  n\n  + 1 ", 5),
    ("ceil(7 / 2) + floor(-7 / 2)", 0),
    ("abs(-1.5)", Fraction(3, 2)),
    ("min(3, 1.5, 2) + max(1, 2)", Fraction(7, 2)),
    ("gcd(12, 18, 27)", 3),
    ("round(2.5)", 3),
    ("round(-2.5)", -3),
    ("round(2.675, 2)", Fraction(267, 100) + Fraction(1, 100)),
    ("round(1250, -2)", 1300),
    ("sqrt(144)", 12),
    ("sqrt(2.25)", Fraction(3, 2)),
    ("log(1000, 10)", 3),
    ("log(10 ** 6, 100)", 3),
    ("log(27, 9)", Fraction(3, 2)),
    ("log(1 / 8, 4)", Fraction(-3, 2)),
    ("log(8, 1 / 2)", -3),
    ("log(3 ** 300, 3 ** 7)", Fraction(300, 7)),
    ("log2(2 ** 511)", 511),
    ("log10(0.001)", -3),
    ("ln(1)", 0),
    ("log(1, 7)", 0),
    ("ceil(log(10 ** 6, 100))", 3),
    ("ceil(log2(1025))", 11),
    ("str(1 / 8) + ' ms'", "0.125 ms"),
    ("str(1 > 2)", "false"),
    ("str('a')", "a"),
    ("format(1234567.891, ',.2')", "1,234,567.89"),
    ("format(10, '08b')", "00001010"),
    ("network('10.1.7.9', n + 18)", "10.1.4.0/22"),
]


@pytest.mark.parametrize(("source", "value"), VALUES, ids=[source for source, _ in VALUES])
def test_is_worth(source: str, value: Value) -> None:
    found = value_of(source, n=4, r=Fraction(1, 2))

    assert (found, type(found)) == (value, type(value))


REFUSED: list[tuple[str, str]] = [
    ("", "the formula is empty"),
    (" \n ", "the formula is empty"),
    ("__import__('os')", "the name '__import__' is not a function of the language, at column 1"),
    ("1 + open('x')", "the name 'open' is not a function of the language, at column 5"),
    ("'ä€' + open('x')", "the name 'open' is not a function of the language, at column 8"),
    ("eval('1')", "the name 'eval' is not a function of the language, at column 1"),
    ("len('a')", "the name 'len' is not a function of the language, at column 1"),
    ("open", "unknown name 'open'"),
    ("__builtins__", "unknown name '__builtins__'"),
    ("log", "unknown name 'log'"),
    ("().__class__", "attributes are not allowed, at column 3"),
    ("a.b", "attributes are not allowed, at column 2"),
    ("1..real", "a number runs into what follows, at column 1"),
    ("a[0]", "lists and subscripts are not allowed, at column 2"),
    ("[x for x in y]", "lists and subscripts are not allowed, at column 1"),
    ("{1: 2}", "sets and mappings are not allowed, at column 1"),
    ("(x for x in y)", "'for' is not part of the language, at column 4"),
    ("lambda: 1", "'lambda' is not part of the language, at column 1"),
    ("(yield 1)", "'yield' is not part of the language, at column 2"),
    ("a is b", "'is' is not part of the language, at column 3"),
    ("'a' in 'abc'", "'in' is not part of the language, at column 5"),
    ("True", "'True' is not part of the language, at column 1"),
    ("None", "'None' is not part of the language, at column 1"),
    ("x := 1", "a colon is not part of the language, at column 3"),
    ("x = 1", "one = is not part of the language: compare with ==, at column 3"),
    ("f'{x}'", "a letter before a quote is not allowed, at column 1"),
    ("b'x'", "a letter before a quote is not allowed, at column 1"),
    ("'a' 'b'", "a sign is missing between 'a' and 'b', at column 5"),
    ("'''a'''", "a sign is missing between '' and 'a', at column 3"),
    ("'a\\n'", "a quote is not closed, at column 1"),
    ("'a\nb'", "a quote is not closed, at column 1"),
    ("1 + \\\n2", "backslashes are not allowed, at column 5"),
    ("1 # one", "'#' is not part of the language, at column 3"),
    ("1; 2", "';' is not part of the language, at column 2"),
    ("~1", "'~' is not part of the language, at column 1"),
    ("a @ b", "'@' is not part of the language, at column 3"),
    ("größe", "'ö' is not part of the language, at column 3"),
    ("ａｂｓ(1)", "'ａ' is not part of the language, at column 1"),
    ("1\u00a0+ 1", "U+00A0 is not part of the language, at column 2"),
    ("1\x00", "U+0000 is not part of the language, at column 2"),
    ("\ud800", "U+D800 is not part of the language, at column 1"),
    ("'\x00'", "a text holds a character that cannot be kept, at column 1"),
    ("'\ud800'", "a text holds a character that cannot be kept, at column 1"),
    ("1j", "a number runs into what follows, at column 1"),
    ("2x", "a number runs into what follows, at column 1"),
    ("0o17", "a number runs into what follows, at column 1"),
    ("1if 1 > 0 else 2", "a number runs into what follows, at column 1"),
    ("1__0", "a number runs into what follows, at column 1"),
    ("010", "the formula cannot be read, at column 1"),
    ("2 3", "a sign is missing between 2 and 3, at column 3"),
    ("(1) n", "a sign is missing between ) and n, at column 5"),
    ("1 + * 2", "the formula cannot be read, at column 5"),
    ("1 +", "something is missing at the end, at column 4"),
    (" 1 + 2 a b", "a sign is missing between 2 and a, at column 8"),
    ("(1 + 2", "a bracket is not closed, at column 7"),
    ("1) + (2", "a bracket is closed that was never opened, at column 2"),
    ("+1", "a sign with nothing to its left must be a minus, at column 1"),
    ("(1, 2)", "a comma is only for the values of a function, at column 1"),
    ("()", "a comma is only for the values of a function, at column 1"),
    ("(abs)(1)(2)", "only functions of the language can be called, at column 1"),
    ("'a'('b')", "only functions of the language can be called, at column 1"),
    ("min(*a)", "a function takes plain values only, at column 1"),
    ("min(**a)", "a function takes plain values only, at column 1"),
    ("log(1)", "log(x, base) takes 2 values, not 1, at column 1"),
    ("abs()", "abs(x) takes 1 value, not 0, at column 1"),
    ("round(1, 2, 3)", "round(x, n=0) takes 1 or 2 values, not 3, at column 1"),
    ("min(1)", "min(a, b, ...) takes at least 2 values, not 1, at column 1"),
    ("1e309", "too large, at column 1"),
    ("2 + 1e999999999", "too large, at column 5"),
    ("1e-999999999", "too large, at column 1"),
    ("9" * 490, "too large, at column 1"),
    ("1" + "0" * 600, "too large: a formula has at most 500 characters"),
    ("(" * 1000, "too large: a formula has at most 500 characters"),
    ("(" * 400, "too deeply nested, at column 41"),
    ("-" * 100 + "1", "too deeply nested: a formula has at most 40 levels, at column 41"),
    ("not " * 100 + "a", "too deeply nested: a formula has at most 40 levels, at column 161"),
    ("-" * 450 + "1", "too large: a formula has at most 200 parts"),
    ("min(" + "1," * 240 + "1)", "too large: a formula has at most 200 parts"),
    ("'" + "a" * 201 + "'", "too large: a text has at most 200 characters, at column 1"),
    ("9**9**9", "too large"),
    ("1 << 10**9", "too large"),
    ("1 << 512", "too large"),
    ("2 ** 512", "too large"),
    ("2 ** -10**6", "too large"),
    ("1.5 ** 10**9", "too large"),
    ("big * big", "too large"),
    ("big + big", "too large"),
    ("1 / big / big", "too large"),
    ("sqrt(-1)", "a negative number has no square root"),
    ("log(0, 10)", "only numbers above zero have a logarithm"),
    ("ln(-1)", "only numbers above zero have a logarithm"),
    ("log(5, 1)", "a logarithm cannot have the base 1"),
    ("log(5, -2)", "only numbers above zero have a logarithm"),
    ("'a' * 10**9", "a number is needed here, not a text"),
    ("'%s' % 3", "a number is needed here, not a text"),
    ("'a' + 1", "'+' cannot join a text and a number: use str() for a number"),
    ("-'a'", "a number is needed here, not a text"),
    ("abs('a')", "a number is needed here, not a text"),
    ("format(1, 2)", "a text is needed here, not a number"),
    ("long + 'a'", "too large: a text has at most 200 characters"),
    ("format(big, 'b')", "too large: a text has at most 200 characters"),
    ("(1 > 2) + 1", "a number is needed here, not true or false"),
    ("1 < 'a'", "a number cannot be compared with a text"),
    ("1 == (1 > 0)", "a number cannot be compared with true or false"),
    ("(1 > 2) < (2 > 1)", "true and false have no order"),
    ("1 and 2", "a condition must be true or false, not a number"),
    ("not 0", "a condition must be true or false, not a number"),
    ("1 if 'a' else 2", "a condition must be true or false, not a text"),
    ("1 / 0", "division by zero"),
    ("1 // 0.0", "division by zero"),
    ("1 % (1 - 1)", "division by zero"),
    ("0 ** -1", "division by zero"),
    ("2 ** 0.5", "an exponent must be a whole number"),
    ("1.5 & 1", "a whole number is needed here"),
    ("1 << -1", "a shift cannot be negative"),
    ("1 >> -1", "a shift cannot be negative"),
    ("round(1, 31)", "numbers are rounded to at most 30 places"),
    ("round(1, 10**9)", "numbers are rounded to at most 30 places"),
    ("format(1, '.13')", "'.13' is not a format: use , or .2 or ,.2 or x or b or 08b"),
]


@pytest.mark.parametrize(("source", "why"), REFUSED, ids=[ascii(source)[:30] for source, _ in REFUSED])
def test_is_refused_with_the_reason(source: str, why: str) -> None:
    assert refusal(source, big=BIG, long="a" * MAX_TEXT) == why


def test_a_parsed_formula_tells_its_source_and_the_names_it_reads() -> None:
    expression = parse("prefix + max(n, prefix) if not done else 'log'")

    assert expression.source == "prefix + max(n, prefix) if not done else 'log'"
    assert expression.names == {"prefix", "n", "done"}


def test_a_name_may_be_that_of_a_function_because_only_functions_are_called() -> None:
    assert value_of("prefix(network('10.0.0.0', prefix)) + log", prefix=12, log=1) == 13


def test_one_formula_serves_many_draws() -> None:
    expression = parse("ceil(size / part)")

    assert [expression.evaluate({"size": size, "part": 4}) for size in (1, 4, 5)] == [1, 1, 2]
    assert expression == parse("ceil(size / part)") != parse("floor(size / part)")


class Plain(int):
    """What a reader of documents may hand over instead of an int."""


def test_values_from_outside_become_plain_and_exact() -> None:
    found = value_of("n", n=Plain(3)), value_of("n", n=Fraction(4, 2))

    assert found == (3, 2)
    assert [type(each) for each in found] == [int, int]


@pytest.mark.parametrize(
    "value", [1.5, None, [1], b"a", 1j, Decimal(1), 2**512, Fraction(1, 2**512), "a" * 201, "\x00", "\ud800"]
)
def test_values_from_outside_that_the_language_has_not_are_refused(value: Value) -> None:
    assert refusal("n", n=value)
    with pytest.raises(FormulaError):
        show(value)
    with pytest.raises(FormulaError):
        decimal(value)


def test_a_formula_evaluated_deep_in_the_stack_is_refused_and_breaks_nothing() -> None:
    expression = parse("-" * 38 + "1")

    def deeper() -> Value:
        try:
            return deeper()
        except RecursionError:
            return expression.evaluate({})

    # Each level that cannot even call tries again one level higher, until one can.
    with pytest.raises(FormulaError, match="too deeply nested"):
        deeper()
    assert expression.evaluate({}) == 1


def test_every_function_says_what_it_takes_and_what_it_is_for() -> None:
    assert all(each.name == name for name, each in FUNCTIONS.items())
    assert all(each.about.endswith(".") for each in FUNCTIONS.values())
    assert FUNCTIONS["round"].signature == "round(x, n=0)"
    assert FUNCTIONS["subnet"].signature == "subnet(net, new_prefix, n)"
    assert FUNCTIONS["max"].signature == "max(a, b, ...)"


SIGNS = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "<", "<=", "==", "!=", "and", "or"]
WORDS = [
    *FUNCTIONS,
    *SIGNS,
    *"(),.[]{}:=~@'#\n\x00\ud800ä\"\\",
    *["0", "1", "2", "7", "0.5", "1e9", "1e400", "0x1f", "1_0", "9**9**9", "10**150", "1j", "007"],
    *["n", "r", "s", "t", "'a'", "'10.0.0.0/8'", "'::1'", "f'{n}'", "__import__", "__class__"],
    *["not", "if", "else", "lambda", "for", "in", "is", "True", "None", "await", "yield", "import"],
]
VALUES_OF_NAMES: dict[str, Value] = {"n": BIG, "r": Fraction(-7, 3), "s": "10.1.2.3/30", "t": True}


def is_bounded(value: Value) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if isinstance(value, Fraction):
        return max(value.numerator.bit_length(), value.denominator.bit_length()) <= MAX_BITS
    return type(value) is bool or value.bit_length() <= MAX_BITS


def try_out(source: str) -> None:
    """Whatever somebody writes is worth something bounded, or refused in one plain sentence."""
    found = outcome(source, **VALUES_OF_NAMES)
    if isinstance(found, FormulaError):
        assert str(found).splitlines() == [str(found)]
    else:
        assert is_bounded(found)
        assert isinstance(show(found), str)


@given(st.text(st.characters(), max_size=600))
def test_random_text_is_refused_or_worth_something_bounded(source: str) -> None:
    try_out(source)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_random_words_are_refused_or_worth_something_bounded(words: list[str]) -> None:
    try_out(" ".join(words))
    try_out("".join(words))


ATOMS = st.one_of(
    st.sampled_from(["n", "r", "s", "t", "'::1'", "'a'", "0", "1", "2 ** 500", "0.001", "(1 > 2)"]),
    st.integers(-40, 140).map(lambda number: f"({number})"),
)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(SIGNS)
    calls = st.sampled_from(sorted(FUNCTIONS)).flatmap(
        lambda name: st.lists(inner, min_size=FUNCTIONS[name].fewest, max_size=FUNCTIONS[name].most or 3).map(
            lambda values: f"{name}({', '.join(values)})"
        )
    )
    return st.one_of(calls, st.tuples(inner, signs, inner).map(lambda parts: f"({' '.join(parts)})"))


@settings(max_examples=800)
@given(st.recursive(ATOMS, grown, max_leaves=8))
def test_every_well_formed_formula_is_refused_or_worth_something_bounded(source: str) -> None:
    try_out(source)
