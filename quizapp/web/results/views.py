"""Pages after the quiz: the history, a result, and the review of every answer."""

from flask import Blueprint, render_template, request
from flask_login import login_required
from werkzeug import Response

from quizapp.domain.attempts import time_spent
from quizapp.domain.modes import quiz_modes
from quizapp.domain.quizzes import Blueprint as QuizBlueprint
from quizapp.queries import attempts, results, revisions
from quizapp.queries.curriculum import curriculum
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading
from quizapp.web.results.history import entries_of
from quizapp.web.results.report import report_of
from quizapp.web.results.review import SHOWN, lines_of, reviewed, select
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
    session, learner_id = reading(), actor().id
    slots = attempts.slots(session, learner_id, attempt_id)
    spent = time_spent(attempt.started_at, attempts.moments(session, learner_id, attempt_id))
    chosen = select(
        lines_of(slots, spent),
        show=request.args.get("show", "all"),
        topic=request.args.get("topic", ""),
        page=_page_number(),
    )
    questions = revisions.load_many(
        session, ((line.slot.question_id, line.slot.revision) for line in chosen.lines)
    )
    marking = QuizBlueprint.model_validate(attempt.blueprint).marking
    shown = reviewed(chosen.lines, questions, marking, results.asked_in_silence(session, learner_id))
    return render_template(
        "results/review.html",
        attempt=attempt,
        chosen=chosen,
        filters=SHOWN,
        shown=shown,
        topics=_topics(slots),
        curriculum=curriculum(session),
        has_math=any(item.has_math for item in shown),
    )


def _topics(slots: list[attempts.SlotState]) -> list[str]:
    """The topics that can be picked; none where there is nothing to choose between."""
    topics = sorted({slot.topic for slot in slots})
    return topics if len(topics) > 1 else []


def _page_number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
