"""Queries: what counts as the same rows, what a plan must show, and what a learner is told of hidden rows."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

import make
from quizapp.domain import execution
from quizapp.domain.errors import Overloaded, UnreadableAnswer
from quizapp.domain.execution import Row, Run, Table
from quizapp.domain.grading import Grade, Verdict
from quizapp.domain.query_plans import _tokens, holds
from quizapp.domain.question_types.sql_query import NO_ANSWER, SqlQuery
from quizapp.domain.sql_rows import difference, same_runs
from quizapp.queries.revisions import parsed

SECRET = "a hidden name"
KEY = "SELECT name FROM people WHERE age >= 18"
DOCUMENT: dict[str, Any] = {
    "tables": "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);",
    "data": {"people(id, name, age)": [[1, "Ada", 36], [2, "Bo", 7]]},
    "hidden": [
        {"kind": "boundary", "data": {"people(id, name, age)": [[1, SECRET, 18]]}},
        {"kind": "nulls", "adds_to_visible": True, "data": "INSERT INTO people VALUES (9, NULL, 40)"},
    ],
    "answer": KEY,
    "wrong": [
        {
            "sql": "SELECT name FROM people WHERE age > 18",
            "feedback": "Those of 18 count.",
            "misconception": "Of age means over 18",
        },
        {
            "sql": "SELECT name FROM people WHERE age >= 18 AND name <> ''",
            "feedback": "NULL.",
            "misconception": "M",
        },
    ],
}
CHANGE: dict[str, Any] = {
    "task": "change",
    "tables": "CREATE TABLE orders (id INTEGER PRIMARY KEY, day TEXT, total INTEGER);",
    "data": {"orders(id, day, total)": [[1, "2026-01-01", 5]]},
    "hidden": [
        {
            "kind": "duplicates",
            "data": {"orders(id, day, total)": [[1, "2026-01-01", 5], [3, "2026-01-01", 5]]},
        }
    ],
    "answer": "CREATE INDEX by_day ON orders (day, total)",
    "plan": {
        "require": ["covering_index"],
        "forbid": ["scan orders", "sort"],
        "of": "SELECT total FROM orders WHERE day = '2026-01-01' ORDER BY total",
    },
    "state": ["INSERT INTO orders VALUES (2, '2026-01-01', 5)", "SELECT * FROM orders"],
    "wrong": [
        {
            "sql": "CREATE INDEX by_day ON orders (day)",
            "feedback": "F",
            "misconception": "One column is enough",
        },
        {
            "sql": "CREATE UNIQUE INDEX by_day ON orders (day, total)",
            "feedback": "F",
            "misconception": "Unique is faster",
        },
    ],
}


def query(**fields: Any) -> SqlQuery:
    return SqlQuery.model_validate(DOCUMENT | fields)


def change(**fields: Any) -> SqlQuery:
    return SqlQuery.model_validate(CHANGE | fields)


def test_a_question_that_proves_itself_has_nothing_to_remark() -> None:
    assert query().lint() == []
    assert change().lint() == []
    assert parsed(make.sample("sql_query"), "sample").body.lint() == []


@pytest.mark.parametrize(
    ("answer", "bucket"),
    [
        (KEY, "right"),
        ("select p.name as n from people p where not p.age < 18;", "right"),
        ("SELECT name FROM people WHERE age > 18", "Of age means over 18"),
        ("SELECT name FROM people WHERE age > 18 OR age = 36", "Of age means over 18"),
        ("SELECT name FROM people WHERE age > 30", "Of age means over 18"),
        ("SELECT name FROM people WHERE age > 18 AND age < 40", "wrong on: boundary, nulls"),
        ("SELECT name FROM people", "wrong on: the rows that are shown"),
        ("SELEC name", 'does not run: near "SELEC": syntax error'),
        ("SELECT nam FROM people", "does not run: no such column: nam"),
        ("SELECT 1; SELECT 2", "does not run: not allowed: more than one statement"),
        ("{{7*7}}", 'does not run: unrecognized token: "{"'),
        ("__import__('os').system('ls')", 'does not run: near "__import__": syntax error'),
    ],
)
def test_answers_fall_on_heaps_that_say_nothing_of_hidden_rows(answer: str, bucket: str) -> None:
    body = query()

    assert body.bucket(body.read({"sql": [answer]})) == bucket
    assert (body.grade(answer) == Grade.right()) is (bucket == "right")


def test_half_a_query_can_be_saved_but_nothing_cannot() -> None:
    body = query(starter="SELECT ")

    assert body.read({"sql": ["SELECT name FR"]}) == "SELECT name FR"
    for nothing in (
        {},
        {"sql": [" \n"]},
        {"sql": ["SELECT"]},
        {"sql": ["x" * 5_001]},
        {"sql": ["SELECT 1", "SELECT 2"]},
    ):
        with pytest.raises(UnreadableAnswer):
            body.read(nothing)


def test_a_share_is_earned_only_if_the_visible_rows_are_right() -> None:
    body = query(partial=True)

    assert body.grade("SELECT name FROM people WHERE age > 18") == Grade.partial(Decimal(2) / 3)
    assert body.grade("SELECT name FROM people WHERE 0").verdict is Verdict.WRONG
    assert body.grade(NO_ANSWER) == Grade.wrong()


def test_order_counts_when_it_is_asked_for() -> None:
    fields = {
        "answer": f"{KEY} ORDER BY age",
        "data": {"people(id, name, age)": [[1, "Ada", 36], [2, "Bo", 20]]},
    }
    other = "SELECT name FROM people WHERE age >= 18 ORDER BY age DESC"

    assert query(**fields).grade(other) == Grade.right()
    assert query(**fields, ordered=True).grade(other) == Grade.wrong()
    found = query(**fields, ordered=True).report({"sql": [other]})
    assert found["difference"] == "row 1 should be ('Bo'), but is ('Ada')"


def test_names_of_columns_count_when_it_is_asked_for() -> None:
    other = KEY.replace("name", "name AS who", 1)

    assert query().grade(other) == Grade.right()
    assert query(columns="required").grade(other) == Grade.wrong()
    assert query(columns="required").grade(KEY.replace("name", "name AS NAME", 1)) == Grade.right()


def test_trying_an_answer_out_touches_only_what_is_shown() -> None:
    shown = query().run("SELECT name FROM people UNION ALL SELECT 'x' || x'00ff'")

    assert json.loads(json.dumps(shown))["tables"][0]["count"] == 3
    assert SECRET not in json.dumps(shown)
    assert query().run("SELECT x'00ff'")["tables"][0]["rows"] == [["x'00ff'"]]
    assert query().run("ATTACH 'x' AS y")["failure"] == "not allowed: ATTACH"
    assert query().run(
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c) SELECT i FROM c LIMIT 60"
    )["tables"][0]["rows"][-1] == [50]


@pytest.mark.parametrize(
    "answer",
    [
        "SELECT name FROM people WHERE age = 18",
        "SELECT name FROM people WHERE age > 18",
        "SELECT CASE WHEN age = 18 THEN abs(-9223372036854775808) ELSE name END FROM people WHERE age > 17",
        "SELECT json(name) FROM people WHERE age = 18",
    ],
)
def test_a_report_never_shows_hidden_rows_or_their_errors(answer: str) -> None:
    report = query().report({"sql": [answer]})
    told = repr({name: value for name, value in report.items() if name != "known"})

    assert report["state"] == "ran"
    assert SECRET not in told
    assert "overflow" not in told
    assert "malformed" not in told
    assert "values right at a boundary" in report["failed"] or answer.endswith("= 18")


def test_a_report_says_what_is_missing_and_which_wrong_idea_it_was() -> None:
    report = query().report({"sql": ["SELECT name FROM people WHERE age > 18"]})

    assert (report["visible"], report["failed"]) == (True, ["values right at a boundary"])
    assert report["known"].feedback == "Those of 18 count."
    assert (
        query().report({"sql": ["SELECT name FROM people WHERE 0"]})["difference"]
        == "the row ('Ada') is missing"
    )
    assert (
        query().report({"sql": ["SELECT name, age FROM people"]})["difference"]
        == "your columns are 2, expected are 1"
    )
    assert query().report({}) == {"state": "unread"}


def test_a_review_can_be_shown_while_nothing_can_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> execution.Outcome:
        raise Overloaded

    monkeypatch.setattr(execution, "_installed", [refuse])

    assert query().report({"sql": [KEY]})["state"] == "overloaded"
    assert [remark.advice for remark in query().lint()] == [True]
    with pytest.raises(Overloaded):
        query().grade(KEY)


def test_a_change_is_judged_by_what_it_leaves_and_by_the_plan() -> None:
    body = change()

    assert body.grade("CREATE INDEX other ON orders (day, total, id)") == Grade.right()
    assert body.bucket("CREATE INDEX x ON orders (day)") == "One column is enough"
    assert body.bucket("CREATE UNIQUE INDEX x ON orders (day, total)") == "Unique is faster"
    assert body.bucket("CREATE INDEX x ON orders (total)").startswith("plan: required: a covering index")
    assert body.bucket("CREATE INDEX x ON orders (day, total); DELETE FROM orders") != "right"
    assert body.report({"sql": ["CREATE INDEX x ON orders (day)"]})["rules"] == [
        ("required: a covering index is used", False),
        ("not wanted: orders is scanned", True),
        ("not wanted: rows are sorted", False),
    ]


@pytest.mark.parametrize(
    ("fields", "path", "says"),
    [
        ({"answer": "SELECT x FROM people"}, ("answer",), "cannot be run: no such column: x"),
        ({"answer": "SELECT random()"}, ("answer",), "not allowed: the function random"),
        ({"tables": "CREATE TABEL people"}, ("tables",), "syntax error"),
        ({"data": {"person(id)": [[1]]}}, ("tables",), "no such table"),
        ({"hidden": [{"kind": "ties", "data": "INSERT INTO x VALUES (1)"}]}, ("hidden", 0), "no such table"),
        (
            {
                "wrong": [
                    DOCUMENT["wrong"][0],
                    {"sql": "SELECT name FROM people WHERE age > 17", "feedback": "F", "misconception": "M"},
                ]
            },
            ("wrong", 1),
            "nothing tells",
        ),
        (
            {"wrong": [DOCUMENT["wrong"][0], {"sql": "SELECT", "feedback": "F", "misconception": "M"}]},
            ("wrong", 1),
            "does not run",
        ),
        ({"plan": {"require": ["index"]}}, ("answer",), "breaks its own rules"),
    ],
)
def test_the_check_runs_the_question_and_says_what_is_wrong_with_it(
    fields: dict[str, Any], path: tuple[Any, ...], says: str
) -> None:
    remarks = [remark for remark in query(**fields).lint() if not remark.advice]

    assert [(remark.code, remark.path) for remark in remarks] == [("B40", path)]
    assert says in remarks[0].message


def test_hidden_rows_that_prove_nothing_are_advice() -> None:
    hidden = [*DOCUMENT["hidden"], {"kind": "single", "data": {"people(id, name, age)": [[1, "Cem", 50]]}}]
    (remark,) = query(hidden=hidden).lint()

    assert (remark.code, remark.path, remark.advice) == ("B41", ("hidden", 2), True)


def test_rows_beside_a_plan_prove_something_as_soon_as_the_plan_does() -> None:
    hidden = [*CHANGE["hidden"], {"kind": "empty"}]
    rows_alone = change(hidden=hidden, plan=None, wrong=[*CHANGE["wrong"][1:], {"sql": "DELETE FROM orders"}])

    assert change(hidden=hidden).lint() == []
    assert ("B41", ("hidden", 1)) in [(remark.code, remark.path) for remark in rows_alone.lint()]


def test_broken_hidden_rows_are_nobodys_mistake() -> None:
    hidden = [*DOCUMENT["hidden"], {"kind": "ties", "data": "INSERT INTO x VALUES (1)"}]

    assert query(hidden=hidden).grade(KEY) == Grade.right()


@pytest.mark.parametrize(
    "fields",
    [
        {"wrong": DOCUMENT["wrong"][:1]},
        {"wrong": [DOCUMENT["wrong"][0], {"sql": KEY.lower()}]},
        {"hidden": []},
        {"hidden": [{"kind": "nulls"}]},
        {"hidden": [{"kind": "strange", "data": "SELECT 1"}]},
        {"data": {"people(id, name)": [[1]]}},
        {"data": {"people": [[1]]}},
        {"data": {"people(id); DROP TABLE people; --": [[1]]}},
        {"data": {"people(id)": [[{"a": 1}]]}},
        {"data": {"people(id)": [[2**63]]}},
        {"data": {"people(id)": [[number] for number in range(101)]}},
        {"state": ["SELECT 1"]},
        {"plan": {"require": ["fast"]}},
        {"plan": {}},
        {"plan": {"require": ["index"], "of": "SELECT 1"}},
        {"task": "change", "plan": {"require": ["index"]}},
    ],
)
def test_documents_that_cannot_be_meant_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        query(**fields)


def test_values_of_rows_reach_the_database_as_they_are_written() -> None:
    values = ["it's; DROP TABLE people; --", "", " x ", None, True, Decimal("0.1"), -5, 2**62]
    body = query(
        tables="CREATE TABLE people (id INTEGER, v)",
        data={"people(id, v)": [[place, value] for place, value in enumerate(values)]},
    )

    assert body.run("SELECT v FROM people ORDER BY id")["tables"][0]["rows"] == [
        [value] for value in ["it's; DROP TABLE people; --", "", " x ", None, 1, 0.1, -5, 2**62]
    ]


def run(*rows: Row, columns: tuple[str, ...] = ("a",)) -> Run:
    return Run((Table("", columns, rows),))


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ([(1,), (2,)], [(2,), (1,)], True),
        ([(1,), (1,)], [(1,)], False),
        ([(1,), (1,), (2,)], [(1,), (2,), (2,)], False),
        ([(1,)], [(1.0,)], True),
        ([(0.3,)], [(0.1 + 0.2,)], True),
        ([(0.0,)], [(0.1 + 0.2 - 0.3,)], True),
        ([(0.3,)], [(0.3001,)], False),
        ([(2**53,)], [(2**53 + 1,)], False),
        ([(None,)], [(None,)], True),
        ([(None,)], [(0,)], False),
        ([(None,)], [("",)], False),
        ([("1",)], [(1,)], False),
        ([("a",)], [("A",)], False),
        ([(b"a",)], [("a",)], False),
        ([(float("inf"),)], [(float("inf"),)], True),
        ([(0.1 + 0.2, "a"), (0.3, "b")], [(0.3, "a"), (0.1 + 0.2, "b")], True),
        ([(0.1 + 0.2, None), (5, None), (0.1, "x")], [(0.1, "x"), (5.0, None), (0.3, None)], True),
    ],
)
def test_rows_are_the_same_as_a_heap(ours: list[Row], theirs: list[Row], same: bool) -> None:
    columns = tuple("abc"[: len(ours[0])])
    a, b = run(*ours, columns=columns), run(*theirs, columns=columns)

    assert same_runs(a, b, ordered=False, names=True) is same
    assert same_runs(b, a, ordered=False, names=True) is same
    assert bool(difference(a, b, ordered=False, names=True)) is not same


def test_a_failure_equals_nothing_and_columns_must_be_as_many() -> None:
    failed = Run(failure=execution.Failure(execution.Trouble.TIME, "it takes too long"))

    assert not same_runs(failed, failed, ordered=False, names=False)
    assert not same_runs(run(), run(columns=("a", "b")), ordered=False, names=False)


@pytest.mark.parametrize(
    ("rule", "line", "query", "found"),
    [
        ("index", "SEARCH o USING INDEX by_day (day=?)", "", True),
        ("index by_day", "SEARCH o USING INDEX by_day (day=?)", "", True),
        ("index by_day", "SEARCH o USING COVERING INDEX by_day (day=?)", "", True),
        ("index other", "SEARCH o USING INDEX by_day (day=?)", "", False),
        ("index", "SEARCH o USING AUTOMATIC COVERING INDEX (day=?)", "", False),
        ("index", "SEARCH o USING INTEGER PRIMARY KEY (rowid=?)", "", False),
        ("covering_index", "SCAN o USING COVERING INDEX by_day", "", True),
        ("covering_index", "SCAN o USING INDEX by_day", "", False),
        ("search orders", "SEARCH o USING INDEX by_day (day=?)", "SELECT * FROM orders AS o", True),
        ("scan orders", "SCAN o", "SELECT * FROM orders o WHERE 1", True),
        ("scan orders", "  SCAN orders", "SELECT * FROM ORDERS", True),
        ("scan orders", "SCAN o", "SELECT 'orders o' FROM other o, orders", False),
        ("scan orders", "SCAN where", "SELECT * FROM orders where 1", False),
        ("scan", "SCAN o", "", True),
        ("sort", "USE TEMP B-TREE FOR ORDER BY", "", True),
        ("automatic_index", "SEARCH o USING AUTOMATIC PARTIAL COVERING INDEX (a=?)", "", True),
        ("scan", "CO-ROUTINE x", "", False),
    ],
)
def test_rules_read_the_lines_of_a_plan(rule: str, line: str, query: str, found: bool) -> None:
    assert holds(rule, [line], query) is found


@pytest.mark.parametrize(
    ("alias", "shown"),
    [
        ("orders o", "o"),
        ("orders 'o'", "o"),
        ('orders "o x"', "o x"),
        ('orders AS "a""b"', 'a"b'),
        ("orders AS [Where]", "Where"),
        ("orders `group`", "group"),
        ("orders é", "é"),
        ("'orders' o", "o"),
        ('main."orders"/**/o', "o"),
        ("(orders) o", "o"),
        ("((main.orders)) AS o", "o"),
        ("(orders o)", "o"),
    ],
)
def test_no_way_to_write_an_alias_hides_a_table(alias: str, shown: str) -> None:
    query = f"SELECT * FROM {alias} WHERE 1"

    assert holds("scan orders", [f"SCAN {shown}"], query)
    assert holds("search orders", [f"SEARCH {shown} USING INDEX by_day (day=?)"], query)
    assert not holds("scan orders", ["SCAN other"], query)


def test_what_a_query_never_closes_is_looked_at_once() -> None:
    for opening in ("/*a", "'a", '"a', "[a", "`a"):
        assert len(list(_tokens(opening + "/*a" * 1_600))) <= 1


def test_long_values_are_shown_cut() -> None:
    body = query()
    shown = body.run("SELECT printf('%.*c', 5000, 'a'), CAST(printf('%.*c', 5000, 'a') AS BLOB), 'short'")

    assert [len(cell) for cell in shown["tables"][0]["rows"][0]] == [300, 300, 5]
