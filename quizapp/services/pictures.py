"""Use cases of diagrams that belong to an answer."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from quizapp.db.models import Picture
from quizapp.domain.certainty import Confidence
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.questions import IMAGE_FIELD, Body, Submission
from quizapp.queries import attempts, revisions
from quizapp.queries import pictures as stored
from quizapp.sandbox.pictures import Redrawn
from quizapp.services import answering
from quizapp.services.answering import Saved

SPARE = 4
"""So many that were taken out of an answer are kept, because a page that is still open may want them back."""

ROOM = 20 * 1024 * 1024
"""Bytes that one learner's diagrams may take in all."""


def require_room(session: Session, learner_id: int, attempt_id: str, position: int) -> None:
    """Refuse early what would be refused after the work of drawing.

    Raises `NotFound` where the question takes no diagram, and `Refused`.
    """
    standing = attempts.standing(session, learner_id, attempt_id, position, lock=False)
    if standing is None:
        raise NotFound
    if not _places(revisions.asked(session, standing.slot).body):
        raise NotFound
    if stored.bytes_of(session, learner_id) >= ROOM:
        raise Refused("Your diagrams take all the room there is. Describe this one in words.")


def add(
    session: Session,
    learner_id: int,
    attempt_id: str,
    position: int,
    submission: Submission,
    picture: Redrawn,
    *,
    number: int,
    confidence: Confidence | None = None,
    now: datetime,
) -> Saved:
    """Save an answer together with one more diagram; the same one sent again changes nothing.

    Raises what `answering.save_answer` raises, `NotFound`, and `Refused` where there are enough.
    """
    standing = attempts.standing(session, learner_id, attempt_id, position, lock=True)
    if standing is None:
        raise NotFound
    body = revisions.asked(session, standing.slot).body
    answer = {name: [*values] for name, values in body.of_learner(submission).items()}
    places = _places(body)
    digest = hashlib.sha256(picture.data).hexdigest()
    known = stored.of_answer(session, learner_id, attempt_id, position)
    identity = next((kept.id for kept in known if kept.sha256 == digest), secrets.token_urlsafe(16))
    if [identity] not in answer.values():
        # Sent twice, it goes where the first one went.
        empty = [name for name in places if not any(answer.get(name, ()))]
        same = [name for name in empty if standing.slot.submission.get(name) == [identity]]
        if not empty:
            raise Refused(f"An answer holds at most {len(places)} diagrams. Take one out first.")
        answer[(same or empty)[0]] = [identity]
    if identity not in {kept.id for kept in known}:
        _store(session, learner_id, attempt_id, position, identity, picture, digest, now)
        used = {value for values in answer.values() for value in values}
        _forget(session, learner_id, [kept.id for kept in known if kept.id not in used])
    return answering.save_answer(
        session, learner_id, attempt_id, position, answer, number=number, confidence=confidence, now=now
    )


def _places(body: Body[Any]) -> list[str]:
    """The fields of an answer that hold diagrams; none where the question takes none."""
    return [f"{IMAGE_FIELD}{place}" for place in range(1, body.face(None).get("images", 0) + 1)]


def _store(
    session: Session,
    learner_id: int,
    attempt_id: str,
    position: int,
    identity: str,
    picture: Redrawn,
    digest: str,
    now: datetime,
) -> None:
    session.execute(
        insert(Picture).values(
            learner_id=learner_id,
            id=identity,
            attempt_id=attempt_id,
            position=position,
            sha256=digest,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            data=picture.data,
            created_at=now,
        )
    )


def _forget(session: Session, learner_id: int, unused: list[str]) -> None:
    """Delete the oldest of those that are no longer in the answer."""
    session.execute(delete(Picture).where(Picture.learner_id == learner_id, Picture.id.in_(unused[:-SPARE])))
