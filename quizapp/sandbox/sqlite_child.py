"""Runs SQL that is not trusted on databases in memory; the inside of a child process.

It is loaded by its path into an isolated interpreter: nothing but the standard library
can be imported.  What is here says which statements are let through, and why one was not.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

EVERY = 1_000
"""Steps of the virtual machine between two looks at the budget."""

HEAP = 64 * 1024 * 1024
LONGEST_VALUE = 1_000_000
MESSAGE_CHARS, PLAN_LINES = 300, 200

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 200,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 32,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
}

TIMES = ("date", "time", "datetime", "julianday", "strftime", "unixepoch")
CALLABLE = """
abs avg ceil ceiling char coalesce concat concat_ws count cume_dist date datetime dense_rank exp
first_value floor format glob group_concat hex ifnull iif instr json json_array json_array_length
json_extract json_group_array json_group_object json_insert json_object json_patch json_quote json_remove
json_replace json_set json_type json_valid julianday lag last_insert_rowid last_value lead length like
likelihood likely ln log log10 log2 lower ltrim max min mod nth_value ntile nullif octet_length
percent_rank pi pow power printf quote rank replace round row_number rtrim sign sqrt strftime string_agg
substr substring sum time total trim trunc typeof unicode unixepoch unlikely upper -> ->>
"""
FUNCTIONS = frozenset(CALLABLE.split())
"""What may be called.  Chance, the clock, files and extensions are not among them."""

RENAMES = "rename_column rename_table rename_test rename_quotefix drop_column"
RENAMING = frozenset(f"sqlite_{name}" for name in RENAMES.split())
"""What ALTER TABLE calls inside; nobody else can."""

DESCRIBING = "table_info table_xinfo index_list index_info index_xinfo foreign_key_list"
READING_PRAGMAS = frozenset(DESCRIBING.split())

WRITING = ("INSERT", "UPDATE", "DELETE", "TRANSACTION", "SAVEPOINT", "REINDEX")
DEFINING = (
    *("CREATE_TABLE", "CREATE_INDEX", "CREATE_VIEW", "CREATE_TRIGGER", "ALTER_TABLE"),
    *("DROP_TABLE", "DROP_INDEX", "DROP_VIEW", "DROP_TRIGGER"),
)
ACTIONS: dict[int, str] = {
    getattr(sqlite3, f"SQLITE_{name}"): name
    for name in (
        *("SELECT", "READ", "FUNCTION", "RECURSIVE", "ATTACH", "DETACH", "PRAGMA", "ANALYZE"),
        *WRITING,
        *DEFINING,
        *("CREATE_TEMP_TABLE", "CREATE_TEMP_INDEX", "CREATE_TEMP_VIEW", "CREATE_TEMP_TRIGGER"),
        *("DROP_TEMP_TABLE", "DROP_TEMP_INDEX", "DROP_TEMP_VIEW", "DROP_TEMP_TRIGGER"),
        *("CREATE_VTABLE", "DROP_VTABLE"),
    )
    if hasattr(sqlite3, f"SQLITE_{name}")
}

QUESTIONS = ("SELECT", "WITH", "VALUES", "EXPLAIN")
NEVER = ("ATTACH", "DETACH", "PRAGMA", "VACUUM", "ANALYZE", "REINDEX")
STATEMENTS = (
    *NEVER,
    *("INSERT", "REPLACE", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP"),
    *("BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"),
)
LEADING = re.compile(r"(?:[\s;]|--[^\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
WORD = re.compile(r"[A-Za-z]+")


class Refused(Exception):
    """A program may not go on; `kind` is one of the domain's words."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Guard:
    """Says of every action whether it may be; remembers the first that may not."""

    def __init__(self, modules: frozenset[str], *, changes: bool, author: bool) -> None:
        self.modules = modules
        self.changes = changes
        self.author = author
        self.defines = False
        self.refused = ""

    def begin(self) -> None:
        """Before each statement."""
        self.defines = False
        self.refused = ""

    def __call__(
        self, action: int, first: str | None, second: str | None, database: str | None, inside: str | None
    ) -> int:
        why = self._why_not(ACTIONS.get(action, "this statement"), first or "", second or "")
        self.refused = self.refused or why
        return sqlite3.SQLITE_DENY if why else sqlite3.SQLITE_OK

    def _why_not(self, action: str, first: str, second: str) -> str:
        if action in {"SELECT", "RECURSIVE"}:
            return ""
        if action == "UPDATE" and first == "sqlite_master":
            # No statement may: SQLite describes a table of its own to itself, and asks for that one next.
            self.defines = True
            return ""
        if action == "READ":
            return "" if self._may_read(first.lower()) else f"the table {first}"
        if action == "FUNCTION":
            return "" if self._may_call(second.lower()) else f"the function {second}"
        if self.changes and action in {*DEFINING, *WRITING}:
            self.defines |= action in DEFINING
            return ""
        if self.author and (action == "ANALYZE" or (action == "PRAGMA" and first.lower() in READING_PRAGMAS)):
            return ""
        return action.replace("_", " ")

    def _may_read(self, table: str) -> bool:
        if table in {"json_each", "json_tree"}:
            return True
        if table.startswith("sqlite_"):
            # A definition is kept in the table of all definitions, which it reads by itself.
            return self.author or self.defines
        if table.startswith("pragma_"):
            return self.author and table.removeprefix("pragma_") in READING_PRAGMAS
        return table not in self.modules

    def _may_call(self, name: str) -> bool:
        return name in FUNCTIONS or (name in RENAMING and self.defines)


