"""Moodle XML: what each type becomes, what is told, and that a broken question costs only itself."""

from pathlib import Path
from typing import Any

import pytest

from quizapp.domain.imports import Action, Import, Outcome, judge
from quizapp.domain.texts import Markup
from quizapp.formats.moodle_xml import MoodleXml
from quizapp.formats.reading.moodle_question import kept_share, number_of, share, spelled

FILES = Path(__file__).parent / "files" / "moodle_xml"
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def read(text: str | bytes) -> Import:
    data = text if isinstance(text, bytes) else text.encode()
    return judge(MoodleXml.read(data, "set.xml", {}), "set.xml")


def fixture(name: str) -> Import:
    return read((FILES / name).read_bytes())


def question(kind: str, inside: str, *, text: str = "Which?", name: str = "One") -> str:
    return (
        f'<quiz><question type="{kind}"><name><text>{name}</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{inside}</question></quiz>'
    )


def answer(text: str, fraction: str, inside: str = "") -> str:
    return f'<answer fraction="{fraction}"><text>{text}</text>{inside}</answer>'


def only(found: Import) -> dict[str, Any]:
    (document,) = found.documents
    return document


def codes(found: Import) -> list[str]:
    return [each.code for each in found.diagnostics]


def named(found: Import, name: str) -> dict[str, Any]:
    return next(each for each in found.documents if each["name"] == name)


def test_every_question_of_a_file_is_there() -> None:
    found = fixture("backend.xml")

    assert found.count(Outcome.RECOVERED) == 11
    assert found.count(Outcome.OPAQUE) == 1
    assert {each["category"] for each in found.documents} == {"$course$/top/Backend/Data & storage"}


def test_a_choice_keeps_order_weights_feedback_and_markup() -> None:
    document = named(fixture("backend.xml"), "Ordinary index")

    assert document["options"] == [
        {"text": "A hash table", "feedback": "Only for equality."},
        {"text": "A <b>B-tree</b>", "key": True, "feedback": "Ranges work, too."},
        {"text": "A tree of some kind", "credit": "0.3333333"},
    ]
    assert (document["points"], document["tags"]) == (2, ["index", "C++ & SQL"])
    assert document["hints"] == ["Think of ranges.", "It is balanced."]
    assert document["id"] == document["origin"]["id"] == "idx-1"
    assert document["origin"]["settings"]["hint.1"] == "shownumcorrect"


def test_a_picture_comes_along_under_its_own_hash() -> None:
    found = fixture("backend.xml")
    ((name, data),) = found.images.items()

    assert data.startswith(b"\x89PNG")
    assert f'src="asset:{name}"' in named(found, "Ordinary index")["stem"]


def test_several_right_answers_are_weighted() -> None:
    document = named(fixture("backend.xml"), "Safe methods")

    assert (document["type"], document["marking"]) == ("multiple_choice", "weighted")
    assert [each.get("credit") for each in document["options"]] == ["0.5", "0.5", "-0.5"]
    assert "markup" not in document  # Markdown is the house's own


def test_true_and_false_are_known_by_their_words_in_any_order() -> None:
    document = named(fixture("backend.xml"), "Idempotent")

    assert document["answer"] is True
    assert document["feedback_true"] == "Yes."
    assert document["markup"] == "moodle"


def test_short_answers_keep_case_credit_and_wildcards() -> None:
    document = named(fixture("backend.xml"), "Port")

    assert document["answers"][1] == {"text": "T*P", "credit": "0.5", "feedback": {"html": "Nearly."}}
    assert document["mistakes"] == [{"text": "*", "feedback": {"html": "No."}}]
    assert document["case_sensitive"] is True


def test_a_number_keeps_tolerances_units_and_the_rest() -> None:
    document = named(fixture("backend.xml"), "Latency")

    assert (document["answer"], document["tolerance"]) == ("1.5", {"absolute": "0.1"})
    assert document["accepted"] == [{"value": "1.5", "tolerance": {"absolute": "0.5"}, "credit": "0.5"}]
    assert document["mistakes"][0]["feedback"] == "That is in vacuum."
    assert document["otherwise"] == "Divide."
    assert (document["unit"], document["units"]) == ("ms", {"s": "1000"})


