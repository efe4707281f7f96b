"""The form with which a learner composes a quiz."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Regexp
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import CheckboxInput, ListWidget, NumberInput

from quizapp.domain.errors import Refused
from quizapp.domain.modes import quiz_modes
from quizapp.domain.questions import Level
from quizapp.domain.quizzes import HandsOn
from quizapp.services.composing import Choice

FEWEST, MOST = 5, 50
LONGEST = 600
MODES = sorted(set(quiz_modes) - {"review"}, key=lambda key: (quiz_modes[key].timed, key))
"""All but the review, which has its own questions; the untimed ones first."""
TOKEN = r"[A-Za-z0-9_-]{16,40}\Z"  # noqa: S105  # a pattern
OUT_OF_RANGE = f"Choose a number from {FEWEST} to {MOST}."
BAD_LIMIT = f"Give whole minutes from 1 to {LONGEST}, or leave it empty."


class Checkboxes(SelectMultipleField):
    """Several of a list, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WholeNumber(IntegerField):
    """A whole number; what is none is told in words of the form."""

    widget = NumberInput()

    def __init__(self, label: str, validators: list[Any], unreadable: str, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self._unreadable = unreadable

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value[:20] for value in valuelist])
        except ValueError:
            raise ValueError(self._unreadable) from None


class ComposeForm(FlaskForm):
    """What to ask, how much of it, and under which rules."""

    topics = Checkboxes("Topics", description="None ticked means all of them.")
    levels = Checkboxes(
        "Levels",
        description="None ticked means all of them.",
        choices={level.value: level.value.capitalize() for level in Level},
    )
    questions = WholeNumber(
        "Number of questions",
        [InputRequired(OUT_OF_RANGE), NumberRange(FEWEST, MOST, OUT_OF_RANGE)],
        OUT_OF_RANGE,
        default=10,
        description=f"{FEWEST} to {MOST}. They are split evenly over the topics.",
    )
    mode = RadioField(
        "Mode",
        choices={key: f"{quiz_modes[key].title}. {quiz_modes[key].summary}" for key in MODES},
        default=MODES[0],
    )
    minutes = WholeNumber(
        "Time limit in minutes",
        [MayBeEmpty(), NumberRange(1, LONGEST, BAD_LIMIT)],
        BAD_LIMIT,
        description="Leave it empty for no limit.",
    )
    hands_on = RadioField(
        "Hands-on tasks",
        choices={
            HandsOn.WITHOUT.value: "None, questions only.",
            HandsOn.WITH.value: "Mixed in: SQL, HTTP requests, open answers. They take minutes each.",
            HandsOn.ONLY.value: "Only hands-on tasks.",
        },
        default=HandsOn.WITHOUT.value,
    )
    how_sure = BooleanField(
        "Ask how sure I am of each answer",
        description="It does not change the score. The result tells how often being sure was right.",
    )
    token = HiddenField(validators=[Regexp(TOKEN, message="This form was changed. Send it once more.")])

    def offer(self, topics: Mapping[str, str]) -> None:
        """Set what can be ticked, and give a new form its token."""
        self.topics.choices = dict(topics)
        if not self.is_submitted():
            self.token.data = secrets.token_urlsafe(12)

    def renew_token(self) -> None:
        """A token that could not be read is replaced, so that the next press works."""
        if self.token.errors:
            self.token.data = secrets.token_urlsafe(12)

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal beside its field."""
        field = self[refusal.field or "topics"]
        field.errors = [*field.errors, str(refusal)]

    def choice(self) -> Choice:
        return Choice(
            topics=tuple(self.topics.data or ()),
            levels=tuple(Level(level) for level in self.levels.data or ()),
            questions=int(self.questions.data or 0),
            mode=str(self.mode.data),
            time_limit_minutes=self.minutes.data,
            hands_on=HandsOn(self.hands_on.data),
            asks_confidence=bool(self.how_sure.data),
        )
