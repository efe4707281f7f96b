"""QTI 1.2 read: every kind of Canvas, the dialects of older systems, and what is not guessed."""

from pathlib import Path
from typing import Any

import pytest

from qti12_items import NUMBER, TYPED, codes, equal, item, material, named, one, options, read, rule
from quizapp.domain.imports import Action, Outcome
from quizapp.formats import detected
from quizapp.formats.qti12 import Qti12

FILES = Path(__file__).parent / "files" / "qti12"


# What the systems write


def test_every_kind_of_canvas_is_read() -> None:
    found = read((FILES / "canvas.xml").read_bytes())
    by_name = named(found)

    assert found.title == "Backend basics"
    assert found.count(Outcome.RECOVERED) == 11
    assert {name: each["type"] for name, each in by_name.items()} == {
        "Idempotent method": "single_choice",
        "TTL": "true_false",
        "Safe methods": "multiple_choice",
        "Port": "short_text",
        "Layers": "composite",
        "Isolation": "composite",
        "Codes": "matching",
        "Hosts": "number",
        "Essay": "open_response",
        "Upload": "opaque",
        "Read this": "information",
        "Transfer time": "number",
    }


def test_a_choice_keeps_its_key_its_points_and_its_feedback() -> None:
    question = named(read((FILES / "canvas.xml").read_bytes()))["Idempotent method"]

    assert question["stem"] == "<p>Which method may a client <em>repeat</em> safely?</p>"
    assert question["markup"] == "html"
    assert question["points"] == 2
    assert question["explanation"] == "<p>Idempotent means: twice is as good as once.</p>"
    assert question["options"] == [
        {"text": {"plain": "PUT"}, "key": True},
        {"text": {"plain": "POST"}, "feedback": "<p>A second POST makes a second thing.</p>"},
        {"text": {"plain": "PATCH"}},
    ]
    assert question["origin"]["id"] == "m1"
    assert question["origin"]["settings"]["correct_feedback"] == "<p>Yes.</p>"


def test_numbers_keep_their_ranges_credits_and_feedback() -> None:
    question = named(read((FILES / "canvas.xml").read_bytes()))["Hosts"]

    assert (question["answer"], question["tolerance"]) == ("62", {"absolute": "0.5"})
    assert question["feedback"] == "<p>64 less two.</p>"
    assert question["accepted"] == [{"value": "64", "tolerance": {"absolute": "1"}, "credit": "0.5"}]
    assert question["otherwise"] == "<p>Count the addresses.</p>"


def test_gaps_stand_where_their_names_stood() -> None:
    found = named(read((FILES / "canvas.xml").read_bytes()))

    assert found["Layers"]["text"] == "<p>TCP is layer [[tcp]] and IP is layer [[ip]].</p>"
    assert [part["type"] for part in found["Layers"]["parts"]] == ["short_text", "short_text"]
    # Canvas scores only the first text that it accepts, and accepts them all.
    assert found["Layers"]["parts"][0]["answers"] == [{"text": "4"}, {"text": "four"}]
    assert [part["options"][0].get("key", False) for part in found["Isolation"]["parts"]] == [True, False]


def test_a_calculation_becomes_variants_only_because_every_answer_of_its_file_agrees() -> None:
    text = (FILES / "canvas.xml").read_text()
    question = named(read(text))["Transfer time"]
    doubted = named(read(text.replace("<answer>3.3</answer>", "<answer>3.6</answer>")))["Transfer time"]

    assert question["answer"] == "= round(mb / rate, 1)"
    assert question["tolerance"] == {"relative": "0.05"}
    assert question["stem"] == "<p>How many seconds take {{mb}} MB at {{rate}} MB/s?</p>"
    assert doubted["type"] == "opaque"
    assert "other answers" in doubted["reason"]


def test_the_dialects_of_older_systems_are_read() -> None:
    found = read((FILES / "older.xml").read_bytes())
    kinds = [(each.document or {})["type"] for each in found.questions]

    assert kinds == [
        *("single_choice", "single_choice", "matching", "ordering", "composite", "number", "opaque"),
        *("multiple_choice", "composite", "composite"),
    ]
    choice, either, pairs, order, gaps, number, bowl, several, words, flow = found.documents
    assert choice["options"][1] == {
        "text": {"moodle": "shared"},
        "credit": "0.5",
        "feedback": "Readers share it.",
    }
    assert either["options"] == [{"text": {"plain": "Yes"}}, {"text": {"plain": "No"}, "key": True}]
    assert [(pair["prompt"], pair["match"]) for pair in pairs["pairs"]] == [
        ("sequential scan", "disk"),
        ("hash join", "memory"),
    ]
    assert pairs["distractors"] == [{"text": "network"}]
    assert [each["text"]["moodle"] for each in order["items"]] == ["SYN", "SYN-ACK", "ACK"]
    assert gaps["marking"] == "all_or_nothing"
    assert number["answer"] == "8"
    assert bowl["kind"] == "Quiz Bowl"
    assert [option.get("credit") for option in several["options"]] == ["0.5", "0.5", "-0.25"]
    assert several["explanation"] == "See the list of statuses."
    assert words["category"] == "Sentences"
    assert words["text"] == "A [[gap-1]] follows its [[gap-2]]."
    assert flow["text"] == "A [[f1]] key names a row &amp; a [[f2]] key another table."
    assert [part.get("weight", 1) for part in flow["parts"]] == [1, 2]


