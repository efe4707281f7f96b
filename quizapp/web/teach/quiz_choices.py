"""What the form of a quiz offers to choose from, and what its rows mean in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from quizapp.db.models import Question
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.errors import NotFound
from quizapp.domain.permissions import Actor
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Level
from quizapp.domain.quizzes import Blueprint, Draw
from quizapp.domain.selection import Assembly
from quizapp.queries import sets
from quizapp.queries.curriculum import curriculum
from quizapp.queries.sets import Listed
from quizapp.web.markup import plain_text
from quizapp.web.teach.quiz_form import EMPTY_ROWS, QuizForm, type_choices

MOST_OFFERED = 300
"""Questions in one select; a larger set is asked by draws."""

PREFILLED = 20
"""A set of so few questions begins a quiz that asks them all."""

STEM_CHARS = 70
MORE, ALL, OTHER_SET = "rows", "all", "set"
ROW_BUTTONS = frozenset({MORE, ALL, OTHER_SET})


QUESTION_SECONDS, TASK_SECONDS = 90, 8 * 60
"""A rule of thumb for how long one takes to answer, as the exams of the bank have it."""


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a sample a topic, a subtopic or a level takes."""

    label: str
    questions: int
    points: int
    share: float
    """Of the points, in per cent."""
    within: bool = False
    """Whether it is a part of the topic above it."""


@dataclass(frozen=True, slots=True)
class Makeup:
    """What a sample is made of: its topics with their subtopics, its levels, its points and its time."""

    places: list[Part]
    levels: list[Part]
    points: int
    seconds: int
    tasks: int
    """Hands-on tasks, which take minutes."""


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """A slot of a sample: the question in it, what it counts, and the seed of its variant."""

    question: Question
    stem: str
    points: int
    seed: int | None


def beginning(session: Session, actor: Actor, asked: str | None) -> dict[str, Any]:
    """What a new quiz starts with: the set that the address names, if it is small, or nothing."""
    set_id = _number(asked)
    values: dict[str, Any] = {"mode": "exam", "attempts_allowed": "", "time_limit_minutes": "20"}
    listed = _asked(session, actor, set_id)
    if not listed:
        return values
    values |= {"set": str(set_id), "title": sets.visible(session, actor, set_id).title}
    if len(listed) <= PREFILLED:
        values["rows"] = [{"question": each.question.uid} for each in listed]
    return values


def offer(session: Session, actor: Actor, form: QuizForm) -> None:
    """Fill every select of the form."""
    fixed = {row.question.data for row in form.filled() if row.question.data}
    in_use = sets.usable(session, actor, fixed)
    if not form.set.data and in_use:
        form.set.data = str(next(iter(in_use.values())).question.set_id)
    form.set.choices = _set_choices(session, actor)
    listed = _asked(session, actor, _number(form.set.data))
    known = {each.question.uid: each for each in [*listed, *in_use.values()]}
    questions = {"": "Draw questions by topic"} | {uid: _stem(each) for uid, each in known.items()}
    places = _place_choices(sets.places(session, actor), curriculum(session))
    for number, entry in enumerate(form.rows, start=1):
        entry.form.question.label.text = f"Row {number}"
        chosen = entry.form.question.data
        own = {} if not chosen or chosen in known else {chosen: f"Not available: {chosen[:40]}"}
        entry.form.question.choices = questions | own
        entry.form.place.choices = places
        entry.form.type.choices = type_choices()


def press(session: Session, actor: Actor, form: QuizForm, button: str) -> None:
    """Do what a button beside the rows says.  Nothing is saved, and nothing typed is lost."""
    if button == MORE:
        form.add_rows()
    elif button == ALL:
        used = {row.question.data for row in form.filled()}
        free = [entry.form for entry in form.rows if entry.form.is_empty]
        for each in _asked(session, actor, _number(form.set.data)):
            if each.question.uid in used:
                continue
            if not free:
                form.add_rows(EMPTY_ROWS)
                free = [entry.form for entry in form.rows if entry.form.is_empty]
            if free:
                free.pop(0).question.data = each.question.uid


