"""Scoring the open answers of one's quizzes, one after the other.  Whose they are is not said."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from quizapp.domain.attempts import weight_of
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.questions import Question
from quizapp.domain.quizzes import Blueprint
from quizapp.queries import attempts, revisions
from quizapp.queries import scoring as stored
from quizapp.queries.scoring import Awaiting
from quizapp.services import finishing, scoring
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.markup import plain_text
from quizapp.web.scoring import sent_levels
from quizapp.web.teach.blueprint import ID, bp

ON_A_PAGE = 100
PLACE = f"/scoring/<{ID}:learner_id>/<attempt_id>/<int(max=999):position>"


@dataclass(frozen=True, slots=True)
class Row:
    """An answer in the list."""

    answer: Awaiting
    stem: str
    href: str


@bp.get("/scoring")
def to_score() -> ResponseReturnValue:
    """The answers that await the actor's score, the oldest first."""
    session = reading()
    found = stored.awaiting(session, actor(), limit=ON_A_PAGE)
    questions = revisions.asked_in(session, found)
    return render_template(
        "teach/scoring.html",
        rows=[
            Row(answer, plain_text(question.stem), _address(answer.place))
            for answer, question in zip(found, questions, strict=True)
        ],
        waiting=stored.how_many_await(session, actor()),
    )


@bp.route(PLACE, methods=["GET"])
def score(learner_id: int, attempt_id: str, position: int) -> ResponseReturnValue:
    """One answer with its rubric."""
    return _page(reading(), (learner_id, attempt_id, position))


@bp.route(PLACE, methods=["POST"])
def save_score(learner_id: int, attempt_id: str, position: int) -> ResponseReturnValue:
    """Keep the levels that were chosen, and go on with the next answer."""
    given, place = sent_levels(), (learner_id, attempt_id, position)
    waiting = [each.place for each in stored.awaiting(reading(), actor(), limit=ON_A_PAGE)]
    here = waiting.index(place) if place in waiting else -1
    finishing.rehearse_due(reading(), learner_id, now=now())
    try:
        with writing() as session:
            scoring.score_for(session, actor(), learner_id, attempt_id, position, given, now=now())
    except Refused as error:
        return _page(reading(), place, (error.field, str(error)), given), 422
    following = [each for each in (*waiting[here + 1 :], *waiting) if each != place]
    flash("Saved." if following else "Saved. That was the last one.", "success")
    return redirect(_address(following[0]) if following else url_for("teach.to_score"))


def _page(
    session: Session,
    place: tuple[int, str, int],
    problem: tuple[str, str] | None = None,
    given: dict[str, list[str]] | None = None,
) -> str:
    attempt = stored.require_scorer(session, actor(), *place[:2])
    standing = attempts.standing(session, *place, lock=False)
    if standing is None:
        raise NotFound
    slot = standing.slot
    question: Question = revisions.asked(session, slot)
    if not question.body.scored_by_people or not (slot.awaits_score or slot.kind == "score"):
        raise NotFound
    waiting = [each.place for each in stored.awaiting(session, actor(), limit=ON_A_PAGE)]
    here = waiting.index(place) if place in waiting else -1
    return render_template(
        "teach/score.html",
        attempt=attempt,
        slot=slot,
        question=question,
        face=question.body.face(slot.seed),
        possible=weight_of(slot.points, Blueprint.model_validate(attempt.blueprint).marking),
        nth=here + 1,
        waiting=len(waiting),
        before=_address(waiting[here - 1]) if here > 0 else None,
        after=_address(waiting[here + 1]) if here + 1 < len(waiting) else None,
        problem=problem,
        given=given,
    )


def _address(place: tuple[int, str, int]) -> str:
    learner_id, attempt_id, position = place
    return url_for("teach.score", learner_id=learner_id, attempt_id=attempt_id, position=position)
