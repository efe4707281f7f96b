"""The one place where the pages ask for the time."""

from datetime import datetime

from flask import current_app


def now() -> datetime:
    """The current moment, by the app's `CLOCK`; tests put their own there."""
    moment: datetime = current_app.config["CLOCK"]()
    return moment
