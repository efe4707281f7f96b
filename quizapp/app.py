"""The factory: it wires settings, database, areas and error pages.  Only entry points import it."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from quizapp.api import health, saving
from quizapp.config import Settings, load_settings, with_secret_key
from quizapp.db.engine import Database
from quizapp.sandbox import runner
from quizapp.services.sign_ins import LIFETIME
from quizapp.web import assets, database, errors, filters, logs, security
from quizapp.web.accounts import identity
from quizapp.web.accounts import views as accounts
from quizapp.web.home import views as home
from quizapp.web.images import views as images
from quizapp.web.missed import views as missed
from quizapp.web.practice import views as practice
from quizapp.web.results import views as results
from quizapp.web.taking import views as taking
from quizapp.web.teach import views as teach
from quizapp.web.topics import views as topics

csrf = CSRFProtect()

# Where blueprints are listed: a new area adds its line here.
AREAS = (
    assets,
    health,
    saving,
    home,
    images,
    accounts,
    taking,
    practice,
    results,
    missed,
    topics,
    teach,
)


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """The web application.  `config` overrides Flask's own settings, in tests."""
    settings = with_secret_key(settings or load_settings())
    runner.install()
    app = Flask("quizapp.web", static_folder=None)
    app.config.from_mapping(_flask_config(settings))
    app.config.from_mapping(config)
    app.extensions["quizapp_settings"] = settings
    database.init_app(app, Database(settings.database, busy_timeout=settings.busy_timeout_seconds))
    logs.init_app(app)
    security.init_app(app)  # first: it limits what the others read
    csrf.init_app(app)
    identity.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    for area in AREAS:
        app.register_blueprint(area.bp)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as Flask wants it
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "CLOCK": lambda: datetime.now(UTC),
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SESSION_COOKIE_NAME": "quizapp",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": LIFETIME,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.secure_cookies,
        "MAX_CONTENT_LENGTH": settings.max_upload_mb * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": settings.max_upload_mb * 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
    }
