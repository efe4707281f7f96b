"""The page of one question, as it is shown first and as it comes back with what was sent."""

from dataclasses import dataclass

from flask import render_template

from quizapp.domain.errors import ChangedElsewhere, QuizError
from quizapp.domain.questions import Submission
from quizapp.web.taking.answer_form import AnswerForm
from quizapp.web.taking.pages import Sitting, ran, shown_question


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a part of the page that is not the answer itself."""

    picture: str = ""
    """Why a diagram was not added."""
    score: tuple[str, str] | None = None
    """Why a score was not saved: the field, and what to do."""
    given: Submission | None = None
    """The levels that were chosen."""


def question_page(
    sitting: Sitting,
    position: int,
    form: AnswerForm | None = None,
    error: QuizError | None = None,
    problem: Problem | None = None,
    *,
    runs: bool = False,
) -> str | tuple[str, int]:
    slot = sitting.slot(position)
    shown = shown_question(slot)
    conflict = error if isinstance(error, ChangedElsewhere) else None
    page = render_template(
        "taking/question.html",
        sitting=sitting,
        shown=shown,
        slot=shown.slot,
        submission=form.submission if form else slot.submission,
        ran=ran(slot) if runs else None,
        confidence=form.confidence if form else shown.slot.confidence,
        hint=str(error) if error and not conflict else None,
        conflict=conflict,
        problem=problem or Problem(),
    )
    if error is None and problem is None:
        return page
    return page, 409 if conflict else 422
