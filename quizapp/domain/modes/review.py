"""The missed questions again, with feedback at once and options in a fresh order."""

from typing import ClassVar

from quizapp.domain.modes import quiz_modes


@quiz_modes.register
class Review:
    key: ClassVar[str] = "review"
    title: ClassVar[str] = "Review"
    summary: ClassVar[str] = "The questions you missed, once more, with feedback at once."
    timed: ClassVar[bool] = False
    feedback_at_once: ClassVar[bool] = True
