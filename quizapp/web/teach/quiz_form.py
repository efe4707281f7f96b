"""The form of a quiz: a blueprint's fields as text, to and from the document that the models judge.

The form checks nothing by itself.  What was typed goes to the same models that
judge bank files, and their messages come back beside the fields.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from quizapp.domain.certainty import ConfidenceRule
from quizapp.domain.modes import quiz_modes
from quizapp.domain.problems import Problem
from quizapp.domain.question_types import answerable, question_types
from quizapp.domain.questions import Level
from quizapp.domain.quizzes import MAX_SLOTS, AtDeadline, Blueprint, Feedback, Item, OpenAnswers, Weights
from quizapp.web.teach.forms import show, without_nul

EMPTY_ROWS = 5
NOT_OFFERED = frozenset({"review"})
"""The inbox of missed questions makes these sittings by itself."""

FEEDBACK: Mapping[str, str] = {
    "": "As the mode says",
    Feedback.DURING: "After each answer",
    Feedback.AFTER_SUBMIT: "When the learner has submitted",
    Feedback.AFTER_CLOSE: "When the quiz has closed",
}
AT_DEADLINE: Mapping[str, str] = {
    AtDeadline.AUTOSUBMIT: "The saved answers are handed in",
    AtDeadline.GRACE: "For a while learners may still submit, but not change answers",
}
OPEN_ANSWERS: Mapping[str, str] = {
    OpenAnswers.SELF: "The learner, after the quiz",
    OpenAnswers.INSTRUCTOR: "You, on the page of answers to score",
}
WEIGHTS: Mapping[str, str] = {
    Weights.POINTS: "Its own points",
    Weights.EQUAL: "One point, whatever the question says",
}
CONFIDENCE: Mapping[str, str] = {
    ConfidenceRule.NONE: "Not asked; learners can only say that they guess",
    ConfidenceRule.ASKED: "Asked with each answer, and never changes the score",
    ConfidenceRule.MARKED: "Asked and marked: being sure earns more when right and costs more when wrong",
}
PLAIN = (
    *("title", "description", "mode", "attempts_allowed", "wait_minutes", "pass_mark", "feedback"),
    *("confidence", "open_answers"),
)
PLAIN_TIMES = ("time_limit_minutes", "at_deadline", "grace_minutes")
MOMENTS = ("opens_at", "closes_at")
SWITCHES = ("shuffle_questions", "shuffle_options")
BETTER = {
    "int_parsing": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "decimal_parsing": "Write a number.",
    "datetime_from_date_parsing": "Give a date and a time.",
    "datetime_parsing": "Give a date and a time.",
    "string_too_short": "Fill this in.",
    "int_type": "Say how many questions to draw.",
    "too_short": "Choose at least one question, or draw some.",
}
FIELD_IN_MESSAGE = re.compile(r"`(closes_at|grace_minutes|penalty)`")


class CheckboxesField(SelectMultipleField):
    """Some of a few, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RowForm(Form):
    """One row: a fixed question, or a draw."""

    question = SelectField("Ask", filters=[without_nul], validate_choice=False)
    count = StringField("How many", filters=[without_nul])
    place = SelectField("Topic", filters=[without_nul], validate_choice=False)
    type = SelectField("Type", filters=[without_nul], validate_choice=False)
    levels = CheckboxesField(
        "Levels",
        choices={level.value: level.value.capitalize() for level in Level},
        validate_choice=False,
    )
    points = StringField("Points each", filters=[without_nul])

    @property
    def is_empty(self) -> bool:
        typed = (self.question, self.count, self.place, self.type, self.points)
        return not self.levels.data and not any((field.data or "").strip() for field in typed)

    def item(self) -> dict[str, Any]:
        """The row as an item of a blueprint's document, unjudged."""
        own_points = (self.points.data or "").strip()
        points = {"points": own_points} if own_points else {}
        if self.question.data:
            return {"question": self.question.data, **points}
        topic, _, subtopic = (self.place.data or "").partition("|")
        draw = {"count": (self.count.data or "").strip() or None, "topic": topic, "subtopic": subtopic}
        draw |= {"type": self.type.data, "levels": list(self.levels.data or ())}
        return {"draw": {name: value for name, value in draw.items() if value or name == "count"}, **points}


