"""Use cases of exports: sets as files of other systems, and what such a file cannot carry."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from quizapp.db.models import QuestionSet
from quizapp.formats import Picture, Written, writable
from quizapp.queries import images as stored_images
from quizapp.queries import sets as stored
from quizapp.queries.sets import NOWHERE
from quizapp.services.images import named_in


def written(session: Session, rows: Sequence[QuestionSet], format_key: str) -> Written:
    """The questions of some sets as one file; those no longer in a set are left out."""
    documents = [document for row in rows for document in documents_of(session, row)]
    title = ", ".join(row.title for row in rows)
    return as_file(title, documents, pictures_of(session, documents), format_key)


def documents_of(session: Session, row: QuestionSet) -> list[dict[str, Any]]:
    """The current documents of a set, in its order."""
    return [
        each.document for each in stored.stored(session, row.id).values() if each.question.position != NOWHERE
    ]


def pictures_of(session: Session, documents: Iterable[Mapping[str, Any]]) -> dict[str, Picture]:
    """The pictures that some documents show, by name."""
    rows = stored_images.by_names(session, named_in(documents))
    return {name: Picture(row.media_type, row.data) for name, row in sorted(rows.items())}


def as_file(
    title: str, documents: Sequence[Mapping[str, Any]], pictures: Mapping[str, Picture], format_key: str
) -> Written:
    """Some questions as a file of a format that can be written."""
    return writable()[format_key].write(title, documents, pictures)
