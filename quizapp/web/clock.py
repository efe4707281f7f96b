"""The one place where the pages ask for the time."""

from datetime import UTC, datetime

from flask import current_app


def now() -> datetime:
    """The current moment; tests put another clock into the app's `CLOCK`."""
    clock = current_app.config.get("CLOCK")
    moment: datetime = clock() if clock else datetime.now(UTC)
    return moment
