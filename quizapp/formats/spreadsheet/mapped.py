"""A table with one question a row, read by the meaning of its columns."""

from quizapp.domain.imports import Action, Columns, Found, Reading
from quizapp.domain.texts import Marked
from quizapp.formats.reading.building import first_words
from quizapp.formats.spreadsheet.headers import (
    HEADERS_WITHIN,
    LEAST_SCORE,
    MEANINGS,
    Layout,
    Plan,
    plan_of,
    score_of,
)
from quizapp.formats.spreadsheet.keys import Habit, Style
from quizapp.formats.spreadsheet.kinds import options_of, own_fields
from quizapp.formats.spreadsheet.rows import RowFields, fields_of, is_blank, shared
from quizapp.formats.spreadsheet.tables import Table, TableRow

USUAL = {Layout.OWN: Style.LETTER, Layout.KAHOOT: Style.NUMBER}
ROWS_TO_LOOK_AT = 8
HEADER_CHARS, TEXT_CHARS = 30, 20


def plan_for(table: Table) -> Plan:
    """The likeliest way to read a table: by its headers, or else by what its columns hold."""
    scores = [score_of(row.cells) for row in table.rows[:HEADERS_WITHIN]]
    best = max(scores, default=0)
    if best >= LEAST_SCORE:
        place = scores.index(best)
        return plan_of(table.rows[place].cells, table.width, place + 1)
    if _begins_with_headers(table):
        return plan_of(table.rows[0].cells, table.width, 1)
    return _plan_by_content(table)


def read_rows(table: Table, plan: Plan, reading: Reading, format_key: str) -> None:
    """Every row as a question; what is none is told."""
    _tell_of_columns(table, plan, reading)
    rows = table.rows[plan.first_row :]
    habit = _habit_of(rows, plan)
    for row in rows:
        fields = fields_of(row, plan, habit)
        if is_blank(fields):
            continue
        if not fields.get("question") and not fields.many and not fields.get("source"):
            message = f"a row without a question was passed over: {_shown(row)}"
            reading.say("row", message, Action.DROPPED, line=row.line, member=table.name)
            continue
        reading.found.append(_question(fields, table.name, format_key))


def keep_rows(table: Table, plan: Plan, reading: Reading) -> None:
    """Rows that nobody has explained yet: each is kept as it is."""
    for row in table.rows[plan.first_row :]:
        found = Found(first_words(_shown(row)), row.line, kind="row", source=row.source, member=table.name)
        found.text = Marked(_shown(row)[:2_000])
        found.give_up("columns", "nobody has said yet what its columns hold")
        reading.found.append(found)


def columns_of(table: Table, plan: Plan) -> Columns:
    """What somebody needs to say what the columns hold."""
    rows = [
        [row.cell(place) for place in range(len(plan.headers))]
        for row in table.rows[plan.first_row : plan.first_row + ROWS_TO_LOOK_AT]
    ]
    return Columns(plan.headers, rows, plan.guesses(), dict(MEANINGS))


def _question(fields: RowFields, member: str, format_key: str) -> Found:
    row, stem = fields.row, fields.get("question")
    found = Found(fields.get("name") or first_words(stem or _shown(row)), row.line, source=row.source)
    found.member = member
    found.text = Marked(stem or _shown(row), fields.markup)
    for code, message in row.remarks:
        found.say(code, message, Action.KEPT)
    if not stem:
        found.give_up("no_stem", "has answers but no question")
        return found
    own = own_fields(fields, found)
    if own is not None:
        found.document = shared(fields, found, format_key) | own
    return found


def _habit_of(rows: list[TableRow], plan: Plan) -> Habit:
    """How the table names right answers, from all of its rows."""
    habit = Habit(usual=USUAL.get(plan.layout))
    for row in rows:
        fields = fields_of(row, plan, habit)
        texts = [text for _, text in options_of(fields)]
        for cell in fields.many.get("key", {}).values():
            if len(texts) >= 2:
                habit.learn(cell, texts)
    return habit


def _tell_of_columns(table: Table, plan: Plan, reading: Reading) -> None:
    """What stands before the headers, and columns that nobody knows."""
    for row in table.rows[: max(plan.first_row - 1, 0)]:
        message = f"stands before the headers and was passed over: {_shown(row)}"
        reading.say("preamble", message, Action.DROPPED, severity="info", line=row.line, member=table.name)
    filled = {place for row in table.rows[plan.first_row :] for place, cell in enumerate(row.cells) if cell}
    unknown = [column.header for column in plan.places("kept") if column.place in filled]
    if unknown:
        message = f"not known, so their cells are kept without effect: {', '.join(unknown)}"
        line = table.rows[plan.first_row - 1].line if plan.first_row else 1
        reading.say("column", f"columns {message}", severity="info", line=line, member=table.name)


def _begins_with_headers(table: Table) -> bool:
    """Whether the first row, in words that are not known here, looks like headers."""
    if len(table.rows) < 2:
        return False
    first = [cell for cell in table.rows[0].cells if cell]
    if len(first) < 2 or any(len(cell) > HEADER_CHARS or cell.endswith(("?", ".", "!")) for cell in first):
        return False
    others = table.rows[1:21]
    for place, cell in enumerate(table.rows[0].cells):
        average = sum(len(row.cell(place)) for row in others) / len(others)
        if average >= max(TEXT_CHARS, 3 * len(cell)):
            return True
    return False


def _plan_by_content(table: Table) -> Plan:
    """A table without headers: a question, its answers, and last which of them is right."""
    plan = plan_of([], table.width, 0)
    first = 1 if all(row.cell(0).rstrip(".").isdigit() for row in table.rows) else 0
    last = table.width - 1
    if last - first < 3:
        return plan
    for column in plan.columns:
        if column.place >= first:
            column.meaning = "question" if column.place == first else "option"
        if column.place == last:
            column.meaning = "key"
        column.slot = max(column.place - first, 0) if column.meaning == "option" else 1
    habit = _habit_of(table.rows, plan)
    plan.certain = all(_names_its_answer(fields_of(row, plan, habit)) for row in table.rows)
    if not plan.certain:
        return plan_of([], table.width, 0)
    return plan


def _names_its_answer(fields: RowFields) -> bool:
    texts = [text for _, text in options_of(fields)]
    key = fields.nth("key", 1)
    return bool(fields.get("question") and len(texts) >= 2 and key and fields.habit.read(key, texts))


def _shown(row: TableRow) -> str:
    return " | ".join(" ".join(cell.split()) for cell in row.cells if cell)[:300]
