"""`quizapp bank` on the command line: what it prints, what it changes, and how it exits."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from quizapp.cli import environment
from quizapp.cli.environment import open_database, packed_bank
from quizapp.cli.main import main
from quizapp.db import migrations
from quizapp.db.engine import Database, DatabaseBusy
from quizapp.db.models import Question, Quiz

SET = """\
title: Joins
questions:
  - id: one
    type: true_false
    topic: databases
    stem: A cross join has no condition. True or false?
    answer: true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small bank: one set and one quiz."""
    bank = tmp_path / "bank"
    (bank / "quizzes").mkdir(parents=True)
    (bank / "joins.yaml").write_text(SET, "utf-8")
    (bank / "quizzes" / "q.yaml").write_text("id: q\ntitle: Q\nitems: [{question: one}]\n", "utf-8")
    return bank


@pytest.fixture
def here(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings name a migrated, empty database."""
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", database_url)
    return database_url


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["bank", *map(str, arguments)])


def run_json(*arguments: object, exit_code: int = 0) -> dict[str, Any]:
    """Run with `--json`: exactly one document on standard output."""
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def counted(url: str, model: type[Question] | type[Quiz]) -> int:
    database = Database(url)
    with database.reading() as session:
        count = session.scalar(select(func.count()).select_from(model))
    database.dispose()
    return count or 0


# check


def test_the_packed_bank_checks_clean() -> None:
    report = run_json("check")

    assert report["problems"] == []
    assert report["sets"] >= 10
    assert report["questions"] >= 100


def test_a_check_tells_every_problem_with_its_place_and_exits_with_1(folder: Path) -> None:
    (folder / "joins.yaml").write_text(SET.replace("answer: true", "answer: maybe"), "utf-8")

    report = run_json("check", folder, exit_code=1)

    assert {problem["where"] for problem in report["problems"]} == {
        "joins.yaml:7: questions.0.answer",
        "quizzes/q.yaml:3: items.0.question",
    }
    assert {problem["severity"] for problem in report["problems"]} == {"error"}


def test_a_check_needs_no_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", "nonsense")

    assert run("check", folder).exit_code == 1
    assert "explanation" in run("check", folder).stderr


def test_a_folder_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    for command in ("check", "load", "stats"):
        assert run(command, tmp_path / "nowhere").exit_code == 2


# load


def test_loading_fills_the_database_and_a_second_time_changes_nothing(folder: Path, here: str) -> None:
    first, second = run_json("load", folder), run_json("load", folder)

    assert first == {"new": 1, "changed": 0, "unchanged": 0, "retired": 0, "problems": []}
    assert second == {"new": 0, "changed": 0, "unchanged": 1, "retired": 0, "problems": []}
    assert (counted(here, Question), counted(here, Quiz)) == (1, 1)


def test_people_read_a_summary_on_standard_error(folder: Path, here: str) -> None:
    result = run("load", folder)

    assert result.stdout == ""
    assert result.stderr == "1 new, 0 changed, 0 unchanged, 0 retired, 0 problems\n"


def test_a_terminal_shows_how_far_the_reading_is(folder: Path, here: str) -> None:
    command = [sys.executable, "-m", "quizapp", "bank", "load", str(folder)]
    terminal, other_end = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=other_end) as process:
        os.close(other_end)
        shown = b"".join(iter(lambda: _chunk(terminal), b"")).decode()
    os.close(terminal)

    assert process.returncode == 0
    assert "Reading files" in shown
    assert "2/2" in shown
    assert "1 new" in shown


