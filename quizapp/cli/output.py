"""What commands print: one JSON document for machines, sentences for people."""

import json
import sys
from collections.abc import Iterable
from typing import Any

import click

from quizapp.domain.problems import Problem

OK, PROBLEMS, USAGE = 0, 1, 2

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def emit(document: dict[str, Any], *, as_json: bool) -> None:
    """With `--json`, the document goes to standard output, alone."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, default=str))


def say(message: str) -> None:
    """Everything for people goes to standard error."""
    click.echo(message, err=True)


def say_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        kind = "" if problem.is_error else "advice: "
        say(f"{problem.where}: {kind}[{problem.code}] {problem.message}")


def finish(*, ok: bool) -> None:
    """End the command: 0 for fine, 1 for problems found."""
    sys.exit(OK if ok else PROBLEMS)
