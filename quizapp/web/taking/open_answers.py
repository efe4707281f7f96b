"""What belongs to answers that people score: diagrams, and scoring oneself in practice."""

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, request, url_for
from flask_login import login_required
from werkzeug import Response

from quizapp.domain.errors import (
    AlreadyChecked,
    AlreadyFinished,
    AnswersAreClosed,
    ChangedElsewhere,
    Overloaded,
    Refused,
    TimeIsUp,
    UnreadableAnswer,
)
from quizapp.queries import pictures as stored
from quizapp.sandbox.pictures import Redrawn, drawn_anew
from quizapp.services import finishing, pictures, scoring
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.scoring import sent_levels
from quizapp.web.taking.answer_form import AnswerForm, sent_form
from quizapp.web.taking.blueprint import bp
from quizapp.web.taking.pages import sitting_of
from quizapp.web.taking.question_page import Problem, question_page

PICTURES = "60 per hour"
MOST_BYTES = 5 * 1024 * 1024
CLOSED = (TimeIsUp, AlreadyFinished, AnswersAreClosed, AlreadyChecked)


@bp.post("/attempts/<attempt_id>/questions/<int(max=999):position>/images")
@login_required
def add_picture(attempt_id: str, position: int) -> str | Response | tuple[str, int]:
    """Save the answer of the page with one more diagram."""
    form = sent_form()
    sitting = sitting_of(attempt_id)
    sitting.slot(position)  # 404 where there is none
    back = redirect(url_for(".question", attempt_id=attempt_id, position=position, _anchor="picture"))
    if not sitting.is_open or sitting.slot(position).checked or sitting.in_grace:
        flash("Answers can no longer be changed, so nothing was added.", "warning")
        return back
    try:
        pictures.require_room(reading(), actor().id, attempt_id, position)
        _add(form, attempt_id, position, _drawn())
    except CLOSED as error:
        flash(str(error), "warning")
    except (UnreadableAnswer, ChangedElsewhere) as error:
        return question_page(sitting_of(attempt_id), position, form, error)
    except (Refused, Overloaded) as error:
        return question_page(sitting_of(attempt_id), position, form, problem=Problem(picture=str(error)))
    return back


def _drawn() -> Redrawn:
    """The picture that was sent, drawn anew."""
    limits.hit("picture", str(actor().id), PICTURES)
    sent = request.files.get("picture")
    data = sent.read(MOST_BYTES + 1) if sent else b""
    if len(data) > MOST_BYTES:
        raise Refused("This file is larger than 5 MB. Make the picture smaller first.")
    return drawn_anew(data, (sent.filename or "") if sent else "")


def _add(form: AnswerForm, attempt_id: str, position: int, picture: Redrawn) -> None:
    with writing() as session:
        pictures.add(
            session,
            actor().id,
            attempt_id,
            position,
            form.submission,
            picture,
            number=form.sequence + 1,
            confidence=form.confidence,
            now=now(),
        )


@bp.get("/images/<picture_id>")
@login_required
def picture(picture_id: str) -> FlaskResponse:
    """A diagram, for the learner who drew it and the instructor who scores it."""
    found = stored.shown(reading(), actor(), picture_id)
    response = make_response(found.data)
    response.content_type = found.media_type
    ending = found.media_type.partition("/")[2]
    response.headers["Content-Disposition"] = f'inline; filename="diagram.{ending}"'
    response.set_etag(found.sha256)
    response.make_conditional(request)
    return response


@bp.post("/attempts/<attempt_id>/questions/<int(max=999):position>/score")
@login_required
def score(attempt_id: str, position: int) -> str | Response | tuple[str, int]:
    """Score an own answer that was checked in practice."""
    given = sent_levels()
    sitting = sitting_of(attempt_id)
    finishing.rehearse_due(reading(), actor().id, now=now())
    try:
        with writing() as session:
            scoring.score_own(session, actor().id, attempt_id, position, given, now=now())
    except Refused as error:
        if not sitting.is_open:
            flash(str(error), "error")
            return redirect(_place(attempt_id, position, is_open=False))
        problem = Problem(score=(error.field, str(error)), given=given)
        return question_page(sitting, position, problem=problem)
    flash("Your score is saved. You can change it.", "success")
    return redirect(_place(attempt_id, position, is_open=sitting.is_open))


def _place(attempt_id: str, position: int, *, is_open: bool) -> str:
    if is_open:
        return url_for(".question", attempt_id=attempt_id, position=position)
    return url_for("results.review", attempt_id=attempt_id, at=position, _anchor=f"q{position}")