def _chunk(terminal: int) -> bytes:
    """What a terminal shows next; nothing when its program has ended."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_a_load_with_problems_loads_the_rest_and_exits_with_1(folder: Path, here: str) -> None:
    (folder / "broken.yaml").write_text("title: [", "utf-8")

    report = run_json("load", folder, exit_code=1)

    assert report["new"] == 1
    assert [problem["code"] for problem in report["problems"]] == ["yaml"]
    assert "broken.yaml:1" in run("load", folder).stderr


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, here: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(SET.replace("id: one", "id: two"), "utf-8")
    (folder / "link.yaml").symlink_to(secret)

    report = run_json("load", folder, exit_code=1)

    assert [problem["code"] for problem in report["problems"]] == ["symlink"]
    assert counted(here, Question) == 1


def test_a_file_replaced_by_a_link_keeps_its_questions(folder: Path, here: str, tmp_path: Path) -> None:
    run("load", folder)
    shutil.move(folder / "joins.yaml", tmp_path / "joins.yaml")
    (folder / "joins.yaml").symlink_to(tmp_path / "joins.yaml")

    report = run_json("load", folder, exit_code=1)

    assert (report["unchanged"], report["retired"]) == (1, 0)


def test_the_packed_bank_loads(here: str) -> None:
    report = run_json("load")

    assert report["problems"] == []
    assert report["new"] == counted(here, Question) >= 100
    assert counted(here, Quiz) == len(list((packed_bank() / "quizzes").glob("*.yaml")))


def test_the_first_load_makes_the_database(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path / "new"))
    monkeypatch.delenv("QUIZAPP_DATABASE_URL", raising=False)

    assert run_json("load", folder)["new"] == 1
    assert (tmp_path / "new" / "quizapp.db").exists()


def test_a_load_that_cannot_get_its_turn_says_so_and_changes_nothing(
    folder: Path, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise DatabaseBusy

    monkeypatch.setattr("quizapp.services.banks.load", busy)
    result = run("load", folder)

    assert result.exit_code == 1
    assert "busy" in result.stderr
    assert counted(here, Question) == 0


# environment


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("QUIZAPP_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none", "QUIZAPP_DATABASE_URL"),
        ("QUIZAPP_DATABASE_URL", "nonsense", "QUIZAPP_DATABASE_URL"),
        ("QUIZAPP_DATABASE_URL", "oldsql://there", "QUIZAPP_DATABASE_URL"),
        ("QUIZAPP_PORT", "many", "QUIZAPP_PORT"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv(name, value)
    result = run("load", folder)

    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_data_folder_that_cannot_be_made_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path / "file"))
    monkeypatch.delenv("QUIZAPP_DATABASE_URL", raising=False)
    result = run("load", folder)

    assert result.exit_code == 1
    assert "QUIZAPP_DATA_DIR" in result.stderr


def test_a_database_of_an_older_version_is_brought_up_to_date(here: str) -> None:
    with open_database() as database:
        assert migrations.is_current(database)


def test_a_database_that_fails_in_the_middle_is_told_in_a_sentence(here: str) -> None:
    def use() -> None:
        with open_database() as database, database.writing():
            raise DatabaseBusy

    with pytest.raises(click.ClickException, match="busy"):
        use()


def test_an_installed_quizapp_brings_its_own_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "quizapp" / "cli" / "environment.py"
    monkeypatch.setattr(environment, "__file__", str(module))
    assert packed_bank() == tmp_path / "question_bank"

    packed = tmp_path / "quizapp" / "_question_bank"
    packed.mkdir(parents=True)
    assert packed_bank() == packed


# schema and stats


@pytest.mark.parametrize(("option", "field"), [((), "questions"), (("--quiz",), "items")])
def test_the_schema_is_printed(option: tuple[str, ...], field: str) -> None:
    result = run("schema", *option)

    assert result.exit_code == 0
    assert field in json.loads(result.stdout)["properties"]


def test_the_statistics_have_the_documented_shape() -> None:
    found = run_json("stats")

    assert set(found) == {"questions", "by_topic", "gates"}
    topic = found["by_topic"]["databases"]
    assert set(topic) == {"questions", "subtopics", "types", "levels", "cognitive", "verified"}
    assert sum(topic["types"].values()) == sum(topic["levels"].values()) == topic["questions"]
    assert sum(each["questions"] for each in found["by_topic"].values()) == found["questions"]
    assert {tuple(gate) for gate in found["gates"]} == {("id", "value", "threshold", "baseline", "ok")}


def test_gates_of_a_small_bank_say_that_they_do_not_judge(folder: Path) -> None:
    result = run("stats", folder)

    assert "not judged, 0 questions are too few" in result.stderr


def test_a_gate_that_is_not_met_exits_with_1(folder: Path) -> None:
    found = run_json("stats", folder, exit_code=1)

    unmet = {gate["id"] for gate in found["gates"] if gate["ok"] is False}
    assert unmet == {"B22", "B23", "B24"}


def test_statistics_of_files_that_cannot_be_read_exit_with_1(folder: Path) -> None:
    (folder / "joins.yaml").write_text("title: [", "utf-8")

    result = run("stats", folder)

    assert result.exit_code == 1
    assert "joins.yaml:1" in result.stderr
