"""Composing a quiz of one's own."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug import Response

from quizapp.domain.curriculum import Curriculum
from quizapp.domain.errors import NotAvailable, Refused
from quizapp.domain.questions import Level
from quizapp.queries.curriculum import curriculum
from quizapp.queries.supply import Supply, supply
from quizapp.services import composing, starting
from quizapp.services.starting import Started
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.practice.forms import ComposeForm
from quizapp.web.settling import settle_mine

bp = Blueprint("practice", __name__, template_folder="templates")

STARTS = "60 per hour"


@bp.route("/practice", methods=["GET", "POST"])
@login_required
def compose() -> str | Response | tuple[str, int]:
    """Choose topics, levels, number and rules; then begin."""
    found, known = supply(reading()), curriculum(reading())
    form = ComposeForm(data=_preselected(found))
    form.offer(_in_order(found, known))
    if not form.is_submitted():
        return _page(form, found)
    if not form.validate():
        form.renew_token()
        return _page(form, found), 422
    limits.hit("start", str(actor().id), STARTS)
    settle_mine()
    try:
        started = _start(form, known)
    except (NotAvailable, Refused) as refusal:
        form.refuse(refusal if isinstance(refusal, Refused) else Refused(str(refusal), "topics"))
        return _page(form, found), 422
    if started.missing:
        flash(_fewer(form.choice().questions - started.missing), "info")
    return redirect(url_for("taking.resume", attempt_id=started.attempt_id), 303)


def _start(form: ComposeForm, known: Curriculum) -> Started:
    blueprint = composing.blueprint_of(form.choice(), known)
    with writing() as session:
        return starting.start_own(session, actor(), blueprint, str(form.token.data), now=now())


def _page(form: ComposeForm, found: Supply) -> str:
    totals = {topic: sum(levels.values()) for topic, levels in found.items()}
    return render_template("practice/compose.html", form=form, totals=totals)


def _in_order(found: Supply, known: Curriculum) -> dict[str, str]:
    """The topics that have questions with their titles, as the curriculum orders them."""
    place = {topic.id: number for number, topic in enumerate(known.topics)}
    ordered = sorted(found, key=lambda topic: (place.get(topic, len(place)), topic))
    return {topic: known.title(topic) for topic in ordered}


def _preselected(found: Supply) -> dict[str, list[str]]:
    """What the address asks for: /practice?topic=databases&level=mid."""
    known = {level.value for level in Level}
    levels = [level for level in request.args.getlist("level") if level in known]
    topics = [topic for topic in request.args.getlist("topic") if topic in found]
    return {"topics": topics, "levels": levels}


def _fewer(count: int) -> str:
    return "Only 1 question fits." if count == 1 else f"Only {count} questions fit."
