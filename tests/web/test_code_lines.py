"""Listings as lines: each line is whole by itself, and what an author wrote stays text."""

import pytest

from quizapp.web.code_lines import code_lines

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
