"""Writing questions by hand: a new set, the types to choose from, and the editor of one question."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoPage

from quizapp.db.models import Draft, Question, QuestionSet
from quizapp.domain.errors import Refused
from quizapp.domain.questions import Question as QuestionValue
from quizapp.domain.texts import text_of
from quizapp.queries import drafts as kept
from quizapp.queries import history, revisions, sets
from quizapp.queries.curriculum import curriculum
from quizapp.services import drafts, editing
from quizapp.services.editing import ChangedMeanwhile, Saved
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.markup import plain_text
from quizapp.web.teach.blueprint import ID, bp
from quizapp.web.teach.edit_diff import differences
from quizapp.web.teach.edit_form import YAML, EditForm, Told
from quizapp.web.teach.edit_kinds import groups, is_writable
from quizapp.web.teach.edit_nodes import in_order, sections
from quizapp.web.teach.edit_preview import Preview, may_not_run, preview
from quizapp.web.teach.edit_words import whole
from quizapp.web.teach.field_reading import field_at
from quizapp.web.teach.field_tree import is_kept
from quizapp.web.teach.set_form import SetForm

LOOKS = frozenset({"preview", "draws", "run"})
"""Buttons that show something and save nothing."""

INHERITED = ("topic", "subtopic", "level")
"""What a new question has from the last one of its set."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is being edited: a set, a type, and the question unless it is a new one."""

    set: QuestionSet
    kind: str
    question: Question | None

    @property
    def uid(self) -> str:
        return self.question.uid if self.question else ""

    @property
    def key(self) -> str:
        """Under which the unfinished edit is kept."""
        return self.uid or f"new:{self.set.id}:{self.kind}"

    @property
    def address(self) -> str:
        if self.question is None:
            return url_for("teach.new_question", set_id=self.set.id, type=self.kind)
        return url_for("teach.edit_question", set_id=self.set.id, uid=self.uid)

    def beside(self, endpoint: str) -> str:
        """The address of what the editor asks for without leaving its page."""
        kind = None if self.question else self.kind
        return url_for(endpoint, set_id=self.set.id, uid=self.uid or None, type=kind)

    def before(self, base: int) -> Mapping[str, Any] | None:
        """The document that a form was made of."""
        if self.question is None:
            return None
        number = base if 1 <= base <= self.question.revision else self.question.revision
        return history.entry(reading(), self.question.id, number).document


def desk_at(set_id: int, uid: str | None, kind: str | None) -> Desk:
    """The desk for a question, or for a new one of a type.  Raises what becomes a 404."""
    row = sets.editable(reading(), actor(), set_id)
    if uid is not None:
        question = sets.question(reading(), set_id, uid)
        return Desk(row, question.type, question)
    if kind is None or not is_writable(kind):
        raise NoPage
    return Desk(row, kind, None)


@bp.route("/sets/create", methods=["GET", "POST"])
def new_set() -> ResponseReturnValue:
    """An empty draft to write questions into."""
    form = SetForm()
    if not form.validate_on_submit():
        return render_template("teach/new_set.html", form=form), 422 if form.errors else 200
    with writing() as session:
        row = editing.new_set(session, actor(), **form.head(), now=now())
    flash(f"A draft, and still empty: {row.title}. Write its first question.", "success")
    return redirect(url_for("teach.new_question", set_id=row.id))


@bp.route(f"/sets/<{ID}:set_id>/questions/new", methods=["GET", "POST"])
def new_question(set_id: int) -> ResponseReturnValue:
    """A new question of a type; without a type, the types to choose from."""
    kind = request.args.get("type")
    if kind is None and request.method == "GET":
        row = sets.editable(reading(), actor(), set_id)
        return render_template("teach/edit_kinds.html", set=row, groups=groups())
    return _at(desk_at(set_id, None, kind))


@bp.route(f"/sets/<{ID}:set_id>/questions/<uid>/edit", methods=["GET", "POST"])
def edit_question(set_id: int, uid: str) -> ResponseReturnValue:
    """Another text for a question.  It becomes its next revision."""
    return _at(desk_at(set_id, uid, None))


def _at(desk: Desk) -> ResponseReturnValue:
    if request.method == "GET":
        draft = kept.draft(reading(), actor(), desk.key)
        return page(desk, _opened(desk, draft), draft=draft)
    form, do = EditForm.sent(desk.kind), request.form.get("do", "save")
    if do in ("save", "next"):
        return _saved(desk, form, do)
    if do in ("mode:yaml", "mode:form") and do != f"mode:{form.mode}" and not is_kept(desk.kind):
        form.switch(desk.uid, desk.before(form.base))
    form.press(do)
    return page(desk, form, do=do if do in LOOKS else "")


