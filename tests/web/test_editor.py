"""Writing questions in the editor: each type, its rows, its markup, as text, and the preview beside it."""

import html
import re

import pytest
from flask import Flask

import people
from editor import (
    CHOICE,
    VARIANTS,
    WRITTEN,
    changed,
    empty_set,
    form_of,
    look,
    rows,
    sample,
    stored,
    stored_in,
    uid_of,
    write,
)
from quizapp.domain.question_types import question_types


@pytest.fixture
def igor(app: Flask) -> people.Browser:
    return people.signed_in(app, "Igor", "instructor")


@pytest.fixture
def home(instructor: people.Browser) -> str:
    return empty_set(instructor)


@pytest.fixture
def address(instructor: people.Browser, home: str) -> str:
    """A question of the instructor's, opened in the editor."""
    return str(write(instructor, home, "single_choice", CHOICE).location)


@pytest.mark.parametrize("kind", WRITTEN)
def test_an_instructor_writes_a_question_of_each_type_and_gets_just_what_was_typed(
    app: Flask, instructor: people.Browser, kind: str
) -> None:
    home, document = empty_set(instructor), sample(kind)

    answer = write(instructor, home, kind, document)

    assert answer.status_code == 302, re.findall(r"field-error.*?</p>", answer.text, re.S)
    uid = answer.location.split("/")[-2]
    assert stored(app, uid) == document | {"id": uid}
    page = instructor.get(answer.location)
    assert page.status_code == 200
    assert "Complete" in page.text


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_form_that_is_sent_as_it_came_changes_nothing(
    app: Flask, instructor: people.Browser, kind: str
) -> None:
    home = empty_set(instructor)
    address = write(instructor, home, kind, sample(kind)).location
    before = rows(app)

    answer = instructor.post(address, form_of(instructor.get(address)) | {"do": "save"})

    assert answer.status_code == 302, re.findall(r"field-error.*?</p>", answer.text, re.S)
    assert rows(app) == before
    assert "it says that already" in instructor.get(answer.location).text


# Writing


def test_a_new_set_is_an_empty_draft_and_leads_to_its_first_question(
    app: Flask, instructor: people.Browser
) -> None:
    fields = {"title": " Joins ", "description": "By example", "licence": "CC BY 4.0"}
    answer = instructor.post("/teach/sets/create", fields)

    assert answer.location.endswith("/questions/new")
    page = instructor.get(answer.location).text
    for kind in WRITTEN:
        assert html.escape(question_types[kind].title) in page
    assert "Kept, not askable" not in page
    home = answer.location.removesuffix("/questions/new")
    assert "Draft" in instructor.get(home).text


def test_a_set_needs_a_title_and_keeps_what_was_typed(app: Flask, instructor: people.Browser) -> None:
    before = rows(app)
    answer = instructor.post("/teach/sets/create", {"title": "  ", "description": "Kept <b>"})
    assert answer.status_code == 422
    assert "Kept &lt;b&gt;" in answer.text
    assert instructor.post("/teach/sets/create", {"title": "x" * 501}).status_code == 422
    assert instructor.post("/teach/sets/create", {"title": "a\x00b"}).status_code == 302
    assert rows(app) == before | {"question_set": before["question_set"] + 1}