class Budget:
    """Steps and output that are left."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self.limits = limits
        self.steps = limits["steps"]
        self.output = limits["output_chars"]

    def step(self) -> int:
        self.steps -= EVERY
        return int(self.steps < 0)

    def row(self, row: tuple[Any, ...], count: int) -> list[Any]:
        """A row as JSON takes it, paid for."""
        if count > self.limits["rows"]:
            raise Refused("too_much_output", f"more than {self.limits['rows']:,} rows")
        most = self.limits["cell_chars"]
        if any(isinstance(cell, str | bytes) and len(cell) > most for cell in row):
            raise Refused("too_much_output", f"a value has more than {most:,} characters")
        plain = [{"hex": cell.hex()} if isinstance(cell, bytes) else cell for cell in row]
        self.pay(plain)
        return plain

    def pay(self, told: list[Any]) -> None:
        """What is told costs what it takes on its way: one character can be written as twelve."""
        self.output -= len(json.dumps(told))
        if self.output < 0:
            most = self.limits["output_chars"]
            raise Refused("too_much_output", f"more than {most:,} characters of output")


class Database:
    """A database in memory that one data set and one statement meet in."""

    def __init__(self, program: Mapping[str, Any], budget: Budget) -> None:
        self.program = program
        self.budget = budget
        self.clock = sqlite3.connect(":memory:")
        self.connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
        self.connection.text_factory = lambda text: text.decode("utf-8", "replace")
        modules = frozenset(row[0].lower() for row in self.connection.execute("PRAGMA module_list"))
        self.author = Guard(modules, changes=True, author=True)
        self.learner = Guard(modules, changes=program["task"] == "change", author=False)
        self.guard = self.author
        # Described now, these two need not be described under a guard.
        self.connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')")
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self.connection.execute(f"PRAGMA hard_heap_limit = {HEAP}")
        if hasattr(self.connection, "enable_load_extension"):
            # Where it is missing, extensions cannot be loaded at all.
            self.connection.enable_load_extension(False)
        for category, most in LIMITS.items():
            self.connection.setlimit(category, most)
        for name in TIMES:
            self._tell_only_times_that_are_given(name)

    def close(self) -> None:
        self.connection.close()
        self.clock.close()

    def _tell_only_times_that_are_given(self, name: str) -> None:
        """Put a function in place of SQLite's own that knows no "now" and no local time zone."""
        at = 1 if name == "strftime" else 0

        def told(*values: Any) -> Any:
            words = [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in values]
            words = [w.partition("\0")[0].lower() if isinstance(w, str) else w for w in words]  # as C does
            if len(words) <= at or words[at] in ("now", "subsec", "subsecond") or "now" in words:
                self.guard.refused = "the current time"
                raise ValueError
            if "localtime" in words or "utc" in words:
                self.guard.refused = "the local time zone"
                raise ValueError
            marks = ",".join("?" * len(values))
            return self.clock.execute(f"SELECT {name}({marks})", values).fetchone()[0]

        self.connection.create_function(name, -1, told, deterministic=True)

    def watch(self, guard: Guard, budget: Budget) -> None:
        """Whose rules and whose steps count from here on."""
        self.guard = guard
        guard.begin()
        self.connection.set_authorizer(guard)
        self.connection.set_progress_handler(budget.step, EVERY)

    def load(self, *scripts: str) -> None:
        """Make the question's tables and rows; what fails here is its author's business."""
        self.watch(self.author, Budget(self.budget.limits))
        try:
            for script in scripts:
                self.author.begin()
                self.connection.executescript(script)
            if self.connection.in_transaction:
                self.connection.execute("COMMIT")
        except ANY_ERROR as error:
            raise Refused("data", self.reason(error)) from None
        self.connection.set_authorizer(None)
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 20_000)

    def answer(self, text: str) -> list[dict[str, Any]]:
        """Run the statement, or the statements, that somebody gave."""
        self.watch(self.learner, self.budget)
        if self.program["task"] == "change":
            self._change(text)
            return self._state()
        parts = statements(text)
        if len(parts) > 1:
            raise Refused("not_allowed", "not allowed: more than one statement")
        return [self.table("", parts[0])]

    def _change(self, text: str) -> None:
        for statement in statements(text):
            self.table("", statement)
        if self.connection.in_transaction:
            # Nobody committed it, so it is undone when the connection ends.
            self.connection.execute("ROLLBACK")

    def _state(self) -> list[dict[str, Any]]:
        self.watch(self.author, self.budget)
        if self.program["probes"]:
            return [self.probed(text) for text in self.program["probes"]]
        names = self.connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'"
            " ORDER BY name"
        ).fetchall()
        return [self.table(name, 'SELECT * FROM "{}"'.format(name.replace('"', '""'))) for (name,) in names]  # noqa: S608  # quoted

    def probed(self, text: str) -> dict[str, Any]:
        """What a probe finds; that it is refused is a finding too."""
        try:
            return self.table(text, text)
        except Refused as refusal:
            if refusal.kind in {"syntax", "failed"}:
                return {"title": text, "columns": [], "rows": [], "refused": True}
            raise

    def table(self, title: str, statement: str) -> dict[str, Any]:
        self.guard.begin()
        self._first_word_may_be(statement)
        try:
            cursor = self.connection.execute(statement)
            if cursor.description is None and self.guard is self.learner and not self.learner.changes:
                raise Refused("not_allowed", "the statement returns no rows")
            columns = [column[0] for column in cursor.description or ()]
            self.budget.pay([title, columns])
            rows = [self.budget.row(row, count) for count, row in enumerate(cursor, start=1)]
        except ANY_ERROR as error:
            raise Refused(self._kind(error, statement), self.reason(error)) from None
        return {"title": title, "columns": columns, "rows": rows}

    def plan(self, query: str) -> list[str]:
        """The query's plan, a line a step, inner steps indented."""
        self.watch(self.author, self.budget)
        try:
            # Without the semicolons around it: they would make it two statements, or none.
            explained = f"EXPLAIN QUERY PLAN {statements(query)[0]}"
            rows = self.connection.execute(explained).fetchmany(PLAN_LINES + 1)
        except (*ANY_ERROR, Refused):
            return []
        if len(rows) > PLAN_LINES:
            raise Refused("too_much_output", f"the query plan has more than {PLAN_LINES} steps")
        depth = {0: -1}
        lines = []
        for number, parent, _, detail in rows:
            depth[number] = depth.get(parent, -1) + 1
            lines.append("  " * depth[number] + detail)
        self.budget.pay(lines)
        return lines

    def _first_word_may_be(self, statement: str) -> None:
        found = WORD.match(statement, LEADING.match(statement).end())  # type: ignore[union-attr]  # it matches nothing, too
        word = found[0].upper() if found else ""
        never = NEVER if self.guard.changes else tuple(w for w in STATEMENTS if w not in QUESTIONS)
        if word in never and not self.guard.author:
            raise Refused("not_allowed", f"not allowed: {word}")

    def _kind(self, error: BaseException, statement: str) -> str:
        if self.guard.refused:
            return "not_allowed"
        if isinstance(error, MemoryError):
            return "memory"
        if self.budget.steps < 0:
            return "time"
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_TOOBIG:
            return "too_much_output"
        try:
            # What cannot even be explained was never run.
            self.connection.execute(f"EXPLAIN {statement}")
        except ANY_ERROR:
            return "syntax"
        return "failed"

    def reason(self, error: BaseException) -> str:
        if self.guard.refused:
            return f"not allowed: {self.guard.refused}"
        if isinstance(error, MemoryError):
            return "it needs too much memory"
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return "it takes too long"
        return str(error)[:MESSAGE_CHARS]


