"""What the result page says about a released attempt."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from quizapp.db.models import Attempt
from quizapp.domain.attempts import earned, has_passed, is_dont_know, percent, weight_of, worth
from quizapp.domain.certainty import Confidence, in_millionths
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.grading import Verdict
from quizapp.domain.mastery import Estimate, Evidence, Standing, combined, estimate
from quizapp.domain.quizzes import Blueprint, Marking, OpenAnswers
from quizapp.queries.attempts import SlotState
from quizapp.web.certainty import said
from quizapp.web.filters import number, plural

UNANSWERED, AWAITING = "unanswered", "awaiting"


def points_of(slot: SlotState, marking: Marking, *, by_confidence: bool = False) -> Decimal:
    """What a slot added to the score."""
    return earned(slot.outcome, marking, by_confidence=by_confidence)


def _worth(slot: SlotState, blueprint: Blueprint) -> Fraction:
    return worth(slot.outcome, blueprint.marking, by_confidence=blueprint.marks_confidence)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many questions went how."""

    right: int
    partial: int
    wrong: int
    unanswered: int
    awaiting: int
    """Answers that a person has to score."""

    @classmethod
    def of(cls, slots: Iterable[SlotState]) -> "Counts":
        seen = Counter(slot.verdict or (AWAITING if slot.awaits_score else UNANSWERED) for slot in slots)
        return cls(*(seen[name] for name in (*Verdict, UNANSWERED, AWAITING)))

    @property
    def all(self) -> int:
        return self.right + self.missed + self.awaiting

    @property
    def missed(self) -> int:
        return self.partial + self.wrong + self.unanswered


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic of an attempt; of a quiz on a single topic, one of its subtopics."""

    id: str
    title: str
    counts: Counts
    earned: Decimal
    """Points before deductions."""
    possible: Decimal
    evidence: Evidence
    """Answered questions alone: what was left out says nothing about knowing it."""

    @property
    def is_thin(self) -> bool:
        """Whether there are too few answers to say anything of the topic."""
        return estimate(self.evidence).is_thin

    @property
    def share(self) -> Decimal:
        return percent(self.earned, self.possible)

    @property
    def figure(self) -> str:
        return f"{number(self.earned)} of {number(self.possible)}"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The answers given with one level of confidence; None: those without."""

    confidence: Confidence | None
    answers: int
    right: int
    points: Decimal

    @property
    def label(self) -> str:
        return said(self.confidence)

    @property
    def share(self) -> Decimal:
        return percent(Decimal(self.right), Decimal(self.answers))


