"""SQL that means no good: what is refused, what is cut off, and what is left afterwards."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quizapp.domain import execution
from quizapp.domain.errors import Overloaded
from quizapp.domain.execution import DataSet, Outcome, Program, Run, Task, Trouble
from quizapp.sandbox import runner

TABLES = "CREATE TABLE t (a INTEGER, b TEXT); CREATE INDEX t_b ON t (b);"
VISIBLE = DataSet("visible", "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
HIDDEN = DataSet("hidden", "INSERT INTO t VALUES (7, 'a secret')")


@pytest.fixture(autouse=True)
def fresh_memory() -> None:
    runner.running().memory.clear()


def program(statement: str, task: str = "select", *data: DataSet, **fields: object) -> Program:
    return Program(Task(task), TABLES, data or (VISIBLE,), statement, **fields)  # type: ignore[arg-type]


def outcome(statement: str, task: str = "select") -> Run:
    return execution.run(program(statement, task)).runs[0]


def why_not(statement: str, task: str = "select") -> tuple[Trouble, str]:
    failure = outcome(statement, task).failure
    assert failure, f"this ran: {statement}"
    return failure.kind, failure.message


def rows(statement: str) -> list[tuple[execution.Cell, ...]]:
    found = outcome(statement)
    assert found.failure is None
    return list(found.tables[0].rows)


def test_a_query_gives_its_rows_and_the_names_of_its_columns() -> None:
    (table,) = outcome("SELECT b AS letter, a FROM t ORDER BY a DESC -- the last first").tables

    assert (table.columns, table.rows) == (("letter", "a"), (("y", 2), ("x", 1)))


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("SELECT NULL", None),
        ("SELECT 9223372036854775807", 2**63 - 1),
        ("SELECT 1e999", float("inf")),
        ("SELECT x'00ff'", b"\x00\xff"),
        ("SELECT CAST(x'ff' AS TEXT)", "\N{REPLACEMENT CHARACTER}"),
        ("SELECT 'ü;--'", "ü;--"),
        ("SELECT date('2026-01-31', '+1 day')", "2026-02-01"),
        ("SELECT strftime('%Y', '2026-01-31')", "2026"),
        ("SELECT sum(value) FROM json_each('[1, 2]')", 3),
        ("SELECT 1;; /* no more */", 1),
    ],
)
def test_values_come_back_as_they_are(statement: str, value: object) -> None:
    assert rows(statement) == [(value,)]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("ATTACH '/tmp/other.db' AS other", "ATTACH"),
        ("/* hello */ attach ':memory:' AS other", "ATTACH"),
        ("DETACH main", "DETACH"),
        ("PRAGMA writable_schema = 1", "PRAGMA"),
        ("EXPLAIN PRAGMA table_info(t)", "PRAGMA"),
        ("SELECT * FROM pragma_table_info('t')", "the table pragma_table_info"),
        ("SELECT * FROM pragma_database_list", "the table pragma_database_list"),
        ("SELECT load_extension('/tmp/x.so')", "the function load_extension"),
        ("VACUUM INTO '/tmp/copy.db'", "VACUUM"),
        ("VACUUM", "VACUUM"),
        ("ANALYZE", "ANALYZE"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT 1; DROP TABLE t", "more than one statement"),
        ("SELECT name, sql FROM sqlite_master", "the table sqlite_master"),
        ("SELECT count(*) FROM sqlite_schema", "the table sqlite_schema"),
        ("SELECT * FROM sqlite_temp_master", "the table sqlite_temp_master"),
        ("SELECT (SELECT max(sql) FROM main.sqlite_master) FROM t", "the table sqlite_master"),
        ("SELECT * FROM dbstat", "the table dbstat"),
        ("SELECT count(*) FROM dbstat JOIN t", "the table dbstat"),
        ("SELECT random()", "the function random"),
        ("SELECT hex(randomblob(9))", "the function randomblob"),
        ("SELECT sqlite_version()", "the function sqlite_version"),
        ("SELECT CURRENT_TIMESTAMP", "the function current_timestamp"),
        ("SELECT date('now')", "the current time"),
        ("SELECT date('n' || 'OW')", "the current time"),
        ("SELECT datetime(x'6e6f77')", "the current time"),
        ("SELECT date('now' || char(0) || 'x')", "the current time"),
        ("SELECT datetime('2026-01-01', 'localtime' || char(0))", "the local time zone"),
        ("SELECT julianday()", "the current time"),
        ("SELECT strftime('%s')", "the current time"),
        ("SELECT unixepoch('subsec')", "the current time"),
        ("SELECT time('10:00', 'localtime')", "the local time zone"),
        ("INSERT INTO t VALUES (3, 'z')", "INSERT"),
        ("WITH n AS (SELECT 1) DELETE FROM t", "DELETE"),
        ("CREATE TABLE u (a)", "CREATE"),
        ("BEGIN", "BEGIN"),
    ],
)
def test_what_is_not_asked_for_is_refused_by_its_name(statement: str, what: str) -> None:
    assert why_not(statement) == (Trouble.NOT_ALLOWED, f"not allowed: {what}")


@pytest.mark.parametrize(
    "name", ["readfile('/etc/passwd')", "writefile('/tmp/x', 'y')", "edit('x')", "shell('ls')"]
)
def test_functions_of_the_shell_do_not_exist(name: str) -> None:
    assert why_not(f"SELECT {name}")[0] in {Trouble.SYNTAX, Trouble.NOT_ALLOWED}


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("ATTACH ':memory:' AS other", "ATTACH"),
        ("PRAGMA foreign_keys = OFF", "PRAGMA"),
        ("CREATE TABLE u AS SELECT 1; VACUUM INTO '/tmp/copy.db'", "VACUUM"),
        ("CREATE TEMP TABLE u (a)", "CREATE TEMP TABLE"),
        ("CREATE VIRTUAL TABLE u USING fts5(a)", "CREATE VTABLE"),
        ("UPDATE t SET b = (SELECT sql FROM sqlite_master)", "the table sqlite_master"),
        ("UPDATE t SET a = random()", "the function random"),
        (
            "CREATE VIEW v AS SELECT * FROM sqlite_master; INSERT INTO t SELECT 1, sql FROM v",
            "the table sqlite_master",
        ),
        (
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT load_extension('x'); END; INSERT INTO t VALUES (1, 1)",
            "the function load_extension",
        ),
    ],
)
def test_a_change_may_not_do_everything_either(statement: str, what: str) -> None:
    assert why_not(statement, "change") == (Trouble.NOT_ALLOWED, f"not allowed: {what}")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sqlite_master",
        "DROP TABLE sqlite_master",
        "WITH n AS (SELECT 1) UPDATE sqlite_master SET sql = ''",
    ],
)
@pytest.mark.parametrize("task", ["select", "change"])
def test_nobody_writes_to_the_table_of_tables(statement: str, task: str) -> None:
    assert why_not(statement, task)[0] in {Trouble.SYNTAX, Trouble.NOT_ALLOWED}


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "  ;; -- nothing",
        "SELEC 1",
        "SELECT x FROM t",
        "SELECT ?",
        "SELECT 1 \x00",
        "SELECT '\ud800'",
        "SELECT 'x",
    ],
)
def test_what_cannot_be_understood_is_a_matter_of_syntax(statement: str) -> None:
    assert why_not(statement)[0] is Trouble.SYNTAX


def test_what_fails_on_its_way_is_told_apart_from_syntax() -> None:
    assert why_not("SELECT abs(-9223372036854775808)") == (Trouble.FAILED, "integer overflow")


ENDLESS = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c)"


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        (f"{ENDLESS} SELECT count(*) FROM c", {Trouble.TIME}),
        (f"{ENDLESS} SELECT i FROM c", {Trouble.TOO_MUCH_OUTPUT}),
        (f"{ENDLESS} SELECT group_concat(i) FROM c", {Trouble.TIME, Trouble.TOO_MUCH_OUTPUT}),
        (f"{ENDLESS} SELECT i FROM c ORDER BY i DESC", {Trouble.TIME, Trouble.MEMORY}),
        ("SELECT count(*) FROM " + ", ".join(f"t t{n}" for n in range(40)), {Trouble.TIME}),
        ("SELECT * FROM " + ", ".join(f"t t{n}" for n in range(20)), {Trouble.TOO_MUCH_OUTPUT}),
        ("SELECT printf('%.*c', 1000000000, 'x')", {Trouble.TOO_MUCH_OUTPUT, Trouble.TIME}),
        ("SELECT printf('%.*c', 20000, 'x')", {Trouble.TOO_MUCH_OUTPUT}),
        ("SELECT zeroblob(1000000000)", {Trouble.NOT_ALLOWED}),
        ("SELECT hex(randomblob(1000000000))", {Trouble.NOT_ALLOWED}),
        (
            "SELECT "
            + "replace(" * 5
            + "'"
            + "a" * 300
            + "'"
            + ", 'a', '".join([""] + ["b" * 300 + "')"] * 5),
            {Trouble.SYNTAX, Trouble.TOO_MUCH_OUTPUT},
        ),
        ("SELECT printf('%.*c', 900000, 'a') LIKE '" + "%a_" * 30 + "b'", {Trouble.TIME}),
        ("SELECT printf('%.*c', 900000, 'a') GLOB '" + "*a?" * 30 + "b'", {Trouble.TIME}),
        (
            f"{ENDLESS} SELECT sum(length(replace(printf('%.*c', 900000, 'a'), 'a', 'b'))) FROM c",
            {Trouble.TIME},
        ),
        ("SELECT " + "(" * 2_000 + "1" + ")" * 2_000, {Trouble.SYNTAX}),
        ("SELECT " + "+".join(["1"] * 2_000), {Trouble.SYNTAX}),
        ("SELECT " + "abs(" * 1_000 + "1" + ")" * 1_000, {Trouble.SYNTAX}),
        (" UNION ALL ".join(["SELECT 1"] * 10_000), {Trouble.SYNTAX}),
        (" UNION ALL ".join(["SELECT 1"] * 400), {Trouble.SYNTAX}),
        (
            "WITH a0 AS (SELECT 1), "
            + ", ".join(
                f"a{n} AS (SELECT * FROM a{n - 1} UNION ALL SELECT * FROM a{n - 1})" for n in range(1, 40)
            )
            + " SELECT * FROM a39",
            {Trouble.MEMORY, Trouble.TIME, Trouble.SYNTAX},
        ),
    ],
)
def test_what_would_never_end_is_ended(statement: str, kinds: set[Trouble]) -> None:
    # A pattern that backtracks may be quick after all: then it has a result, which is fine too.
    failure = outcome(statement).failure

    assert (failure.kind if failure else Trouble.TIME) in kinds
    assert outcome("SELECT 1").failure is None


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t SELECT * FROM t; " * 40,
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO t VALUES (1, 1); END; "
        + "INSERT INTO t SELECT * FROM t; " * 40,
    ],
)
def test_tables_do_not_grow_for_ever(statement: str) -> None:
    assert why_not(statement, "change")[0] in {Trouble.TIME, Trouble.MEMORY}


def test_the_same_program_is_cut_off_at_the_same_place_every_time() -> None:
    endless = program(f"{ENDLESS} SELECT count(*) FROM c WHERE i < 0")
    outcomes = set()
    for _ in range(3):
        runner.running().memory.clear()
        outcomes.add(execution.run(endless))

    assert len(outcomes) == 1


def test_data_sets_never_meet() -> None:
    both = program("DELETE FROM t; CREATE TABLE u (a)", "change", VISIBLE, HIDDEN)
    seen = program("SELECT count(*) FROM t WHERE b = 'a secret'", "select", VISIBLE, HIDDEN, VISIBLE)

    assert [[table.title for table in run.tables] for run in execution.run(both).runs] == [
        ["t", "u"],
        ["t", "u"],
    ]
    assert [run.tables[0].rows for run in execution.run(seen).runs] == [((0,),), ((1,),), ((0,),)]


def test_a_change_reports_every_table_and_undoes_what_was_not_committed() -> None:
    done = outcome(
        "BEGIN; DELETE FROM t; COMMIT; CREATE TABLE u (c); BEGIN; INSERT INTO u VALUES (1)", "change"
    )

    assert [(table.title, table.rows) for table in done.tables] == [("t", ()), ("u", ())]


def test_probes_tell_what_is_refused_after_a_change() -> None:
    probes = ("INSERT INTO t VALUES (1, 'again')", "SELECT name FROM pragma_index_list('t') ORDER BY name")
    done = execution.run(program("CREATE UNIQUE INDEX u ON t (a)", "change", probes=probes)).runs[0]

    assert [table.refused for table in done.tables] == [True, False]
    assert done.tables[1].rows == (("t_b",), ("u",))


def test_the_plan_is_told_when_it_is_asked_for() -> None:
    run = execution.run(program("SELECT a FROM t WHERE b = 'x'", explained="")).runs[0]

    assert run.plan == ("SEARCH t USING INDEX t_b (b=?)",)


@pytest.mark.parametrize("around", ["; {}", "{};;", "/* ; */ {};; -- more"])
def test_semicolons_around_a_query_do_not_hide_its_plan(around: str) -> None:
    run = execution.run(program(around.format("SELECT a FROM t"), explained="")).runs[0]

    assert run.plan == ("SCAN t",)


def test_a_plan_does_not_grow_for_ever() -> None:
    doubled = "".join(
        f", c{n} AS NOT MATERIALIZED (SELECT * FROM c{n - 1} UNION ALL SELECT * FROM c{n - 1})"
        for n in range(1, 10)
    )
    query = f"WITH c0 AS (SELECT a FROM t){doubled} SELECT * FROM c9 LIMIT 0"
    failure = execution.run(program(query, explained="")).runs[0].failure

    assert failure
    assert (failure.kind, failure.message) == (
        Trouble.TOO_MUCH_OUTPUT,
        "the query plan has more than 200 steps",
    )


@pytest.mark.parametrize(
    "value",
    ["printf('%.*c', 4000, 'a')", "printf('%.*c', 4000, char(1))", "CAST(printf('%.*c', 4000, 'a') AS BLOB)"],
)
def test_whatever_is_told_is_remembered(value: str) -> None:
    """Grades are kept in a transaction: what has been run for it before must not be run again there."""
    for count in (1, 3, 30, 60):
        query = program(f"{ENDLESS} SELECT {value} FROM c LIMIT {count}", "select", *[VISIBLE] * 9)

        assert execution.run(query) is execution.run(query)
    assert len(json.dumps([run.plan for run in execution.run(query).runs])) < 1_000
    assert [run.failure is not None for run in execution.run(query).runs][-1]


def test_endless_names_of_columns_are_too_much_and_end_no_server() -> None:
    assert rows("SELECT 1") == [(1,)]
    first = runner.running().server.number
    name = "\x01" * 3_600
    many = ", ".join(f"x AS x{n}" for n in range(12))
    query = f'WITH x AS (SELECT 1 AS "{name}", 2 AS b) SELECT * FROM {many}'

    assert why_not(query)[0] is Trouble.TOO_MUCH_OUTPUT
    assert why_not(f"SELECT * FROM {', '.join(f't AS t{n}' for n in range(60))}")[0] is Trouble.SYNTAX
    assert runner.running().server.number == first


def test_broken_data_are_nobodys_answer() -> None:
    run = execution.run(program("SELECT 1", "select", DataSet("v", "INSERT INTO nowhere VALUES (1)"))).runs[0]

    assert run.failure is not None
    assert (run.failure.kind, run.failure.message) == (Trouble.DATA, "no such table: nowhere")


@pytest.mark.parametrize(
    "sql", ["ATTACH '/tmp/x.db' AS x", "PRAGMA journal_mode = WAL", "INSERT INTO t SELECT random(), 1"]
)
def test_authors_cannot_leave_the_sandbox_either(sql: str) -> None:
    failure = execution.run(program("SELECT 1", "select", DataSet("v", sql))).runs[0].failure

    assert failure
    assert failure.kind is Trouble.DATA
    assert failure.message.startswith("not allowed: ")


def test_many_threads_get_their_own_answers() -> None:
    def ask(number: int) -> Outcome:
        return execution.run(program(f"SELECT {number}, count(*) FROM t"))

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(ask, range(100)))

    assert [o.runs[0].tables[0].rows for o in found] == [((number, 2),) for number in range(100)]


def test_the_same_program_is_run_once() -> None:
    first = execution.run(program("SELECT a FROM t"))

    assert execution.run(program("SELECT a FROM t")) is first


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "KEPT_OUTCOMES", 10)
    memory = runner.Memory()
    for number in range(50):
        memory.keep(program(f"SELECT {number}"), Outcome(()), 1_000)

    assert memory.get(program("SELECT 39")) is None
    assert memory.get(program("SELECT 40")) == Outcome(())


def test_who_waits_too_long_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "WAIT_SECONDS", 0.01)
    busy = runner.SandboxRunner()
    for _ in range(runner.MOST_CHILDREN):
        busy._turns.acquire(0)

    with pytest.raises(Overloaded):
        busy(program("SELECT 1"))
    assert busy.server.number is None


def test_a_killed_server_is_replaced() -> None:
    assert rows("SELECT 1") == [(1,)]
    first = runner.running().server.number
    assert first
    os.kill(first, signal.SIGKILL)

    assert rows("SELECT 2") == [(2,)]
    assert runner.running().server.number not in {None, first}


def test_a_program_that_the_system_killed_is_no_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "KILLED", {})  # as if the signal had come from somebody else

    with pytest.raises(Overloaded):
        outcome("SELECT printf('%.*c', 1000000000, 'y')")


def test_no_child_is_left() -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(rows, (f"SELECT {number}" for number in range(1_000, 1_050))))

    assert await_no_children() == []


def await_no_children() -> list[int]:
    server = runner.running().server.number
    give_up = time.monotonic() + 10
    while (found := children_of(server)) and time.monotonic() < give_up:
        time.sleep(0.02)
    return found


def children_of(process: int | None) -> list[int]:
    path = Path(f"/proc/{process}/task/{process}/children")
    if not path.exists():
        pytest.skip("this system does not list children")
    return [int(number) for number in path.read_text().split()]


AFTER_A_FORK = """
import os, sys
from quizapp.domain import execution
from quizapp.domain.execution import DataSet, Program, Task
from quizapp.sandbox import runner
runner.install()
def one(n):
    return execution.run(Program(Task.SELECT, "", (DataSet("v", ""),), f"SELECT {n}")).runs[0].tables[0].rows
assert one(1) == ((1,),)
first = runner.running().server.number
child = os.fork()
if not child:
    ok = one(2) == ((2,),) and runner.running().server.number != first
    print(runner.running().server.number, flush=True)
    os._exit(0 if ok else 1)
assert os.waitpid(child, 0)[1] == 0
assert one(3) == ((3,),) and runner.running().server.number == first
print(first)
"""


def test_a_forked_process_starts_a_server_of_its_own_and_both_end_with_their_processes() -> None:
    root = Path(runner.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", AFTER_A_FORK],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    give_up = time.monotonic() + 10
    alive = [int(number) for number in done.stdout.split()]
    assert len(alive) == 2
    while alive and time.monotonic() < give_up:
        alive = [number for number in alive if is_alive(number)]
        time.sleep(0.02)
    assert alive == []


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{number}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def test_without_a_runner_the_domain_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_installed", [])

    with pytest.raises(RuntimeError, match="no runner"):
        execution.run(program("SELECT 1"))
