"""A small clean process that forks a limited child for each request.

It is run by its path in an isolated interpreter and imports nothing but the standard
library.  Over its control socket it is handed one end of a connection at a time; the
child reads the request there and answers there, so children never share anything.
"""

import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

CPU_SECONDS = 1.0
"""A net only: the steps of a program are counted, but not those inside of one long function."""

WALL_SECONDS = 20.0
MEGABYTES = 192
FILES = 256
NICENESS = 10
NOTHING_MORE = b""


def main(control_number: int, most: int) -> None:
    """Serve until the other end of the control socket is closed."""
    control = socket.socket(fileno=control_number)
    _begin_clean()
    sqlite = _loaded("sqlite_child")
    sqlite.run(WARM_UP, lambda _: None)
    gc.collect()
    gc.freeze()
    Server(control, most, sqlite).serve()


WARM_UP: dict[str, Any] = {
    "task": "select",
    "tables": "CREATE TABLE t (a)",
    "data": [{"sql": "INSERT INTO t VALUES (1)"}],
    "statement": "SELECT a FROM t",
    "probes": [],
    "explained": "",
    "limits": {"steps": 1000, "rows": 10, "cell_chars": 10, "output_chars": 1000},
}


class Server:
    """Forks children, reaps them, and says of one that was killed what killed it."""

    def __init__(self, control: socket.socket, most: int, sqlite: ModuleType) -> None:
        self.control = control
        self.most = most
        self.sqlite = sqlite
        self.children: dict[int, socket.socket] = {}

    def serve(self) -> None:
        woken, wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        poll = select.poll()
        poll.register(woken, select.POLLIN)
        while True:
            room = len(self.children) < self.most
            poll.register(self.control, select.POLLIN if room else 0)
            ready = [number for number, _ in poll.poll()]
            if woken in ready:
                with suppress(BlockingIOError):
                    os.read(woken, 4096)
                self.reap()
            if self.control.fileno() in ready and not self.take():
                break
        for child in self.children:
            os.kill(child, signal.SIGKILL)

    def take(self) -> bool:
        """Begin one request; false when nobody is there to ask any more."""
        message, numbers, _, _ = socket.recv_fds(self.control, 1, 1)
        if message == NOTHING_MORE:
            return False
        for number in numbers:
            self.begin(socket.socket(fileno=number))
        return True

    def begin(self, connection: socket.socket) -> None:
        try:
            child = os.fork()
        except OSError:
            _say_what_ended(connection, 0)
            return
        if child:
            self.children[child] = connection
            return
        status = 1
        try:
            _answer(connection, self.sqlite)
            status = 0
        finally:
            os._exit(status)

    def reap(self) -> None:
        while self.children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            connection = self.children.pop(child)
            if status:
                _say_what_ended(connection, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)
            else:
                connection.close()


def _say_what_ended(connection: socket.socket, number: int) -> None:
    """The signal that ended a child that had not answered yet; 0 when it was none."""
    with connection:
        connection.setblocking(False)
        with suppress(OSError):
            connection.sendall(_frame({"killed": number}))


def _answer(connection: socket.socket, sqlite: ModuleType) -> None:
    """The child: limits first, then the request."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    number = connection.fileno()
    os.closerange(0, number)
    os.closerange(number + 1, FILES)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    _limit()

    def tell(message: dict[str, Any]) -> None:
        connection.sendall(_frame(message))

    try:
        size = int.from_bytes(exactly(connection, 4), "big")
        program = json.loads(exactly(connection, size))
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        sqlite.run(program, tell)
    except MemoryError:
        tell({"killed": int(signal.SIGABRT)})


def _limit() -> None:
    """Take from this very process what it does not need."""
    with suppress(OSError):
        os.nice(NICENESS)
    for kind, most in (
        (resource.RLIMIT_AS, MEGABYTES * 1024 * 1024),
        (resource.RLIMIT_CPU, 2),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        # Not every system knows each of them, and no one of them is the only one that holds.
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes, however they arrive.  Raises `EOFError` where there are fewer."""
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 65_536))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _frame(message: dict[str, Any]) -> bytes:
    text = json.dumps(message).encode()
    return len(text).to_bytes(4, "big") + text


def _begin_clean() -> None:
    """Forget what was inherited: masks and handlers of signals survive the start of a program."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard if hard > 0 else FILES))


def _loaded(name: str) -> ModuleType:
    """A module beside this file: an isolated interpreter looks for none there."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
