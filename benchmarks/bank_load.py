"""How long it takes to load a bank: `python benchmarks/bank_load.py [QUESTIONS] [DATABASE_URL]`.

Question files as long as real ones are made in a temporary folder and loaded into an
empty database, twice.  The questions repeat a few texts; only their ids differ much.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from quizapp.db import migrations
from quizapp.db.engine import Database
from quizapp.services import banks
from quizapp.services.bank_files import files_of
from quizapp.services.bank_loads import LoadReport

PER_FILE = 250

QUESTION = """
  - id: made-{n}
    type: single_choice
    subtopic: topic_{topic}.subtopic
    level: mid
    cognitive: apply
    stem: |
      Table number {n} has {n} rows, and a query reads those of one day:

      ```sql
      SELECT id, total FROM orders_{n} WHERE day = '2026-11-21' ORDER BY total DESC LIMIT 10;
      ```

      Which index lets the database answer it without sorting?
    options:
      - text: "An index on `day`"
        feedback: "It finds the rows of the day, but they come out in no useful order and must be sorted."
        misconception: "An index on the filter is all that a query can use"
      - text: "An index on `(day, total)`"
        key: true
        feedback: "Right: within one day it is ordered by total, so nothing is left to sort."
      - text: "An index on `(total, day)`"
        feedback: "It is ordered by total over all days, so the day has to be looked for in the whole of it."
        misconception: "The order of an index's columns makes no difference"
    explanation: |
      An index is ordered by its first column, and by the next within equal values of the first. With the day
      fixed by the condition, the entries of the second index are already in the order of the query, so the
      database reads ten of them backwards and stops.
    references:
      - {{title: "PostgreSQL documentation", section: "11.4 Indexes and ORDER BY"}}
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        bank = Path(folder) / "bank"
        size = write_bank(bank, count)
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/quizapp.db"
        database = Database(url)
        migrations.upgrade(database)
        print(f"{count} questions, {size / 1e6:.1f} MB of YAML, {database.url.get_backend_name()}")
        show("cold", count, *load(database, bank))
        show("unchanged", count, *load(database, bank))
        change_one_file(bank)
        show("one file changed", count, *load(database, bank))
        database.dispose()


def write_bank(bank: Path, count: int) -> int:
    bank.mkdir()
    size = 0
    for start in range(0, count, PER_FILE):
        topic = start // PER_FILE
        text = "".join(questions(start, min(start + PER_FILE, count), topic))
        head = f"title: Made {topic}\ndefaults: {{topic: topic_{topic}}}\nquestions:\n"
        size += (bank / f"made-{topic:05}.yaml").write_text(head + text, "utf-8")
    return size


def questions(start: int, end: int, topic: int) -> Iterator[str]:
    return (QUESTION.format(n=n, topic=topic) for n in range(start, end))


def change_one_file(bank: Path) -> None:
    path = min(bank.iterdir())
    path.write_text(path.read_text("utf-8").replace("Which index", "What index"), "utf-8")


def load(database: Database, bank: Path) -> tuple[LoadReport, float, float]:
    """Seconds in all, and those of them in which other writers had to wait."""
    start = time.perf_counter()
    files, _ = files_of(bank)
    with database.reading() as session:
        parsed = banks.read_changed(session, files)
    waited = time.perf_counter()
    with database.writing() as session:
        report = banks.load(session, files, now=datetime.now(UTC), parsed=parsed)
    end = time.perf_counter()
    return report, end - start, end - waited


def show(what: str, count: int, report: LoadReport, seconds: float, writing: float) -> None:
    counts = f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged"
    rate = f"{count / seconds:,.0f} questions/s"
    print(f"{what:>16}: {seconds:7.3f} s ({writing:.3f} s writing), {rate}; {counts}")


if __name__ == "__main__":
    main()
