"""Several server processes, many people, one database."""

import random
import threading
import time
from collections.abc import Callable

from sqlalchemy import func, select

from faults import checks
from faults.browsers import Browser, SignInDesk, save, submit
from faults.checks import Kept
from faults.conftest import QUESTIONS, SEED
from faults.processes import Server
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Slot

SECONDS = 5


class Tab(threading.Thread):
    """One of a learner's open tabs, which saves all the time and now and then finds a newer answer."""

    def __init__(self, browser: Browser, attempt: str, end: float, seed: str) -> None:
        super().__init__()
        self.kept: list[Kept] = []
        self.conflicts = 0
        self.wrong: list[str] = []
        self._browser = browser
        self._attempt = attempt
        self._end = end
        self._random = random.Random(seed)

    def run(self) -> None:
        numbers = dict.fromkeys(range(1, QUESTIONS + 1), 0)
        while time.monotonic() < self._end:
            self._save(self._random.randint(1, QUESTIONS), numbers)

    def _save(self, position: int, numbers: dict[int, int]) -> None:
        assert self._browser.person is not None
        submission = {"number": [str(self._random.randint(1, 10**12))]}
        number = numbers[position] + 1
        answer = self._browser.send(save(self._attempt, position, number, submission))
        if answer.status == 200:
            numbers[position] = number
            self.kept.append(Kept(self._browser.person.id, self._attempt, position, number, submission))
            if answer.json()["sequence"] != number:
                self.wrong.append(f"number {number} was kept as {answer.json()}")
        elif answer.status == 409:
            self.conflicts += 1
            numbers[position] = answer.json()["sequence"]
        else:
            self.wrong.append(f"{answer.status}: {answer.body[:300]}")


def test_four_server_processes_lose_no_save(
    database: Database,
    serve: Callable[..., Server],
    browse: Callable[..., Browser],
    desk: SignInDesk,
    quiz: str,
) -> None:
    server = serve(workers=4)
    people = desk.arrive(database, 6)
    sittings = [browse(server, person).start(quiz) for person in people]
    end = time.monotonic() + SECONDS
    tabs = [
        Tab(browse(server, person), sitting, end, f"{SEED}/{person.id}/{number}")
        for person, sitting in zip(people, sittings, strict=True)
        for number in (1, 2)
    ]
    _run(tabs)

    assert [tab.wrong for tab in tabs] == [[]] * len(tabs), server.said()
    assert all(tab.kept for tab in tabs)
    assert sum(tab.conflicts for tab in tabs), "no tab ever met another's answer"
    assert checks.lost(database, [kept for tab in tabs for kept in tab.kept]) == []
    assert len({(kept.attempt_id, kept.position, kept.number) for tab in tabs for kept in tab.kept}) == sum(
        len(tab.kept) for tab in tabs
    ), "two saves were given the same number"
    for person, sitting in zip(people, sittings, strict=True):
        assert browse(server, person).send(submit(sitting)).status == 302
    assert checks.problems(database, [person.id for person in people], questions=QUESTIONS) == []


class Arrival(threading.Thread):
    """Somebody of a class: presses start twice, once in each tab, when everybody does, and answers."""

    def __init__(self, browser: Browser, quiz: str, together: threading.Barrier) -> None:
        super().__init__()
        self.attempts: list[str] = []
        self.statuses: list[int] = []
        self._browser = browser
        self._quiz = quiz
        self._together = together

    def run(self) -> None:
        self._together.wait()
        self.attempts = [self._browser.start(self._quiz) for _ in range(2)]
        attempt = self.attempts[0]
        self.statuses = [
            self._browser.get(f"/attempts/{attempt}/questions/1").status,
            self._browser.save(attempt, 1, 1, {"number": ["42"]}).status,
        ]


def test_a_class_starts_at_once(
    database: Database,
    serve: Callable[..., Server],
    browse: Callable[..., Browser],
    desk: SignInDesk,
    quiz: str,
    full: bool,
) -> None:
    server = serve(workers=2, threads=8)
    people = desk.arrive(database, 300 if full else 60)
    together = threading.Barrier(len(people))
    arrivals = [Arrival(browse(server, person), quiz, together) for person in people]
    _run(arrivals)

    assert [arrival.statuses for arrival in arrivals] == [[200, 200]] * len(people), server.said()
    assert server.unexpected() == []
    attempts = [arrival.attempts for arrival in arrivals]
    assert all(first == second for first, second in attempts)
    assert len({first for first, _ in attempts}) == len(people)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == len(people)
        assert session.scalar(select(func.count()).select_from(Slot)) == len(people) * QUESTIONS


def _run(threads: list[Tab] | list[Arrival]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
