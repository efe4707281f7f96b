"""The types to choose from for a new question, in groups, each with what it is good for."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body
from quizapp.web.teach.field_tree import is_kept

GOOD_FOR: Mapping[str, str] = {
    "single_choice": "One fact or one decision, with the mistakes people make as distractors.",
    "multiple_choice": "Sets of things that belong together, where each one has to be known.",
    "true_false": "A single claim that many people get wrong.",
    "number": "Sizes, times and costs that are worked out; with variants, everybody gets their own.",
    "short_text": "A term or a command that should be recalled, not recognised.",
    "ordering": "The steps of a protocol or of a procedure.",
    "matching": "Pairs, such as terms with their meanings.",
    "categorise": "Cases that fall into a few kinds.",
    "matrix": "Several statements, all decided by the same few columns.",
    "line_select": "Reading logs, plans and code: which lines matter?",
    "composite": "A scenario with several parts, or running text with gaps.",
    "sql_query": "Writing a query that is run on data the learner sees and on data they do not.",
    "http_kata": "Talking to a service over HTTP until it is in the state that is wanted.",
    "open_response": "Design cases, incidents and essays, scored against a rubric.",
    "information": "An introduction or a scenario for the questions that follow.",
}
"""For the types that are known here; any other is described as its own file does."""


@dataclass(frozen=True, slots=True)
class Kind:
    key: str
    title: str
    good_for: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    kinds: list[Kind]


def is_writable(kind: str) -> bool:
    """Whether questions of a type are written by hand."""
    return kind in question_types and not is_kept(kind)


def groups() -> list[Group]:
    """All types that can be written, in groups."""
    made: dict[str, list[Kind]] = {
        "Answered in a minute": [],
        "Worked on, and run here": [],
        "Scored by people": [],
        "Between questions": [],
    }
    for key in sorted(filter(is_writable, question_types), key=_place):
        body = question_types[key]
        made[_group(body)].append(Kind(key, body.title, GOOD_FOR.get(key) or _described(body)))
    return [Group(title, kinds) for title, kinds in made.items() if kinds]


def _place(key: str) -> tuple[int, str]:
    known = list(GOOD_FOR)
    return (known.index(key) if key in known else len(known), key)


def _group(body: type[Body[Any]]) -> str:
    if not body.answerable:
        return "Between questions"
    if body.scored_by_people:
        return "Scored by people"
    return "Worked on, and run here" if body.hands_on else "Answered in a minute"


def _described(body: type[Body[Any]]) -> str:
    module = inspect.getmodule(body)
    return (module.__doc__ or "").partition("\n")[0] if module else ""