def test_the_id_is_made_of_the_stem_or_the_name_and_is_nobody_elses(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    other = {**CHOICE, "explanation": "Another text."}
    first = write(instructor, home, "single_choice", {**CHOICE, "stem": "Which one?"})
    second = write(instructor, home, "single_choice", {**other, "stem": "Which one?"})
    named = write(instructor, home, "single_choice", {**CHOICE, "name": "Index kinds"})

    assert [uid_of(each.location) for each in (first, second, named)] == [
        "which-one",
        "which-one-2",
        "index-kinds",
    ]


def test_every_problem_stands_beside_its_field_and_nothing_typed_is_lost(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    before = rows(app)
    bad = {
        **CHOICE,
        "topic": "Not An Id",
        "points": "many",
        "references": [{"title": "Manual", "url": "http://insecure.example"}],
        "options": [{"text": "Kept <i>", "key": True}, {"feedback": "no text"}],
    }
    answer = write(instructor, home, "single_choice", bad)

    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    wrong = re.findall(r'id="(f-[a-z0-9-]+)"\s+name="[^"]+"\s+aria-describedby="[^"]*-error"', answer.text)
    assert wrong == ["f-options-1-text", "f-references-0-url", "f-topic", "f-points"]
    assert "Option 2, Text: Fill this in." in answer.text
    assert "Points: Write a whole number." in answer.text
    sent = form_of(answer)
    assert sent["points"] == "many"
    assert sent["options.0.text"] == "Kept <i>"
    assert sent["options.1.feedback"] == "no text"
    assert rows(app) == before


def test_what_no_single_field_is_to_blame_for_is_told_as_well(instructor: people.Browser, home: str) -> None:
    keyless = {**CHOICE, "options": [{"text": "One"}, {"text": "Two"}]}
    answer = write(instructor, home, "single_choice", keyless)
    assert answer.status_code == 422
    assert answer.text.count("Exactly one option needs key: true, not 0.") >= 2


def test_a_row_that_was_left_empty_is_no_row_and_errors_still_find_theirs(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    place = f"{home}/questions/new?type=single_choice"
    fields = form_of(instructor.get(place)) | {"stem": "Which?", "topic": "databases", "do": "save"}
    fields |= {"options.0.text": "One", "options.0.key": "on", "options.3.feedback": "the last row"}
    answer = instructor.post(place, fields)
    assert answer.status_code == 422
    assert "Option 4, Text: Fill this in." in answer.text

    answer = instructor.post(place, fields | {"options.3.text": "Two"})
    assert [each["text"] for each in stored(app, uid_of(answer.location))["options"]] == ["One", "Two"]


# Rows, without scripts


def test_rows_are_added_moved_and_removed_by_buttons(instructor: people.Browser, address: str) -> None:
    fields = form_of(instructor.get(address))

    added = instructor.post(address, fields | {"do": "add:options"})
    assert added.status_code == 200
    assert "options.2.text" in form_of(added)
    assert re.search(r'id="f-options-2-text"[^>]*autofocus', added.text)

    typed = form_of(added) | {"options.2.text": "A bitmap"}
    moved = form_of(instructor.post(address, typed | {"do": "up:options.2"}))
    assert [moved[f"options.{n}.text"] for n in range(3)] == ["A B-tree", "A bitmap", "A heap"]
    assert moved["options.2.misconception"] == "Tables are indexes"
    again = form_of(instructor.post(address, moved | {"do": "down:options.0"}))
    assert [again[f"options.{n}.text"] for n in range(3)] == ["A bitmap", "A B-tree", "A heap"]
    assert again["options.1.key"] == "on"
    assert "options.0.key" not in again
    still = form_of(instructor.post(address, again | {"do": "up:options.0"}))
    assert still["options.0.text"] == "A bitmap"

    left = form_of(instructor.post(address, again | {"do": "remove:options.0"}))
    assert [left[f"options.{n}.text"] for n in range(2)] == ["A B-tree", "A heap"]
    assert "options.2.text" not in left


def test_a_part_gets_the_fields_of_its_type_and_gives_nothing_away_meanwhile(
    instructor: people.Browser, home: str
) -> None:
    place = f"{home}/questions/new?type=composite"
    fields = form_of(instructor.get(place)) | {"parts.0.id": "a", "parts.0.type": "number"}
    fields |= {"parts.0.options.0.text": "typed before"} if "parts.0.options.0.text" in fields else {}

    as_number = form_of(instructor.post(place, fields | {"do": "refresh"}))
    assert "parts.0.answer" in as_number
    assert "parts.0.mistakes" not in as_number
    with_row = form_of(instructor.post(place, as_number | {"do": "add:parts.0.mistakes"}))
    assert "parts.0.mistakes.0.value" in with_row
    back = form_of(
        instructor.post(place, with_row | {"parts.0.type": "single_choice", "do": "add:parts.0.options"})
    )
    assert "parts.0.options.0.text" in back
    assert back["parts.0.mistakes.0.value"] == ""
    assert back["parts.0.id"] == "a"


# Markup, variants, YAML


def test_an_imported_question_is_edited_as_what_it_was_written_in(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    document = {
        **CHOICE,
        "markup": "html",
        "stem": "<p>Which <b>one</b>?</p>",
        "explanation": {"plain": "a*b"},
        "origin": {"format": "moodle", "id": "17", "settings": {"penalty": "0.3333333"}},
    }
    address = write(instructor, home, "single_choice", document).location
    page = instructor.get(address)
    assert "<b>one</b>" in page.text
    assert 'name="explanation:markup"' in page.text

    changed(instructor, address, stem="<p>Which <i>one</i>?</p>")
    kept = stored(app, uid_of(address))
    assert kept["stem"] == "<p>Which <i>one</i>?</p>"
    assert kept["explanation"] == {"plain": "a*b"}
    assert kept["origin"] == document["origin"]
    changed(instructor, address, **{"explanation:markup": ""})
    assert stored(app, uid_of(address))["explanation"] == "a*b"


def test_a_question_with_variants_keeps_the_order_and_the_letters_of_its_author(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    address = stored_in(app, home, VARIANTS)
    before = rows(app)
    assert changed(instructor, address).status_code == 302
    assert rows(app) == before

    changed(instructor, address, points="3")
    assert list(stored(app, "minutes").items()) == [*VARIANTS.items(), ("points", 3)]


def test_five_draws_are_shown_and_nothing_is_saved(app: Flask, instructor: people.Browser, home: str) -> None:
    address = stored_in(app, home, VARIANTS)
    before = rows(app)
    answer = instructor.post(address, form_of(instructor.get(address)) | {"do": "draws"})
    assert len(set(re.findall(r"How many seconds are (\d+) minutes", answer.text))) >= 3
    assert [f"Seed {n}" in answer.text for n in range(6)] == [True] * 5 + [False]
    assert rows(app) == before


def test_a_value_that_its_field_cannot_show_is_typed_as_yaml(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    formula = {**VARIANTS, "suffixes": "= m > 30"}
    address = stored_in(app, home, formula)
    fields = form_of(instructor.get(address))
    assert fields["suffixes:yaml"] == "= m > 30"
    changed(instructor, address, **{"suffixes:yaml": "= m > 40"})
    assert stored(app, "minutes")["suffixes"] == "= m > 40"


def test_the_whole_question_can_be_edited_as_text_and_as_fields_again(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    as_yaml = form_of(instructor.post(address, form_of(instructor.get(address)) | {"do": "mode:yaml"}))
    assert as_yaml["mode"] == "yaml"
    text = as_yaml["yaml"].replace("\r\n", "\n")
    assert f"id: {uid_of(address)}\n" in text

    longer = text + "\ntags: [indexes]\n"
    as_form = instructor.post(address, as_yaml | {"yaml": longer, "do": "mode:form"})
    assert form_of(as_form)["tags"] == "indexes"

    answer = instructor.post(address, as_yaml | {"yaml": longer, "do": "save"})
    assert answer.status_code == 302
    assert stored(app, uid_of(address)) == stored(app, uid_of(address), 1) | {"tags": ["indexes"]}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("stem: [", 1, "Not valid YAML"),
        ("topic: databases\nstem: &a x", 2, "Anchors"),
        ("topic: databases\nstem: Which?\nspeed: fast", 3, "Unknown field"),
        ("topic: databases\nid: other\nstem: Which?", 2, "This stays as it is: "),
        ("topic: databases\n\ntype: number\nstem: Which?", 3, "This stays as it is: single_choice."),
        ("- a", 1, "Should be fields and their values"),
        ("topic: databases\nstem: Which?\noptions:\n  - text: One\n  - key: true", 5, "Fill this in"),
    ],
)
def test_lines_that_are_wrong_are_marked_in_the_text(
    app: Flask, instructor: people.Browser, address: str, text: str, line: int, said: str
) -> None:
    before = rows(app)
    fields = {**form_of(instructor.get(address)), "mode": "yaml", "yaml": text, "do": "save"}
    answer = instructor.post(address, fields)
    assert answer.status_code == 422
    assert f"Line {line}" in answer.text
    assert said in html.unescape(answer.text)
    assert form_of(answer)["yaml"].replace("\r\n", "\n") == text
    assert rows(app) == before


def test_a_new_question_may_name_its_own_id_in_yaml_unless_it_is_taken(
    app: Flask, instructor: people.Browser, igor: people.Browser, home: str, address: str
) -> None:
    text = "id: my-own\ntopic: databases\nstem: True?\nanswer: true\n"
    place = f"{home}/questions/new?type=true_false"
    fields = {"mode": "yaml", "yaml": text, "do": "save"}
    assert uid_of(instructor.post(place, fields).location) == "my-own"

    theirs = f"{empty_set(igor)}/questions/new?type=true_false"
    answer = igor.post(theirs, fields)
    assert answer.status_code == 422
    assert "is taken" in answer.text
    assert form_of(answer)["yaml"].replace("\r\n", "\n") == text


def test_what_is_too_long_to_be_read_as_text_is_told_and_kept_in_the_form(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    before = rows(app)
    text = "stem: " + "x" * 80_000
    fields = {**form_of(instructor.get(address)), "mode": "yaml", "yaml": text, "do": "save"}
    for do in ("save", "mode:form"):
        answer = instructor.post(address, fields | {"do": do})
        assert answer.status_code == 422
        assert "too long for the editor" in answer.text
        assert form_of(answer)["yaml"] == text
    assert rows(app) == before


# The preview


def test_the_preview_shows_what_learners_get_and_says_what_is_missing(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    before = rows(app)
    fields = form_of(instructor.get(address))
    seen = look(instructor, address, fields | {"stem": "What is $x^2$?"})
    assert seen.status_code == 200
    assert '<span class="math inline">x^2</span>' in seen.text
    assert "<html" not in seen.text
    assert 'name="preview.choice"' in seen.text

    seen = look(instructor, address, fields | {"options.1.text": ""})
    assert "1 thing to fill in" in seen.text
    assert 'href="#f-options-1-text"' in seen.text
    assert "Which structure" in seen.text
    assert rows(app) == before


def test_the_linter_speaks_with_its_reasons(instructor: people.Browser, home: str, address: str) -> None:
    fields = form_of(instructor.get(address)) | {"do": ""}
    fields |= {
        "options.0.text": "An ordered tree of pages in which every leaf is equally far from the root",
        "options.1.text": "All of the above",
    }
    headers = {"Accept": "application/json"}
    found = look(instructor, address, fields, headers=headers).get_json()["advice"]
    said = {each["code"]: each for each in found}
    assert said["LONG"]["field"] == "options.0.text"
    assert said["B10"]["field"] == "options.1"
    assert said["B24"]["field"] == "references"
    assert all(each["reason"] for each in found)
    assert "ALIKE" not in said

    place = f"{home}/questions/new?type=true_false"
    again = {
        "stem": "Which structure does an  ordinary INDEX use?".replace("  ", " "),
        "topic": "databases",
        "answer": "true",
    }
    found = look(instructor, place, again, headers=headers).get_json()["advice"]
    assert uid_of(address) in next(each["message"] for each in found if each["code"] == "ALIKE")


def test_a_stem_in_another_instructors_draft_is_nobodys_business(
    instructor: people.Browser, igor: people.Browser, address: str
) -> None:
    place = f"{empty_set(igor)}/questions/new?type=true_false"
    again = {"stem": CHOICE["stem"], "topic": "databases", "answer": "true"}
    found = look(igor, place, again, headers={"Accept": "application/json"}).get_json()
    assert found["complete"]
    assert "ALIKE" not in {each["code"] for each in found["advice"]}


def test_a_key_and_its_wrong_queries_are_run_on_demand(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    address = write(instructor, home, "sql_query", sample("sql_query")).location
    fields = form_of(instructor.get(address))
    ran = look(instructor, address, fields | {"do": "run"})
    assert "each wrong one is told apart" in ran.text
    assert "Ada" in ran.text

    same = fields | {"wrong.0.sql": fields["answer"].replace("total", "total ")}
    ran = look(instructor, address, same | {"wrong.0.sql": f"{fields['answer']} ORDER BY 1", "do": "run"})
    assert "nothing tells the wrong query from the answer" in ran.text.lower()
    assert 'href="#f-wrong-0"' in ran.text


def test_a_query_that_does_not_run_is_not_saved(app: Flask, instructor: people.Browser, home: str) -> None:
    before = rows(app)
    broken = sample("sql_query") | {"answer": "SELECT nothing FROM nowhere"}
    answer = write(instructor, home, "sql_query", broken)
    assert answer.status_code == 422
    assert "Key: Cannot be run" in answer.text
    assert {name: count for name, count in rows(app).items() if name != "rate_limit"} == {
        name: count for name, count in before.items() if name != "rate_limit"
    }


def test_an_instructors_own_name_for_a_topic_is_typed_beside_the_offers(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    place = f"{home}/questions/new?type=true_false"
    fields = {
        "stem": "Really?",
        "topic": ":other",
        "topic:other": "my-topic",
        "answer": "false",
        "do": "save",
    }
    answer = instructor.post(place, fields)
    assert stored(app, uid_of(answer.location))["topic"] == "my-topic"
    assert form_of(instructor.get(answer.location))["topic"] == "my-topic"
    again = form_of(instructor.get(f"{home}/questions/new?type=number"))
    assert again["topic"] == "my-topic"


def test_a_question_with_variants_goes_through_the_text_unchanged(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    address = stored_in(app, home, VARIANTS | {"stem": "How many seconds are {{m}} minutes?"})
    before = rows(app)
    as_yaml = form_of(instructor.post(address, form_of(instructor.get(address)) | {"do": "mode:yaml"}))
    assert instructor.post(address, as_yaml | {"do": "save"}).status_code == 302
    assert rows(app) == before
    broken = as_yaml | {"yaml": "stem: How many *seconds*?\nspeed: 1"}
    seen = look(instructor, address, broken)
    assert "<em>seconds</em>" in seen.text
    assert "Line 2" in seen.text


def test_running_very_often_has_to_wait_and_what_was_typed_stays(
    instructor: people.Browser, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = write(instructor, home, "sql_query", sample("sql_query")).location
    monkeypatch.setattr("quizapp.web.teach.edit_preview.RUNS", "1 per minute")
    fields = form_of(instructor.get(address))
    answers = [
        instructor.post(address, fields | {"stem": "Kept?", "do": do}) for do in ("run", "run", "save")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert "Not run: Answers were run very often" in answers[1].text
    assert "Not saved. Answers were run very often" in answers[2].text
    assert form_of(answers[2])["stem"] == "Kept?"
