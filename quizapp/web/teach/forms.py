"""Forms for uploading sets and granting time."""

from pathlib import PurePath
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

MAX_NAME = 80
PASTED = "pasted text"

TIMES = {
    "100": "As everybody",
    "125": "1.25 times the limit",
    "150": "1.5 times the limit",
    "200": "Twice the limit",
    "none": "No time limit",
}


def without_nul(text: str | None) -> str | None:
    """A NUL character can be sent, but no database keeps it."""
    return text.replace("\x00", "") if text else text


class UploadForm(FlaskForm):
    """A file, or its text.  With both, the file counts."""

    file = FileField("File", description="A YAML file with one question set.")
    text = TextAreaField(
        "Or its text", description="Paste the YAML here. After an upload you can correct it here."
    )
    name = HiddenField()
    """What the text in the field was called when it was uploaded."""

    def content(self) -> tuple[bytes, str] | None:
        """The bytes to judge and how the file is called; None where nothing was given.

        The text of a file goes into the text field, so that it can be mended on the page.
        """
        sent = self.file.data
        if sent is not None and sent.filename:
            data: bytes = sent.read()
            self.name.data = file_name(sent.filename)
            self.text.data = data.decode("utf-8-sig", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
            return data, self.name.data
        text = str(self.text.data or "")
        if not text.strip():
            self.text.errors = ["Choose a file, or paste its text here."]
            return None
        self.name.data = file_name(self.name.data or PASTED)
        # Browsers send line ends of two characters, which no file on a disk would have.
        return text.replace("\r\n", "\n").encode("utf-8", "replace"), self.name.data


class ReplaceForm(UploadForm):
    fingerprint = HiddenField()
    """The plan that was shown; only that one is carried out."""


class ExtraTimeForm(FlaskForm):
    name = StringField(
        "Name of the learner",
        description="The exact name they sign in with.",
        filters=[without_nul],
        validators=[
            InputRequired("Enter the learner’s name."),
            Length(max=200, message="That name is too long."),
        ],
    )
    percent = RadioField(
        "Time for every timed quiz",
        choices=TIMES,
        default="150",
        validators=[InputRequired("Choose how much time they get.")],
    )

    @property
    def chosen_percent(self) -> int | None:
        return None if self.percent.data == "none" else int(self.percent.data)


def show(field: Any, message: str) -> None:
    """Put a message beside a field, after those that stand there."""
    field.errors = [*field.errors, message]


def file_name(given: str) -> str:
    """A file's name as a page may show it: no folders, nothing unprintable, not endless."""
    last = PurePath(given.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:MAX_NAME] or PASTED
