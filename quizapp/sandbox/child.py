"""A function of ours in a child process with limits, so that hostile data costs a child and no server.

The parent is usually a server with threads, so nothing is done between fork and
exec: the child limits itself before it reads a byte of the payload.  This file is
run by its path, because an isolated interpreter knows no checkout; it must
therefore import nothing but the standard library at its top.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Event, Thread, Timer

ROOT = Path(__file__).resolve().parents[2]
"""Where `quizapp` is found: the checkout, or the folder that a wheel was installed into."""

WALL_SECONDS = 5
"""What a child may take beyond its time on the processor, on a busy machine."""

FILES = 64
TOLD, MOST_TOLD = "told: ", 500
"""What a line that was meant for the parent begins with, and how long it may be."""
MEGABYTE = 1024 * 1024
FAILED, NO_MEMORY = 1, 3
ENDED_BY_LIMIT = frozenset({signal.SIGXCPU, signal.SIGKILL, signal.SIGABRT})
"""Signals that end a child at a limit; native code aborts when it gets no memory."""


class LimitReached(Exception):
    """The work needed more time, memory or output than it may have."""


class ChildFailed(Exception):
    """The function itself broke; the message ends with its traceback."""


def run_limited(
    target: str,
    payload: bytes,
    *,
    seconds: int,
    megabytes: int,
    told: Callable[[str], None] | None = None,
) -> bytes:
    """Run `module:function`, which maps bytes to bytes, in a fresh process.

    The child has `seconds` on the processor, `megabytes` of memory and as much for
    its result, no environment, and cannot write files.  `told` gets each line that the
    child says with `tell`, from a thread of its own.  Raises `LimitReached` and `ChildFailed`.
    """
    command = [sys.executable, "-I", "-B", "-X", "utf8", __file__, target, str(seconds), str(megabytes)]
    with tempfile.TemporaryFile() as source:
        source.write(payload)
        source.seek(0)
        child = subprocess.Popen(  # noqa: S603  # our own file, with the target that our own code names
            command,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if told else subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )
        listener = _listening(child, told) if told else None
        result, in_time = _awaited(child, seconds + WALL_SECONDS, megabytes * MEGABYTE)
        if listener is not None:
            listener.join()
    if not in_time or len(result) > megabytes * MEGABYTE:
        raise LimitReached
    if child.returncode == NO_MEMORY or -child.returncode in ENDED_BY_LIMIT:
        raise LimitReached
    if child.returncode:
        raise ChildFailed(f"{target} ended with {child.returncode}\n{result.decode('utf-8', 'replace')}")
    return result


def _awaited(child: subprocess.Popen[bytes], seconds: float, most: int) -> tuple[bytes, bool]:
    """The child's output and whether it ended in time.  Afterwards nothing of it is alive.

    The child is only reaped at the end: until then its number cannot belong to another process.
    """
    too_late = Event()

    def end() -> None:
        too_late.set()
        _kill_group(child.pid)

    timer = Timer(seconds, end)
    timer.start()
    assert child.stdout is not None  # it was asked for
    try:
        result = child.stdout.read(most + 1)
        if len(result) <= most:
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    finally:
        timer.cancel()
        timer.join()
        _kill_group(child.pid)
        child.stdout.close()
        child.wait()
    return result, not too_late.is_set()


def tell(line: str) -> None:
    """In a child: say how far it is, for whoever listens."""
    sys.stderr.write(f"{TOLD}{line}\n")
    sys.stderr.flush()


def _listening(child: subprocess.Popen[bytes], told: Callable[[str], None]) -> Thread:
    """Passes on what a child tells until it ends; whatever else it writes is nobody's business."""
    source = child.stderr
    assert source is not None  # it was asked for

    def listen() -> None:
        with source:
            while line := source.readline(MOST_TOLD):
                text = line.decode("utf-8", "replace").rstrip()
                if text.startswith(TOLD):
                    told(text.removeprefix(TOLD))

    listener = Thread(target=listen, daemon=True)
    listener.start()
    return listener


def _kill_group(number: int) -> None:
    # Where only the ended child is left of its group, some systems refuse the signal.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(number, signal.SIGKILL)


def _limit(seconds: int, megabytes: int) -> None:
    """Limit this very process, and what it may start."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, megabytes * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(target: str, seconds: str, megabytes: str) -> int:
    _limit(int(seconds), int(megabytes))
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the function prints is not its result
    try:
        result, status = _function(target)(sys.stdin.buffer.read()), 0
    except MemoryError:
        return NO_MEMORY
    except Exception:
        # The parent gets the reason as text: it is all that is left of this process.
        result, status = traceback.format_exc()[-4000:].encode("utf-8", "replace"), FAILED
    answer.write(result)
    answer.flush()
    return status


def _function(target: str) -> Callable[[bytes], bytes]:
    module, name = target.split(":")
    function: Callable[[bytes], bytes] = getattr(import_module(module), name)
    return function


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
