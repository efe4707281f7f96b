"""What every template may use."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask, current_app, request, session, url_for
from flask_login import current_user
from markupsafe import Markup

from quizapp.domain.attempts import is_dont_know, is_trial
from quizapp.domain.choices import text_id
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.question_types import question_types
from quizapp.domain.question_types.composite import of_part
from quizapp.domain.texts import text_of
from quizapp.web.assets import asset, kind_sheets
from quizapp.web.clock import now
from quizapp.web.code_lines import code_lines
from quizapp.web.gaps import with_gaps
from quizapp.web.markup import inline_markdown, learners_markdown, markdown, plain_text

THEMES = ("system", "light", "dark")


def init_app(app: Flask) -> None:
    env = app.jinja_env
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.filters |= {
        "markdown": markdown,
        "learners_markdown": learners_markdown,
        "inline_markdown": inline_markdown,
        "plain_text": plain_text,
        "stem_of": stem_of,
        "code_lines": code_lines,
        "with_gaps": with_gaps,
        "of_part": of_part,
        "number": number,
        "moment": moment,
        "ago": ago,
        "duration": duration,
        "plural": plural,
    }
    env.globals |= {
        "asset": asset,
        "kind_sheets": kind_sheets,
        "url_for": address,
        "now": now,
        "text_id": text_id,
        "remark_of": remark_of,
        "question_types": question_types,
        "is_dont_know": is_dont_know,
        "is_trial": is_trial,
    }
    app.context_processor(_page_context)


def _page_context() -> dict[str, Any]:
    preferences = getattr(current_user, "preferences", {})
    theme = preferences.get("theme") or session.get("theme", "system")
    return {"theme": theme if theme in THEMES else "system", "preferences": preferences}


def address(endpoint: str, **values: Any) -> str:
    """`url_for`, which remembers the addresses that depend on nothing: every page has a dozen of them."""
    if values or endpoint.startswith(".") or request.script_root:
        return url_for(endpoint, **values)
    known: dict[str, str] = current_app.extensions.setdefault("quizapp_addresses", {})
    if endpoint not in known:
        known[endpoint] = url_for(endpoint)
    return known[endpoint]


def stem_of(document: Mapping[str, Any]) -> str:
    """The stem of a stored document, in its markup."""
    return text_of(document, "stem")


def number(value: Decimal | float | None) -> str:
    """A score without needless zeros: 7, 7.5, 0.333."""
    if value is None:
        return "–"
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return text or "0"


def moment(value: datetime | None) -> Markup:
    """A point in time; a script shows it in the reader's own zone, and the title keeps it exact."""
    if value is None:
        return Markup("–")
    text = f"{value.day} {value:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), text, text)


def ago(value: datetime | None) -> Markup:
    """How long ago, in the largest unit that fits, with the exact time in the title."""
    if value is None:
        return Markup("never")
    exact = f"{value.day} {value:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), exact, _ago_words(now() - value)
    )


def _ago_words(gone: timedelta) -> str:
    minutes = int(gone.total_seconds() // 60)
    for length, unit in ((60 * 24 * 30, "month"), (60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= length:
            return f"{plural(minutes // length, unit)} ago"
    return "just now"


def duration(value: timedelta | float | Decimal | None) -> str:
    """A length of time for people: 45 s, 3 min 20 s, 1 h 5 min.  Numbers are seconds."""
    if value is None:
        return "–"
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{seconds} s"


def plural(count: int, noun: str, many: str = "") -> str:
    """`1 question`, `2 questions`."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def remark_of(body: Any, submission: dict[str, list[str]]) -> Any:
    """The known answer or mistake that a typed answer meets, for its feedback; None without one."""
    if not submission or is_dont_know(submission) or not hasattr(body, "remark"):
        return None
    try:
        return body.remark(body.read(submission))
    except UnreadableAnswer:
        return None
