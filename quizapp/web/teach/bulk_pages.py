"""Changing the questions that were checked, the list of such changes, and undoing them."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import flash, get_template_attribute, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from quizapp.domain.errors import Refused
from quizapp.domain.permissions import Actor
from quizapp.queries import library as stored
from quizapp.queries import sets
from quizapp.queries.bulk import changes as stored_changes
from quizapp.queries.curriculum import curriculum
from quizapp.services import bulk, copying, undoing
from quizapp.services.bulk import Change, Done, Left, Turn
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.filters import plural
from quizapp.web.teach.blueprint import ID, bp
from quizapp.web.teach.forms import without_nul
from quizapp.web.teach.library_choices import Filters, filters_in
from quizapp.web.teach.library_pages import Sent, library_page

SHOWN_CHANGES = 50
COPY = "copy"
FIELDS = ("with_tag", "place", "to_level", "to_set")


@bp.post("/questions/change")
def change_questions() -> ResponseReturnValue:
    """Do to the checked questions what the pressed button says; or to all that match."""
    filters = filters_in(request.form.get("filters", ""))
    ids = _checked(filters)
    typed = {name: without_nul(request.form.get(name, "")) or "" for name in FIELDS}
    pressed = request.form.get("do", "")
    try:
        if pressed == COPY:
            return _copied(ids)
        change = _change(reading(), actor(), pressed, typed)
        prepared = bulk.prepare(reading(), actor(), ids, change)
        with writing() as session:
            done = bulk.apply(session, actor(), prepared, now=now())
    except Refused as error:
        page = request.form.get("page", 1, type=int)
        return library_page(filters, page, Sent(str(error), error.field, ids, typed)), 422
    tell(done)
    back = urlencode({**filters.values, "page": request.form.get("page") or "1"})
    return redirect(f"{url_for('teach.library')}?{back}")


@bp.post(f"/sets/<{ID}:set_id>/questions/<uid>/retire")
def retire_question(set_id: int, uid: str) -> ResponseReturnValue:
    return _turned(set_id, uid, Turn.RETIRE)


@bp.post(f"/sets/<{ID}:set_id>/questions/<uid>/bring-back")
def bring_back_question(set_id: int, uid: str) -> ResponseReturnValue:
    return _turned(set_id, uid, Turn.BRING_BACK)


@bp.get("/changes")
def changes() -> ResponseReturnValue:
    """What one changed in many questions at once, the last first."""
    found = stored_changes(reading(), actor(), limit=SHOWN_CHANGES)
    return render_template("teach/changes.html", changes=found, days=bulk.KEPT_FOR.days)


@bp.post(f"/changes/<{ID}:change_id>/undo")
def undo_change(change_id: int) -> ResponseReturnValue:
    try:
        with writing() as session:
            undone = undoing.undo(session, actor(), change_id, now=now())
    except Refused as error:
        flash(str(error), "info")
    else:
        kind = "success" if undone.restored else "warning"
        said = f"Undone for {plural(undone.restored, 'question')}: {_small(undone.words)}."
        flash(f"{said} {_left_words(undone.left)}".strip(), kind)
    return redirect(url_for("teach.changes"))


def tell(done: Done) -> None:
    """Say what a change did, with a button that undoes it, and what it left alone."""
    if done.change_id is None:
        flash(f"Nothing was changed. {_left_words(done.left)}".strip(), "warning")
        return
    words = get_template_attribute("teach/parts.html", "undo_words")
    flash(words(f"{done.words}. {_left_words(done.left)}".strip(), done.change_id), "success")


def _checked(filters: Filters) -> list[int]:
    if request.form.get("all"):
        return stored.ids(reading(), actor(), filters.wanted, limit=bulk.MOST + 1, now=now())
    texts = request.form.getlist("question")
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10]


def _change(session: Session, who: Actor, pressed: str, typed: Mapping[str, str]) -> Change:
    """What a button means.  Raises `Refused` with the field that is missing, and `NotFound`."""
    known: dict[str, Callable[[], Change]] = {
        "add_tag": lambda: bulk.add_tag(typed["with_tag"]),
        "remove_tag": lambda: bulk.remove_tag(typed["with_tag"]),
        "set_place": lambda: _place(session, typed["place"]),
        "set_level": lambda: bulk.set_level(typed["to_level"]),
        "move": lambda: bulk.move(session, who, _set_number(typed["to_set"])),
        **{which.value: lambda which=which: bulk.turn(which) for which in Turn},  # type: ignore[misc]
    }
    if pressed not in known:
        raise Refused("Press one of the buttons below the list.")
    return known[pressed]()


def _place(session: Session, chosen: str) -> Change:
    topic, _, subtopic = chosen.partition("|")
    return bulk.set_place(topic, subtopic, curriculum(session).title(subtopic or topic))


def _set_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("Choose one of your sets.", "to_set")
    return int(text)


def _copied(ids: list[int]) -> ResponseReturnValue:
    with writing() as session:
        row = copying.copy_questions(session, actor(), ids, now=now())
        count = sets.count(session, row.id)
    flash(f"Copied {plural(count, 'question')} into a new draft of yours.", "success")
    return redirect(url_for("teach.show_set", set_id=row.id))


def _turned(set_id: int, uid: str, which: Turn) -> ResponseReturnValue:
    """Retire one question of an own set, or bring it back."""
    sets.editable(reading(), actor(), set_id)
    question = sets.question(reading(), set_id, uid)
    prepared = bulk.prepare(reading(), actor(), [question.id], bulk.turn(which))
    with writing() as session:
        done = bulk.apply(session, actor(), prepared, now=now())
    tell(done)
    return redirect(url_for("teach.preview", set_id=set_id, uid=uid))


def _left_words(left: Left) -> str:
    """How many were left alone, and why, the most frequent reason first."""
    if not left:
        return ""
    reasons = [f"{count} {reason}" for reason, count in left.most_common()]
    return f"Left alone: {'; '.join(reasons)}."


def _small(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"
