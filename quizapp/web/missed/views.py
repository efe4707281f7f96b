"""The inbox of missed questions, and practising them again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug import Response

from quizapp.domain.errors import NotAvailable
from quizapp.queries import missed, revisions
from quizapp.queries.curriculum import curriculum
from quizapp.services import composing
from quizapp.services.starting import Started
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.filters import plural
from quizapp.web.missed.forms import PractiseForm
from quizapp.web.settling import instead_of_results, settle_mine, settled

bp = Blueprint("missed", __name__, template_folder="templates")

PAGE = 25
LAST_PAGE = 10_000
STARTS = "60 per hour"


@bp.get("/missed")
@login_required
def inbox() -> str:
    """The questions whose last result was not right: the sure misses first, then the newest."""
    settle_mine()
    session, learner_id = reading(), actor().id
    counts = missed.by_topic(session, learner_id)
    wanted = request.args.get("topic", "")
    topic = wanted if wanted in counts else ""
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    rows = missed.inbox(session, learner_id, topic=topic, limit=PAGE + 1, offset=(page - 1) * PAGE)
    shown = rows[:PAGE]
    waiting = counts[topic] if topic else sum(counts.values())
    return render_template(
        "missed/inbox.html",
        missed=list(zip(shown, revisions.asked_in(session, shown), strict=True)),
        counts=counts,
        topic=topic,
        page=page,
        has_next=len(rows) > PAGE,
        waiting=waiting,
        curriculum=curriculum(session),
        form=PractiseForm.fresh(topic=topic, waiting=waiting),
    )


@bp.post("/missed/practise")
@login_required
def practise() -> Response:
    """Start a review of questions from the inbox."""
    form = PractiseForm()
    if not form.validate_on_submit():
        flash("That could not be read, so nothing was started. Choose how many and try again.", "error")
        return redirect(url_for(".inbox"), 303)
    limits.hit("start", str(actor().id), STARTS)
    settle_mine()
    try:
        with writing() as session:
            started = composing.review_of_missed(
                session,
                actor(),
                topic=form.topic.data,
                count=form.count.data,
                token=str(form.token.data),
                now=now(),
            )
    except NotAvailable as refusal:
        flash(str(refusal), "info")
        return redirect(url_for(".inbox"), 303)
    return _go_on(started)


@bp.post("/attempts/<attempt_id>/practise-missed")
@login_required
def practise_attempt(attempt_id: str) -> Response | tuple[str, int]:
    """Start a review of what was missed in one attempt; while one runs, go on with it."""
    attempt = settled(attempt_id)
    closed = instead_of_results(attempt)
    if closed is not None:
        return closed
    limits.hit("start", str(actor().id), STARTS)
    try:
        with writing() as session:
            started = composing.review_of_attempt(session, actor(), attempt_id, now=now())
    except NotAvailable as refusal:
        flash(str(refusal), "info")
        return redirect(url_for("results.result", attempt_id=attempt_id), 303)
    return _go_on(started)


@bp.post("/attempts/<attempt_id>/questions/<int(max=999):position>/sibling")
@login_required
def sibling(attempt_id: str, position: int) -> Response:
    """Ask another variant of a question; while one runs, go on with it."""
    limits.hit("start", str(actor().id), STARTS)
    settle_mine()
    try:
        with writing() as session:
            started = composing.sibling(session, actor(), attempt_id, position, now=now())
    except NotAvailable as refusal:
        flash(str(refusal), "info")
        return redirect(url_for("taking.resume", attempt_id=attempt_id), 303)
    return _go_on(started)


def _go_on(started: Started) -> Response:
    if started.missing:
        flash(f"{plural(started.missing, 'question')} left out: a running exam asks them too.", "info")
    return redirect(url_for("taking.resume", attempt_id=started.attempt_id), 303)
