"""Use cases of diagrams that belong to an answer."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from quizapp.db.models import Upload
from quizapp.domain.certainty import Confidence
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.questions import Submission
from quizapp.queries import attempts, revisions, uploads
from quizapp.sandbox.pictures import Picture
from quizapp.services import answering
from quizapp.services.answering import Saved

IMAGE = "image-"
KEPT_PER_ANSWER = 8
"""Those that were taken out of the answer are kept a while, because a step back may want them again."""

ROOM = 100 * 1024 * 1024
"""Bytes that one learner's diagrams may take in all."""


def require_room(session: Session, learner_id: int, attempt_id: str, position: int) -> None:
    """Refuse early what would be refused after the work of drawing.

    Raises `NotFound` where the question takes no diagram, and `Refused`.
    """
    standing = attempts.standing(session, learner_id, attempt_id, position, lock=False)
    if standing is None:
        raise NotFound
    most = revisions.asked(session, standing.slot).body.face(None).get("images", 0)
    if not most:
        raise NotFound
    if uploads.bytes_of(session, learner_id) >= ROOM:
        raise Refused("Your diagrams take all the room there is. Describe this one in words.")


def add(
    session: Session,
    learner_id: int,
    attempt_id: str,
    position: int,
    submission: Submission,
    picture: Picture,
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
    places = [f"{IMAGE}{place}" for place in range(1, body.face(None).get("images", 0) + 1)]
    digest = hashlib.sha256(picture.data).hexdigest()
    stored = uploads.of_answer(session, learner_id, attempt_id, position)
    taken = {name: values[0] for name in places for values in [answer.get(name)] if values and values[0]}
    before = set(standing.slot.submission.get(name, [""])[0] for name in places)
    twin = next((kept.id for kept in stored if kept.sha256 == digest), None)
    if twin is None or twin not in before | set(taken.values()):
        free = next((name for name in places if name not in taken), None)
        if free is None:
            raise Refused(f"An answer holds at most {len(places)} diagrams. Take one out first.")
        twin = twin or _store(session, learner_id, attempt_id, position, picture, digest, now)
        answer[free] = [twin]
        used = {twin, *taken.values()}
        _forget(session, learner_id, [kept.id for kept in stored if kept.id not in used])
    elif twin not in taken.values():
        # The same form again, sent before it knew of its diagram.
        answer |= {name: values for name, values in standing.slot.submission.items() if twin in values}
    return answering.save_answer(
        session, learner_id, attempt_id, position, answer, number=number, confidence=confidence, now=now
    )


def _store(
    session: Session,
    learner_id: int,
    attempt_id: str,
    position: int,
    picture: Picture,
    digest: str,
    now: datetime,
) -> str:
    identity = secrets.token_urlsafe(16)
    session.execute(
        insert(Upload).values(
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
    return identity


def _forget(session: Session, learner_id: int, unused: list[str]) -> None:
    """Delete the oldest of those that are in the answer no longer, where there are too many."""
    spare = unused[: max(0, len(unused) - KEPT_PER_ANSWER // 2)]
    if spare:
        session.execute(delete(Upload).where(Upload.learner_id == learner_id, Upload.id.in_(spare)))
