"""A query, run in a sandbox on rows that the learner sees and on rows that nobody sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from quizapp.domain import execution
from quizapp.domain.choices import text_id
from quizapp.domain.errors import Overloaded, UnreadableAnswer
from quizapp.domain.execution import DataSet, Outcome, Program, Run, Task, Trouble
from quizapp.domain.grading import Grade
from quizapp.domain.query_plans import PlanRules, broken, judged
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import (
    Body,
    Document,
    Examples,
    Face,
    Note,
    Remark,
    Submission,
    one,
    unexplained,
)
from quizapp.domain.sql_data import (
    IN_WORDS,
    HiddenData,
    HiddenKind,
    Rows,
    Sql,
    as_sql,
    columns_of,
    require_fitting,
)
from quizapp.domain.sql_rows import difference, same_runs

MAX_CHARS = 5_000
SHOWN_ROWS, SHOWN_CHARS = 50, 300
BUCKET_CHARS = 120
VISIBLE = "visible"
NO_ANSWER = "SELECT 'nothing' AS was, 'asked' AS for_this"

Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHARS)]


class WrongQuery(Document):
    """An answer that people give, and why it is wrong."""

    sql: Answer
    feedback: Note = ""
    misconception: Note = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of an answer beside the key's; nothing of it is decided by whoever shows it."""

    given: Outcome
    wanted: Outcome
    visible: bool
    failed: tuple[HiddenKind, ...]
    """The kinds of the hidden data sets on which the answer is wrong, each once."""
    passed: int
    rules: tuple[str, ...]
    """The rules that the plan breaks."""

    @property
    def right(self) -> bool:
        return self.visible and not self.failed and not self.rules


