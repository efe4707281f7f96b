"""The library: every question that one may see, searched, filtered, and chosen to be changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from quizapp.queries import library as stored
from quizapp.queries.curriculum import curriculum
from quizapp.web.accounts.identity import actor
from quizapp.web.clock import now
from quizapp.web.database import reading
from quizapp.web.teach import library_choices
from quizapp.web.teach.blueprint import bp
from quizapp.web.teach.library_choices import HEALTHS, OWNERS, SORTS, STATUSES, Filters, filters_of

ON_A_PAGE = 50
LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Sent:
    """What was checked and typed in a form that came back, and what is wrong with it."""

    problem: str = ""
    at: str = ""
    """The field that it is about."""
    checked: Collection[int] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


@bp.get("/questions")
def library() -> ResponseReturnValue:
    """Search and filter; the filters live in the address."""
    page = request.args.get("page", 1, type=int)
    return library_page(filters_of(request.args), page, Sent())


def library_page(filters: Filters, page: int, sent: Sent) -> str:
    """A page of what the filters let through, in as many statements for many questions as for one."""
    session, who, moment = reading(), actor(), now()
    total = stored.total(session, who, filters.wanted, now=moment)
    pages = max(1, -(-total // ON_A_PAGE))
    page = min(max(page, 1), pages, LAST_PAGE)
    titles = curriculum(session)
    return render_template(
        "teach/library.html",
        filters=filters,
        address=urlencode(filters.values),
        sent=sent,
        found=stored.found(
            session,
            who,
            filters.wanted,
            limit=ON_A_PAGE,
            offset=(page - 1) * ON_A_PAGE,
            now=moment,
        ),
        choices=library_choices.choices(
            who,
            filters,
            titles,
            stored.places(session, who),
            stored.homes(session, who),
            stored.tags(session, who),
        ),
        statuses=STATUSES,
        owners=OWNERS,
        healths=HEALTHS,
        sorts=SORTS,
        enough=stored.ENOUGH,
        curriculum=titles,
        total=total,
        page=page,
        pages=pages,
        first=(page - 1) * ON_A_PAGE + 1,
    )
