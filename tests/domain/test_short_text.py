"""Short answers: what is the same, what a star accepts, and that no pattern is slow."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import make
from quizapp.domain.grading import Verdict
from quizapp.domain.question_types.short_text import ShortText
from quizapp.domain.wildcards import matches, normalised
from quizapp.queries.revisions import parsed


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("explain", "EXPLAIN", True),
        ("explain analyze", "  explain \u00a0 ANALYZE ", True),
        ("ﬁle", "file", True),
        ("a*c", "abc", True),
        ("a*c", "ac", True),
        ("a*a", "a", False),
        ("*b*", "abc", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "acb", False),
        (r"2\*3", "2*3", True),
        (r"2\*3", "2x3", False),
        ("abc", "ab", False),
    ],
)
def test_patterns(pattern: str, text: str, fits: bool) -> None:
    assert matches(normalised(pattern), normalised(text)) is fits


@given(st.text(max_size=40))
def test_a_text_without_stars_fits_itself(text: str) -> None:
    plain = normalised(text.replace("*", "").replace("\\", ""))

    assert matches(plain, plain)


def test_a_pattern_that_would_choke_a_regular_expression_is_harmless() -> None:
    """Thirty stars against a long text that never fits: the pieces are looked for once each."""
    assert not matches("a*" * 30 + "b", "a" * 20_000)


def test_partial_credit_and_its_feedback() -> None:
    body: Any = parsed(make.sample("short_text"), "t").body
    answer = body.read({"text": ["explain analyse"]})

    grade = body.grade(answer)

    assert (grade.verdict, grade.credit) == (Verdict.PARTIAL, Decimal("0.5"))
    assert body.remark(answer).feedback == "PostgreSQL takes that spelling too."


def test_case_counts_only_when_asked_for() -> None:
    body = parsed(make.document(type="short_text", answers=[{"text": "Vary"}], case_sensitive=True), "t").body

    assert body.grade(body.read({"text": ["vary"]})).verdict is Verdict.WRONG
    assert body.grade(body.read({"text": ["Vary"]})).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"answers": [{"text": "x", "credit": "0.5"}]}, "full credit"),
        ({"answers": [{"text": "**"}]}, "wildcards alone"),
        ({"answers": [{"text": "x*"}], "mistakes": [{"text": "xy"}]}, "listed as a mistake"),
    ],
)
def test_contradictions_are_refused(fields: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        ShortText.model_validate(fields)
