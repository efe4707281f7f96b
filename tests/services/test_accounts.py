"""Accounts from registering to being forgotten, and how often a password may be guessed."""

import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from argon2 import PasswordHasher
from limits.storage import MemoryStorage
from sqlalchemy import func, select

import make
from quizapp.db.limit_storage import DatabaseStorage
from quizapp.db.models import Account, Attempt, RateLimit, SignIn, Step
from quizapp.domain.errors import NotFound, Refused
from quizapp.domain.permissions import Actor, Role
from quizapp.queries import accounts as queries
from quizapp.services import accounts, answering, finishing, passwords, personal_data, rate_limits, sign_ins
from quizapp.services.accounts import Preferences
from quizapp.services.rate_limits import Limiter, LimiterDown, TooManyTries

PASSWORD = "four rusty kettles sing"
OTHER = "seven patient otters row"


def registered(session, name="Lena", password=PASSWORD, now=make.NOW):
    return accounts.register(session, accounts.applicant(name, password), now=now)


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
    who = accounts.recognise(session, "Lena", PASSWORD)
    assert accounts.admit(session, who, now=now) is not None
    assert "m=19456,t=2,p=1" in account.password_hash
    assert accounts.recognise(session, "Lena", PASSWORD).fresh_hash is None


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
    seen = accounts.recognise(session, "Lena", PASSWORD)
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
    who = accounts.confirm(session, account.id, PASSWORD)
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
    accounts.delete(session, accounts.confirm(session, account.id, PASSWORD), now=now)
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
    accounts.delete(session, accounts.confirm(session, account.id, PASSWORD), now=now)
    finishing.settle(session, actor.id, now=now + timedelta(days=1))
    assert session.get(Attempt, (actor.id, attempt)).state == "finished"


def test_roles_and_passwords_are_set_by_name(session):
    registered(session)
    assert accounts.set_role(session, "LENA", Role.ADMIN).role == "admin"
    for name in ("Otto", "<b>"):
        with pytest.raises(NotFound, match="no account"):
            accounts.set_role(session, name, Role.ADMIN)


# The copy of one's data


def test_the_copy_holds_what_was_done_and_keeps_back_what_is_not_released(session, now):
    documents = [make.document(), make.document()]
    actor, attempt = make.running(session, None, documents)
    answering.save_answer(session, actor.id, attempt, 1, make.right(documents[0]), number=1, now=now)
    open_one = personal_data.export(session, actor, now=now)["attempts"][0]
    assert (open_one["state"], open_one["score"]) == ("open", None)
    assert [slot["question"] for slot in open_one["slots"]] == [each["id"] for each in documents]
    (step,) = open_one["slots"][0]["steps"]
    assert step["submission"] == make.right(documents[0])
    assert (step["verdict"], step["credit"], step["bucket"]) == (None, None, None)


def test_the_copy_shows_verdicts_from_the_release_on(session, now):
    documents = [make.document()]
    actor, attempt = make.running(session, None, documents)
    answering.save_answer(session, actor.id, attempt, 1, make.right(documents[0]), number=1, now=now)
    row = finishing.submit(session, actor.id, attempt, now=now)
    row.release_at = now + timedelta(hours=1)
    session.flush()
    before = personal_data.export(session, actor, now=now)["attempts"][0]
    assert before["score"] is None
    assert [step["kind"] for step in before["slots"][0]["steps"]] == ["save"]
    after = personal_data.export(session, actor, now=row.release_at)["attempts"][0]
    assert Decimal(after["score"]) == 1
    grade = after["slots"][0]["steps"][-1]
    assert (grade["kind"], grade["verdict"], Decimal(grade["credit"])) == ("grade", "right", 1)


def test_the_copy_is_about_one_person_only(session, now):
    documents = [make.document()]
    other, attempt = make.running(session, None, documents)
    answering.save_answer(session, other.id, attempt, 1, make.right(documents[0]), number=1, now=now)
    lena = registered(session)
    sign_ins.sign_in(session, lena.id, now=now)
    copy = personal_data.export(session, Actor(lena.id, Role.LEARNER), now=now)
    assert copy["account"]["name"] == "Lena"
    assert len(copy["sign_ins"]) == 1
    assert [copy[name] for name in ("attempts", "tallies", "encounters", "question_sets", "quizzes")] == [
        []
    ] * 5
    assert "password_hash" not in str(copy)
    assert session.scalar(select(func.count()).select_from(Step)) == 1
    with pytest.raises(NotFound):
        personal_data.export(session, Actor(4711, Role.LEARNER), now=now)


# Guessing


class Time:
    def __init__(self):
        self.at = make.NOW

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Time()


@pytest.fixture
def limiter(database, clock):
    return rate_limits.limiter(database, "", clock)


def guess(limiter, name="lena", address="192.0.2.1", *, right=False):
    """What one guess led to: `in`, `wrong`, or the seconds to wait."""
    try:
        return "in" if limiter.guarded(name, address, lambda: True if right else None) else "wrong"
    except TooManyTries as refusal:
        return refusal.seconds


def test_after_eight_wrong_passwords_even_the_right_one_waits(limiter, clock):
    assert [guess(limiter) for _ in range(8)] == ["wrong"] * 8
    assert guess(limiter) == 900
    clock.at += timedelta(minutes=14)
    assert guess(limiter, right=True) == 60
    clock.at += timedelta(minutes=1)
    assert guess(limiter, right=True) == "in"


