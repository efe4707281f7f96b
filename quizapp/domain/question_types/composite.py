"""Several parts about one scenario: questions of other types, or gaps in running text or code."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    SkipValidation,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from quizapp.domain.attempts import is_blank
from quizapp.domain.errors import QuizError, UnreadableAnswer
from quizapp.domain.grading import CREDIT_STEP, FULL, Grade, Verdict
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Body, Document, Examples, Face, Note, Remark, Submission
from quizapp.domain.texts import InMarkup

GAP = re.compile(r"\[\[([a-z][a-z0-9_-]{0,39})\]\]")
INLINE = ("single_choice", "number", "short_text")
"""Types whose answer fits into a line of text."""

MOST_WORDS = 120
"""Characters of one part in the words for the whole answer."""

PartId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$", max_length=40)]
Place = tuple[int | str, ...]


class PartMarking(StrEnum):
    PER_PART = "per_part"
    ALL_OR_NOTHING = "all_or_nothing"


class Part(Document):
    """A question within the question; the fields of its type stand beside its own."""

    id: PartId
    """The fields of its form begin with it; `[[id]]` in the text makes the part a gap."""
    type: str
    prompt: Note = ""
    """What is asked; a gap has none, because the text around it asks."""
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    explanation: Note = ""
    """Why, shown under the part in a review."""
    body: Annotated[SkipValidation[Body[Any]], Field(exclude=True)]

    @model_validator(mode="wrap")
    @classmethod
    def _judged_by_its_type(
        cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        """Both halves are judged, so that every problem of a part is told at once."""
        if not isinstance(data, Mapping):
            fault = _fault((), "should be a mapping of fields to values", data)
            raise ValidationError.from_exception_data(cls.__name__, [fault])
        shared = {name: value for name, value in data.items() if name in PART_FIELDS}
        own = {name: value for name, value in data.items() if name not in PART_FIELDS}
        faults: list[InitErrorDetails] = []
        kind, body, part = shared.get("type"), None, None
        if isinstance(kind, str) and kind in part_types():
            try:
                body = question_types[kind].model_validate(own, context=info.context)
            except ValidationError as error:
                faults += _faults_of(error)
        else:
            faults.append(_fault(("type",), f"should be one of: {', '.join(part_types())}", kind))
            shared["type"] = ""
        try:
            part = handler(shared | {"body": body})
        except ValidationError as error:
            faults += _faults_of(error)
        if part is None or faults:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return part

    @model_serializer(mode="wrap")
    def _flat(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        own: dict[str, Any] = handler(self)
        return own | self.body.model_dump(
            mode=info.mode, exclude_defaults=info.exclude_defaults, context=info.context
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """One alternative for each type: its own fields beside those of a part."""
        made = handler.resolve_ref_schema(handler(core))
        shared = {name: made["properties"][name] for name in PART_FIELDS}
        alternatives = []
        for key, kind in part_types().items():
            own = handler.resolve_ref_schema(handler(kind.__pydantic_core_schema__))
            alternatives.append(
                {
                    "title": kind.title,
                    "type": "object",
                    "properties": {**shared, "type": {"const": key}, **own.get("properties", {})},
                    "required": ["id", "type", *own.get("required", ())],
                    "additionalProperties": False,
                }
            )
        return {"description": made.get("description", ""), "oneOf": alternatives}

    @property
    def prefix(self) -> str:
        return f"{self.id}."


PART_FIELDS = tuple(name for name in Part.model_fields if name != "body")


@dataclass(frozen=True, slots=True)
class Answered:
    """What was read of each part, and the hints of those that could not be read."""

    parts: Mapping[str, Any]
    unreadable: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PartResult:
    """How one part went: no verdict where it was not answered or not understood."""

    part: Part
    label: str
    is_gap: bool
    submission: Submission
    verdict: Verdict | None
    hint: str


@question_types.register
class Composite(Body[Answered]):
    key: ClassVar[str] = "composite"
    title: ClassVar[str] = "Several parts"

    text: Annotated[str, StringConstraints(max_length=60_000), InMarkup()] = ""
    """Running text or code with gaps, each written `[[id]]` with the id of its part."""
    parts: Annotated[tuple[Part, ...], Field(max_length=60, json_schema_extra={"minItems": 1})]
    marking: PartMarking = PartMarking.PER_PART
    """`per_part` adds up the parts' credits by their weights; `all_or_nothing` needs every part."""

    @model_validator(mode="after")
    def _parts_and_gaps_agree(self) -> Self:
        faults = [_fault(place, message, self) for place, message in [*self._odd_parts(), *self._odd_gaps()]]
        if faults:
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self

    def _odd_parts(self) -> Iterator[tuple[Place, str]]:
        seen: set[str] = set()
        gaps = self.gaps()
        if len(self.parts) < 2 and not gaps:
            yield ("parts",), "should be 2 to 60 parts; one is enough if the text has a gap"
        for number, part in enumerate(self.parts):
            place = ("parts", number)
            if part.id in seen:
                yield (*place, "id"), f"the id {part.id!r} is used more than once"
            seen.add(part.id)
            if part.id not in gaps and not part.prompt:
                yield (*place, "prompt"), f"field required, unless [[{part.id}]] is a gap in the text"
            if part.id in gaps and part.prompt:
                yield (*place, "prompt"), "a gap has no prompt: the text around it asks"
            if part.id in gaps and part.type not in INLINE:
                yield (*place, "type"), f"a gap should be one of: {', '.join(INLINE)}"

    def _odd_gaps(self) -> Iterator[tuple[Place, str]]:
        if self.text and not self.gaps():
            yield ("text",), "has no gap; write [[id]] where a part belongs, or use the stem"
        for name, times in Counter(self.gaps()).items():
            if times > 1:
                yield ("text",), f"the gap [[{name}]] occurs {times} times"
            if all(part.id != name for part in self.parts):
                yield ("text",), f"the gap [[{name}]] has no part with that id"

    @property
    def can_run(self) -> bool:  # type: ignore[override]  # elsewhere a fact of the class, here of the parts
        return any(part.body.can_run for part in self.parts)

    def gaps(self) -> list[str]:
        """The names in the text, in its order."""
        return GAP.findall(self.text)

    def labels(self) -> dict[str, str]:
        """How learners are told of a part: gaps are numbered, other parts keep their ids."""
        gaps = {name: f"Gap {number}" for number, name in enumerate(self.gaps(), start=1)}
        return {part.id: gaps.get(part.id, f"Part {part.id}") for part in self.parts}

    def face(self, seed: int | None) -> Face:
        labels, gaps = self.labels(), self.gaps()
        return {
            "text": self.text,
            "gaps": gaps,
            "parts": [
                {
                    "id": part.id,
                    "type": part.type,
                    "label": labels[part.id],
                    "is_gap": part.id in gaps,
                    "prompt": part.prompt,
                    "weight": part.weight,
                    "face": part.body.face(_seed_of(part, seed)),
                }
                for part in self._as_shown()
            ],
            "weight": sum(part.weight for part in self.parts),
            "marking": self.marking.value,
        }

    def read(self, submission: Submission) -> Answered:
        """Blank parts are left out, and what cannot be read of one part holds up no other."""
        answers: dict[str, Any] = {}
        hints: dict[str, str] = {}
        for part in self.parts:
            own = of_part(submission, part.id)
            if is_blank(own):
                continue
            try:
                answers[part.id] = part.body.read(own)
            except UnreadableAnswer as error:
                hints[part.id] = str(error)
        if not answers:
            first = next(iter(hints), None)
            hint = f"{self.labels()[first]}: {hints[first]}" if first else "Answer at least one part."
            raise UnreadableAnswer(hint)
        return Answered(answers, hints)

    def echo(self, answer: Answered) -> str:
        said = []
        for part, label in zip(self.parts, self.labels().values(), strict=True):
            if part.id in answer.unreadable:
                said.append(f"{label} was not understood: {answer.unreadable[part.id]}")
            elif part.id in answer.parts and (words := part.body.echo(answer.parts[part.id])):
                said.append(f"{label}: {words}")
        return " ".join(words if words.endswith(".") else f"{words}." for words in said)

    def grade(self, answer: Answered) -> Grade:
        grades = [
            (part.weight, part.body.grade(answer.parts[part.id]))
            for part in self.parts
            if part.id in answer.parts
        ]
        if len(grades) == len(self.parts) and all(grade.verdict is Verdict.RIGHT for _, grade in grades):
            return Grade.right()
        earned = sum((weight * Fraction(grade.credit) for weight, grade in grades), Fraction(0))
        if self.marking is PartMarking.ALL_OR_NOTHING or not earned:
            return Grade.wrong()
        share = earned / sum(part.weight for part in self.parts)
        # The smallest share of the lightest part must not vanish in rounding, nor the largest become all.
        credit = Decimal(share.numerator) / Decimal(share.denominator)
        return Grade.partial(min(max(credit, CREDIT_STEP), FULL - CREDIT_STEP))

    def bucket(self, answer: Answered) -> str:
        return self._in_words(answer, lambda body, own: body.bucket(own))

    def spoken(self, answer: Answered) -> str:
        labels, told = self.labels(), []
        for part in self._as_shown():
            if part.id in answer.parts:
                told.append(f"{labels[part.id]}: {part.body.spoken(answer.parts[part.id])}")
            elif part.id in answer.unreadable:
                told.append(f"{labels[part.id]}: not understood")
        return "; ".join(told)

    def examples(self) -> Examples:
        each = [(part, part.body.examples()) for part in self.parts]
        return Examples(
            right=_joined((part, examples.right) for part, examples in each),
            wrong=_joined((part, examples.wrong) for part, examples in each),
            unreadable=_joined((part, examples.unreadable) for part, examples in each),
        )

    def run(self, answer: Answered) -> Mapping[str, Any]:
        """The outcome of each answered part that can be tried out."""
        labels = self.labels()
        return {
            "parts": [
                {
                    "id": part.id,
                    "type": part.type,
                    "label": labels[part.id],
                    "outcome": part.body.run(answer.parts[part.id]),
                }
                for part in self.parts
                if part.body.can_run and part.id in answer.parts
            ]
        }

    def of_learner(self, submission: Submission) -> Submission:
        kept = _joined((part, part.body.of_learner(of_part(submission, part.id))) for part in self.parts)
        prefixes = tuple(part.prefix for part in self.parts)
        return {name: values for name, values in submission.items() if not name.startswith(prefixes)} | kept

    def lint(self) -> list[Remark]:
        return [
            Remark(remark.code, ("parts", number, *remark.path), f"part {part.id}: {remark.message}")
            for number, part in enumerate(self.parts)
            for remark in part.body.lint()
        ]

    def results(self, submission: Submission) -> list[PartResult]:
        """Each part on its own, for a review; whatever the submission holds."""
        labels, gaps = self.labels(), self.gaps()
        found = []
        for part in self._as_shown():
            own = of_part(submission, part.id)
            verdict, hint = None, ""
            try:
                verdict = None if is_blank(own) else part.body.grade(part.body.read(own)).verdict
            except QuizError as error:
                hint = str(error)
            found.append(PartResult(part, labels[part.id], part.id in gaps, own, verdict, hint))
        return found

    def _as_shown(self) -> list[Part]:
        """The gaps in the order of the text, then the other parts as written."""
        gaps = self.gaps()
        return sorted(self.parts, key=lambda part: gaps.index(part.id) if part.id in gaps else len(gaps))

    def _in_words(self, answer: Answered, words_of: Callable[[Body[Any], Any], str]) -> str:
        said = dict.fromkeys((part.id for part in self.parts), "–")
        said |= dict.fromkeys(answer.unreadable, "not understood")
        for part in self.parts:
            if part.id in answer.parts:
                words = words_of(part.body, answer.parts[part.id])
                said[part.id] = words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1]}…"
        return "; ".join(f"{name}: {words}" for name, words in said.items())


