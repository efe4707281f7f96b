"""Loading a bank's quizzes, and checking that the questions they name exist."""

from collections.abc import Iterable, Iterator, Sequence

from quizapp.db import models
from quizapp.domain.problems import Path, Place, Problem
from quizapp.domain.quizzes import Blueprint
from quizapp.queries import bank as reads
from quizapp.services.bank_files import read_files
from quizapp.services.bank_loads import PUBLISHED, RETIRED, Load


def take_quizzes(load: Load) -> None:
    """Make the rows of quizzes say what the files say.  Questions are loaded before."""
    rows = reads.bank_quizzes(load.session)
    owners = {row.uid: str(row.source) for row in rows if row.status == PUBLISHED}
    _drop_unusable(load)
    load.drop_repeated(lambda: _ids(load), owners)
    files = {quiz.id: name for name, quiz, _ in _listed(load)}
    affected = load.banks.keys() | load.gone
    for row in [row for row in rows if row.source in affected and row.uid not in files]:
        load.update(row, {"status": RETIRED})
    _make_room(load, rows, files)
    by_uid = {row.uid: row for row in rows}
    for name, quiz, _ in _listed(load):
        row = by_uid.get(quiz.id) or models.Quiz(uid=quiz.id, created_at=load.now)
        values = {"source": name, "title": quiz.title, "document": quiz.document()}
        load.update(row, values | {"status": PUBLISHED})
        load.session.add(row)
    load.session.flush()


def report_stale_quizzes(load: Load) -> None:
    """Tell of quizzes whose file did not change, but whose questions went away."""
    staying = load.staying
    quizzes = [
        (str(row.source), Blueprint.model_validate(row.document))
        for row in reads.bank_quizzes(load.session)
        if row.source in staying and row.status == PUBLISHED
    ]
    published = _published(load, (quiz for _, quiz in quizzes))
    for name, quiz in quizzes:
        if not set(_fixed(quiz)) <= published:
            place = _place(load, name)
            load.report.problems += _unknown(quiz, place, published)


def _listed(load: Load) -> Iterator[tuple[str, Blueprint, Place]]:
    for name, bank in load.banks.items():
        for quiz, place in bank.quizzes.values():
            yield name, quiz, place


def _ids(load: Load) -> Iterator[tuple[str, str, Path]]:
    for name, quiz, _ in _listed(load):
        yield name, quiz.id, ()


def _drop_unusable(load: Load) -> None:
    """Drop files whose id is somebody's own quiz, or that name a question nobody has."""
    own = reads.own_quiz_ids(load.session)
    published = _published(load, (quiz for _, quiz, _ in _listed(load)))
    for name, quiz, place in list(_listed(load)):
        problems = list(_unknown(quiz, place, published))
        if quiz.id in own:
            message = f"the id {quiz.id!r} belongs to a quiz that somebody made"
            problems.append(place.error(("id",), "id_taken", message))
        if problems:
            load.drop(name, problems)


def _make_room(load: Load, rows: Sequence[models.Quiz], files: dict[str, str]) -> None:
    """A file names one quiz: whichever had its place gives it up, before another takes it."""
    for row in rows:
        if row.source in load.banks and files.get(row.uid) != row.source:
            row.source = f"{row.source}#{row.uid}"
    load.session.flush()


def _published(load: Load, quizzes: Iterable[Blueprint]) -> set[str]:
    return reads.published_ids(load.session, {uid for quiz in quizzes for uid in _fixed(quiz)})


def _fixed(quiz: Blueprint) -> Iterator[str]:
    return (item.question for item in quiz.items if item.question)


def _unknown(quiz: Blueprint, place: Place, published: set[str]) -> Iterator[Problem]:
    for number, item in enumerate(quiz.items):
        if item.question and item.question not in published:
            message = f"no set has a question {item.question!r}"
            yield place.error(("items", number, "question"), "unknown_question", message)


def _place(load: Load, name: str) -> Place:
    """The lines of a file that was not read in this load; unknown where it cannot be read."""
    read = read_files([load.files[name]]).quizzes if name in load.files else {}
    return read[name][1] if name in read else Place(name, {})
