"""What the linter and the bank say about a question while it is written: advice, each with its reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from quizapp.domain.choices import Option
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.gates import BY_CHARS, CLEARLY_LONGER
from quizapp.domain.linting import Placed, lint
from quizapp.domain.permissions import Actor
from quizapp.domain.problems import Place, Severity
from quizapp.domain.questions import Question
from quizapp.queries import history
from quizapp.queries.history import Alike
from quizapp.web.teach.edit_form import YAML, EditForm
from quizapp.web.teach.edit_words import REASONS, path_of, whole
from quizapp.web.teach.field_reading import field_at

PROVEN = frozenset({"B40", "B41"})
"""What running a question shows."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that would make a question better, and why."""

    code: str
    name: str
    """The field that it is about."""
    place: str
    message: str
    alike: Alike | None = None

    @property
    def reason(self) -> str:
        return REASONS.get(self.code, "")


def advice(
    session: Session,
    actor: Actor,
    form: EditForm,
    question: Question,
    curriculum: Curriculum,
    *,
    thorough: bool = False,
) -> list[Advice]:
    """All there is to say about a question that can be saved."""
    found = [_same(form, alike) for alike in _alike(session, actor, question)]
    if not question.body.answerable:
        return found
    known = curriculum if curriculum.topics else None
    remarks = lint([Placed(question, Place("", {}), ())], known, Severity.ADVICE, thorough=thorough)
    for remark in remarks:
        name, place = _where(form, path_of(remark.where))
        found.append(Advice(remark.code, name, place, _said(remark.message, question.id)))
    return [*found, *_longest(form, question)]


def _alike(session: Session, actor: Actor, question: Question) -> Sequence[Alike]:
    return history.asking_the_same(session, actor, question.stem, but=question.id)


def _same(form: EditForm, alike: Alike) -> Advice:
    name, place = _where(form, "stem")
    return Advice("ALIKE", name, place, f"A question with this stem exists: {alike.uid}.", alike)


def _longest(form: EditForm, question: Question) -> Iterator[Advice]:
    """The key stands out by its length, as the bank's gate B3 measures it."""
    options: Sequence[Option] = getattr(question.body, "options", ())
    if len(options) < 2 or sum(option.key for option in options) != 1:
        return
    lengths = sorted(((len(option.text), place) for place, option in enumerate(options)), reverse=True)
    (first, place), (second, _) = lengths[:2]
    if options[place].key and first >= second * CLEARLY_LONGER and first - second >= BY_CHARS:
        name, words = _where(form, f"options.{place}.text")
        yield Advice("LONG", name, words, "The right option is clearly the longest.")


def _where(form: EditForm, path: str) -> tuple[str, str]:
    if form.mode == YAML:
        return "yaml", path
    name, _ = field_at(form.read, path)
    return name, form.words_for(name)


def _said(message: str, uid: str) -> str:
    return whole(message.removeprefix(f"{uid}: "))
