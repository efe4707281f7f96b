"""Registering, signing in and out, and one page of settings."""

import json

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request
from flask import session as browser
from flask import url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as AnyResponse

from quizapp.domain.accounts import name_key
from quizapp.domain.errors import Refused
from quizapp.queries import accounts as queries
from quizapp.services import accounts, finishing, personal_data, sign_ins
from quizapp.web.accounts import identity, limits
from quizapp.web.accounts.forms import (
    DeleteForm,
    PasswordForm,
    PreferencesForm,
    RegisterForm,
    SignInForm,
    next_page,
    refuse,
)
from quizapp.web.clock import now
from quizapp.web.database import reading, writing

bp = Blueprint("accounts", __name__, template_folder="templates")

Page = AnyResponse | str | tuple[str, int]
WRONG = "Name and password do not match."
WRONG_PASSWORD = "This is not your password."  # noqa: S105  # a sentence, not a secret
REGISTRATIONS = "10 per hour"
EXPORTS = "10 per hour"


@bp.route("/register", methods=["GET", "POST"])
def register() -> Page:
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    if current_app.extensions["quizapp_settings"].registration == "closed":
        return render_template("accounts/closed.html"), 403 if request.method == "POST" else 200
    form = RegisterForm()
    if not form.validate_on_submit():
        return _page("accounts/register.html", form)
    try:
        applicant = _applicant(form)
        with writing() as session:
            account = accounts.register(session, applicant, now=now())
            cookie = sign_ins.sign_in(session, account.id, now=now())
    except Refused as refusal:
        refuse(form, refusal)
        return _page("accounts/register.html", form)
    identity.begin(account, cookie)
    return redirect(next_page(form.next.data) or url_for("home.index"))


def _applicant(form: RegisterForm) -> accounts.Applicant:
    """Judge both fields at once.  Only what may become an account is counted, and then hashed."""
    name, password = form.name.data or "", form.password.data or ""
    try:
        accounts.checked_name(reading(), name)
    except Refused as refusal:
        _also_judge_password(form, name, password)
        raise refusal from None
    accounts.checked_password(name, password)
    limits.hit("register", limits.address(), REGISTRATIONS, fail_closed=True)
    return accounts.applicant(name, password)
