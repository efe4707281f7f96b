"""Gaps in running text and code: they survive Markdown and highlighting, and let no markup in."""

import re
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from quizapp.web.gaps import stand_ins, with_gaps

BOX = Markup('<input name="a.text" class="gap">')
OTHER = Markup('<select name="b.choice"><option>1</option></select>')
VOID = {"input", "br", "hr"}


class Nesting(HTMLParser):
    """Every element that opens also closes, in the right order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_gap_in_a_sentence_is_filled() -> None:
    assert with_gaps("An **index** on [[a]].", {"a": BOX}) == f"<p>An <strong>index</strong> on {BOX}.</p>\n"


@pytest.mark.parametrize(
    "language", ["sql", "python", "bash", "javascript", "c", "json", "yaml", "text", "nothing", ""]
)
@pytest.mark.parametrize(
    "code",
    [
        "SELECT [[a]] FROM t WHERE x = [[b]];",
        "x = '\\[[a]]' + \"%[[b]]\"",
        "foo[[a]]bar(12[[b]])",
        "$[[a]] \\[[b]] ${x} # comment",
        "[[a]][[b]]",
        '{"k": [[a]], "l": "[[b]]"}',
        "// [[a]]\n/* [[b]] */",
    ],
)
def test_gaps_in_code_are_filled_in_every_language(language: str, code: str) -> None:
    html = with_gaps(f"```{language}\n{code}\n```", {"a": BOX, "b": OTHER})

    assert (html.count(BOX), html.count(OTHER)) == (1, 1)
    assert "<pre" in html.partition(BOX)[0] and "</pre>" in html.partition(OTHER)[2]
    assert re.search(r"Gap[a-z]{16}", html) is None
    Nesting(html)


@pytest.mark.parametrize(
    "text", ["`x = [[a]]`", "- one\n- [[a]]", "| x |\n|---|\n| [[a]] |", "## [[a]]", "_[[a]]_"]
)
def test_gaps_fit_into_other_markdown(text: str) -> None:
    html = with_gaps(text, {"a": BOX})

    assert html.count(BOX) == 1
    Nesting(html)


@pytest.mark.parametrize(
    "text", ["[here](https://example.org/[[a]])", '[x](https://e.org "t [[a]]")', "```[[a]]\nx\n```"]
)
def test_a_gap_never_stands_inside_a_tag_and_is_never_lost(text: str) -> None:
    html = with_gaps(text, {"a": BOX})

    assert html.count(BOX) == 1
    inputs = [attributes for tag, attributes in Nesting(html).seen if tag == "input"]
    assert inputs == [{"name": "a.text", "class": "gap"}]
    assert "Gap" not in html


def test_markup_of_the_text_stays_text() -> None:
    html = with_gaps(
        '<script>alert(1)</script> <img src=x onerror="[[a]]"> [x](javascript:[[b]])', {"a": BOX, "b": OTHER}
    )

    tags = {tag for tag, _ in Nesting(html).seen}
    assert tags <= {"p", "input", "select", "option", "a"}
    assert all("href" not in attributes for tag, attributes in Nesting(html).seen if tag == "a")


def test_markup_in_code_stays_text() -> None:
    html = with_gaps("```html\n<img src=\"[[a]]\" onerror='x'>\n```", {"a": BOX})

    assert "<img" not in html
    assert html.count(BOX) == 1


def test_a_text_that_holds_the_stand_in_itself_is_left_alone() -> None:
    plain = "See [[a]]."
    [word] = re.findall(r"Gap[a-z]{16}", with_gaps_showing_words(plain))

    html = with_gaps(f"{plain} {word}", {"a": BOX})

    assert html == f"<p>See {BOX}. {word}</p>\n"


def with_gaps_showing_words(text: str) -> str:
    """The text with its stand-ins, which nothing fills."""
    [word] = stand_ins(text, ["a"])
    return text.replace("[[a]]", word)


def test_what_a_filling_says_is_not_filled_again() -> None:
    typed = Markup('<input value="{}">').format('[[b]] "><script>')

    html = with_gaps("[[a]] [[b]]", {"a": typed, "b": OTHER})

    assert html == f"<p>{typed} {OTHER}</p>\n"
    assert "<script>" not in html


def test_brackets_that_are_no_gaps_stay() -> None:
    assert with_gaps("m = [[1]], [[ a ]] and [[c]]", {}) == "<p>m = [[1]], [[ a ]] and [[c]]</p>\n"


def test_a_formula_with_a_gap_is_left_to_the_reader() -> None:
    """The script that draws formulas would overwrite the gap."""
    html = with_gaps("$x = [[a]]$ and $y$", {"a": BOX})

    assert html.count("math") == 1
    assert f"<span>x = {BOX}</span>" in html
