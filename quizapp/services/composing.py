"""Use cases of learners who compose their own quiz: from topics, or from what they missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from quizapp.domain.attempts import is_trial
from quizapp.domain.certainty import ConfidenceRule
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.errors import NotAvailable, NotFound, Refused
from quizapp.domain.grading import Verdict
from quizapp.domain.permissions import Actor
from quizapp.domain.questions import Level
from quizapp.domain.quizzes import Blueprint, Draw, HandsOn, Item
from quizapp.queries import attempts, missed, results, revisions
from quizapp.services import starting
from quizapp.services.starting import Started

NAMED_TOPICS = 3
FROM_TRIAL = "This was a trial, and nothing of it is counted. Try the set again from its page."


@dataclass(frozen=True, slots=True)
class Choice:
    """What a learner asks for.  No topic or level named means any."""

    topics: tuple[str, ...]
    levels: tuple[Level, ...]
    questions: int
    mode: str
    time_limit_minutes: int | None = None
    asks_confidence: bool = False
    hands_on: HandsOn = HandsOn.WITHOUT


def blueprint_of(choice: Choice, curriculum: Curriculum) -> Blueprint:
    """The blueprint of a choice: one draw a topic, with the questions split evenly.

    Raises `Refused` where there are more topics than questions.
    """
    if len(choice.topics) > choice.questions:
        raise Refused(
            f"Ask for at least {len(choice.topics)} questions, or choose fewer topics.", "questions"
        )
    limit = choice.time_limit_minutes
    return Blueprint(
        id=f"own-{choice.mode}",
        title=_title(choice, curriculum),
        mode=choice.mode,
        items=tuple(
            Item(draw=Draw(count=count, topic=topic, levels=choice.levels, hands_on=choice.hands_on))
            for topic, count in _shares(choice)
        ),
        time_limit_minutes=None if limit is None else Decimal(limit),
        confidence=ConfidenceRule.ASKED if choice.asks_confidence else ConfidenceRule.NONE,
    )


def _shares(choice: Choice) -> list[tuple[str | None, int]]:
    """How many questions each topic gives; what cannot be split goes to the first ones."""
    topics: Sequence[str | None] = choice.topics or (None,)
    each, rest = divmod(choice.questions, len(topics))
    return [(topic, each + (place < rest)) for place, topic in enumerate(topics)]


def _title(choice: Choice, curriculum: Curriculum) -> str:
    names = [curriculum.title(topic) for topic in choice.topics]
    if len(names) > NAMED_TOPICS:
        names = [*names[: NAMED_TOPICS - 1], f"{len(names) - NAMED_TOPICS + 1} more topics"]
    title = _listed(names) or "All topics"
    return f"{title}, {_listed([str(level) for level in choice.levels])}" if choice.levels else title


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def review_of_missed(
    session: Session, actor: Actor, *, topic: str | None, count: int, token: str, now: datetime
) -> Started:
    """Ask some questions of the inbox again, options in a fresh order.

    `token` comes with the form, so that pressing twice starts one attempt.  What a
    running exam asks too is missing.  Raises `NotAvailable` where nothing is left.
    """
    counts = missed.by_topic(session, actor.id)
    waiting = counts.get(topic, 0) if topic else sum(counts.values())
    uids = missed.to_practise(session, actor.id, topic=topic, limit=count) if waiting else []
    started = _review(session, actor, uids, "Missed questions", token, now)
    if started.resumed:
        return started
    return Started(started.attempt_id, False, min(count, waiting) - len(uids))


def review_of_attempt(session: Session, actor: Actor, attempt_id: str, *, now: datetime) -> Started:
    """Ask the questions that were missed in one attempt again.

    At most one such review is open at a time.  Raises `NotFound`, `NotReleased`, and
    `NotAvailable` where nothing was missed or all of it has been retired.
    """
    attempt = results.released(session, actor.id, attempt_id, now=now)
    if is_trial(attempt.origin):
        raise NotAvailable(FROM_TRIAL)
    not_right = [
        slot.question_id
        for slot in attempts.slots(session, actor.id, attempt_id)
        if slot.verdict != Verdict.RIGHT and not slot.awaits_score
    ]
    hidden = results.asked_in_silence(session, actor.id)
    asked = missed.still_asked(session, set(not_right) - hidden)
    uids = [asked[question_id] for question_id in not_right if question_id in asked]
    return _review(session, actor, uids, f"Missed in {attempt.title}", f"missed-{attempt_id}", now)


def sibling(session: Session, actor: Actor, attempt_id: str, position: int, *, now: datetime) -> Started:
    """Ask another variant of a question whose answer the learner has been shown.

    At most one sibling of it is open at a time.  Raises `NotFound` where there is no such
    question or it has not been shown, and `NotAvailable` where it has no variants, was
    retired, or is asked by a running exam.
    """
    attempt = attempts.of_learner(session, actor.id, attempt_id)
    slots = attempts.slots(session, actor.id, attempt_id) if attempt is not None else []
    slot = next((each for each in slots if each.position == position), None)
    if attempt is None or slot is None:
        raise NotFound
    if not slot.checked and not results.is_released(attempt, now):
        raise NotFound
    if is_trial(attempt.origin):
        raise NotAvailable(FROM_TRIAL)
    asked = missed.still_asked(session, {slot.question_id} - results.asked_in_silence(session, actor.id))
    if slot.question_id not in asked or revisions.asked(session, slot).written is None:
        raise NotAvailable("This question has no other variant to try right now.")
    token = f"sibling-{attempt_id}-{position}"
    return _review(session, actor, [asked[slot.question_id]], "Another variant", token, now)


def _review(
    session: Session, actor: Actor, uids: Sequence[str], title: str, token: str, now: datetime
) -> Started:
    if not uids:
        raise NotAvailable("There is nothing to practise again right now.")
    blueprint = Blueprint(
        id="own-review",
        title=title[:500],
        mode="review",
        items=tuple(Item(question=uid) for uid in uids),
    )
    return starting.start_own(session, actor, blueprint, token, now=now)
