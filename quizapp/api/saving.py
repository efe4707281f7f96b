"""What the player asks for without leaving its page: saving, flags, and the time."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, session
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest, Unauthorized

from quizapp.db.engine import Database
from quizapp.domain.certainty import Confidence
from quizapp.domain.errors import (
    AlreadyChecked,
    AlreadyFinished,
    AnswersAreClosed,
    ChangedElsewhere,
    NotFound,
    Overloaded,
    QuizError,
    TimeIsUp,
    UnreadableAnswer,
)
from quizapp.domain.permissions import Credential
from quizapp.queries import attempts
from quizapp.services import answering, finishing, sign_ins

bp = Blueprint("saving", __name__, url_prefix="/api")

CONFLICTS: dict[type[QuizError], str] = {
    TimeIsUp: "deadline_passed",
    AnswersAreClosed: "answers_closed",
    AlreadyFinished: "already_submitted",
    AlreadyChecked: "already_checked",
    ChangedElsewhere: "changed_elsewhere",
}
MAX_BODY = 200_000
COOKIE_KEY = "_user_id"  # where Flask-Login keeps it


@bp.put("/attempts/<attempt_id>/questions/<int(max=999):position>")
def save(attempt_id: str, position: int) -> Response | tuple[Response, int]:
    """Keep an answer: 200 means that it is on disk."""
    who, moment = _credential(), _now()
    try:
        sent = _document()
        with _database().saving() as connection:
            saved = answering.save_from_browser(
                connection,
                who,
                attempt_id,
                position,
                _submission(sent),
                number=_sequence(sent),
                confidence=_confidence(sent),
                now=moment,
            )
    except UnreadableAnswer as error:
        return jsonify(error="unreadable", message=str(error)), 422
    except tuple(CONFLICTS) as error:
        return _conflict(error, who.account_id)
    except NotFound:
        _learner_id()
        raise
    return jsonify(sequence=saved.number, saved_at=saved.at.isoformat(), read_as=saved.read_as)


@bp.put("/attempts/<attempt_id>/questions/<int(max=999):position>/flag")
def flag(attempt_id: str, position: int) -> Response | tuple[Response, int]:
    """Mark a question to come back to, or take the mark away."""
    learner_id, moment = _learner_id(), _now()
    flagged = _document().get("flagged")
    if not isinstance(flagged, bool):
        raise BadRequest
    try:
        with _database().writing() as writer:
            answering.flag(writer, learner_id, attempt_id, position, flagged=flagged, now=moment)
    except (TimeIsUp, AlreadyFinished) as error:
        return _conflict(error, learner_id)
    return jsonify(flagged=flagged)


@bp.get("/attempts/<attempt_id>/time")
def time(attempt_id: str) -> Response:
    """The server's time, and what is left by it."""
    learner_id, moment = _learner_id(), _now()
    with _database().reading() as reader:
        attempt = attempts.of_learner(reader, learner_id, attempt_id)
        if attempt is None:
            raise NotFound
        clock = attempts.clock_of(attempt)
        over = attempt.state != "open" or clock.is_over(moment)
        return jsonify(
            now=moment.isoformat(),
            seconds_left=clock.seconds_left(moment),
            deadline=clock.deadline.isoformat() if clock.deadline else None,
            reason=attempt.deadline_reason,
            over=over,
        )


@bp.get("/session")
def session_state() -> Response:
    """Whether this browser is signed in, and the token that its next request needs."""
    signed_in = bool(current_user.is_authenticated)
    return jsonify(
        signed_in=signed_in,
        learner=current_user.id if signed_in else None,
        csrf_token=generate_csrf(),
    )


def _conflict(error: QuizError, learner_id: int) -> tuple[Response, int]:
    """409 with the reason; a stale page is given the newer answer, which is the learner's own."""
    if isinstance(error, TimeIsUp):
        _settle(learner_id)
    body: dict[str, Any] = {"error": CONFLICTS[type(error)], "message": str(error)}
    if isinstance(error, ChangedElsewhere):
        body |= {"sequence": error.number, "answer": error.submission}
    return jsonify(body), 409


def _settle(learner_id: int) -> None:
    """End what is over; where its answers cannot be run just now, the next page does it."""
    moment = _now()
    with suppress(Overloaded):
        with _database().reading() as reader:
            finishing.rehearse_due(reader, learner_id, now=moment)
        with _database().writing() as writer:
            finishing.settle(writer, learner_id, now=moment)


def _database() -> Database:
    database: Database = current_app.extensions["quizapp_database"]
    return database


def _now() -> Any:
    return current_app.config["CLOCK"]()


def _credential() -> Credential:
    """Who this browser says it is.  The save's own statement checks it."""
    who = sign_ins.credential(session.get(COOKIE_KEY))
    if who is None:
        raise Unauthorized
    return who


def _learner_id() -> int:
    if not current_user.is_authenticated:
        raise Unauthorized
    learner_id: int = current_user.id
    return learner_id


def _document() -> dict[str, Any]:
    if (request.content_length or 0) > MAX_BODY:
        raise UnreadableAnswer("That answer is too long to be read.")
    try:
        sent = request.get_json(silent=True)
    except RecursionError:
        raise BadRequest from None
    if not isinstance(sent, dict):
        raise BadRequest
    return sent


def _submission(sent: dict[str, Any]) -> dict[str, list[str]]:
    answer = sent.get("answer")
    if not isinstance(answer, dict):
        raise BadRequest
    for values in answer.values():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise BadRequest
    return answer


def _sequence(sent: dict[str, Any]) -> int:
    sequence = sent.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 < sequence < 10_000_000:
        raise BadRequest
    return sequence


def _confidence(sent: dict[str, Any]) -> Confidence | None:
    value = sent.get("confidence")
    try:
        return None if value is None else Confidence(value)
    except ValueError:
        raise BadRequest from None
