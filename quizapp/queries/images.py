"""Reads about pictures inside questions."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.db.models import Image
from quizapp.domain.errors import NotFound
from quizapp.queries.sets import CHUNK


def shown(session: Session, name: str) -> Image:
    """A picture by its name, which only those know who were shown it.  Raises `NotFound`."""
    row = session.get(Image, name)
    if row is None:
        raise NotFound
    return row


def existing(session: Session, names: Collection[str] | Mapping[str, object]) -> set[str]:
    """Which of these names are in use."""
    listed, found = list(names), set[str]()
    for start in range(0, len(listed), CHUNK):
        statement = select(Image.name).where(Image.name.in_(listed[start : start + CHUNK]))
        found.update(session.scalars(statement))
    return found


def by_names(session: Session, names: Collection[str]) -> dict[str, Image]:
    """The pictures of these names that there are."""
    listed, found = list(names), dict[str, Image]()
    for start in range(0, len(listed), CHUNK):
        rows = session.scalars(select(Image).where(Image.name.in_(listed[start : start + CHUNK])))
        found |= {row.name: row for row in rows}
    return found


def names_of_content(session: Session, digests: Collection[str]) -> dict[str, str]:
    """Names by the SHA-256 of the bytes that are kept: an export that comes back names its pictures so."""
    listed, found = list(digests), dict[str, str]()
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        rows = session.execute(select(Image.sha256, Image.name).where(Image.sha256.in_(chunk)))
        found |= {row.sha256: row.name for row in rows}
    return found
