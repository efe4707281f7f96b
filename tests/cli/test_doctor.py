"""`quizapp doctor` finds what is wrong, and changes nothing."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import make
from quizapp.cli import main
from quizapp.db.engine import Database
from quizapp.domain import execution
from quizapp.domain.errors import Overloaded


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the doctor; gives its checks by name."""
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path / "data"))

    def run() -> tuple[int, dict[str, dict[str, object]]]:
        result = CliRunner().invoke(main, ["doctor", "--json"])
        document = json.loads(result.stdout)
        assert document["ok"] == all(check["ok"] for check in document["checks"])
        assert (result.exit_code == 0) == document["ok"]
        return result.exit_code, {check["name"]: check for check in document["checks"]}

    return run


@pytest.fixture
def loaded(database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The settings name a database with a question."""
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", database_url)
    with database.writing() as session:
        make.questions(session, [make.document()])
    return database


def test_a_working_installation_is_well(doctor, loaded):
    code, checks = doctor()
    assert code == 0, checks
    assert checks["question bank"]["detail"] == "1 questions"
    assert {"python", "sqlite", "sandbox", "data directory", "disk space", "secret key", "migrations"} <= set(
        checks
    )


def test_a_password_in_the_address_is_not_shown(doctor, monkeypatch):
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", "postgresql+psycopg://quizapp:hidden-word@127.0.0.1:1/quizapp")
    code, checks = doctor()
    assert code == 1
    assert not checks["database"]["ok"]
    assert "hidden-word" not in json.dumps(checks)
    assert not checks["migrations"]["ok"]


def test_nothing_is_made_where_nothing_is(doctor, tmp_path):
    code, checks = doctor()
    assert code == 1
    assert "--migrate" in checks["database"]["detail"]
    assert list((tmp_path / "data").iterdir()) == []


def test_an_empty_database_needs_migrating(doctor, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "quizapp.db").touch()
    _, checks = doctor()
    assert checks["database"]["ok"]
    assert "--migrate" in checks["migrations"]["detail"]


def test_an_empty_bank_is_found(doctor, tmp_path, sqlite_template):
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "quizapp.db")
    _, checks = doctor()
    assert checks["migrations"]["ok"]
    assert "bank load" in checks["question bank"]["detail"]


def test_a_secret_key_that_others_can_read_is_found(doctor, tmp_path):
    (tmp_path / "data").mkdir()
    key = tmp_path / "data" / "secret_key"
    key.write_text("k" * 64)
    key.chmod(0o644)
    assert "chmod 600" in doctor()[1]["secret key"]["detail"]
    key.chmod(0o600)
    assert doctor()[1]["secret key"]["ok"]


def test_a_machine_that_cannot_run_sql_is_found(doctor, monkeypatch):
    def refuse(_: object) -> execution.Outcome:
        raise Overloaded

    monkeypatch.setattr(execution, "run", refuse)
    _, checks = doctor()
    assert not checks["sandbox"]["ok"]
    assert "answers in SQL cannot be run" in str(checks["sandbox"]["detail"])


def test_a_short_secret_key_is_found_and_not_shown(doctor, monkeypatch):
    monkeypatch.setenv("QUIZAPP_SECRET_KEY", "tiny-word")
    _, checks = doctor()
    assert not checks["secret key"]["ok"]
    assert "tiny-word" not in json.dumps(checks)


def test_settings_that_cannot_be_read_end_the_examination(doctor, monkeypatch):
    monkeypatch.setenv("QUIZAPP_PORT", "door")
    code, checks = doctor()
    assert code == 1
    assert "QUIZAPP_PORT" in checks["settings"]["detail"]


def test_somebody_who_holds_the_writers_turn_is_noticed(doctor, tmp_path, sqlite_template, monkeypatch):
    monkeypatch.setenv("QUIZAPP_BUSY_TIMEOUT_SECONDS", "0.05")
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "quizapp.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.writing():
        _, checks = doctor()
    database.dispose()
    assert not checks["writer's turn"]["ok"]


def test_a_redis_that_does_not_answer_is_found(doctor, monkeypatch):
    monkeypatch.setenv("QUIZAPP_REDIS_URL", "redis://:hidden-word@127.0.0.1:1/0")
    _, checks = doctor()
    assert not checks["redis"]["ok"]
    assert "hidden-word" not in json.dumps(checks)


def test_a_full_disk_is_found(doctor, monkeypatch):
    monkeypatch.setattr("quizapp.cli.doctor.ENOUGH_MEGABYTES", 10**12)
    assert "are free" in doctor()[1]["disk space"]["detail"]
    assert not doctor()[1]["disk space"]["ok"]
