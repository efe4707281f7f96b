"""The area's blueprint, and its guard: everything here is for those who teach."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quizapp.domain.permissions import require
from quizapp.web.accounts.identity import login_manager

bp = Blueprint("teach", __name__, url_prefix="/teach", template_folder="templates")

ID = "int(max=2147483647)"
"""A number that every database can look up; anything larger is no address."""


@bp.before_request
def _only_those_who_teach() -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        refusal: ResponseReturnValue = login_manager.unauthorized()
        return refusal
    require(current_user.may_teach)
    return None
