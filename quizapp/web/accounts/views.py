"""Registering, signing in and out, and one page of settings."""

import json

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask import session as browser
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField

from quizapp.db.models import Account
from quizapp.domain.accounts import name_key
from quizapp.domain.errors import NotFound, Refused
from quizapp.queries import accounts as queries
from quizapp.services import accounts, personal_data, sign_ins
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
from quizapp.web.settling import settle_mine

bp = Blueprint("accounts", __name__, template_folder="templates")

Page = AnyResponse | str | tuple[str, int]
WRONG = "Name and password do not match."
WRONG_PASSWORD = "This is not your password."  # noqa: S105  # a sentence, not a secret
REGISTRATIONS = "10 per hour"
NAMES = "60 per hour"
EXPORTS = "10 per hour"
LONGEST_TYPED = 400
THEMES = accounts.THEMES


@bp.route("/register", methods=["GET", "POST"])
def register() -> Page:
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    if current_app.extensions["quizapp_settings"].registration == "closed":
        return render_template("accounts/closed.html"), 403 if request.method == "POST" else 200
    form = RegisterForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        return _page("accounts/register.html", form)
    try:
        applicant = _applicant(form.name.data or "", form.password.data or "")
        with writing() as session:
            account = accounts.register(session, applicant, now=now())
            cookie = sign_ins.sign_in(session, account.id, now=now())
    except Refused as refusal:
        refuse(form, refusal)
        return _page("accounts/register.html", form)
    identity.begin(account, cookie)
    return redirect(next_page(form.next.data) or url_for("home.index"))


def _applicant(name: str, password: str) -> accounts.Applicant:
    """Only what may become an account counts towards the limit, and costs a hash.

    Asking which names are taken has a limit of its own.
    """
    limits.hit("name", limits.address(), NAMES, fail_closed=True)
    accounts.checked_name(reading(), name)
    limits.hit("register", limits.address(), REGISTRATIONS, fail_closed=True)
    return accounts.applicant(name, password)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page:
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    form = SignInForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        return _page("accounts/sign_in.html", form)
    admitted = _admitted(form.name.data or "", form.password.data or "")
    if admitted is None:
        refuse(form, Refused(WRONG))
        return _page("accounts/sign_in.html", form)
    identity.begin(*admitted)
    return redirect(next_page(form.next.data) or url_for("home.index"))


def _admitted(name: str, password: str) -> tuple[Account, str] | None:
    key = name_key(name[:LONGEST_TYPED])
    who = limits.guarded(key, lambda: accounts.recognise(reading(), name, password))
    if who is None:
        return None
    with writing() as session:
        return accounts.admit(session, who, now=now())


@bp.post("/sign-out")
def sign_out() -> Page:
    who = identity.credential()
    if who is not None:
        with writing() as session:
            sign_ins.sign_out(session, who)
    return _signed_out("You are signed out.")


@bp.get("/account")
@login_required
def settings() -> Page:
    return _settings()


@bp.post("/account/password")
@login_required
def change_password() -> Page:
    form = PasswordForm()
    if not form.validate_on_submit():
        return _settings(password_form=form)
    try:
        who = _confirmed(form.current_password)
        fresh = accounts.new_hash(current_user.name, form.new_password.data or "")
        with writing() as session:
            accounts.change_password(session, who, fresh, keep=identity.credential())
    except Refused as refusal:
        refuse(form, refusal)
        return _settings(password_form=form)
    flash("Your password is changed, and every other device is signed out.", "success")
    return redirect(url_for("accounts.settings"))


@bp.post("/account/sign-out-everywhere")
@login_required
def sign_out_everywhere() -> Page:
    with writing() as session:
        sign_ins.sign_out_everywhere(session, identity.actor().id)
    return _signed_out("You are signed out on every device.")


@bp.post("/account/preferences")
@login_required
def preferences() -> Page:
    form = PreferencesForm()
    if not form.validate_on_submit():
        return _settings(preferences_form=form)
    with writing() as session:
        accounts.change_preferences(session, identity.actor().id, form.chosen())
    browser["theme"] = form.theme.data
    flash("Your preferences are saved.", "success")
    return redirect(url_for("accounts.settings"))


@bp.post("/theme")
def theme() -> Page:
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(422)
    if current_user.is_authenticated:
        with writing() as session:
            accounts.change_theme(session, identity.actor().id, chosen)
    browser["theme"] = chosen
    browser.permanent = True
    return redirect(next_page(request.form.get("next")) or url_for("home.index"))


@bp.post("/account/export")
@login_required
def export() -> Page:
    actor = identity.actor()
    limits.hit("export", str(actor.id), EXPORTS)
    settle_mine()
    document = personal_data.export(reading(), actor, now=now())
    response = Response(json.dumps(document, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename="quizapp-my-data.json")
    return response


@bp.post("/account/delete")
@login_required
def delete() -> Page:
    form = DeleteForm()
    if not form.validate_on_submit():
        return _settings(delete_form=form)
    try:
        who = _confirmed(form.password)
        with writing() as session:
            accounts.delete(session, who, now=now())
    except Refused as refusal:
        refuse(form, refusal)
        return _settings(delete_form=form)
    return _signed_out("Your account is deleted.")


def _confirmed(field: PasswordField) -> accounts.Recognised:
    """The signed-in account, if this is its password.  Raises `Refused` for the field."""
    mine, password = identity.actor().id, field.data or ""
    key = name_key(current_user.name)
    who = limits.guarded(key, lambda: accounts.confirm(reading(), mine, password))
    if who is None:
        raise Refused(WRONG_PASSWORD, field.name)
    return who


def _signed_out(message: str) -> Page:
    """Forget who this browser was, but for its colours."""
    theme = browser.get("theme")
    identity.end()
    if theme:
        browser["theme"] = theme
        browser.permanent = True
    flash(message, "success")
    return redirect(url_for("home.index"))


def _page(template: str, form: FlaskForm) -> Page:
    return render_template(template, form=form), 422 if form.is_submitted() else 200


def _settings(
    *,
    password_form: PasswordForm | None = None,
    preferences_form: PreferencesForm | None = None,
    delete_form: DeleteForm | None = None,
) -> Page:
    """The page of settings, with the one form that was sent and could not be accepted."""
    account = queries.by_id(reading(), identity.actor().id)
    if account is None:
        raise NotFound
    chosen = {"theme": "system", "shortcuts": True, "hide_timer": False} | account.preferences
    page = render_template(
        "accounts/settings.html",
        account=account,
        password_form=password_form or PasswordForm(formdata=None),
        preferences_form=preferences_form or PreferencesForm(formdata=None, data=chosen),
        delete_form=delete_form or DeleteForm(formdata=None),
    )
    return page, 422 if password_form or preferences_form or delete_form else 200
