"""The operator makes accounts and changes them."""

import json
from collections.abc import Sequence

import pytest
from click.testing import CliRunner, Result

from quizapp.cli import main
from quizapp.queries import accounts as queries
from quizapp.services import accounts, sign_ins

PASSWORD = "four rusty kettles sing"


@pytest.fixture
def users(database_url, tmp_path, monkeypatch):
    """Runs `quizapp users …` on the test's database."""
    monkeypatch.setenv("QUIZAPP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", database_url)

    def run(*words: str, typed: str = "") -> Result:
        arguments: Sequence[str] = ["users", *words]
        return CliRunner().invoke(main, arguments, input=typed)

    return run


def recognised(database, name, password):
    with database.reading() as session:
        return accounts.recognise(session, name, password) is not None


def test_a_made_up_password_is_printed_alone_and_works(users, database):
    answer = users("create", "Ines", "--role", "instructor")
    assert answer.exit_code == 0
    password = answer.stdout.strip()
    assert len(password) >= 20
    assert password not in answer.stderr
    assert recognised(database, "ines", password)
    with database.reading() as session:
        assert queries.by_key(session, "ines").role == "instructor"


def test_a_given_password_is_read_from_input_and_never_printed(users, database):
    answer = users("create", "Lena", "--password-stdin", typed=PASSWORD + "\n")
    assert answer.exit_code == 0
    assert PASSWORD not in answer.output
    assert recognised(database, "Lena", PASSWORD)


def test_with_json_there_is_one_document(users):
    made = json.loads(users("create", "Lena", "--json").stdout)
    assert (made["name"], made["role"], len(made["password"]) >= 20) == ("Lena", "learner", True)
    users("create", "Ines", "--role", "admin")
    listed = json.loads(users("list", "--json").stdout)
    assert [(each["name"], each["role"]) for each in listed["users"]] == [
        ("Ines", "admin"),
        ("Lena", "learner"),
    ]
    assert "password" not in json.dumps(listed)
    assert "Lena" in users("list").stdout


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (["create", "LENA"], "", "taken"),
        (["create", "a"], "", "at least 2"),
        (["create", "deleted-3"], "", "kept for deleted"),
        (["create", "Otto", "--password-stdin"], "short\n", "at least 12"),
        (["create", "Otto", "--password-stdin"], "", "at least 12"),
        (["create", "Otto", "--password-stdin"], "otto otto likes tea\n", "name"),
        (["role", "Otto", "admin"], "", "no account named"),
        (["password", "Otto"], "", "no account named"),
        (["password", "Lena", "--password-stdin"], "password1234\n", "first passwords"),
        (["extra-time", "Otto", "2"], "", "no account named"),
    ],
)
def test_what_cannot_be_done_exits_with_1_and_says_why(users, words, typed, told):
    users("create", "Lena")
    answer = users(*words, typed=typed)
    assert answer.exit_code == 1
    assert told in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ["create"],
        ["create", "Lena", "--role", "owner"],
        ["role", "Lena"],
        ["extra-time", "Lena", "3"],
        ["no"],
    ],
)
def test_wrong_usage_exits_with_2(users, words):
    assert users(*words).exit_code == 2


def test_a_new_password_signs_out_every_device(users, database, now):
    users("create", "Lena", "--password-stdin", typed=PASSWORD + "\n")
    with database.writing() as session:
        who = sign_ins.credential(sign_ins.sign_in(session, queries.by_key(session, "lena").id, now=now))
    answer = users("password", "lena")
    assert answer.exit_code == 0
    assert recognised(database, "Lena", answer.stdout.strip())
    assert not recognised(database, "Lena", PASSWORD)
    with database.reading() as session:
        assert queries.signed_in(session, who.account_id, who.token_hash, now) is None


def test_a_role_is_changed_by_name(users, database):
    users("create", "Lena")
    assert json.loads(users("role", "LENA", "instructor", "--json").stdout)["role"] == "instructor"
    with database.reading() as session:
        assert queries.by_key(session, "lena").role == "instructor"


@pytest.mark.parametrize(
    ("factor", "percent"), [("1.25", 125), ("1.5", 150), ("2", 200), ("none", None), ("1", 100)]
)
def test_extra_time_is_granted_by_factor(users, factor, percent):
    users("create", "Lena")
    answer = users("extra-time", "Lena", factor, "--json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["time_percent"] == percent
    assert json.loads(users("list", "--json").stdout)["users"][0]["time_percent"] == percent