def part_types() -> dict[str, type[Body[Any]]]:
    """The types that a part can have: all that grade themselves, and no parts within parts."""
    return {
        key: kind
        for key, kind in question_types.items()
        if kind is not Composite and kind.answerable and not kind.scored_by_people
    }


def of_part(submission: Submission, part_id: str) -> Submission:
    """The fields of one part, named as its type names them."""
    prefix = f"{part_id}."
    return {
        name.removeprefix(prefix): values for name, values in submission.items() if name.startswith(prefix)
    }


def _joined(parts: Iterable[tuple[Part, Submission]]) -> dict[str, Any]:
    return {f"{part.prefix}{name}": values for part, own in parts for name, values in own.items()}


def _seed_of(part: Part, seed: int | None) -> int | None:
    """Every part is shuffled by itself, and stays as it is when other parts change."""
    if seed is None:
        return None
    return int.from_bytes(hashlib.sha256(f"{seed}:{part.id}".encode()).digest()[:4]) >> 1


def _fault(place: Place, message: str, value: Any) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("part", message), loc=place, input=value)


def _faults_of(error: ValidationError) -> list[InitErrorDetails]:
    """The reasons of one validation, to be told together with those of another."""
    return [
        InitErrorDetails(
            type=PydanticCustomError(detail["type"], detail["msg"]),
            loc=detail["loc"],
            input=detail["input"],
        )
        for detail in error.errors(include_url=False)
    ]
