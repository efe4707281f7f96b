"""The demo: two accounts to sign in with, and a month of other people's quizzes.

All of it goes through the use cases that real people's browsers call, with told
times, so nothing here can look different from the real thing.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.db.engine import Database
from quizapp.db.models import Account, Attempt
from quizapp.db.models import Question as QuestionRow
from quizapp.domain.accounts import name_key, tidy_name
from quizapp.domain.errors import Refused
from quizapp.domain.permissions import Actor, Role
from quizapp.domain.questions import Question
from quizapp.domain.quizzes import Blueprint
from quizapp.queries import attempts, quizzes, revisions
from quizapp.queries.curriculum import curriculum
from quizapp.services import answering, composing, demo_sets, finishing, passwords, sets, starting
from quizapp.services.simulated_learners import NAMES, Mind, somebody
from quizapp.services.uploads import judge_upload

INSTRUCTOR = "Demo Instructor"
LEARNER = "Demo Learner"
NO_PASSWORD = "!"  # noqa: S105  # no hash at all: nobody can sign in with it
HISTORY = timedelta(days=30)
DIAGNOSTIC = "ten-minute-diagnostic"
LEAVES_IT_TO_THE_DEADLINE = 0.1


def seed(
    database: Database,
    *,
    passwords: Mapping[str, str],
    now: datetime,
    people: Sequence[str] = NAMES,
) -> None:
    """Fill a database that holds the bank.  What is there already stays as it is.

    `passwords` are those of `INSTRUCTOR` and `LEARNER`, by name.  Each person is one
    transaction, so a run that was cut short is completed by the next one.  Raises
    `Refused` where somebody real has one of the two names.
    """
    hashes = {name: _hash(database, name, passwords[name]) for name in (INSTRUCTOR, LEARNER)}
    with database.writing() as session:
        instructor = _account(session, INSTRUCTOR, hashes[INSTRUCTOR], Role.INSTRUCTOR, now)
        if instructor is not None:
            _upload_sets(session, instructor, now)
    for name in (LEARNER, *people):
        with database.writing() as session:
            learner = _account(session, name, hashes.get(name, NO_PASSWORD), Role.LEARNER, now)
            if learner is not None:
                _live(session, learner, name, now)


def _hash(database: Database, name: str, password: str) -> str:
    """The password's hash; the kept one where it is the same password."""
    with database.reading() as session:
        kept = session.scalar(select(Account.password_hash).where(Account.name_key == name_key(name)))
    return kept if kept and passwords.matches(kept, password) else passwords.hashed(password)


def _account(session: Session, name: str, password_hash: str, role: Role, now: datetime) -> Actor | None:
    """A new demo account; None where it exists, and then only its password is brought up to date."""
    known = session.scalars(select(Account).where(Account.name_key == name_key(name))).one_or_none()
    if known is not None:
        if not known.is_demo and name in (INSTRUCTOR, LEARNER):
            raise Refused(f"Somebody else is called {name!r}, so there is no demo here.", "name")
        if known.is_demo and known.password_hash != password_hash:
            known.password_hash = password_hash
        return None
    account = Account(
        name=tidy_name(name),
        name_key=name_key(name),
        password_hash=password_hash,
        role=role.value,
        time_percent=100,
        preferences={},
        is_demo=True,
        created_at=now - HISTORY,
    )
    session.add(account)
    session.flush()
    return Actor(account.id, role)


def _upload_sets(session: Session, instructor: Actor, now: datetime) -> None:
    """One set that learners can meet, and one that is not ready.

    Where an instructor of an earlier demo has them already, they stay theirs.
    """
    for text, is_ready in ((demo_sets.PUBLISHED, True), (demo_sets.DRAFT, False)):
        upload = judge_upload(text.encode(), "demo.yaml").upload
        assert upload is not None
        with suppress(Refused):
            row = sets.save_new(session, instructor, upload, now=now - timedelta(days=9))
            if is_ready:
                sets.publish(session, instructor, row.id, now=now - timedelta(days=8))


def _live(session: Session, learner: Actor, name: str, now: datetime) -> None:
    published = select(QuestionRow.topic).where(QuestionRow.status == "published").distinct()
    topics = dict.fromkeys(sorted(session.scalars(published)))
    exams = [quiz.uid for quiz in quizzes.published(session) if quiz.source and _is_plain_exam(quiz.document)]
    if not topics or not exams:
        return
    if name == LEARNER:
        _MonthOfTheDemoLearner(session, learner, _demo_mind(), now).live(exams, topics)
    else:
        _Month(session, learner, somebody(name, topics), now).live(exams, topics)


def _is_plain_exam(document: Mapping[str, object]) -> bool:
    return document.get("mode", "exam") == "exam" and not {"opens_at", "closes_at"} & document.keys()


def _demo_mind() -> Mind:
    """Good at networking, shaky in databases, and so so elsewhere."""
    mind = somebody(LEARNER, {})
    mind.abilities = {"databases": -1.2, "networking": 5.0, "security": 1.2, "apis": 0.9}
    mind.otherwise = 0.6
    mind.skips = 0.02
    return mind


def _apart(visits: Sequence[datetime]) -> list[datetime]:
    """The visits in order, without those that would begin while another one lasts."""
    kept: list[datetime] = []
    for at in sorted(visits):
        if not kept or at - kept[-1] > timedelta(hours=1):
            kept.append(at)
    return kept


