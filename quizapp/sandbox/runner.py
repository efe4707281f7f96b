"""Runs programs of answers in children of a fork server, and remembers what came of them."""

import atexit
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import OrderedDict, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event, Lock
from typing import Any

from quizapp.domain import execution
from quizapp.domain.errors import Overloaded
from quizapp.domain.execution import Cell, Failure, Outcome, Program, Run, Table, Trouble
from quizapp.sandbox.fork_server import exactly

MOST_CHILDREN = min(max(os.cpu_count() or 1, 2), 8)
"""At once, for each process of a server: endless answers must not take the processors from the others."""

WAIT_SECONDS = 5.0
"""How long somebody waits for a child to become free."""

ANSWER_SECONDS = 25.0
"""More than the server lets a child live."""

KEPT_OUTCOMES, KEPT_BYTES = 2_000, 32 * 1024 * 1024
LONGEST_FRAME = 16 * 1024 * 1024
SERVER = Path(__file__).with_name("fork_server.py")

TOO_LONG = Failure(Trouble.TIME, "it takes too long")
TOO_LARGE = Failure(Trouble.MEMORY, "it needs too much memory")
KILLED: dict[int, Failure] = {
    signal.SIGPROF: TOO_LONG,
    signal.SIGXCPU: TOO_LONG,
    signal.SIGABRT: TOO_LARGE,
    signal.SIGSEGV: TOO_LARGE,
}
"""Ends that a program brought on itself; every other end is no fault of it."""

log = logging.getLogger(__name__)


class ServerIsGone(Exception):
    """Nobody took the request, or its child vanished."""


class ForkServer:
    """The one helper process of this process; started when it is first needed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def connection(self) -> tuple[socket.socket, int]:
        """A line to a fresh child, and the number of the server that made it."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            for again in (True, False):
                if self._control is None or self._process is None or self._process.poll() is not None:
                    self._start()
                assert self._control is not None
                assert self._process is not None
                try:
                    socket.send_fds(self._control, [b"+"], [theirs.fileno()])
                    return ours, self._process.pid
                except OSError as error:
                    self._end()
                    if not again:
                        ours.close()
                        raise ServerIsGone from error
        raise AssertionError("unreachable")

    def stop(self, number: int | None = None) -> None:
        """End the server, or only the one with a number; the next request starts another."""
        with self._lock:
            if number in (None, self.number):
                self._end()

    def forget(self) -> None:
        """In a forked process: the server belongs to the other one, and so do its locks."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.returncode = 0  # or its end would be waited for here
        self._lock = Lock()
        self._control = self._process = None

    @property
    def number(self) -> int | None:
        """The process's number, while there is one."""
        return self._process.pid if self._process else None

    def _start(self) -> None:
        self._end()
        self._control, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603  # our own file, and numbers
                [sys.executable, "-I", "-S", "-B", str(SERVER), str(number), str(MOST_CHILDREN)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                pass_fds=[number],
                # Not a session of its own: where those share the processor, being nice inside one is no use.
                process_group=0,
            )

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                # Its control socket is closed, which it takes for the end.
                self._process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


