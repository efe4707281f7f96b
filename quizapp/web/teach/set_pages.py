"""A set's pages: its questions, each as learners see it, advice about them, and its status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from quizapp.domain.attempts import Judged, bounded, judge
from quizapp.domain.documents import variant
from quizapp.domain.errors import NotAvailable, Overloaded, Refused, UnreadableAnswer
from quizapp.domain.linting import Placed, lint
from quizapp.domain.problems import Place, Severity
from quizapp.domain.questions import Question, Submission
from quizapp.queries import revisions
from quizapp.queries import sets as stored
from quizapp.queries.curriculum import curriculum
from quizapp.services import copying, sets, trials
from quizapp.web.accounts import limits
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading, writing
from quizapp.web.filters import plural
from quizapp.web.teach.blueprint import ID, bp
from quizapp.web.teach.slugs import slug

ON_A_PAGE = 100
NOT_ANSWERS = frozenset({"csrf_token", "do", "action", "sequence"})
RUNS = "30 per minute"
STARTS = "60 per hour"
MAX_SEED = 2**31


@bp.get(f"/sets/<{ID}:set_id>")
def show_set(set_id: int) -> ResponseReturnValue:
    """A set and its questions, a hundred on a page."""
    session = reading()
    row = stored.visible(session, actor(), set_id)
    total = stored.count(session, set_id)
    pages = max(1, -(-total // ON_A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "teach/set.html",
        set=row,
        may_change=stored.may_change(actor(), row),
        questions=stored.questions(session, set_id, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE),
        curriculum=curriculum(session),
        total=total,
        drafts=stored.drafts(session, set_id),
        page=page,
        pages=pages,
    )


@bp.get(f"/sets/<{ID}:set_id>.yaml")
def download(set_id: int) -> ResponseReturnValue:
    """The set as a file that can be uploaded again."""
    row = stored.visible(reading(), actor(), set_id)
    response = Response(sets.as_file(reading(), row), content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug(row.title)}.yaml"'
    return response


@bp.post(f"/sets/<{ID}:set_id>/publish")
def publish(set_id: int) -> ResponseReturnValue:
    with writing() as session:
        row = sets.publish(session, actor(), set_id, now=now())
    flash(f"Published: {row.title}. Learners get its questions from now on.", "success")
    return redirect(url_for("teach.show_set", set_id=set_id))


@bp.post(f"/sets/<{ID}:set_id>/retire")
def retire(set_id: int) -> ResponseReturnValue:
    with writing() as session:
        row = sets.retire(session, actor(), set_id, now=now())
    flash(f"Retired: {row.title}. New attempts leave it out; you can publish it again.", "success")
    return redirect(url_for("teach.show_set", set_id=set_id))


@bp.post(f"/sets/<{ID}:set_id>/draft")
def back_to_draft(set_id: int) -> ResponseReturnValue:
    try:
        with writing() as session:
            row = sets.back_to_draft(session, actor(), set_id, now=now())
    except Refused as error:
        flash(str(error), "error")
    else:
        flash(f"A draft again: {row.title}.", "success")
    return redirect(url_for("teach.show_set", set_id=set_id))


@bp.post(f"/sets/<{ID}:set_id>/hand-in")
def hand_in(set_id: int) -> ResponseReturnValue:
    try:
        with writing() as session:
            row = sets.hand_in(session, actor(), set_id, now=now())
    except Refused as error:
        flash(str(error), "error")
    else:
        flash(
            f"Handed in: {row.title}. Colleagues can read it and try it, and only you change it.", "success"
        )
    return redirect(url_for("teach.show_set", set_id=set_id))


@bp.post(f"/sets/<{ID}:set_id>/take-back")
def take_back(set_id: int) -> ResponseReturnValue:
    with writing() as session:
        row = sets.take_back(session, actor(), set_id)
    flash(f"Taken back: {row.title}. Nobody else sees it now.", "success")
    return redirect(url_for("teach.show_set", set_id=set_id))


@bp.post(f"/sets/<{ID}:set_id>/copy")
def copy_set(set_id: int) -> ResponseReturnValue:
    """A draft of one's own with the questions of a set, or with those that were checked."""
    chosen = request.form.getlist("question")
    try:
        with writing() as session:
            row = copying.copy_set(session, actor(), set_id, only=chosen, now=now())
            copied = stored.count(session, row.id)
    except Refused as error:
        flash(str(error), "error")
        return redirect(url_for("teach.show_set", set_id=set_id))
    flash(f"Copied {plural(copied, 'question')} into this new draft of yours.", "success")
    return redirect(url_for("teach.show_set", set_id=row.id))


