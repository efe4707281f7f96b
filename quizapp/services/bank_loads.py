"""A load of the bank under way: which files it takes over, and what it reports."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quizapp.db import models
from quizapp.domain.problems import Path, Place, Problem
from quizapp.services.bank_files import Bank, BankFile

PUBLISHED, RETIRED = "published", "retired"

Listed = Callable[[], Iterator[tuple[str, str, Path]]]
"""Ids with the file that gives them and the path inside it."""


@dataclass
class LoadReport:
    """What a load did to the questions, and what kept files or questions from being loaded."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("new", "changed", "unchanged", "retired")}
        return counts | {"problems": [problem.as_json() for problem in self.problems]}


@dataclass
class Load:
    """The files of one load, as long as it runs."""

    session: Session
    now: datetime
    files: Mapping[str, BankFile]
    banks: dict[str, Bank]
    """What is taken over, by file; a file that turns out to be unusable is dropped."""
    known: Mapping[str, models.BankFile]
    gone: set[str]
    """Files that were loaded before and are no longer in the folder."""
    report: LoadReport = field(default_factory=LoadReport)
    in_part: set[str] = field(default_factory=set)
    """Files of which a question was left out."""

    @property
    def staying(self) -> set[str]:
        """Stored files whose content this load does not touch."""
        return self.known.keys() - self.banks.keys() - self.gone

    def drop(self, name: str, problems: Iterable[Problem]) -> None:
        """Skip a file as a whole: what it said before stays."""
        self.report.problems += problems
        self.banks.pop(name, None)

    def place(self, name: str) -> Place:
        """Where the values of a file stand."""
        bank = self.banks[name]
        places = [each.place for each in bank.sets.values()]
        places += [place for _, place in bank.quizzes.values()]
        return places[0] if places else Place(name, {})

    def drop_repeated(self, listed: Listed, owners: Mapping[str, str]) -> None:
        """Ids are unique over the bank.  `owners` are the files that published them before.

        A file that is dropped keeps its old ids, so those that took one of them are
        dropped in turn.
        """
        first: dict[str, str] = {}
        for name, identity, _ in listed():
            first.setdefault(identity, name)
        while repeated := list(self._repeated(listed, first, owners)):
            for name, problem in repeated:
                self.drop(name, [problem])

    def _repeated(
        self, listed: Listed, first: Mapping[str, str], owners: Mapping[str, str]
    ) -> Iterator[tuple[str, Problem]]:
        staying = self.staying
        for name, identity, path in listed():
            owner = owners.get(identity, "")
            other = owner if owner in staying else first[identity]
            if other != name:
                message = f"the id {identity!r} is used in {other} too"
                yield name, self.place(name).error((*path, "id"), "duplicate_id", message)

    def update(self, row: models.QuestionSet | models.Quiz, values: Mapping[str, Any]) -> None:
        """Change what differs, and the time only then."""
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            row.updated_at = self.now
