"""Ten thousand made-up statements, hostile and harmless pieces mixed: nothing gets out, and nothing is left."""

import hashlib
import os
import resource
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from quizapp.domain import execution
from quizapp.domain.execution import DataSet, Limits, Program, Run, Task
from quizapp.sandbox import runner
from sandbox.test_sql import await_no_children

STATEMENTS = int(os.environ.get("SQL_FUZZ_STATEMENTS", "10000"))
THREADS = 8
MEGABYTE = 1024 * 1024

TABLES = (
    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE TABLE u (a INTEGER REFERENCES t (a), c REAL);"
)
SECRET = "the hidden rows say so"
VISIBLE = DataSet(
    "visible", "INSERT INTO t VALUES (1, 'x'), (2, NULL); INSERT INTO u VALUES (1, 0.5), (2, 1e9)"
)
HIDDEN = DataSet("hidden", f"INSERT INTO t VALUES (7, '{SECRET}'); INSERT INTO u VALUES (7, 7)")
FEW = Limits(steps=100_000, rows=200, output_chars=50_000)

NAMES = [
    *(
        "t",
        "u",
        "main.t",
        "hidden.t",
        "temp.t",
        "sqlite_master",
        "sqlite_schema",
        "main.sqlite_master",
        "dbstat",
    ),
    *(
        "pragma_table_info('t')",
        "pragma_database_list",
        "json_each('[1,2]')",
        "json_tree('{\"a\":1}')",
        "c",
        "v",
    ),
    *("sqlite_sequence", "sqlite_stat1", "generate_series(1, 9)", "fts5vocab", "bytecode('SELECT 1')", '"t"'),
]
COLUMNS = ["a", "b", "c", "*", "rowid", "sql", "name", "t.a", "u.c", "value", "i", "_rowid_", "[a]", "`b`"]
VALUES = [
    *("1", "0", "-1", "NULL", "'x'", "''", "1e308", "9223372036854775807", "x'00'", "TRUE", "CURRENT_DATE"),
    *(
        "'now'",
        "?1",
        ":a",
        "'%a%'",
        "'\\u0000'",
        "0x7fffffffffffffff",
        "'it''s'",
        "'ü'",
        '"a"',
        "'{folder}/secret.txt'",
    ),
]
FUNCTIONS = [
    *(
        "abs",
        "count",
        "sum",
        "max",
        "group_concat",
        "printf",
        "replace",
        "hex",
        "length",
        "substr",
        "date",
        "coalesce",
    ),
    *(
        "load_extension",
        "readfile",
        "writefile",
        "random",
        "randomblob",
        "zeroblob",
        "sqlite_compileoption_get",
    ),
    *(
        "fts3_tokenizer",
        "edit",
        "json_extract",
        "json_group_array",
        "strftime",
        "row_number() OVER",
        "quote",
        "char",
    ),
    *(
        "sqlite_rename_table",
        "last_insert_rowid",
        "total_changes",
        "unicode",
        "like",
        "glob",
        "instr",
        "nullif",
    ),
]
OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "=",
    "<>",
    "<",
    "IS",
    "IS NOT",
    "LIKE",
    "GLOB",
    "AND",
    "OR",
    "IN",
    "->>",
    "<<",
]
ODD = [
    *(
        ";",
        ";;",
        "--",
        "/*",
        "*/",
        "'",
        '"',
        "(",
        ")",
        ")" * 40,
        "(" * 200,
        ",",
        "\x00",
        "\ud800",
        "\ufeff",
        "WITH",
        "AS",
    ),
    *(
        "ATTACH",
        "PRAGMA",
        "VACUUM INTO",
        "EXPLAIN",
        "EXPLAIN QUERY PLAN",
        "RETURNING *",
        "ON CONFLICT DO NOTHING",
    ),
]
HOSTILE = [
    *(
        "ATTACH '{folder}/new.db' AS z",
        "VACUUM INTO '{folder}/copy.db'",
        "PRAGMA writable_schema = ON",
        "VACUUM",
    ),
    *(
        "PRAGMA database_list",
        "PRAGMA journal_mode = WAL",
        "PRAGMA temp_store_directory = '{folder}'",
        "ANALYZE",
    ),
    *(
        "SELECT load_extension('{folder}/x')",
        "SELECT writefile('{folder}/x', 'y')",
        "SELECT readfile('{folder}/secret.txt')",
    ),
    *(
        "CREATE VIRTUAL TABLE v USING csv(filename='{folder}/secret.txt')",
        "CREATE TEMP TABLE v (a)",
        "REINDEX",
    ),
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT * FROM c",
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c",
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i || i FROM c) SELECT max(length(i)) FROM c",
    "SELECT group_concat(x.a || y.a) FROM t x, t y, u z, u w, t v, t p, t q, t r",
    "SELECT printf('%.*c', 500000, 'x') FROM t, t, t, t",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO t VALUES (NULL, 'z'); END; INSERT INTO t VALUES (NULL, 'q')",
    *(
        "DROP TABLE t; DROP TABLE u",
        "DELETE FROM sqlite_master",
        "UPDATE sqlite_master SET sql = ''",
        "BEGIN; DELETE FROM t",
    ),
]


