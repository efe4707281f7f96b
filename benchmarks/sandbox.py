"""What running answers costs: one SQL run, grading of every kind, and saves beside people who run SQL.

    python benchmarks/sandbox.py [--runs 500] [--clients 16] [--seconds 4]

The runs are measured without the memory of outcomes.  Grading is measured with it, as
a server has it that saw the question before; `new` is an answer that nobody gave yet.
The last part loads a real server twice: idle, and while 16 threads run endless SQL.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from load import load, serving
from ruamel.yaml import YAML
from setting import prepared

from quizapp.domain import execution
from quizapp.domain.errors import AwaitsScore, Overloaded
from quizapp.domain.execution import DataSet, Program, Task
from quizapp.domain.question_types import question_types
from quizapp.queries.revisions import parsed
from quizapp.sandbox import runner

SAMPLES = Path(__file__).parent.parent / "tests" / "samples"
ENDLESS = (
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c WHERE i <> {}"
)
TABLES = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)"
DATA = tuple(DataSet(str(n), f"INSERT INTO t VALUES (1, 'x'), (2, 'y'), ({n} + 3, 'z')") for n in range(4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    runner.install()
    runs(options.runs)
    grading()
    starving(options)


def runs(number: int) -> None:
    """A small query on one data set and on four, each time another one."""
    for data in (DATA[:1], DATA):
        took = timed(number, lambda n, data=data: select(n, data))
        print(f"SQL on {len(data)} data set(s): first {took[0]:.1f} ms, then {in_words(sorted(took[1:]))}")


def select(number: int, data: tuple[DataSet, ...]) -> None:
    runner.running().memory.clear()
    execution.run(Program(Task.SELECT, TABLES, data, f"SELECT b, count(*) + {number} FROM t GROUP BY b"))


def timed(times: int, act: Callable[[int], object]) -> list[float]:
    """Milliseconds of each act."""
    took = []
    for number in range(times):
        start = time.perf_counter()
        act(number)
        took.append((time.perf_counter() - start) * 1000)
    return took


def in_words(took: list[float]) -> str:
    return f"median {statistics.median(took):.2f} ms, p95 {took[int(len(took) * 0.95)]:.2f} ms"


def grading() -> None:
    """Reading and grading a right and a wrong answer, for each kind."""
    for kind in question_types:
        body = sample(kind)
        examples = body.examples()
        took = timed(200, lambda _, b=body, e=examples: (graded(b, e.right), graded(b, e.wrong)))
        print(f"grading {kind:16} {statistics.median(took) * 500:9.1f} µs an answer")
    body = sample("sql_query")
    took = timed(100, lambda n: graded(body, {"sql": [f"SELECT name, {n} FROM customers"]}))
    print(f"grading {'sql_query, new':16} {statistics.median(took) * 1000:9.1f} µs an answer")


def sample(kind: str) -> Any:
    document = YAML(typ="safe").load((SAMPLES / f"{kind}.yaml").read_text("utf-8"))["questions"][0]
    return parsed(document, kind).body


def graded(body: Any, submission: Any) -> None:
    with suppress(AwaitsScore):
        body.grade(body.read(submission))


def starving(options: argparse.Namespace) -> None:
    """Saves a second on an idle server, and while as many threads as a class run SQL that never ends."""
    with tempfile.TemporaryDirectory() as folder:
        people = prepared(Path(folder), options.clients)
        numbers = [count(1) for _ in range(options.clients)]  # they go on from one load to the next
        few = {"clients": options.clients, "seconds": options.seconds}

        def save(client: int, _: int) -> bytes:
            return people.save(client, next(numbers[client]))

        with serving("quizapp:create_app", QUIZAPP_DATA_DIR=folder, QUIZAPP_LOG_FORMAT="json") as port:
            idle = load(port, save, **few)
            with hostile_threads(16) as ended:
                busy = load(port, save, **few)
    print(f"saves, idle server: {idle}")
    print(f"saves, 16 threads running SQL: {busy}; {len(ended)} runs were cut off meanwhile")
    print(f"ratio of saves a second: {busy.rate / idle.rate:.2f}, of p99: {busy.p99 / idle.p99:.2f}")


@contextmanager
def hostile_threads(number: int) -> Iterator[list[float]]:
    """Threads that run endless SQL, by two runners, because the server has two workers."""
    stop = threading.Event()
    ended: list[float] = []
    runners = [runner.SandboxRunner() for _ in range(2)]

    def run(thread: int) -> None:
        for turn in count(1):
            if stop.is_set():
                return
            # Another program each time: one that was run before is not run again.
            endless = ENDLESS.format(-thread * 1_000_000 - turn)
            with suppress(Overloaded):
                runners[thread % 2](Program(Task.SELECT, TABLES, DATA, endless))
                ended.append(time.perf_counter())

    threads = [threading.Thread(target=run, args=(thread,)) for thread in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield ended
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for each in runners:
            each.server.stop()


if __name__ == "__main__":
    main()
