"""Spreadsheets: filled in by hand, exported by other systems, spoilt by programs, and written so that nothing runs."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

import make
from quizapp.domain.imports import Action, Found, Import, Outcome, Reading, judge
from quizapp.formats import detected
from quizapp.formats.spreadsheet import Csv, Xlsx
from quizapp.formats.spreadsheet.cells import guarded, unguarded

FILES = Path(__file__).parent / "files" / "csv"
SHARED = Path(__file__).parents[3] / "shared" / "formats"


def read(data: bytes | str, name: str = "table.csv", **options: str) -> Import:
    data = data.encode() if isinstance(data, str) else data
    reader = Xlsx if data.startswith(b"PK") else Csv
    return judge(reader.read(data, name, options), name)


def fixture(name: str) -> Import:
    return read((FILES / name).read_bytes(), name)


def types(found: Import) -> list[str]:
    return [each["type"] for each in found.documents]


def codes(found: Import) -> list[str]:
    return [each.code for each in found.diagnostics]


def documents(found: Import) -> list[dict[str, Any]]:
    assert [each.outcome for each in found.questions] == [Outcome.RECOVERED] * len(found.questions)
    return found.documents


def workbook(rows: list[list[Any]], **sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.active.title = "Quiz"
    for row in rows:
        book.active.append(row)
    for title, others in sheets.items():
        sheet = book.create_sheet(title)
        for row in others:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


HEAD = ["type", "question", "option 1", "option 2", "key"]


class TestOurTemplate:
    def test_every_type_has_a_row(self) -> None:
        found = fixture("template.csv")

        assert types(found) == [
            *("single_choice", "multiple_choice", "true_false", "short_text", "number"),
            *("ordering", "matching", "open_response", "information"),
        ]
        assert codes(found) == []

    def test_a_choice_has_all_that_the_row_says(self) -> None:
        first = documents(fixture("template.csv"))[0]

        assert first["options"] == [
            {"text": "A heap", "feedback": "That is the table."},
            {"text": "A **B-tree**", "key": True, "feedback": "It is ordered."},
            {"text": "A bitmap"},
        ]
        assert (first["topic"], first["level"], first["category"]) == (
            "databases",
            "senior",
            "Storage/Indexes",
        )
        assert (first["tags"], first["points"], first["name"]) == (["b-tree", "disk"], 2, "Index")

    def test_numbers_have_a_tolerance_and_pairs_an_arrow(self) -> None:
        found = documents(fixture("template.csv"))

        assert found[4]["tolerance"] == {"absolute": "0.5"}
        assert found[6]["pairs"][1] == {"prompt": "HTTPS", "match": "443"}
        assert found[6]["distractors"] == [{"text": "25"}]

    @pytest.mark.parametrize(
        ("tolerance", "read_as"), [("5%", {"relative": "0.05"}), ("3 sf", {"significant_figures": 3})]
    )
    def test_a_tolerance_can_be_a_share_or_figures(self, tolerance: str, read_as: dict[str, Any]) -> None:
        [one] = documents(read(f"type,question,key,tolerance\nnumber,How many?,250,{tolerance}\n"))

        assert one["tolerance"] == read_as

    def test_a_number_has_other_answers_and_mistakes(self) -> None:
        text = (
            "type,question,key,option 1,credit 1,option 2,credit 2,feedback 2,feedback if right\n"
            "number,How many bits?,32,31 ± 0.5,0.5,4,0,Those are bytes.,Yes.\n"
        )
        [one] = documents(read(text))

        assert one["accepted"] == [{"value": "31", "tolerance": {"absolute": "0.5"}, "credit": "0.5"}]
        assert one["mistakes"] == [{"value": "4", "feedback": "Those are bytes."}]
        assert one["feedback"] == "Yes."

    def test_credits_make_a_weighted_question(self) -> None:
        text = "type,question,option 1,credit 1,option 2,credit 2,option 3,credit 3,key\n"
        text += 'multiple_choice,Which?,a,0.5,b,50%,c,-0.5,"A, B"\n'
        [one] = documents(read(text))

        assert one["marking"] == "weighted"
        assert [option["credit"] for option in one["options"]] == ["0.5", "0.5", "-0.5"]

    def test_a_type_that_is_missing_is_guessed_from_the_answers(self) -> None:
        text = (
            "type,question,option 1,option 2,key\n,Which?,a,b,B\n,True?,,,true\n,How many?,,,7\n,Who?,,,Ada\n"
        )

        assert types(read(text)) == ["single_choice", "true_false", "number", "short_text"]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("riddle,Which?,a,b,A", "kind"),
            ("single_choice,Which?,a,b,Z", "key"),
            ("single_choice,Which?,a,b,", "no_key"),
            ("single_choice,,a,b,A", "no_stem"),
            ("true_false,Which?,,,perhaps", "key"),
            ("number,Which?,,,many", "number"),
            ("matching,Which?,a,b,", "pair"),
            (",Which?,,,", "no_key"),
            ("short_text,Which?,,,", "no_key"),
        ],
    )
    def test_a_row_that_cannot_be_asked_is_kept_and_the_next_one_is_read(self, row: str, code: str) -> None:
        found = read(f"{','.join(HEAD)}\n{row}\nsingle_choice,Which?,a,b,A\n")

        assert [each.outcome for each in found.questions] == [Outcome.OPAQUE, Outcome.RECOVERED]
        assert found.documents[0]["source"] == row
        assert [(d.code, d.line, d.action) for d in found.diagnostics] == [(code, 2, Action.KEPT)]

    def test_an_unknown_marking_is_flagged(self) -> None:
        found = read(
            'type,question,option 1,option 2,option 3,key,marking\nmultiple_choice,W?,a,b,c,"A,B",best\n'
        )

        assert codes(found) == ["marking"]
        assert types(found) == ["opaque"]

    def test_points_are_rounded_and_the_row_says_so(self) -> None:
        found = read("type,question,key,points\ntrue_false,Is it?,true,2.5\n")

        assert found.documents[0]["points"] == 3
        assert found.documents[0]["origin"]["settings"] == {"points": "2.5"}
        assert codes(found) == ["points"]

    def test_a_letter_is_a_place_in_our_template_whatever_the_answers_say(self) -> None:
        [one] = documents(
            read("type,question,option 1,option 2,option 3,key\nsingle_choice,Which?,B,A,C,B\n")
        )

        assert one["options"][1] == {"text": "A", "key": True}

    def test_the_separator_is_that_of_the_headers(self) -> None:
        text = "type,question,key\nshort_text,a;b;c;d,x;y;z;w\nshort_text,a|b;c;d;e,x|y;z;w;v\n"

        assert [each["stem"] for each in read(text).documents] == ["a;b;c;d", "a|b;c;d;e"]

    def test_a_topic_in_other_words_becomes_the_category(self) -> None:
        found = read("type,question,key,topic\ntrue_false,Is it?,true,Data Bases\n")

        assert found.documents[0]["category"] == "Data Bases"
        assert codes(found) == ["topic"]


class TestOtherTemplates:
    def test_kahoot_counts_answers_and_takes_any_right_one(self) -> None:
        found = fixture("kahoot.csv")

        assert types(found) == ["single_choice", "single_choice"]
        first, second = found.documents
        assert [option.get("key", False) for option in first["options"]] == [False, True, False]
        assert [option.get("credit") for option in second["options"]] == [None, None, None, "1"]
        assert second["options"][1] == {"text": "4", "key": True}
        assert codes(found) == ["preamble", "preamble", "column", "several_keys"]

    def test_brightspace_has_a_row_for_each_thing(self) -> None:
        found = fixture("brightspace.csv")

        assert types(found) == [
            *("single_choice", "true_false", "multiple_choice", "short_text", "opaque"),
            *("matching", "ordering", "open_response", "opaque"),
        ]
        first = found.documents[0]
        assert first["origin"] == {"format": "csv", "id": "NET-1", "settings": {"difficulty": "3"}}
        assert first["options"][1] == {"text": {"html": "<b>80</b>"}, "feedback": "That is HTTP."}
        assert first["options"][2]["credit"] == "0.25"
        assert (first["points"], first["hints"]) == (2, ["It is below 100."])
        assert found.documents[1]["stem"] == {"html": "UDP resends what is lost."}
        assert found.documents[5]["distractors"] == [{"text": "25"}]

    def test_blackboard_begins_each_row_with_a_type(self) -> None:
        found = fixture("blackboard.txt")

        assert types(found) == [
            *("single_choice", "multiple_choice", "true_false", "open_response", "ordering", "matching"),
            *("short_text", "composite", "number", "open_response", "opaque", "opaque", "opaque"),
        ]
        gaps = found.documents[7]
        assert gaps["text"] == "A [[gap-1]] index keeps an [[gap-2]]."
        assert gaps["parts"][0]["answers"] == [{"text": "B-tree"}, {"text": "btree"}]

    def test_moodles_plugins_are_known_by_their_headers(self) -> None:
        one, two = documents(fixture("moodle.csv"))
        single, several = documents(fixture("plugin.csv"))

        assert (one["type"], two["marking"]) == ("single_choice", "weighted")
        assert [option.get("credit") for option in two["options"]] == ["0.5", None, "0.5", None]
        assert (single["type"], several["marking"]) == ("single_choice", "all_or_nothing")

    def test_wrong_answers_may_stand_apart_from_the_right_one(self) -> None:
        found = fixture("other.csv")

        assert [option["text"] for option in found.documents[0]["options"]] == ["PUT", "POST", "PATCH"]
        assert found.documents[0]["options"][0]["key"] is True
        assert found.documents[0]["category"] == "HTTP"
        assert found.documents[0]["origin"]["settings"] == {"Author": "Ada"}
        assert codes(found) == ["column"]

    def test_a_table_without_headers_is_read_if_its_last_column_names_an_answer(self) -> None:
        found = read("Which verb?,POST,PUT,PATCH,PUT\nWhich port?,80,22,25,22\n")

        assert [each["options"][1].get("key") for each in documents(found)] == [True, True]
        assert found.columns.guesses["Column E"] == "key"

    def test_html_in_a_cell_stays_html(self) -> None:
        [one] = documents(read("Question,A,B,Correct\n<p>Which <b>verb</b>?</p>,PUT,GET,A\n"))

        assert (one["markup"], one["stem"]) == ("plain", {"html": "<p>Which <b>verb</b>?</p>"})

    def test_stars_of_other_systems_are_stars(self) -> None:
        [one] = documents(read("FIB\tWhich files?\t*.py\n", "bb.txt"))

        assert one["answers"] == [{"text": "\\*.py"}]


class TestWhichAnswerIsRight:
    def rows(self, *rows: str) -> Import:
        return read("Question,A,B,C,Correct\n" + "\n".join(rows) + "\n")

    @pytest.mark.parametrize(
        "key", ["B", "b", "b)", "2", "PUT", "put", "option B", "B. PUT", "Answer 2", "(b)"]
    )
    def test_it_is_named_by_letter_number_or_text(self, key: str) -> None:
        [one] = documents(self.rows(f"Which?,POST,PUT,GET,{key}"))

        assert one["options"][1]["key"] is True

    @pytest.mark.parametrize("key", ['"A, C"', "AC", "A;C", '"1,3"', "A and C", "POST;GET", '"POST, GET"'])
    def test_several_are_named_in_one_cell(self, key: str) -> None:
        found = self.rows(f"Which?,POST,PUT,GET,{key}")

        assert [bool(o.get("key")) for o in found.documents[0]["options"]] == [True, False, True]
        assert codes(found) == ["marking"]

    def test_a_number_that_is_a_place_and_an_answer_is_flagged(self) -> None:
        found = self.rows("How many?,2,3,4,3")

        assert codes(found) == ["ambiguous_key"]
        assert types(found) == ["opaque"]

    def test_the_other_rows_decide_what_a_number_means(self) -> None:
        found = self.rows("How many?,2,3,4,3", "How much?,20,30,40,40")
        places = self.rows("How many?,2,3,4,3", "Which?,a,b,c,2")

        assert documents(found)[0]["options"][1].get("key") is True
        assert documents(places)[0]["options"][2].get("key") is True

    def test_a_table_may_count_from_zero(self) -> None:
        found = self.rows("Which?,a,b,c,0", "Which now?,a,b,c,1")

        assert [o.get("key") for o in documents(found)[1]["options"]] == [None, True, None]

    def test_the_same_answer_twice_is_offered_once(self) -> None:
        found = self.rows("Which?,a,b,B ,A")

        assert [option["text"] for option in documents(found)[0]["options"]] == ["a", "b"]
        assert codes(found) == ["duplicate_option"]

    def test_the_same_answer_right_and_wrong_is_kept_opaque(self) -> None:
        assert types(self.rows("Which?,a,b,a,A")) == ["opaque"]


class TestColumnsToExplain:
    def test_a_table_that_says_nothing_is_kept_and_offered(self) -> None:
        found = fixture("unknown.csv")

        assert types(found) == ["opaque", "opaque"]
        assert found.columns.headers == ["alpha", "beta", "gamma"]
        assert found.columns.rows[0] == ["Which verb is idempotent?", "PUT", "7"]
        assert set(found.columns.guesses.values()) <= set(found.columns.meanings)
        assert {each.action for each in found.diagnostics} == {Action.KEPT}

    def test_what_a_person_says_of_the_columns_counts(self) -> None:
        text = (FILES / "unknown.csv").read_text()
        found = read(text, alpha="question", beta="key", gamma="points")

        assert types(found) == ["short_text", "number"]
        assert [each["points"] for each in found.documents] == [7, 9]

    def test_a_guess_can_be_corrected(self) -> None:
        text = "Question,Answer 1,Answer 2,Correct,Comment\nWhich?,a,b,A,A remark\n"

        assert read(text).documents[0]["explanation"] == "A remark"
        assert "explanation" not in read(text, Comment="kept").documents[0]

    def test_headers_that_are_empty_or_repeated_can_be_told_apart(self) -> None:
        found = read("Question,Answer,Answer,,Correct\nWhich?,a,b,x,A\n")

        assert found.columns.headers == ["Question", "Answer", "Answer (2)", "Column D", "Correct"]

    def test_an_empty_file_says_so(self) -> None:
        assert codes(read(b"")) != [] or read(b"").questions == ()


class TestWhatProgramsDoToTables:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_the_separator_is_found(self, separator: str) -> None:
        text = (FILES / "template.csv").read_text()
        target = io.StringIO()
        csv.writer(target, delimiter=separator).writerows(csv.reader(io.StringIO(text)))

        assert read(target.getvalue()).documents == fixture("template.csv").documents

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
    @pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
    def test_encodings_and_line_ends_change_nothing(self, encoding: str, line_end: str) -> None:
        text = (FILES / "template.csv").read_text().replace("steps", "stéps").replace("\n", line_end)

        assert read(text.encode(encoding)).documents == read(text.encode()).documents

    def test_a_quote_that_never_ends_costs_one_row(self) -> None:
        text = f'{",".join(HEAD)}\nsingle_choice,"Which?,a,b,A\nsingle_choice,"Who?",a,b,A\n'
        found = read(text)

        assert [each.name for each in found.questions][1] == "Who?"
        assert [each.line for each in found.questions] == [2, 3]
        assert "quote" in codes(found)

    def test_a_cell_of_several_lines_counts_its_lines(self) -> None:
        found = read(f'{",".join(HEAD)}\nsingle_choice,"Which\nof these?",a,b,A\nnone,x,,,\n')

        assert found.documents[0]["stem"] == "Which\nof these?"
        assert [each.line for each in found.questions] == [2, 4]

    def test_a_date_made_of_numbers_is_warned_about(self) -> None:
        found = read(f"{','.join(HEAD)}\nsingle_choice,Which share?,1-Feb,3/4,A\n")

        assert types(found) == ["single_choice"]
        assert codes(found) == ["date"]

    def test_a_row_that_is_a_heading_is_told(self) -> None:
        found = read("Question,A,B,Correct,Unknown\nWhich?,a,b,A,\n,,,,Second part\n")

        assert [each.outcome for each in found.questions] == [Outcome.RECOVERED]
        assert "row" in codes(found)


class TestWorkbooks:
    def test_a_workbook_is_read_like_a_file(self) -> None:
        rows = list(csv.reader(io.StringIO((FILES / "template.csv").read_text())))

        assert read(workbook(rows)).documents == fixture("template.csv").documents

    def test_numbers_dates_and_truth_are_read_as_they_look(self) -> None:
        rows: list[list[Any]] = [
            HEAD,
            ["single_choice", "Which share?", 5.0, 0.1 + 0.2, "A"],
            ["true_false", "Is it?", None, None, True],
        ]
        rows.append(["single_choice", "When?", date(2026, 2, 1), "never", "B"])
        found = read(workbook(rows))

        assert [option["text"] for option in found.documents[0]["options"]] == ["5", "0.3"]
        assert found.documents[1]["answer"] is True
        assert found.documents[2]["options"][0]["text"] == "2026-02-01"
        assert codes(found) == ["date"]

    def test_percentages_are_read_as_they_look(self) -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Quiz")
        share = WriteOnlyCell(sheet, 0.5)
        share.number_format = "0%"
        sheet.append(HEAD)
        sheet.append(["single_choice", "Which share?", share, "all", "A"])
        target = io.BytesIO()
        book.save(target)

        assert read(target.getvalue()).documents[0]["options"][0]["text"] == "50%"

    def test_a_formula_without_a_stored_value_is_told(self) -> None:
        found = read(
            workbook(
                [HEAD, ["single_choice", "=1+1", "a", "b", "A"], ["true_false", "Is it?", None, None, True]]
            )
        )

        assert [each.outcome for each in found.questions] == [Outcome.OPAQUE, Outcome.RECOVERED]
        assert [(d.code, d.line) for d in found.diagnostics] == [("formula", 2), ("no_stem", 2)]

    def test_a_merged_cell_counts_for_every_row(self) -> None:
        book = Workbook()
        sheet = book.active
        for row in (
            [*HEAD, "category"],
            ["true_false", "One?", "", "", True, "HTTP"],
            ["true_false", "Two?", "", "", False],
        ):
            sheet.append(row)
        sheet.merge_cells("F2:F3")
        target = io.BytesIO()
        book.save(target)

        assert [each["category"] for each in read(target.getvalue()).documents] == ["HTTP", "HTTP"]

    def test_sheets_are_read_apart_and_those_without_questions_are_told(self) -> None:
        row = ["true_false", "Is it?", None, None, True]
        data = workbook([HEAD, row], More=[HEAD, row], Notes=[["Read this first, please."]])
        found = read(data)

        assert [each.member for each in found.questions] == ["Quiz", "More"]
        assert [(d.code, d.member) for d in found.diagnostics] == [("sheet", "Notes")]

    def test_a_hidden_sheet_is_passed_over_and_told(self) -> None:
        book = Workbook()
        book.active.append(HEAD)
        book.active.append(["true_false", "Is it?", None, None, True])
        book.create_sheet("Secret").sheet_state = "hidden"
        target = io.BytesIO()
        book.save(target)

        assert codes(read(target.getvalue())) == ["hidden_sheet"]

    def test_lines_that_were_pasted_into_one_column_are_taken_apart(self) -> None:
        lines = (FILES / "brightspace.csv").read_text().splitlines()

        assert types(read(workbook([[line] for line in lines]))) == types(fixture("brightspace.csv"))

    def test_a_sheet_of_a_million_empty_rows_ends_early(self) -> None:
        book = Workbook()
        book.active.append(HEAD)
        book.active.append(["true_false", "Is it?", None, None, True])
        book.worksheets[0].cell(1_000_000, 1, "x")
        target = io.BytesIO()
        book.save(target)
        found = read(target.getvalue())

        assert types(found)[0] == "true_false"


def spoilt(member: str, content: bytes) -> bytes:
    """A workbook one of whose members is something else."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([HEAD]))) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, content if name == member else old.read(name))
    return target.getvalue()


