"""What came of a sitting: outcomes of slots, and the score they make."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import CREDIT_STEP, Verdict
from quizapp.domain.questions import MAX_ANSWER_CHARS, Body, Submission
from quizapp.domain.quizzes import Marking, Weights

MAX_FIELDS = 60
TENTH = Decimal("0.1")
DONT_KNOW = "dont_know"
DONT_KNOW_BUCKET = "I don't know"
UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
"""NUL and half characters, which JSON can carry: no database keeps them and no page can show them."""


class State(StrEnum):
    OPEN = "open"
    FINISHED = "finished"
    NEVER_SUBMITTED = "never_submitted"
    """A grace period passed without a submit; nothing was graded."""


class EndedBy(StrEnum):
    LEARNER = "learner"
    DEADLINE = "deadline"


class StepKind(StrEnum):
    SAVE = "save"
    """The learner changed an answer."""
    CHECK = "check"
    """The learner asked for the verdict, in practice."""
    GRADE = "grade"
    """The last saved answer was graded when the attempt ended."""


class Confidence(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer's grade and the heap it falls on."""

    verdict: Verdict
    credit: Decimal
    bucket: str


def judge(body: Body[object], submission: Submission) -> Judged:
    """Read and grade.  Raises `UnreadableAnswer`; "I don't know" is wrong, and no guess."""
    if is_dont_know(submission):
        return Judged(Verdict.WRONG, Decimal(0), DONT_KNOW_BUCKET)
    answer = body.read(submission)
    grade = body.grade(answer)
    return Judged(grade.verdict, grade.credit, body.bucket(answer)[:2000])


def is_dont_know(submission: Submission) -> bool:
    return list(submission.get(DONT_KNOW, ())) == ["1"]


def is_blank(submission: Submission) -> bool:
    """Whether nothing was answered: an emptied answer is no answer."""
    return not any(value.strip() for values in submission.values() for value in values)


def bounded(submission: Submission) -> dict[str, list[str]]:
    """The submission as it is stored.  Raises `UnreadableAnswer` where it is out of all proportion."""
    size = sum(len(name) + sum(map(len, values)) for name, values in submission.items())
    count = sum(len(values) for values in submission.values())
    if size > MAX_ANSWER_CHARS or count > MAX_FIELDS:
        raise UnreadableAnswer("That answer is too long to be read.")
    if is_blank(submission):
        return {}
    return {_storable(name): [*map(_storable, values)] for name, values in submission.items()}


def _storable(text: str) -> str:
    return UNSTORABLE.sub("", text)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one slot went; no verdict where nothing was answered."""

    points: int
    verdict: Verdict | None
    credit: Decimal


def score_of(outcomes: Iterable[Outcome], marking: Marking) -> Decimal:
    """Points earned, less the penalty of wrong answers; never below zero.

    Exact: every addend is a whole number of millionths.
    """
    total = sum((earned(outcome, marking) for outcome in outcomes), Decimal(0))
    return max(total, Decimal(0))


def earned(outcome: Outcome, marking: Marking) -> Decimal:
    """What one slot adds to the score; below zero where a wrong answer costs something."""
    weight = weight_of(outcome.points, marking)
    if outcome.verdict is Verdict.WRONG:
        return -(weight * marking.penalty).quantize(CREDIT_STEP)
    return (weight * outcome.credit).quantize(CREDIT_STEP)


def weight_of(points: int, marking: Marking) -> Decimal:
    """What a question counts under a marking."""
    return Decimal(1 if marking.weights is Weights.EQUAL else points)


def percent(score: Decimal, of: Decimal) -> Decimal:
    """The score in per cent, to one decimal place; 100 means all, and nothing less is rounded up to it."""
    if not of:
        return Decimal(0)
    rounded = (score * 100 / of).quantize(TENTH, rounding="ROUND_HALF_UP")
    return rounded if score >= of else min(rounded, 100 - TENTH)


def has_passed(score: Decimal, of: Decimal, pass_mark: Decimal | None) -> bool | None:
    """Exactly at the mark is passed; None where there is no mark."""
    return None if pass_mark is None else score * 100 >= pass_mark * of


def time_spent(started_at: datetime, moments: Sequence[tuple[datetime, int]]) -> dict[int, timedelta]:
    """How long each position took, from the server's times of the answers alone.

    `moments` are (time, position) of the learner's steps.  The time since the step
    before belongs to the position that was then answered.
    """
    spent: dict[int, timedelta] = {}
    before = started_at
    for at, position in sorted(moments):
        spent[position] = spent.get(position, timedelta(0)) + (at - before)
        before = at
    return spent


def slow_positions(spent: dict[int, timedelta]) -> set[int]:
    """Answers that took more than twice the median, and over a minute: worth a second look."""
    if len(spent) < 4:
        return set()
    ordered = sorted(spent.values())
    median = ordered[len(ordered) // 2]
    return {p for p, took in spent.items() if took > max(2 * median, timedelta(minutes=1))}
