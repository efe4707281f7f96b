"""Makers of valid things; a test names only what matters to it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy.orm import Session

from quizapp.db.models import Account, Question, QuestionSet, Quiz, Revision
from quizapp.domain.permissions import Actor, Role
from quizapp.domain.questions import Question as QuestionValue
from quizapp.domain.quizzes import Blueprint
from quizapp.queries.revisions import parsed
from quizapp.services import starting
from quizapp.services.revising import words_of

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"

_numbers = count(1)


def account(session: Session, name: str = "", *, role: str = "learner", percent: int | None = 100) -> Account:
    name = name or f"Learner {next(_numbers)}"
    row = Account(
        name=name,
        name_key=name.casefold(),
        password_hash="!",  # nobody can sign in with it
        role=role,
        time_percent=percent,
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def actor(session: Session, name: str = "", **options: Any) -> Actor:
    row = account(session, name, **options)
    return Actor(row.id, Role(row.role))


def sample(kind: str) -> dict[str, Any]:
    """The sample document of a question type."""
    document: dict[str, Any] = YAML(typ="safe").load((SAMPLES / f"{kind}.yaml").read_text("utf-8"))
    return document["questions"][0]


def document(uid: str = "", **fields: Any) -> dict[str, Any]:
    """A question's document: a small single choice unless told otherwise."""
    base: dict[str, Any] = {
        "id": uid or f"question-{next(_numbers)}",
        "type": "single_choice",
        "topic": "databases",
        "subtopic": "databases.indexing",
        "stem": "Which structure does an ordinary index use?",
    }
    if fields.get("type", "single_choice") == "single_choice" and "options" not in fields:
        base["options"] = [
            {"text": "A B-tree", "key": True, "feedback": "Ordered, so ranges work."},
            {"text": "A bitmap", "feedback": "Made on the fly."},
            {"text": "A heap", "feedback": "That is the table."},
        ]
    return base | fields


def value(**fields: Any) -> QuestionValue:
    return parsed(document(**fields), "made")


def question_set(
    session: Session, *, owner: int | None = None, status: str = "published", title: str = "Indexes"
) -> QuestionSet:
    row = QuestionSet(
        owner_id=owner,
        title=title,
        description="",
        licence="",
        status=status,
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def questions(
    session: Session, documents: Iterable[dict[str, Any]], *, within: QuestionSet | None = None
) -> list[Question]:
    """Questions with their first revisions, of the status of their set: published unless told otherwise."""
    home = within or question_set(session)
    rows = []
    for position, each in enumerate(documents, start=1):
        known = parsed(each, "made")
        row = Question(
            uid=known.id,
            set_id=home.id,
            position=position,
            revision=1,
            topic=known.topic,
            subtopic=known.subtopic,
            type=known.type,
            level=known.level,
            points=known.points,
            status=home.status,
            words=words_of(known.document()),
        )
        session.add(row)
        session.flush()
        session.add(
            Revision(
                question_id=row.id,
                number=1,
                content_hash=known.content_hash(),
                document=known.document(),
                created_at=NOW,
            )
        )
        rows.append(row)
    session.flush()
    return rows


def blueprint(uids: Sequence[str] = (), **fields: Any) -> Blueprint:
    """An exam of 20 minutes over fixed questions, or over a draw of three."""
    items: list[dict[str, Any]] = [{"question": uid} for uid in uids]
    return Blueprint.model_validate(
        {
            "id": f"quiz-{next(_numbers)}",
            "title": "Indexes",
            "items": items or [{"draw": {"count": 3}}],
            "time_limit_minutes": 20,
            "shuffle_questions": False,
            **fields,
        }
    )


def quiz(session: Session, uids: Sequence[str] = (), *, owner: int | None = None, **fields: Any) -> Quiz:
    """A published quiz."""
    plan = blueprint(uids, **fields)
    row = Quiz(
        uid=plan.id,
        owner_id=owner,
        title=plan.title,
        status="published",
        document=plan.document(),
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def running(
    session: Session,
    learner: Actor | None = None,
    documents: Sequence[dict[str, Any]] | None = None,
    *,
    now: datetime = NOW,
    **fields: Any,
) -> tuple[Actor, str]:
    """An open attempt over some questions: the learner and the attempt's id."""
    learner = learner or actor(session)
    rows = questions(session, documents or [document() for _ in range(3)])
    plan = quiz(session, [row.uid for row in rows], **fields)
    return learner, starting.start_quiz(session, learner, plan.uid, now=now).attempt_id


def right(fields: dict[str, Any]) -> dict[str, list[str]]:
    """A right submission of a question's document."""
    return {name: list(values) for name, values in parsed(fields, "made").body.examples().right.items()}


def wrong(fields: dict[str, Any]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in parsed(fields, "made").body.examples().wrong.items()}