def test_lines_are_those_of_the_items_and_sources_are_kept_to_the_letter() -> None:
    text = (FILES / "canvas.xml").read_text()
    reading = Qti12.read(text.encode(), "canvas.xml", {})

    for found in reading.found:
        assert text.split("\n")[found.line - 1].lstrip().startswith("<item ")
        assert found.source in text
        assert found.source.endswith("</item>")


def test_files_are_recognised_by_what_is_in_them() -> None:
    canvas = (FILES / "canvas.xml").read_bytes()

    assert detected(canvas, "notes.txt") == "qti12"
    assert detected(canvas.decode().encode("utf-16"), "quiz.xml") == "qti12"
    assert Qti12.recognises(b"<quiz><question type='essay'/></quiz>", "quiz.xml") == 0
    assert Qti12.recognises(b"<rss><item>news</item></rss>", "quiz.xml") == 0


# What scoring means


@pytest.mark.parametrize(
    ("rules", "marking", "shares"),
    [
        (
            rule(f"<and>{equal('a')}{equal('b')}<not>{equal('c')}</not></and>"),
            "all_or_nothing",
            [None, None, None],
        ),
        (rule(equal("a") + equal("b") + f"<not>{equal('c')}</not>"), "all_or_nothing", [None, None, None]),
        (rule(equal("a"), 50, "Add") + rule(equal("b"), 50, "Add"), "weighted", ["0.5", "0.5", None]),
        (
            rule(equal("a"), 60, "Add") + rule(equal("b"), 40, "Add") + rule(equal("c"), -100, "Add"),
            "weighted",
            ["0.6", "0.4", "-1"],
        ),
    ],
)
def test_several_options_are_marked_as_their_scoring_says(
    rules: str, marking: str, shares: list[str | None]
) -> None:
    question = one(item(options("GET", "HEAD", "POST", cardinality="Multiple"), rules))

    assert question.document is not None
    assert question.document["marking"] == marking
    assert [option.get("key", False) for option in question.document["options"]] == [True, True, False]
    assert [option.get("credit") for option in question.document["options"]] == shares
    assert codes(question) == []


def test_options_that_do_no_harm_there_are_told() -> None:
    question = one(
        item(
            options("GET", "HEAD", "POST", cardinality="Multiple"),
            rule(f"<and>{equal('a')}{equal('b')}</and>"),
        )
    )

    assert question.document is not None and question.document["marking"] == "all_or_nothing"
    assert [(said.code, said.action) for said in question.diagnostics] == [("marking", Action.APPROXIMATED)]


def test_partial_credit_comes_from_points_that_differ() -> None:
    question = one(item(options("WAL", "redo log", "heap"), rule(equal("a"), 10) + rule(equal("b"), 5)))

    assert question.document is not None
    assert [option.get("credit") for option in question.document["options"]] == [None, "0.5", None]
    assert codes(question) == ["best_answer"]


@pytest.mark.parametrize(
    ("inside", "rules", "kind", "code"),
    [
        (options("x", "y"), "", "multiple_choice_question", "no_key"),
        (options("x", "y"), rule(equal("a"), 0), "", "no_key"),
        (options("x", "y"), rule("<other/>"), "", "scoring"),
        (options("x", "y"), rule("<durequal>5</durequal>"), "", "scoring"),
        (options("x", "y"), rule(equal("a"), "lots"), "", "scoring"),
        (options("x", "y"), rule(equal("a"), 5, "Power"), "", "scoring"),
        (options("x", "X"), rule(equal("a")), "", "contradictory_options"),
        (options("x"), rule(equal("a")), "", "options"),
        (options("", "y", "z"), rule(equal("a")), "", "no_key"),
        (TYPED, rule("<not>" + equal("no") + "</not>"), "short_answer_question", "no_key"),
        (TYPED, rule(equal("x"), 0), "short_answer_question", "no_key"),
        (NUMBER, rule('<vargte respident="r">5</vargte>'), "", "scoring"),
        (NUMBER, rule(equal("five")), "", "scoring"),
        (NUMBER, "", "numerical_question", "no_key"),
        ("", "", "file_upload_question", "kind"),
        ("", "", "hot_spot_question", "kind"),
        ("", "", "categorization_question", "kind"),
        (options("x", "y") + TYPED.replace('"r"', '"s"'), rule(equal("a")), "essay_question", "responses"),
        (options("x", "y"), rule(equal("a")), "ordering_question", "scoring"),
        (options("x", "y"), rule(equal("a")), "matching_question", "responses"),
    ],
)
def test_what_is_not_understood_is_kept_and_never_guessed(
    inside: str, rules: str, kind: str, code: str
) -> None:
    question = one(item(inside, rules, kind))

    assert question.outcome is Outcome.OPAQUE
    assert code in codes(question)
    assert question.document is not None
    assert question.document["source"].startswith('<item ident="i1"')
    assert question.document["origin"] == {"format": "qti12", "id": "i1"}
    assert "Which one?" in str(question.document["stem"])


