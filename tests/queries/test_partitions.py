"""The learner's tables can be partitioned by learner, and every hot statement then touches one partition."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

import conftest
import make
from quizapp.db.base import Base
from quizapp.db.engine import Database
from quizapp.services import answering, finishing, starting

OWNED = ("attempt", "slot", "step", "encounter", "tally")
PARTS = 4


@pytest.fixture
def partitioned(postgresql_server: str, worker: str) -> Database:
    """A PostgreSQL database whose learner-owned tables are hash-partitioned."""
    server = postgresql_server.replace("postgresql://", "postgresql+psycopg://")
    database = Database(conftest.fresh_postgresql(server, f"partitioned_{worker}"))
    for name in OWNED:
        Base.metadata.tables[name].dialect_options["postgresql"]["partition_by"] = "HASH (learner_id)"
    try:
        Base.metadata.create_all(database.engine)
    finally:
        for name in OWNED:
            Base.metadata.tables[name].dialect_options["postgresql"]["partition_by"] = None
    with database.engine.begin() as connection:
        for name in OWNED:
            for part in range(PARTS):
                bounds = f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
                connection.execute(text(f"CREATE TABLE {name}_{part} PARTITION OF {name} {bounds}"))
    return database


def touched(plan: Any, table: str) -> set[str]:
    """The partitions of a table that a plan reads or writes."""
    if isinstance(plan, list):
        return {name for part in plan for name in touched(part, table)}
    if not isinstance(plan, dict):
        return set()
    name = str(plan.get("Relation Name", ""))
    mine = {name} if name.startswith(f"{table}_") and name[len(table) + 1 :].isdigit() else set()
    return mine.union(*(touched(value, table) for value in plan.values()))


def test_each_hot_statement_touches_one_partition(partitioned: Database) -> None:
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if any(f" {name}" in statement for name in OWNED) and statement.startswith(("SELECT", "UPDATE")):
            sent.append((statement, parameters))

    documents = [make.document() for _ in range(3)]
    with partitioned.writing() as session:
        rows = make.questions(session, documents)
        uid = make.quiz(session, [row.uid for row in rows]).uid
        learners = [make.actor(session) for _ in range(8)]
    event.listen(partitioned.engine, "before_cursor_execute", note)
    with partitioned.writing() as session:
        for learner in learners:
            attempt_id = starting.start_quiz(session, learner, uid, now=make.NOW).attempt_id
            answering.save_answer(
                session, learner.id, attempt_id, 1, make.right(documents[0]), number=1, now=make.NOW
            )
            answering.flag(session, learner.id, attempt_id, 2, flagged=True, now=make.NOW)
            finishing.submit(session, learner.id, attempt_id, now=make.NOW + timedelta(minutes=1))
            finishing.settle(session, learner.id, now=make.NOW + timedelta(minutes=2))
    event.remove(partitioned.engine, "before_cursor_execute", note)

    assert len({statement for statement, _ in sent}) >= 6
    with partitioned.engine.connect() as connection:
        connection.exec_driver_sql("SET plan_cache_mode = force_custom_plan")
        for statement, parameters in sent:
            one = parameters[0] if isinstance(parameters, list) else parameters
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", one).scalar()
            for table in OWNED:
                assert len(touched(plan, table)) <= 1, (table, statement)
    partitioned.dispose()
