"""The forms of the accounts area.  What a name or password may be is decided in the domain."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import current_app, request
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, ValidationError

from quizapp.domain import accounts as rules
from quizapp.domain.accounts import MAX_NAME, MAX_PASSWORD, MIN_NAME, MIN_PASSWORD
from quizapp.domain.errors import Refused
from quizapp.services.accounts import Preferences

DELETE_WORD = "delete"
MAX_NEXT = 2000


def next_page(target: str | None) -> str | None:
    """A page of this site to go on to; None for anything else.

    Only a path that a GET of ours answers: no scheme, no other host, and none of the
    characters with which browsers are talked into reading one.
    """
    if not target or len(target) > MAX_NEXT or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or not target.isprintable():
        return None
    try:
        parts = urlsplit(target)
        current_app.url_map.bind(request.host).match(parts.path, method="GET")
    except RequestRedirect:
        return target
    except (HTTPException, ValueError):
        return None
    return None if parts.scheme or parts.netloc else target


def refuse(form: FlaskForm, refusal: Refused) -> None:
    """Put a refusal beside its field, or above the form where it has none."""
    if refusal.field in form:
        form[refusal.field].errors = [*form[refusal.field].errors, str(refusal)]
    else:
        form.form_errors.append(str(refusal))


def _judge(field: StringField, rule: Callable[..., str], *about: str) -> None:
    """Let a rule of the domain judge a field."""
    try:
        rule(field.data or "", *about)
    except Refused as refusal:
        raise ValidationError(str(refusal)) from None


class RegisterForm(FlaskForm):
    name = StringField(
        "Name",
        [InputRequired("Enter a name.")],
        description=(
            f"{MIN_NAME} to {MAX_NAME} letters, digits, spaces, dots, hyphens and underscores. "
            "Others may see it."
        ),
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter a password.")],
        description=f"At least {MIN_PASSWORD} characters, at most {MAX_PASSWORD}. Any character will do.",
    )
    next = HiddenField()

    def validate_name(self, field: StringField) -> None:
        _judge(field, rules.valid_name)

    def validate_password(self, field: StringField) -> None:
        _judge(field, rules.valid_password, self.name.data or "")


class SignInForm(FlaskForm):
    name = StringField("Name", [InputRequired("Enter your name.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])
    next = HiddenField()


class PasswordForm(FlaskForm):
    current_password = PasswordField("Current password", [InputRequired("Enter your current password.")])
    new_password = PasswordField(
        "New password",
        [InputRequired("Enter a new password.")],
        description=f"At least {MIN_PASSWORD} characters.",
    )

    def validate_new_password(self, field: StringField) -> None:
        if field.data == self.current_password.data:
            raise ValidationError("This is the password that you have. Choose another one.")
        _judge(field, rules.valid_password, current_user.name)


class PreferencesForm(FlaskForm):
    theme = RadioField("Colours", choices={"system": "As your system", "light": "Light", "dark": "Dark"})
    shortcuts = BooleanField(
        "Single-key shortcuts", description="Such as A to E for an option. They never act while you type."
    )
    hide_timer = BooleanField(
        "Hide the timer", description="It comes back by itself for the last five minutes."
    )

    def chosen(self) -> Preferences:
        return Preferences(self.theme.data, bool(self.shortcuts.data), bool(self.hide_timer.data))


class DeleteForm(FlaskForm):
    password = PasswordField("Your password", [InputRequired("Enter your password.")])
    confirmation = StringField(
        f"Type “{DELETE_WORD}” to confirm", [InputRequired(f"Type “{DELETE_WORD}” to confirm.")]
    )

    def validate_confirmation(self, field: StringField) -> None:
        if (field.data or "").strip().casefold() != DELETE_WORD:
            raise ValidationError(f"Type the word “{DELETE_WORD}”, without the marks.")
