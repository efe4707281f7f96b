"""Question types: one file each.  A new type goes here and is found by itself."""

from typing import Any

from quizapp.domain.questions import Body
from quizapp.domain.registry import Registry

question_types: Registry[type[Body[Any]]] = Registry("question type")
question_types.scan(__name__, __path__)


def answerable() -> tuple[str, ...]:
    """The keys of the types that learners can be asked; the others are only kept."""
    return tuple(key for key, kind in question_types.items() if kind.answerable)
