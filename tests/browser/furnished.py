"""A site with people, results and questions in it, so that every page has something to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from browser.player import KINDS, LONGER
from quizapp.db.engine import Database
from quizapp.db.models import Account, Question, QuestionSet
from quizapp.domain.accounts import name_key
from quizapp.domain.permissions import Actor, Role
from quizapp.services import answering, banks, demo, finishing, imports, quizzes, starting
from quizapp.services.bank_files import files_of
from quizapp.services.import_reading import Request, as_bytes, read_file

BANK = Path(__file__).parents[2] / "question_bank"
PASSWORDS = {demo.INSTRUCTOR: "chalk dust and red ink", demo.LEARNER: "read it twice aloud"}
ASKED = (*KINDS, *LONGER)
SEED = 8
"""Arranges the options, so that a picture taken twice is the same picture."""
VISITOR, LEARNER, INSTRUCTOR = "visitor", demo.LEARNER, demo.INSTRUCTOR

MATH = make.document(
    "sample-math",
    stem=(
        "A B-tree node holds up to $k$ keys. Its height grows with the number of rows $n$ as\n\n"
        "$$h = \\lceil \\log_{k+1} n \\rceil$$\n\n"
        "Which query below reads the fewest pages?\n\n"
        "```sql\nSELECT id, customer_id, placed_at FROM orders WHERE customer_id = 7 "
        "ORDER BY placed_at DESC LIMIT 10;\n```\n\n"
        "| Table | Rows |\n| :-- | --: |\n| orders | 12 000 000 |\n| customers | 80 000 |\n"
    ),
    explanation="Only the first keeps $O(\\log n)$ reads.",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: its name, its address, and who looks at it."""

    name: str
    path: str
    who: str = LEARNER
    status: int = 200


def fill(database: Database, *, now: datetime, people: int = 3) -> None:
    """Load the bank and the demo."""
    files, _ = files_of(BANK)
    with database.writing() as session:
        banks.load(session, files, now=now - timedelta(days=40))
    demo.seed(database, passwords=PASSWORDS, now=now, people=demo.NAMES[:people])


def actor_of(session: Session, name: str) -> Actor:
    row = session.scalars(select(Account).where(Account.name_key == name_key(name))).one()
    return Actor(row.id, Role(row.role))


def furnish(database: Database, *, now: datetime) -> list[Shown]:
    """Put what is missing into a filled database; all pages there are to see."""
    with database.writing() as session:
        learner = actor_of(session, LEARNER)
        earlier = now - timedelta(minutes=15)
        finished = _begun(session, learner, "finished", earlier, title="Backend basics, first try")
        _hand_in(session, learner, finished, earlier)
        practice = _begun(
            session, learner, "practice", now, title="Backend basics, with feedback", mode="practice"
        )
        for position, document in enumerate(_documents(), start=1):
            _check(session, learner, practice, position, document, now)
        running = _begun(session, learner, "running", now, title="Backend basics")
        return [
            *_public(),
            *_learning(),
            *_taking(running, practice),
            Shown("result", f"/attempts/{finished}/result"),
            Shown("review", f"/attempts/{finished}/review"),
            Shown("review-missed", f"/attempts/{finished}/review?show=missed"),
            *_teaching(session, now),
            *_scoring(session, learner, earlier),
        ]


def _documents(prefix: str = "sample") -> list[dict[str, Any]]:
    """One question of each type and one with math; each sitting has its own, so that none tells about another."""
    documents = [*(make.sample(kind) for kind in ASKED), MATH]
    return [document | {"id": f"{prefix}-{document['id']}"} for document in documents]


def _begun(session: Session, learner: Actor, prefix: str, now: datetime, **fields: Any) -> str:
    uids = [row.uid for row in make.questions(session, _documents(prefix))]
    offered = make.quiz(session, uids, time_limit_minutes=None if "mode" in fields else 20, **fields)
    return starting.start_quiz(session, learner, offered.uid, now=now, seed=SEED).attempt_id


def _check(
    session: Session, learner: Actor, attempt: str, position: int, document: dict[str, Any], now: datetime
) -> None:
    """Some right, some wrong, so that both can be seen."""
    answer = make.wrong(document) if position in {1, 2, 6, 8, 12} else make.right(document)
    answering.check_answer(session, learner.id, attempt, position, answer, number=1, now=now)


def _hand_in(session: Session, learner: Actor, attempt: str, now: datetime) -> None:
    for position, document in enumerate(_documents()[:-1], start=1):
        answer = make.right(document) if position % 2 else make.wrong(document)
        later = now + timedelta(seconds=20 * position)
        answering.save_answer(session, learner.id, attempt, position, answer, number=1, now=later)
    answering.flag(session, learner.id, attempt, 3, flagged=True, now=now)
    finishing.submit(session, learner.id, attempt, now=now + timedelta(minutes=4))


