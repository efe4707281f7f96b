"""Copying a set, or some of its questions, into a new draft of one's own."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizapp.db.models import Question, QuestionSet, Revision
from quizapp.domain.errors import Refused
from quizapp.domain.permissions import Actor, require
from quizapp.domain.questions import hash_of
from quizapp.queries import sets
from quizapp.queries.sets import NOWHERE, Stored
from quizapp.services.revising import describe

MOST = 1000
"""Questions in one copy that were chosen one by one."""

MOST_ID = 120
MOST_SUFFIXES = 1000
TITLE_CHARS = 480


def copy_set(
    session: Session, actor: Actor, set_id: int, *, only: Collection[str] = (), now: datetime
) -> QuestionSet:
    """A new draft of the actor with what a set says now; `only` names the questions to take by their ids.

    The copies have ids of their own and one revision; pictures are shared, because they are known
    by name.  Raises `NotFound`, and `Refused` where there is nothing to copy.
    """
    source = sets.visible(session, actor, set_id)
    taken = [each for each in sets.stored(session, source.id).values() if _is_wanted(each, source, only)]
    return _draft(session, actor, source, taken, now)


def copy_questions(
    session: Session, actor: Actor, question_ids: Collection[int], *, now: datetime
) -> QuestionSet:
    """The same for questions of any sets that the actor may see.  Raises `Refused`."""
    require(actor.may_teach)
    if len(question_ids) > MOST:
        raise Refused(f"At most {MOST} questions can be copied at once.")
    taken = sets.readable_questions(session, actor, question_ids)
    homes = {each.question.set_id for each in taken}
    source = session.get_one(QuestionSet, homes.pop()) if len(homes) == 1 else None
    return _draft(session, actor, source, taken, now)


def _draft(
    session: Session, actor: Actor, source: QuestionSet | None, taken: Sequence[Stored], now: datetime
) -> QuestionSet:
    """A new set with copies; `source` is the set that they all come from, if there is one."""
    if not taken:
        raise Refused("There is nothing here to copy. Check at least one question.")
    row = QuestionSet(
        owner_id=actor.id,
        title=f"{source.title[:TITLE_CHARS]} (copy)" if source else "Copied questions",
        description=source.description if source else "",
        licence=source.licence if source else "",
        status="draft",
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    _write(session, row, taken, now)
    return row


def _is_wanted(each: Stored, source: QuestionSet, only: Collection[str]) -> bool:
    """What was chosen, or all that stands in the set; what was retired by itself only when chosen."""
    if only:
        return each.question.uid in only
    is_retired = each.question.status == "retired" and source.status != "retired"
    return each.question.position != NOWHERE and not is_retired


def _write(session: Session, row: QuestionSet, taken: Sequence[Stored], now: datetime) -> None:
    names = _names(session, [each.question.uid for each in taken])
    copies = []
    for position, (each, uid) in enumerate(zip(taken, names, strict=True)):
        document = {**each.document, "id": uid}
        question = Question(uid=uid, set_id=row.id, position=position, revision=1, status="draft")
        describe(question, document)
        copies.append((question, document))
    session.add_all(question for question, _ in copies)
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused("Somebody copied the same questions just now. Copy them again.") from error
    session.add_all(
        Revision(
            question_id=question.id,
            number=1,
            content_hash=hash_of(document),
            document=document,
            author_id=row.owner_id,
            created_at=now,
        )
        for question, document in copies
    )
    session.flush()


def _names(session: Session, uids: Sequence[str]) -> list[str]:
    """New ids with one suffix for all: the first number with which none of them is in use."""
    for number in range(2, MOST_SUFFIXES):
        suffix = f"-{number}"
        names = [f"{uid[: MOST_ID - len(suffix)].rstrip('-._')}{suffix}" for uid in uids]
        if len(set(names)) == len(names) and not sets.users_of(session, names):
            return names
    raise Refused("These questions were copied too often. Give the copies other ids first.")
