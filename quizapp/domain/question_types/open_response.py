"""Texts and diagrams that people score: cases, stories of one's work, incidents, essays."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.attempts import DONT_KNOW
from quizapp.domain.choices import require_distinct
from quizapp.domain.errors import AwaitsScore, Refused, UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import (
    IMAGE_FIELD,
    LEVEL_FIELD,
    Body,
    Document,
    Examples,
    Face,
    Line,
    Note,
    Remark,
    Slug,
    Submission,
)

MOST_IMAGES = 4
IMAGE_ID = re.compile(r"[A-Za-z0-9_-]{16,40}")
TEXT_FIELD = "text-"
"""What the names of the fields for the stages begin with."""

Name = Annotated[Slug, Field(max_length=40)]


class OpenKind(StrEnum):
    """What is asked for; it decides a few words of the page, and nothing else."""

    CASE = "case"
    BEHAVIOURAL = "behavioural"
    INCIDENT = "incident"
    ESSAY = "essay"


class Stage(Document):
    """One step of the question, with a text box of its own."""

    id: Name
    title: Line
    text: Note = ""
    """What is asked in this step, where the stem does not say it all."""
    minutes: Annotated[int, Field(ge=1, le=240)] | None = None
    """How long it may take, as advice."""


class Dimension(Document):
    """One thing that is judged, with what an answer of each level is like, the worst first."""

    id: Name
    title: Line
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    levels: Annotated[tuple[Line, ...], Field(min_length=2, max_length=4)]

    @model_validator(mode="after")
    def _distinct_levels(self) -> Self:
        require_distinct(self.levels, "levels")
        return self

    @property
    def top(self) -> int:
        return len(self.levels) - 1


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """What was written and drawn, and the levels it was given since."""

    texts: Mapping[str, str]
    images: tuple[str, ...] = ()
    levels: Mapping[str, int] = field(default_factory=dict)


@question_types.register
class OpenResponse(Body[OpenAnswer]):
    key: ClassVar[str] = "open_response"
    title: ClassVar[str] = "Open answer"
    hands_on: ClassVar[bool] = True
    scored_by_people: ClassVar[bool] = True

    kind: OpenKind = OpenKind.ESSAY
    prompts: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=8)]
    rubric: Annotated[tuple[Dimension, ...], Field(min_length=1, max_length=8)]
    model_answer: Note = ""
    follow_ups: Annotated[tuple[Line, ...], Field(max_length=12)] = ()
    image: bool = False
    """Whether diagrams may be part of the answer."""
    max_chars: Annotated[int, Field(ge=200, le=15_000)] = 8_000
    """Of all texts together."""

    @model_validator(mode="after")
    def _distinct_parts(self) -> Self:
        for noun, ids in (
            ("prompts", [stage.id for stage in self.prompts]),
            ("dimensions", [dimension.id for dimension in self.rubric]),
        ):
            if len(set(ids)) < len(ids):
                raise ValueError(f"two {noun} have the same id")
        require_distinct((dimension.title for dimension in self.rubric), "dimensions")
        return self

    def face(self, seed: int | None) -> Face:
        """Dimensions and weights are known in an interview; what each level looks like is not."""
        total = sum(dimension.weight for dimension in self.rubric)
        return {
            "kind": self.kind.value,
            "prompts": [stage.model_dump() for stage in self.prompts],
            "rubric": [
                {"title": dimension.title, "percent": round(100 * dimension.weight / total)}
                for dimension in self.rubric
            ],
            "images": MOST_IMAGES if self.image else 0,
            "max_chars": self.max_chars,
        }

    def read(self, submission: Submission) -> OpenAnswer:
        texts = {
            stage.id: text
            for stage in self.prompts
            for text in [_one(submission, TEXT_FIELD + stage.id)]
            if text.strip()
        }
        images = self._images(submission)
        if not texts and not images:
            raise UnreadableAnswer("Write something first. It need not be long.")
        length = sum(map(len, texts.values()))
        if length > self.max_chars:
            raise UnreadableAnswer(
                f"Your texts have {length:,} characters together; at most {self.max_chars:,} are read."
            )
        return OpenAnswer(texts, images, self._levels(submission))

    def grade(self, answer: OpenAnswer) -> Grade:
        if answer.levels.keys() != {dimension.id for dimension in self.rubric}:
            raise AwaitsScore
        earned = sum(dimension.weight * answer.levels[dimension.id] for dimension in self.rubric)
        most = sum(dimension.weight * dimension.top for dimension in self.rubric)
        return Grade.part(earned, of=most)

    def bucket(self, answer: OpenAnswer) -> str:
        if not answer.levels:
            return "not scored"
        return "; ".join(
            f"{dimension.title}: {answer.levels.get(dimension.id, '–')} of {dimension.top}"
            for dimension in self.rubric
        )

    def spoken(self, answer: OpenAnswer) -> str:
        """How the answer begins."""
        written = next(iter(answer.texts.values()), "")
        return written or ("A diagram" if len(answer.images) == 1 else f"{len(answer.images)} diagrams")

    def examples(self) -> Examples:
        texts = {TEXT_FIELD + stage.id: ["A few sentences."] for stage in self.prompts}
        best = {LEVEL_FIELD + dimension.id: [str(dimension.top)] for dimension in self.rubric}
        worst = {LEVEL_FIELD + dimension.id: ["0"] for dimension in self.rubric}
        return Examples(
            right=texts | best,
            wrong=texts | worst,
            unreadable={TEXT_FIELD + stage.id: ["  "] for stage in self.prompts},
        )

    def of_learner(self, submission: Submission) -> Submission:
        """Texts and diagrams alone: nobody scores an answer while giving it.

        Browsers end a line in two ways, and both are the same answer.
        """
        own = {DONT_KNOW, *(TEXT_FIELD + stage.id for stage in self.prompts)}
        own |= {f"{IMAGE_FIELD}{number}" for number in range(1, MOST_IMAGES + 1) if self.image}
        return {
            name: [value.replace("\r\n", "\n") for value in values]
            for name, values in submission.items()
            if name in own
        }

    def scored(self, submission: Submission, given: Submission) -> Submission:
        """The answer with the levels that somebody gave it, one for each dimension."""
        known = {LEVEL_FIELD + dimension.id: dimension for dimension in self.rubric}
        strange = next((name for name in given if name.startswith(LEVEL_FIELD) and name not in known), None)
        if strange:
            raise Refused("This question has no such dimension.", strange)
        for name, dimension in known.items():
            values = list(given.get(name, ()))
            if not values:
                raise Refused(f"Choose a level for “{dimension.title}”.", name)
            if len(values) > 1 or values[0] not in map(str, range(len(dimension.levels))):
                raise Refused(f"“{dimension.title}” has the levels 0 to {dimension.top}.", name)
        return {**self.of_learner(submission), **{name: list(given[name]) for name in known}}

    def lint(self) -> list[Remark]:
        if self.follow_ups:
            return []
        return [Remark("B23", ("follow_ups",), "say what an interviewer would ask next")]

    def parts_of(self, submission: Submission) -> OpenAnswer:
        """What a page can show of a submission, whatever is in it."""
        texts = {
            stage.id: text for stage in self.prompts for text in [_one(submission, TEXT_FIELD + stage.id)]
        }
        try:
            return OpenAnswer(texts, self._images(submission), self._levels(submission))
        except UnreadableAnswer:
            return OpenAnswer(texts)

    def _images(self, submission: Submission) -> tuple[str, ...]:
        if not self.image:
            return ()
        values = [
            value
            for number in range(1, MOST_IMAGES + 1)
            for value in submission.get(f"{IMAGE_FIELD}{number}", ())
            if value
        ]
        if len(values) > MOST_IMAGES or not all(map(IMAGE_ID.fullmatch, values)):
            raise UnreadableAnswer("One of the diagrams does not belong to this answer.")
        return tuple(dict.fromkeys(values))

    def _levels(self, submission: Submission) -> dict[str, int]:
        """The levels that were given; one that cannot be is as good as none."""
        return {
            dimension.id: int(value)
            for dimension in self.rubric
            for value in submission.get(LEVEL_FIELD + dimension.id, ())
            if value in map(str, range(len(dimension.levels)))
        }


def _one(submission: Submission, name: str) -> str:
    """The text of a field; sent twice, it is refused only by its length."""
    return "\n".join(submission.get(name, ()))
