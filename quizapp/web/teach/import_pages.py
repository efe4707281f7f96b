"""Importing a file: it is read and shown first, question by question, and kept by a second press."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from quizapp.domain.errors import Refused
from quizapp.domain.imports import Imported, Outcome
from quizapp.domain.texts import text_of
from quizapp.formats import readable
from quizapp.queries import sets as stored
from quizapp.queries.curriculum import curriculum
from quizapp.services import imports
from quizapp.services.import_reading import Request, answer_of_child, from_bytes
from quizapp.services.imports import Intended
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.filters import plural
from quizapp.web.markup import plain_text
from quizapp.web.teach.blueprint import bp
from quizapp.web.teach.import_form import FileForm, KeepForm, ReadingForm, column_options, column_rows

ON_A_PAGE = 100
RATE = "60 per hour"
SHOWN = {"": "All", "remarks": "With remarks", "opaque": "Kept, not askable", "dropped": "Dropped"}


@dataclass(frozen=True, slots=True)
class Row:
    """A question of a file, as the page lists it."""

    imported: Imported
    words: str


@bp.route("/import", methods=["GET", "POST"])
def import_file() -> ResponseReturnValue:
    """Choose a file; it is read at once, and nothing is kept but for its author to decide about."""
    form = FileForm()
    form.offer(curriculum(reading()))
    content = form.content() if form.validate_on_submit() else None
    if content is None:
        return render_template("teach/import.html", form=form), 422 if form.is_submitted() else 200
    data, name = content
    asked = Request(data, name, form.format.data or "", form.topic.data or "")
    return _read(asked, "")


@bp.get("/import/<pending_id>")
def show_import(pending_id: str) -> ResponseReturnValue:
    """What was read, question by question, and what keeping it would change."""
    return _page(pending_id)


@bp.post("/import/<pending_id>")
def decide_import(pending_id: str) -> ResponseReturnValue:
    """Read the file another way, keep what was read, or let it go."""
    row = imports.pending(reading(), actor(), pending_id)
    match request.form.get("do"):
        case "read":
            form = ReadingForm()
            form.offer(curriculum(reading()))
            if not form.validate():
                return _page(pending_id, reading_form=form)
            columns = from_bytes(row.answer).imported.columns
            options = column_options(request.form, columns) if columns else {}
            asked = Request(row.data, row.file_name, form.format.data or "", form.topic.data or "", options)
            return _read(asked, pending_id)
        case "save":
            return _keep(pending_id)
        case _:
            with writing() as session:
                imports.forget(session, actor(), pending_id)
            flash("The file was let go. Nothing was imported.", "info")
            return redirect(url_for("teach.import_file"))


def _read(asked: Request, pending_id: str) -> ResponseReturnValue:
    """Read a file in a child, and remember what came of it until its author has decided."""
    limits.hit("import", str(actor().id), RATE)
    answer = answer_of_child(asked)
    with writing() as session:
        pending_id = imports.remember(session, actor(), asked, answer, now=now(), pending_id=pending_id)
    return redirect(url_for("teach.show_import", pending_id=pending_id))


def _keep(pending_id: str) -> ResponseReturnValue:
    read = from_bytes(imports.pending(reading(), actor(), pending_id).answer)
    form = KeepForm()
    if not form.validate():
        return _page(pending_id, keep_form=form)
    seen = form.fingerprint.data or ""
    try:
        with writing() as session:
            title = form.title.data or ""
            row, plan = imports.save(session, actor(), read, title=title, fingerprint=seen, now=now())
            set_id = row.id
            imports.forget(session, actor(), pending_id)
    except Refused as error:
        flash(str(error), "error")
        return _page(pending_id)
    if plan.does_nothing:
        flash("The set already says exactly what this file says, so nothing was changed.", "info")
    else:
        count = plural(len(plan.changes), "question")
        flash(f"Imported: {count}. Look at each as learners will, then publish.", "success")
    return redirect(url_for("teach.show_set", set_id=set_id))


def _page(
    pending_id: str, *, reading_form: ReadingForm | None = None, keep_form: KeepForm | None = None
) -> ResponseReturnValue:
    session = reading()
    row = imports.pending(session, actor(), pending_id)
    read = from_bytes(row.answer)
    which = request.args.get("show", "")
    chosen = _chosen(read.imported.questions, which)
    pages = max(1, -(-len(chosen) // ON_A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    refused, intention = "", None
    try:
        intention = imports.intended(session, actor(), read)
    except Refused as error:
        refused = str(error)
    keep = keep_form or KeepForm(formdata=None)
    if intention is not None:
        keep.fingerprint.data = intention.plan.fingerprint
        keep.title.data = keep.title.data or intention.upload.title
    columns = read.imported.columns
    body = render_template(
        "teach/import_report.html",
        pending=row,
        imported=read.imported,
        format=readable().get(read.imported.format),
        counts=[(outcome.value, read.imported.count(outcome)) for outcome in Outcome],
        rows=[Row(each, _words(each)) for each in chosen[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]],
        shown=SHOWN,
        which=which,
        page=page,
        pages=pages,
        pictures=len(read.pictures),
        refused=refused,
        intention=intention,
        updates=_updated(session, intention),
        reading_form=reading_form or _reading_form(session, row.options),
        keep_form=keep,
        columns=column_rows(columns, row.options["options"]) if columns else [],
        meanings=columns.meanings if columns else {},
    )
    return body, 422 if reading_form or keep_form else 200


def _updated(session: Any, intention: Intended | None) -> Any:
    """The set that the same file became earlier."""
    if intention is None or intention.set_id is None:
        return None
    return stored.editable(session, actor(), intention.set_id)


def _reading_form(session: Any, options: dict[str, Any]) -> ReadingForm:
    form = ReadingForm(formdata=None, data={"format": options["format"], "topic": options["topic"]})
    form.offer(curriculum(session))
    return form


def _chosen(questions: Sequence[Imported], which: str) -> list[Imported]:
    if which == "remarks":
        return [each for each in questions if each.diagnostics]
    if which in ("opaque", "dropped"):
        return [each for each in questions if each.outcome.value == which]
    return list(questions)


def _words(each: Imported) -> str:
    """How a question begins."""
    return plain_text(text_of(each.document, "stem"), 110) if each.document else ""
