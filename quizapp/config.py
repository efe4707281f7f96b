"""Settings: defaults, then the instance file, then the environment; the last one wins.

Every setting `name` is `QUIZAPP_NAME` in the environment and `name` in
`quizapp.toml` inside the data directory.  `docs/configuration.md` lists them all.
"""

import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PREFIX = "QUIZAPP_"
INSTANCE_FILE = "quizapp.toml"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BadSettings(Exception):
    """The settings cannot be used; the message says which and why."""


class Settings(BaseModel):
    """What an operator may decide."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Annotated[Path, Field(description="Where the SQLite database and the secret key live.")]
    database_url: Annotated[
        str,
        Field(description="SQLAlchemy address of the database: SQLite, or `postgresql+psycopg://…`."),
    ] = ""
    redis_url: Annotated[
        str, Field(description="Redis for rate limits; without it they are kept in the database.")
    ] = ""
    secret_key: Annotated[
        str, Field(description="Signs sessions. Made on the first run and kept in `secret_key`.")
    ] = ""
    secret_key_fallbacks: Annotated[
        tuple[str, ...], Field(description="Earlier keys that still verify, for rotation.")
    ] = ()
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on.")] = 8000
    workers: Annotated[int, Field(ge=1, le=256, description="Server processes.")] = 1
    threads: Annotated[int, Field(ge=1, le=64, description="Threads in each process.")] = 2
    trusted_proxies: Annotated[
        int, Field(ge=0, le=10, description="How many reverse proxies in front may name the client.")
    ] = 0
    secure_cookies: Annotated[
        bool, Field(description="Send cookies over HTTPS only; turn on wherever HTTPS is served.")
    ] = False
    registration: Annotated[
        Literal["open", "closed"], Field(description="Whether visitors may register themselves.")
    ] = "open"
    log_format: Annotated[
        Literal["auto", "json", "text"], Field(description="`auto` is text on a terminal, else JSON.")
    ] = "auto"
    max_upload_mb: Annotated[
        int, Field(ge=1, le=64, description="Largest upload that is read, in megabytes.")
    ] = 8
    busy_timeout_seconds: Annotated[
        float, Field(gt=0, le=60, description="How long a write waits for the database before a 503.")
    ] = 5.0
    metrics_token: Annotated[
        str, Field(description="Bearer token for `/metrics`; without one the page does not exist.")
    ] = ""

    @property
    def database(self) -> str:
        """The database's address, which is a file in the data directory unless set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'quizapp.db'}"

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK


def load_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the instance file, the environment and the caller.  Raises `BadSettings`."""
    environ = os.environ if environ is None else environ
    given = {
        name: environ[PREFIX + name.upper()]
        for name in Settings.model_fields
        if environ.get(PREFIX + name.upper())
    }
    chosen = {**given, **overrides}
    data_dir = Path(chosen.get("data_dir") or default_data_dir(environ)).expanduser().absolute()
    if isinstance(chosen.get("secret_key_fallbacks"), str):
        chosen["secret_key_fallbacks"] = tuple(chosen["secret_key_fallbacks"].split(","))
    try:
        return Settings.model_validate({**_instance_file(data_dir), **chosen, "data_dir": data_dir})
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        lines = (f"{PREFIX}{str(d['loc'][0]).upper() if d['loc'] else ''}: {d['msg']}" for d in details)
        raise BadSettings("; ".join(lines)) from None


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """Where an installed quizapp keeps its data: the user's data directory."""
    base = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "quizapp"


def with_secret_key(settings: Settings) -> Settings:
    """The same settings with a secret key, made and kept on the first run."""
    if settings.secret_key:
        return settings
    return settings.model_copy(update={"secret_key": _kept_key(settings.data_dir / "secret_key")})


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()


def _instance_file(data_dir: Path) -> dict[str, Any]:
    path = data_dir / INSTANCE_FILE
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: {error}") from None
