"""Building quizzes: a form over a blueprint, what it covers, a sample, and its status."""

import re
import secrets

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from quizapp.db.models import Quiz
from quizapp.domain.documents import read_quiz
from quizapp.domain.errors import Refused
from quizapp.domain.problems import Place
from quizapp.domain.quizzes import Blueprint, Weights
from quizapp.queries import own_quizzes
from quizapp.queries import quizzes as stored
from quizapp.queries.curriculum import curriculum
from quizapp.services import quizzes
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.teach import quiz_choices
from quizapp.web.teach.blueprint import ID, bp
from quizapp.web.teach.forms import show
from quizapp.web.teach.quiz_form import EMPTY_ROWS, QuizForm, values_of
from quizapp.web.teach.set_pages import asked_seed
from quizapp.web.teach.slugs import slug

TOKEN = re.compile(r"[0-9a-f]{8}")


@bp.route("/quizzes/new", methods=["GET", "POST"])
def new_quiz() -> ResponseReturnValue:
    """A new quiz, perhaps from a set; kept as a draft."""
    if request.method == "GET":
        form = QuizForm(data=quiz_choices.beginning(reading(), actor(), request.args.get("set")))
        form.token.data = secrets.token_hex(4)
        form.add_rows(EMPTY_ROWS)
        return _page(form, None)
    form = QuizForm()
    if not TOKEN.fullmatch(form.token.data or ""):
        form.token.data = secrets.token_hex(4)
    blueprint = _judged(form, f"{slug(form.title.data or '', 'quiz')}-{form.token.data}")
    if blueprint is None:
        return _page(form, None)
    try:
        with writing() as session:
            row = quizzes.create(session, actor(), blueprint, now=now())
    except Refused as error:
        return _refused(form, None, error)
    flash("Saved as a draft. Look at what learners get, then publish.", "success")
    return redirect(url_for("teach.edit_quiz", quiz_id=row.id))


@bp.route(f"/quizzes/<{ID}:quiz_id>", methods=["GET", "POST"])
def edit_quiz(quiz_id: int) -> ResponseReturnValue:
    """A quiz and its rules.  A change reaches new attempts only."""
    row = own_quizzes.editable(reading(), actor(), quiz_id)
    if request.method == "GET":
        form = QuizForm(data=values_of(stored.blueprint_of(row)))
        form.add_rows(EMPTY_ROWS)
        return _page(form, row)
    form = QuizForm()
    blueprint = _judged(form, row.uid)
    if blueprint is None:
        return _page(form, row)
    try:
        with writing() as session:
            quizzes.change(session, actor(), quiz_id, blueprint, now=now())
    except Refused as error:
        return _refused(form, row, error)
    flash("Saved. Attempts that are running keep the rules they began with.", "success")
    return redirect(url_for("teach.edit_quiz", quiz_id=quiz_id))


@bp.post(f"/quizzes/<{ID}:quiz_id>/publish")
def publish_quiz(quiz_id: int) -> ResponseReturnValue:
    try:
        with writing() as session:
            row = quizzes.publish(session, actor(), quiz_id, now=now())
    except Refused as error:
        place = re.fullmatch(r"items\.(\d+)", error.field)
        where = f"Row {int(place[1]) + 1}: " if place else ""
        flash(f"Not published. {where}{error}", "error")
    else:
        flash(f"Published: {row.title}. Learners can start it now, within its opening times.", "success")
    return redirect(url_for("teach.edit_quiz", quiz_id=quiz_id))


@bp.post(f"/quizzes/<{ID}:quiz_id>/retire")
def retire_quiz(quiz_id: int) -> ResponseReturnValue:
    with writing() as session:
        row = quizzes.retire(session, actor(), quiz_id, now=now())
    flash(f"Retired: {row.title}. Running attempts go on; you can publish it again.", "success")
    return redirect(url_for("teach.edit_quiz", quiz_id=quiz_id))


@bp.get(f"/quizzes/<{ID}:quiz_id>/preview")
def preview_quiz(quiz_id: int) -> ResponseReturnValue:
    """A sample of what a learner would get.  Nothing is written."""
    session = reading()
    row = own_quizzes.editable(session, actor(), quiz_id)
    blueprint = stored.blueprint_of(row)
    seed = asked_seed()
    assembly = quizzes.sample(session, blueprint, seed)
    slots = quiz_choices.shown_slots(session, assembly)
    by_points = blueprint.marking.weights is Weights.POINTS
    return render_template(
        "teach/preview_quiz.html",
        quiz=row,
        blueprint=blueprint,
        seed=seed,
        missing=assembly.missing,
        slots=slots,
        makeup=quiz_choices.makeup(slots, curriculum(session), by_points=by_points),
    )


def _judged(form: QuizForm, uid: str) -> Blueprint | None:
    """What was typed as a blueprint; None where it is not to be saved: more rows, or problems."""
    if request.form.get("do") in quiz_choices.ROW_BUTTONS:
        quiz_choices.press(reading(), actor(), form, request.form["do"])
        return None
    if not form.validate_on_submit():
        return None
    blueprint, problems = read_quiz(form.document(uid), Place("quiz", {}))
    if blueprint is not None:
        problems = list(quizzes.item_problems(reading(), actor(), blueprint))
    form.tell(problems)
    return None if problems else blueprint


def _refused(form: QuizForm, row: Quiz | None, error: Refused) -> ResponseReturnValue:
    field = form.field_of(error.field, "")
    if field is None:
        form.form_errors.append(str(error))
    else:
        show(field, str(error))
    return _page(form, row)


def _page(form: QuizForm, row: Quiz | None) -> ResponseReturnValue:
    session = reading()
    quiz_choices.offer(session, actor(), form)
    saved = stored.blueprint_of(row) if row else None
    page = render_template(
        "teach/quiz.html",
        form=form,
        quiz=row,
        blueprint=saved,
        coverage=quizzes.coverage(session, saved) if saved else [],
        words=quiz_choices.item_words(session, actor(), saved) if saved else [],
    )
    return page, 422 if form.told() else 200
