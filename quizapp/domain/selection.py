"""Which questions a sitting asks, and in which order: a function of its seed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from quizapp.domain.question_types import question_types
from quizapp.domain.quizzes import Blueprint, Draw, HandsOn

VARIANT_BITS = 31


@dataclass(frozen=True, slots=True)
class Candidate:
    """A published question as far as drawing is concerned."""

    question_id: int
    uid: str
    topic: str
    subtopic: str | None
    level: str
    type: str
    points: int
    revision: int = 1
    seen_at: datetime | None = None
    """When this learner was last shown it."""

    @property
    def is_answerable(self) -> bool:
        """What is only kept is put into no sitting, not even where a blueprint names it."""
        return question_types[self.type].answerable

    def fits(self, draw: Draw) -> bool:
        wanted = (draw.topic, draw.subtopic, draw.type)
        mine = (self.topic, self.subtopic, self.type)
        if not self.is_answerable or not self._is_wanted(draw):
            return False
        same = all(want is None or want == have for want, have in zip(wanted, mine, strict=True))
        return same and (not draw.levels or self.level in draw.levels)

    def _is_wanted(self, draw: Draw) -> bool:
        if draw.types and self.type not in draw.types:
            return False
        if draw.type is not None or draw.types or draw.hands_on is HandsOn.WITH:
            return True
        return question_types[self.type].hands_on is (draw.hands_on is HandsOn.ONLY)


@dataclass(frozen=True, slots=True)
class Placed:
    """A question in its slot, with what it counts."""

    candidate: Candidate
    points: int
    seed: int | None
    """Decides the order of its options; None keeps them as their author wrote them."""
    variant: int
    """Decides its numbers, where it has variants."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """The slots of a sitting, and how many questions the bank could not provide."""

    slots: tuple[Placed, ...]
    missing: int


def assemble(blueprint: Blueprint, candidates: Iterable[Candidate], seed: int) -> Assembly:
    """Fill a blueprint.  The same blueprint, candidates and seed give the same slots.

    A draw prefers questions that the learner never saw, then those seen longest
    ago; within each, the seed decides.  No question stands in two slots.
    """
    random = Random(seed)  # noqa: S311  # reproducible, and guarded by the server, not by secrecy
    pool = sorted((c for c in candidates if c.is_answerable), key=lambda candidate: candidate.question_id)
    by_uid = {candidate.uid: candidate for candidate in pool}
    fixed = {item.question for item in blueprint.items if item.question}
    taken: set[str] = set()
    chosen: list[tuple[Candidate, int | None]] = []
    for item in blueprint.items:
        if item.draw is None:
            found = [by_uid[item.question]] if item.question in by_uid else []
        else:
            free = [c for c in pool if c.uid not in taken and c.uid not in fixed and c.fits(item.draw)]
            found = _least_recently_seen(free, random)[: item.draw.count]
        new = [candidate for candidate in found if candidate.uid not in taken]
        taken.update(candidate.uid for candidate in new)
        chosen += [(candidate, item.points) for candidate in new]
    if blueprint.shuffle_questions:
        random.shuffle(chosen)
    slots = tuple(
        Placed(candidate, points or candidate.points, seed if blueprint.shuffle_options else None, seed)
        for candidate, points in chosen
        for seed in [random.getrandbits(VARIANT_BITS)]
    )
    return Assembly(slots, blueprint.slots - len(slots))


def _least_recently_seen(candidates: Sequence[Candidate], random: Random) -> list[Candidate]:
    mixed = list(candidates)
    random.shuffle(mixed)
    return sorted(mixed, key=lambda c: (c.seen_at is not None, c.seen_at.timestamp() if c.seen_at else 0.0))


def supply(blueprint: Blueprint, candidates: Sequence[Candidate]) -> Mapping[int, int]:
    """How many questions fit each line of a blueprint, by its number: for authors and checks."""
    return {
        number: sum(
            candidate.fits(item.draw) if item.draw else candidate.uid == item.question
            for candidate in candidates
            if candidate.is_answerable
        )
        for number, item in enumerate(blueprint.items)
    }
