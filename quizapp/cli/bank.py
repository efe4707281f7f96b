"""`quizapp bank`: work with the question files."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from quizapp.cli.environment import open_database, packed_bank
from quizapp.cli.loading import load_bank
from quizapp.cli.output import emit, finish, json_option, say, say_problems
from quizapp.domain.gates import Gate, gates_of
from quizapp.domain.problems import has_errors
from quizapp.domain.schema import quiz_schema, set_schema
from quizapp.domain.statistics import stats_of
from quizapp.services.bank_files import files_of, read_bank, read_files

Command = TypeVar("Command", bound=Callable[..., Any])

READABLE = click.Path(exists=True, file_okay=False, path_type=Path)


def bank_path(command: Command) -> Command:
    """A bank's folder; left out, it is the one that comes with quizapp."""
    return click.argument("path", type=READABLE, default=packed_bank)(command)


@click.group()
def bank() -> None:
    """Work with the question files.

    PATH is the folder of a bank. Left out, it is the bank that comes with quizapp.
    """


@bank.command()
@bank_path
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


@bank.command()
@bank_path
@json_option
def load(path: Path, as_json: bool) -> None:
    """Load the files of PATH that changed into the database.

    A file with problems is left out, and what it said before stays. Questions that
    are in no file any more are retired: whoever answered them keeps the results.
    """
    with open_database() as database:
        report = load_bank(database, path)
    say_problems(report.problems)
    counts = f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged"
    say(f"{counts}, {report.retired} retired, {len(report.problems)} problems")
    emit(report.as_json(), as_json=as_json)
    finish(ok=not has_errors(report.problems))


@bank.command()
@click.option("--quiz", "of_quiz", is_flag=True, help="The schema of a quiz instead.")
def schema(of_quiz: bool) -> None:
    """Print the JSON Schema of a question set, for editors and other programs."""
    click.echo(json.dumps(quiz_schema() if of_quiz else set_schema(), indent=2, ensure_ascii=False))


@bank.command()
@bank_path
@json_option
def stats(path: Path, as_json: bool) -> None:
    """Count what PATH holds, and measure how well somebody would guess."""
    files, problems = files_of(path)
    found = read_files(files)
    sets = list(found.sets.values())
    counts = stats_of([question for each in sets for question in each.questions])
    gates = gates_of(sets)
    say_problems(problems + found.problems)
    _say_topics(counts)
    _say_gates(gates)
    emit(counts | {"gates": [gate.as_json() for gate in gates]}, as_json=as_json)
    broken = has_errors(problems + found.problems)
    finish(ok=not broken and all(gate.ok is not False for gate in gates))


def _say_topics(counts: dict[str, Any]) -> None:
    for topic, held in counts["by_topic"].items():
        levels = ", ".join(f"{number} {level}" for level, number in held["levels"].items())
        say(f"{topic}: {held['questions']} questions in {len(held['subtopics'])} subtopics; {levels}")


def _say_gates(gates: Sequence[Gate]) -> None:
    say("\nGate  Wanted       Here    Public bank")
    for gate in gates:
        value = "-" if gate.value is None else f"{gate.value:g}"
        line = f"{gate.id:<5} {_wanted(gate):<11} {value:>6}  {gate.baseline:>6g}   {gate.title}"
        say(f"{line}: {_verdict(gate)}")


def _wanted(gate: Gate) -> str:
    if isinstance(gate.threshold, tuple):
        low, high = gate.threshold
        return f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"at most {gate.threshold:g}"


def _verdict(gate: Gate) -> str:
    if gate.ok is None:
        return f"not judged, {gate.n} questions are too few"
    return "met" if gate.ok else "not met"
