"""A question: what every type shares, and the contract each type keeps.

Question                 who it is, what it asks, why the key is right
  body: Body             what is right: one frozen model a type, one file each
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, Protocol, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SkipValidation,
    StringConstraints,
    model_validator,
)

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.grading import Grade
from quizapp.domain.texts import InMarkup, Markup

Submission = Mapping[str, Sequence[str]]
"""What a form sends: every field's name with its values, all of them text."""

Face = Mapping[str, Any]
"""What a learner may see while the attempt is open: never a key, never feedback."""

AnswerT = TypeVar("AnswerT")

MAX_ANSWER_CHARS = 20_000

IMAGE_FIELD, LEVEL_FIELD = "image-", "level-"
"""What the names of fields for a diagram and for a level of a rubric begin with; services know them too."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=120)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Source = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
"""Text without markup that may have many lines: requests, programs."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)]
"""Text without markup that may be missing."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60_000), InMarkup()]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000), InMarkup()]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), InMarkup()]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Document(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Level(StrEnum):
    JUNIOR = "junior"
    MID = "mid"
    SENIOR = "senior"
    STAFF = "staff"


class Cognitive(StrEnum):
    RECALL = "recall"
    APPLY = "apply"
    ANALYSE = "analyse"
    EVALUATE = "evaluate"


class Reference(Document):
    """A source that a reader can open: a document, the place in it, its address."""

    title: Line
    section: Words = ""
    url: Annotated[str, StringConstraints(pattern=r"^(https://\S{1,500})?$")] = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """Three submissions that a question invents of itself."""

    right: Submission
    wrong: Submission
    unreadable: Submission


class Body(Document, ABC, Generic[AnswerT]):
    """What one question type knows.  Nothing outside its file needs to know more."""

    key: ClassVar[str]
    title: ClassVar[str]
    """How learners and authors call the type."""
    hands_on: ClassVar[bool] = False
    """Whether it is a task of minutes rather than a question of seconds; draws leave it out unless told."""
    can_run: ClassVar[bool] = False
    """Whether a learner may try an answer out before it is graded (see `run`)."""
    scored_by_people: ClassVar[bool] = False
    """Whether `grade` may raise `AwaitsScore`: somebody reads the answer against a rubric."""
    answerable: ClassVar[bool] = True
    """Whether learners can be asked it; no quiz takes what is only kept."""

    @abstractmethod
    def face(self, seed: int | None) -> Face:
        """What the learner is shown, in the order that `seed` gives (None: as written)."""

    @abstractmethod
    def read(self, submission: Submission) -> AnswerT:
        """Parse.  Raises `UnreadableAnswer` with a hint; what cannot be read costs nothing."""

    @abstractmethod
    def grade(self, answer: AnswerT) -> Grade:
        """Decide.  The same answer always gets the same grade."""

    @abstractmethod
    def bucket(self, answer: AnswerT) -> str:
        """Which heap the answer falls on, in words, for item analysis; it may tell right from wrong."""

    @abstractmethod
    def examples(self) -> Examples:
        """A right, a wrong and an unreadable submission of this very question."""

    def spoken(self, answer: AnswerT) -> str:
        """The answer in the learner's words, for summaries during the quiz: it tells nothing of the key."""
        return "Answered"

    def echo(self, answer: AnswerT) -> str:
        """How the answer was understood, in words; it tells nothing of the key.  Mostly there is no doubt."""
        return ""

    def run(self, answer: AnswerT) -> Mapping[str, Any]:
        """What comes of trying the answer out on what the learner may see; for types that `can_run`."""
        raise NotImplementedError

    def of_learner(self, submission: Submission) -> Submission:
        """The fields that a learner may send while answering; scores are given later."""
        return submission

    def scored(self, submission: Submission, given: Submission) -> Submission:
        """The answer with the score that somebody gave it; for types that are `scored_by_people`.

        Raises `Refused` with the name of the field that is missing or strange.
        """
        raise NotImplementedError

    def lint(self) -> Sequence["Remark"]:
        """What an editor of questions should know of this body (see `linting`)."""
        return ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A lint finding inside a body: the rule's id, the field's path and a sentence."""

    code: str
    path: tuple[str | int, ...]
    message: str
    advice: bool = False
    """Never more than advice, even where other findings are errors."""


class Explains(Protocol):
    """A likely wrong answer, as authors write it down."""

    @property
    def feedback(self) -> str: ...
    @property
    def misconception(self) -> str: ...


def unexplained(field: str, known: Iterable[Explains], noun: str) -> list[Remark]:
    """Rule B23 for the wrong answers in a field of a body: each has feedback and a misconception."""
    return [
        Remark("B23", (field, place), f"the {noun} needs feedback and a misconception")
        for place, each in enumerate(known)
        if not (each.feedback and each.misconception)
    ]


class Origin(Document):
    """Where an imported question comes from, and what that system says of it that this one has no use for."""

    format: Slug
    id: Annotated[str, StringConstraints(max_length=1_000)] = ""
    """Its identity there."""
    settings: Annotated[dict[str, str], Field(max_length=200)] = Field(default_factory=dict)
    """Given back when the question is exported to the same format."""


class Unanswerable(Body[None], ABC):
    """What is kept among questions, but asks nothing that could be graded here."""

    answerable: ClassVar[bool] = False

    def face(self, seed: int | None) -> Face:
        return {}

    def read(self, submission: Submission) -> None:
        raise UnreadableAnswer("This is not a question that can be answered here.")

    def grade(self, answer: None) -> Grade:
        return Grade.wrong()

    def bucket(self, answer: None) -> str:
        return ""

    def examples(self) -> Examples:
        return Examples({}, {}, {})


class Shared(Document):
    """The fields that questions of every type have."""

    id: Slug
    type: str
    topic: Slug
    subtopic: Slug | None = None
    objective: Slug | None = None
    level: Level = Level.MID
    cognitive: Cognitive | None = None
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    """What its author calls it; learners never see it."""
    category: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] = ""
    """Where it stood in the system it comes from: names with `/` between them."""
    markup: Markup = Markup.MARKDOWN
    """What the texts are written in, where they do not say it for themselves."""
    stem: Text
    explanation: Note = ""
    hints: Annotated[tuple[Note, ...], Field(max_length=20)] = ()
    """Help that may be asked for, one after another."""
    references: tuple[Reference, ...] = ()
    as_of: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d{2}(-\d{2})?)?$")] = ""
    versions: tuple[Line, ...] = ()
    tags: Annotated[tuple[Tag, ...], Field(max_length=100)] = ()
    points: Annotated[int, Field(ge=1, le=100)] = 1
    origin: Origin | None = None

    @model_validator(mode="after")
    def _places_nest(self) -> Self:
        if self.subtopic and not self.subtopic.startswith(f"{self.topic}."):
            raise ValueError(f"subtopic {self.subtopic!r} does not belong to topic {self.topic!r}")
        if self.objective and not self.objective.startswith(f"{self.subtopic}."):
            raise ValueError(f"objective {self.objective!r} does not belong to subtopic {self.subtopic!r}")
        return self


class Question(Shared):
    """One question, whole.  It is immutable: an edit makes a new revision."""

    body: SkipValidation[Body[Any]]
    written: SkipValidation[Mapping[str, Any] | None] = None
    """The document as its author wrote it, where it has variants: this question is one draw of it."""

    @classmethod
    def joined(cls, shared: Shared, body: Body[Any], written: Mapping[str, Any] | None = None) -> "Question":
        """A question from its two halves, each of them judged before."""
        return cls.model_construct(**dict(shared), body=body, written=written)

    def document(self) -> dict[str, Any]:
        """The flat document that files, the database and the JSON outputs share."""
        if self.written is not None:
            return dict(self.written)
        context = {"markup": self.markup}
        own = self.model_dump(
            mode="json", exclude={"body", "written"}, exclude_defaults=True, context=context
        )
        return own | self.body.model_dump(mode="json", exclude_defaults=True, context=context)

    def content_hash(self) -> str:
        """Changes when, and only when, what the question says changes; the order of things is part of it."""
        return hash_of(self.document())


def hash_of(document: Mapping[str, Any]) -> str:
    """The hash of a document as `Question.document` gives it."""
    return hashlib.sha256(json.dumps(document, ensure_ascii=False).encode()).hexdigest()


def one(submission: Submission, name: str, *, hint: str) -> str:
    """The single value of a field.  None, several or an endless one is unreadable."""
    values = submission.get(name, ())
    if len(values) != 1 or not values[0].strip():
        raise UnreadableAnswer(hint)
    if len(values[0]) > MAX_ANSWER_CHARS:
        raise UnreadableAnswer("That answer is too long to be read.")
    return values[0]
