"""`quizapp bank`: work with the question files."""

from pathlib import Path

import click

from quizapp.cli.output import emit, finish, json_option, say, say_problems
from quizapp.domain.problems import has_errors
from quizapp.services.bank_files import read_bank


@click.group()
def bank() -> None:
    """Work with the question files."""


@bank.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def check(path: Path, as_json: bool) -> None:
    """Report every problem in the files of PATH, without loading them."""
    found = read_bank(path)
    say_problems(found.problems)
    say(f"{len(found.sets)} sets, {found.questions} questions, {len(found.problems)} problems")
    emit(
        {
            "sets": len(found.sets),
            "questions": found.questions,
            "problems": [problem.as_json() for problem in found.problems],
        },
        as_json=as_json,
    )
    finish(ok=not has_errors(found.problems))