def _public() -> list[Shown]:
    return [
        Shown("landing", "/", VISITOR),
        Shown("help", "/help", VISITOR),
        Shown("sign-in", "/sign-in", VISITOR),
        Shown("register", "/register", VISITOR),
        Shown("error-404", "/nothing-here", VISITOR, 404),
    ]


def _learning() -> list[Shown]:
    return [
        Shown("home", "/"),
        Shown("quizzes", "/quizzes"),
        Shown("quiz", "/quizzes/databases-exam"),
        Shown("history", "/attempts"),
        Shown("missed", "/missed"),
        Shown("practice", "/practice"),
        Shown("topics", "/topics"),
        Shown("topic", "/topics/databases"),
        Shown("account", "/account"),
    ]


def _taking(running: str, practice: str) -> list[Shown]:
    kinds = [*ASKED, "math"]
    return [
        *(
            Shown(f"question-{kind}", f"/attempts/{running}/questions/{position}")
            for position, kind in enumerate(kinds, start=1)
        ),
        *(
            Shown(f"checked-{kind}", f"/attempts/{practice}/questions/{position}")
            for position, kind in enumerate(kinds, start=1)
        ),
        Shown("summary", f"/attempts/{running}/summary"),
    ]


def _scoring(session: Session, learner: Actor, now: datetime) -> list[Shown]:
    """An answer that its quiz's owner has to score."""
    owner = actor_of(session, INSTRUCTOR)
    quiz = {"title": "A mock interview", "owner": owner.id, "open_answers": "instructor"}
    attempt = _begun(session, learner, "interview", now, **quiz)
    _hand_in(session, learner, attempt, now)
    place = f"{learner.id}/{attempt}/{ASKED.index('open_response') + 1}"
    return [
        Shown("teach-scoring", "/teach/scoring", INSTRUCTOR),
        Shown("teach-score", f"/teach/scoring/{place}", INSTRUCTOR),
    ]


IMPORTED = b"""\
::Join::Which join keeps all rows on the left? {=LEFT JOIN#It fills with NULL. ~INNER JOIN ~CROSS JOIN}

::Broken::A brace that never ends {=a ~b

::Rows::How many rows has a cross join of 3 and 4 rows? {#12:0}
"""


def _imported(session: Session, instructor: Actor, now: datetime) -> str:
    """A file that waits for its author's word: one question of it cannot be asked."""
    asked = Request(IMPORTED, "joins.gift")
    pending = imports.remember(session, instructor, asked, as_bytes(read_file(asked)), now=now)
    return f"/teach/import/{pending}"


def _teaching(session: Session, now: datetime) -> list[Shown]:
    instructor = actor_of(session, INSTRUCTOR)
    own = session.scalars(select(QuestionSet).where(QuestionSet.owner_id == instructor.id)).first()
    assert own is not None
    uid = session.scalars(select(Question.uid).where(Question.set_id == own.id)).first()
    plan = make.blueprint(title="Git in ten minutes", items=[{"question": uid}, {"draw": {"count": 3}}])
    quiz = quizzes.create(session, instructor, plan, now=now)
    pages = {
        "teach": "/teach",
        "teach-upload": "/teach/sets/new",
        "teach-set": f"/teach/sets/{own.id}",
        "teach-replace": f"/teach/sets/{own.id}/replace",
        "teach-advice": f"/teach/sets/{own.id}/advice",
        "teach-library": "/teach/questions?owner=bank&sort=topic",
        "teach-library-none": "/teach/questions?q=unheard",
        "teach-changes": "/teach/changes",
        "teach-preview": f"/teach/sets/{own.id}/preview/{uid}",
        "teach-new-set": "/teach/sets/create",
        "teach-new-question": f"/teach/sets/{own.id}/questions/new",
        "teach-write": f"/teach/sets/{own.id}/questions/new?type=single_choice",
        "teach-edit": f"/teach/sets/{own.id}/questions/{uid}/edit",
        "teach-history": f"/teach/sets/{own.id}/questions/{uid}/history",
        "teach-image": "/teach/images",
        "teach-import": "/teach/import",
        "teach-import-report": _imported(session, instructor, now),
        "teach-export": f"/teach/sets/{own.id}/export?format=gift",
        "teach-new-quiz": "/teach/quizzes/new",
        "teach-quiz": f"/teach/quizzes/{quiz.id}",
        "teach-preview-quiz": f"/teach/quizzes/{quiz.id}/preview",
        "teach-extra-time": "/teach/extra-time",
    }
    return [Shown(name, path, INSTRUCTOR) for name, path in pages.items()]
