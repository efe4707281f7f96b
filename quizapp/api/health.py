"""Whether this process lives, whether it can serve, and what it has done: for load balancers and monitors."""

from hmac import compare_digest

from flask import Blueprint, Response, abort, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from quizapp.api import metrics
from quizapp.config import Settings
from quizapp.db import migrations
from quizapp.db.engine import Database

bp = Blueprint("health", __name__)
bp.record_once(metrics.count_requests)


@bp.get("/healthz")
def healthz() -> Response:
    """This process answers.  It says nothing about the database: restarting would not help that."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """This process can serve people: the database answers and has this version's tables."""
    database: Database = current_app.extensions["quizapp_database"]
    try:
        missing = None if migrations.is_current(database) else "migrations"
    except SQLAlchemyError:
        missing = "database"
    if missing:
        return jsonify(ok=False, missing=missing), 503
    return jsonify(ok=True), 200


@bp.get("/metrics")
def counted() -> Response:
    """Prometheus' text format, for whoever knows the token; where none is set there is no such page."""
    settings: Settings = current_app.extensions["quizapp_settings"]
    if not (settings.metrics_token and metrics.installed()):
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not compare_digest(given.encode(), settings.metrics_token.encode()):
        abort(401)
    return Response(metrics.text(), content_type=metrics.CONTENT_TYPE)
