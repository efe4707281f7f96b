"""Saving an answer, a question page and a result page, beside bare Flask routes, in one run.

    python benchmarks/taking.py [--clients 16] [--seconds 4]

Prints requests per second and the ratios to the bare routes.  Both sides run on
granian with two workers and one thread each, on SQLite with synchronous=FULL.
"""

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from load import Measured, load, request, serving
from setting import Clients, prepared


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder) / "ours", Path(folder) / "bare.db"
        people = prepared(ours, options.clients)
        results = measure(people, ours, bare, options)
    report(results)


def measure(people: Clients, ours: Path, bare: Path, options: Any) -> dict[str, Measured]:
    few = {"clients": options.clients, "seconds": options.seconds}
    results = {}
    with serving("bare:create_app", BARE_DATABASE=str(bare)) as port:
        results["bare save"] = load(port, bare_save, **few)
        results["bare page"] = load(port, lambda *_: request("GET", "/page", {}), **few)
    with serving("quizapp:create_app", QUIZAPP_DATA_DIR=str(ours), QUIZAPP_LOG_FORMAT="json") as port:
        results["save"] = load(port, people.save, **few)
        results["question page"] = load(port, people.question_page, **few)
        results["result page"] = load(port, people.result_page, **few)
    return results


def bare_save(client: int, count: int) -> bytes:
    body = {"learner": client, "sequence": count, "answer": {"choice": ["0123456789"]}, "confidence": None}
    return request("PUT", "/save", {"Content-Type": "application/json"}, json.dumps(body).encode())


def report(results: dict[str, Measured]) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d}")
    for name, measured in results.items():
        print(f"{name:15} {measured}")
    for name, base in (("save", "bare save"), ("question page", "bare page"), ("result page", "bare page")):
        print(f"{name} / {base}: {results[name].rate / results[base].rate:.2f}")
    save = results["save"]
    print(f"save p99 / p50: {save.p99 / save.p50:.1f}")


if __name__ == "__main__":
    main()
