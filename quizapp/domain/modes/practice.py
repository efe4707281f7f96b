"""Feedback after every answer, with no clock unless the learner wants one."""

from typing import ClassVar

from quizapp.domain.modes import quiz_modes


@quiz_modes.register
class Practice:
    key: ClassVar[str] = "practice"
    title: ClassVar[str] = "Practice"
    summary: ClassVar[str] = "Check each answer and read why, at your own pace."
    timed: ClassVar[bool] = False
    feedback_at_once: ClassVar[bool] = True
