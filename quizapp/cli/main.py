"""The root of the command line.  Commands are imported when they are run: starting is fast."""

from importlib import import_module

import click

from quizapp import __version__
from quizapp.sandbox import runner

GROUPS = {
    "backup": "quizapp.cli.backup:backup",
    "bank": "quizapp.cli.bank:bank",
    "demo": "quizapp.cli.demo:demo",
    "doctor": "quizapp.cli.doctor:doctor",
    "rebuild": "quizapp.cli.rebuild:rebuild",
    "reset-demo": "quizapp.cli.demo:reset_demo",
    "export": "quizapp.cli.exchange:export",
    "import": "quizapp.cli.exchange:import_",
    "restore": "quizapp.cli.backup:restore",
    "serve": "quizapp.cli.serve:serve",
    "users": "quizapp.cli.users:users",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name, and imports only the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in GROUPS:
            return None
        module, name = GROUPS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="quizapp")
def main() -> None:
    """Timed quizzes and interview practice for backend engineers."""
    runner.install()
