"""A session that ends in the middle of a quiz: the player is told so, and nothing is lost."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import update

from faults import checks
from faults.browsers import Browser, Person, SignInDesk
from faults.checks import Kept
from faults.processes import Server
from quizapp.db.engine import Database
from quizapp.db.models import SignIn

Browse = Callable[..., Browser]
ANSWER = {"number": ["42"]}


def test_a_save_after_the_session_expired_is_told_to_sign_in_and_kept_afterwards(
    database: Database,
    serve: Callable[..., Server],
    browse: Browse,
    desk: SignInDesk,
    lena: Person,
    quiz: str,
) -> None:
    server = serve()
    browser = browse(server, lena)
    attempt = browser.start(quiz)
    assert browser.save(attempt, 1, 1, ANSWER).status == 200
    with database.writing() as session:
        session.execute(update(SignIn).values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))

    refused = browser.save(attempt, 2, 1, ANSWER)
    state = browser.get("/api/session").json()
    page = browser.get(f"/attempts/{attempt}/questions/2")

    assert refused.status == 401
    assert refused.headers.get_content_type() == "application/json"
    assert "sign in" in refused.json()["message"].lower()
    assert (state["signed_in"], state["learner"]) == (False, None)
    assert page.status == 302
    assert page.location.startswith("/sign-in")

    again = browse(server, desk.again(database, lena))
    assert again.save(attempt, 2, 1, ANSWER).status == 200
    both = [Kept(lena.id, attempt, position, 1, ANSWER) for position in (1, 2)]
    assert checks.lost(database, both) == []


def test_a_save_without_any_session_is_told_to_sign_in(
    serve: Callable[..., Server], browse: Browse, lena: Person, desk: SignInDesk, quiz: str
) -> None:
    server = serve()
    browser = browse(server, lena)
    attempt = browser.start(quiz)

    for person in (None, desk.stranger()):
        nobody = browse(server, person)
        refused = nobody.save(attempt, 1, 1, ANSWER)
        assert refused.status == 401
        assert refused.headers.get_content_type() == "application/json"
