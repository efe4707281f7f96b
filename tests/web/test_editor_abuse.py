"""Who may write, and what hostile hands send to the editor."""

from typing import Any

import pytest
from flask import Flask

import people
from editor import (
    CHOICE,
    changed,
    database,
    draft_of,
    empty_set,
    form_of,
    rows,
    stored,
    typed,
    uid_of,
    write,
)
from quizapp.domain.question_types import question_types
from quizapp.services import sets as use_cases
from quizapp.web.teach import edit_form
from quizapp.web.teach.field_values import question_shapes


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


# Whose it is


PAGES = ("/edit", "/history")


def test_others_sets_and_the_bank_look_like_nothing(
    app: Flask,
    instructor: people.Browser,
    igor: people.Browser,
    learner: people.Browser,
    visitor: people.Browser,
    home: str,
    address: str,
) -> None:
    fields = form_of(instructor.get(address)) | {"stem": "Stolen"}
    with database(app).writing() as session:
        use_cases.publish(session, instructor.actor, int(home.rsplit("/", 1)[1]), now=app.config["CLOCK"]())
    before = rows(app)
    question = address.removesuffix("/edit")
    about = f"uid={uid_of(address)}"
    for browser in (igor, learner):
        for page in PAGES:
            assert browser.get(question + page).status_code == 404
        assert browser.get(f"{home}/questions/new").status_code == 404
        for place in (
            address,
            f"{home}/questions/new?type=single_choice",
            f"{home}/questions/preview?{about}",
            f"{home}/questions/draft?{about}",
            f"{home}/questions/draft/drop?{about}",
            f"{question}/history/1/restore",
        ):
            assert browser.post(place, fields | {"do": "save"}).status_code == 404
    assert learner.get("/teach/sets/create").status_code == 404
    assert learner.post("/teach/images", {"alt": "x"}).status_code == 404
    assert visitor.get(address).status_code == 302
    assert rows(app) == before


def test_a_question_is_found_only_in_its_own_set_and_with_its_own_type(
    app: Flask, instructor: people.Browser, home: str, address: str
) -> None:
    other = empty_set(instructor, "Other")
    uid = uid_of(address)
    assert instructor.get(f"{other}/questions/{uid}/edit").status_code == 404
    assert instructor.get(f"{home}/questions/nothing/edit").status_code == 404
    assert instructor.get(f"{home}/questions/new?type=nonsense").status_code == 404
    assert instructor.post(f"{home}/questions/new", {"do": "save"}).status_code == 404
    assert instructor.post(f"{home}/questions/draft", {"stem": "x"}).status_code == 404
    assert instructor.get("/teach/sets/99999999999/questions/new").status_code == 404


# Hostile hands


NONSENSE: list[dict[str, str]] = [
    {"options.99999999.text": "x"},
    {"options.-1.text": "x"},
    {"options.01.text": "x"},
    {"options.0.text.0.text": "x"},
    {"options.0.nothing": "x"},
    {"options.nothing": "x"},
    {"__class__": "x"},
    {"id": "stolen"},
    {"type": "number"},
    {"written": "x"},
    {"body": "x"},
    {"stem.0": "x"},
    {"stem:nonsense": "x"},
    {"a" * 300: "x"},
    {"опции.0": "x"},
    {"base": "x"},
    {"base": "-1"},
    {"base": "9" * 30},
    {"mode": "sql"},
    {"do": "add:nothing"},
    {"do": "add:stem"},
    {"do": "remove:options.77"},
    {"do": "up:options"},
    {"do": "down:options.0.text"},
    {f"options.{n}.text": "x" for n in range(32)},
]


@pytest.mark.parametrize("fields", NONSENSE, ids=lambda each: str(each)[:40])
def test_nonsense_is_refused_and_changes_nothing(
    app: Flask, instructor: people.Browser, address: str, fields: dict[str, str]
) -> None:
    good = form_of(instructor.get(address)) | {"do": "save"}
    before = rows(app)
    sent = {"content_type": "multipart/form-data"}
    answer = instructor.post(address, good | fields, **sent)
    assert 400 <= answer.status_code < 500
    assert rows(app) == before


def test_too_many_fields_are_refused_before_anybody_looks_at_them(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    before = rows(app)
    many = {
        f"references.{n}.{name}": "x" for n in range(999) for name in ("title", "section", "url", "a", "b")
    }
    assert instructor.post(address, many | {"do": "save"}).status_code == 400
    assert instructor.post(address, {"stem": "x" * 300_000}).status_code == 413
    assert sent_in_parts(instructor, address, many).status_code == 413
    assert sent_in_parts(instructor, address, {"stem": "x" * 700_000}).status_code == 400
    assert sent_in_parts(instructor, address, {"stem": "x" * 1_100_000}).status_code == 413
    assert rows(app) == before


def sent_in_parts(browser: people.Browser, address: str, fields: dict[str, str]) -> Any:
    """A form as browsers send it that has files or hundreds of fields."""
    parts = [
        f'--zzz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    headers = {"X-CSRFToken": browser.token()}
    body = ("".join(parts) + "--zzz--\r\n").encode()
    kind = "multipart/form-data; boundary=zzz"
    return browser.client.post(address, data=body, content_type=kind, headers=headers)


def test_a_question_of_very_many_fields_is_sent_in_parts(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    many = {
        "topic": "databases",
        "stem": "Which of them?",
        "answers": [{"text": f"word {n}", "credit": 1, "feedback": "Yes."} for n in range(200)],
        "mistakes": [{"text": f"slip {n}", "feedback": "No."} for n in range(200)],
    }
    fields = typed("short_text", many) | {"mode": "form", "base": "0", "do": "save"}
    assert len(fields) > 1_000
    answer = sent_in_parts(instructor, f"{home}/questions/new?type=short_text", fields)
    assert answer.status_code == 302
    page = instructor.get(answer.location)
    assert form_of(page)["mistakes.199.text"] == "slip 199"


@pytest.mark.parametrize(
    "text",
    ["a: &x [1]\nb: *x", "[" * 60, "a: 1e999999999", "!!python/object/apply:os.system [id]", "a: b: c"],
)
def test_hostile_yaml_in_a_field_is_told_and_kept_nowhere(
    app: Flask, instructor: people.Browser, address: str, text: str
) -> None:
    before = rows(app)
    answer = changed(instructor, address, variants=text)
    assert answer.status_code == 422
    assert "Variants: Line 1" in answer.text or "Variants: Line 2" in answer.text
    assert rows(app) == before


def test_what_no_database_can_store_is_left_out(app: Flask, instructor: people.Browser, address: str) -> None:
    page = instructor.get(address)
    assert instructor.post(draft_of(page), form_of(page) | {"stem": "a\x00b"}).status_code == 200
    assert form_of(instructor.get(address))["stem"] == "ab"
    before = rows(app)
    answer = instructor.post(address, form_of(page) | {"stem": "a\x00b", "do": "save"})
    assert answer.status_code == 302
    assert rows(app)["question_revision"] == before["question_revision"] + 1
    assert stored(app, uid_of(address))["stem"] == "ab"


def test_markup_of_authors_is_clean_in_the_preview_and_in_the_history(
    instructor: people.Browser, address: str
) -> None:
    evil = '<img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">x</a>'
    changed(instructor, address, stem=evil, markup="html")
    for page in (address, address.replace("/edit", "/history")):
        shown = instructor.get(page).text
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert 'href="javascript:' not in shown


def test_no_type_has_a_field_with_the_name_of_a_control() -> None:
    for kind in question_types:
        assert edit_form.CONTROLS.isdisjoint(shape.name for shape in question_shapes(kind))
