"""Use cases of an instructor's question sets: upload, replace, publish, retire, take away as a file.

An upload is planned first: what it would change, and which ids others use.  The
plan is shown, and made again when it is carried out, so nothing stale is done.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizapp.db.models import Question, QuestionSet, Revision
from quizapp.domain.errors import Refused
from quizapp.domain.permissions import Actor, require
from quizapp.domain.problems import Problem, Severity
from quizapp.formats.quizapp_yaml import QuizappYaml
from quizapp.queries import sets
from quizapp.queries.sets import NOWHERE, Stored, User
from quizapp.services.revising import describe
from quizapp.services.uploads import Entry, Upload

DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"
HEAD = ("title", "description", "licence")


class Fate(StrEnum):
    """What an upload does to a question."""

    NEW = "new"
    CHANGED = "changed"
    BACK = "back"
    """It was retired by an earlier file, and this one holds it again."""
    UNCHANGED = "unchanged"
    GONE = "gone"
    """The file no longer holds it: it is retired, and its past stays."""


@dataclass(frozen=True, slots=True)
class Change:
    """A question and what happens to it: its documents before and after."""

    uid: str
    fate: Fate
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def fields(self) -> list[str]:
        """The names of the fields that differ."""
        names = dict.fromkeys([*self.before, *self.after])
        return [name for name in names if self.before.get(name) != self.after.get(name)]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upload would do."""

    changes: tuple[Change, ...]
    head: tuple[str, ...]
    """The fields of the set itself that change."""
    problems: tuple[Problem, ...]
    already_in: int | None
    """The actor's set that holds exactly this, when a file is uploaded a second time."""
    fingerprint: str
    """Differs when the file or what it is compared with differs."""

    def of(self, fate: Fate) -> list[Change]:
        return [change for change in self.changes if change.fate is fate]

    @property
    def does_nothing(self) -> bool:
        return not self.head and all(change.fate is Fate.UNCHANGED for change in self.changes)


def plan(session: Session, actor: Actor, upload: Upload, set_id: int | None = None) -> Plan:
    """What `upload` would do to a set (None: as a new one).  Nothing is written.

    Raises `NotFound` where the actor may not change that set.
    """
    require(actor.may_teach)
    row = sets.editable(session, actor, set_id) if set_id is not None else None
    before = sets.stored(session, row.id) if row else {}
    users = sets.users_of(session, [entry.uid for entry in upload.entries])
    already_in = _same_set(session, actor, upload, users) if row is None else None
    foreign = {uid: user for uid, user in users.items() if user.set_id not in (set_id, already_in)}
    return Plan(
        tuple(_changes(before, upload)),
        tuple(name for name in HEAD if row and getattr(row, name) != getattr(upload, name)),
        tuple(_in_use(upload, foreign, actor)),
        already_in,
        _fingerprint(upload, before, row),
    )


def save_new(session: Session, actor: Actor, upload: Upload, *, now: datetime) -> QuestionSet:
    """Keep an upload as a new draft, whole or not at all.

    The same upload a second time changes nothing and gives the set of the first
    time.  Raises `Refused` where an id is in use.
    """
    planned = plan(session, actor, upload)
    _require_clean(planned)
    if planned.already_in is not None:
        return session.get_one(QuestionSet, planned.already_in)
    row = QuestionSet(owner_id=actor.id, status=DRAFT, created_at=now, updated_at=now, **_head(upload))
    session.add(row)
    session.flush()
    _write(session, row, {}, upload, now)
    return row


def replace(
    session: Session, actor: Actor, set_id: int, upload: Upload, *, fingerprint: str, now: datetime
) -> Plan:
    """Make a set say what `upload` says: questions are known by their ids.

    A changed question gets a new revision; one that is gone is retired.  Raises
    `NotFound`, and `Refused` where the plan with this fingerprint no longer holds.
    """
    row = sets.editable(session, actor, set_id, hold=True)
    planned = plan(session, actor, upload, set_id)
    _require_clean(planned)
    if planned.fingerprint != fingerprint:
        raise Refused("The set or the file changed meanwhile. Look at the changes again.", "plan")
    if not planned.does_nothing:
        for name, value in _head(upload).items():
            setattr(row, name, value)
        row.updated_at = now
    _write(session, row, sets.stored(session, set_id), upload, now)
    return planned


def publish(session: Session, actor: Actor, set_id: int, *, now: datetime) -> QuestionSet:
    """Let learners get the questions of a set, and those added since.  A second time changes nothing.

    What was retired by itself stays retired, unless all of the set was.
    """
    return _move(session, actor, set_id, PUBLISHED, now)


def retire(session: Session, actor: Actor, set_id: int, *, now: datetime) -> QuestionSet:
    """Give the questions of a set to nobody from now on.  Running attempts keep theirs."""
    return _move(session, actor, set_id, RETIRED, now)


def back_to_draft(session: Session, actor: Actor, set_id: int, *, now: datetime) -> QuestionSet:
    """Take a set back that no learner has met.  Raises `Refused` where somebody has."""
    sets.editable(session, actor, set_id, hold=True)
    if sets.was_asked(session, set_id):
        raise Refused("Learners have already been asked questions of this set. You can retire it instead.")
    return _move(session, actor, set_id, DRAFT, now)


def hand_in(session: Session, actor: Actor, set_id: int, *, now: datetime) -> QuestionSet:
    """Show a draft to colleagues, so that they can review it.  A second time changes nothing.

    Raises `NotFound`, and `Refused` where it is no draft or holds nothing.
    """
    row = sets.editable(session, actor, set_id, hold=True)
    if row.status != DRAFT:
        raise Refused("Only a draft can be handed in for a review.")
    if not sets.count(session, set_id):
        raise Refused("This set holds no question yet, so there is nothing to review.")
    row.handed_in_at = row.handed_in_at or now
    return row


