"""`quizapp serve`: the web server."""

import click

from quizapp.cli.environment import open_database, usable_settings
from quizapp.cli.serving import serve as run
from quizapp.config import Settings
from quizapp.db.engine import Database
from quizapp.queries.demo import has_demo_accounts

DEMO_IS_LOCAL = (
    "A demo's passwords are shown on the screen, so a database with demo accounts is served to "
    "this machine only. Use --host 127.0.0.1, or another database (QUIZAPP_DATABASE_URL, "
    "QUIZAPP_DATA_DIR)."
)


@click.command()
@click.option("--host", help="Address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default: 8000).")
@click.option("--workers", type=click.IntRange(1, 256), help="Server processes (default: 1).")
@click.option("--migrate", is_flag=True, help="Bring the database up to date first.")
def serve(host: str | None, port: int | None, workers: int | None, migrate: bool) -> None:
    """Serve the site until stopped by Ctrl-C or SIGTERM.

    Prints one line with the address when it accepts connections.
    """
    settings = usable_settings(host=host, port=port, workers=workers)
    with open_database(settings, migrate=migrate) as database:
        keep_demo_here(settings, database)
    run(settings, ready=lambda url: click.echo(f"quizapp is at {url}"))


def keep_demo_here(settings: Settings, database: Database) -> None:
    """Refuse to show a demo to other machines."""
    if settings.is_loopback:
        return
    with database.reading() as session:
        if has_demo_accounts(session):
            raise click.ClickException(DEMO_IS_LOCAL)
