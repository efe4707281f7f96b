"""The YAML door: plain values with their lines, and nothing that can hide or explode."""

from decimal import Decimal
from typing import Any

import pytest

from quizapp.formats.reading.located_yaml import MAX_BYTES, MAX_DEPTH, MAX_PROBLEMS, read_yaml


def value(text: str | bytes) -> Any:
    found, _, problems = read_yaml(text.encode() if isinstance(text, str) else text, "f.yaml")
    assert problems == []
    return found


def refused(text: str | bytes) -> list[tuple[str, str]]:
    """Where and why a file cannot be used."""
    _, _, problems = read_yaml(text.encode() if isinstance(text, str) else text, "f.yaml")
    return [(problem.where, problem.code) for problem in problems]


# What an author writes is what is meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("22:15:00", "22:15:00"),
        ("2026-11-21", "2026-11-21"),
        ("010", 10),
        ("-010", -10),
        ("1.5.2", "1.5.2"),
        ("=", "="),
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("+5", 5),
        ("'5'", "5"),
        ('"5"', "5"),
        ("!!str 5", "5"),
        ("٣", "٣"),
    ],
)
def test_a_plain_word_keeps_its_meaning(written: str, meant: object) -> None:
    found = value(f"a: {written}")["a"]

    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize("written", ["1.10", "0.1", "100.000", "-2.5", ".5", "1e3", "12345678901234567890.1"])
def test_decimals_are_exactly_what_is_written(written: str) -> None:
    found = value(f"a: {written}")["a"]

    assert isinstance(found, Decimal)
    assert str(found) == str(Decimal(written))


@pytest.mark.parametrize(
    "written", ["0x1F", "0o17", "1_000", ".inf", "-.inf", ".nan", "9" * 31, "1." + "1" * 60]
)
def test_a_number_in_a_form_with_two_readings_is_refused(written: str) -> None:
    assert refused(f"a: 1\nb: {written}") == [("f.yaml:2", "number")]


def test_a_quoted_number_of_any_form_is_a_text() -> None:
    assert value('a: "0x1F"') == {"a": "0x1F"}


def test_keys_are_texts() -> None:
    assert value("1: x\ntrue: y") == {"1": "x", "true": "y"}


def test_blocks_keep_their_line_ends() -> None:
    assert value("a: |\n  x\n  y\nb: >-\n  p\n  q\n") == {"a": "x\ny\n", "b": "p q"}


def test_windows_line_ends_are_line_ends() -> None:
    text = b"a: |\r\n  x\r\n  y\r\nb: 2\r\n"
    found, place, problems = read_yaml(text, "f.yaml")

    assert (found, problems) == ({"a": "x\ny\n", "b": 2}, [])
    assert place.where(("b",)) == "f.yaml:4: b"


def test_a_byte_order_mark_is_no_text() -> None:
    assert value(b"\xef\xbb\xbfa: 1\n") == {"a": 1}


def test_a_newer_or_older_version_line_changes_no_meaning() -> None:
    assert value("%YAML 1.1\n---\na: no\n") == {"a": "no"}


@pytest.mark.parametrize("text", ["", "# a comment\n", "---\n"])
def test_an_empty_file_is_no_value(text: str) -> None:
    assert value(text) is None


# Lines


def test_every_value_knows_its_line() -> None:
    text = "title: T\nquestions:\n  - id: one\n    options:\n      - {text: x}\n      - text: y\n"
    _, place, _ = read_yaml(text.encode(), "sets/f.yaml")

    assert place.where(("title",)) == "sets/f.yaml:1: title"
    assert place.where(("questions", 0, "id")) == "sets/f.yaml:3: questions.0.id"
    assert place.where(("questions", 0, "options", 1, "text")) == (
        "sets/f.yaml:6: questions.0.options.1.text"
    )


def test_what_is_missing_stands_where_its_parent_stands() -> None:
    _, place, _ = read_yaml(b"title: T\nquestions:\n  - id: one\n", "f.yaml")

    assert place.where(("questions", 0, "stem")) == "f.yaml:3: questions.0.stem"
    assert place.where(("nowhere",)) == "f.yaml:1: nowhere"