class Memory:
    """Outcomes by their programs; the ones that were not asked for longest are forgotten."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Program, tuple[Outcome, int]] = OrderedDict()
        self._bytes = 0

    def get(self, program: Program) -> Outcome | None:
        with self._lock:
            if program not in self._kept:
                return None
            self._kept.move_to_end(program)
            return self._kept[program][0]

    def keep(self, program: Program, outcome: Outcome, size: int) -> None:
        with self._lock:
            if program in self._kept or size > KEPT_BYTES // 4:
                return
            self._kept[program] = outcome, size
            self._bytes += size
            while len(self._kept) > KEPT_OUTCOMES or self._bytes > KEPT_BYTES:
                _, (_, freed) = self._kept.popitem(last=False)
                self._bytes -= freed

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0


class Turns:
    """So many at once, the others in the order in which they came; a plain semaphore lets some starve."""

    def __init__(self, free: int) -> None:
        self._lock = Lock()
        self._free = free
        self._waiting: deque[Event] = deque()

    def acquire(self, timeout: float) -> bool:
        called = Event()
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            self._waiting.append(called)
        if called.wait(timeout):
            return True
        with self._lock:
            if called in self._waiting:
                self._waiting.remove(called)
                return False
        return True  # called at the last moment

    def release(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class SandboxRunner:
    """Asks the memory, then a child; a few children at once, and nobody waits for ever."""

    def __init__(self) -> None:
        self.server = ForkServer()
        self.memory = Memory()
        self._turns = Turns(MOST_CHILDREN)

    def __call__(self, program: Program) -> Outcome:
        known = self.memory.get(program)
        if known is not None:
            return known
        if not self._turns.acquire(timeout=WAIT_SECONDS):
            raise Overloaded
        try:
            outcome, size = self._in_a_child(program)
        finally:
            self._turns.release()
        self.memory.keep(program, outcome, size)
        return outcome

    def after_fork(self) -> None:
        """In a forked process: start anew, but keep what is known."""
        self.server.forget()
        self.memory = Memory()
        self._turns = Turns(MOST_CHILDREN)

    def _in_a_child(self, program: Program) -> tuple[Outcome, int]:
        request = json.dumps(asdict(program)).encode()
        for _ in range(2):
            try:
                return self._asked(request, len(program.data))
            except ServerIsGone:
                # A server that was killed is replaced once; a second death has another cause.
                continue
        log.warning("no answer from the sandbox")
        raise Overloaded

    def _asked(self, request: bytes, wanted: int) -> tuple[Outcome, int]:
        runs: list[Run] = []
        size = len(request)
        connection, server = self.server.connection()
        with connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.sendall(len(request).to_bytes(4, "big") + request)
                while len(runs) < wanted:
                    text = _frame(connection)
                    size += len(text)
                    message = json.loads(text)
                    if "killed" in message:
                        failure = _killed_by(message["killed"])
                        runs += [Run(failure=failure)] * (wanted - len(runs))
                    else:
                        runs.append(_run(message))
            except TimeoutError:
                raise Overloaded from None
            except (OSError, EOFError, ValueError) as error:
                # A server that lives says what ended a child; this one is dead, or as good as that.
                self.server.stop(server)
                raise ServerIsGone from error
        return Outcome(tuple(runs)), 2 * size


def _killed_by(number: int) -> Failure:
    failure = KILLED.get(number)
    if failure is None:
        log.warning("a child of the sandbox was ended by signal %s (0: by none)", number)
        raise Overloaded
    return failure


def _frame(connection: socket.socket) -> bytes:
    size = int.from_bytes(exactly(connection, 4), "big")
    if size > LONGEST_FRAME:
        raise ValueError("a frame is too long")
    return exactly(connection, size)


def _run(message: Mapping[str, Any]) -> Run:
    if "failure" in message:
        told = message["failure"]
        return Run(failure=Failure(Trouble(told["kind"]), told["message"]))
    return Run(tuple(_table(table) for table in message["tables"]), tuple(message["plan"]))


def _table(told: Mapping[str, Any]) -> Table:
    rows = tuple(tuple(_cell(cell) for cell in row) for row in told["rows"])
    return Table(told["title"], tuple(told["columns"]), rows, told.get("refused", False))


def _cell(value: Any) -> Cell:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


_runner = SandboxRunner()


def install() -> None:
    """Let the domain run its programs here.  Nothing is started before the first of them."""
    execution.install(_runner)


def running() -> SandboxRunner:
    """The runner of this process."""
    return _runner


def _at_exit() -> None:
    with suppress(Exception):
        _runner.server.stop()


os.register_at_fork(after_in_child=_runner.after_fork)
atexit.register(_at_exit)
