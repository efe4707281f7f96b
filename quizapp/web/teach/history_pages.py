"""What a question said before: its revisions with what changed, and bringing one back."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from quizapp.domain.errors import Refused
from quizapp.domain.texts import text_of
from quizapp.queries import history as stored
from quizapp.queries import sets
from quizapp.queries.history import Entry
from quizapp.services import editing
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.teach.blueprint import ID, bp
from quizapp.web.teach.edit_diff import Difference, differences

ON_A_PAGE = 20
PLACE = f"/sets/<{ID}:set_id>/questions/<uid>/history"


@dataclass(frozen=True, slots=True)
class Step:
    """A revision, and how it differs from the one before; the first one differs from nothing."""

    entry: Entry
    differences: list[Difference]
    is_first: bool


@bp.get(PLACE)
def history(set_id: int, uid: str) -> ResponseReturnValue:
    """The revisions of a question, the newest first."""
    session = reading()
    row = sets.editable(session, actor(), set_id)
    question = sets.question(session, set_id, uid)
    up_to = min(max(request.args.get("up_to", question.revision, type=int), 1), question.revision)
    entries = stored.entries(session, question.id, up_to=up_to, limit=ON_A_PAGE + 1)
    steps = [
        Step(entry, differences(older.document, entry.document) if older else [], older is None)
        for entry, older in zip(entries, [*entries[1:], None], strict=True)
    ][:ON_A_PAGE]
    current = stored.entry(session, question.id, question.revision)
    return render_template(
        "teach/history.html",
        set=row,
        question=question,
        stem=text_of(current.document, "stem"),
        current=current,
        steps=steps,
        older=entries[ON_A_PAGE].number if len(entries) > ON_A_PAGE else None,
        is_newest=up_to == question.revision,
    )


@bp.post(f"{PLACE}/<{ID}:number>/restore")
def restore(set_id: int, uid: str, number: int) -> ResponseReturnValue:
    """Let the question say again what it said then."""
    try:
        with writing() as session:
            saved = editing.restore(session, actor(), set_id, uid, number, now=now())
    except Refused as error:
        flash(str(error), "error")
    else:
        if saved.is_new:
            flash(f"Revision {saved.revision} says what revision {number} said.", "success")
        else:
            flash("Nothing to restore: it says that now.", "info")
    return redirect(url_for("teach.history", set_id=set_id, uid=uid))
