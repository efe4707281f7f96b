"""`quizapp serve` as what it is to its users: processes that can be killed."""

import os
import select
import signal
import subprocess
import sys
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

    def wait(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        line = _line(self._process.stdout)
        assert " is at http://" in line, f"the server did not start: {line}{self.said()}"
        self.port = int(line.rpartition(":")[2])

    def kill(self) -> None:
        """End all its processes at once, as a lack of memory or power would, and wait for their end."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        assert self._process.stdout is not None
        # The pipe ends when the last process that could write to it has ended.
        while _line(self._process.stdout):
            pass
        self._process.stdout.close()
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
        return [line for line in lines if '"unhandled"' in line or line.startswith("Traceback")]


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
        assert _line(self._process.stdout) == "held\n"

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


def _line(pipe: IO[str]) -> str:
    ready, _, _ = select.select([pipe], [], [], PATIENCE)
    if not ready:
        raise TimeoutError(f"no word from a process in {PATIENCE} seconds")
    return pipe.readline()
