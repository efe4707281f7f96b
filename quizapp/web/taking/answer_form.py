"""The form around an answer: everything in it that is not the answer itself."""

from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import BadRequest

from quizapp.domain.certainty import Confidence

OWN_FIELDS = frozenset({"csrf_token", "sequence", "action", "confidence", "picture"})


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What a question page sent."""

    action: str
    sequence: int
    confidence: Confidence | None
    submission: dict[str, list[str]]


def sent_form() -> AnswerForm:
    """The answer form of this request.  Raises `BadRequest` where it is not one of ours."""
    fields = request.form.to_dict(flat=False)
    submission = {name: values for name, values in fields.items() if name not in OWN_FIELDS}
    return AnswerForm(
        request.form.get("action", "next"),
        sequence_number(request.form.get("sequence", "")),
        confidence_of(request.form.get("confidence", "")),
        submission,
    )


def sequence_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise BadRequest
    return int(text)


def confidence_of(text: str) -> Confidence | None:
    try:
        return Confidence(text) if text else None
    except ValueError:
        raise BadRequest from None
