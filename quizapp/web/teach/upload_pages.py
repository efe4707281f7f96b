"""Uploading a set: a dry run first, and nothing is written while a problem is left."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from quizapp.db.models import QuestionSet
from quizapp.domain.errors import Refused
from quizapp.queries import sets as stored
from quizapp.queries.curriculum import curriculum
from quizapp.services import sets, uploads
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.filters import plural
from quizapp.web.teach.blueprint import ID, bp
from quizapp.web.teach.forms import ReplaceForm, UploadForm, show
from quizapp.web.teach.reports import Report


@bp.route("/sets/new", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    """A new set: judged, and kept as a draft when nothing is wrong with it."""
    form = UploadForm()
    report = _judged(form) if form.validate_on_submit() else None
    if report is None or not report.is_clean:
        return _page("upload", form, report), 422 if form.is_submitted() else 200
    if request.form.get("do") == "check":
        return _page("upload", form, report)
    try:
        with writing() as session:
            row = sets.save_new(session, actor(), report.upload, now=now())
    except Refused as error:
        show(form.text, str(error))
        return _page("upload", form, None), 422
    if report.is_known:
        flash("You uploaded exactly this before, so nothing was changed.", "info")
    else:
        count = plural(len(report.upload.entries), "question")
        flash(f"Saved as a draft: {count}. Look at each as learners will, then publish.", "success")
    return redirect(url_for("teach.show_set", set_id=row.id))


@bp.route(f"/sets/<{ID}:set_id>/replace", methods=["GET", "POST"])
def replace(set_id: int) -> ResponseReturnValue:
    """A newer file for a set: first what it would change, then, by a second press, the change."""
    row = stored.editable(reading(), actor(), set_id)
    form = ReplaceForm()
    report = _judged(form, set_id) if form.validate_on_submit() else None
    if report is None or not report.is_clean:
        return _page("replace", form, report, row), 422 if form.is_submitted() else 200
    if request.form.get("do") != "apply":
        return _page("replace", form, report, row)
    try:
        with writing() as session:
            seen = form.fingerprint.data or ""
            sets.replace(session, actor(), set_id, report.upload, fingerprint=seen, now=now())
    except Refused as error:
        show(form.text, str(error))
        return _page("replace", form, report, row), 422
    flash("The set says what your file says.", "success")
    return redirect(url_for("teach.show_set", set_id=set_id))


def _judged(form: UploadForm, set_id: int | None = None) -> Report | None:
    """The report about what was sent; None where nothing was."""
    content = form.content()
    if content is None:
        return None
    data, name = content
    judgement = uploads.judge_in_child(data, name)
    plan = sets.plan(reading(), actor(), judgement.upload, set_id) if judgement.upload else None
    return Report.of(judgement, plan, name, str(form.text.data or ""))


def _page(which: str, form: UploadForm, report: Report | None, row: QuestionSet | None = None) -> str:
    if isinstance(form, ReplaceForm) and report is not None and report.plan is not None:
        form.fingerprint.data = report.plan.fingerprint
    return render_template(
        f"teach/{which}.html", form=form, report=report, set=row, curriculum=curriculum(reading())
    )