@question_types.register
class SqlQuery(Body[str]):
    key: ClassVar[str] = "sql_query"
    title: ClassVar[str] = "SQL query"
    hands_on: ClassVar[bool] = True
    can_run: ClassVar[bool] = True

    task: Task = Task.SELECT
    """Whether the answer reads rows or changes them (or their tables)."""
    tables: Sql
    """Statements that make the tables, as SQLite understands them; the learner sees them."""
    data: Rows
    """The rows that the learner sees: lists of values by table and columns, `orders(id, total)`."""
    hidden: Annotated[tuple[HiddenData, ...], Field(max_length=8)] = ()
    """Rows that the learner does not see; where no plan is asked for, there must be some."""
    answer: Answer
    """The right answer."""
    wrong: Annotated[tuple[WrongQuery, ...], Field(min_length=2, max_length=10)]
    """Likely wrong answers; the check runs them, and each has to come out wrong."""
    ordered: bool = False
    """Whether the order of rows counts."""
    columns: Literal["ignored", "required"] = "ignored"
    """Whether the names of columns count; their number and order always do."""
    partial: bool = False
    """Whether passing some data sets earns a share, once the visible rows are right."""
    plan: PlanRules | None = None
    """Rules on the query plan."""
    state: Annotated[tuple[Answer, ...], Field(max_length=15)] = ()
    """Statements that describe what a change left; without any, all rows of all tables do."""
    starter: Annotated[str, StringConstraints(strip_whitespace=False, max_length=MAX_CHARS)] = ""
    """What stands in the field at first."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        require_fitting(self.data)
        texts = [text_id(sql) for sql in (self.answer, *(w.sql for w in self.wrong))]
        if len(set(texts)) < len(texts):
            raise ValueError("two of the answer and the wrong queries are the same")
        if not self.hidden and self.plan is None:
            raise ValueError("`hidden` needs at least one set of rows")
        if self.state and self.task is not Task.CHANGE:
            raise ValueError("`state` is for the task `change`")
        if self.plan is not None and (self.plan.of is not None) != (self.task is Task.CHANGE):
            raise ValueError("`plan.of` is for the task `change`, which needs it")
        if self.plan is not None and not (self.plan.require or self.plan.forbid):
            raise ValueError("`plan` needs something to require or to forbid")
        return self

    def face(self, seed: int | None) -> Face:
        return {
            "task": self.task.value,
            "tables": self.tables,
            "rows": [
                {"title": table, "columns": list(columns), "rows": [list(row) for row in rows]}
                for head, rows in self.data.items()
                for table, columns in [columns_of(head)]
            ],
            "ordered": self.ordered,
            "named": self.columns == "required",
            "planned": self.plan is not None,
            "starter": self.starter,
            "max_chars": MAX_CHARS,
        }

    def read(self, submission: Submission) -> str:
        """The text as it is: half a query can be saved, and what does not run is told when it is run."""
        typed = one(submission, "sql", hint="Write an SQL statement.")
        if len(typed) > MAX_CHARS:
            raise UnreadableAnswer(f"Please use at most {MAX_CHARS:,} characters.")
        if typed.split() == self.starter.split():
            raise UnreadableAnswer("Change the text that you started with into an answer.")
        return typed

    def grade(self, answer: str) -> Grade:
        found = self.compared(answer)
        if found.right:
            return Grade.right()
        if not (self.partial and found.visible):
            return Grade.wrong()
        planned = self.plan is not None
        passed = found.passed + (planned and not found.rules)
        return Grade.part(passed, of=1 + len(self.hidden) + planned)

    def spoken(self, answer: str) -> str:
        return " ".join(answer.split())

    def bucket(self, answer: str) -> str:
        found = self.compared(answer)
        if found.right:
            return "right"
        failure = found.given.runs[0].failure
        if failure is not None:
            return f"does not run: {failure.message}"[:BUCKET_CHARS]
        known = self.remark(answer)
        if known is not None and known.misconception:
            return known.misconception
        if not found.visible:
            return "wrong on: the rows that are shown"
        if found.failed:
            return f"wrong on: {', '.join(found.failed)}"
        return f"plan: {'; '.join(found.rules)}"[:BUCKET_CHARS]

    def examples(self) -> Examples:
        return Examples(right={"sql": [self.answer]}, wrong={"sql": [NO_ANSWER]}, unreadable={"sql": ["   "]})

    def run(self, answer: str) -> Mapping[str, Any]:
        """What comes of the answer on the rows that are shown; nothing else is run."""
        run = execution.run(self._program(answer, visible_only=True)).runs[0]
        return {
            "tables": [_shown(table) for table in run.tables],
            "failure": run.failure.message if run.failure else "",
            "kind": run.failure.kind.value if run.failure else "",
            "plan": list(run.plan),
        }

    def compared(self, answer: str) -> Comparison:
        """Run the answer on every data set, and compare it with the key's."""
        given, wanted = (execution.run(self._program(text)) for text in (answer, self.answer))
        visible, *hidden = (self._same(a, b) for a, b in zip(wanted.runs, given.runs, strict=True))
        # Where the key itself fails the data are broken: the author was told, and nobody pays for it.
        hidden = [same or wanted.runs[n].failure is not None for n, same in enumerate(hidden, start=1)]
        failed = tuple(
            dict.fromkeys(each.kind for each, passed in zip(self.hidden, hidden, strict=True) if not passed)
        )
        rules = self._broken_rules(answer, given.runs[0])
        return Comparison(given, wanted, visible, failed, visible + sum(hidden), rules)

    def remark(self, answer: str) -> WrongQuery | None:
        """The wrong query that does the same as a wrong answer, everywhere."""
        found = self.compared(answer)
        if found.right or found.given.runs[0].failure:
            return None
        return next((known for known in self.wrong if self._does_the_same(known, found)), None)

    def lint(self) -> list[Remark]:
        remarks = unexplained("wrong", self.wrong, "wrong query")
        try:
            return remarks + self.proofs()
        except Overloaded as error:
            return [*remarks, Remark("B40", ("answer",), f"could not be run: {error}", advice=True)]

    def proofs(self) -> list[Remark]:
        """What running the question shows: that its answer is right, and that wrong ones are not."""
        broken_off = self._key_fails()
        if broken_off:
            return broken_off
        remarks = []
        caught: set[int] = set()
        for place, known in enumerate(self.wrong):
            found = self.compared(known.sql)
            failure = found.given.runs[0].failure
            if failure is not None:
                message = f"the wrong query does not run: {failure.message}"
                remarks.append(Remark("B40", ("wrong", place), message))
            elif found.right:
                message = "nothing tells the wrong query from the answer; add rows on which they differ"
                remarks.append(Remark("B40", ("wrong", place), message))
            pairs = zip(found.wanted.runs[1:], found.given.runs[1:], strict=True)
            # The plan is judged once: what breaks its rules is told apart whatever the rows.
            caught |= {number for number, (a, b) in enumerate(pairs) if found.rules or not self._same(a, b)}
        if self.compared(NO_ANSWER).right:
            remarks.append(Remark("B40", ("data",), "doing nothing would be right"))
        return remarks + [
            Remark("B41", ("hidden", number), "no wrong query fails on these rows", advice=True)
            for number in range(len(self.hidden))
            if number not in caught
        ]

    def report(self, submission: Submission) -> Mapping[str, Any]:
        """All that a review shows of an answer: nothing of the hidden rows but their kinds."""
        try:
            answer = self.read(submission)
        except UnreadableAnswer:
            return {"state": "unread"}
        try:
            found = self.compared(answer)
            known = self.remark(answer)
        except Overloaded as error:
            return {"state": "overloaded", "message": str(error)}
        given, wanted = found.given.runs[0], found.wanted.runs[0]
        return {
            "state": "ran",
            "failure": given.failure.message if given.failure else "",
            "given": [_shown(table) for table in given.tables],
            "wanted": [_shown(table) for table in wanted.tables],
            "visible": found.visible,
            "difference": difference(wanted, given, ordered=self.ordered, names=self._named),
            "failed": [] if given.failure else [IN_WORDS[kind] for kind in found.failed],
            "hidden": len(self.hidden),
            "rules": self._judged_rules(answer, given),
            "plan": list(given.plan),
            "known": known,
        }

    @property
    def _named(self) -> bool:
        # After a change the names of columns are part of what it left.
        return self.columns == "required" or self.task is Task.CHANGE

    def _same(self, wanted: Run, given: Run) -> bool:
        return same_runs(wanted, given, ordered=self.ordered, names=self._named)

    def _does_the_same(self, known: WrongQuery, found: Comparison) -> bool:
        theirs = self.compared(known.sql)
        pairs = zip(theirs.given.runs, found.given.runs, strict=True)
        return theirs.rules == found.rules and all(
            self._same(a, b) or (a.failure is not None and a.failure == b.failure) for a, b in pairs
        )

    def _key_fails(self) -> list[Remark]:
        found = self.compared(self.answer)
        for place, run in enumerate(found.wanted.runs):
            if run.failure is None:
                continue
            where: tuple[str | int, ...] = ("answer",)
            if run.failure.kind is Trouble.DATA:
                where = ("hidden", place - 1) if place else ("tables",)
            return [Remark("B40", where, f"cannot be run: {run.failure.message}")]
        if not found.right:
            return [Remark("B40", ("answer",), f"breaks its own rules: {'; '.join(found.rules)}")]
        return []

    def _broken_rules(self, answer: str, run: Run) -> tuple[str, ...]:
        if self.plan is None:
            return ()
        return tuple(broken(self.plan, run.plan, self.plan.of or answer))

    def _judged_rules(self, answer: str, run: Run) -> Sequence[tuple[str, bool]]:
        if self.plan is None or run.failure:
            return []
        return judged(self.plan, run.plan, self.plan.of or answer)

    def _program(self, answer: str, *, visible_only: bool = False) -> Program:
        data = [DataSet(VISIBLE, as_sql(self.data))]
        if not visible_only:
            data += [DataSet(each.kind, self._filled(each)) for each in self.hidden]
        return Program(
            task=self.task,
            tables=self.tables,
            data=tuple(data),
            statement=answer,
            # A trial shows the tables as they are: what else is looked at would say what is asked.
            probes=() if visible_only else self.state,
            explained=None if self.plan is None else self.plan.of or "",
        )

    def _filled(self, hidden: HiddenData) -> str:
        own = as_sql(hidden.data)
        return f"{as_sql(self.data)}\n{own}" if hidden.adds_to_visible else own


def _shown(table: execution.Table) -> dict[str, Any]:
    """A table as a page shows it: its first rows, and how many there are."""
    return {
        "title": table.title,
        "columns": list(table.columns),
        "rows": [[_cell(cell) for cell in row] for row in table.rows[:SHOWN_ROWS]],
        "count": len(table.rows),
        "refused": table.refused,
    }


def _cell(cell: execution.Cell) -> Any:
    """A value as a page shows it: a long one is cut, because a page has many."""
    shown = f"x'{cell.hex()}'" if isinstance(cell, bytes) else cell
    if isinstance(shown, str) and len(shown) > SHOWN_CHARS:
        return f"{shown[: SHOWN_CHARS - 1]}…"
    return shown
