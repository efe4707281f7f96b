"""A server process to measure, and a load of keep-alive connections on it."""

import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

MakeRequest = Callable[[int, int], bytes]
"""From the number of the client and of its request to the bytes to send."""


@dataclass(frozen=True)
class Measured:
    """Requests a second, and how long one took, in milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int

    def __str__(self) -> str:
        return (
            f"{self.rate:8.0f} req/s   p50 {self.p50:6.2f} ms   p99 {self.p99:6.2f} ms   errors {self.errors}"
        )


@contextmanager
def serving(target: str, *, workers: int = 2, threads: int = 1, **environment: str) -> Iterator[int]:
    """Serve a WSGI factory by granian on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [
        *(
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--factory",
            "--no-ws",
            "--log-level",
            "error",
        ),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", str(threads), target),
    ]
    path = os.pathsep.join([str(HERE), str(HERE.parent)])
    server = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": path, **environment},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/plain", timeout=2).close()
            return
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"no server on port {port}")


def load(
    port: int, make: MakeRequest, *, clients: int = 16, seconds: float = 4, warm_up: float = 1
) -> Measured:
    """Keep `clients` connections busy; what happens in the warm-up is not counted."""
    return asyncio.run(_load(port, make, clients, seconds, warm_up))


async def _load(port: int, make: MakeRequest, clients: int, seconds: float, warm_up: float) -> Measured:
    took: list[float] = []
    errors = 0
    begin = time.perf_counter() + warm_up
    end = begin + seconds

    async def client(number: int) -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while (started := time.perf_counter()) < end:
            count += 1
            writer.write(make(number, count))
            status = await _response(reader)
            now = time.perf_counter()
            if started >= begin:
                took.append(now - started)
                errors += status >= 400
        writer.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    took.sort()
    return Measured(
        len(took) / seconds,
        statistics.median(took) * 1000,
        took[int(len(took) * 0.99)] * 1000,
        errors,
    )


async def _response(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
