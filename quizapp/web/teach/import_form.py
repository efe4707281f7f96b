"""The forms of an import: a file, how to read it, and what its columns mean."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length

from quizapp.domain.curriculum import Curriculum
from quizapp.domain.imports import NO_TOPIC, Columns
from quizapp.formats import readable
from quizapp.services.import_reading import MOST_BYTES
from quizapp.web.teach.forms import file_name, without_nul

BY_CONTENT = {"": "Find out by content"}
COLUMN = "column-"
"""What the names of the fields for columns begin with."""


class ReadingForm(FlaskForm):
    """How a file is read."""

    format = SelectField("Format", description="Only where the guess was wrong.", validate_choice=True)
    topic = SelectField(
        "Topic of questions that name none", description="You can sort them later.", validate_choice=True
    )

    def offer(self, curriculum: Curriculum) -> None:
        """Fill the selects."""
        known = {key: each.title for key, each in readable().items()}
        self.format.choices = BY_CONTENT | dict(sorted(known.items(), key=lambda pair: pair[1].lower()))
        topics = {topic.id: topic.title for topic in curriculum.topics}
        self.topic.choices = {NO_TOPIC: "Unsorted"} | topics


class FileForm(ReadingForm):
    """A file to import."""

    file = FileField(
        "File", description=f"At most {MOST_BYTES // 1024 // 1024} MB. Its content says what it is."
    )

    def content(self) -> tuple[bytes, str] | None:
        """The bytes and the name of the file; None, with the reason beside the field, where there is none."""
        sent = self.file.data
        if sent is None or not sent.filename:
            self.file.errors = ["Choose a file first."]
            return None
        data: bytes = sent.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            self.file.errors = [f"This file has more than {MOST_BYTES // 1024 // 1024} MB."]
            return None
        if not data:
            self.file.errors = ["This file is empty."]
            return None
        return data, file_name(sent.filename)


class KeepForm(FlaskForm):
    """The word to keep what was read."""

    title = StringField(
        "Title of the set",
        filters=[without_nul],
        validators=[Length(max=200, message="That title is too long.")],
    )
    fingerprint = HiddenField()
    """The plan that was shown; only that one is carried out."""


def column_options(sent: Mapping[str, str], columns: Columns) -> dict[str, str]:
    """What a person said of each column: header → meaning; what was not offered counts for nothing."""
    said = {header: sent.get(f"{COLUMN}{place}", "") for place, header in enumerate(columns.headers)}
    return {header: meaning for header, meaning in said.items() if meaning in columns.meanings}


def column_rows(columns: Columns, options: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each column for the page: its header, the first values, and what it means so far."""
    said = options or columns.guesses
    return [
        {
            "name": f"{COLUMN}{place}",
            "header": header,
            "values": [row[place] for row in columns.rows[:3] if place < len(row) and row[place]],
            "meaning": said.get(header, ""),
        }
        for place, header in enumerate(columns.headers)
    ]
