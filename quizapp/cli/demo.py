"""`quizapp demo`: everything at once, for looking around on one's own machine."""

import fcntl
import json
import os
import secrets
import webbrowser
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from quizapp.cli.environment import open_database, packed_bank, usable_settings
from quizapp.cli.loading import load_bank
from quizapp.cli.output import say, say_problems
from quizapp.cli.serve import DEMO_IS_LOCAL
from quizapp.cli.serving import SERVING_LOCK, next_free_port
from quizapp.cli.serving import serve as run
from quizapp.config import Settings
from quizapp.db.engine import Database
from quizapp.domain.errors import Refused
from quizapp.domain.problems import has_errors
from quizapp.queries.demo import has_demo_accounts, has_real_accounts

KEPT = "demo-accounts.json"
NOT_A_DEMO = (
    "This database has accounts of its own. A demo would add an instructor whose password is shown "
    "on the screen, so it wants a database of its own (QUIZAPP_DATA_DIR). To serve this one: quizapp serve"
)
ONLY_FILES = "The demo is only begun anew in a database file. This one is a server's; empty it there."
STILL_SERVED = "A server is using this database. Stop it first."


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port to try first (default: 8000).")
@click.option("--open", "open_browser", is_flag=True, help="Open the site in a browser.")
def demo(port: int | None, open_browser: bool) -> None:
    """Make a demo with questions, results and two accounts, and serve it to this machine."""
    settings = usable_settings(port=port)
    if not settings.is_loopback:
        raise click.ClickException(DEMO_IS_LOCAL)
    with open_database(settings) as database:
        accounts = _prepare(database, settings)
    free = next_free_port(settings.host, settings.port)

    def welcome(url: str) -> None:
        click.echo(f"The quizapp demo is at {url}")
        _show(accounts)
        click.echo("Stop it with Ctrl-C.")
        if open_browser:
            webbrowser.open(url)

    run(settings.model_copy(update={"port": free}), ready=welcome)


@click.command("reset-demo")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset_demo(yes: bool) -> None:
    """Delete the demo's database with all that was done in it, and make it anew."""
    settings = usable_settings()
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise click.ClickException(ONLY_FILES)
    if not yes and _may_hold_more(settings):
        question = f"{url.database} may hold more than the demo: accounts of real people. Delete it?"
        click.confirm(question, abort=True, err=True)
    _delete(settings, Path(url.database))
    with open_database(settings) as database:
        accounts = _prepare(database, settings)
    _show(accounts)


def _may_hold_more(settings: Settings) -> bool:
    """Whether there are accounts of real people; a database that cannot be read may have some."""
    try:
        with open_database(settings) as database, database.reading() as session:
            return has_real_accounts(session)
    except click.ClickException:
        return True


def _prepare(database: Database, settings: Settings) -> Mapping[str, str]:
    """Load the bank and make the demo's people, where that is not done.  Returns the passwords."""
    with database.reading() as session:
        begun = has_demo_accounts(session)
        if not begun and has_real_accounts(session):
            raise click.ClickException(NOT_A_DEMO)
    report = load_bank(database, packed_bank())
    if has_errors(report.problems):
        say_problems(report.problems)
        say("The questions above were left out.")
    kept = _kept(settings.data_dir / KEPT)
    return kept if begun and kept else _seed(database, settings.data_dir / KEPT)


def _seed(database: Database, path: Path) -> Mapping[str, str]:
    """Make the demo's people.  A seeding that was cut short is completed by the next run."""
    from quizapp.services import demo as service

    say("Making a month of demo results (once, a few seconds) ...")
    path.unlink(missing_ok=True)
    passwords = {name: secrets.token_urlsafe(9) for name in (service.LEARNER, service.INSTRUCTOR)}
    try:
        service.seed(database, passwords=passwords, now=datetime.now(UTC))
    except Refused as error:
        raise click.ClickException(str(error)) from None
    _keep(path, passwords)
    return passwords


def _kept(path: Path) -> dict[str, str]:
    """The passwords of a finished seeding; nothing where there was none."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _keep(path: Path, passwords: Mapping[str, str]) -> None:
    """Written beside its place and then moved there, so that it is never there in half."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(passwords, file, indent=2)
    beside.rename(path)


def _delete(settings: Settings, file: Path) -> None:
    with (settings.data_dir / SERVING_LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(STILL_SERVED) from None
        for name in ("", "-wal", "-shm", "-writer.lock"):
            Path(f"{file}{name}").unlink(missing_ok=True)
        (settings.data_dir / KEPT).unlink(missing_ok=True)


def _show(accounts: Mapping[str, str]) -> None:
    width = max(map(len, accounts), default=0)
    for name, password in accounts.items():
        click.echo(f"Sign in as {name:<{width}}  password {password}")