def test_a_matching_keeps_answers_that_fit_nothing() -> None:
    document = named(fixture("backend.xml"), "Codes")

    assert document["pairs"][1] == {"prompt": "409", "match": {"plain": "A & B differ"}}
    assert document["distractors"] == [{"text": "Gone"}]


def test_a_cloze_becomes_gaps_with_their_weights() -> None:
    document = named(fixture("backend.xml"), "Statement")

    assert document["text"].count("[[g") == 3
    assert "&#91;[x]] stays" in document["text"]  # it would be a gap of ours
    assert [each.get("weight", 1) for each in document["parts"]] == [2, 1, 1]
    assert document["points"] == 4
    assert document["parts"][0]["options"][1] == {"text": "FAST } set", "credit": "0.5"}


def test_words_to_choose_from_become_gaps_of_their_group() -> None:
    document = named(fixture("backend.xml"), "Words")

    assert document["text"] == "A [[g1]] is faster than a [[g2]] in C [[g3]]."
    assert document["parts"][1]["options"][1] == {"text": "a &lt; scan", "key": True}
    assert len(document["parts"][2]["options"]) == 2


def test_an_unknown_kind_is_kept_to_the_letter_with_what_can_be_read() -> None:
    source = (FILES / "backend.xml").read_text("utf-8")
    found = fixture("backend.xml")
    document = named(found, "Program")

    assert document["type"] == "opaque"
    assert document["source"] in source
    assert document["source"].startswith('<question type="coderunner">')
    assert document["stem"] == {"html": "<p>Write a <em>program</em>.</p>"}
    assert (document["kind"], document["tags"]) == ("coderunner", ["code"])
    (said,) = [each for each in found.diagnostics if each.code == "kind"]
    assert (said.severity, said.action, said.question) == ("error", Action.KEPT, "Program")
    assert source.split("\n")[said.line - 1].strip() == '<question type="coderunner">'


def test_line_ends_of_windows_stay_in_what_is_kept() -> None:
    text = question("stack", "<x>1</x>\r\n<y>2</y>").replace("><", ">\r\n<")

    assert "\r\n" in only(read(text))["source"]


def test_old_files_have_pictures_fractions_and_words_elsewhere() -> None:
    found = fixture("old.xml")

    assert found.count(Outcome.RECOVERED) == 4
    assert len(found.images) == 1
    assert "asset:" in named(found, "Old picture")["stem"]
    assert named(found, "Old picture")["options"][0]["key"] is True
    assert named(found, "Plain name")["answer"] == "8"
    assert named(found, "German")["answer"] is False
    assert "true_false_words" not in codes(found)


def test_a_damaged_file_gives_up_only_what_is_damaged() -> None:
    found = fixture("damaged.xml")

    assert [each.outcome.value for each in found.questions] == [
        *("recovered", "recovered", "recovered", "recovered", "recovered", "opaque", "recovered"),
    ]
    assert named(found, "Lonely signs")["stem"].startswith("What do R&D and a < b have in common?")
    assert named(found, "Bare HTML")["stem"] == "TCP<br>keeps the <b>order</b>."
    assert named(found, "Open data")["stem"] == "<p>Which protocol moves files?</p>"
    assert {"malformed_xml", "missing_end", "junk"} <= set(codes(found))


def test_a_diagnostic_names_the_line_of_the_file() -> None:
    lines = (FILES / "damaged.xml").read_text("utf-8").split("\n")
    said = {each.code: each for each in fixture("damaged.xml").diagnostics}

    assert lines[said["junk"].line - 1] == "left over"
    assert "No end" in lines[said["missing_end"].line]