def test_the_same_option_twice_is_kept_once_and_an_empty_one_not_at_all() -> None:
    question = one(item(options("shared", "exclusive", "Shared ", ""), rule(equal("b"))))

    assert question.document is not None
    assert [option["text"] for option in question.document["options"]] == [
        {"plain": "shared"},
        {"plain": "exclusive"},
    ]
    assert codes(question) == ["duplicate_option", "empty_option"]


def test_case_wildcards_and_parts_of_texts() -> None:
    rules = rule(equal("SELECT *", more=' case="Yes"')) + rule(equal("count", more=' case="Yes"'), 50)
    question = one(item(TYPED, rules, "short_answer_question"))
    part = one(item(TYPED, rule('<varsubstring respident="r">join</varsubstring>'), "short_answer_question"))

    assert question.document is not None and part.document is not None
    assert question.document["case_sensitive"] is True
    assert question.document["answers"] == [{"text": r"SELECT \*"}, {"text": "count", "credit": "0.5"}]
    assert part.document["answers"] == [{"text": "*join*"}]


@pytest.mark.parametrize(
    ("test", "answer", "tolerance", "code"),
    [
        (equal("42"), "42", None, []),
        (f"<or>{equal('42')}<and><vargt respident='r'>41.995</vargt><varlte respident='r'>42.005</varlte></and></or>", "42", {"absolute": "0.005"}, ["open_range"]),
        ("<vargte respident='r'>1</vargte><varlte respident='r'>4</varlte>", "2.5", {"absolute": "1.5"}, []),
        (f"<vargte respident='r'>1</vargte><varlte respident='r'>4</varlte>{equal('2')}", "2.5", {"absolute": "1.5"}, ["range"]),
        (equal("8", more=' margintype="percent" margin="5"'), "8", {"relative": "0.05"}, []),
        (equal("8", more=' precisiontype="decimals" precision="2"'), "8", {"absolute": "0.005"}, []),
        (equal("8.1", more=' precisiontype="significantDigits" precision="2"'), "8.1", {"significant_figures": 2}, []),
    ],
)  # fmt: skip
def test_ranges_margins_and_precisions(
    test: str, answer: str, tolerance: dict[str, Any] | None, code: list[str]
) -> None:
    question = one(item(NUMBER, rule(test)))

    assert question.document is not None
    assert question.document["answer"] == answer
    assert question.document.get("tolerance") == tolerance
    assert codes(question) == code


def test_items_without_a_word_for_their_kind_are_known_by_how_they_are_built() -> None:
    pairs = "".join(
        options("1", "2", ident=name).replace("<render", f"{material(name, 'plain')}<render") for name in "xy"
    )
    rules = rule(equal("a", "x"), 50, "Add") + rule(equal("b", "y"), 50, "Add")

    assert (one(item(options("True", "False"), rule(equal("b")))).document or {})["type"] == "true_false"
    assert (one(item(TYPED, "")).document or {})["type"] == "open_response"
    assert (one(item(TYPED, rule(equal("x")))).document or {})["type"] == "short_text"
    assert (one(item(NUMBER, rule(equal("1")))).document or {})["type"] == "number"
    assert (one(item("", "")).document or {})["type"] == "information"
    assert (one(item(pairs, rules)).document or {})["type"] == "matching"
    gapped = one(item(pairs, rules, stem="[x] and [y]")).document or {}
    assert (gapped["type"], gapped["text"]) == ("composite", "[[x]] and [[y]]")


def test_a_gap_like_text_that_is_no_gap_stays_text() -> None:
    gap = options("1", "2", ident="x").replace("<render", f"{material('x', 'plain')}<render")
    question = one(item(gap, rule(equal("a", "x")), stem='<a title="[x]">[[y]]</a> [x] [x]'))

    assert question.document is not None
    assert question.document["text"] == '<a title="[x]">[&#91;y]]</a> [[x]] [x]'


def test_a_gap_of_numbers_is_a_number_alone_or_together_with_others() -> None:
    gaps = "".join(NUMBER.replace('"r"', f'"{name}"') for name in "xy")
    alone = rule(equal("80", "x"), 50, "Add") + rule(equal("443", "y"), 50, "Add")
    together = rule(f"<and>{equal('80', 'x')}<or>{equal('443', 'y')}{equal('8443', 'y')}</or></and>")

    for rules in (alone, together):
        parts = (one(item(gaps, rules, stem="[x] or [y]")).document or {})["parts"]
        assert [(part["type"], part["answer"]) for part in parts] == [("number", "80"), ("number", "443")]
    assert parts[1]["accepted"] == [{"value": "8443"}]


def test_a_word_that_does_not_fit_how_an_item_is_built_is_not_believed() -> None:
    two = TYPED + TYPED.replace('"r"', '"s"')
    rules = rule(equal("GET"), 50, "Add") + rule(equal("PUT", "s"), 50, "Add")
    question = one(item(two, rules, "short_answer_question"))

    assert question.document is not None and question.document["type"] == "composite"
