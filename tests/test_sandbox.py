"""Functions in a child process: what they may use, and what is left when they use more."""

import os
import time
from pathlib import Path

import pytest

from quizapp.sandbox import child
from quizapp.sandbox.child import ChildFailed, LimitReached, run_limited

FUNCTIONS = """
import json, os, subprocess, sys, time

def echo(data): print("noise"); return data[::-1]
def environment(data): return json.dumps(dict(os.environ)).encode()
def spin(data):
    while True: pass
def hoard(data): return b"x" * 10**9
def chatter(data): return b"x" * (70 * 1024 * 1024)
def sleep(data): time.sleep(60)
def raise_it(data): raise ValueError("the reason")
def write(data):
    with open(data.decode(), "wb") as file: file.write(b"here")
def leave_a_child(data):
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
    return str(left.pid).encode()
def quizapp_is_there(data):
    import quizapp
    return quizapp.__version__.encode()
"""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of odd functions that a child can import."""
    (tmp_path / "odd.py").write_text(FUNCTIONS)
    here = tmp_path / "a" / "b" / "child.py"
    here.parent.mkdir(parents=True)
    here.write_text(Path(child.__file__).read_text())
    monkeypatch.setattr(child, "__file__", str(here))
    return "odd"


def run(target: str, data: bytes = b"", *, seconds: int = 5, megabytes: int = 64) -> bytes:
    return run_limited(target, data, seconds=seconds, megabytes=megabytes)


def test_bytes_go_in_and_come_back_and_what_is_printed_is_not_among_them(odd: str) -> None:
    assert run(f"{odd}:echo", b"abc") == b"cba"


def test_the_program_is_found_from_its_own_folder_without_any_search_path() -> None:
    answer = run("quizapp.services.uploads:judge_payload", b'"empty.yaml"\n', megabytes=512)
    assert b"should be a mapping" in answer


def test_a_child_knows_no_secret_of_the_server(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZAPP_SECRET_KEY", "the key")
    assert b"the key" not in run(f"{odd}:environment")


def test_time_on_the_processor_is_limited(odd: str) -> None:
    with pytest.raises(LimitReached):
        run(f"{odd}:spin", seconds=1)


def test_memory_is_limited(odd: str) -> None:
    with pytest.raises(LimitReached):
        run(f"{odd}:hoard")


def test_a_result_larger_than_the_memory_is_refused(odd: str) -> None:
    with pytest.raises(LimitReached):
        run(f"{odd}:chatter", megabytes=60)


def test_waiting_is_limited_too(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "WALL_SECONDS", 0)
    with pytest.raises(LimitReached):
        run(f"{odd}:sleep", seconds=1)


def test_files_cannot_be_written(odd: str, tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="File too large"):
        run(f"{odd}:write", str(tmp_path / "out").encode())
    assert (tmp_path / "out").read_bytes() == b""


def test_an_error_of_the_function_is_told_with_its_reason(odd: str) -> None:
    with pytest.raises(ChildFailed, match="the reason"):
        run(f"{odd}:raise_it")


def test_what_a_child_started_ends_with_it(odd: str) -> None:
    number = int(run(f"{odd}:leave_a_child"))
    give_up = time.monotonic() + 10
    while _is_alive(number) and time.monotonic() < give_up:
        time.sleep(0.01)
    assert not _is_alive(number)


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{number}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
