"""The form that starts a review of missed questions."""

import secrets

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField
from wtforms.validators import Length, Regexp

SIZES = (5, 10, 20)
TOKEN = r"[A-Za-z0-9_-]{16,40}\Z"  # noqa: S105  # a pattern


class PractiseForm(FlaskForm):
    """How many of the inbox.  The token makes a double press start one attempt."""

    count = SelectField("How many", choices={str(size): str(size) for size in SIZES}, coerce=int, default=10)
    topic = HiddenField(validators=[Length(max=120)])
    token = HiddenField(validators=[Regexp(TOKEN)])

    @classmethod
    def fresh(cls, *, topic: str, waiting: int) -> "PractiseForm":
        """The form for an inbox in which `waiting` questions are to be practised."""
        form = cls(formdata=None, topic=topic, token=secrets.token_urlsafe(12))
        form.count.choices = sizes(waiting)
        form.count.data = next((size for size in SIZES if size >= min(waiting, 10)), 10)
        return form


def sizes(waiting: int) -> dict[str, str]:
    """The numbers worth offering: up to the first that takes all."""
    small = {str(size): str(size) for size in SIZES if size < waiting}
    rest = next((size for size in SIZES if size >= waiting), None)
    return small | {str(rest): f"all {waiting}"} if rest else small
