"""A statement that holds or does not."""

from typing import ClassVar

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Examples, Face, Note, Remark, Submission, one

SAID = {"true": True, "false": False}


@question_types.register
class TrueFalse(Body[bool]):
    key: ClassVar[str] = "true_false"
    title: ClassVar[str] = "True or false"

    answer: bool
    feedback_true: Note = ""
    """Shown to whoever said "true"."""
    feedback_false: Note = ""
    """Shown to whoever said "false"."""
    misconception: Note = ""
    """What someone believes who says the wrong one."""

    def face(self, seed: int | None) -> Face:
        return {}

    def read(self, submission: Submission) -> bool:
        said = one(submission, "choice", hint="Choose true or false.")
        if said not in SAID:
            raise UnreadableAnswer("Choose true or false.")
        return SAID[said]

    def grade(self, answer: bool) -> Grade:
        return Grade.right() if answer == self.answer else Grade.wrong()

    def bucket(self, answer: bool) -> str:
        return "True" if answer else "False"

    def spoken(self, answer: bool) -> str:
        return self.bucket(answer)

    def examples(self) -> Examples:
        right, wrong = ("true", "false") if self.answer else ("false", "true")
        return Examples(
            right={"choice": [right]}, wrong={"choice": [wrong]}, unreadable={"choice": ["maybe"]}
        )

    def lint(self) -> list[Remark]:
        remarks = [
            Remark("B23", (field,), "the choice has no feedback")
            for field in ("feedback_true", "feedback_false")
            if not getattr(self, field)
        ]
        if not self.misconception:
            remarks.append(Remark("B23", ("misconception",), "the wrong choice names no misconception"))
        return remarks
