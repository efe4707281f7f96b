"""Pictures inside questions, for everybody who is signed in: nobody can guess a name they were not shown."""

from flask import Blueprint, Response, abort, request
from flask_login import login_required

from quizapp.queries import images
from quizapp.web.database import reading
from quizapp.web.markup import OWN_IMAGE

bp = Blueprint("images", __name__, url_prefix="/figures")


@bp.get("/<name>")
@login_required
def show(name: str) -> Response:
    """A picture, which never changes under its name."""
    if OWN_IMAGE.fullmatch(request.path) is None:
        abort(404)
    row = images.shown(reading(), name)
    response = Response(row.data, content_type=row.media_type)
    response.set_etag(row.sha256)
    response.headers["Content-Disposition"] = "inline"
    return response.make_conditional(request)  # type: ignore[return-value]  # it returns itself
