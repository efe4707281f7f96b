"""What a page shows beside the form: the question as learners get it, what to mend, and advice."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from quizapp.domain.documents import variant
from quizapp.domain.errors import Overloaded, UnreadableAnswer
from quizapp.domain.questions import Face, Question, Submission
from quizapp.domain.texts import Marked, Markup, default_markup
from quizapp.queries.curriculum import curriculum
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.database import reading
from quizapp.web.filters import plural
from quizapp.web.teach.edit_advice import PROVEN, Advice, advice
from quizapp.web.teach.edit_form import YAML, EditForm, Told

DRAWS = 5
RUNS = "30 per minute"
"""As often as somebody may run an answer elsewhere in this area."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One draw of a question with its face."""

    question: Question
    face: Face
    right: Submission
    seed: int


@dataclass(frozen=True, slots=True)
class Preview:
    """All that stands beside the form."""

    stem: str
    shown: Shown | None
    told: list[Told]
    advice: list[Advice] = field(default_factory=list)
    draws: list[Shown] = field(default_factory=list)
    ran: Mapping[str, Any] | None = None
    failure: str = ""
    """Why the answer could not be run."""
    proofs: list[Advice] = field(default_factory=list)
    """What running it showed."""
    is_begun: bool = True


def preview(form: EditForm, uid: str, before: Mapping[str, Any] | None, do: str = "") -> Preview:
    """What is shown of the form as it stands; `do` asks for `draws` or a `run`.  Nothing is kept."""
    judged = replace(form, told=[])
    question = judged.judged(uid, before)
    stem = _stem(judged)
    if question is None:
        is_begun = bool(stem.strip()) or (form.mode == YAML and bool(form.text.strip()))
        return Preview(stem, None, judged.told, is_begun=is_begun)
    refusal = may_not_run() if do == "run" and question.body.can_run else ""
    runs = do == "run" and question.body.can_run and not refusal
    found = advice(
        reading(), actor(), judged, question, curriculum(reading()), thorough=runs or do == "draws"
    )
    draws = [shown(variant(question, seed), seed) for seed in range(DRAWS)] if do == "draws" else []
    ran, failure = _ran(question) if runs else (None, refusal)
    return Preview(
        stem,
        shown(question, 0),
        [],
        [each for each in found if each.code not in PROVEN],
        draws if question.written else [],
        ran,
        failure,
        [each for each in found if each.code in PROVEN],
    )


def may_not_run() -> str:
    """Count one run of a question's answers; why there may be none now, or nothing."""
    try:
        limits.hit("run", str(actor().id), RUNS)
    except limits.TooMany as refusal:
        return f"Answers were run very often. Wait {plural(refusal.seconds, 'second')} and try again."
    return ""


def shown(question: Question, seed: int) -> Shown:
    return Shown(question, question.body.face(seed), question.body.examples().right, seed)


def _ran(question: Question) -> tuple[Mapping[str, Any] | None, str]:
    body = question.body
    try:
        return body.run(body.read(body.examples().right)), ""
    except (UnreadableAnswer, Overloaded) as error:
        return None, str(error)


def _stem(form: EditForm) -> Marked:
    """The stem as it is typed, so that it can be looked at before the question is complete."""
    stem = form.document.get("stem", "")
    own, text = next(iter(stem.items()), ("", "")) if isinstance(stem, Mapping) else ("", stem)
    known = own if own in set(Markup) else default_markup(form.document)
    return Marked(str(text), Markup(known))
