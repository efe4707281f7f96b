"""Reads about one person, for the copy of their data.  The keys are those of the document."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, and_, case, select
from sqlalchemy.orm import Session

from quizapp.db.models import (
    Attempt,
    BulkChange,
    Draft,
    Encounter,
    PendingImport,
    Question,
    QuestionSet,
    Quiz,
    SignIn,
    Slot,
    Step,
    Tally,
)
from quizapp.queries.attempts import BY_LEARNER
from quizapp.queries.results import SILENT, asked_in_silence

Rows = Sequence[RowMapping]


def sign_ins(session: Session, account_id: int) -> Rows:
    mine = select(SignIn.created_at, SignIn.expires_at).where(SignIn.account_id == account_id)
    return session.execute(mine.order_by(SignIn.created_at)).mappings().all()


def attempts(session: Session, account_id: int, now: datetime) -> Rows:
    """All attempts; the score of one only from its release on."""
    return (
        session.execute(
            select(
                Attempt.id,
                Attempt.title,
                Attempt.mode,
                Attempt.origin,
                Attempt.state,
                Attempt.started_at,
                Attempt.deadline_at,
                Attempt.deadline_reason,
                Attempt.finished_at,
                Attempt.ended_by,
                Attempt.release_at,
                case((_is_released(now), Attempt.score)).label("score"),
                Attempt.max_score,
            )
            .where(Attempt.learner_id == account_id)
            .order_by(Attempt.started_at, Attempt.id)
        )
        .mappings()
        .all()
    )


def slots(session: Session, account_id: int) -> Rows:
    return (
        session.execute(
            select(
                Slot.attempt_id,
                Slot.position,
                Question.uid.label("question"),
                Slot.revision,
                Slot.points,
                Slot.topic,
                Slot.subtopic,
                Slot.flagged,
            )
            .join(Question, Question.id == Slot.question_id)
            .where(Slot.learner_id == account_id)
            .order_by(Slot.attempt_id, Slot.position)
        )
        .mappings()
        .all()
    )


def steps(session: Session, account_id: int, now: datetime) -> Rows:
    """All steps; verdicts, credits and buckets only of attempts that are released.

    Grades and scores are left out altogether before the release: that there is one is a result.
    What was answered to a question that a running exam asks too stays away meanwhile, as
    in reviews: a right answer of then is the key of now.
    """
    released = _is_released(now)
    told = Slot.question_id.not_in(asked_in_silence(session, account_id)) | _is_silent()
    return (
        session.execute(
            select(
                Step.attempt_id,
                Step.position,
                Step.number,
                Step.kind,
                Step.at,
                case((told, Step.submission)).label("submission"),
                Step.confidence,
                case((released, Step.verdict)).label("verdict"),
                case((released, Step.credit)).label("credit"),
                case((released & told, Step.bucket)).label("bucket"),
            )
            .join(Attempt, and_(Attempt.learner_id == Step.learner_id, Attempt.id == Step.attempt_id))
            .join(
                Slot,
                and_(
                    Slot.learner_id == Step.learner_id,
                    Slot.attempt_id == Step.attempt_id,
                    Slot.position == Step.position,
                ),
            )
            .where(Step.learner_id == account_id, released | Step.kind.in_(BY_LEARNER))
            .order_by(Step.attempt_id, Step.position, Step.number)
        )
        .mappings()
        .all()
    )


def tallies(session: Session, account_id: int) -> Rows:
    return (
        session.execute(
            select(Tally.topic, Tally.subtopic, Tally.answers, Tally.credit, Tally.recent, Tally.last_at)
            .where(Tally.learner_id == account_id)
            .order_by(Tally.topic, Tally.subtopic)
        )
        .mappings()
        .all()
    )


def encounters(session: Session, account_id: int) -> Rows:
    return (
        session.execute(
            select(
                Question.uid.label("question"),
                Encounter.seen_at,
                Encounter.answered_at,
                Encounter.verdict,
                Encounter.confidence,
                Encounter.misses,
                Encounter.missed,
            )
            .join(Question, Question.id == Encounter.question_id)
            .where(Encounter.learner_id == account_id)
            .order_by(Encounter.seen_at, Question.uid)
        )
        .mappings()
        .all()
    )


def owned_sets(session: Session, account_id: int) -> Rows:
    mine = select(QuestionSet.title, QuestionSet.status, QuestionSet.created_at, QuestionSet.updated_at)
    return (
        session.execute(mine.where(QuestionSet.owner_id == account_id).order_by(QuestionSet.id))
        .mappings()
        .all()
    )


def drafts(session: Session, account_id: int) -> Rows:
    """Edits that were typed and not saved."""
    statement = select(Draft.key, Draft.fields, Draft.base_revision, Draft.updated_at)
    return (
        session.execute(statement.where(Draft.account_id == account_id).order_by(Draft.key)).mappings().all()
    )


def pending_imports(session: Session, account_id: int) -> Rows:
    """Files that wait for a decision; the files themselves are at hand where they came from."""
    statement = select(PendingImport.file_name, PendingImport.created_at)
    mine = statement.where(PendingImport.account_id == account_id).order_by(PendingImport.created_at)
    return session.execute(mine).mappings().all()


def bulk_changes(session: Session, account_id: int) -> Rows:
    """Changes of many questions at once."""
    statement = select(BulkChange.words, BulkChange.at, BulkChange.undone_at)
    mine = statement.where(BulkChange.account_id == account_id).order_by(BulkChange.id)
    return session.execute(mine).mappings().all()


def owned_quizzes(session: Session, account_id: int) -> Rows:
    mine = select(Quiz.uid.label("quiz"), Quiz.title, Quiz.status, Quiz.created_at, Quiz.updated_at)
    return session.execute(mine.where(Quiz.owner_id == account_id).order_by(Quiz.id)).mappings().all()


def _is_silent() -> Any:
    """Whether the step is of such an exam itself."""
    return and_(Attempt.tallied_at.is_(None), Attempt.mode.in_(SILENT))


def _is_released(now: datetime) -> Any:
    return and_(Attempt.release_at.is_not(None), Attempt.release_at <= now)
