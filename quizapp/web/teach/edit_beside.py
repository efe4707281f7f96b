"""What the editor asks for without leaving its page: the preview, unfinished edits, pictures."""

from flask import jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import escape

from quizapp.domain.errors import Overloaded, Refused
from quizapp.services import drafts, images
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import writing
from quizapp.web.teach.blueprint import ID, bp
from quizapp.web.teach.edit_form import FORM, EditForm
from quizapp.web.teach.edit_pages import Desk, desk_at
from quizapp.web.teach.edit_preview import preview
from quizapp.web.teach.forms import file_name

PICTURES = "60 per hour"
MOST_ALT = 500


@bp.post(f"/sets/<{ID}:set_id>/questions/preview")
def editor_preview(set_id: int) -> ResponseReturnValue:
    """The form as learners would get it, as a piece of a page.  Nothing is kept."""
    desk = _desk(set_id)
    form = EditForm.sent(desk.kind)
    seen = preview(form, desk.uid, desk.before(form.base), request.form.get("do", ""))
    if request.accept_mimetypes.best == "application/json":
        return jsonify(
            complete=seen.shown is not None,
            problems=[{"field": told.name, "message": told.message, "line": told.line} for told in seen.told],
            advice=[
                {"field": each.name, "code": each.code, "message": each.message, "reason": each.reason}
                for each in seen.advice
            ],
        )
    return render_template("teach/edit_preview.html", preview=seen, desk=desk)


@bp.route(f"/sets/<{ID}:set_id>/questions/draft", methods=["POST", "PUT"])
def save_draft(set_id: int) -> ResponseReturnValue:
    """Keep what was typed; where it says what the question says, there is nothing to keep."""
    desk = _desk(set_id)
    form = EditForm.sent(desk.kind)
    is_same = _says_the_same(desk, form)
    with writing() as session:
        if is_same:
            drafts.drop(session, actor(), desk.key)
        else:
            drafts.keep(session, actor(), desk.key, form.typed(), base=form.base, now=now())
    return jsonify(kept=not is_same, saved_at=now().isoformat())


@bp.post(f"/sets/<{ID}:set_id>/questions/draft/drop")
def drop_draft(set_id: int) -> ResponseReturnValue:
    """Forget what was typed, and begin again with the question as it stands."""
    desk = _desk(set_id)
    with writing() as session:
        drafts.drop(session, actor(), desk.key)
    return redirect(desk.address)


@bp.route("/images", methods=["GET", "POST"])
def add_image() -> ResponseReturnValue:
    """A picture for a text: it is drawn anew and kept, and the answer is what to write into the text."""
    if request.method == "GET":
        return render_template("teach/edit_image.html")
    alt = " ".join(request.form.get("alt", "").replace("\x00", "").split())
    try:
        address = _kept_picture(alt)
    except (Refused, Overloaded) as error:
        if _wants_json():
            return jsonify(message=str(error), field=getattr(error, "field", "")), 422
        return render_template("teach/edit_image.html", problem=error, alt=alt), 422
    kept = {"address": address, "markdown": _markdown(alt, address), "html": _html(alt, address), "alt": alt}
    return jsonify(kept) if _wants_json() else render_template("teach/edit_image.html", kept=kept)


def _kept_picture(alt: str) -> str:
    if not alt or len(alt) > MOST_ALT:
        raise Refused("Say in a few words what the picture shows, for those who cannot see it.", "alt")
    limits.hit("picture", str(actor().id), PICTURES)
    sent = request.files.get("picture")
    data = sent.read(images.MOST_UPLOADED + 1) if sent else b""
    if not data:
        raise Refused("Choose a picture.", "picture")
    drawn = images.draw(data, file_name((sent.filename if sent else "") or ""))
    with writing() as session:
        return images.keep(session, actor(), drawn, now=now())


def _desk(set_id: int) -> Desk:
    return desk_at(set_id, request.args.get("uid"), request.args.get("type"))


def _says_the_same(desk: Desk, form: EditForm) -> bool:
    """Whether the form holds exactly what the question says now, as right after it was saved."""
    if desk.question is None or form.mode != FORM:
        return False
    before = desk.before(desk.question.revision)
    form.judged(desk.uid, before)
    return form.document == before


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _markdown(alt: str, address: str) -> str:
    safe = alt.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return f"![{safe}]({address})"


def _html(alt: str, address: str) -> str:
    return f'<img src="{address}" alt="{escape(alt)}">'
