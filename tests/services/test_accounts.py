"""Accounts, from registering to being forgotten."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

import make
from quizapp.db.models import Account, Attempt, SignIn
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.permissions import Actor, Role
from quizapp.queries import accounts as queries
from quizapp.services import accounts, finishing, passwords, sign_ins
from quizapp.services.accounts import Preferences

PASSWORD = "four rusty kettles sing"
OTHER = "seven patient otters row"


def registered(session, name="Lena", password=PASSWORD, now=make.NOW):
    return accounts.register(session, accounts.applicant(name, password), now=now)


def known(found):
    """What was found, which must be something."""
    assert found is not None
    return found


def test_a_new_account_is_a_learner_whose_password_is_not_readable(session, now):
    account = registered(session, "  Lena  Meier ", now=now)
    assert (account.name, account.name_key, account.role) == ("Lena Meier", "lena meier", "learner")
    assert PASSWORD not in account.password_hash
    assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_name_differing_in_case_only_is_taken(session):
    registered(session, "Straße")
    with pytest.raises(Refused, match="taken") as refusal:
        registered(session, "STRASSE")
    assert refusal.value.field == "name"
    assert len(queries.everybody(session)) == 1


def test_ten_people_who_want_one_name_at_once_make_one_account(database, now):
    applicant = accounts.applicant("Lena", PASSWORD)

    def register(_):
        with database.writing() as session:
            try:
                return accounts.register(session, applicant, now=now).id
            except Refused:
                return None

    with ThreadPoolExecutor(10) as people:
        made = list(people.map(register, range(10)))
    assert len([each for each in made if each]) == 1


def test_the_right_password_is_recognised_and_nothing_else(session):
    account = registered(session)
    found = accounts.recognise(session, " LENA ", PASSWORD)
    assert found is not None
    assert found.account_id == account.id
    wrong = ["", PASSWORD + " ", PASSWORD[:-1], PASSWORD.upper(), "x" * 5_000_000]
    assert [accounts.recognise(session, "Lena", each) for each in wrong] == [None] * len(wrong)
    for name in ("Otto", "", "\x00", "a\udc80", "x" * 1_000_000):
        assert accounts.recognise(session, name, PASSWORD) is None


def test_all_256_characters_of_a_password_count(session):
    long = "".join(chr(0x4E00 + 37 * number) for number in range(256))
    registered(session, password=long)
    assert accounts.recognise(session, "Lena", long) is not None
    assert accounts.recognise(session, "Lena", long[:-1] + "x") is None
    assert accounts.recognise(session, "Lena", long + "x") is None


def test_a_password_is_the_same_from_every_keyboard(session):
    registered(session, password="sieben mu\u0308de Kessel")
    assert accounts.recognise(session, "Lena", "sieben m\u00fcde Kessel") is not None


def test_unknown_names_cost_a_hash_like_known_ones(session, monkeypatch):
    registered(session)
    verified = []
    verify = PasswordHasher.verify

    def counted(self, kept, password):
        verified.append(kept)
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in ("Lena", "Nobody", "not a name!"):
        accounts.recognise(session, name, "wrong wrong wrong")
    assert len(verified) == 3
    assert verified[1:] == [passwords.NOBODY] * 2
    assert not passwords.is_outdated(passwords.NOBODY)


def test_an_account_without_a_usable_hash_cannot_be_signed_in_to(session):
    make.account(session, "Demo")
    account = registered(session)
    account.password_hash = "$argon2id$broken"
    session.flush()
    assert accounts.recognise(session, "Demo", "!") is None
    assert accounts.recognise(session, "Demo", "") is None
    assert accounts.recognise(session, "Lena", PASSWORD) is None


def test_an_old_hash_is_renewed_at_the_next_sign_in(session, now):
    account = registered(session)
    account.password_hash = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    session.flush()
    who = known(accounts.recognise(session, "Lena", PASSWORD))
    assert accounts.admit(session, who, now=now) is not None
    assert "m=19456,t=2,p=1" in account.password_hash
    assert known(accounts.recognise(session, "Lena", PASSWORD)).fresh_hash is None


def test_one_hash_at_a_time(monkeypatch):
    running, most = 0, 0
    count = threading.Lock()

    class Slow:
        def hash(self, password):
            nonlocal running, most
            with count:
                running += 1
                most = max(most, running)
            time.sleep(0.005)
            with count:
                running -= 1
            return "hash"

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    with ThreadPoolExecutor(8) as people:
        assert list(people.map(passwords.hashed, ["x"] * 8)) == ["hash"] * 8
    assert most == 1


def test_a_sign_in_with_a_password_changed_meanwhile_fails(session, now):
    account = registered(session)
    seen = known(accounts.recognise(session, "Lena", PASSWORD))
    accounts.set_password(session, "Lena", accounts.new_hash("Lena", OTHER))
    assert accounts.admit(session, seen, now=now) is None
    with pytest.raises(Refused, match="meanwhile"):
        accounts.delete(session, seen, now=now)
    with pytest.raises(Refused, match="meanwhile"):
        accounts.change_password(session, seen, "hash", keep=None)
    assert account.deleted_at is None


def test_a_new_password_ends_every_sign_in_but_this_one(session, now):
    account = registered(session)
    cookies = [sign_ins.sign_in(session, account.id, now=now) for _ in range(3)]
    kept = [sign_ins.credential(cookie) for cookie in cookies]
    who = known(accounts.confirm(session, account.id, PASSWORD))
    accounts.change_password(session, who, accounts.new_hash("Lena", OTHER), keep=kept[1])
    alive = [queries.signed_in(session, each.account_id, each.token_hash, now) for each in kept]
    assert [each is not None for each in alive] == [False, True, False]
    assert accounts.recognise(session, "Lena", PASSWORD) is None
    assert accounts.recognise(session, "Lena", OTHER) is not None


def test_preferences_leave_alone_what_others_keep_there(session):
    account = registered(session)
    account.preferences = {"last_topic": "databases"}
    session.flush()
    accounts.change_preferences(session, account.id, Preferences("dark", shortcuts=False, hide_timer=True))
    accounts.change_theme(session, account.id, "light")
    session.flush()
    session.expire_all()
    assert account.preferences == {
        "last_topic": "databases",
        "theme": "light",
        "shortcuts": False,
        "hide_timer": True,
    }
    with pytest.raises(NotFound):
        accounts.change_theme(session, 4711, "dark")


def test_a_deleted_account_names_nobody_and_its_answers_stay(session, now):
    account = registered(session)
    account.time_percent, account.role = 150, "instructor"
    actor, attempt = make.running(session, Actor(account.id, Role.INSTRUCTOR))
    sign_ins.sign_in(session, account.id, now=now)
    accounts.delete(session, known(accounts.confirm(session, account.id, PASSWORD)), now=now)
    session.flush()
    session.expire_all()
    assert (account.name, account.name_key) == ("deleted", f"deleted-{account.id}")
    assert (account.password_hash, account.preferences, account.role) == ("", {}, "learner")
    assert (account.time_percent, account.deleted_at) == (100, now)
    assert session.scalars(select(SignIn)).all() == []
    assert session.get(Attempt, (actor.id, attempt)).state == "open"
    assert accounts.recognise(session, "Lena", PASSWORD) is None
    assert accounts.recognise(session, f"deleted-{account.id}", "") is None
    assert accounts.confirm(session, account.id, PASSWORD) is None
    assert queries.everybody(session) == []
    assert registered(session).id != account.id


def test_the_attempt_of_a_deleted_account_ends_by_itself(session, now):
    account = registered(session)
    actor, attempt = make.running(session, Actor(account.id, Role.LEARNER))
    accounts.delete(session, known(accounts.confirm(session, account.id, PASSWORD)), now=now)
    finishing.settle(session, actor.id, now=now + timedelta(days=1))
    assert session.get(Attempt, (actor.id, attempt)).state == "finished"


def test_roles_and_passwords_are_set_by_name(session):
    registered(session)
    assert accounts.set_role(session, "LENA", Role.ADMIN).role == "admin"
    for name in ("Otto", "<b>"):
        with pytest.raises(NotFound, match="no account"):
            accounts.set_role(session, name, Role.ADMIN)


def test_accounts_are_listed_by_name_without_the_deleted(session, now):
    for name in ("otto", "Lena", "Ines"):
        registered(session, name)
    accounts.delete(session, known(accounts.recognise(session, "Ines", PASSWORD)), now=now)
    session.flush()
    assert [each.name for each in queries.everybody(session)] == ["Lena", "otto"]
    assert session.scalar(select(func.count()).select_from(Account)) == 3
