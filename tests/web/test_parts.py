"""Question types side by side on one page: every field and every id of a part carries its prefix."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import make
import quizapp.web
from quizapp.domain.question_types import answerable, question_types
from quizapp.queries.revisions import parsed
from quizapp.web import filters

PREFIX = "p."
PARTS = sorted(set(answerable()) - {"composite"})
OWN = ("name", "id")
REFERENCES = (
    "for",
    "aria-describedby",
    "aria-errormessage",
    "aria-labelledby",
    "aria-controls",
    "list",
    "headers",
)


class Attributes(HTMLParser):
    """The values of some attributes, one by one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(name, value or "") for name, value in attrs]

    def of(self, *names: str) -> list[str]:
        return [each for name, value in self.found if name in names for each in value.split()]


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


@pytest.fixture(scope="module")
def stage() -> Iterator[Flask]:
    app = Flask("stage", template_folder=str(Path(quizapp.web.__file__).parent / "templates"))
    filters.init_app(app)
    with app.test_request_context():
        yield app


def macros(stage: Flask, kind: str) -> Any:
    return stage.jinja_env.get_template(f"question_types/{kind}.html").module


def composite(*kinds: str, **fields: Any) -> Any:
    """A question with a part of each kind, made of their samples."""
    parts = []
    for number, kind in enumerate(kinds):
        own = {k: v for k, v in make.sample(kind).items() if k in question_types[kind].model_fields}
        parts.append({"id": f"p{number}", "type": kind, "prompt": f"Part {number}?", **own})
    return parsed(make.document(type="composite", parts=parts, **fields), "made").body


@pytest.mark.parametrize("hint", ["", "Type a number."])
@pytest.mark.parametrize("kind", PARTS)
def test_every_field_and_id_of_a_part_carries_its_prefix(stage: Flask, kind: str, hint: str) -> None:
    body = parsed(make.sample(kind), kind).body

    html = Attributes(macros(stage, kind).answer(body.face(1), body.examples().right, hint, PREFIX))

    names = [name for name in html.of(*OWN) if name != "action"]  # what a button does is the page's matter
    assert names
    assert [name for name in names if not name.startswith(PREFIX)] == []
    assert set(html.of(*REFERENCES)) <= {*html.of("id"), f"{PREFIX}hint"}


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_is_filled_with_what_was_sent_for_it(stage: Flask, kind: str) -> None:
    """The same page as without a prefix, but for the names."""
    body = parsed(make.sample(kind), kind).body
    sent = body.examples().right

    plain = macros(stage, kind).answer(body.face(1), sent, "")
    prefixed = macros(stage, kind).answer(body.face(1), sent, "", PREFIX)

    def without_prefix(html: str) -> str:
        return html.replace(f"run:{PREFIX}", "run").replace(PREFIX, "")

    assert without_prefix(prefixed).split() == without_prefix(plain).split()


def test_no_id_occurs_twice_on_a_page_with_two_parts_of_each_type(stage: Flask) -> None:
    kinds = ("single_choice", "multiple_choice", "number", "ordering", "matching", "short_text")
    body = composite(*kinds, *kinds)

    ids = Attributes(macros(stage, "composite").answer(body.face(1), body.examples().wrong, "No.")).of("id")

    assert len(ids) == len(set(ids))


def parts_that_grade_themselves() -> list[str]:
    return [kind for kind in PARTS if not question_types[kind].scored_by_people]


@pytest.mark.parametrize("kind", parts_that_grade_themselves())
@pytest.mark.parametrize("which", ["right", "wrong", "unreadable", "nothing", "dont_know"])
def test_a_review_shows_any_answer_and_makes_no_ids(stage: Flask, kind: str, which: str) -> None:
    body = composite(kind, "true_false", "number")
    others = {"nothing": {}, "dont_know": {"dont_know": ["1"]}}
    sent = others.get(which) if which in others else getattr(body.examples(), which)

    html = macros(stage, "composite").review(body, sent, body.face(1), None)

    assert Attributes(html).of(*OWN) == []
    assert all(f"Part p{number}" in words_of(html) for number in range(3))


def test_gaps_are_controls_with_a_name_and_keep_what_was_typed(stage: Flask) -> None:
    body = parsed(make.sample("composite"), "sample").body
    sent = {**body.examples().right, "value.text": ['"><script>']}

    html = macros(stage, "composite").answer(body.face(1), sent, "")

    found = Attributes(html)
    assert {"Gap", "1", "of", "2"} <= set(found.of("aria-label"))
    assert ("value", '"><script>') in found.found
    assert "<script" not in html
    assert found.found.count(("selected", "")) == 1
    assert "Together they count 2 of 5." in html


def test_a_review_marks_the_answers_in_their_gaps(stage: Flask) -> None:
    body = parsed(make.sample("composite"), "sample").body
    sent = {**body.examples().right, "value.text": ["<b>NOT NULL</b>"]}

    html = macros(stage, "composite").review(body, sent, body.face(1), "partial")

    assert "Gap 1, right: CONCURRENTLY" in words_of(html)
    assert "Gap 2, wrong: &lt;b&gt;NOT NULL" in words_of(html)


def test_a_review_says_that_a_gap_was_left_open(stage: Flask) -> None:
    body = parsed(make.sample("composite"), "sample").body

    html = macros(stage, "composite").review(body, {}, body.face(1), None)

    assert "Gap 2, not answered: Gap 2" in words_of(html)


def test_when_nothing_could_be_read_only_what_was_answered_is_marked(stage: Flask) -> None:
    body = parsed(make.sample("composite"), "sample").body

    html = macros(stage, "composite").answer(body.face(1), {"a.number": ["forty"]}, "Part a: Type a number.")

    assert html.count("This part could not be read.") == 1
    assert 'id="a.hint"' in html
    assert html.count('aria-invalid="true"') == 1
