"""The command line: `quizapp GROUP COMMAND`, one file a group."""

from quizapp.cli.main import main

__all__ = ["main"]
