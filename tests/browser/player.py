"""The player as a learner meets it: what can be seen, what can be pressed, and what the database has of it."""

import re
from typing import Any

from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

import make
from quizapp.db.models import Attempt, Step

KINDS = ("single_choice", "multiple_choice", "true_false", "number", "short_text", "ordering", "matching")
LONGER = (
    "line_select",
    "categorise",
    "matrix",
    "composite",
    "sql_query",
    "http_kata",
    "open_response",
)
SAVED = re.compile(r"^Saved \d\d:\d\d( [AP]M)?$")
HANDSHAKE = ("SYN", "SYN-ACK", "ACK")
CODES = {"201": "Created", "409": "Conflict", "429": "Too many requests"}


def seven() -> list[dict[str, Any]]:
    """One question of each type, in a fixed order."""
    return [make.sample(kind) for kind in KINDS]


class Player:
    """A page of a running quiz."""

    def __init__(self, page: Page, app: Flask) -> None:
        self.page = page
        self.app = app

    # Where one is

    def publish(self, documents: list[dict[str, Any]] | None = None, **fields: Any) -> str:
        """Publish a quiz over some questions, the seven unless told otherwise; the address of its page."""
        with self._database.writing() as session:
            rows = make.questions(session, documents or seven())
            return f"/quizzes/{make.quiz(session, [row.uid for row in rows], **fields).uid}"

    def start(self, documents: list[dict[str, Any]] | None = None, **fields: Any) -> str:
        """Publish a quiz and start it; the attempt's address."""
        self.page.goto(self.publish(documents, **fields))
        self.page.get_by_role("button", name=re.compile("^Start")).click()
        self.at(1)
        return self.page.url.split("/questions")[0]

    def ready(self) -> None:
        """Wait until the scripts are at work."""
        self.page.locator("html[data-ready]").wait_for(state="attached")

    def at(self, position: int, scripts: bool = True) -> None:
        """Expect to be at a question."""
        expect(self.page).to_have_url(re.compile(rf"/questions/{position}$"))
        if scripts:
            self.ready()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    # What is shown

    @property
    def state(self) -> Locator:
        return self.page.locator("[data-save-words]")

    @property
    def banner(self) -> Locator:
        return self.page.locator("[data-banners] > [data-about]")

    def expect_saved(self) -> None:
        expect(self.state).to_have_text(SAVED)
        expect(self.page.locator("[data-save-state]")).to_have_attribute("data-state", "saved")

    def option(self, text: str) -> Locator:
        return self.page.locator("label.option", has_text=text)

    def chosen(self) -> list[str]:
        """The texts of the chosen options."""
        return [
            text.split("\n")[-1].strip()
            for text in self.page.locator("label.option:has(:checked)").all_inner_texts()
        ]

    def order(self) -> list[str]:
        return self.page.locator("[data-item] .ordering-text").all_inner_texts()

    def focused(self) -> str:
        """The text of what has the focus."""
        return str(self.page.evaluate("document.activeElement.textContent")).strip()

    # What the database has

    def steps(self, position: int = 1) -> list[Step]:
        """The steps of a question, oldest first."""
        with self._database.reading() as session:
            statement = select(Step).where(Step.position == position).order_by(Step.number)
            return list(session.scalars(statement))

    def choices(self, position: int = 1) -> list[str]:
        """What was chosen in each saved step, as the option's id."""
        return [" ".join(step.submission.get("choice", [])) for step in self.steps(position)]

    def attempts(self) -> list[Attempt]:
        with self._database.reading() as session:
            return list(session.scalars(select(Attempt)))

    @property
    def attempt(self) -> Attempt:
        [attempt] = self.attempts()
        return attempt

    @property
    def _database(self) -> Any:
        return self.app.extensions["quizapp_database"]
