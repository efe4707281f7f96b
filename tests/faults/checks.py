"""What must hold in the database after whatever happened."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Step
from quizapp.domain.attempts import Outcome, score_of
from quizapp.domain.certainty import Confidence
from quizapp.domain.grading import Verdict
from quizapp.domain.quizzes import Blueprint
from quizapp.queries import attempts
from quizapp.services import rebuilding


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that the server said it had kept."""

    learner_id: int
    attempt_id: str
    position: int
    number: int
    submission: dict[str, list[str]]


def snapshot(session: Session, database: Database) -> None:
    """Let everything that this session reads be of one moment."""
    if not database.is_sqlite:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def lost(database: Database, kept: Iterable[Kept]) -> list[Kept]:
    """What was acknowledged and is not there as it was sent."""
    of_attempt: dict[tuple[int, str], list[Kept]] = defaultdict(list)
    for each in kept:
        of_attempt[each.learner_id, each.attempt_id].append(each)
    missing = []
    with database.reading() as session:
        for (learner_id, attempt_id), answers in of_attempt.items():
            there = {(step.position, step.number): step for step in steps(session, learner_id, attempt_id)}
            for answer in answers:
                step = there.get((answer.position, answer.number))
                if step is None or step.submission != answer.submission:
                    missing.append(answer)
    return missing


def problems(database: Database, learner_ids: Sequence[int], *, questions: int) -> list[str]:
    """Everything that is half done, or done twice."""
    found = []
    with database.reading() as session:
        snapshot(session, database)
        for learner_id in learner_ids:
            mine = session.scalars(select(Attempt).where(Attempt.learner_id == learner_id)).all()
            running = [attempt.origin for attempt in mine if attempt.state == "open"]
            if len(running) != len(set(running)):
                found.append(f"learner {learner_id}: two attempts at the same quiz are open")
            for attempt in mine:
                found += [f"{attempt.id}: {words}" for words in _of_attempt(session, attempt, questions)]
            counted = rebuilding._counted(session, learner_id)
            found += map(str, rebuilding._differences(session, learner_id, counted))
    return found


def steps(session: Session, learner_id: int, attempt_id: str) -> Sequence[Step]:
    return session.scalars(
        select(Step)
        .where(Step.learner_id == learner_id, Step.attempt_id == attempt_id)
        .order_by(Step.position, Step.number)
    ).all()


def _of_attempt(session: Session, attempt: Attempt, questions: int) -> list[str]:
    found = []
    slots = attempts.slots(session, attempt.learner_id, attempt.id)
    if len(slots) != questions:
        found.append(f"has {len(slots)} slots")
    ends = {attempt.finished_at, attempt.ended_by, attempt.score, attempt.release_at, attempt.tallied_at}
    if attempt.state == "open" and ends != {None}:
        found.append(f"is open, and yet {ends}")
    if attempt.state == "finished" and None in ends:
        found.append(f"is finished, and yet {ends}")
    of_slot: dict[int, list[Step]] = defaultdict(list)
    for step in steps(session, attempt.learner_id, attempt.id):
        of_slot[step.position].append(step)
    for position, taken in of_slot.items():
        found += [f"question {position} {words}" for words in _of_slot(attempt, taken)]
    if attempt.state == "finished":
        outcomes = [
            Outcome(
                s.points,
                Verdict(s.verdict) if s.verdict else None,
                s.credit or Decimal(0),
                Confidence(s.confidence) if s.confidence else None,
            )
            for s in slots
        ]
        rules = Blueprint.model_validate(attempt.blueprint)
        score = score_of(outcomes, rules.marking, by_confidence=rules.marks_confidence)
        if score != attempt.score:
            found.append(f"has the score {attempt.score} instead of {score}")
    return found


def _of_slot(attempt: Attempt, taken: Sequence[Step]) -> Iterable[str]:
    numbers = [step.number for step in taken]
    if numbers != list(range(1, len(taken) + 1)):
        yield f"has the steps {numbers}"
    judged = [step.kind for step in taken if step.verdict is not None]
    if len(judged) > 1 or (judged and taken[-1].verdict is None):
        yield f"was judged {judged} in {[step.kind for step in taken]}"
    if attempt.state == "finished" and taken[-1].submission and not judged:
        yield "was answered and not graded"
    if attempt.state == "open" and "grade" in judged:
        yield "is graded, and the attempt is open"
