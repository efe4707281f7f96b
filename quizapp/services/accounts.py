"""Use cases about accounts.

Hashing is slow on purpose, so it never happens while the database is being
written: each use case has a first half that only reads and hashes (`applicant`,
`recognise`, `confirm`, `new_hash`), and a second half that writes.  The second
half checks that nothing changed in between.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete as delete_rows
from sqlalchemy import select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizapp.db.models import (
    Account,
    BulkChange,
    Draft,
    PendingImport,
    Picture,
    Question,
    Slot,
    Step,
)
from quizapp.domain import accounts as rules
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.permissions import Role
from quizapp.domain.question_types import question_types
from quizapp.queries import accounts
from quizapp.services import passwords, sign_ins
from quizapp.services.sign_ins import Credential

TAKEN = "This name is taken. Choose another one."
CHANGED = "The password was changed meanwhile. Nothing was done."
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who may become an account: everything about them is checked, and their password is hashed."""

    name: str
    key: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """An account whose password was right a moment ago."""

    account_id: int
    seen_hash: str
    fresh_hash: str | None
    """The same password under today's parameters, where the kept hash is older."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody chose on the settings page; their names are the keys of the document."""

    theme: str
    shortcuts: bool
    hide_timer: bool


def checked_name(session: Session, name: str) -> str:
    """The tidy name, if it can still be taken.  Raises `Refused`."""
    tidy = rules.valid_name(name)
    if accounts.is_taken(session, rules.name_key(tidy)):
        raise Refused(TAKEN, "name")
    return tidy


def applicant(name: str, password: str) -> Applicant:
    """Check a name and a password, and hash.  Raises `Refused`."""
    tidy = rules.valid_name(name)
    return Applicant(tidy, rules.name_key(tidy), new_hash(tidy, password))


def new_hash(name: str, password: str) -> str:
    """The hash of a new password for an account of this name.  Raises `Refused`."""
    return passwords.hashed(rules.valid_password(password, name))


def random_password() -> str:
    """A password for somebody who gave none: 120 random bits."""
    return "-".join(secrets.token_hex(3) for _ in range(5))


