"""Pages after the quiz: the history, a result, and the review of every answer."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug import Response

from quizapp.db.models import Attempt
from quizapp.domain.errors import Refused
from quizapp.domain.modes import quiz_modes
from quizapp.domain.quizzes import scores_oneself
from quizapp.queries import attempts, results
from quizapp.queries import scoring as scored
from quizapp.queries.curriculum import curriculum
from quizapp.services import finishing, scoring
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.results.history import entries_of
from quizapp.web.results.report import report_of
from quizapp.web.results.review import Problem, Wanted, review_of
from quizapp.web.scoring import sent_levels
from quizapp.web.settling import instead_of_results, settle_mine, settled

bp = Blueprint("results", __name__, template_folder="templates")

PAGE = 25
LAST_PAGE = 10_000


@bp.get("/attempts")
@login_required
def history() -> str:
    """The learner's attempts, newest first."""
    settle_mine()
    page = _page_number()
    found = attempts.history(reading(), actor().id, limit=PAGE + 1, offset=(page - 1) * PAGE)
    shown = found[:PAGE]
    awaiting = scored.counts(reading(), actor().id, [attempt.id for attempt in shown])
    return render_template(
        "results/history.html",
        entries=entries_of(shown, awaiting, now()),
        page=page,
        has_next=len(found) > PAGE,
    )


@bp.get("/attempts/<attempt_id>/result")
@login_required
def result(attempt_id: str) -> str | Response | tuple[str, int]:
    """What came of an attempt."""
    attempt = settled(attempt_id)
    closed = instead_of_results(attempt)
    if closed is not None:
        return closed
    slots = attempts.slots(reading(), actor().id, attempt_id)
    before = results.previous(reading(), attempt, now=now())
    report = report_of(attempt, slots, before, curriculum(reading()))
    return render_template(
        "results/result.html",
        report=report,
        attempt=attempt,
        mode=quiz_modes[attempt.mode],
        first_awaiting=next((slot.position for slot in slots if slot.awaits_score), None),
    )


@bp.get("/attempts/<attempt_id>/review")
@login_required
def review(attempt_id: str) -> str | Response | tuple[str, int]:
    """Every question of an attempt with the given answer, the right one and the reasons."""
    attempt = settled(attempt_id)
    closed = instead_of_results(attempt)
    if closed is not None:
        return closed
    return _review_page(attempt, _wanted())


@bp.post("/attempts/<attempt_id>/review/<int(max=999):position>/score")
@login_required
def score(attempt_id: str, position: int) -> str | Response | tuple[str, int]:
    """Score an own answer against its rubric."""
    attempt = settled(attempt_id)
    closed = instead_of_results(attempt)
    if closed is not None:
        return closed
    given = sent_levels()
    finishing.rehearse_due(reading(), actor().id, now=now())
    try:
        with writing() as session:
            scoring.score_own(session, actor().id, attempt_id, position, given, now=now())
    except Refused as error:
        problem = Problem(position, (error.field, str(error)), given)
        return _review_page(attempt, Wanted(at=position), problem), 422
    flash("Your score is saved. You can change it.", "success")
    return redirect(url_for(".review", attempt_id=attempt_id, at=position, _anchor=f"q{position}"))


def _review_page(attempt: Attempt, wanted: Wanted, problem: Problem | None = None) -> str:
    page = review_of(reading(), attempt, wanted)
    return render_template(
        "results/review.html",
        attempt=attempt,
        problem=problem,
        scores_oneself=scores_oneself(attempt.blueprint),
        review=page,
        chosen=page.chosen,
        filters=page.chosen.filters,
        curriculum=curriculum(reading()),
    )


def _wanted() -> Wanted:
    return Wanted(
        show=request.args.get("show", "all"),
        topic=request.args.get("topic", ""),
        page=_page_number(),
        at=request.args.get("at", 0, type=int),
    )


def _page_number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