CODES = {
    "no_key": question("multichoice", answer("a", "50") + answer("b", "0")),
    "fraction": question("multichoice", answer("a", "full") + answer("b", "0")),
    "contradiction": question("multichoice", answer("a", "100") + answer("b", "0") + answer(" A ", "0")),
    "duplicate_option": question("multichoice", answer("a", "100") + answer("b", "0") + answer("b", "0")),
    "empty_option": question("multichoice", answer("a", "100") + answer("b", "0") + answer("", "50")),
    "negative_credit": question("multichoice", answer("a", "100") + answer("b", "-25")),
    "fraction_sum": question(
        "multichoice", "<single>false</single>" + answer("a", "25") + answer("b", "25") + answer("c", "0")
    ),
    "true_false_words": question("truefalse", answer("Kyllä", "100") + answer("Ei", "0")),
    "unreachable": question("shortanswer", answer("T*", "100") + answer("TCP", "0")),
    "answer_order": question("shortanswer", answer("T*", "50") + answer("TCP", "100")),
    "number": question("numerical", answer("one", "100")),
    "any_number": question("numerical", answer("*", "100")),
    "tolerance": question("numerical", answer("1", "100", "<tolerance>some</tolerance>")),
    "decimal_comma": question("numerical", answer("1,5", "100")),
    "units": question(
        "numerical",
        answer("1", "100")
        + "<units><unit><multiplier>1</multiplier><unit_name>m per s</unit_name></unit></units>",
    ),
    "unit_penalty": question(
        "numerical",
        answer("1", "100")
        + "<unitgradingtype>1</unitgradingtype>"
        + "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit></units>",
    ),
    "no_match": question(
        "matching", "<subquestion><text>a</text><answer><text></text></answer></subquestion>"
    ),
    "ordering_subset": question(
        "ordering",
        "<selecttype>1</selecttype><selectcount>3</selectcount>"
        + "".join(answer(each, str(place)) for place, each in enumerate("abcd", 1)),
    ),
    "scoring": question("kprime", "<scoringmethod><text>kprime</text></scoringmethod>"),
    "gap": question("cloze", "", text="{1:SHORTANSWERS:=a} {1:SA:=b}"),
    "no_gap": question("cloze", "", text="No gap."),
    "cloze_space": question("cloze", "", text="{1:MC: =a~b}"),
    "weight": question("cloze", "", text="{0:SA:=a}"),
    "dragging": question(
        "ddwtos", "<dragbox><text>a</text></dragbox><dragbox><text>b</text></dragbox>", text="[[1]]"
    ),
    "pattern": question("gapfill", "<answerdisplay>gapfill</answerdisplay>", text="a [colou?r]"),
    "no_text": question("description", "", text=" "),
    "long_name": question("description", "", name="x" * 600),
    "points": question("truefalse", "<defaultgrade>0.5</defaultgrade>" + answer("true", "100")),
    "hidden": question("description", "<hidden>1</hidden>"),
    "tags": question("description", f"<tags><tag><text>{'x' * 200}</text></tag></tags>"),
    "hints": question("description", "<hint><text>h</text></hint>" * 21),
    "too_many_answers": question("multichoice", answer("a", "0") * 1_001),
    "long_setting": question("description", f"<setting>{'x' * 30_000}</setting>"),
    "missing_image": question("description", "", text='<img src="@@PLUGINFILE@@/x.png">'),
    "remote_image": question("description", "", text='<img src="https://example.org/x.png">'),
    "attached_file": (
        '<quiz><question type="description"><name><text>n</text></name><questiontext format="html">'
        '<text><![CDATA[<a href="@@PLUGINFILE@@/notes.pdf">x</a>]]></text>'
        '<file name="notes.pdf" path="/" encoding="base64">AAAA</file></questiontext></question></quiz>'
    ),
    "missing_file": question("description", "", text='<a href="@@PLUGINFILE@@/notes.pdf">x</a>'),
    "unused_file": question("description", '<file name="a.png" encoding="base64">AAAA</file>'),
    "category_info": (
        '<quiz><question type="category"><category><text>a</text></category><info><text>b</text></info>'
        "</question></quiz>"
    ),
    "category": f'<quiz><question type="category"><category><text>{"a" * 1_500}</text></category></question>',
    "html_entity": '<quiz><question type="description"><name><text>a&nbsp;b</text></name></question></quiz>',
    "unescaped_html": question("description", "<generalfeedback><text><b>x</b></text></generalfeedback>"),
    "no_questions": "<quiz></quiz>",
    "entities": '<!DOCTYPE quiz [<!ENTITY a "b">]><quiz></quiz>',
    "missing_end": '<quiz><question type="description"><name><text>a</text></name>',
    "kind": question("wordselect", ""),
}