def item_words(session: Session, actor: Actor, blueprint: Blueprint) -> list[str]:
    """Each row of a blueprint as a sentence."""
    known = sets.usable(session, actor, [item.question for item in blueprint.items if item.question])
    titles = curriculum(session)
    return [
        _draw_words(item.draw, titles)
        if item.draw
        else (_stem(known[item.question]) if item.question in known else f"Not available: {item.question}")
        for item in blueprint.items
    ]


def shown_slots(session: Session, assembly: Assembly) -> list[ShownSlot]:
    """The questions of a sample with their stems as plain text."""
    found = sets.by_numbers(session, [slot.candidate.question_id for slot in assembly.slots])
    return [
        ShownSlot(each.question, plain_text(each.stem, 140), slot.points, slot.seed)
        for slot in assembly.slots
        for each in [found[slot.candidate.question_id]]
    ]


def makeup(slots: Sequence[ShownSlot], titles: Curriculum, *, by_points: bool) -> Makeup:
    """Count a sample; with `by_points` false each question counts one point."""
    weighed = [(slot.question, slot.points if by_points else 1) for slot in slots]
    total = sum(points for _, points in weighed)
    found = {(question.topic, question.subtopic or "") for question, _ in weighed}

    def part(label: str, mine: Sequence[int], *, within: bool = False) -> Part:
        return Part(label, len(mine), sum(mine), 100 * sum(mine) / total if total else 0.0, within)

    places = []
    for topic, sub in in_map_order(found | {(topic, "") for topic, _ in found}, titles):
        mine = [points for each, points in weighed if each.topic == topic and sub in ("", each.subtopic)]
        places.append(part(titles.title(sub or topic), mine, within=bool(sub)))
    levels = [part(level.value, [points for q, points in weighed if q.level == level]) for level in Level]
    tasks = sum(question_types[question.type].hands_on for question, _ in weighed)
    seconds = tasks * TASK_SECONDS + (len(weighed) - tasks) * QUESTION_SECONDS
    return Makeup(places, [each for each in levels if each.questions], total, seconds, tasks)


def _asked(session: Session, actor: Actor, set_id: int) -> list[Listed]:
    """The questions that a set offers to a quiz; none for a set that the actor may not see."""
    try:
        sets.visible(session, actor, set_id)
    except NotFound:
        return []
    listed = sets.questions(session, set_id, limit=MOST_OFFERED)
    return [
        each
        for each in listed
        if each.question.status != "retired" and question_types[each.question.type].answerable
    ]


def _set_choices(session: Session, actor: Actor) -> dict[str, str]:
    own = [(each.row, "") for each in sets.own(session, actor) if each.row.status != "retired"]
    shared = [(each.row, ", shared") for each in sets.shared(session, actor)]
    named = {str(row.id): f"{row.title} ({row.status}{kind})" for row, kind in [*own, *shared]}
    return {"": "None: draw by topic only"} | named


def _place_choices(places: list[tuple[str, str | None]], titles: Curriculum) -> dict[str, str]:
    """Topics in the curriculum's order, each with its subtopics below it."""
    whole = {(topic, "") for topic, _ in places} | {(topic, sub or "") for topic, sub in places}
    named = {
        f"{t}|{s}": f"– {titles.title(s)}" if s else titles.title(t) for t, s in in_map_order(whole, titles)
    }
    return {"": "Any topic"} | named


def in_map_order(places: Iterable[tuple[str, str]], titles: Curriculum) -> list[tuple[str, str]]:
    """Topics as the map has them, each before its subtopics; what the map does not know comes last."""
    order = {identity: number for number, identity in enumerate(titles.titles)}
    far = len(order)

    def rank(place: tuple[str, str]) -> tuple[int, str, int, str]:
        topic, subtopic = place
        return order.get(topic, far), topic, order.get(subtopic, far) if subtopic else -1, subtopic

    return sorted(places, key=rank)


def _draw_words(draw: Draw, titles: Curriculum) -> str:
    place = draw.subtopic or draw.topic
    parts = [titles.title(place)] if place else ["any topic"]
    parts += [" or ".join(level.value for level in draw.levels)] if draw.levels else []
    if draw.type:
        parts.append(question_types[draw.type].title.lower() if draw.type in question_types else draw.type)
    return f"Draw {draw.count}: {', '.join(parts)}"


def _stem(listed: Listed) -> str:
    return plain_text(listed.stem, STEM_CHARS)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