@dataclass(frozen=True, slots=True)
class Report:
    """A released attempt in figures."""

    attempt: Attempt
    counts: Counts
    rows: tuple[TopicRow, ...]
    noun: str
    """What a row is: a topic or a subtopic."""
    pass_mark: Decimal | None
    blueprint: Blueprint
    before: Attempt | None
    gained: Decimal
    """The points before deductions."""
    calibration: tuple[Calibration, ...]
    """One for each level of confidence, where the quiz asked for it and anything was answered."""

    @property
    def score(self) -> Decimal:
        return self.attempt.score or Decimal(0)

    @property
    def percent(self) -> Decimal:
        return percent(self.score, self.attempt.max_score)

    @property
    def passed(self) -> bool | None:
        """None without a pass mark, and as long as an answer awaits its score."""
        if self.counts.awaiting:
            return None
        return has_passed(self.score, self.attempt.max_score, self.pass_mark)

    @property
    def scores_oneself(self) -> bool:
        return self.blueprint.open_answers is OpenAnswers.SELF

    @property
    def percent_before(self) -> Decimal | None:
        """What the learner's previous attempt at the same quiz came to."""
        return percent(self.before.score or Decimal(0), self.before.max_score) if self.before else None

    @property
    def time_used(self) -> timedelta:
        return (self.attempt.finished_at or self.attempt.started_at) - self.attempt.started_at

    @property
    def deducted(self) -> Decimal:
        """What wrong answers cost in all."""
        return self.gained - self.score

    @property
    def calibrated(self) -> str:
        """The title of what confidence came to: how often being sure was right."""
        sure = next((row for row in self.calibration if row.confidence == Confidence.HIGH), None)
        if sure is None or not sure.answers:
            return "You were highly confident of no answer"
        answers = plural(sure.answers, "answer")
        return f"Of {answers} you were highly confident of, {sure.right} {_was(sure.right)} right"

    @property
    def finding(self) -> str:
        """The figure's title: the weakest topic where the numbers carry it, else what they do not say."""
        if len(self.rows) == 1:
            so_far = " so far" if self.counts.awaiting else ""
            return f"{self.rows[0].title}: {self.rows[0].figure} points{so_far}"
        weakest = weakest_of(self.rows)
        if weakest:
            known = weakest.counts.all
            return f"{weakest.title} is holding you back: {weakest.counts.right} of {known} right"
        if any(row.is_thin for row in self.rows):
            return f"Too few answers to single out a {self.noun}"
        return f"No {self.noun} stands out"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def report_of(
    attempt: Attempt, slots: Sequence[SlotState], before: Attempt | None, curriculum: Curriculum
) -> Report:
    """The figures of an attempt.  Topics come in the order of the curriculum."""
    blueprint = Blueprint.model_validate(attempt.blueprint)
    by_subtopic = len({slot.topic for slot in slots}) == 1 and all(slot.subtopic for slot in slots)
    groups: dict[str, list[SlotState]] = {}
    for slot in slots:
        groups.setdefault(slot.subtopic if by_subtopic else slot.topic, []).append(slot)
    place = {identity: number for number, identity in enumerate(curriculum.titles)}
    return Report(
        attempt=attempt,
        counts=Counts.of(slots),
        rows=tuple(
            _row(identity, groups[identity], blueprint, curriculum)
            for identity in sorted(groups, key=lambda name: (place.get(name, len(place)), name))
        ),
        noun="subtopic" if by_subtopic else "topic",
        pass_mark=blueprint.pass_mark,
        blueprint=blueprint,
        before=before,
        gained=_gained(slots, blueprint),
        calibration=_calibration(slots, blueprint) if blueprint.asks_confidence else (),
    )


def _calibration(slots: Sequence[SlotState], blueprint: Blueprint) -> tuple[Calibration, ...]:
    """The surest first; not what was left out, nor where the learner said not to know."""
    answered = [slot for slot in slots if slot.verdict is not None and not is_dont_know(slot.submission)]
    rows = []
    for level in (*reversed(Confidence), None):
        mine = [slot for slot in answered if slot.outcome.confidence == level]
        right = sum(slot.verdict == Verdict.RIGHT for slot in mine)
        points = in_millionths(sum((_worth(slot, blueprint) for slot in mine), Fraction(0)))
        if mine or level is not None:
            rows.append(Calibration(level, len(mine), right, points))
    return tuple(rows) if answered else ()


def _gained(slots: Iterable[SlotState], blueprint: Blueprint) -> Decimal:
    """What the answers earned, without what wrong ones cost."""
    return in_millionths(sum((max(_worth(slot, blueprint), Fraction(0)) for slot in slots), Fraction(0)))


def _row(identity: str, slots: Sequence[SlotState], blueprint: Blueprint, curriculum: Curriculum) -> TopicRow:
    answered = [slot for slot in slots if slot.verdict is not None]
    credit = sum((slot.credit or Decimal(0) for slot in answered), Decimal(0))
    return TopicRow(
        id=identity,
        title=curriculum.title(identity),
        counts=Counts.of(slots),
        earned=_gained(slots, blueprint),
        possible=sum((weight_of(slot.points, blueprint.marking) for slot in slots), Decimal(0)),
        evidence=Evidence(len(answered), credit, (), None),
    )


def weakest_of(rows: Sequence[TopicRow]) -> TopicRow | None:
    """The topic that is weak by itself and clearly below the others together, if there is one.

    Clearly: its whole 80 % interval lies under the middle of theirs.
    """
    if len(rows) < 2:
        return None
    weakest = min(rows, key=lambda row: estimate(row.evidence).mid)
    mine, others = estimate(weakest.evidence), _together(row for row in rows if row is not weakest)
    if mine.standing is Standing.WEAK and not others.is_thin and mine.high < others.mid:
        return weakest
    return None


def _together(rows: Iterable[TopicRow]) -> Estimate:
    return estimate(combined(row.evidence for row in rows))