def test_right_passwords_are_never_counted(limiter, database):
    assert [guess(limiter, right=True) for _ in range(50)] == ["in"] * 50
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RateLimit)) == 0


def test_an_address_has_forty_wrong_passwords_whatever_the_names(limiter):
    tries = [guess(limiter, f"name {number}") for number in range(41)]
    assert tries == ["wrong"] * 40 + [900]
    assert guess(limiter, "somebody else", right=True) == 900
    assert guess(limiter, "somebody else", "192.0.2.2", right=True) == "in"


def test_a_swarm_of_addresses_gets_one_guess_each_and_the_owner_still_gets_in(limiter):
    for host in range(30):
        assert guess(limiter, address=f"198.51.100.{host}") == "wrong"
    assert guess(limiter, address="198.51.100.1") == 900
    assert guess(limiter, address="203.0.113.5") == "wrong"
    assert guess(limiter, address="203.0.113.5") == 900
    assert guess(limiter, address="203.0.113.6", right=True) == "in"
    assert guess(limiter, "otto", address="198.51.100.1") == "wrong"


def test_thirty_guesses_sent_at_once_are_answered_eight_times(limiter):
    with ThreadPoolExecutor(10) as people:
        tries = list(people.map(lambda _: guess(limiter), range(30)))
    assert tries.count("wrong") == 8


def test_a_right_password_behind_eight_wrong_ones_that_were_sent_with_it_waits(limiter):
    def slow_check():
        for _ in range(8):
            guess(limiter)
        return True

    with pytest.raises(TooManyTries):
        limiter.guarded("lena", "192.0.2.1", slow_check)


def test_counting_at_once_loses_nothing(database, clock):
    storage = DatabaseStorage(database, clock)
    with ThreadPoolExecutor(8) as people:
        counts = list(people.map(lambda _: storage.incr("key", 60), range(40)))
    assert sorted(counts) == list(range(1, 41))


def test_a_window_begins_anew_when_it_is_over_and_old_ones_are_swept(database, clock):
    storage = DatabaseStorage(database, clock)
    assert [storage.incr("key", 60), storage.incr("key", 60, amount=2)] == [1, 3]
    assert storage.get_expiry("key") == clock.at.timestamp() + 60
    clock.at += timedelta(seconds=60)
    assert storage.get("key") == 0
    assert storage.incr("key", 60) == 1
    clock.at += timedelta(days=1)
    fresh = DatabaseStorage(database, clock)
    fresh.incr("other", 60)
    with database.reading() as session:
        assert session.scalars(select(RateLimit.key)).all() == ["other"]
    fresh.clear("other")
    assert (fresh.get("other"), fresh.reset(), fresh.check()) == (0, 0, True)


def test_rates_are_counted_by_purpose_and_key(limiter):
    for _ in range(3):
        limiter.hit("start", "17", "3 per minute")
    with pytest.raises(TooManyTries):
        limiter.hit("start", "17", "3 per minute")
    limiter.hit("start", "18", "3 per minute")
    limiter.hit("export", "17", "3 per minute")


def test_no_name_and_no_address_is_kept_with_the_counts(limiter, database):
    guess(limiter, "lena", "192.0.2.1")
    with database.reading() as session:
        kept = " ".join(session.scalars(select(RateLimit.key)))
    assert kept
    assert "lena" not in kept
    assert "192.0.2.1" not in kept


def test_without_its_table_the_limiter_is_down(database, limiter):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE rate_limit RENAME TO gone")
    try:
        with pytest.raises(LimiterDown):
            guess(limiter, right=True)
        with pytest.raises(LimiterDown):
            limiter.hit("start", "17", "3 per minute")
    finally:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO rate_limit")


def test_an_unreachable_redis_is_a_limiter_that_is_down(database, clock):
    limiter = rate_limits.limiter(database, "redis://127.0.0.1:1/0", clock)
    with pytest.raises(LimiterDown):
        guess(limiter, right=True)


def test_the_rules_hold_in_redis_as_well(database, clock, tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server")
    socket = tmp_path / "redis.sock"
    command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            assert server.poll() is None
            time.sleep(0.01)
        limiter = rate_limits.limiter(database, f"redis+unix://{socket}", clock)
        assert [guess(limiter) for _ in range(8)] == ["wrong"] * 8
        assert 890 <= guess(limiter, right=True) <= 900
        assert guess(limiter, address="192.0.2.9", right=True) == "in"
    finally:
        server.terminate()
        server.wait()


def test_the_rules_do_not_care_for_the_storage():
    limiter = Limiter(MemoryStorage(), time.time)
    assert [guess(limiter) for _ in range(8)] == ["wrong"] * 8
    assert guess(limiter, right=True) > 0


def test_accounts_are_listed_by_name_without_the_deleted(session, now):
    for name in ("otto", "Lena", "Ines"):
        registered(session, name)
    accounts.delete(session, accounts.recognise(session, "Ines", PASSWORD), now=now)
    session.flush()
    assert [each.name for each in queries.everybody(session)] == ["Lena", "otto"]
    assert session.scalar(select(func.count()).select_from(Account)) == 3
