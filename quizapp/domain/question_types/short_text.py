"""A word or a few, compared after normalising; `*` stands for anything."""

from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Document, Examples, Face, Line, Note, Remark, Submission, one
from quizapp.domain.wildcards import an_instance, matches, normalised

MAX_CHARS = 300
NOBODY_TYPES = "qz 0000 xj"


class Accepted(Document):
    """A pattern that earns credit: 1 is right, less is partly right."""

    text: Line
    credit: Annotated[Decimal, Field(gt=0, le=1, decimal_places=9)] = Decimal(1)
    feedback: Note = ""


class Mistake(Document):
    """A pattern that is known to be wrong, and why people write it."""

    text: Line
    feedback: Note = ""
    misconception: Note = ""


@question_types.register
class ShortText(Body[str]):
    key: ClassVar[str] = "short_text"
    title: ClassVar[str] = "Short text"

    answers: Annotated[tuple[Accepted, ...], Field(min_length=1, max_length=200)]
    """The first with credit 1 is shown as the key; the others are accepted too."""
    mistakes: Annotated[tuple[Mistake, ...], Field(max_length=200)] = ()
    case_sensitive: bool = False

    @model_validator(mode="after")
    def _some_answer_is_right(self) -> Self:
        if not any(accepted.credit == 1 for accepted in self.answers):
            raise ValueError("at least one answer needs full credit")
        if any(normalised(a.text, case_sensitive=True).strip("*") == "" for a in self.answers):
            raise ValueError("an answer of wildcards alone would accept everything")
        for mistake in self.mistakes:
            if "*" not in mistake.text and self._credit(self.normal(mistake.text)):
                raise ValueError(f"{mistake.text!r} is listed as a mistake but accepted as an answer")
        return self

    def face(self, seed: int | None) -> Face:
        return {"max_chars": MAX_CHARS}

    def read(self, submission: Submission) -> str:
        typed = one(submission, "text", hint="Type a short answer.")
        if len(typed) > MAX_CHARS:
            raise UnreadableAnswer(f"Please use at most {MAX_CHARS} characters.")
        answer = self.normal(typed)
        if not answer:
            raise UnreadableAnswer("Type a short answer.")
        return answer

    def grade(self, answer: str) -> Grade:
        credit = self._credit(answer)
        if credit == 1:
            return Grade.right()
        return Grade.partial(credit) if credit else Grade.wrong()

    def bucket(self, answer: str) -> str:
        return answer

    def spoken(self, answer: str) -> str:
        return self.bucket(answer)

    def examples(self) -> Examples:
        return Examples(
            right={"text": [an_instance(self.shown_key())]},
            wrong={"text": [NOBODY_TYPES]},
            unreadable={"text": ["   "]},
        )

    def lint(self) -> list[Remark]:
        if self.mistakes and all(m.feedback and m.misconception for m in self.mistakes):
            return []
        return [Remark("B23", ("mistakes",), "name likely mistakes with feedback and misconception")]

    def normal(self, text: str) -> str:
        return normalised(text, case_sensitive=self.case_sensitive)

    def shown_key(self) -> str:
        """The answer that a reader is shown as the right one."""
        return next(accepted.text for accepted in self.answers if accepted.credit == 1)

    def remark(self, answer: str) -> Accepted | Mistake | None:
        """The entry that an answer meets, for its feedback: answers first, best credit first."""
        known: list[Accepted | Mistake] = [*sorted(self.answers, key=lambda a: -a.credit), *self.mistakes]
        return next((entry for entry in known if matches(self.normal(entry.text), answer)), None)

    def _credit(self, answer: str) -> Decimal:
        earned = (a.credit for a in self.answers if matches(self.normal(a.text), answer))
        return max(earned, default=Decimal(0))
