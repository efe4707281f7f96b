"""How often a password may be guessed, and other things be done."""

import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from limits.storage import MemoryStorage
from sqlalchemy import func, select

from quizapp.db.limit_storage import DatabaseStorage
from quizapp.db.models import RateLimit
from quizapp.services import rate_limits
from quizapp.services.rate_limits import Limiter, LimiterDown, TooManyTries


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
