"""Small GIFT files, read as an import reads them."""

from typing import Any

from quizapp.domain.imports import Import, Outcome, judge
from quizapp.formats.gift import Gift


def imported(text: str | bytes) -> Import:
    data = text.encode() if isinstance(text, str) else text
    return judge(Gift.read(data, "set.gift", {}), "set.gift")


def only(text: str) -> dict[str, Any]:
    """The one document of a text, which was recovered."""
    result = imported(text)
    assert [each.outcome for each in result.questions] == [Outcome.RECOVERED], result.diagnostics
    return result.documents[0]


def codes(text: str | bytes) -> list[str]:
    return [said.code for said in imported(text).diagnostics]


def lost(text: str) -> tuple[str, dict[str, Any]]:
    """Why the one question of a text was given up, and what is kept of it."""
    result = imported(text)
    assert [each.outcome for each in result.questions] == [Outcome.OPAQUE]
    [said] = [said for said in result.diagnostics if said.severity == "error"]
    return said.code, result.documents[0]
