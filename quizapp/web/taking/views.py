"""Pages of choosing, taking and submitting a quiz."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug import Response

from quizapp.domain.attempts import DONT_KNOW
from quizapp.domain.errors import (
    AlreadyChecked,
    AlreadyFinished,
    AnswersAreClosed,
    ChangedElsewhere,
    HeldBack,
    NotAvailable,
    Overloaded,
    Refused,
    TimeIsUp,
    UnreadableAnswer,
)
from quizapp.queries import attempts
from quizapp.services import answering, finishing, starting
from quizapp.web import certainty
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.filters import plural
from quizapp.web.settling import settle_mine
from quizapp.web.taking import catalogue, open_answers
from quizapp.web.taking.answer_form import AnswerForm, sent_form
from quizapp.web.taking.blueprint import bp
from quizapp.web.taking.pages import sitting_of
from quizapp.web.taking.question_page import question_page

__all__ = ["bp", "open_answers"]

STARTS = "60 per hour"
RUNS = "30 per minute"
LATE = (TimeIsUp, AlreadyFinished)


@bp.get("/quizzes")
@login_required
def quizzes() -> str:
    """The quizzes that can be started."""
    return render_template("taking/quizzes.html", shelves=catalogue.shelves(reading(), actor().id, now()))


@bp.get("/quizzes/<uid>")
@login_required
def quiz(uid: str) -> str | tuple[str, int]:
    """What a quiz is like, before it is started."""
    return _start_page(uid)


@bp.post("/quizzes/<uid>/start")
@login_required
def start(uid: str) -> Response | str | tuple[str, int]:
    """Begin a quiz; pressing twice, or in two tabs, leads to the same attempt."""
    limits.hit("start", str(actor().id), STARTS)
    settle_mine()
    chosen = request.form.get("own_factor", "")
    try:
        with writing() as session:
            started = starting.start_quiz(
                session,
                actor(),
                uid,
                now=now(),
                own_factor=int(chosen[:4]) if chosen.isascii() and chosen.isdigit() else None,
            )
    except (NotAvailable, Refused) as error:
        return _start_page(uid, refusal=str(error), status=409)
    if started.missing:
        flash(f"{started.missing} questions could not be found, so this quiz is shorter.", "warning")
    return redirect(url_for(".resume", attempt_id=started.attempt_id))


def _start_page(uid: str, refusal: str = "", status: int = 200) -> tuple[str, int]:
    offer = catalogue.offer(reading(), actor().id, uid, now())
    return render_template("taking/quiz.html", offer=offer, refusal=refusal), status


@bp.get("/attempts/<attempt_id>")
@login_required
def resume(attempt_id: str) -> Response:
    """Go on where the learner stopped: the first open question, else the summary."""
    sitting = sitting_of(attempt_id)
    if not sitting.is_open:
        return redirect(url_for("results.result", attempt_id=attempt_id))
    position = sitting.first_unanswered()
    if position is None or sitting.in_grace:
        return redirect(url_for(".summary", attempt_id=attempt_id))
    return redirect(url_for(".question", attempt_id=attempt_id, position=position))


@bp.get("/attempts/<attempt_id>/questions/<int(max=999):position>")
@login_required
def question(attempt_id: str, position: int) -> str | Response | tuple[str, int]:
    """One question of a running attempt."""
    sitting = sitting_of(attempt_id)
    if not sitting.is_open:
        return redirect(url_for("results.result", attempt_id=attempt_id))
    return question_page(sitting, position)


@bp.post("/attempts/<attempt_id>/questions/<int(max=999):position>")
@login_required
def answer(attempt_id: str, position: int) -> str | Response | tuple[str, int]:
    """Take what a question page sent, and go where its button leads."""
    form = sent_form()
    runs = form.action.split(":")[0] == "run"
    try:
        _carry_out(form, attempt_id, position)
        if runs:
            limits.hit("run", str(actor().id), RUNS)
            return question_page(sitting_of(attempt_id), position, runs=True)
    except LATE as error:
        flash(str(error), "warning")
        return redirect(url_for(".resume", attempt_id=attempt_id))
    except AnswersAreClosed as error:
        flash(str(error), "warning")
        return redirect(url_for(".summary", attempt_id=attempt_id))
    except AlreadyChecked:
        return redirect(_next_page(form.action, attempt_id, position))
    except limits.TooMany as error:
        told = Refused(f"Your answer is saved. You can run it again in {plural(error.seconds, 'second')}.")
        return question_page(sitting_of(attempt_id), position, error=told)
    except (UnreadableAnswer, ChangedElsewhere, HeldBack, Overloaded) as error:
        return question_page(sitting_of(attempt_id), position, form, error)
    return redirect(_next_page(form.action, attempt_id, position))


def _carry_out(form: AnswerForm, attempt_id: str, position: int) -> None:
    """The use case behind a button.  Every button keeps the answer too, so that none loses it."""
    learner_id, moment = actor().id, now()
    submission = form.submission
    if form.action == "dont-know":
        submission = {DONT_KNOW: ["1"]}
    elif form.action == "clear":
        submission = {}
    if form.action in {"check", "dont-know"}:
        answering.rehearse(
            reading(), learner_id, attempt_id, position, submission, number=form.sequence + 1, now=moment
        )
    use_case = answering.check_answer if form.action in {"check", "dont-know"} else answering.save_answer
    with writing() as session:
        use_case(
            session,
            learner_id,
            attempt_id,
            position,
            submission,
            number=form.sequence + 1,
            confidence=form.confidence,
            now=moment,
        )
        if form.action in {"flag", "unflag"}:
            flagged = form.action == "flag"
            answering.flag(session, learner_id, attempt_id, position, flagged=flagged, now=moment)


def _next_page(action: str, attempt_id: str, position: int) -> str:
    if action == "summary":
        return url_for(".summary", attempt_id=attempt_id)
    if action in {"check", "dont-know", "clear", "flag", "unflag"}:
        return url_for(".question", attempt_id=attempt_id, position=position)
    step = -1 if action == "back" else 1
    with_next = sitting_of(attempt_id)
    if not 1 <= position + step <= len(with_next.slots):
        return url_for(".summary", attempt_id=attempt_id)
    return url_for(".question", attempt_id=attempt_id, position=position + step)


@bp.get("/attempts/<attempt_id>/summary")
@login_required
def summary(attempt_id: str) -> str | Response:
    """Every question with its answer, before submitting."""
    sitting = sitting_of(attempt_id)
    if not sitting.is_open:
        return redirect(url_for("results.result", attempt_id=attempt_id))
    return render_template(
        "taking/summary.html",
        sitting=sitting,
        lines=catalogue.summary_lines(reading(), sitting.slots),
        labels=certainty.LABELS,
    )


@bp.post("/attempts/<attempt_id>/submit")
@login_required
def submit(attempt_id: str) -> Response:
    """Hand in.  However often it is sent, it happens once."""
    finishing.rehearse(reading(), actor().id, attempt_id)
    with writing() as session:
        was_open = _is_open(attempt_id)
        finishing.submit(session, actor().id, attempt_id, now=now())
    if not was_open:
        flash("This quiz was already submitted, so nothing was changed.", "info")
    return redirect(url_for("results.result", attempt_id=attempt_id))


def _is_open(attempt_id: str) -> bool:
    attempt = attempts.of_learner(reading(), actor().id, attempt_id)
    return attempt is not None and attempt.state == "open"