@pytest.mark.parametrize("code", CODES)
def test_everything_odd_is_told_with_its_line(code: str) -> None:
    found = read(CODES[code])

    assert code in codes(found)
    assert all(each.line >= 1 for each in found.diagnostics)


def test_close_but_wrong_is_a_mistake_although_its_middle_is_right() -> None:
    found = read(
        question(
            "numerical",
            answer("42", "100")
            + answer("42", "0", "<tolerance>5</tolerance><feedback><text>Close.</text></feedback>"),
        )
    )

    assert only(found)["mistakes"] == [{"value": "42", "tolerance": {"absolute": "5"}, "feedback": "Close."}]


def test_rows_of_true_or_false_are_parts_marked_one_by_one() -> None:
    inside = (
        "<scoringmethod><text>subpoints</text></scoringmethod>"
        '<row number="1"><optiontext format="html"><text>PUT</text></optiontext></row>'
        '<row number="2"><optiontext format="html"><text>POST</text></optiontext>'
        '<feedbacktext format="html"><text>It adds.</text></feedbacktext></row>'
        '<column number="1"><responsetext><text>idempotent</text></responsetext></column>'
        '<column number="2"><responsetext><text>not</text></responsetext></column>'
        '<weight rownumber="1" columnnumber="1"><value>1.000</value></weight>'
        '<weight rownumber="2" columnnumber="2"><value> 1.000 </value></weight>'
    )
    document = only(read(question("mtf", inside)))

    assert document["type"] == "composite"
    assert [part["prompt"] for part in document["parts"]] == ["PUT", "POST"]
    assert document["parts"][1]["options"][1]["key"] is True
    assert document["parts"][1]["explanation"] == "It adds."
    whole = only(read(question("mtf", inside.replace("subpoints", "mtfonezero"))))
    assert (whole["type"], whole["marking"]) == ("matrix", "all_or_nothing")


def test_a_plugin_of_all_or_nothing_is_that() -> None:
    document = only(
        read(question("multichoiceset", answer("a", "100") + answer("b", "100") + answer("c", "0")))
    )

    assert (document["type"], document["marking"]) == ("multiple_choice", "all_or_nothing")


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("html", Markup.HTML),
        ("moodle_auto_format", Markup.MOODLE),
        ("plain_text", Markup.PLAIN),
        ("markdown", Markup.MARKDOWN),
        ("wiki_like", Markup.HTML),
    ],
)
def test_the_format_of_the_text_is_the_markup_of_the_document(name: str, markup: Markup) -> None:
    text = question("description", "").replace('format="html"', f'format="{name}"')

    assert only(read(text)).get("markup", "markdown") == markup.value


@pytest.mark.parametrize(
    ("percent", "earned"),
    [
        ("100", "1"),
        ("33.33333", "0.3333333"),
        ("33.333", "0.3333333"),
        ("-33,33333", "-0.3333333"),
        ("12.5", "0.125"),
        ("1e2", "1"),
        ("0.0", "0"),
    ],
)
def test_percentages_have_the_digits_that_moodle_gives_them(percent: str, earned: str) -> None:
    earns = share(percent)

    assert earns is not None
    assert spelled(earns) == earned


@pytest.mark.parametrize("text", ["", "x", "1 000", "1.2.3", "0x10", "NaN", "Infinity", "1e99999", "१"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert number_of(text) is None


def test_more_than_everything_is_no_share() -> None:
    assert share("150") is None
    assert kept_share(number_of("-1.5") or 0) is None  # type: ignore[arg-type]
