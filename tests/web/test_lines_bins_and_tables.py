"""What the pages of line picking, sorting and tables say, whatever was sent before."""

import re
from typing import Any

import pytest
from flask import Flask

import make
from quizapp.queries.revisions import parsed

KINDS = ("line_select", "categorise", "matrix")
NAMED = re.compile(r'\s(?:id|name|for)="([^"]*)"')
POINTED = re.compile(r'\s(?:aria-labelledby|aria-describedby|aria-errormessage)="([^"]*)"')


def macros(app: Flask, kind: str) -> Any:
    return app.jinja_env.get_template(f"question_types/{kind}.html").module


def body_of(kind: str) -> Any:
    return parsed(make.sample(kind), kind).body


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_a_composite_question_keeps_its_names_to_itself(app: Flask, kind: str) -> None:
    body = body_of(kind)
    page = str(macros(app, kind).answer(body.face(3), body.examples().right, "Look again.", prefix="a."))

    names = NAMED.findall(page)
    assert names
    assert all(name.startswith("a.") for name in names)
    pointed = {place for places in POINTED.findall(page) for place in places.split()}
    assert "a.hint" in pointed
    assert pointed - {"a.hint"} <= set(names)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_sent_comes_back_into_the_form(app: Flask, kind: str) -> None:
    body = body_of(kind)
    right = body.examples().right
    page = str(macros(app, kind).answer(body.face(3), right, ""))

    assert len(re.findall(r"\s(?:checked|selected)[>\s]", page)) == sum(map(len, right.values()))
    assert 'aria-invalid="true"' not in page


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verdict", ["right", "wrong", None])
def test_a_review_survives_every_submission_and_names_no_element(app: Flask, kind: str, verdict: str) -> None:
    body = body_of(kind)
    junk = {name: ["<b>junk</b>", "", "9999"] for name in body.examples().right}
    for submission in ({}, {"dont_know": ["1"]}, body.examples().unreadable, body.examples().wrong, junk):
        page = str(macros(app, kind).review(body, submission, body.face(3), verdict))

        assert not re.search(r'\sid="', page)
        assert "<b>junk" not in page


def test_a_right_answer_is_reviewed_without_a_mistaken_idea(app: Flask) -> None:
    for kind in KINDS:
        body = body_of(kind)
        page = str(macros(app, kind).review(body, body.examples().right, body.face(3), "right"))

        assert "mistaken idea" not in page
        assert "Missed" not in page
        assert "is-wrong" not in page


def test_what_an_author_wrote_into_a_listing_stays_text(app: Flask) -> None:
    document = make.sample("line_select") | {"language": "html"}
    document["source"] = document["source"].replace("Sort Key", "<script>alert(1)</script>")
    body: Any = parsed(document, "t").body

    shown = str(macros(app, "line_select").answer(body.face(None), {}, ""))
    reviewed = str(macros(app, "line_select").review(body, {}, body.face(None), None))

    assert "<script" not in shown + reviewed
    assert "&lt;" in shown
