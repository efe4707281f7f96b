"""The editor of questions: an instructor writes, colleagues collide, hostile hands send nonsense."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

import make
import people
from quizapp.db.base import Base
from quizapp.db.models import Draft, Question, Revision
from quizapp.domain.question_types import question_types
from quizapp.queries.revisions import parsed
from quizapp.services import sets as use_cases
from quizapp.web.teach import edit_form
from quizapp.web.teach.edit_kinds import is_writable
from quizapp.web.teach.field_values import fields_of, question_shapes

WRITTEN = [kind for kind in question_types if is_writable(kind)]
CONTROLS = {"csrf_token", "do", "base", "mode", "yaml"}


class Controls(HTMLParser):
    """The fields of the editor's form as a browser would send them, without scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._inside, self._template = False, 0
        self._area: str | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id") == "editor"
        if tag == "template":
            self._template += 1
        if not self._inside or self._template:
            return
        name = given.get("name", "")
        if tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select:
            self._select[1].append((given.get("value", ""), "selected" in given))
        elif tag == "input" and given.get("type", "text") not in ("checkbox", "radio"):
            self.fields.append((name, given.get("value", "")))
        elif tag == "input" and "checked" in given:
            self.fields.append((name, given.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._template -= 1
        if tag == "form":
            self._inside = False
        if tag == "textarea" and self._area is not None:
            # A browser drops the first line end, and sends all others as two characters.
            text = self._text.removeprefix("\n").replace("\n", "\r\n")
            self.fields.append((self._area, text))
            self._area = None
        if tag == "select" and self._select is not None:
            name, options = self._select
            chosen = next((value for value, is_chosen in options if is_chosen), options[0][0])
            self.fields.append((name, chosen))
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data


def form_of(answer: Any) -> dict[str, str]:
    """The form of a page, as it would be sent if nothing were touched."""
    fields = dict(Controls(answer.text).fields)
    assert "base" in fields, "there is no editor on this page"
    del fields["csrf_token"]  # whoever sends it has their own
    return fields


def database(app: Flask) -> Any:
    return app.extensions["quizapp_database"]


def rows(app: Flask) -> dict[str, int]:
    """How many rows each table holds."""
    with database(app).reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


def empty_set(browser: people.Browser, title: str = "Mine") -> str:
    answer = browser.post("/teach/sets/create", {"title": title})
    assert answer.status_code == 302, answer.text
    found = re.search(r"/teach/sets/(\d+)/", answer.location)
    assert found
    return f"/teach/sets/{found[1]}"


def stored(app: Flask, uid: str, number: int | None = None) -> dict[str, Any]:
    """What a question says, now or at a revision."""
    with database(app).reading() as session:
        question = session.scalars(select(Question).where(Question.uid == uid)).one()
        row = session.get_one(Revision, (question.id, number or question.revision))
        return dict(row.document)


def typed(kind: str, document: dict[str, Any]) -> dict[str, str]:
    """A document as somebody would type it into the form."""
    return fields_of(question_shapes(kind), document)


def write(browser: people.Browser, home: str, kind: str, document: dict[str, Any]) -> Any:
    """Open the form of a new question, fill it in, and save it."""
    address = f"{home}/questions/new?type={kind}"
    page = browser.get(address)
    assert page.status_code == 200, page.text
    begun = form_of(page)
    fields = {name: text for name, text in begun.items() if name in CONTROLS}
    return browser.post(address, fields | typed(kind, document) | {"do": "save"})


def sample(kind: str) -> dict[str, Any]:
    return parsed(make.sample(kind), "sample").document()


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


CHOICE: dict[str, Any] = {
    "topic": "databases",
    "stem": "Which structure does an ordinary index use?",
    "options": [
        {"text": "A B-tree", "key": True, "feedback": "Ordered, so ranges work."},
        {"text": "A heap", "feedback": "That is the table.", "misconception": "Tables are indexes"},
    ],
}


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


def changed(browser: people.Browser, address: str, **fields: str) -> Any:
    """Open the editor, change some fields, save."""
    return browser.post(address, form_of(browser.get(address)) | {"do": "save"} | fields)


def uid_of(address: str) -> str:
    return address.split("/")[-2]


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


VARIANTS: dict[str, Any] = {
    "id": "minutes",
    "type": "number",
    "topic": "system_design",
    "variants": {"parameters": {"m": {"from": 2, "to": 60}, "hot": [True, False]}},
    "stem": "How many seconds are {{m}} minutes?\r\nThink.",
    "answer": "= m * 60",
    "unit_required": False,
    "mistakes": [{"value": "= m * 100", "feedback": "No."}],
}


def stored_in(app: Flask, home: str, document: dict[str, Any]) -> str:
    """A question that another way than the editor brought into a set."""
    with database(app).writing() as session:
        row = session.get_one(make.QuestionSet, int(home.rsplit("/", 1)[1]))
        make.questions(session, [document], within=row)
    return f"{home}/questions/{document['id']}/edit"


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


def look(browser: people.Browser, address: str, fields: dict[str, str], **options: Any) -> Any:
    form = browser.get(address).text
    place = html.unescape(re.findall(r'data-preview="([^"]+)"', form)[0])
    return browser.post(place, fields, **options)


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


# Two editors, and twice the same


def test_the_second_of_two_editors_sees_both_texts_and_loses_nothing(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    mine = form_of(instructor.get(address))
    changed(instructor, address, stem="What do they say?")

    answer = instructor.post(address, mine | {"stem": "What do I say?", "do": "save"})

    assert answer.status_code == 409
    text = re.sub(r"</?(?:ins|del)>", "", answer.text)
    assert "What do they say?" in text
    assert "What do I say?" in text
    assert "Ines" in answer.text
    assert stored(app, uid_of(address))["stem"] == "What do they say?"
    sent = answer.text.split(f'action="{address}"')[1].split("</form>")[0]
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', sent))
    again = {name: html.unescape(value) for name, value in again.items() if name != "csrf_token"}
    assert again["base"] == "2"
    saved = instructor.post(address, again | {"do": "save"})
    assert saved.status_code == 302
    assert stored(app, uid_of(address), 3)["stem"] == "What do I say?"


def test_the_same_change_made_twice_is_one_revision(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    fields = form_of(instructor.get(address)) | {"stem": "Another stem?", "do": "save"}
    assert instructor.post(address, fields).status_code == 302
    after = rows(app)
    assert instructor.post(address, fields).status_code == 302
    assert rows(app) == after


def test_a_new_question_sent_twice_is_one_question(app: Flask, instructor: people.Browser, home: str) -> None:
    first = write(instructor, home, "single_choice", CHOICE)
    after = rows(app)
    second = write(instructor, home, "single_choice", CHOICE)
    assert first.location == second.location
    assert rows(app) == after


def test_save_and_next_goes_on_and_ends_at_the_set(instructor: people.Browser, home: str) -> None:
    first = write(instructor, home, "single_choice", CHOICE).location
    second = write(instructor, home, "true_false", sample("true_false")).location
    assert changed(instructor, first, do="next").location == second
    assert changed(instructor, second, do="next").location == home
    place = f"{home}/questions/new?type=true_false"
    fields = {"stem": "Really?", "topic": "databases", "answer": "true", "do": "next"}
    assert instructor.post(place, fields).location == place


# Drafts


def draft_of(page: Any, *, drop: bool = False) -> str:
    name = "/draft/drop" if drop else "data-draft"
    pattern = r'action="([^"]+/draft/drop[^"]*)"' if drop else r'data-draft="([^"]+)"'
    found = re.search(pattern, page.text)
    assert found, name
    return html.unescape(found[1])


def test_what_was_typed_is_kept_restored_and_discarded(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    page = instructor.get(address)
    fields = form_of(page) | {"stem": "Half a thou", "points": "many"}
    answer = instructor.post(draft_of(page), fields)
    assert answer.get_json()["kept"] is True

    opened = instructor.get(address)
    assert form_of(opened)["stem"] == "Half a thou"
    assert form_of(opened)["points"] == "many"
    assert "Restored" in opened.text
    assert opened.status_code == 200

    instructor.post(draft_of(opened, drop=True))
    assert form_of(instructor.get(address))["stem"] == CHOICE["stem"]
    assert rows(app)["question_draft"] == 0


def test_saving_forgets_the_draft_and_a_late_autosave_does_not_bring_it_back(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    page = instructor.get(address)
    fields = form_of(page) | {"stem": "Another stem?"}
    instructor.post(draft_of(page), fields)
    instructor.post(address, fields | {"do": "save"})
    assert rows(app)["question_draft"] == 0

    assert instructor.post(draft_of(page), fields).get_json()["kept"] is False
    assert rows(app)["question_draft"] == 0
    assert "Restored" not in instructor.get(address).text


def test_drafts_of_new_questions_are_kept_by_type_and_yaml_as_well(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    place = f"{home}/questions/new?type=number"
    page = instructor.get(place)
    instructor.post(draft_of(page), form_of(page) | {"mode": "yaml", "yaml": "stem: half"})
    assert form_of(instructor.get(place))["yaml"] == "stem: half"
    assert "Restored" not in instructor.get(f"{home}/questions/new?type=matrix").text


def test_a_draft_on_an_older_revision_says_so_and_collides_when_it_is_saved(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    page = instructor.get(address)
    instructor.post(draft_of(page), form_of(page) | {"stem": "Mine?"})
    instructor.post(address, form_of(page) | {"stem": "Theirs?", "do": "preview"})
    fresh = {**form_of(page), "stem": "Theirs?"}
    with database(app).writing() as session:
        session.query(Draft).update({"key": "elsewhere"})
    instructor.post(address, fresh | {"do": "save"})
    with database(app).writing() as session:
        session.query(Draft).update({"key": uid_of(address)})

    opened = instructor.get(address)
    assert "changed since" in opened.text
    assert instructor.post(address, form_of(opened) | {"do": "save"}).status_code == 409


def test_a_draft_that_a_newer_version_no_longer_understands_still_opens(
    app: Flask, instructor: people.Browser, address: str, clock: people.Clock
) -> None:
    with database(app).writing() as session:
        fields = {"stem": "Kept", "gone.0.field": "x", "mode": "form"}
        session.add(
            Draft(
                account_id=instructor.id,
                key=uid_of(address),
                fields=fields,
                base_revision=1,
                updated_at=clock(),
            )
        )
    opened = instructor.get(address)
    assert opened.status_code == 200
    assert form_of(opened)["stem"] == "Kept"


# History


def test_the_history_says_who_changed_what_and_brings_it_back(
    app: Flask, instructor: people.Browser, address: str
) -> None:
    changed(instructor, address, stem="Which structure does a plain index use?", points="2")
    place = address.replace("/edit", "/history")
    page = instructor.get(place)
    assert page.status_code == 200
    assert "<del>an</del><ins>a</ins>" in page.text
    assert "Changed: Stem, Points" in page.text
    assert page.text.count("Ines") == 2

    answer = instructor.post(f"{place}/1/restore")
    assert answer.status_code == 302
    assert stored(app, uid_of(address), 3) == stored(app, uid_of(address), 1)
    after = rows(app)
    assert instructor.post(f"{place}/1/restore").status_code == 302
    assert instructor.post(f"{place}/99/restore").status_code == 404
    assert rows(app) == after


def test_a_long_history_has_pages(app: Flask, instructor: people.Browser, address: str) -> None:
    for number in range(22):
        changed(instructor, address, points=str(number + 2))
    place = address.replace("/edit", "/history")
    newest = instructor.get(place).text
    assert "Revision 23" in newest
    assert "Revision 3<" not in newest
    older = re.search(r'rel="next"\s+href="([^"]+)"', newest)
    assert older
    page = instructor.get(html.unescape(older[1])).text
    assert "The first text." in page
    assert instructor.get(f"{place}?up_to=0").status_code == 200
    assert instructor.get(f"{place}?up_to=zzz").status_code == 200


def test_what_is_kept_of_another_system_can_be_labelled_but_not_rewritten(
    app: Flask, instructor: people.Browser, home: str
) -> None:
    document = sample("opaque")
    address = stored_in(app, home, document)
    page = instructor.get(address)
    assert "dragdrop" in page.text
    assert "Layers &amp;amp; places" in page.text or "Layers &amp; places" in page.text
    assert 'value="mode:yaml"' not in page.text

    changed(instructor, address, tags="later")
    assert stored(app, document["id"]) == document | {"tags": ["later"]}
    before = rows(app)
    fields = form_of(instructor.get(address))
    assert instructor.post(address, fields | {"source": "x", "do": "save"}).status_code == 400
    assert instructor.post(address, fields | {"mode": "yaml", "yaml": "a: 1"}).status_code == 400
    assert rows(app) == before
    assert instructor.get(f"{home}/questions/new?type=opaque").status_code == 404


# Pictures


def picture() -> bytes:
    from io import BytesIO

    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (3, 2), "teal").save(made, "PNG")
    return made.getvalue()


def test_a_picture_is_kept_and_the_text_for_it_is_told(app: Flask, instructor: people.Browser) -> None:
    from io import BytesIO

    sent = {"picture": (BytesIO(picture()), "plan.png"), "alt": 'A "plan" [1]'}
    told = instructor.post("/teach/images", sent, headers={"Accept": "application/json"}).get_json()
    assert re.fullmatch(r"asset:[0-9a-f]{64}", told["address"])
    assert told["markdown"] == f'![A "plan" \\[1\\]]({told["address"]})'
    assert told["html"] == f'<img src="{told["address"]}" alt="A &#34;plan&#34; [1]">'
    assert rows(app)["image"] == 1

    sent = {"picture": (BytesIO(picture()), "again.png"), "alt": "The same"}
    page = instructor.post("/teach/images", sent)
    assert page.status_code == 200
    assert html.escape(f"![The same]({told['address']})") in page.text
    assert rows(app)["image"] == 1


def test_a_picture_needs_words_and_has_to_be_one(app: Flask, instructor: people.Browser) -> None:
    from io import BytesIO

    for fields in (
        {"alt": "Nothing sent"},
        {"picture": (BytesIO(picture()), "plan.png"), "alt": "  "},
        {"picture": (BytesIO(b"GIF89a<script>"), "plan.png"), "alt": "No picture"},
        {"picture": (BytesIO(picture()), "plan.png"), "alt": "x" * 501},
    ):
        answer = instructor.post("/teach/images", fields)
        assert answer.status_code == 422
        assert "field-error" in answer.text
    assert rows(app)["image"] == 0


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