def take_back(session: Session, actor: Actor, set_id: int) -> QuestionSet:
    """Hide a draft from colleagues again.  A second time changes nothing."""
    row = sets.editable(session, actor, set_id, hold=True)
    row.handed_in_at = None
    return row


def as_file(session: Session, row: QuestionSet) -> bytes:
    """A set as YAML that can be uploaded again; questions no longer in it are left out."""
    documents = [each.document for each in sets.stored(session, row.id).values() if _is_placed(each)]
    # The format writes a title and questions; JSON strings are YAML too.
    more = {name: getattr(row, name) for name in ("description", "licence") if getattr(row, name)}
    lines = (f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in more.items())
    return "".join(lines).encode() + QuizappYaml.write(row.title, documents, {}).data


def _changes(before: Mapping[str, Stored], upload: Upload) -> Iterator[Change]:
    for entry in upload.entries:
        old = before.get(entry.uid)
        yield Change(entry.uid, _fate(old, entry), old.document if old else {}, entry.document)
    kept = {entry.uid for entry in upload.entries}
    for uid, old in before.items():
        if uid not in kept and _is_placed(old):
            yield Change(uid, Fate.GONE, old.document, {})


def _fate(old: Stored | None, entry: Entry) -> Fate:
    if old is None:
        return Fate.NEW
    if not _is_placed(old):
        return Fate.BACK
    return Fate.UNCHANGED if old.content_hash == entry.content_hash else Fate.CHANGED


def _is_placed(old: Stored) -> bool:
    return old.question.position != NOWHERE


def _same_set(session: Session, actor: Actor, upload: Upload, users: Mapping[str, User]) -> int | None:
    """The actor's set that says exactly what this upload says, if there is one."""
    homes = {user.set_id for user in users.values()}
    if len(homes) != 1 or len(users) != len(upload.entries):
        return None
    row = session.get_one(QuestionSet, homes.pop())
    if row.owner_id != actor.id or any(getattr(row, name) != getattr(upload, name) for name in HEAD):
        return None
    before = sets.stored(session, row.id)
    same = all(change.fate is Fate.UNCHANGED for change in _changes(before, upload))
    return row.id if same else None


def _in_use(upload: Upload, foreign: Mapping[str, User], actor: Actor) -> Iterator[Problem]:
    """A problem at the line of each id that another set uses; others' drafts keep their names."""
    for number, entry in enumerate(upload.entries):
        user = foreign.get(entry.uid)
        if user is None:
            continue
        if user.is_bank:
            owner = "the question bank"
        elif user.owner_id == actor.id:
            owner = f"your set “{user.title}”; replace that set on its page, or choose another id"
        else:
            owner = "another instructor's set"
        where = f"{upload.name}:{entry.line}: questions.{number}.id"
        yield Problem(where, Severity.ERROR, "id_in_use", f"the id {entry.uid!r} is already used by {owner}")


def _require_clean(planned: Plan) -> None:
    if planned.problems:
        raise Refused(str(planned.problems[0]))


def _fingerprint(upload: Upload, before: Mapping[str, Stored], row: QuestionSet | None) -> str:
    said = [[getattr(upload, name) for name in HEAD], [entry.content_hash for entry in upload.entries]]
    stands = [[uid, old.content_hash, old.question.position] for uid, old in before.items()]
    state = [row.status, *(getattr(row, name) for name in HEAD)] if row else []
    return hashlib.sha256(json.dumps([said, stands, state]).encode()).hexdigest()[:32]


def _head(upload: Upload) -> dict[str, str]:
    return {name: getattr(upload, name) for name in HEAD}


def _write(
    session: Session, row: QuestionSet, before: Mapping[str, Stored], upload: Upload, now: datetime
) -> None:
    """Bring the questions of a set to what an upload says.  Raises `Refused` where an id is taken."""
    revised: list[tuple[Question, Entry]] = []
    for position, entry in enumerate(upload.entries):
        old = before.get(entry.uid)
        question = old.question if old else Question(uid=entry.uid, set_id=row.id, revision=0)
        is_retired_by_itself = old is not None and _is_placed(old) and question.status == RETIRED
        question.position = position
        if not is_retired_by_itself:
            question.status = row.status
        if old is None or old.content_hash != entry.content_hash:
            question.revision += 1
            describe(question, entry.document)
            revised.append((question, entry))
    session.add_all(question for question, _ in revised)
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused(
            "An id in this file was taken by another set just now. Check the file again."
        ) from error
    session.add_all(
        Revision(
            question_id=question.id,
            number=question.revision,
            content_hash=entry.content_hash,
            document=entry.document,
            author_id=row.owner_id,
            created_at=now,
        )
        for question, entry in revised
    )
    kept = {entry.uid for entry in upload.entries}
    for uid, old in before.items():
        if uid not in kept:
            old.question.position = NOWHERE
            old.question.status = RETIRED
    session.flush()


def _move(session: Session, actor: Actor, set_id: int, status: str, now: datetime) -> QuestionSet:
    """Give a set and the questions that stand in it a status."""
    row = sets.editable(session, actor, set_id, hold=True)
    if row.status == status and status != PUBLISHED:
        return row
    follow = {DRAFT, PUBLISHED} if status == RETIRED else {row.status, DRAFT}
    moved = session.scalars(
        update(Question)
        .where(Question.set_id == set_id, Question.position != NOWHERE)
        .where(Question.status.in_(follow - {status}))
        .values(status=status)
        .returning(Question.id)
        .execution_options(synchronize_session=False)
    ).all()
    if row.status != status or moved:
        row.status = status
        row.updated_at = now
        row.handed_in_at = None  # a review ends where its set leaves the drafts
    return row
