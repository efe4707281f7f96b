"""The log: one line a request on standard error, for machines or for people.

A line says who was asked for what, never what was sent: no body, no query string, no
header.  Errors carry the same request id as the page that the person sees.
"""

import logging
import sys
from contextlib import suppress
from time import perf_counter
from typing import TextIO, cast
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, request
from structlog.typing import Processor

from quizapp.config import Settings
from quizapp.web.errors import request_id

QUIET = frozenset({"static_files.file", "health.healthz", "health.readyz", "health.counted"})

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["quizapp_settings"]
    configure(settings.log_format)
    app.before_request(_begin)
    app.after_request(_write)


def configure(style: str) -> None:
    """Set the log up for this process: `json`, `text`, or `auto`, which is text on a terminal."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[Processor] = (
        # Its own choice of a traceback can show local variables, and so passwords and answers.
        [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
        if text
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Forgiving())),
    )


class _Forgiving:
    """Standard error that loses a line rather than fail a request: a log's disk can be full too."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def _begin() -> None:
    g.log_began = perf_counter()


def _write(response: Response) -> Response:
    """Files and health checks are many and say nothing, unless they fail."""
    if request.endpoint not in QUIET or response.status_code >= 500:
        began = g.get("log_began")
        log.info(
            "request",
            request_id=request_id(),
            method=quote(request.method),
            path=quote(request.path),
            status=response.status_code,
            ms=None if began is None else round((perf_counter() - began) * 1000, 1),
        )
    return response