class Rows(FieldList):  # type: ignore[type-arg]  # it takes none when it runs
    """Rows, known by the numbers in their fields' names; a number that no page sends is no row's."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        found = (re.match(rf"{prefix}-([0-9]{{1,4}})-", name) for name in formdata)
        return (int(each[1]) for each in found if each)


class QuizForm(FlaskForm):
    """All of a blueprint."""

    token = HiddenField()
    """Made with the page, so that sending it twice makes one quiz."""
    set = SelectField("Questions to choose from", validate_choice=False)
    title = StringField("Title", filters=[without_nul])
    description = TextAreaField(
        "Description", description="What learners read before they start.", filters=[without_nul]
    )
    mode = SelectField(
        "Mode",
        choices={
            key: f"{mode.title}: {mode.summary}" for key, mode in quiz_modes.items() if key not in NOT_OFFERED
        },
    )
    rows = Rows(FormField(RowForm), max_entries=MAX_SLOTS)
    shuffle_questions = BooleanField("Each attempt asks the questions in another order", default=True)
    shuffle_options = BooleanField("Each attempt shows the options in another order", default=True)
    time_limit_minutes = StringField("Time limit in minutes", description="Empty: no time limit.")
    at_deadline = SelectField("When the time is up", choices=dict(AT_DEADLINE))
    grace_minutes = StringField(
        "Minutes to submit after the time is up", description="Only if learners may still submit then."
    )
    opens_at = StringField("Opens at (UTC)", description="Empty: as soon as it is published.")
    closes_at = StringField("Closes at (UTC)", description="Empty: never. It ends running attempts, too.")
    attempts_allowed = StringField("Attempts allowed", description="Empty: as many as they like.")
    wait_minutes = StringField("Minutes between two attempts", description="Empty: none.")
    pass_mark = StringField("Pass mark in per cent", description="Empty: nothing is passed or failed.")
    weights = SelectField("Each question counts", choices=dict(WEIGHTS))
    penalty = StringField(
        "A wrong answer costs, in per cent of its points",
        description="Empty: nothing. An answer left out never costs anything.",
    )
    confidence = SelectField(
        "How sure learners are",
        choices=dict(CONFIDENCE),
        default=ConfidenceRule.NONE.value,
        description="Marked: right earns 1/3, 2/3 or all points, wrong costs none, 2/3 or twice the points.",
    )
    feedback = SelectField("Results are shown", choices=dict(FEEDBACK))
    open_answers = SelectField(
        "Open answers are scored by",
        description="Answers that only people can judge, against their rubric.",
        choices=dict(OPEN_ANSWERS),
        default=OpenAnswers.SELF.value,
    )

    def add_rows(self, count: int = EMPTY_ROWS) -> None:
        for _ in range(min(count, MAX_SLOTS - len(self.rows))):
            self.rows.append_entry()

    def filled(self) -> list[RowForm]:
        """The rows that say something: row n is item n of the document."""
        return [entry.form for entry in self.rows if not entry.form.is_empty]

    def document(self, uid: str) -> dict[str, Any]:
        """What was typed, as a blueprint's document, unjudged."""
        texts = {name: (self[name].data or "").strip() for name in (*PLAIN, *PLAIN_TIMES)}
        moments = {name: (self[name].data or "").strip() for name in MOMENTS}
        given = {name: text for name, text in texts.items() if text}
        given |= {name: f"{text}+00:00" for name, text in moments.items() if text}
        marking = {"weights": self.weights.data, "penalty": _share(self.penalty.data or "")}
        return {
            **given,
            "id": uid,
            "title": texts["title"],
            "items": [row.item() for row in self.filled()],
            "marking": {name: value for name, value in marking.items() if value},
            **{name: bool(self[name].data) for name in SWITCHES},
        }

    def tell(self, problems: Iterable[Problem]) -> None:
        """Show each problem beside the field it is about, or at the top of the form."""
        for problem in problems:
            field = self.field_of(problem.where.partition(": ")[2], problem.message)
            if field is None:
                self.form_errors.append(_sentence(problem))
            else:
                show(field, _sentence(problem))

    def told(self) -> list[tuple[str, str]]:
        """Every message with the id of its field, for the list at the top."""
        fields = [("", field) for field in self if field is not self.rows]
        rows = [(row.question.label.text, cell) for row in self.filled() for cell in row]
        fields += [("" if cell.label.text == row else f"{row}, ", cell) for row, cell in rows]
        top = [("", message) for message in self.form_errors]
        return top + [
            (field.id, f"{row}{field.label.text}: {message}")
            for row, field in fields
            for message in field.errors
        ]

    def field_of(self, path: str, message: str) -> Any:
        """The field that a path of the document, or else a message, is about; None for neither."""
        parts = path.split(".")
        rows = self.filled()
        if parts[0] == "items":
            if len(parts) < 2 or int(parts[1]) >= len(rows):
                return None
            return _cell(rows[int(parts[1])], parts[-1])
        named = FIELD_IN_MESSAGE.search(message)
        name = parts[-1] or (named[1] if named else "feedback" if "feedback" in message else "")
        return self._fields.get(name)


