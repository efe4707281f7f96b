"""Spreadsheets: our own template, Kahoot's, Brightspace's, Blackboard's, and any other by its columns."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from quizapp.domain.imports import Action, Reading
from quizapp.formats import Picture, QuestionDocument, Written, formats
from quizapp.formats.reading.archives import ZIP, names_in
from quizapp.formats.reading.decoding import guessed_encoding
from quizapp.formats.reading.delimited import regular_share, separator_of
from quizapp.formats.spreadsheet.blackboard import is_blackboard, read_blackboard
from quizapp.formats.spreadsheet.brightspace import is_brightspace, read_brightspace
from quizapp.formats.spreadsheet.headers import Layout, Plan, plan_by_person
from quizapp.formats.spreadsheet.mapped import columns_of, keep_rows, plan_for, read_rows
from quizapp.formats.spreadsheet.tables import Table, joined_again, table_of_text
from quizapp.formats.spreadsheet.workbook import BadWorkbook, tables_of_workbook
from quizapp.formats.spreadsheet.writing import written_table

SAMPLE = 40_000
WORKBOOK = "xl/workbook.xml"
ENDINGS = (".csv", ".tsv")


@formats.register
class Csv:
    key: ClassVar[str] = "csv"
    title: ClassVar[str] = "Spreadsheet (CSV)"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".txt")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        sample = data[:SAMPLE]
        if len(data) > SAMPLE:
            sample = sample[: sample.rfind(b"\n") + 1]
        table = table_of_text(sample, Reading("csv"))
        plan = plan_for(table)
        if plan.certain and plan.layout is not Layout.OTHER:
            return 90
        if is_brightspace(table) or is_blackboard(table):
            return 93
        if plan.certain:
            return 75
        text = sample.decode(guessed_encoding(sample), "replace").replace("\r\n", "\n").replace("\r", "\n")
        separator = separator_of(text)
        if separator is None:
            return 15 if name.lower().endswith(ENDINGS) else 0
        share, width = regular_share(text, separator)
        if name.lower().endswith(ENDINGS):
            return 45
        return 12 if share > 0.9 and width > 2 else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("csv")
        return _read([table_of_text(data, reading)], reading, options)

    @staticmethod
    def write(title: str, questions: Sequence[QuestionDocument], pictures: Mapping[str, Picture]) -> Written:
        data, limits = written_table(questions)
        return Written(data, "text/csv; charset=utf-8", ".csv", limits)


@formats.register
class Xlsx:
    key: ClassVar[str] = "xlsx"
    title: ClassVar[str] = "Spreadsheet (Excel)"
    suffixes: ClassVar[tuple[str, ...]] = (".xlsx", ".xlsm")

    @staticmethod
    def recognises(data: bytes, name: str) -> int:
        return 98 if data.startswith(ZIP) and WORKBOOK in names_in(data) else 0

    @staticmethod
    def read(data: bytes, name: str, options: Mapping[str, str]) -> Reading:
        reading = Reading("xlsx")
        try:
            tables = tables_of_workbook(data, reading)
        except BadWorkbook as error:
            reading.say("workbook", str(error), Action.DROPPED, severity="error")
            return reading
        return _read([joined_again(table) for table in tables if table.rows], reading, options)


def _read(tables: Sequence[Table], reading: Reading, options: Mapping[str, str]) -> Reading:
    """Every table that says what it holds; where none does, the largest is offered to be explained."""
    unexplained: list[tuple[Table, Plan]] = []
    for table in tables:
        plan = plan_by_person(plan_for(table), options)
        known = plan.certain and plan.layout is not Layout.OTHER
        if not known and is_brightspace(table):
            read_brightspace(table, reading, reading.format)
        elif not known and is_blackboard(table):
            read_blackboard(table, reading, reading.format)
        elif plan.certain:
            reading.columns = reading.columns or columns_of(table, plan)
            read_rows(table, plan, reading, reading.format)
        elif table.rows:
            unexplained.append((table, plan))
    if unexplained and not reading.found:
        unexplained.sort(key=lambda pair: len(pair[0].rows), reverse=True)
        table, plan = unexplained.pop(0)
        reading.columns = columns_of(table, plan)
        line = table.rows[0].line
        message = "does not say what its columns hold; say it, and it can be read"
        reading.say("columns", message, severity="error", line=line, member=table.name)
        keep_rows(table, plan, reading)
    for table, _ in unexplained:
        message = f"holds no questions that could be recognised; its {len(table.rows)} rows were passed over"
        reading.say("sheet", message, Action.DROPPED, line=table.rows[0].line, member=table.name)
    if not any(table.rows for table in tables):
        reading.say("empty", "holds nothing", Action.DROPPED, severity="error")
    return reading
