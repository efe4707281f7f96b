"""Error pages: what happened, and what to do now.  The player gets the same as JSON."""

import secrets
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadHost, HTTPException

from quizapp.db.engine import DatabaseBusy, DatabaseDown, failure_of
from quizapp.domain.errors import NotAllowed, NotAvailable, NotFound, NotReleased, Overloaded, QuizError

log = structlog.get_logger()

WORDS = {
    400: ("That request could not be read", "Go back, reload the page and try again."),
    401: ("Please sign in", "Sign in, and you come back to where you were."),
    403: ("That is not available", "Go back to the start page."),
    404: ("There is nothing here", "The address may be mistyped, or the page is not yours to see."),
    405: ("That does not work here", "Go back and use the page's own buttons."),
    409: ("That changed meanwhile", "Go back, reload the page and look again."),
    413: ("That is too large", "Send a smaller file or a shorter text."),
    415: ("That kind of data is not understood", "Go back and use the page's own form."),
    422: ("That could not be accepted", "Go back and look at the fields again."),
    429: ("Too many tries", "Wait a little, then try again."),
    500: (
        "Something broke on our side",
        "Nothing you did. Try again; if it stays, tell us the number below.",
    ),
    503: ("Not saved: the server is busy", "Nothing was changed. Wait a few seconds and send it again."),
}
REFUSALS: dict[type[QuizError], int] = {
    NotFound: 404,
    NotAllowed: 404,
    NotReleased: 403,
    NotAvailable: 409,
}
RETRY_SECONDS = "2"


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(QuizError, _refused)
    app.register_error_handler(Overloaded, _overloaded)
    app.register_error_handler(DatabaseBusy, _unavailable)
    app.register_error_handler(DatabaseDown, _unavailable)
    app.register_error_handler(SQLAlchemyError, _failed)
    app.register_error_handler(Exception, _broken)


def request_id() -> str:
    """This request's number, in the log and on the error page."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    number: str = g.request_id
    return number


def wants_json() -> bool:
    return request.path.startswith("/api/") or request.is_json


def page(status: int, message: str = "") -> Response:
    """An error as a page, or as JSON for the player."""
    title, advice = WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    if wants_json():
        response = jsonify(error=title, message=message or advice, request_id=request_id())
    else:
        if status >= 500:
            # Every template gets who is asking, and looking that up may be what failed.
            g._login_user = AnonymousUserMixin()  # noqa: SLF001  # there is no other way to say so
        response = make_response(
            render_template(
                "errors/error.html",
                code=status,
                title=title,
                message=message,
                advice=advice,
                request_id=request_id(),
            )
        )
    response.status_code = status
    return response


def _http(error: HTTPException) -> Response:
    if error.response is not None and error.code is None:
        return error.response  # type: ignore[return-value]  # an abort with its own response
    if isinstance(error, BadHost):
        return Response("That is no name of a host.", 400, mimetype="text/plain")  # a page needs one
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect, such as to a slash
    response = page(status, "" if status != 429 else "You tried that very often.")
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _refused(error: QuizError) -> Response:
    """A refusal that no view turned into something better.  What is not yours looks like nothing."""
    status = next((code for kind, code in REFUSALS.items() if isinstance(error, kind)), 422)
    return page(status, "" if status == 404 else str(error))


def _forged(error: CSRFError) -> Response:
    if wants_json() and not current_user.is_authenticated:
        return page(401)  # the player's session has ended, and its token with it
    return page(400, "This form was opened too long ago or in another session. Nothing was changed.")


def _unavailable(error: Exception) -> Response:
    kind = type(error).__name__
    log.warning("database_unavailable", request_id=request_id(), kind=kind, cause=str(error))
    return _try_again(page(503))


def _overloaded(error: Overloaded) -> Response:
    """The sandbox, not the database, has too much to do."""
    log.warning("sandbox_overloaded", request_id=request_id())
    return _try_again(page(503, str(error)))


def _try_again(response: Response) -> Response:
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _failed(error: SQLAlchemyError) -> Response:
    """A page's reads last until its end, so their failures come here as they are."""
    failure = failure_of(error)
    return _broken(error) if failure is None else _unavailable(failure)


def _broken(error: Exception) -> Response:
    """A bug.  The log has it all; the page has a number, and no word of what happened."""
    log.exception(
        "unhandled", request_id=request_id(), path=quote(request.path), method=quote(request.method)
    )
    return page(500)
