"""Writing what a question says: a new revision, and the columns that SQL filters and searches on.

Uploads, imports, the editor and changes of many questions all write through here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quizapp.db.models import Question, Revision

MOST_WORDS = 20_000
"""Characters of a question that are searched."""

UNSEARCHED = frozenset({"source", "origin"})


def describe(question: Question, document: Mapping[str, Any]) -> None:
    """Set the columns that belong to a document; it leaves out what is as usual."""
    question.topic = document["topic"]
    question.subtopic = document.get("subtopic")
    question.type = document["type"]
    question.level = document.get("level", "mid")
    question.points = document.get("points", 1)
    question.words = words_of(document)


def revise(
    session: Session,
    question: Question,
    document: Mapping[str, Any],
    content_hash: str,
    *,
    author_id: int | None,
    now: datetime,
) -> Revision:
    """Give a question that is in the session its next revision.  The caller compared the hashes."""
    question.revision += 1
    describe(question, document)
    session.flush()
    row = Revision(
        question_id=question.id,
        number=question.revision,
        content_hash=content_hash,
        document=dict(document),
        author_id=author_id,
        created_at=now,
    )
    session.add(row)
    return row


def words_of(document: Mapping[str, Any]) -> str:
    """Every text of a document in lower case; that of a kept source is not searched."""
    shown = {name: value for name, value in document.items() if name not in UNSEARCHED}
    return " ".join(_texts(shown)).lower()[:MOST_WORDS]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
