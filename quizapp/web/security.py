"""Headers of every response, and the nonce that lets a page's own scripts run."""

import secrets

from flask import Flask, Response, abort, g, request
from flask_login import current_user

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"
)
UPLOADS = frozenset({"teach.upload", "teach.replace"})
IMPORTS = frozenset({"teach.import_file"})
MAX_IMPORT_BYTES = 66 * 1024 * 1024
"""A little more than an import may be, so that a file which is too large is refused beside its field."""
MAX_FORM_BYTES = 256 * 1024
"""Room for the longest answer and the longest quiz, however they are encoded."""

PICTURES = frozenset({"taking.add_picture", "teach.add_image"})
"""Where learners send a picture with a form.  What is read in vain is little more than what is taken,
and a picture that is somewhat too large is refused beside its field."""
MAX_PICTURE_BYTES = 12 * 1024 * 1024

EDITORS = frozenset(
    {
        "teach.new_question",
        "teach.edit_question",
        "teach.editor_preview",
        "teach.save_draft",
        "teach.drop_draft",
    }
)
"""Where a whole question is sent, with hundreds of fields.  Only `multipart/form-data` may have so many: its
parts are counted while they are read."""
MAX_EDITED_BYTES, MAX_EDITED_FIELDS = 1024 * 1024, 4_100

KEPT = frozenset({"taking.picture", "images.show"})
NO_PAGE = "default-src 'none'; frame-ancestors 'none'; sandbox"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def init_app(app: Flask) -> None:
    app.before_request(_limit_body)
    app.before_request(_refuse_nul)
    app.after_request(_add_headers)
    app.context_processor(lambda: {"csp_nonce": csp_nonce()})


def _limit_body() -> None:
    """Only a file may be large, and only from those who may send one.

    A form of many megabytes takes seconds to read, so this comes before whatever reads it.
    """
    if request.endpoint in PICTURES and current_user.is_authenticated:
        request.max_content_length = MAX_PICTURE_BYTES
    elif request.endpoint in EDITORS and _is_of_parts() and getattr(current_user, "may_teach", False):
        request.max_content_length, request.max_form_parts = MAX_EDITED_BYTES, MAX_EDITED_FIELDS
    elif request.endpoint in IMPORTS and getattr(current_user, "may_teach", False):
        request.max_content_length = MAX_IMPORT_BYTES
    elif request.endpoint not in UPLOADS or not getattr(current_user, "may_teach", False):
        request.max_content_length = MAX_FORM_BYTES


def _is_of_parts() -> bool:
    return request.mimetype == "multipart/form-data"


def _refuse_nul() -> None:
    """No address of ours holds a NUL, and PostgreSQL cannot even be asked for one."""
    if "\x00" in request.path:
        abort(404)


def csp_nonce() -> str:
    """This response's nonce."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _add_headers(response: Response) -> Response:
    response.headers.extend(HEADERS)
    policy = POLICY.format(nonce=csp_nonce()) if response.mimetype == "text/html" else NO_PAGE
    response.headers["Content-Security-Policy"] = policy
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static_files.file" or response.status_code >= 400:
        kept = request.endpoint in KEPT and response.status_code < 400
        # A browser may keep a picture, but asks each time whether it may still show it.
        response.headers["Cache-Control"] = "private, no-cache" if kept else "no-store"
        response.vary.add("Cookie")
    return response
