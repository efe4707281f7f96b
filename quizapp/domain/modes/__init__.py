"""Quiz modes: the rules of a sitting, one file each."""

from typing import ClassVar, Protocol

from quizapp.domain.registry import Registry


class Mode(Protocol):
    """What a mode decides.  It knows no question and no attempt."""

    key: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    """One sentence for learners, shown before the start."""
    timed: ClassVar[bool]
    """Whether the time limit is part of what is examined, so that it binds."""
    feedback_at_once: ClassVar[bool]
    """Whether a checked answer shows its verdict and ends the question."""


quiz_modes: Registry[type[Mode]] = Registry("quiz mode")
quiz_modes.scan(__name__, __path__)
