"""Taking a set away as a file of another system: what it cannot carry is told before the download."""

from collections import defaultdict

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from quizapp.formats import Limit, Written, writable
from quizapp.queries import sets as stored
from quizapp.services import exports
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.database import reading
from quizapp.web.teach.blueprint import ID, bp
from quizapp.web.teach.slugs import slug

RATE = "120 per hour"


@bp.get(f"/sets/<{ID}:set_id>/export")
def export(set_id: int) -> ResponseReturnValue:
    """Choose a format, and read what it cannot carry of this set."""
    row = stored.visible(reading(), actor(), set_id)
    key = request.args.get("format", "")
    written = _written(set_id, key) if key in writable() else None
    return render_template(
        "teach/export.html",
        set=row,
        formats=sorted(writable().values(), key=lambda each: each.title.lower()),
        key=key,
        written=written,
        limits=_by_question(written.limits) if written else {},
        total=len(exports.documents_of(reading(), row)),
    )


@bp.get(f"/sets/<{ID}:set_id>/export/file")
def export_file(set_id: int) -> Response:
    """The file itself."""
    row = stored.visible(reading(), actor(), set_id)
    key = request.args.get("format", "")
    if key not in writable():
        abort(404)
    written = _written(set_id, key)
    response = Response(written.data, content_type=written.media_type)
    name = f"{slug(row.title)}{written.suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _written(set_id: int, key: str) -> Written:
    limits.hit("export", str(actor().id), RATE)
    return exports.written(reading(), [stored.visible(reading(), actor(), set_id)], key)


def _by_question(told: tuple[Limit, ...]) -> dict[str, list[Limit]]:
    found: defaultdict[str, list[Limit]] = defaultdict(list)
    for limit in told:
        found[limit.question].append(limit)
    return dict(found)
