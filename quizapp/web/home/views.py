"""The start page, for visitors and for learners, and the page of help."""

from flask import Blueprint, current_app, render_template, url_for
from flask_login import current_user

from quizapp.domain.modes import quiz_modes
from quizapp.domain.skills import finding
from quizapp.domain.timing import NETWORK_GRACE
from quizapp.queries import quizzes
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading
from quizapp.web.home import sample
from quizapp.web.home.dashboard import DIAGNOSTIC, dashboard
from quizapp.web.settling import settle_mine

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/")
def index() -> str:
    """Where everybody begins."""
    if not current_user.is_authenticated:
        return _landing()
    settle_mine()
    return render_template("home/dashboard.html", board=dashboard(reading(), actor().id, now()))


@bp.get("/help")
def help() -> str:  # noqa: A001  # it is the page's name in every link
    """Keys, saving, time, modes and data."""
    return render_template(
        "home/help.html", modes=list(quiz_modes.values()), grace=int(NETWORK_GRACE.total_seconds())
    )


def _landing() -> str:
    diagnostic = quizzes.published_by_uid(reading(), DIAGNOSTIC)
    first = url_for("taking.quiz", uid=DIAGNOSTIC) if diagnostic else url_for("taking.quizzes")
    is_open = current_app.extensions["quizapp_settings"].registration == "open"
    return render_template(
        "home/landing.html",
        has_diagnostic=diagnostic is not None,
        begin=url_for("accounts.register" if is_open else "accounts.sign_in", next=first),
        question=sample.question(),
        chosen=sample.chosen(),
        skills=sample.skills(),
        finding=finding(sample.skills()),
    )
