"""Who is asking.  Flask-Login is used here and nowhere else but for `current_user`."""

import secrets
from typing import Any

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from quizapp.db.models import Account
from quizapp.domain.permissions import Actor, Role
from quizapp.queries import accounts
from quizapp.services import sign_ins
from quizapp.web.clock import now
from quizapp.web.database import reading

COOKIE_KEY = "_user_id"
CSRF_KEY = "csrf_token"
"""Where Flask-WTF keeps the secret that it signs its tokens from."""

login_manager = LoginManager()
login_manager.login_view = "accounts.sign_in"
login_manager.login_message = "Please sign in to go on."
login_manager.login_message_category = "info"
login_manager.session_protection = None  # a sign-in's own row ends it, on the server


class SignedIn(UserMixin):
    """The signed-in account, as templates and views see it."""

    def __init__(self, account: Account, cookie: str) -> None:
        self.id = account.id
        self.name = account.name
        self.preferences: dict[str, Any] = dict(account.preferences)
        self.is_demo = account.is_demo
        self.actor = Actor(account.id, Role(account.role))
        self.cookie = cookie

    def get_id(self) -> str:
        return self.cookie

    @property
    def may_teach(self) -> bool:
        return self.actor.may_teach


def init_app(app: Flask) -> None:
    login_manager.init_app(app)


@login_manager.user_loader
def _load(cookie: str) -> SignedIn | None:
    who = sign_ins.credential(cookie)
    if who is None:
        return None
    account = accounts.signed_in(reading(), who.account_id, who.token_hash, now())
    return SignedIn(account, cookie) if account else None


def actor() -> Actor:
    """The actor of a view behind `login_required`."""
    found: Actor = current_user.actor
    return found


def begin(account: Account, cookie: str) -> None:
    """Sign this browser in.  Whatever its session held before is forgotten first."""
    theme = session.get("theme")
    session.clear()
    if theme:
        session["theme"] = theme
    session[CSRF_KEY] = csrf_secret()
    session.permanent = True
    login_user(SignedIn(account, cookie))


def csrf_secret() -> str:
    """A fresh secret for the tokens of one sign-in.

    It is made when somebody signs in, not when a page first needs it: two pages opened together
    would each make their own, and the form of whichever cookie lost could not be sent.
    """
    return secrets.token_hex(20)


def end() -> None:
    """Sign this browser out."""
    logout_user()
    session.clear()


def credential() -> sign_ins.Credential | None:
    """What this browser's cookie stands for, unchecked."""
    return sign_ins.credential(session.get(COOKIE_KEY))
