"""The editor as a browser without scripts meets it: its form is read, changed and sent again."""

import html
import re
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from sqlalchemy import func, select

import make
import people
from quizapp.db.base import Base
from quizapp.db.models import Question, QuestionSet, Revision
from quizapp.domain.question_types import question_types
from quizapp.queries.revisions import parsed
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


CHOICE: dict[str, Any] = {
    "topic": "databases",
    "stem": "Which structure does an ordinary index use?",
    "options": [
        {"text": "A B-tree", "key": True, "feedback": "Ordered, so ranges work."},
        {"text": "A heap", "feedback": "That is the table.", "misconception": "Tables are indexes"},
    ],
}


def changed(browser: people.Browser, address: str, **fields: str) -> Any:
    """Open the editor, change some fields, save."""
    return browser.post(address, form_of(browser.get(address)) | {"do": "save"} | fields)


def uid_of(address: str) -> str:
    return address.split("/")[-2]


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
        row = session.get_one(QuestionSet, int(home.rsplit("/", 1)[1]))
        make.questions(session, [document], within=row)
    return f"{home}/questions/{document['id']}/edit"


def look(browser: people.Browser, address: str, fields: dict[str, str], **options: Any) -> Any:
    form = browser.get(address).text
    place = html.unescape(re.findall(r'data-preview="([^"]+)"', form)[0])
    return browser.post(place, fields, **options)


def draft_of(page: Any, *, drop: bool = False) -> str:
    name = "/draft/drop" if drop else "data-draft"
    pattern = r'action="([^"]+/draft/drop[^"]*)"' if drop else r'data-draft="([^"]+)"'
    found = re.search(pattern, page.text)
    assert found, name
    return html.unescape(found[1])
