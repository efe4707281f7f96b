"""What the pages share on which people score answers."""

from flask import request

from quizapp.domain.questions import LEVEL_FIELD
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor

SCORES = "300 per hour"


def sent_levels() -> dict[str, list[str]]:
    """The levels that a rubric's form sent.  Counts the sending; raises `TooMany`."""
    limits.hit("score", str(actor().id), SCORES)
    return {name: request.form.getlist(name) for name in request.form if name.startswith(LEVEL_FIELD)}