ANY_ERROR = (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError)


def statements(text: str) -> list[str]:
    """The statements of a text, without what is blank or only a comment."""
    try:
        text.encode()
        found = [part for part in _parted(text) if LEADING.match(part).end() < len(part)]  # type: ignore[union-attr]  # it matches nothing, too
    except ValueError:
        raise Refused("syntax", "it holds a character that no statement can hold") from None
    if not found:
        raise Refused("syntax", "there is no statement")
    return found


def _parted(text: str) -> Iterator[str]:
    start = 0
    for place, character in enumerate(text, start=1):
        if character == ";" and sqlite3.complete_statement(text[start:place]):
            yield text[start:place]
            start = place
    if "\0" in text:
        raise ValueError
    yield text[start:]


def run(program: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Tell what comes of a program on each of its data sets, as soon as it is known."""
    budget = Budget(program["limits"])
    failure: dict[str, str] | None = None
    for data in program["data"]:
        if failure is None or failure["kind"] not in {"time", "memory", "too_much_output"}:
            run, failure = _run_on(program, data["sql"], budget)
        else:
            run = {"failure": failure}
        tell(run)


def _run_on(
    program: Mapping[str, Any], data: str, budget: Budget
) -> tuple[dict[str, Any], dict[str, str] | None]:
    database = Database(program, budget)
    try:
        database.load(program["tables"], data)
        tables = database.answer(program["statement"])
        plan: list[str] = []
        if program["explained"] is not None:
            plan = database.plan(program["explained"] or program["statement"])
        return {"tables": tables, "plan": plan}, None
    except Refused as refusal:
        failure = {"kind": refusal.kind, "message": str(refusal)}
        return {"failure": failure}, failure
    finally:
        database.close()
