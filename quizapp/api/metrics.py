"""Counting requests for Prometheus, over all server processes; nothing about who sent them.

The library is part of the `server` extra.  Where several processes serve, they share a
folder that the server names in `PROMETHEUS_MULTIPROC_DIR` before they begin.
"""

import os
from functools import cache
from importlib.util import find_spec
from time import perf_counter
from typing import Any

from flask import Response, g, request
from flask.sansio.blueprints import BlueprintSetupState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@cache
def installed() -> bool:
    return find_spec("prometheus_client") is not None


def count_requests(state: BlueprintSetupState) -> None:
    """Begin to count, where somebody may ask for the result."""
    app = state.app
    if app.extensions["quizapp_settings"].metrics_token and installed():
        app.before_request(_begin)
        app.after_request(_count)


def text() -> bytes:
    """All counts so far."""
    from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess

    if SHARED_FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    return generate_latest(registry)


@cache
def _seconds() -> Any:
    """The histogram; its count is the number of requests."""
    from prometheus_client import Histogram

    return Histogram(
        "quizapp_request_seconds",
        "Time taken by requests, by the route they met.",
        ("method", "route", "status"),
        buckets=BUCKETS,
    )


def _begin() -> None:
    g.metrics_began = perf_counter()


def _count(response: Response) -> Response:
    """A route's rule is counted, not the address: there are few rules and endless addresses."""
    began = g.get("metrics_began")
    if began is not None:
        rule = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.url_rule else "none"
        _seconds().labels(method, rule, response.status_code).observe(perf_counter() - began)
    return response
