"""Confidence on its way through saving, checking, grading and counting."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from quizapp.db.engine import Database
from quizapp.db.models import Attempt, Encounter, Step
from quizapp.domain.attempts import DONT_KNOW
from quizapp.domain.certainty import Confidence
from quizapp.domain.errors import AlreadyChecked, ChangedElsewhere
from quizapp.queries import attempts, missed
from quizapp.services import answering, finishing, personal_data
from quizapp.services.rebuilding import rebuild

LOW, MEDIUM, HIGH = Confidence
DOCUMENTS = [make.document(f"sure-{number}") for number in range(1, 7)]
PRACTICE: dict[str, Any] = {"mode": "practice", "time_limit_minutes": None}


def running(session: Session, **fields: Any) -> tuple[Any, str]:
    return make.running(session, documents=DOCUMENTS, **fields)


def save(session: Session, who: Any, attempt_id: str, position: int, answer: Any, said: Any) -> None:
    answering.save_answer(
        session, who.id, attempt_id, position, answer, number=1, confidence=said, now=make.NOW
    )


def finished(session: Session, **fields: Any) -> tuple[Any, Attempt]:
    """Right and high, wrong and high, wrong and medium, wrong and silent, unknown and high; one left out."""
    who, attempt_id = running(session, **fields)
    right, wrong = make.right, make.wrong
    save(session, who, attempt_id, 1, right(DOCUMENTS[0]), HIGH)
    save(session, who, attempt_id, 2, wrong(DOCUMENTS[1]), HIGH)
    save(session, who, attempt_id, 3, wrong(DOCUMENTS[2]), MEDIUM)
    save(session, who, attempt_id, 4, wrong(DOCUMENTS[3]), None)
    save(session, who, attempt_id, 5, {DONT_KNOW: ["1"]}, HIGH)
    save(session, who, attempt_id, 6, {}, HIGH)
    return who, finishing.submit(session, who.id, attempt_id, now=make.NOW + timedelta(minutes=5))


def test_a_marked_quiz_is_scored_by_confidence(session: Session) -> None:
    who, attempt_id = running(session, confidence="marked")
    said = (HIGH, HIGH, HIGH, LOW, LOW, LOW)
    for position, (document, level) in enumerate(zip(DOCUMENTS, said, strict=True), start=1):
        save(session, who, attempt_id, position, make.right(document), level)

    assert finishing.submit(session, who.id, attempt_id, now=make.NOW).score == 4


def test_not_knowing_costs_nothing_however_sure_one_was(session: Session) -> None:
    who, attempt_id = running(session, confidence="marked")
    save(session, who, attempt_id, 1, make.right(DOCUMENTS[0]), HIGH)
    save(session, who, attempt_id, 5, {DONT_KNOW: ["1"]}, HIGH)
    save(session, who, attempt_id, 6, {}, HIGH)

    assert finishing.submit(session, who.id, attempt_id, now=make.NOW).score == 1


@pytest.mark.parametrize("fields", [{}, {"confidence": "asked"}])
def test_confidence_that_is_not_marked_is_kept_and_never_counts(
    session: Session, fields: dict[str, Any]
) -> None:
    _, attempt = finished(session, marking={"penalty": "0.25"}, **fields)

    assert attempt.score == 0
    kept = session.scalars(
        select(Step.confidence).where(Step.attempt_id == attempt.id, Step.kind == "save")
    ).all()
    assert kept.count("high") == 3


def test_only_a_quiz_that_asks_makes_sure_misses(session: Session) -> None:
    plain, _ = finished(session)
    assert [row.was_sure for row in missed.inbox(session, plain.id, limit=10)] == [False] * 5


def test_what_was_surely_wrong_comes_first_in_the_inbox(database: Database) -> None:
    with database.writing() as session:
        who, _ = finished(session, confidence="marked")
    with database.reading() as session:
        found = missed.inbox(session, who.id, limit=10)
        said = {row.position: row.confidence for row in session.scalars(select(Encounter))}

    assert [row.position for row in found if row.was_sure] == [2]
    assert found[0].position == 2
    assert said == {1: "high", 2: "high", 3: "medium", 4: None, 5: None, 6: None}


@pytest.mark.parametrize("fields", [{}, {"confidence": "asked"}, {"confidence": "marked"}])
def test_a_rebuild_counts_the_same(database: Database, fields: dict[str, Any]) -> None:
    with database.writing() as session:
        finished(session, **fields)
        document = make.document()
        who, attempt_id = make.running(session, documents=[document], **PRACTICE, **fields)
        check(session, who, attempt_id, make.wrong(document), HIGH)

    assert [str(each) for each in rebuild(database, check=True).differences] == []


def check(session: Session, who: Any, attempt_id: str, answer: Any, said: Any) -> None:
    answering.check_answer(session, who.id, attempt_id, 1, answer, number=1, confidence=said, now=make.NOW)


def test_changing_the_confidence_alone_after_checking_is_refused(session: Session) -> None:
    document = make.document()
    who, attempt_id = make.running(session, documents=[document], **PRACTICE, confidence="marked")
    check(session, who, attempt_id, make.wrong(document), HIGH)

    for change in (answering.save_answer, answering.check_answer):
        with pytest.raises(AlreadyChecked):
            change(
                session, who.id, attempt_id, 1, make.wrong(document), number=2, confidence=LOW, now=make.NOW
            )

    [slot] = attempts.slots(session, who.id, attempt_id)
    assert (slot.confidence, slot.number) == ("high", 1)
    assert finishing.submit(session, who.id, attempt_id, now=make.NOW).score == 0


def test_confidence_alone_is_kept_before_there_is_an_answer(session: Session) -> None:
    who, attempt_id = running(session, confidence="asked")
    save(session, who, attempt_id, 1, {}, HIGH)
    slot = attempts.slots(session, who.id, attempt_id)[0]

    assert (slot.confidence, slot.answered, slot.number) == ("high", False, 1)


def test_a_change_of_confidence_from_a_stale_page_is_told(session: Session) -> None:
    who, attempt_id = running(session, confidence="marked")
    answer = make.right(DOCUMENTS[0])
    save(session, who, attempt_id, 1, answer, LOW)

    save(session, who, attempt_id, 1, answer, LOW)
    with pytest.raises(ChangedElsewhere):
        save(session, who, attempt_id, 1, answer, HIGH)


def test_ones_own_copy_tells_how_sure_one_was(session: Session, now: datetime) -> None:
    who, _ = finished(session, confidence="marked")
    copy = personal_data.export(session, who, now=now + timedelta(days=1))

    said = {row["question"]: row["confidence"] for row in copy["encounters"]}
    assert (said["sure-2"], said["sure-3"], said["sure-4"]) == ("high", "medium", None)


def test_a_wrong_answer_in_a_marked_practice_costs_its_points(session: Session) -> None:
    who, attempt_id = make.running(session, documents=DOCUMENTS[:3], **PRACTICE, confidence="marked")
    for position, (answer, said) in enumerate(
        [(make.right, HIGH), (make.right, HIGH), (make.wrong, MEDIUM)], start=1
    ):
        answering.check_answer(
            session,
            who.id,
            attempt_id,
            position,
            answer(DOCUMENTS[position - 1]),
            number=1,
            confidence=said,
            now=make.NOW,
        )

    assert finishing.submit(session, who.id, attempt_id, now=make.NOW).score == Decimal("1.333333")
