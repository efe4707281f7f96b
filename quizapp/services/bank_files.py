"""Reading a question bank's folder: every file, every problem, in one run."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quizapp.domain.curriculum import Curriculum
from quizapp.domain.documents import QuestionSet, duplicate_id, read_curriculum, read_quiz
from quizapp.domain.linting import lint, placed
from quizapp.domain.problems import Place, Problem, Severity
from quizapp.domain.quizzes import Blueprint
from quizapp.formats.quizapp_yaml import read_set_file
from quizapp.formats.reading.located_yaml import MAX_BYTES, read_yaml

CURRICULUM = "curriculum.yaml"
QUIZZES = "quizzes"
NOT_SETS = frozenset({QUIZZES, "schema"})

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file of the bank: its name inside the folder, its bytes and their hash."""

    name: str
    data: bytes
    sha256: str


@dataclass
class Bank:
    """What a folder holds, as far as it could be read, and everything that is wrong with it."""

    curriculum: Curriculum = field(default_factory=Curriculum)
    sets: dict[str, QuestionSet] = field(default_factory=dict)
    quizzes: dict[str, tuple[Blueprint, Place]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def questions(self) -> int:
        return sum(len(each.questions) for each in self.sets.values())


def files_of(folder: Path) -> tuple[list[BankFile], list[Problem]]:
    """The YAML files of a bank, in a stable order; a symlink or an endless file is refused."""
    files, problems = [], []
    root = folder.resolve()
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or root not in path.resolve().parents:
            problems.append(Place(name, {}).error((), "symlink", "links are not followed"))
            continue
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        files.append(BankFile(name, data, hashlib.sha256(data).hexdigest()))
    return files, problems


def read_bank(folder: Path, *, severity: Severity = Severity.ERROR, progress: Progress | None = None) -> Bank:
    """Read and judge a whole folder.  Lint findings are reported as `severity`."""
    files, problems = files_of(folder)
    bank = read_files(files, progress=progress)
    bank.problems[:0] = problems
    known = bank.curriculum if bank.curriculum.topics else None
    bank.problems += lint(placed(bank.sets.values()), known, severity)
    bank.problems += list(_unknown_questions(bank))
    return bank


def read_files(files: list[BankFile], *, progress: Progress | None = None) -> Bank:
    """Parse and validate files; ids must be unique over all of them."""
    bank = Bank()
    for number, file in enumerate(files, start=1):
        kind = _kind(file.name)
        _READERS[kind](bank, file)
        if progress:
            progress(number, len(files), file.name)
    bank.problems += list(_repeated_ids(bank))
    return bank


def _kind(name: str) -> str:
    if name == CURRICULUM:
        return CURRICULUM
    return QUIZZES if name.split("/")[0] == QUIZZES else "set"


def _take_curriculum(bank: Bank, file: BankFile) -> None:
    value, place, problems = read_yaml(file.data, file.name)
    if not problems:
        curriculum, problems = read_curriculum(value, place)
        bank.curriculum = curriculum or bank.curriculum
    bank.problems += problems


def _take_quiz(bank: Bank, file: BankFile) -> None:
    value, place, problems = read_yaml(file.data, file.name)
    if not problems:
        quiz, problems = read_quiz(value, place)
        if quiz is not None:
            bank.quizzes[file.name] = (quiz, place)
    bank.problems += problems


def _take_set(bank: Bank, file: BankFile) -> None:
    questions, problems = read_set_file(file.data, file.name)
    if questions is not None:
        bank.sets[file.name] = questions
    bank.problems += problems


_READERS: Mapping[str, Callable[[Bank, BankFile], Any]] = {
    CURRICULUM: _take_curriculum,
    QUIZZES: _take_quiz,
    "set": _take_set,
}


def _repeated_ids(bank: Bank) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, questions in bank.sets.items():
        for number, question in enumerate(questions.questions):
            if first.setdefault(question.id, name) != name:
                yield duplicate_id(questions.place, ("questions", number), question.id)
    quizzes: set[str] = set()
    for quiz, place in bank.quizzes.values():
        if quiz.id in quizzes:
            yield duplicate_id(place, (), quiz.id)
        quizzes.add(quiz.id)


def _unknown_questions(bank: Bank) -> Iterator[Problem]:
    known = {question.id for each in bank.sets.values() for question in each.questions}
    for quiz, place in bank.quizzes.values():
        for number, item in enumerate(quiz.items):
            if item.question and item.question not in known:
                message = f"no set has a question {item.question!r}"
                yield place.error(("items", number, "question"), "unknown_question", message)