class Maker:
    """Makes statements up; the same seed makes the same ones."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.folder = folder
        self.tame = False

    def statements(self, count: int) -> Iterator[str]:
        for _ in range(count):
            # A third is meant to be answered: what runs must be harmless, too.
            self.tame = self.random.random() < 1 / 3
            made = self.select(2) if self.tame else self.mutated(self.statement())
            yield made.replace("{folder}", str(self.folder))[:5_000]

    def statement(self) -> str:
        pick = self.random.random()
        if pick < 0.2:
            return self.random.choice(HOSTILE)
        if pick < 0.3:
            return f"{self.random.choice(HOSTILE)}; {self.select(2)}"
        if pick < 0.5:
            return self.change()
        return self.select(3)

    def select(self, depth: int) -> str:
        columns = ", ".join(self.value(depth) for _ in range(self.random.randint(1, 3)))
        text = f"SELECT {self.random.choice(['', 'DISTINCT ', 'ALL '])}{columns}"
        if self.random.random() < 0.9:
            text += " FROM " + self.random.choice([", ", " JOIN ", " LEFT JOIN ", " CROSS JOIN "]).join(
                self.source(depth) for _ in range(self.random.randint(1, 3))
            )
        for clause in ("WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT"):
            if self.random.random() < 0.25:
                text += f" {clause} {self.value(depth)}"
        if self.random.random() < 0.15 and depth:
            text += f" {self.random.choice(['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'])} {self.select(depth - 1)}"
        if self.random.random() < 0.1 and depth:
            text = f"WITH {self.random.choice(['', 'RECURSIVE '])}c(i) AS ({self.select(depth - 1)}) {text}"
        return text

    def source(self, depth: int) -> str:
        if depth and self.random.random() < 0.15:
            return f"({self.select(depth - 1)})"
        if self.tame:
            return self.random.choice(["t", "u", "(SELECT * FROM t JOIN u USING (a))"])
        return self.random.choice(NAMES) + self.random.choice(["", "", " AS c", " v", " INDEXED BY t_b"])

    def value(self, depth: int) -> str:
        pick = self.random.random()
        if self.tame and pick < 0.8:
            return self.random.choice(
                ["1", "'x'", "NULL", "count(*)", "abs(1)", "hex('q')", "(SELECT max(b) FROM t)"]
            )
        if not depth or pick < 0.4:
            return self.random.choice(COLUMNS if self.random.random() < 0.6 else VALUES)
        if pick < 0.6:
            arguments = ", ".join(self.value(depth - 1) for _ in range(self.random.randint(0, 3)))
            return f"{self.random.choice(FUNCTIONS)}({arguments})"
        if pick < 0.7:
            return f"({self.select(depth - 1)})"
        if pick < 0.8:
            return f"CASE WHEN {self.value(depth - 1)} THEN {self.value(depth - 1)} END"
        return f"{self.value(depth - 1)} {self.random.choice(OPERATORS)} {self.value(depth - 1)}"

    def change(self) -> str:
        name = self.random.choice(NAMES)
        return self.random.choice(
            [
                f"INSERT INTO {name} {self.select(1)}",
                f"UPDATE {name} SET {self.random.choice(COLUMNS)} = {self.value(2)} WHERE {self.value(1)}",
                f"DELETE FROM {name} WHERE {self.value(2)}",
                f"CREATE TABLE w AS {self.select(2)}",
                f"CREATE VIEW v AS {self.select(2)}; SELECT * FROM v",
                f"CREATE INDEX x ON {name} ({self.value(1)})",
                f"ALTER TABLE {name} RENAME COLUMN a TO {self.random.choice(COLUMNS)}",
                f"ALTER TABLE {name} DROP COLUMN {self.random.choice(COLUMNS)}",
                f"REPLACE INTO {name} VALUES ({self.value(1)}, {self.value(1)})",
                f"CREATE TABLE w (a CHECK ({self.value(1)}), b DEFAULT ({self.value(1)}), c AS ({self.value(1)}))",
            ]
        )

    def mutated(self, text: str) -> str:
        for _ in range(self.random.choice([0, 0, 0, 1, 1, 2, 5])):
            words = text.split(" ")
            place = self.random.randrange(len(words))
            pick = self.random.random()
            if pick < 0.3:
                words[place] = self.random.choice(ODD)
            elif pick < 0.6:
                words.insert(place, self.random.choice([*ODD, *VALUES, *NAMES]))
            elif pick < 0.8:
                del words[place]
            else:
                words[place:place] = words[place : place + 5] * self.random.choice([1, 3, 50])
            text = " ".join(words)
        return text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a secret in it, which is also the one that we work in."""
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "x").write_bytes(b"\x7fELF")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def state_of(folder: Path) -> list[tuple[str, str]]:
    return sorted(
        (str(path), hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in folder.rglob("*")
    )


@pytest.mark.parametrize("seed", [20261121])
def test_no_statement_gets_out(seed: int, folder: Path) -> None:
    asked = runner.running()
    asked.memory.clear()
    before = state_of(folder), sorted(Path.cwd().iterdir()), sorted(Path("/").iterdir())
    secret = execution.run(Program(Task.SELECT, TABLES, (HIDDEN,), "SELECT * FROM t, u"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def run(made: tuple[int, str]) -> str:
        number, statement = made
        task = (Task.SELECT, Task.CHANGE)[number % 2]
        seen, _ = execution.run(
            Program(task, TABLES, (VISIBLE, HIDDEN), statement, explained="", limits=FEW)
        ).runs
        assert SECRET not in everything_in(seen), statement
        return seen.failure.kind if seen.failure else "ran"

    with ThreadPoolExecutor(THREADS) as threads:
        ends = Counter(threads.map(run, enumerate(Maker(seed, folder).statements(STATEMENTS))))

    assert (state_of(folder), sorted(Path.cwd().iterdir()), sorted(Path("/").iterdir())) == before
    asked.memory.clear()
    assert execution.run(Program(Task.SELECT, TABLES, (HIDDEN,), "SELECT * FROM t, u")) == secret
    assert await_no_children() == []
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * 1024 < 50 * MEGABYTE
    # A generator that only makes nonsense would prove nothing.
    assert ends["ran"] > STATEMENTS / 10, ends
    assert {"syntax", "not_allowed", "time"} <= set(ends), ends


def everything_in(run: Run) -> str:
    return f"{run.tables} {run.plan} {run.failure}"