@dataclass
class _Month:
    """A person's visits, one after the other."""

    session: Session
    learner: Actor
    mind: Mind
    now: datetime
    practised: int = 0

    def live(self, exams: Sequence[str], topics: Mapping[str, object]) -> None:
        random = self.mind.random
        first = DIAGNOSTIC if DIAGNOSTIC in exams else exams[0]
        visits = [self.day(random.uniform(1, HISTORY.days - 1)) for _ in range(random.randint(3, 5))]
        for number, at in enumerate(_apart(visits)):
            if number == 0:
                self.exam(first, at)
            elif random.random() < 0.25:
                self.practice(random.choice(sorted(topics)), at, count=random.randint(4, 6))
            else:
                self.exam(random.choice(exams), at, leave=random.random() < LEAVES_IT_TO_THE_DEADLINE)
        finishing.settle(self.session, self.learner.id, now=self.now)

    def day(self, days_ago: float) -> datetime:
        """A moment of that day between breakfast and bedtime, if days begin where the server is."""
        day = (self.now - timedelta(days=days_ago)).replace(hour=7, minute=0, second=0, microsecond=0)
        at = day + timedelta(seconds=self.mind.random.randrange(15 * 3600))
        return min(at, self.now - timedelta(hours=3))

    def exam(self, uid: str, at: datetime, *, leave: bool = False) -> None:
        """Take an exam; whoever leaves, or is too slow, leaves the end to the deadline."""
        finishing.settle(self.session, self.learner.id, now=at)
        seed = self.mind.random.getrandbits(31)
        started = starting.start_quiz(self.session, self.learner, uid, now=at, seed=seed)
        attempt = self.attempt(started.attempt_id)
        usual = self.usual_seconds(attempt)
        for position, question in self.questions(attempt):
            at += timedelta(seconds=usual * self.mind.random.triangular(0.2, 1.3, 0.6))
            if attempt.deadline_at is not None and at >= attempt.deadline_at:
                return
            if leave and position > 6:
                return
            answer = self.mind.answer(question)
            if answer is None:
                continue
            answering.save_answer(
                self.session,
                self.learner.id,
                attempt.id,
                position,
                answer,
                number=1,
                confidence=self.mind.confidence(),
                now=at,
            )
        finishing.submit(self.session, self.learner.id, attempt.id, now=at)

    def practice(
        self,
        topic: str,
        at: datetime,
        *,
        count: int,
        stop_after: int | None = None,
        flagged: int | None = None,
    ) -> None:
        """Practise a topic with feedback; `stop_after` some checks it stays open."""
        finishing.settle(self.session, self.learner.id, now=at)
        self.practised += 1
        choice = composing.Choice((topic,), (), count, "practice")
        plan = composing.blueprint_of(choice, curriculum(self.session))
        token = f"demo-{self.practised}"
        seed = self.mind.random.getrandbits(31)
        started = starting.start_own(self.session, self.learner, plan, token, now=at, seed=seed)
        attempt = self.attempt(started.attempt_id)
        for position, question in self.questions(attempt):
            at += timedelta(seconds=self.mind.random.triangular(15, 150, 50))
            if position == flagged:
                answering.flag(self.session, self.learner.id, attempt.id, position, flagged=True, now=at)
            if stop_after is not None and position > stop_after:
                continue
            answer = self.mind.answer(question)
            if answer is not None:
                answering.check_answer(
                    self.session, self.learner.id, attempt.id, position, answer, number=1, now=at
                )
        if stop_after is None:
            finishing.submit(self.session, self.learner.id, attempt.id, now=at)

    def attempt(self, attempt_id: str) -> Attempt:
        found = attempts.of_learner(self.session, self.learner.id, attempt_id)
        assert found is not None
        return found

    def questions(self, attempt: Attempt) -> list[tuple[int, Question]]:
        slots = attempts.slots(self.session, self.learner.id, attempt.id)
        asked = revisions.asked_in(self.session, slots)
        return [(slot.position, question) for slot, question in zip(slots, asked, strict=True)]

    def usual_seconds(self, attempt: Attempt) -> float:
        """How long a question may take on average."""
        minutes = Blueprint.model_validate(attempt.blueprint).time_limit_minutes
        asked = Blueprint.model_validate(attempt.blueprint).slots
        return float(minutes or asked) * 60 / asked


class _MonthOfTheDemoLearner(_Month):
    """The account that visitors sign in to: a bit of everything that the pages can show."""

    def live(self, exams: Sequence[str], topics: Mapping[str, object]) -> None:
        """Ten attempts: one left to its deadline, one still running."""
        wanted: Sequence[tuple[float, str, bool]] = (
            (29, DIAGNOSTIC, False),
            (26, "databases-exam", False),
            (20, "networking-exam", False),
            (16, "security-exam", False),
            (12, "apis-exam", False),
            (8, "databases-exam", False),
            (5, "backend-mixed", False),
            (2, "system-design-exam", True),
        )
        for days_ago, uid, leave in wanted:
            if days_ago == 16 and "databases" in topics:
                self.practice("databases", self.day(18), count=8)
            if uid in exams:
                self.exam(uid, self.day(days_ago), leave=leave)
        if "security" in topics:
            at = self.now - timedelta(minutes=25)
            self.practice("security", at, count=8, stop_after=3, flagged=5)
        finishing.settle(self.session, self.learner.id, now=self.now)