class TestHostileWorkbooks:
    def test_entities_are_refused(self) -> None:
        bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
        found = read(spoilt("xl/worksheets/sheet1.xml", bomb))

        assert [(d.code, d.action) for d in found.diagnostics] == [("workbook", Action.DROPPED)]

    def test_a_member_that_expands_too_much_is_refused(self) -> None:
        found = read(spoilt("xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * 21_000_000))

        assert codes(found) == ["workbook"]

    @pytest.mark.parametrize("content", [b"", b"<worksheet>", b"\xff\xfe", b"{}"])
    def test_broken_members_are_told(self, content: bytes) -> None:
        for member in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml"):
            assert all(d.line >= 1 for d in read(spoilt(member, content)).diagnostics)

    def test_a_cut_workbook_is_told(self) -> None:
        data = workbook([HEAD, ["true_false", "Is it?", None, None, True]])
        for share in range(20):
            found = read(data[: max(4, len(data) * share // 20)])
            assert found.questions or found.diagnostics


class TestExport:
    def test_every_type_that_a_row_can_say_comes_back(self) -> None:
        whole = fixture("template.csv").documents
        written = Csv.write("Set", whole, {})

        assert read(written.data).documents == whole
        assert written.limits == ()

    @pytest.mark.parametrize(
        "kind",
        ["single_choice", "multiple_choice", "true_false", "short_text", "number", "ordering", "matching"],
    )
    def test_samples_come_back_but_for_what_is_told(self, kind: str) -> None:
        document = judge_one(make.sample(kind))
        written = Csv.write("Set", [document], {})
        [back] = read(written.data).documents

        told = " ".join(limit.message for limit in written.limits)
        for name in document.keys() | back.keys():
            assert (
                document.get(name) == back.get(name)
                or name in told
                or name in ("unit_required", "units", "suffixes")
            )

    @pytest.mark.parametrize(
        "kind", ["composite", "matrix", "categorise", "line_select", "http_kata", "sql_query"]
    )
    def test_what_no_row_can_say_is_left_out_and_told(self, kind: str) -> None:
        document = judge_one(make.sample(kind))
        written = Csv.write("Set", [document], {})

        assert [limit.question for limit in written.limits] == [document["id"]]
        assert read(written.data).questions == ()

    def test_a_row_that_was_only_kept_comes_back(self) -> None:
        kept = read("type,question\nriddle,What?\n").documents
        again = read(Csv.write("Set", kept, {}).data).documents

        assert again[0]["source"] == kept[0]["source"] == "riddle,What?"
        assert again[0]["kind"] == kept[0]["kind"]

    def test_what_is_kept_of_other_systems_is_left_out_and_told(self) -> None:
        document = {**read("type,question\nriddle,What?\n").documents[0], "origin": {"format": "gift"}}

        assert len(Csv.write("Set", [document], {}).limits) == 1

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "=1+1",
                "+1+1",
                "-1+1",
                "@SUM(A1)",
                "=cmd|' /C calc'!A0",
                " =1",
                "'=1",
                '"=1',
                "''=1",
                "\N{FULLWIDTH EQUALS SIGN}1",
            ),
            *("-5", "-", "=", "it's", "'quoted'", "\t=1", "+5", "1e5", "-1.5", "- item", "=\n1"),
        ],
    )
    def test_no_cell_is_a_formula_and_all_come_back(self, text: str) -> None:
        cell = guarded(text)

        assert unguarded(cell) == text
        bare = cell.lstrip(' "\n')
        assert not bare.startswith(("=", "+", "@", "\t")) or cell.startswith("'")
        assert bare.startswith("-") <= text.removeprefix("-").replace(".", "").isdigit()

    def test_numbers_stay_numbers_in_the_file(self) -> None:
        document = make.document("n", type="number", stem="=SUM(A1:A9)", answer=-5)
        written = Csv.write("Set", [document], {}).data.decode("utf-8-sig")
        row = next(csv.DictReader(io.StringIO(written)))

        assert (row["key"], row["question"]) == ("-5", "'=SUM(A1:A9)")
        assert read(written).documents[0]["stem"] == "=SUM(A1:A9)"

    def test_questions_with_variants_are_written_as_one_draw(self) -> None:
        document = make.document(
            "v",
            type="number",
            stem="What is {{a}} plus one?",
            answer="= a + 1",
            variants={"parameters": {"a": [1, 2, 3]}},
        )
        written = Csv.write("Set", [document], {})

        assert [limit.message for limit in written.limits] == ["has variants; it is written as one draw"]
        assert "{{" not in written.data.decode("utf-8-sig")


def judge_one(document: dict[str, Any]) -> dict[str, Any]:
    """A document as the one door leaves it."""
    reading = Reading("yaml", found=[Found("x", 1, document)])
    [judged] = judge(reading, "x").questions
    assert judged.outcome is Outcome.RECOVERED, judged.diagnostics
    assert judged.document is not None
    return judged.document


words = (
    st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), min_size=1, max_size=30)
    .map(lambda text: "\n".join(text.split("\n")).strip())
    .filter(lambda text: bool(text.strip()) and not text.startswith("\ufeff"))
)
lines = words.map(lambda text: " ".join(text.split())).filter(bool)
distinct = st.lists(words, min_size=3, max_size=6, unique_by=lambda text: " ".join(text.split()).casefold())


