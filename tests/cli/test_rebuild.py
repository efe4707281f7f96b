"""`quizapp rebuild`, as an operator runs it."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select

import make
from quizapp.cli.main import main
from quizapp.db.models import Encounter
from quizapp.services import finishing


@pytest.fixture
def run(database, database_url, tmp_path, monkeypatch, now):
    """Run the command on a database with one finished exam."""
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", database_url)
    with database.writing() as session:
        learner, attempt_id = make.running(session)
        finishing.submit(session, learner.id, attempt_id, now=now)
    return lambda *options: CliRunner().invoke(main, ["rebuild", *options])


def encounters(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Encounter))


def test_where_all_is_well_it_says_so(run):
    result = run("--check", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (0, {"rows": 3, "differences": 0})


def test_checking_fails_on_differences_and_changes_nothing(run, database):
    with database.writing() as session:
        session.execute(delete(Encounter))

    result = run("--check", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (1, {"rows": 3, "differences": 3})
    assert result.stderr.count("encounter") == 3
    assert encounters(database) == 0


def test_without_check_it_mends(run, database):
    with database.writing() as session:
        session.execute(delete(Encounter))

    result = run()

    assert (result.exit_code, result.stdout) == (0, "")
    assert "3 differences mended" in result.stderr
    assert encounters(database) == 3