# What is refused


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: &x 2\n", ("f.yaml:2", "anchor")),
        ("a: 1\nb: *x\n", ("f.yaml:2", "alias")),
        ("a: 1\n<<: {b: 2}\n", ("f.yaml:2", "merge")),
        ("a: !!python/object/apply:os.system [ls]\n", ("f.yaml:1", "tag")),
        ("a: !secret x\n", ("f.yaml:1", "tag")),
        ("a: !!int 5\n", ("f.yaml:1", "tag")),
        ("%TAG ! tag:example.org,2000:\n---\na: !x 1\n", ("f.yaml:3", "tag")),
        ("a: 1\nb: 2\na: 3\n", ("f.yaml:3", "duplicate_key")),
        ('a: 1\n"a": 3\n', ("f.yaml:2", "duplicate_key")),
        ("a: {x: 1,\n    x: 2}\n", ("f.yaml:2", "duplicate_key")),
        ("a: 1\n---\nb: 2\n", ("f.yaml:2", "documents")),
        ("? [a, b]\n: 1\n", ("f.yaml:1", "key")),
        ("a:\n\tb: 1\n", ("f.yaml:2", "yaml")),
        ("a: [1, 2\nb: 3\n", ("f.yaml:2", "yaml")),
        ('a: 1\nb: "open\n', ("f.yaml:3", "yaml")),
        ("a: b: c\n", ("f.yaml:1", "yaml")),
    ],
)
def test_what_a_bank_does_not_need_is_refused_at_its_line(text: str, problem: tuple[str, str]) -> None:
    assert refused(text) == [problem]


def test_a_bomb_of_aliases_is_refused_without_being_built() -> None:
    levels = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 20):
        many = ", ".join([f"*a{n - 1}"] * 10)
        levels.append(f"a{n}: &a{n} [{many}]".encode())

    found = refused(b"\n".join(levels))

    assert {code for _, code in found} == {"anchor", "alias"}
    assert len(found) == MAX_PROBLEMS


@pytest.mark.parametrize("text", ["[" * 10_000, "{a: " * 10_000, "- " * 10_000])
def test_ten_thousand_levels_are_refused_and_not_walked(text: str) -> None:
    assert refused(text) == [("f.yaml:1", "depth")]


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert refused("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert refused("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == [("f.yaml:1", "depth")]


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    assert refused(b"a: 1 #".ljust(MAX_BYTES, b"x")) == []
    assert refused(b"a: 1 #".ljust(MAX_BYTES + 1, b"x")) == [("f.yaml:1", "size")]


def test_text_in_another_encoding_is_refused_at_the_line_of_the_first_strange_byte() -> None:
    assert refused("a: 1\nb: café\n".encode("latin-1")) == [("f.yaml:2", "encoding")]
    assert refused("a: 1\n".encode("utf-16")) == [("f.yaml:1", "encoding")]


@pytest.mark.parametrize("written", ["1e999999999", "1e-999999999", "1.5e31", "-1e400"])
def test_a_number_that_would_take_for_ever_is_refused(written: str) -> None:
    assert refused(f"a: 1\nb: {written}") == [("f.yaml:2", "number")]


@pytest.mark.parametrize("written", [r"x\0y", r"\ud800", r"\udfff x"])
def test_an_escaped_character_that_cannot_be_stored_is_refused(written: str) -> None:
    assert refused(f'a: 1\nb: "{written}"\n') == [("f.yaml:2", "character")]
    assert refused(f'a: 1\n"{written}": b\n') == [("f.yaml:2", "character")]


def test_a_control_character_is_refused() -> None:
    assert [code for _, code in refused(b"a: x\x00y")] == ["yaml"]


def test_all_problems_are_told_in_one_run() -> None:
    text = "a: &x 1\nb: *x\nc: !t 2\nd: 1_000\na: 3\n"

    assert refused(text) == [
        ("f.yaml:1", "anchor"),
        ("f.yaml:2", "alias"),
        ("f.yaml:3", "tag"),
        ("f.yaml:4", "number"),
        ("f.yaml:5", "duplicate_key"),
    ]


def test_problems_before_a_broken_line_are_told_too() -> None:
    assert refused("a: &x 1\nb: [\n") == [("f.yaml:1", "anchor"), ("f.yaml:3", "yaml")]