@st.composite
def a_document(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            ["single_choice", "multiple_choice", "true_false", "short_text", "number", "ordering"]
        )
    )
    document: dict[str, Any] = {
        "id": f"q-{draw(st.integers(0, 10**9))}",
        "type": kind,
        "topic": "databases",
        "stem": draw(words),
        **draw(
            st.fixed_dictionaries(
                {}, optional={"name": lines, "explanation": words, "points": st.integers(2, 100)}
            )
        ),
    }
    texts = draw(distinct)
    if kind in ("single_choice", "multiple_choice"):
        key = draw(st.integers(0, len(texts) - 1))
        document["options"] = [
            {"text": t, **({"key": True} if n == key else {}), "feedback": draw(words)}
            for n, t in enumerate(texts)
        ]
    elif kind == "true_false":
        document |= {"answer": draw(st.booleans()), "feedback_true": draw(words)}
    elif kind == "short_text":
        document["answers"] = [{"text": "a" + " ".join(text.split())} for text in texts]
    elif kind == "number":
        document["answer"] = draw(st.decimals(-(10**9), 10**9, places=3))
    else:
        document["items"] = [{"text": text} for text in texts]
    return document


@settings(max_examples=60, deadline=None)
@given(st.lists(a_document(), min_size=1, max_size=4, unique_by=lambda document: document["id"]))
def test_what_is_written_is_read_again(listed: list[dict[str, Any]]) -> None:
    judged = [judge_one(document) for document in listed]

    assert read(Csv.write("Set", judged, {}).data).documents == judged


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
class TestSpoiltFiles:
    def check(self, data: bytes, name: str) -> None:
        found = read(data, name)
        assert sum(found.count(outcome) for outcome in Outcome) == len(found.questions)
        assert all(each.line >= 1 for each in found.diagnostics)
        assert all(each.diagnostics for each in found.questions if each.outcome is not Outcome.RECOVERED)

    def test_cut_anywhere(self, path: Path) -> None:
        data = path.read_bytes()
        for part in range(20):
            self.check(data[: len(data) * part // 20], path.name)

    def test_with_any_byte_another(self, path: Path) -> None:
        data = path.read_bytes()
        for at in range(0, len(data), 7):
            self.check(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :], path.name)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "cp1252"])
    def test_in_another_encoding(self, path: Path, encoding: str) -> None:
        data = path.read_text("utf-8").encode(encoding, "replace")
        assert types(read(data, path.name)) == types(fixture(path.name))


