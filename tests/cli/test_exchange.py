"""`quizapp import` and `quizapp export`: the contract of their JSON, their exit codes, and what they keep."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

import make
from quizapp.cli.main import main
from quizapp.db.engine import Database
from quizapp.db.models import Question, QuestionSet

OUTCOMES = {"found", "recovered", "opaque", "dropped"}
DIAGNOSTIC = {"severity", "code", "line", "question", "message", "action"}


@pytest.fixture
def here(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings name a migrated, empty database."""
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", database_url)
    return database_url


@pytest.fixture
def teacher(here: str, database: Database) -> int:
    with database.writing() as session:
        return make.actor(session, "Ines", role="instructor").id


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def run_json(*arguments: object, exit_code: int = 0) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def a_file(folder: Path, *documents: dict[str, Any], name: str = "joins.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"title": "Joins", "questions": list(documents)}), "utf-8")
    return path


def test_a_dry_run_prints_the_contract_and_needs_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    path = a_file(tmp_path, make.document("one"))

    [told] = run_json("import", path, "--dry-run")["files"]

    assert {*told} == OUTCOMES | {"file", "format", "questions", "diagnostics"}
    assert (told["file"], told["format"]) == (str(path), "json")
    assert [told[name] for name in ("found", "recovered", "opaque", "dropped")] == [1, 1, 0, 0]
    assert told["questions"] == [make.value(id="one").document()]
    assert told["diagnostics"] == []


def test_what_does_not_come_over_whole_is_told_and_ends_with_one(tmp_path: Path) -> None:
    broken = {"id": "broken", "type": "single_choice", "stem": "No key?", "options": [{"text": "a"}]}
    path = a_file(tmp_path, make.document("one"), broken)

    [told] = run_json("import", path, "--dry-run", exit_code=1)["files"]

    assert [told[name] for name in ("found", "recovered", "opaque", "dropped")] == [2, 1, 1, 0]
    for each in told["diagnostics"]:
        assert {*each} >= DIAGNOSTIC
        assert each["line"] >= 1
        assert each["action"] in {"kept", "approximated", "dropped"}
    assert {each["question"] for each in told["diagnostics"]} == {"broken"}


def test_several_files_are_told_in_their_order(tmp_path: Path) -> None:
    first = a_file(tmp_path, make.document("one"), name="a.json")
    second = tmp_path / "b.bin"
    second.write_bytes(b"\x00\x01 nothing")

    told = run_json("import", first, second, "--dry-run", exit_code=1)["files"]

    assert [each["file"] for each in told] == [str(first), str(second)]
    assert [each["code"] for each in told[1]["diagnostics"]] == ["format"]


def test_the_only_instructor_gets_a_draft_and_the_same_file_again_changes_nothing(
    tmp_path: Path, teacher: int, database: Database
) -> None:
    path = a_file(tmp_path, make.document("one"), make.document("two", stem="Which two?"))

    [first] = run_json("import", path)["files"]
    [again] = run_json("import", path)["files"]

    assert first["set"]["new"] == 2
    assert (again["set"]["id"], again["set"]["unchanged"], again["set"]["new"]) == (first["set"]["id"], 2, 0)
    with database.reading() as session:
        row = session.scalars(select(QuestionSet)).one()
        assert (row.owner_id, row.status, row.title) == (teacher, "draft", "Joins")
        assert session.scalar(select(func.max(Question.revision))) == 1


def test_without_one_clear_owner_nothing_is_kept(tmp_path: Path, teacher: int, database: Database) -> None:
    with database.writing() as session:
        make.actor(session, "Igor", role="instructor")
    path = a_file(tmp_path, make.document("one"))

    assert run("import", path).exit_code == 2
    assert run("import", path, "--owner", "Nobody").exit_code == 2
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(QuestionSet)) == 0
    assert run("import", path, "--owner", "igor").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [["import"], ["import", "/nowhere.gift"], ["export", "x"], ["import", "--format", "x", "y"]]
)
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_set_is_exported_by_its_number_and_its_title(tmp_path: Path, teacher: int) -> None:
    path = a_file(tmp_path, make.document("one"))
    [told] = run_json("import", path)["files"]
    by_number, by_title = tmp_path / "number.json", tmp_path / "title.json"

    one = run_json("export", told["set"]["id"], "--format", "json", "--output", by_number)
    run_json("export", "Joins", "--format", "json", "--output", by_title)

    assert one == {"written": 1, "limits": []}
    assert by_number.read_bytes() == by_title.read_bytes()
    [back] = run_json("import", by_number, "--dry-run")["files"]
    assert back["questions"] == told["questions"]


def test_an_unknown_set_is_wrong_usage(tmp_path: Path, teacher: int) -> None:
    assert run("export", "Nothing", "--output", tmp_path / "x.yaml").exit_code == 2
    assert not (tmp_path / "x.yaml").exists()