def _opened(desk: Desk, draft: Draft | None) -> EditForm:
    """The form as a page is opened: with what was typed last, or as the question stands."""
    if draft is not None:
        return EditForm.kept(desk.kind, draft.fields, draft.base_revision)
    if desk.question is None:
        return EditForm.blank(desk.kind, _inherited(desk.set.id))
    number = desk.question.revision
    return EditForm.of(desk.kind, desk.before(number) or {}, number)


def _inherited(set_id: int) -> dict[str, str]:
    last = history.last_of(reading(), set_id)
    return {name: getattr(last, name) for name in INHERITED if last and getattr(last, name)}


def _saved(desk: Desk, form: EditForm, do: str) -> ResponseReturnValue:
    question = form.judged(desk.uid, desk.before(form.base))
    if question is not None and not form.told:
        form.told = _broken(form, question)
    if question is None or form.told:
        return page(desk, form)
    try:
        saved = _kept(desk, form, question)
    except ChangedMeanwhile as error:
        return _conflict(desk, form, question, error)
    except Refused as error:
        form.tell(error.field, str(error))
        return page(desk, form)
    flash(_words(desk, saved), "success" if saved.is_new else "info")
    return redirect(_onwards(desk, saved, do))


def _kept(desk: Desk, form: EditForm, question: QuestionValue) -> Saved:
    """Save what was typed; the unfinished edit is forgotten."""
    with writing() as session:
        if desk.question is None:
            saved = editing.add(session, actor(), desk.set.id, _written(form, question), now=now())
        else:
            written = question.document()
            saved = editing.change(
                session, actor(), desk.set.id, desk.uid, written, base=form.base, now=now()
            )
        drafts.drop(session, actor(), desk.key)
    return saved


def _written(form: EditForm, question: QuestionValue) -> dict[str, Any]:
    """A new question's document, without an id that its author did not give."""
    document = question.document()
    if not form.names_itself:
        document.pop("id")
    return document


def _broken(form: EditForm, question: QuestionValue) -> list[Told]:
    """What keeps a question that is run from being answered rightly by anybody (rule B40)."""
    if not question.body.can_run:
        return []
    if refusal := may_not_run():
        return [Told("", "", f"Not saved. {refusal}")]
    found = [each for each in question.body.lint() if each.code == "B40" and not each.advice]
    places = [(field_at(form.read, ".".join(map(str, each.path)))[0], each) for each in found]
    return [
        Told("yaml" if form.mode == YAML else name, form.words_for(name), whole(each.message))
        for name, each in places
    ]


def _words(desk: Desk, saved: Saved) -> str:
    if not saved.is_new:
        return "Nothing to save: it says that already."
    live = " Learners get it from now on." if desk.set.status == "published" else ""
    if desk.question is None:
        return f"Saved as {saved.uid}.{live}"
    return f"Saved as revision {saved.revision}.{live}"


def _onwards(desk: Desk, saved: Saved, do: str) -> str:
    """Where to go after saving: on with this question, with the next one, or with a new one."""
    here = url_for("teach.edit_question", set_id=desk.set.id, uid=saved.uid)
    if do != "next":
        return here
    if desk.question is None:
        return desk.address
    after = sets.neighbours(reading(), desk.question).after
    if after is None:
        return url_for("teach.show_set", set_id=desk.set.id)
    return url_for("teach.edit_question", set_id=desk.set.id, uid=after)


def _conflict(
    desk: Desk, form: EditForm, question: QuestionValue, error: ChangedMeanwhile
) -> ResponseReturnValue:
    """Somebody else saved first: both texts, and nothing is lost."""
    assert desk.question is not None  # a new question has no other text
    [theirs] = history.entries(reading(), desk.question.id, up_to=error.number, limit=1)
    shown = render_template(
        "teach/edit_conflict.html",
        desk=desk,
        theirs=theirs,
        differences=differences(theirs.document, question.document()),
        typed=form.typed() | {"base": str(error.number)},
    )
    return shown, 409


def page(desk: Desk, form: EditForm, *, draft: Draft | None = None, do: str = "") -> ResponseReturnValue:
    """The editor with its preview."""
    seen = preview(form, desk.uid, desk.before(form.base), do)
    parts = sections(form, curriculum(reading()))
    shown = render_template(
        "teach/edit.html",
        desk=desk,
        form=form,
        sections=parts,
        told=in_order(form.told, parts),
        preview=seen,
        draft=draft,
        title=_title(desk, seen),
        stored=_stored(desk),
    )
    return shown, 422 if form.told else 200


def _title(desk: Desk, seen: Preview) -> str:
    if desk.question is None:
        return "New question"
    document = history.entry(reading(), desk.question.id, desk.question.revision).document
    return str(document.get("name") or plain_text(text_of(document, "stem"), 70))


def _stored(desk: Desk) -> QuestionValue | None:
    """The question as it is kept, where its own fields can only be looked at."""
    if desk.question is None or not is_kept(desk.kind):
        return None
    return revisions.load(reading(), desk.question.id, desk.question.revision)
