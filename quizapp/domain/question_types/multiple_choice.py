"""Several right options among several, under a marking scheme."""

from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.choices import Option, arranged, chosen_ids, lint_options, require_distinct
from quizapp.domain.grading import Grade
from quizapp.domain.marking import MARKING_SCHEMES, MarkingScheme, weighted
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Examples, Face, Remark, Submission


@question_types.register
class MultipleChoice(Body[AbstractSet[str]]):
    key: ClassVar[str] = "multiple_choice"
    title: ClassVar[str] = "Multiple choice"

    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=26)]
    marking: MarkingScheme = MarkingScheme.RIGHT_MINUS_WRONG

    @model_validator(mode="after")
    def _some_keys_among_distinct_options(self) -> Self:
        keys = sum(option.key for option in self.options)
        is_weighted = self.marking is MarkingScheme.WEIGHTED
        if not 1 <= keys < len(self.options) + is_weighted:
            raise ValueError("at least one option needs `key: true`, and at least one must not have it")
        require_distinct(option.text for option in self.options)
        if not is_weighted and any(option.credit is not None for option in self.options):
            raise ValueError("options have a `credit` only with `marking: weighted`")
        if is_weighted and any(option.key != ((option.credit or 0) > 0) for option in self.options):
            raise ValueError("the keys, and no other options, need a `credit` above 0")
        return self

    def face(self, seed: int | None) -> Face:
        shown = [option.shown() for option in self.options]
        return {
            "options": arranged(shown, seed, [option.text for option in self.options]),
            "marking": self.marking.value,
        }

    def read(self, submission: Submission) -> AbstractSet[str]:
        return chosen_ids(submission, self._offered(), hint="Choose at least one option.")

    def grade(self, answer: AbstractSet[str]) -> Grade:
        if self.marking is MarkingScheme.WEIGHTED:
            return weighted(answer, {option.id: option.credit or Decimal(0) for option in self.options})
        return MARKING_SCHEMES[self.marking](answer, self._keys(), self._offered())

    def bucket(self, answer: AbstractSet[str]) -> str:
        return " + ".join(option.text for option in self.options if option.id in answer)

    def spoken(self, answer: AbstractSet[str]) -> str:
        return self.bucket(answer)

    def examples(self) -> Examples:
        return Examples(
            right={"choice": sorted(self._keys())},
            wrong={"choice": sorted(self._offered() - self._keys()) or sorted(self._keys())[:1]},
            unreadable={"choice": ["none-of-these"]},
        )

    def lint(self) -> list[Remark]:
        return lint_options(self.options)

    def _keys(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options if option.key)

    def _offered(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options)
