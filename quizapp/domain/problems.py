"""What is wrong with a file, and where."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

Path = tuple[str | int, ...]


class Severity(StrEnum):
    ERROR = "error"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: `where` reads `file:line: field`."""

    where: str
    severity: Severity
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the file, and the line of every path inside it."""

    file: str
    lines: dict[Path, int]

    def where(self, path: Path) -> str:
        """`joins.yaml:8: questions.1.options.1.text`; the nearest known line is used."""
        line = next(
            (self.lines[path[:length]] for length in range(len(path), -1, -1) if path[:length] in self.lines),
            1,
        )
        field = ".".join(str(part) for part in path)
        return f"{self.file}:{line}: {field}" if field else f"{self.file}:{line}"

    def error(self, path: Path, code: str, message: str) -> Problem:
        return Problem(self.where(path), Severity.ERROR, code, message)

    def advice(self, path: Path, code: str, message: str) -> Problem:
        return Problem(self.where(path), Severity.ADVICE, code, message)


def has_errors(problems: Sequence[Problem]) -> bool:
    return any(problem.is_error for problem in problems)