def values_of(blueprint: Blueprint) -> dict[str, Any]:
    """A blueprint as the form's texts."""
    values: dict[str, Any] = {name: _text(getattr(blueprint, name)) for name in (*PLAIN, *PLAIN_TIMES)}
    values |= {name: getattr(blueprint, name) for name in SWITCHES}
    for name in MOMENTS:
        moment = getattr(blueprint, name)
        values[name] = f"{moment:%Y-%m-%dT%H:%M}" if moment else ""
    penalty = (blueprint.marking.penalty * 100).normalize()
    values |= {"weights": blueprint.marking.weights.value, "penalty": f"{penalty:f}" if penalty else ""}
    if not blueprint.wait_minutes:
        values["wait_minutes"] = ""
    return values | {"rows": [_row_values(item) for item in blueprint.items]}


def type_choices() -> dict[str, str]:
    return {"": "Any type"} | {key: question_types[key].title for key in answerable()}


def _row_values(item: Item) -> dict[str, Any]:
    points = _text(item.points)
    if item.draw is None:
        return {"question": item.question, "points": points}
    draw = item.draw
    place = f"{draw.topic or ''}|{draw.subtopic or ''}" if draw.topic or draw.subtopic else ""
    levels = [level.value for level in draw.levels]
    return {
        "count": str(draw.count),
        "place": place,
        "type": draw.type or "",
        "levels": levels,
        "points": points,
    }


def _cell(row: RowForm, name: str) -> Any:
    if name in ("topic", "subtopic"):
        return row.place
    if name in row:
        return row[name]
    return row.question if row.question.data else row.count


def _share(text: str) -> str:
    """Per cent as a share; what is no number is left for the models to refuse."""
    try:
        share = (Decimal(text.strip()) / 100).quantize(Decimal("0.000001"))
    except InvalidOperation:
        return text.strip()
    return f"{share:f}"


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


def _sentence(problem: Problem) -> str:
    if problem.code in BETTER:
        return BETTER[problem.code]
    text = problem.message.replace("input should be", "should be").replace("`", "")
    for name, words in (("closes_at", "the closing time"), ("opens_at", "the opening time")):
        text = text.replace(name, words)
    text = text.replace("penalty must be left out", "this must be empty")
    text = text.replace("grace_minutes", "its minutes").replace("after_close", "after the close")
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
