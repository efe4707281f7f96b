"""The form of a new set."""

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from quizapp.web.teach.forms import without_nul

LONGEST = "Use at most %(max)d characters."


def trimmed(text: str | None) -> str | None:
    return text.strip() if text else text


class SetForm(FlaskForm):
    """What a set says of itself."""

    title = StringField(
        "Title",
        filters=[without_nul, trimmed],
        validators=[DataRequired("Give the set a title."), Length(max=500, message=LONGEST)],
    )
    description = TextAreaField(
        "Description",
        description="What it is about, and for whom.",
        filters=[without_nul, trimmed],
        validators=[Optional(), Length(max=5_000, message=LONGEST)],
    )
    licence = StringField(
        "Licence",
        description="Under which terms others may use it, such as CC BY 4.0.",
        filters=[without_nul, trimmed],
        validators=[Optional(), Length(max=5_000, message=LONGEST)],
    )

    def head(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("title", "description", "licence")}
