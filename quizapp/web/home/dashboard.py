"""What a learner's start page shows: what runs, what comes next, what came of the last ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from quizapp.db.models import Attempt
from quizapp.domain.attempts import has_passed, percent
from quizapp.domain.mastery import Standing
from quizapp.domain.modes import Mode, quiz_modes
from quizapp.domain.quizzes import Blueprint
from quizapp.domain.skills import Skill, by_need, finding, next_step
from quizapp.queries import attempts, missed, progress, quizzes, scoring
from quizapp.queries.curriculum import curriculum

DIAGNOSTIC = "ten-minute-diagnostic"
RESULTS = 5


@dataclass(frozen=True, slots=True)
class Running:
    """An attempt to go on with."""

    attempt: Attempt
    mode: type[Mode]
    seconds_left: int | None
    in_grace: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A released result in one line."""

    attempt: Attempt
    percent: Decimal
    passed: bool | None
    awaiting: int
    """Answers that a person has to score; the rest is so far only."""


@dataclass(frozen=True, slots=True)
class Next:
    """What to do next: the diagnostic, or a topic; neither where the bank is empty."""

    diagnostic: str | None = None
    """The diagnostic's id."""
    skill: Skill | None = None

    @property
    def is_weak(self) -> bool:
        return self.skill is not None and self.skill.standing is Standing.WEAK


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A learner's start page."""

    running: Sequence[Running]
    next: Next
    missed: int
    results: Sequence[Result]
    core: Sequence[Skill]
    finding: str


def dashboard(session: Session, learner_id: int, now: datetime) -> Dashboard:
    """Everything on the page, in a number of statements that no history makes larger."""
    running = [_running(attempt, now) for attempt in progress.running(session, learner_id)]
    results = progress.last_results(session, learner_id, now=now, limit=RESULTS)
    awaiting = scoring.counts(session, learner_id, [attempt.id for attempt in results])
    skills = progress.standing(session, learner_id, curriculum(session))
    core = [skill for skill in skills if skill.core]
    is_new = not running and not results and not progress.has_started(session, learner_id)
    return Dashboard(
        running=running,
        next=_next(session, skills, is_new=is_new),
        missed=sum(missed.by_topic(session, learner_id).values()),
        results=[_result(attempt, awaiting.get(attempt.id, 0)) for attempt in results],
        core=by_need(core) if any(skill.evidence.answers for skill in core) else [],
        finding=finding(core),
    )


def _running(attempt: Attempt, now: datetime) -> Running:
    clock = attempts.clock_of(attempt)
    return Running(attempt, quiz_modes[attempt.mode], clock.seconds_left(now), clock.in_grace(now))


def _result(attempt: Attempt, awaiting: int) -> Result:
    score = attempt.score or Decimal(0)
    pass_mark = Blueprint.model_validate(attempt.blueprint).pass_mark
    passed = None if awaiting else has_passed(score, attempt.max_score, pass_mark)
    return Result(attempt, percent(score, attempt.max_score), passed, awaiting)


def _next(session: Session, skills: Sequence[Skill], *, is_new: bool) -> Next:
    if is_new and quizzes.published_by_uid(session, DIAGNOSTIC) is not None:
        return Next(diagnostic=DIAGNOSTIC)
    return Next(skill=next_step(skills))
