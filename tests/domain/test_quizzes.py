"""Blueprints that contradict themselves are refused with the reason."""

from typing import Any

import pytest
from pydantic import ValidationError

import make


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"mode": "exam", "feedback": "during"}, "silent until the end"),
        ({"mode": "practice", "feedback": "after_submit"}, "at once"),
        ({"feedback": "after_close"}, "needs `closes_at`"),
        ({"opens_at": "2026-12-02T09:00Z", "closes_at": "2026-12-01T09:00Z"}, "later than"),
        ({"opens_at": "2026-12-02T09:00"}, "time zone"),
        ({"opens_at": "0001-01-01T00:00:00+14:00"}, "outside the calendar"),
        ({"at_deadline": "grace"}, "go together"),
        ({"grace_minutes": 2}, "go together"),
        ({"at_deadline": "grace", "grace_minutes": 2, "time_limit_minutes": None}, "needs a time limit"),
        ({"items": [{"draw": {"count": 150}}, {"draw": {"count": 100}}]}, "at most 200"),
        ({"items": []}, "at least 1"),
        ({"items": [{}]}, "either"),
        ({"mode": "marathon"}, "one of: exam"),
        ({"time_limit_minutes": 0}, "greater than 0"),
        ({"pass_mark": 101}, "less than or equal to 100"),
        ({"marking": {"penalty": 2}}, "less than or equal to 1"),
    ],
)
def test_contradictions(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        make.blueprint(**fields)


def test_the_mode_decides_the_feedback_unless_told() -> None:
    assert make.blueprint(mode="practice").feedback_policy == "during"
    assert make.blueprint(mode="exam").feedback_policy == "after_submit"
