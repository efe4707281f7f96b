"""`quizapp serve` as what it is to its users: processes that can be killed."""

import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

PATIENCE = 60
"""Seconds after which a test stops to wait; nothing takes so long unless it hangs."""
SECRET = "for tests alone"
ROOT = Path(__file__).parents[2]
COMMAND = ("-m", "quizapp", "serve", "--port", "0")


class Server:
    """A server on one database.  It can be started, killed and started again."""

    def __init__(
        self, url: str, folder: Path, *, command: Sequence[str] = COMMAND, **settings: str | float
    ) -> None:
        self.url = url
        self.log = folder / "server.log"
        (folder / "data").mkdir(mode=0o700, exist_ok=True)
        self._command = [sys.executable, *command]
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("QUIZAPP_")},
            "QUIZAPP_DATA_DIR": str(folder / "data"),
            "QUIZAPP_DATABASE_URL": url,
            "QUIZAPP_SECRET_KEY": SECRET,
            **{f"QUIZAPP_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self._process: subprocess.Popen[str] | None = None
        self._reader: _Reader | None = None
        self.port = 0

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._reader = _Reader(self._process.stdout, self.log)

    def wait(self) -> None:
        assert self._reader is not None
        line = self._reader.first_line()
        assert " is at http://" in line, f"the server did not start: {line}{self.said()}"
        self.port = int(line.rpartition(":")[2])

    def kill(self) -> None:
        """End all its processes at once, as a lack of memory or power would, and wait for their end."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        assert self._reader is not None
        self._reader.finish()
        self._process.wait(PATIENCE)
        self._process = None

    def pids(self) -> list[int]:
        """All its processes, as Linux lists them."""
        assert self._process is not None
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(ProcessLookupError):
                if os.getpgid(int(place.name)) == self._process.pid:
                    found.append(int(place.name))
        return found

    def said(self) -> str:
        """The end of its log, for the message of a failing test."""
        return self.log.read_text("utf-8", "replace")[-4000:] if self.log.exists() else ""

    def unexpected(self) -> list[str]:
        """What the log calls a bug."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return [line for line in lines if "unhandled" in line or line.startswith("Traceback")]


class _Reader(threading.Thread):
    """Reads what a server says to the end, which is when the last of its processes has ended."""

    def __init__(self, pipe: IO[str], log: Path) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._log = log
        self._first: queue.Queue[str] = queue.Queue()
        self.start()

    def run(self) -> None:
        with self._pipe:
            self._first.put(self._pipe.readline())
            for line in self._pipe:
                with self._log.open("a") as log:
                    log.write(line)

    def first_line(self) -> str:
        try:
            return self._first.get(timeout=PATIENCE)
        except queue.Empty:
            raise TimeoutError(f"no word from the server in {PATIENCE} seconds") from None

    def finish(self) -> None:
        self.join(PATIENCE)
        if self.is_alive():
            raise TimeoutError(f"a killed server still lived after {PATIENCE} seconds")


class Holder:
    """Another process, which holds something until it is told to let go."""

    def __init__(self, program: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        assert ready, "the holder does not answer"
        assert self._process.stdout.readline() == "held\n"

    def release(self) -> None:
        """Let go, in peace."""
        self._process.communicate("\n", timeout=PATIENCE)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=PATIENCE)


def until(moment: float, what: str) -> None:
    """Give up where `moment`, of the monotonic clock, is too long ago."""
    if time.monotonic() > moment + PATIENCE:
        raise TimeoutError(f"{what} took more than {PATIENCE} seconds")
