"""A server that is killed at any moment: what it acknowledged is kept, and nothing is half done."""

import random
import threading
import time
from collections.abc import Callable

from faults import checks
from faults.browsers import LOST, Answer, Browser, Person, Request, SignInDesk, check, save, start, submit
from faults.checks import Kept
from faults.conftest import QUESTIONS, SEED, published
from faults.processes import Server
from quizapp.db.engine import Database
from quizapp.queries import attempts
from quizapp.services import rebuilding

LONGEST = 0.35
"""Seconds that a server lives at most after its learners came."""
CHECKS_AFTER = 25
"""Rounds after which everybody's progress is counted anew, not only the round's learners'."""


class Learner(threading.Thread):
    """Takes one quiz again and again until the server dies, and remembers what it was told."""

    def __init__(self, server: Server, person: Person, quiz: str, mode: str, seed: str) -> None:
        super().__init__()
        self.person = person
        self.kept: list[Kept] = []
        self.submitted: list[str] = []
        self.wrong: list[str] = []
        self.interrupted: Request | None = None
        self._browser = Browser(server, person)
        self._quiz = quiz
        self._mode = mode
        self._random = random.Random(seed)

    def run(self) -> None:
        try:
            while not self.wrong:
                self._sit()
        except LOST:
            pass

    def again(self) -> None:
        """Send once more, twice, what the dead server never answered."""
        request = self.interrupted
        if request is None:
            return
        self.interrupted = None
        first, second = self._send(request), self._send(request)
        if not first or not second:
            return
        if request.method == "PUT" and first.json()["sequence"] != second.json()["sequence"]:
            self.wrong.append(f"kept twice: {request}")
        if first.location != second.location:
            self.wrong.append(f"led to {first.location} and {second.location}: {request}")

    def hand_in(self, attempt: str) -> None:
        if self._send(submit(attempt)):
            self.submitted.append(attempt)

    def close(self) -> None:
        self._browser.close()

    def _sit(self) -> None:
        started = self._send(start(self._quiz))
        if not started:
            return
        attempt = started.location.rpartition("/")[2]
        numbers = dict.fromkeys(range(1, QUESTIONS + 1), 0)
        for _ in range(self._random.randint(2, 8)):
            position = self._random.choice(list(numbers) or [0])
            if position:
                self._answer(attempt, position, numbers)
        self.hand_in(attempt)

    def _answer(self, attempt: str, position: int, numbers: dict[int, int]) -> None:
        """Save an answer; in practice, now and then check it, after which the question is done."""
        typed = str(self._random.choice([42, self._random.randint(1, 10**9)]))
        number = numbers[position] + 1
        if self._mode == "practice" and self._random.random() < 0.5:
            del numbers[position]
            answer = self._send(check(attempt, position, number, typed))
        else:
            answer = self._send(save(attempt, position, number, {"number": [typed]}))
            if answer:  # an unchanged answer keeps its number
                number = numbers[position] = answer.json()["sequence"]
        if answer:
            self.kept.append(Kept(self.person.id, attempt, position, number, {"number": [typed]}))

    def _send(self, request: Request) -> Answer | None:
        """The answer, unless it is not what a learner should get."""
        self.interrupted = request
        answer = self._browser.send(request)
        self.interrupted = None
        if answer.status == (200 if request.method == "PUT" else 302):
            return answer
        self.wrong.append(f"{answer.status} for {request}: {answer.body[:300]}")
        return None


def test_a_server_killed_at_any_moment_keeps_what_it_acknowledged(
    database: Database, serve: Callable[..., Server], desk: SignInDesk, full: bool
) -> None:
    quizzes = {mode: published(database, mode) for mode in ("exam", "practice")}
    server: Server = serve()
    kept = interrupted = submitted = 0
    for number in range(500 if full else 20):
        seed = f"{SEED}/{number}"
        people = desk.arrive(database, 4)
        learners = [
            Learner(server, person, quizzes[mode], mode, f"{seed}/{place}")
            for place, (person, mode) in enumerate(zip(people, ["exam", "practice"] * 2, strict=True))
        ]
        database.dispose()  # so that nobody has the database open once the server is dead
        _kill_during(server, learners, random.Random(seed).uniform(0, LONGEST))
        kept += sum(len(learner.kept) for learner in learners)
        interrupted += sum(learner.interrupted is not None for learner in learners)
        submitted += sum(len(learner.submitted) for learner in learners)
        server.launch()
        _examine(database, server, learners, f"after a kill, with the seed {seed}")
        server.wait()
        _go_on(database, learners)
        _examine(database, server, learners, f"after going on, with the seed {seed}")
        if number % CHECKS_AFTER == 0:
            assert rebuilding.rebuild(database, check=True).differences == [], seed
    assert rebuilding.rebuild(database, check=True).differences == []
    assert kept, "the servers were killed before anything was saved"
    assert submitted, "the servers were killed before anything was submitted"
    assert interrupted, "the servers were killed while nobody waited for an answer"


def _kill_during(server: Server, learners: list[Learner], delay: float) -> None:
    for learner in learners:
        learner.start()
    time.sleep(delay)
    server.kill()
    for learner in learners:
        learner.join()
        learner.close()


def _go_on(database: Database, learners: list[Learner]) -> None:
    """Everybody sends again what was interrupted, and hands in what is open."""
    for learner in learners:
        learner.again()
        with database.reading() as session:
            unfinished = [each.id for each in attempts.unsettled(session, learner.person.id)]
        for attempt in unfinished:
            learner.hand_in(attempt)
            learner.hand_in(attempt)
        learner.close()


def _examine(database: Database, server: Server, learners: list[Learner], when: str) -> None:
    ids = [learner.person.id for learner in learners]
    wrong = [words for learner in learners for words in learner.wrong]
    assert wrong == [], f"{when}: {server.said()}"
    assert server.unexpected() == [], when
    assert checks.lost(database, [kept for learner in learners for kept in learner.kept]) == [], when
    assert checks.problems(database, ids, questions=QUESTIONS) == [], when
    with database.reading() as session:
        for learner in learners:
            for attempt_id in learner.submitted:
                attempt = attempts.of_learner(session, learner.person.id, attempt_id)
                assert attempt is not None, when
                assert attempt.state == "finished", when
