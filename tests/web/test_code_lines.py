"""Listings as lines: each line is whole by itself, and what an author wrote stays text."""

import pytest

from quizapp.web import markup
from quizapp.web.code_lines import code_lines
from quizapp.web.highlighting import LANGUAGES, lexer_of
from quizapp.web.markup import markdown, plain_text

SCRIPT = 'x = """<script>\nalert(1)</script>"""\n\n# <b>done</b>'


@pytest.mark.parametrize("language", ["python", "html", "yaml", "json", "http", "pytb", "text", "nowhere"])
def test_a_listing_keeps_its_lines_and_its_text(language: str) -> None:
    lines = code_lines(SCRIPT, language)

    assert [str(line.unescape()) for line in code_lines(SCRIPT, "nowhere")] == SCRIPT.split("\n")
    assert len(lines) == 4
    assert not any("<script" in line or "<b>" in line for line in lines)


def test_what_spans_lines_is_closed_and_opened_again() -> None:
    for line in code_lines(SCRIPT, "python"):
        assert line.count("<span") == line.count("</span>")
    assert "<span" in code_lines(SCRIPT, "python")[1]


def test_an_unknown_language_is_shown_plain() -> None:
    assert code_lines("a < b\n\tc", "nowhere") == ("a &lt; b", "\tc")


def test_languages_whose_lexers_think_for_ever_are_shown_plain() -> None:
    hard = "A\nB " * 2_000

    assert code_lines(hard, "xpp") == tuple(hard.split("\n"))
    assert "<span" not in markdown(f"```xpp\n{hard}\n```")


def test_very_long_code_is_shown_plain() -> None:
    assert lexer_of("java", "a" * 8_001) is None
    assert lexer_of("java", "\n" * 301) is None


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_that_is_coloured_has_a_lexer(language: str) -> None:
    assert lexer_of(language, "x") is not None


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_words_for_a_list_are_never_coloured(monkeypatch: pytest.MonkeyPatch, fence: str) -> None:
    """A learner's own answer is summed up in plain words, and its code names a language of the learner's choice."""
    asked: list[str] = []

    def noted(code: str, language: str) -> str:
        asked.append(language)
        return ""

    monkeypatch.setattr(markup, "_highlighted", noted)

    assert plain_text(f"{fence}python\nx = 1\n{fence}\n") == "x = 1"
    assert asked == []
