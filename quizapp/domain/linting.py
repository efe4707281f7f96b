"""Rules that question writing is held to; the ids are those of `docs/bank.md`.

Errors make a bank check fail.  The same findings are advice for an instructor's
upload, because an unfinished question is better than an unwritten one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quizapp.domain.choices import Option, text_id
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.documents import QuestionSet, tries, variant
from quizapp.domain.problems import Path, Place, Problem, Severity
from quizapp.domain.questions import Question, Remark

MIN_EXPLANATION = 120
SEEDS, FEWEST_VARIANTS, ACCEPTED = 50, 25, 0.4


@dataclass(frozen=True, slots=True)
class Placed:
    """A question and where it stands."""

    question: Question
    place: Place
    path: Path

    def problem(self, remark: Remark, severity: Severity) -> Problem:
        where = self.place.where((*self.path, *remark.path))
        message = f"{self.question.id}: {remark.message}"
        return Problem(where, Severity.ADVICE if remark.advice else severity, remark.code, message)


def placed(sets: Iterable[QuestionSet]) -> list[Placed]:
    """Every question of some sets with its place."""
    return [
        Placed(question, each.place, ("questions", number))
        for each in sets
        for number, question in enumerate(each.questions)
    ]


def lint(
    questions: Sequence[Placed],
    curriculum: Curriculum | None,
    severity: Severity,
    *,
    thorough: bool = True,
) -> list[Problem]:
    """All findings about each question alone, and about all of them together.

    Without `thorough` nothing is run and no variants are drawn: for advice while somebody types.
    """
    found = [
        item.problem(remark, severity)
        for item in questions
        for remark in [*_alone(item.question, curriculum), *_tried(item.question, thorough)]
    ]
    return found + [item.problem(remark, severity) for item, remark in _together(questions)]


def _alone(question: Question, curriculum: Curriculum | None) -> Iterator[Remark]:
    if len(question.explanation) < MIN_EXPLANATION:
        message = f"the explanation has {len(question.explanation)} characters; {MIN_EXPLANATION} say why"
        yield Remark("B22", ("explanation",), message)
    if not any(reference.section for reference in question.references):
        yield Remark("B24", ("references",), "no reference names a section or an id")
    if question.cognitive is None:
        yield Remark("B31", ("cognitive",), "the cognitive level is missing")
    if question.objective is None:
        yield Remark("B31", ("objective",), "the objective is missing")
    if question.versions and not question.as_of:
        yield Remark("B32", ("as_of",), "a fact with versions needs `as_of`")
    if curriculum is not None:
        yield from _off_the_map(question, curriculum)


def _tried(question: Question, thorough: bool) -> Iterator[Remark]:
    """What the body says of itself, and what many draws show."""
    if thorough:
        yield from _drawn(question)
    if thorough or not question.body.can_run:
        yield from question.body.lint()


def _drawn(question: Question) -> Iterator[Remark]:
    """V1: variants that are too few to be variants.  V2: most draws are thrown away."""
    if question.written is None:
        return
    drawn = [variant(question, seed) for seed in range(SEEDS)]
    different = len({(each.stem, repr(each.body)) for each in drawn})
    if different < FEWEST_VARIANTS:
        yield Remark("V1", ("variants",), f"only {different} of {SEEDS} seeds give a different question")
    share = SEEDS / sum(tries(question, seed) for seed in range(SEEDS))
    if share < ACCEPTED:
        message = f"only {share:.0%} of the draws are acceptable; choose other values"
        yield Remark("V2", ("variants",), message)


def _off_the_map(question: Question, curriculum: Curriculum) -> Iterator[Remark]:
    for field in ("topic", "subtopic"):
        value = getattr(question, field)
        if value is not None and value not in curriculum.titles:
            yield Remark("C1", (field,), f"the curriculum has no {field} {value!r}")
    if question.objective is not None and question.objective not in curriculum.objectives:
        yield Remark("C1", ("objective",), f"the curriculum has no objective {question.objective!r}")


def _together(questions: Sequence[Placed]) -> Iterator[tuple[Placed, Remark]]:
    """B19: the same question twice.  B21: the same stem with another key."""
    by_stem: defaultdict[str, list[Placed]] = defaultdict(list)
    for item in questions:
        by_stem[text_id(item.question.stem)].append(item)
    for group in by_stem.values():
        first, *others = group
        for item in others:
            if item.question.body == first.question.body:
                yield item, Remark("B19", ("stem",), f"repeats {first.question.id}")
            elif _keys(item.question) != _keys(first.question):
                message = f"asks the same as {first.question.id} with another key"
                yield item, Remark("B21", ("stem",), message)


def _keys(question: Question) -> object:
    options: Sequence[Option] = getattr(question.body, "options", ())
    return frozenset(o.id for o in options if o.key) or question.body.examples().right
