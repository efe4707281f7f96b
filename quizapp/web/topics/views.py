"""Pages of the map: where a learner stands in every topic, and inside one."""

from flask import Blueprint, render_template
from flask_login import login_required

from quizapp.domain.errors import NotFound
from quizapp.domain.skills import by_need, finding, finding_within
from quizapp.queries import missed, progress
from quizapp.queries.curriculum import curriculum
from quizapp.web.accounts.identity import actor
from quizapp.web.database import reading
from quizapp.web.settling import settle_mine

bp = Blueprint("topics", __name__, template_folder="templates")


@bp.get("/topics")
@login_required
def index() -> str:
    """All topics, weakest first; those without questions stand at the end."""
    settle_mine()
    skills = progress.standing(reading(), actor().id, curriculum(reading()))
    return render_template("topics/index.html", skills=by_need(skills), finding=finding(skills))


@bp.get("/topics/<topic>")
@login_required
def topic(topic: str) -> str:
    """One topic by its subtopics."""
    settle_mine()
    known = curriculum(reading())
    skills = progress.standing(reading(), actor().id, known)
    skill = next((skill for skill in skills if skill.id == topic), None)
    if skill is None:
        raise NotFound
    return render_template(
        "topics/topic.html",
        skill=skill,
        finding=finding_within(skill),
        parts=by_need(skill.parts),
        planned=next((each for each in known.topics if each.id == topic), None),
        missed=missed.by_topic(reading(), actor().id).get(topic, 0),
    )