@bp.post(f"/sets/<{ID}:set_id>/try")
def try_set(set_id: int) -> ResponseReturnValue:
    """Take a set as learners would, in the ordinary player.  None of it is counted."""
    stored.visible(reading(), actor(), set_id)
    limits.hit("start", str(actor().id), STARTS)
    try:
        with writing() as session:
            started = trials.try_set(session, actor(), set_id, now=now())
    except NotAvailable as error:
        flash(str(error), "info")
        return redirect(url_for("teach.show_set", set_id=set_id))
    if started.missing:
        flash(f"A trial asks no more, so {plural(started.missing, 'question')} were left out.", "info")
    return redirect(url_for("taking.resume", attempt_id=started.attempt_id))


@bp.route(f"/sets/<{ID}:set_id>/preview/<uid>", methods=["GET", "POST"])
def preview(set_id: int, uid: str) -> ResponseReturnValue:
    """A question exactly as learners see it.  A check here leaves no trace anywhere."""
    session = reading()
    row = stored.visible(session, actor(), set_id)
    listed = stored.question(session, set_id, uid)
    seed = asked_seed()
    question = variant(revisions.load(session, listed.id, listed.revision), seed)
    asked = request.method == "POST" and question.body.answerable
    tried = _tried(question) if asked else Tried()
    page = render_template(
        "teach/preview.html",
        set=row,
        listed=listed,
        question=question,
        face=question.body.face(seed),
        seed=seed,
        tried=tried,
        may_change=stored.may_change(actor(), row),
        neighbours=stored.neighbours(session, listed),
        curriculum=curriculum(session),
    )
    return page, 422 if tried.hint else 200


@bp.get(f"/sets/<{ID}:set_id>/advice")
def advice(set_id: int) -> ResponseReturnValue:
    """What the rules of question writing say about a set's questions."""
    session = reading()
    row = stored.visible(session, actor(), set_id)
    listed = stored.questions(session, set_id, limit=ON_A_PAGE * 10)
    keys = [
        (each.question.id, each.question.revision)
        for each in listed
        if each.question.position != stored.NOWHERE
    ]
    questions = revisions.load_many(session, keys)
    remarks = lint(
        [Placed(questions[key], Place(questions[key].id, {}), ()) for key in keys],
        curriculum(session),
        Severity.ADVICE,
    )
    found: dict[str, list[str]] = {}
    for remark in remarks:
        uid = remark.where.partition(":")[0]
        said = remark.message.removeprefix(f"{uid}: ")
        found.setdefault(uid, []).append(f"{said[:1].upper()}{said[1:]}.")
    return render_template("teach/advice.html", set=row, found=found, total=len(keys))


def asked_seed() -> int:
    """The seed in the address: another one shows another order."""
    seed = request.args.get("seed", 1, type=int)
    return seed if 0 <= seed < MAX_SEED else 1


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying a question: its grade, or what the answer does, or why neither."""

    submission: Submission = field(default_factory=dict)
    judged: Judged | None = None
    ran: Mapping[str, Any] | None = None
    hint: str = ""


def _tried(question: Question) -> Tried:
    """The answer that was sent, graded or run.  Nothing is kept of it."""
    sent = {name: request.form.getlist(name) for name in request.form if name not in NOT_ANSWERS}
    try:
        submission = bounded(sent)
        if question.body.can_run and request.form.get("action", "").startswith("run"):
            limits.hit("run", str(actor().id), RUNS)
            return Tried(submission, ran=question.body.run(question.body.read(submission)))
        return Tried(submission, judge(question.body, submission))
    except (UnreadableAnswer, Overloaded) as error:
        return Tried(sent, hint=str(error))
