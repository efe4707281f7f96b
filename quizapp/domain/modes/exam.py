"""Timed, and silent until the end."""

from typing import ClassVar

from quizapp.domain.modes import quiz_modes


@quiz_modes.register
class Exam:
    key: ClassVar[str] = "exam"
    title: ClassVar[str] = "Exam"
    summary: ClassVar[str] = "The clock runs, and nothing is revealed until you submit."
    timed: ClassVar[bool] = True
    feedback_at_once: ClassVar[bool] = False