@pytest.mark.parametrize(
    "text", ['"' * 300_000, ',"' * 150_000, '"a\n' * 100_000, "a," * 200_000, "=" * 300_000, "x\n" * 100_000]
)
def test_a_hostile_table_ends(text: str) -> None:
    assert all(each.line >= 1 for each in read(f"type,question\n{text}").diagnostics)


@pytest.mark.parametrize(
    "name", ["template.csv", "kahoot.csv", "brightspace.csv", "blackboard.txt", "moodle.csv", "plugin.csv"]
)
def test_a_table_is_known_by_its_content(name: str) -> None:
    assert detected((FILES / name).read_bytes(), "file") == "csv"


def test_a_workbook_is_known_by_its_content() -> None:
    assert detected(workbook([HEAD]), "file") == "xlsx"


@pytest.mark.skipif(not (SHARED / "csv_xlsx").is_dir(), reason="the shared corpus of formats is not here")
def test_the_shared_tables_lose_nothing() -> None:
    listed = [line.split("\t") for line in (SHARED / "MANIFEST.tsv").read_text().splitlines()]
    wanted = {path: int(count or 0) for kind, path, count, *_ in listed if kind == "csv_xlsx"}
    for path, count in wanted.items():
        found = read((SHARED / path).read_bytes(), path)
        assert found.count(Outcome.RECOVERED) + found.count(Outcome.OPAQUE) >= count
        assert found.count(Outcome.RECOVERED) > 0
