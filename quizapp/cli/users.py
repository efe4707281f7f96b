"""`quizapp users`: the operator's way to accounts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from quizapp.cli.environment import open_database
from quizapp.cli.output import emit, json_option, say
from quizapp.db.models import Account
from quizapp.domain.errors import QuizError
from quizapp.domain.permissions import Role
from quizapp.queries import accounts as queries
from quizapp.services import accounts

ROLES = click.Choice([role.value for role in Role])
FACTORS = {"1": 100, "1.25": 125, "1.5": 150, "2": 200, "none": None}

password_option = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Read the password from the first line of input."
)


@click.group()
def users() -> None:
    """Make accounts, and change their roles, passwords and times."""


@users.command()
@click.argument("name")
@click.option("--role", type=ROLES, default=Role.LEARNER.value, show_default=True)
@password_option
@json_option
def create(name: str, role: str, from_stdin: bool, as_json: bool) -> None:
    """Make an account.  Without a password one is made up and printed."""
    password, made_up = _password(from_stdin=from_stdin)
    with _refusals_told():
        with open_database() as database:
            with database.reading() as session:
                accounts.checked_name(session, name)
            applicant = accounts.applicant(name, password)
            with database.writing() as session:
                account = accounts.register(session, applicant, role=Role(role), now=datetime.now(UTC))
        say(f"{account.name} is made, as {account.role}.")
        _tell(account, made_up, as_json=as_json)


@users.command("list")
@json_option
def list_users(as_json: bool) -> None:
    """List all accounts; with --json as `{"users": [...]}`."""
    with open_database() as database, database.reading() as session:
        found = queries.everybody(session)
    if as_json:
        emit({"users": [_document(account) for account in found]}, as_json=True)
        return
    for account in found:
        extra = "" if account.time_percent == 100 else f"  time: {_factor(account)}"
        click.echo(f"{account.role:<10}  {account.name}{extra}")
    say(f"{len(found)} account{'' if len(found) == 1 else 's'}")


@users.command()
@click.argument("name")
@click.argument("role", type=ROLES)
@json_option
def role(name: str, role: str, as_json: bool) -> None:
    """Give an account another role."""
    with _refusals_told(), open_database() as database, database.writing() as session:
        account = accounts.set_role(session, name, Role(role))
    say(f"{account.name} is {account.role} now.")
    emit(_document(account), as_json=as_json)


@users.command()
@click.argument("name")
@password_option
@json_option
def password(name: str, from_stdin: bool, as_json: bool) -> None:
    """Give an account another password, and sign it out on every device."""
    chosen, made_up = _password(from_stdin=from_stdin)
    with _refusals_told(), open_database() as database:
        with database.reading() as session:
            tidy = accounts.named(session, name).name
        fresh = accounts.new_hash(tidy, chosen)
        with database.writing() as session:
            account = accounts.set_password(session, name, fresh)
    say(f"{account.name} has another password, and is signed out on every device.")
    _tell(account, made_up, as_json=as_json)


@users.command("extra-time")
@click.argument("name")
@click.argument("factor", type=click.Choice(list(FACTORS)))
@json_option
def extra_time(name: str, factor: str, as_json: bool) -> None:
    """Give a learner FACTOR times every limit, or no limit at all; running attempts change, too."""
    from quizapp.services import extra_time as granting

    with _refusals_told(), open_database() as database, database.writing() as session:
        account = accounts.named(session, name)
        changed = granting.grant(session, account.id, FACTORS[factor], now=datetime.now(UTC))
    say(f"{account.name}: {_factor(account)}. Running attempts that changed: {changed}.")
    emit({**_document(account), "attempts_changed": changed}, as_json=as_json)


@contextmanager
def _refusals_told() -> Iterator[None]:
    """What is refused ends the command with its reason and 1."""
    try:
        yield
    except QuizError as refusal:
        raise click.ClickException(str(refusal)) from None


def _password(*, from_stdin: bool) -> tuple[str, str | None]:
    """The password, and the same once more if it was made up here and must be told."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), None
    made_up = accounts.random_password()
    return made_up, made_up


def _tell(account: Account, made_up: str | None, *, as_json: bool) -> None:
    """A made-up password goes to standard output, alone, so that it can be piped on."""
    if made_up is not None and not as_json:
        say("The password, which is shown only once:")
        click.echo(made_up)
    emit({**_document(account), "password": made_up}, as_json=as_json)


def _factor(account: Account) -> str:
    return next(word for word, percent in FACTORS.items() if percent == account.time_percent)


def _document(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "role": account.role,
        "time_percent": account.time_percent,
        "is_demo": account.is_demo,
        "created_at": account.created_at.isoformat(),
    }
