"""What came of a sitting: outcomes of slots, and the score they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from quizapp.domain import certainty
from quizapp.domain.certainty import Confidence
from quizapp.domain.characters import UNSTORABLE
from quizapp.domain.errors import AwaitsScore, UnreadableAnswer
from quizapp.domain.grading import Verdict
from quizapp.domain.questions import MAX_ANSWER_CHARS, Body, Submission
from quizapp.domain.quizzes import Marking, Weights

MAX_FIELDS = 200
TENTH = Decimal("0.1")
DONT_KNOW = "dont_know"
DONT_KNOW_BUCKET = "I don't know"
TRIAL = "trial:"
"""What the origin of a trial begins with: somebody who teaches takes a set as learners would."""


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
    """The last saved answer was graded when the attempt ended; without a verdict it awaits a score."""
    SCORE = "score"
    """Somebody scored an answer that only people can judge."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer's grade and the heap it falls on; no verdict where a person has to score it first."""

    verdict: Verdict | None
    credit: Decimal
    bucket: str

    @property
    def kept_credit(self) -> Decimal | None:
        """What a step keeps: no credit where there is no verdict yet."""
        return self.credit if self.verdict else None


def is_trial(origin: str) -> bool:
    """Whether an attempt only tries a set out, so that nothing of it is counted anywhere."""
    return origin.startswith(TRIAL)


def judge(body: Body[object], submission: Submission) -> Judged:
    """Read and grade.  Raises `UnreadableAnswer`; "I don't know" is wrong, and no guess.

    What awaits a person's score is judged without a verdict.
    """
    if is_dont_know(submission):
        return Judged(Verdict.WRONG, Decimal(0), DONT_KNOW_BUCKET)
    answer = body.read(submission)
    bucket = body.bucket(answer)[:2000]
    try:
        grade = body.grade(answer)
    except AwaitsScore:
        return Judged(None, Decimal(0), bucket)
    return Judged(grade.verdict, grade.credit, bucket)


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
    confidence: Confidence | None = None
    by_person: bool = False
    """Whether somebody scored it against a rubric; nobody is asked how sure they are of an essay."""


def score_of(outcomes: Iterable[Outcome], marking: Marking, *, by_confidence: bool = False) -> Decimal:
    """Points earned, less what wrong answers cost; never below zero.

    Exact: fractions are added up, and the sum alone is rounded, to millionths.
    """
    total = sum((worth(outcome, marking, by_confidence=by_confidence) for outcome in outcomes), Fraction(0))
    return certainty.in_millionths(max(total, Fraction(0)))


def earned(outcome: Outcome, marking: Marking, *, by_confidence: bool = False) -> Decimal:
    """What one slot adds to the score; below zero where a wrong answer costs something."""
    return certainty.in_millionths(worth(outcome, marking, by_confidence=by_confidence))


def worth(outcome: Outcome, marking: Marking, *, by_confidence: bool = False) -> Fraction:
    """The same as an exact fraction, to be added up.

    `by_confidence` is for quizzes that are marked by how sure the learner was.
    """
    weight = Fraction(weight_of(outcome.points, marking))
    if outcome.by_person:
        return weight * Fraction(outcome.credit)
    if by_confidence:
        return weight * certainty.share(outcome.verdict, outcome.credit, outcome.confidence)
    if outcome.verdict is Verdict.WRONG:
        return -weight * Fraction(marking.penalty)
    return weight * Fraction(outcome.credit)


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