def register(session: Session, applicant: Applicant, *, role: Role = Role.LEARNER, now: datetime) -> Account:
    """Make the account.  Raises `Refused` where somebody was faster with the name."""
    account = Account(
        name=applicant.name,
        name_key=applicant.key,
        password_hash=applicant.password_hash,
        role=role.value,
        time_percent=100,
        preferences={},
        is_demo=False,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(account)
            session.flush()
    except IntegrityError:
        raise Refused(TAKEN, "name") from None
    return account


def recognise(session: Session, name: str, password: str) -> Recognised | None:
    """The account of this name and password; unknown names take as long as wrong passwords."""
    try:
        account = accounts.by_key(session, rules.name_key(rules.valid_name(name)))
    except Refused:
        account = None
    return _verified(account, password)


def confirm(session: Session, account_id: int, password: str) -> Recognised | None:
    """Whether a signed-in person knows their password."""
    return _verified(accounts.by_id(session, account_id), password)


def admit(session: Session, who: Recognised, *, now: datetime) -> tuple[Account, str] | None:
    """Sign in: the account and its new cookie; None where the password was changed meanwhile."""
    account = _unchanged(session, who)
    if account is None:
        return None
    if who.fresh_hash is not None:
        account.password_hash = who.fresh_hash
    return account, sign_ins.sign_in(session, account.id, now=now)


def change_password(
    session: Session, who: Recognised, password_hash: str, *, keep: Credential | None
) -> None:
    """Set a new password and end all sign-ins but one.  Raises `Refused`."""
    account = _unchanged(session, who)
    if account is None:
        raise Refused(CHANGED, "current_password")
    account.password_hash = password_hash
    sign_ins.sign_out_everywhere(session, account.id, but=keep)


def change_preferences(session: Session, account_id: int, chosen: Preferences) -> None:
    """Keep what was chosen, and leave alone what other pages keep there.  Raises `NotFound`."""
    account = _locked(session, account_id)
    account.preferences = {
        **account.preferences,
        "theme": chosen.theme,
        "shortcuts": chosen.shortcuts,
        "hide_timer": chosen.hide_timer,
    }


def change_theme(session: Session, account_id: int, theme: str) -> None:
    """Keep one of `THEMES`.  Raises `NotFound`."""
    account = _locked(session, account_id)
    account.preferences = {**account.preferences, "theme": theme}


def delete(session: Session, who: Recognised, *, now: datetime) -> None:
    """Take everything that names a person off the account.  Raises `Refused`.

    The row stays, nameless, because its answers are part of what is known about
    questions; what was written and drawn for people to read goes, since it may name
    somebody.  Running attempts are left to end by themselves.
    """
    account = _unchanged(session, who)
    if account is None:
        raise Refused(CHANGED, "password")
    account.name = rules.DELETED_NAME
    account.name_key = rules.deleted_key(account.id)
    account.password_hash = ""
    account.role = Role.LEARNER.value
    account.time_percent = 100
    account.preferences = {}
    account.is_demo = False
    account.deleted_at = now
    _forget_open_answers(session, account.id)
    _forget_unfinished_work(session, account.id)
    sign_ins.sign_out_everywhere(session, account.id)


def _forget_open_answers(session: Session, account_id: int) -> None:
    """Leave the scores of open answers alone, and nothing of the answers themselves."""
    kinds = [key for key, kind in question_types.items() if kind.scored_by_people]
    slots = (
        select(Slot.attempt_id, Slot.position)
        .join(Question, Question.id == Slot.question_id)
        .where(Slot.learner_id == account_id, Question.type.in_(kinds))
    )
    session.execute(
        update(Step)
        .where(Step.learner_id == account_id, tuple_(Step.attempt_id, Step.position).in_(slots))
        .values(submission={})
        .execution_options(synchronize_session=False)
    )
    session.execute(delete_rows(Picture).where(Picture.learner_id == account_id))


def _forget_unfinished_work(session: Session, account_id: int) -> None:
    """What an author began and nobody else was ever shown."""
    for table in (Draft, PendingImport, BulkChange):
        session.execute(delete_rows(table).where(table.account_id == account_id))


def set_role(session: Session, name: str, role: Role) -> Account:
    """Give an account another role; it counts from the next request on.  Raises `NotFound`."""
    account = named(session, name)
    account.role = role.value
    return account


def set_password(session: Session, name: str, password_hash: str) -> Account:
    """Give an account another password, and end all its sign-ins.  Raises `NotFound`."""
    account = named(session, name)
    account.password_hash = password_hash
    sign_ins.sign_out_everywhere(session, account.id)
    return account


def named(session: Session, name: str) -> Account:
    """The account of this name.  Raises `NotFound`."""
    try:
        found = accounts.by_key(session, rules.name_key(rules.valid_name(name)))
    except Refused:
        found = None
    if found is None:
        raise NotFound(f"There is no account named {name!r}.")
    return found


def _verified(account: Account | None, password: str) -> Recognised | None:
    if not passwords.matches(account.password_hash if account else None, password) or account is None:
        return None
    kept = account.password_hash
    fresh = passwords.hashed(password) if passwords.is_outdated(kept) else None
    return Recognised(account.id, kept, fresh)


def _unchanged(session: Session, who: Recognised) -> Account | None:
    """The account, held until the commit, if its password is still the one that was checked."""
    account = _held(session, who.account_id)
    return account if account is not None and account.password_hash == who.seen_hash else None


def _locked(session: Session, account_id: int) -> Account:
    account = _held(session, account_id)
    if account is None:
        raise NotFound
    return account


def _held(session: Session, account_id: int) -> Account | None:
    return session.scalars(
        select(Account)
        .where(Account.id == account_id, Account.deleted_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
