"""Use cases of pictures inside questions.

They are drawn anew before they are kept (see `sandbox.pictures`), named by the SHA-256 of the file
they came in, and shared: the same file is kept once.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizapp.db.models import Image
from quizapp.domain.errors import Refused
from quizapp.domain.permissions import Actor, require
from quizapp.queries import images
from quizapp.sandbox.pictures import Redrawn, drawn_anew

ROOM = 500 * 1024 * 1024
"""Bytes that the pictures of one author may take in all."""

MOST_UPLOADED = 10 * 1024 * 1024
NAMED = re.compile(r"asset:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it will be kept, and its name."""

    name: str
    redrawn: Redrawn


def draw(data: bytes, file_name: str) -> Drawn:
    """The picture in a file.  It takes a while, so it is done outside every transaction.

    Raises `Refused` with what is wrong with the file, and `Overloaded`.
    """
    if len(data) > MOST_UPLOADED:
        raise Refused("This picture has more than 10 MB. Make it smaller first.")
    return Drawn(hashlib.sha256(data).hexdigest(), drawn_anew(data, file_name))


def keep(session: Session, actor: Actor, drawn: Drawn, *, now: datetime) -> str:
    """Keep a picture; how texts name it.  The same one again changes nothing.  Raises `Refused`."""
    keep_all(session, actor, {drawn.name: drawn.redrawn}, now=now)
    return f"asset:{drawn.name}"


def keep_all(session: Session, actor: Actor, drawn: Mapping[str, Redrawn], *, now: datetime) -> None:
    """Keep the pictures that are not there yet, by their names.  Raises `Refused` where there is no room."""
    require(actor.may_teach)
    known = images.existing(session, drawn)
    new = {name: each for name, each in drawn.items() if name not in known}
    if not new:
        return
    used = session.scalar(
        select(func.coalesce(func.sum(func.length(Image.data)), 0)).where(Image.owner_id == actor.id)
    )
    if (used or 0) + sum(len(each.data) for each in new.values()) > ROOM:
        raise Refused("Your pictures take all the room there is.")
    session.add_all(
        Image(
            name=name,
            sha256=hashlib.sha256(each.data).hexdigest(),
            media_type=each.media_type,
            width=each.width,
            height=each.height,
            data=each.data,
            owner_id=actor.id,
            created_at=now,
        )
        for name, each in new.items()
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused("A picture of this file was added by somebody else just now. Try it again.") from error


def named_in(documents: Iterable[Any]) -> set[str]:
    """The names of all pictures that some documents show."""
    return {name for each in documents for text in _texts(each) for name in NAMED.findall(text)}


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A document whose pictures have other names."""
    if not names:
        return value
    if isinstance(value, str):
        return NAMED.sub(lambda found: f"asset:{names.get(found[1], found[1])}", value)
    if isinstance(value, Mapping):
        return {key: renamed(each, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [renamed(each, names) for each in value]
    return value


def _texts(value: Any) -> Collection[str]:
    if isinstance(value, str):
        return (value,) if "asset:" in value else ()
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return ()
