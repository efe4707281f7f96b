"""One right option among several."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.choices import Option, arranged, chosen_ids, lint_options, require_distinct
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Examples, Face, Remark, Submission


@question_types.register
class SingleChoice(Body[str]):
    key: ClassVar[str] = "single_choice"
    title: ClassVar[str] = "Single choice"

    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=26)]

    @model_validator(mode="after")
    def _one_key_among_distinct_options(self) -> Self:
        keys = sum(option.key for option in self.options)
        if keys != 1:
            raise ValueError(f"exactly one option needs `key: true`, not {keys}")
        require_distinct(option.text for option in self.options)
        if any(option.key and option.credit not in (None, 1) for option in self.options):
            raise ValueError("the key earns full credit; leave out its `credit`")
        return self

    def face(self, seed: int | None) -> Face:
        shown = [option.shown() for option in self.options]
        return {"options": arranged(shown, seed, [option.text for option in self.options])}

    def read(self, submission: Submission) -> str:
        picked = chosen_ids(submission, (option.id for option in self.options), hint="Choose one option.")
        if len(picked) != 1:
            raise UnreadableAnswer("Choose only one option.")
        return next(iter(picked))

    def grade(self, answer: str) -> Grade:
        chosen = next(option for option in self.options if option.id == answer)
        if chosen.is_right:
            return Grade.right()
        return Grade.partial(chosen.credit) if chosen.credit and chosen.credit > 0 else Grade.wrong()

    def bucket(self, answer: str) -> str:
        return next(option.text for option in self.options if option.id == answer)

    def spoken(self, answer: str) -> str:
        return self.bucket(answer)

    def examples(self) -> Examples:
        distractor = min(self.options, key=lambda option: (option.is_right, option.credit or 0))
        return Examples(
            right={"choice": [self._key().id]},
            wrong={"choice": [distractor.id]},
            unreadable={"choice": ["none-of-these"]},
        )

    def lint(self) -> list[Remark]:
        return lint_options(self.options)

    def _key(self) -> Option:
        return next(option for option in self.options if option.key)
