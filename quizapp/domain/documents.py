"""The one door: plain data in, questions, sets, quizzes and curricula out.

Bank files, uploads, imports and the browser's editor all pass here, so the same
models judge them, and every problem comes back with its place.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from quizapp.domain.curriculum import Curriculum
from quizapp.domain.problems import Path, Place, Problem
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Document, Line, Question, Shared, Slug, Words
from quizapp.domain.quizzes import Blueprint
from quizapp.domain.texts import Markup, default_markup
from quizapp.domain.variants import MAX_DRAWS, BadTemplate, Variants, as_written, filled

MAX_QUESTIONS = 10_000
SHARED = frozenset(Shared.model_fields)
TRIED_SEEDS = 5
"""How many variants are drawn before a question with variants is believed."""

COUNTED = re.compile(r"^\w+ should have (at \w+ \d+ items?) after validation, not (\d+)$")

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A titled list of questions with where each stands: what one file holds."""

    title: str
    description: str
    licence: str
    authors: tuple[str, ...]
    questions: tuple[Question, ...]
    place: Place


class SetHead(Document):
    """The fields of a set beside its questions."""

    title: Line
    description: Words = ""
    licence: Words = ""
    authors: tuple[Line, ...] = ()


class Defaults(Document):
    """Fields that every question of a set inherits unless it says otherwise."""

    topic: Slug | None = None
    subtopic: Slug | None = None
    level: str | None = None
    cognitive: str | None = None
    as_of: str | None = None
    points: int | None = None


def read_question(data: Any, place: Place, path: Path = ()) -> tuple[Question | None, list[Problem]]:
    """A question from its flat document, or every reason why there is none."""
    fields, problems = _mapping(data, place, path)
    if problems:
        return None, problems
    if fields.get("variants") is None:
        return _read_plain(fields, place, path)
    _, problems = _validated(Variants, fields["variants"], place, (*path, "variants"))
    if problems:
        return None, problems
    question, written = None, as_written(fields)
    for seed in reversed(range(TRIED_SEEDS)):
        question, problems = _draw(written, seed, place, path)
        if question is None:
            return None, problems
    return question, []


def variant(question: Question, seed: int | None) -> Question:
    """The variant of a seed; a question without variants is the same for every seed.

    The same question and seed give the same variant for ever.  None is the first one.
    Where constraints are so narrow that a seed finds no draw, one that was tried stands in.
    """
    if question.written is None:
        return question
    seed = seed or 0
    drawn, problems = _draw(question.written, seed, Place(question.id, {}), ())
    if drawn is None:
        drawn, problems = _draw(question.written, seed % TRIED_SEEDS, Place(question.id, {}), ())
    if drawn is None:
        raise AssertionError(f"a question that had variants has none for {seed}: {problems}")
    return drawn


def tries(question: Question, seed: int) -> int:
    """How many draws a seed took; 1 where the first one was acceptable, all of them where none was."""
    draws = _draws(question.written or {}, seed, Place(question.id, {}), ())
    taken = (number for number, (drawn, _) in enumerate(draws, start=1) if drawn is not None)
    return next(taken, MAX_DRAWS)


def _draw(
    written: Mapping[str, Any], seed: int, place: Place, path: Path
) -> tuple[Question | None, list[Problem]]:
    """The first acceptable draw of a seed, or what is wrong with the last one."""
    reasons: list[Problem] = []
    for question, problems in _draws(written, seed, place, path):
        if question is not None:
            return question, []
        reasons = problems
    return None, reasons


def _draws(
    written: Mapping[str, Any], seed: int, place: Place, path: Path
) -> Iterator[tuple[Question | None, list[Problem]]]:
    """Draw after draw: a question, or what is wrong with it."""
    for values in Variants.model_validate(written["variants"]).draws(seed):
        if isinstance(values, str):
            yield None, [place.error((*path, "variants"), "no_variant", values)]
            continue
        try:
            fields = filled(written, values)
        except BadTemplate as error:
            yield None, [place.error((*path, *error.path), "formula", str(error))]
            continue
        question, problems = _read_plain(fields, place, path)
        yield (question.model_copy(update={"written": written}) if question else None), problems


