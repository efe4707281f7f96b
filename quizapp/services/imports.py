"""Use cases of imports: what a file that was read would change, and the change itself.

The same file again, known by its format and name, updates the set that it became: questions are
known by their ids, a changed one gets a new revision, and one that is gone is retired.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from quizapp.db.models import PendingImport, QuestionSet
from quizapp.domain.documents import read_question
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.imports import Import
from quizapp.domain.permissions import Actor, require
from quizapp.domain.problems import Place
from quizapp.queries import images as stored_images
from quizapp.queries import sets as stored
from quizapp.services import images, sets
from quizapp.services.import_reading import Read, Request
from quizapp.services.sets import Plan
from quizapp.services.uploads import Entry, Upload

KEPT_FOR = timedelta(days=1)
MOST_PENDING = 3
"""Files that wait for one author's word; the oldest goes first."""

MOST_ID = 100
TOKEN = 6
TITLE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Intended:
    """What an import would do."""

    upload: Upload
    plan: Plan
    set_id: int | None
    """The set that the same file became earlier; None: it becomes a new one."""
    origin: str


def intended(session: Session, actor: Actor, read: Read, *, title: str = "") -> Intended:
    """What keeping a file would change; nothing is written.  Raises `Refused` where nothing can be kept."""
    require(actor.may_teach)
    imported = read.imported
    documents = _with_known_pictures(session, imported.documents, read)
    if not documents:
        raise Refused("Nothing of this file could be kept, so there is nothing to import.")
    origin = f"{imported.format}:{PurePath(imported.file).name}"
    row = stored.imported_from(session, actor.id, origin) or _said_before(session, actor, documents)
    upload = Upload(
        imported.file,
        title.strip()[:TITLE_CHARS] or (row.title if row else _title_of(imported)),
        row.description if row else "",
        row.licence if row else "",
        tuple(_entries(session, actor, documents, row, origin)),
    )
    set_id = row.id if row else None
    return Intended(upload, sets.plan(session, actor, upload, set_id), set_id, origin)


def save(
    session: Session,
    actor: Actor,
    read: Read,
    *,
    title: str = "",
    fingerprint: str | None = None,
    now: datetime,
) -> tuple[QuestionSet, Plan]:
    """Keep what a file holds, whole or not at all: a new draft, or the newest state of its set.

    With a `fingerprint` only the plan that was shown is carried out.  Raises `Refused`.
    """
    shown = intended(session, actor, read).plan
    if fingerprint is not None and shown.fingerprint != fingerprint and not shown.does_nothing:
        raise Refused("Your sets changed meanwhile. Look at what would happen again.", "plan")
    intention = intended(session, actor, read, title=title)
    plan = intention.plan
    images.keep_all(session, actor, read.pictures, now=now)
    if intention.set_id is None:
        row = sets.save_new(session, actor, intention.upload, now=now)
        row.origin = row.origin or intention.origin
    else:
        upload, set_id = intention.upload, intention.set_id
        sets.replace(session, actor, set_id, upload, fingerprint=plan.fingerprint, now=now)
        row = stored.editable(session, actor, intention.set_id)
    session.flush()
    return row, plan


def remember(
    session: Session, actor: Actor, request: Request, answer: bytes, *, now: datetime, pending_id: str = ""
) -> str:
    """Keep a file that was read until its author has decided; the id to ask for it by."""
    require(actor.may_teach)
    options = {"format": request.format, "topic": request.topic, "options": dict(request.options)}
    row = pending(session, actor, pending_id) if pending_id else None
    if row is None:
        row = PendingImport(
            id=secrets.token_urlsafe(16),
            account_id=actor.id,
            file_name=request.name,
            data=request.data,
            created_at=now,
        )
        session.add(row)
    row.options = options
    row.answer = answer
    session.flush()
    _forget_old(session, actor, now)
    return row.id


def pending(session: Session, actor: Actor, pending_id: str) -> PendingImport:
    """A file that waits for the actor's word.  Raises `NotFound`: others' do not exist."""
    row = session.get(PendingImport, pending_id)
    if row is None or row.account_id != actor.id:
        raise NotFound
    return row


def forget(session: Session, actor: Actor, pending_id: str) -> None:
    """Let go of a file.  Raises `NotFound`."""
    session.delete(pending(session, actor, pending_id))


def _forget_old(session: Session, actor: Actor, now: datetime) -> None:
    old = PendingImport.created_at < now - KEPT_FOR
    session.execute(delete(PendingImport).where(old))
    own = list(
        session.scalars(
            select(PendingImport.id)
            .where(PendingImport.account_id == actor.id)
            .order_by(PendingImport.created_at.desc(), PendingImport.id)
        )
    )
    session.execute(delete(PendingImport).where(PendingImport.id.in_(own[MOST_PENDING:])))


def _entries(
    session: Session,
    actor: Actor,
    documents: Collection[Mapping[str, Any]],
    row: QuestionSet | None,
    origin: str,
) -> Iterator[Entry]:
    """Every question under an id that is its own in the whole database, the same one each time."""
    token = hashlib.sha256(f"{actor.id}:{origin}".encode()).hexdigest()[:TOKEN]
    own = set(stored.stored(session, row.id)) if row else set()
    wanted = [str(each["id"])[:MOST_ID].rstrip("-._") for each in documents]
    taken = set(stored.users_of(session, wanted)) - own
    for line, (document, plain) in enumerate(zip(documents, wanted, strict=True), start=1):
        suffixed = f"{plain}-{token}"
        uid = plain if plain in own else suffixed if suffixed in own or plain in taken else plain
        question, problems = read_question({**document, "id": uid}, Place(uid, {}))
        if question is None:
            raise Refused(f"The question {uid} could not be kept: {problems[0].message}")
        yield Entry(question.document(), question.content_hash(), line)


def _said_before(
    session: Session, actor: Actor, documents: Collection[Mapping[str, Any]]
) -> QuestionSet | None:
    """The actor's set that holds exactly these questions: the same file under another name."""
    users = stored.users_of(session, [str(each["id"]) for each in documents])
    homes = {user.set_id for user in users.values() if user.owner_id == actor.id and not user.is_bank}
    if len(homes) != 1 or len(users) != len(documents):
        return None
    [set_id] = homes
    before = stored.stored(session, set_id)
    for document in documents:
        question, _ = read_question(document, Place("", {}))
        old = before.get(str(document["id"]))
        if question is None or old is None or old.content_hash != question.content_hash():
            return None
    return session.get_one(QuestionSet, set_id)


def _with_known_pictures(
    session: Session, documents: Collection[dict[str, Any]], read: Read
) -> list[dict[str, Any]]:
    """The documents, with pictures that came out of this house named as they were."""
    names = stored_images.names_of_content(session, images.named_in(documents))
    unknown = {digest: name for digest, name in names.items() if digest != name}
    return [images.renamed(each, unknown) for each in documents] if unknown else list(documents)


def _title_of(imported: Import) -> str:
    words = re.sub(r"[\s_-]+", " ", PurePath(imported.file).stem).strip()
    return (imported.title.strip() or words or "Imported questions")[:TITLE_CHARS]
