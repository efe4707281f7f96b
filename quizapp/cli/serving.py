"""Running the web server: granian with worker processes, and a line when they answer."""

import fcntl
import http.client
import importlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import click

from quizapp.config import Settings, with_secret_key

POLL_SECONDS = 0.01
STOP_SECONDS = 15
"""A worker that has not finished its requests by then is killed."""
SERVING_LOCK = "serving.lock"
"""Shared by all servers of a data directory as long as they run."""
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # to be asked at, not listened on


def serve(settings: Settings, *, ready: Callable[[str], None]) -> None:
    """Serve until told to stop.  `ready` is called once, with the URL, when a worker answers.

    Raises `click.ClickException` where the address cannot be listened on.
    """
    from granian.constants import Interfaces
    from granian.log import LOGGING_CONFIG, LogLevels
    from granian.server import Server

    with_secret_key(settings)  # made here once, not by several workers at once
    address = _address(settings.host)
    _check_free(address, settings.port)
    port = settings.port or _any_port(address)
    _tell_workers(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (settings.data_dir / SERVING_LOCK).open("a")
    fcntl.flock(lock, fcntl.LOCK_SH)
    handlers: Any = deepcopy(LOGGING_CONFIG["handlers"])
    handlers["console"]["stream"] = "ext://sys.stderr"
    server = Server(
        "quizapp:create_app",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig={"handlers": handlers},
    )
    waiting = threading.Thread(target=_wait, args=(address, port, settings.host, ready), daemon=True)
    server.on_startup(waiting.start)
    os.register_at_fork(after_in_child=_stop_when_told)
    importlib.import_module("quizapp.app")  # once, before the workers are forked
    try:
        server.serve(target_loader=load_application, wrap_loader=False)
    except RuntimeError as error:
        raise click.ClickException(f"Cannot serve at {url_of(settings.host, port)}: {error}") from None
    finally:
        lock.close()


def load_application() -> Any:
    """The application of a worker.  It ends with the process that started it."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    return importlib.import_module("quizapp").create_app()


def next_free_port(host: str, port: int) -> int:
    """The port, or the first one after it that nobody listens on."""
    address = _address(host)
    for candidate in range(port, min(port + 100, 65536)):
        if _problem(address, candidate) is None:
            return candidate
    return _any_port(address)


def url_of(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    host = ANYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _address(host: str) -> str:
    """A host's number; the server takes no names."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}: {error.strerror}.") from None
    return str(found[0][4][0])


def _problem(address: str, port: int) -> OSError | None:
    """Why the port cannot be listened on.

    The server's own sockets share ports, so that two servers would take turns
    answering; this one does not share, and so notices the other server.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None


def _check_free(address: str, port: int) -> None:
    problem = _problem(address, port)
    if problem is not None:
        advice = "Stop what listens there, or choose another with --port."
        raise click.ClickException(f"Cannot listen on {address} port {port}: {problem.strerror}. {advice}")


def _any_port(address: str) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def _tell_workers(settings: Settings) -> None:
    """Workers read their settings from the environment, as any other server's workers do."""
    os.environ["QUIZAPP_DATA_DIR"] = str(settings.data_dir)
    os.environ["QUIZAPP_HOST"] = settings.host
    os.environ["QUIZAPP_WORKERS"] = str(settings.workers)
    if settings.metrics_token and METRICS_FOLDER not in os.environ:
        folder = settings.data_dir / "metrics"
        os.environ[METRICS_FOLDER] = str(folder)
        _empty(folder)


def _empty(folder: Path) -> None:
    """Counts of an earlier run's processes would be added to this one's."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in folder.glob("*.db"):
        path.unlink(missing_ok=True)


def _wait(address: str, port: int, host: str, ready: Callable[[str], None]) -> None:
    while not _answers(ANYWHERE.get(address, address), port):
        time.sleep(POLL_SECONDS)
    ready(url_of(host, port))


def _answers(address: str, port: int) -> bool:
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop_when_told() -> None:
    """Until a worker has its own handlers, the parent's came with the fork, and would stop nothing."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, signal.SIG_DFL)


def _end_with(parent: int) -> None:
    """A killed parent can stop nobody, and its workers would hold the port for ever."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