def _read_plain(fields: Mapping[str, Any], place: Place, path: Path) -> tuple[Question | None, list[Problem]]:
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in question_types:
        known = ", ".join(question_types)
        return None, [place.error((*path, "type"), "type", f"should be one of: {known}")]
    own = {name: value for name, value in fields.items() if name not in SHARED}
    common = {name: value for name, value in fields.items() if name in SHARED}
    markup = default_markup(fields)
    body, body_problems = _validated(question_types[kind], own, place, path, markup)
    shared, shared_problems = _validated(Shared, common, place, path, markup)
    if body is None or shared is None:
        return None, shared_problems + body_problems
    return Question.joined(shared, body), []


def read_set(data: Any, place: Place) -> tuple[QuestionSet | None, list[Problem]]:
    """A set from its document; with any error there is no set, and all errors are told."""
    fields, problems = _mapping(data, place, ())
    listed = fields.pop("questions", None)
    defaults, found = _validated(Defaults, fields.pop("defaults", {}), place, ("defaults",))
    problems += found
    head, found = _validated(SetHead, fields, place, ())
    problems += found
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_QUESTIONS:
        message = f"should be a list of 1 to {MAX_QUESTIONS} questions"
        problems.append(place.error(("questions",), "questions", message))
        listed = []
    inherited = defaults.model_dump(exclude_none=True) if defaults else {}
    questions: list[Question] = []
    known: set[str] = set()
    for number, item in enumerate(listed):
        path = ("questions", number)
        whole = {**inherited, **item} if isinstance(item, Mapping) else item
        question, found = read_question(whole, place, path)
        problems += found
        if question is None:
            continue
        if question.id in known:
            problems.append(duplicate_id(place, path, question.id))
        known.add(question.id)
        questions.append(question)
    if head is None or problems:
        return None, problems
    return QuestionSet(head.title, head.description, head.licence, head.authors, tuple(questions), place), []


def read_quiz(data: Any, place: Place) -> tuple[Blueprint | None, list[Problem]]:
    """A quiz from its document, or every reason why there is none."""
    fields, problems = _mapping(data, place, ())
    return (None, problems) if problems else _validated(Blueprint, fields, place, ())


def read_curriculum(data: Any, place: Place) -> tuple[Curriculum | None, list[Problem]]:
    """The curriculum from its document, or every reason why there is none."""
    fields, problems = _mapping(data, place, ())
    return (None, problems) if problems else _validated(Curriculum, fields, place, ())


def duplicate_id(place: Place, path: Path, identity: str) -> Problem:
    return place.error((*path, "id"), "duplicate_id", f"the id {identity!r} is used more than once")


def _mapping(data: Any, place: Place, path: Path) -> tuple[dict[str, Any], list[Problem]]:
    if isinstance(data, Mapping):
        return dict(data), []
    return {}, [place.error(path, "mapping_type", "should be a mapping of fields to values")]


def _validated(
    model: type[ModelT], data: Any, place: Place, path: Path, markup: Markup = Markup.MARKDOWN
) -> tuple[ModelT | None, list[Problem]]:
    try:
        return model.model_validate(data, context={"markup": markup}), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        return None, [
            place.error((*path, *detail["loc"]), detail["type"], _plain(detail["msg"])) for detail in details
        ]


def _plain(message: str) -> str:
    """Pydantic's message without its own prefixes, in this project's lower case."""
    text = message.removeprefix("Value error, ").replace("Extra inputs are not permitted", "unknown field")
    text = COUNTED.sub(r"should have \1, not \2", text)
    return text[:1].lower() + text[1:]
