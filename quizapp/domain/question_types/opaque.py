"""A question of another system that cannot be asked here, kept whole.

Its text can be read by those who teach, its source stays byte for byte, and an export
to the format it came from gives exactly that back.
"""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Line, Unanswerable, Words


@question_types.register
class Opaque(Unanswerable):
    key: ClassVar[str] = "opaque"
    title: ClassVar[str] = "Kept, not askable"

    kind: Line
    """What its own system calls it."""
    reason: Words = ""
    """Why it cannot be asked here."""
    source: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=2_000_000)]
    """The question as its file has it."""
