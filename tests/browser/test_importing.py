"""An instructor brings a file with a broken question, publishes the rest, and a learner takes it."""

import re
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

import make
from quizapp.domain.permissions import Actor, Role

GIFT = """\
::Joins 1::Which join keeps all rows of the left table? {
=LEFT JOIN#It fills with NULL.
~INNER JOIN#It drops rows without a partner.
~CROSS JOIN#It pairs everything.
####An outer join keeps what has no partner.}

::Joins 2::A broken question with a brace that never ends {=a ~b

::Joins 3::How many rows has a cross join of 3 and 4 rows? {#12}
"""


def teacher(app: Flask, context: Any, sign_in: Any, **options: Any) -> Page:
    with app.extensions["quizapp_database"].writing() as session:
        ines = make.actor(session, "Ines", role=Role.INSTRUCTOR.value)
    opened = context(**options)
    sign_in(opened, ines)
    page: Page = opened.new_page()
    return page


def test_a_file_with_a_broken_question_is_imported_published_and_taken(
    app: Flask, context: Any, sign_in: Any, lena: Actor, tmp_path: Path
) -> None:
    page = teacher(app, context, sign_in, java_script_enabled=False)
    file = tmp_path / "joins.gift"
    file.write_text(GIFT, "utf-8")

    page.goto("/teach/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", name="joins.gift")).to_be_visible()
    expect(page.get_by_text("Nothing is imported yet")).to_be_visible()
    page.get_by_role("link", name="Kept, not askable").click()
    expect(page.locator(".verdict-row")).to_have_count(1)
    expect(page.locator(".verdict-row")).to_contain_text("brace")
    page.get_by_label("Title of the set").fill("Joins from elsewhere")
    page.get_by_role("button", name="Import as a draft").click()
    expect(page.get_by_role("heading", name="Joins from elsewhere")).to_be_visible()
    page.get_by_role("button", name="Publish").first.click()
    expect(page.get_by_text("Learners get its questions from now on")).to_be_visible()

    with app.extensions["quizapp_database"].writing() as session:
        quiz = make.quiz(session, ["joins-1", "joins-3"], mode="practice", time_limit_minutes=None)
        address = f"/quizzes/{quiz.uid}"
    learner = context()
    sign_in(learner, lena)
    taking = learner.new_page()
    taking.goto(address)
    taking.get_by_role("button", name=re.compile("^Start")).click()
    taking.get_by_text("LEFT JOIN").click()
    taking.get_by_role("button", name="Check answer").click()
    expect(taking.locator("#feedback-heading")).to_have_text("Right")
    expect(taking.locator("main")).to_contain_text("It fills with NULL.")
    expect(taking.locator("main")).to_contain_text("keeps what has no partner")


def test_the_report_is_usable_on_a_narrow_phone_and_by_keyboard(
    app: Flask, context: Any, sign_in: Any, tmp_path: Path
) -> None:
    page = teacher(app, context, sign_in, viewport={"width": 320, "height": 700})
    file = tmp_path / "joins.gift"
    file.write_text(GIFT, "utf-8")
    page.goto("/teach/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Read the file").press("Enter")

    expect(page.locator(".verdict-row")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Let the file go").press("Enter")
    expect(page.get_by_text("Nothing was imported")).to_be_visible()
