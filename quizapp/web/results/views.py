"""Pages after the quiz: the history, a result, and the review of every answer."""

from flask import Blueprint, render_template, request
from flask_login import login_required
from werkzeug import Response

from quizapp.domain.modes import quiz_modes
from quizapp.queries import attempts, results
from quizapp.queries.curriculum import curriculum
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading
from quizapp.web.results.history import entries_of
from quizapp.web.results.report import report_of
from quizapp.web.results.review import Wanted, review_of
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
    return render_template(
        "results/history.html",
        entries=entries_of(found[:PAGE], now()),
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
        "results/result.html", report=report, attempt=attempt, mode=quiz_modes[attempt.mode]
    )


@bp.get("/attempts/<attempt_id>/review")
@login_required
def review(attempt_id: str) -> str | Response | tuple[str, int]:
    """Every question of an attempt with the given answer, the right one and the reasons."""
    attempt = settled(attempt_id)
    closed = instead_of_results(attempt)
    if closed is not None:
        return closed
    page = review_of(reading(), attempt, _wanted())
    return render_template(
        "results/review.html",
        attempt=attempt,
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
