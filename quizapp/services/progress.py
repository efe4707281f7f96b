"""A learner's progress: results are counted once, in O(1) each, and never before their release."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from quizapp.db.models import Encounter, Tally
from quizapp.db.upsert import upsert
from quizapp.domain.attempts import Outcome
from quizapp.domain.certainty import Confidence
from quizapp.domain.grading import CREDIT_STEP, Verdict
from quizapp.domain.mastery import RECENT

COUNTED = ("topic", "subtopic", "answers", "credit", "recent", "last_at")


@dataclass(frozen=True, slots=True)
class Result:
    """One slot's result.  Without a verdict nothing was answered: missed, but no evidence."""

    question_id: int
    topic: str
    subtopic: str
    attempt_id: str
    position: int
    at: datetime
    verdict: Verdict | None
    credit: Decimal
    confidence: Confidence | None = None
    """How sure the learner said to be, where the quiz asked for it."""


class Asked(Protocol):
    """A slot, as far as its results are counted by it."""

    @property
    def question_id(self) -> int: ...
    @property
    def topic(self) -> str: ...
    @property
    def subtopic(self) -> str: ...
    @property
    def position(self) -> int: ...


def result_of(
    attempt_id: str, slot: Asked, outcome: Outcome, *, at: datetime, asks_confidence: bool
) -> Result:
    """What became of a slot.  How sure the learner was counts only where the quiz asks for it."""
    return Result(
        question_id=slot.question_id,
        topic=slot.topic,
        subtopic=slot.subtopic,
        attempt_id=attempt_id,
        position=slot.position,
        at=at,
        verdict=outcome.verdict,
        credit=outcome.credit,
        confidence=outcome.confidence if asks_confidence and outcome.verdict else None,
    )


def count(session: Session, learner_id: int, results: Sequence[Result]) -> None:
    """Add results to the learner's tallies and encounters.  The caller holds the learner's row."""
    _count_topics(session, learner_id, [result for result in results if result.verdict is not None])
    upsert(
        session,
        Encounter,
        [encountered(learner_id, result) for result in results],
        lambda new: {
            "answered_at": new.answered_at,
            "attempt_id": new.attempt_id,
            "position": new.position,
            "verdict": new.verdict,
            "confidence": new.confidence,
            "missed": new.missed,
            "misses": Encounter.misses + new.misses,
        },
    )


def added(tally: dict[str, Any] | None, result: Result) -> dict[str, Any]:
    """A tally with one more result."""
    old = tally or {"answers": 0, "credit": Decimal(0), "recent": [], "last_at": result.at}
    pair = [int(result.at.timestamp()), int(result.credit / CREDIT_STEP)]
    return {
        "topic": result.topic,
        "subtopic": result.subtopic,
        "answers": old["answers"] + 1,
        "credit": old["credit"] + result.credit,
        "recent": [*old["recent"], pair][-RECENT:],
        "last_at": max(old["last_at"], result.at),
    }


def encountered(learner_id: int, result: Result) -> dict[str, Any]:
    """An encounter that this result begins; for a known question it says what changes."""
    missed = result.verdict is not Verdict.RIGHT
    return {
        "learner_id": learner_id,
        "question_id": result.question_id,
        "seen_at": result.at,
        "answered_at": result.at,
        "attempt_id": result.attempt_id,
        "position": result.position,
        "verdict": result.verdict,
        "confidence": result.confidence,
        "misses": int(missed),
        "missed": missed,
    }


def _count_topics(session: Session, learner_id: int, results: Sequence[Result]) -> None:
    keys = {(result.topic, result.subtopic) for result in results}
    if not keys:
        return
    rows = session.execute(
        select(Tally.topic, Tally.subtopic, Tally.answers, Tally.credit, Tally.recent, Tally.last_at).where(
            Tally.learner_id == learner_id, tuple_(Tally.topic, Tally.subtopic).in_(sorted(keys))
        )
    )
    tallies: dict[tuple[str, str], dict[str, Any]] = {
        (row.topic, row.subtopic): {column: getattr(row, column) for column in COUNTED} for row in rows
    }
    for result in results:
        key = (result.topic, result.subtopic)
        tallies[key] = added(tallies.get(key), result)
    upsert(
        session,
        Tally,
        [{"learner_id": learner_id, **tally} for tally in tallies.values()],
        lambda new: {
            "answers": new.answers,
            "credit": new.credit,
            "recent": new.recent,
            "last_at": new.last_at,
        },
    )
