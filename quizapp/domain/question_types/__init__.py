"""Question types: one file each.  A new type goes here and is found by itself."""

from typing import Any

from quizapp.domain.questions import Body
from quizapp.domain.registry import Registry

question_types: Registry[type[Body[Any]]] = Registry("question type")
question_types.scan(__name__, __path__)
