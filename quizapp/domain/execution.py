"""Programs that answers are, and what comes of them; somebody else runs them.

The domain cannot run anything itself.  It says what a program is and what an outcome
is, and whoever starts the process installs a runner.  An outcome is a function of its
program alone, so asking for it leaves the domain as deterministic as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Cell = None | int | float | str | bytes
Row = tuple[Cell, ...]


class Task(StrEnum):
    SELECT = "select"
    """One statement, and the rows that it returns."""
    CHANGE = "change"
    """Statements, and what is in the tables after them."""


class Trouble(StrEnum):
    """Why there are no rows."""

    SYNTAX = "syntax"
    NOT_ALLOWED = "not_allowed"
    TIME = "time"
    MEMORY = "memory"
    TOO_MUCH_OUTPUT = "too_much_output"
    FAILED = "failed"
    """It began to run and was refused: a constraint, an overflow."""
    DATA = "data"
    """The question's own tables or rows are broken; no answer can be blamed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use, counted in a way that is the same on every machine."""

    steps: int = 8_000_000
    """Steps of the database's virtual machine, over all data sets together."""
    rows: int = 5_000
    cell_chars: int = 10_000
    output_chars: int = 200_000
    """As JSON, over all data sets together; those of a whole attempt fit into the runner's memory."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """Statements that fill the tables."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, whole: equal programs have equal outcomes."""

    task: Task
    tables: str
    """Statements that make the tables."""
    data: tuple[DataSet, ...]
    """The statement meets each of them alone."""
    statement: str
    probes: tuple[str, ...] = ()
    """Statements that describe what a change left; without any, all rows of all tables do."""
    explained: str | None = None
    """The query whose plan is wanted; empty: the statement itself; None: no plan is."""
    language: str = "sqlite"
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the names of their columns; `refused` stands for a probe that could not be run."""

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    kind: Trouble
    message: str


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a program on one data set."""

    tables: tuple[Table, ...] = ()
    plan: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run for each data set, in their order."""

    runs: tuple[Run, ...]


Runner = Callable[[Program], Outcome]

_installed: list[Runner] = []


def install(runner: Runner) -> None:
    """From now on `run` asks this runner."""
    _installed[:] = [runner]


def run(program: Program) -> Outcome:
    """What comes of a program.  Raises `Overloaded` when it cannot be told just now."""
    if not _installed:
        raise RuntimeError("no runner is installed: call quizapp.sandbox.runner.install() at the start")
    return _installed[0](program)
