"""The start page of those who teach, and granting extra time.  The other pages have files of their own."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from quizapp.domain.accounts import name_key
from quizapp.queries import accounts, own_quizzes, quizzes, scoring, sets
from quizapp.queries.curriculum import curriculum
from quizapp.services import extra_time as granting
from quizapp.services import finishing
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.teach import (
    bulk_pages,
    edit_beside,
    edit_pages,
    export_pages,
    history_pages,
    import_pages,
    library_pages,
    quiz_pages,
    scoring_pages,
    set_pages,
    upload_pages,
)
from quizapp.web.teach.blueprint import bp
from quizapp.web.teach.forms import TIMES, ExtraTimeForm, show

__all__ = [
    "bp",
    "bulk_pages",
    "edit_beside",
    "edit_pages",
    "export_pages",
    "history_pages",
    "import_pages",
    "library_pages",
    "quiz_pages",
    "scoring_pages",
    "set_pages",
    "upload_pages",
]


@bp.get("")
def index() -> ResponseReturnValue:
    """Own sets, what colleagues handed in, own quizzes, shared sets."""
    session = reading()
    made = [(row, quizzes.blueprint_of(row)) for row in own_quizzes.own(session, actor())]
    return render_template(
        "teach/index.html",
        own=sets.own(session, actor()),
        waiting=sets.waiting(session, actor()),
        shared=sets.shared(session, actor()),
        quizzes=made,
        to_score=scoring.how_many_await(session, actor()),
        curriculum=curriculum(session),
    )


@bp.route("/extra-time", methods=["GET", "POST"])
def extra_time() -> ResponseReturnValue:
    """Give a learner more time, in running attempts too.  No page lists learners."""
    form = ExtraTimeForm()
    if not form.validate_on_submit():
        return render_template("teach/extra_time.html", form=form), 422 if form.errors else 200
    account = accounts.by_key(reading(), name_key(form.name.data or ""))
    if account is None:
        show(form.name, "There is no account with this name. Names are written exactly as at the sign-in.")
        return render_template("teach/extra_time.html", form=form), 422
    finishing.rehearse_due(reading(), account.id, now=now())
    with writing() as session:
        running = granting.grant(session, account.id, form.chosen_percent, now=now())
    words = TIMES[form.percent.data]
    also = f" Running quizzes changed: {running}." if running else ""
    flash(f"{account.name}: {words[:1].lower()}{words[1:]}, from now on.{also}", "success")
    return redirect(url_for("teach.extra_time"))
