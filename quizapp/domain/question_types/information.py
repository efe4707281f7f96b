"""A text to read among the questions: an introduction, a scenario, a heading."""

from typing import ClassVar

from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Unanswerable


@question_types.register
class Information(Unanswerable):
    key: ClassVar[str] = "information"
    title: ClassVar[str] = "Text without a question"
