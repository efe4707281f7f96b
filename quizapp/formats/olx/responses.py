"""The responses of a problem that can be asked here: choices, options, texts and numbers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from quizapp.domain.imports import Action, Found
from quizapp.formats.olx.markup import inner_html
from quizapp.formats.reading.xml import Element, local_name

Body = dict[str, Any]
Picture = Callable[[str], str]

OPTIONS = re.compile(r"""'((?:[^'\\]|\\.|\\\Z)*+)('|\Z)|"((?:[^"\\]|\\.|\\\Z)*+)("|\Z)""", re.DOTALL)
"""Each in quotes; one that never ends is met to the end, so that nobody looks for its end again."""
RANGE = re.compile(r"([\[(])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([\])])")
FEW = re.compile(r"[-+0-9.eE]{1,40}")
MOST_EXPONENT = 24
PARTIAL = Decimal("0.5")
"""What a nearly right answer earns where nothing else is said."""


class CannotAsk(Exception):
    """The problem cannot be asked here; it is kept as it is."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Asked:
    """What responses need to know of their problem."""

    found: Found
    picture: Picture
    """Carries the pictures of a text over."""
    settings: dict[str, str] = field(default_factory=dict)
    """What has no use here, and can be given back."""

    def text(self, element: Element) -> str:
        return self.picture(inner_html(element, {}).strip())

    def say(self, code: str, message: str, *, severity: str = "warning") -> None:
        self.found.say(code, message, Action.APPROXIMATED, severity=severity)


def body_of(response: Element, asked: Asked) -> Body:
    """The fields of a question, or of a part of one.  Raises `CannotAsk`."""
    name = local_name(response)
    if name not in READERS:
        raise CannotAsk("kind", f"asks with a `{name}`, which cannot be asked here")
    return READERS[name](response, asked)


def _multiple_choice(response: Element, asked: Asked) -> Body:
    choices = list(response.iter("choice"))
    partial = "points" in response.get("partial_credit", "")
    earned = [_credit(choice, partial=partial) for choice in choices]
    options = [_option(choice, asked) for choice in choices]
    _note_shuffle(response, asked)
    return _single(options, earned, asked)


def _credit(choice: Element, *, partial: bool) -> Decimal:
    correct = choice.get("correct", "false").strip().lower()
    if correct == "partial":
        return min(_number(choice.get("point_value", "0.5")), Decimal(1)) if partial else Decimal(0)
    return Decimal(correct == "true")


def _option_response(response: Element, asked: Asked) -> Body:
    inputs = list(response.iter("optioninput"))
    if len(inputs) != 1:
        raise CannotAsk("kind", f"has {len(inputs)} lists of options in one response")
    [listed] = inputs
    choices = list(listed.iter("option"))
    if choices:
        options = [_option(choice, asked) for choice in choices]
        return _single(options, [_credit(choice, partial=False) for choice in choices], asked)
    quoted = OPTIONS.finditer(listed.get("options", ""))
    names = [found[1] or found[3] or "" for found in quoted if found[2] or found[4]]
    right = listed.get("correct", "").strip()
    options = [{"text": _as_html(name)} for name in names]
    return _single(options, [Decimal(name.strip() == right) for name in names], asked)


def _single(options: list[Body], earned: list[Decimal], asked: Asked) -> Body:
    for option, credit in zip(options, earned, strict=True):
        if credit == 1 and not any(each.get("key") for each in options):
            option["key"] = True
        elif credit > 0:
            option["credit"] = _spelled(credit)
    if not any(option.get("key") for option in options):
        raise CannotAsk("no_key", "says of no answer that it is right")
    return {"type": "single_choice", "options": _distinct(options, asked)}


def _choice_response(response: Element, asked: Asked) -> Body:
    choices = list(response.iter("choice"))
    options = [_option(choice, asked) for choice in choices]
    for option, choice in zip(options, choices, strict=True):
        if choice.get("correct", "false").strip().lower() == "true":
            option["key"] = True
    options = _distinct(options, asked)
    keys = sum(bool(option.get("key")) for option in options)
    if not keys:
        raise CannotAsk("no_key", "says of no answer that it is right")
    for hint in response.iter("compoundhint"):
        asked.say("compoundhint", "a hint for several choices together is kept, and not shown here")
        asked.settings[f"compoundhint {hint.get('value', '')}"[:100]] = asked.text(hint)
    _note_shuffle(response, asked)
    partial = response.get("partial_credit", "").lower()
    marking = "all_or_nothing"
    if "edc" in partial:
        marking = "per_option"
        asked.say(
            "marking",
            "earned a part for each right decision; here guessing earns none of it",
            severity="info",
        )
    elif "halves" in partial:
        marking = "right_minus_wrong"
        asked.say(
            "marking",
            "earned half for one mistake; here each mistake cancels a right choice",
            severity="info",
        )
    if keys == len(options):
        for option in options:
            option["credit"] = _spelled((1 / Decimal(keys)).quantize(Decimal("0.0000001")))
        asked.say("marking", "all choices are right, and each of them earns a part here")
        marking = "weighted"
    return {"type": "multiple_choice", "options": options, "marking": marking}


def _option(choice: Element, asked: Asked) -> Body:
    option: Body = {"text": asked.text(choice)}
    hints = [hint for hint in choice if local_name(hint) in ("choicehint", "optionhint")]
    chosen = [hint for hint in hints if hint.get("selected", "true").strip().lower() != "false"]
    texts = [asked.text(hint) for hint in (chosen or hints)]
    if hints and len(chosen) < len(hints):
        asked.say(
            "choicehint", "a hint for not choosing an option is shown with that option", severity="info"
        )
        texts = [asked.text(hint) for hint in hints]
    return {**option, "feedback": "\n".join(texts)} if any(texts) else option


def _distinct(options: list[Body], asked: Asked) -> list[Body]:
    """Options without those that say and earn the same as another one."""
    kept: dict[tuple[str, bool, str], Body] = {}
    for option in options:
        right = bool(option.get("key")) or option.get("credit") == "1"
        own = (" ".join(option["text"].split()).casefold(), right, "" if right else str(option.get("credit")))
        if own in kept:
            asked.say("duplicate_option", f"the option {option['text'][:80]!r} is there twice; one was kept")
        else:
            kept[own] = option
    return list(kept.values())


def _string(response: Element, asked: Asked) -> Body:
    kinds = response.get("type", "").lower().split()
    if "regexp" in kinds:
        raise CannotAsk("scoring", "its answers are regular expressions, which are never run")
    given = response.get("answer", "")
    # An old way to write several answers.
    first = re.split(r"_or_", given, flags=re.IGNORECASE)
    answers = [_with_hint({"text": _pattern(text)}, response, asked) for text in first if text.strip()]
    for more in response.iter("additional_answer"):
        text = more.get("answer") or (more.text or "")
        if text.strip():
            answers.append(_with_hint({"text": _pattern(text)}, more, asked))
    if not answers:
        raise CannotAsk("no_key", "says of no answer that it is right")
    distinct = {" ".join(each["text"].split()): each for each in reversed(answers)}
    mistakes = [
        {"text": _pattern(hint.get("answer", "")), "feedback": asked.text(hint)}
        for hint in response.iter("stringequalhint")
        if hint.get("answer", "").strip()
    ]
    body: Body = {"type": "short_text", "answers": list(reversed(distinct.values()))}
    body |= {"mistakes": mistakes} if mistakes else {}
    return body if "ci" in kinds else {**body, "case_sensitive": True}


def _with_hint(answer: Body, element: Element, asked: Asked) -> Body:
    hint = next((each for each in element if local_name(each) == "correcthint"), None)
    return answer if hint is None else {**answer, "feedback": asked.text(hint)}


def _pattern(text: str) -> str:
    return " ".join(text.split()).replace("*", "\\*")


def _numerical(response: Element, asked: Asked) -> Body:
    tolerance = _tolerance(response)
    value, room = _answer(response.get("answer", ""), tolerance, asked)
    body: Body = {"type": "number", "answer": _spelled(value)}
    body |= {"tolerance": room} if room else {}
    hint = next((each for each in response if local_name(each) == "correcthint"), None)
    if hint is not None:
        body["feedback"] = asked.text(hint)
    accepted: list[Body] = []
    for more in response.iter("additional_answer"):
        other, near = _answer(more.get("answer", ""), tolerance, asked)
        entry: Body = {"value": _spelled(other), **({"tolerance": near} if near else {})}
        accepted.append(_with_hint(entry, more, asked))
    accepted += _nearly_right(response, value, room)
    return {**body, "accepted": accepted} if accepted else body


def _nearly_right(response: Element, value: Decimal, room: Body) -> list[Body]:
    """What earns a half: numbers in a wider range, and numbers that are listed."""
    partial = response.get("partial_credit", "").lower()
    param = next((each for each in response.iter("responseparam")), None)
    found: list[Body] = []
    if "list" in partial and param is not None:
        for text in param.get("partial_answers", "").split(","):
            entry: Body = {"value": _spelled(_number(text)), "credit": _spelled(PARTIAL)}
            found.append({**entry, "tolerance": room} if room else entry)
    if "close" in partial and room:
        times = _number(param.get("partial_range", "2")) if param is not None else Decimal(2)
        [(kind, width)] = room.items()
        wider = Decimal(width) * times
        if kind == "absolute" or wider < 1:
            found.append(
                {"value": _spelled(value), "tolerance": {kind: _spelled(wider)}, "credit": _spelled(PARTIAL)}
            )
    return found


def _tolerance(response: Element) -> str:
    params = [each for each in response.iter("responseparam") if each.get("type", "tolerance") == "tolerance"]
    return params[0].get("default", "").strip() if params else ""


def _answer(text: str, tolerance: str, asked: Asked) -> tuple[Decimal, Body]:
    """A number and how far off is still right."""
    between = RANGE.fullmatch(text.strip())
    if between is not None:
        low, high = _number(between[2]), _number(between[3])
        if low > high:
            raise CannotAsk("scoring", f"has the range {text[:60]!r}, which holds no number")
        if "(" in between[0] or ")" in between[0]:
            asked.say(
                "range", "the ends of the range count here, although they did not there", severity="info"
            )
        middle = (low + high) / 2
        return middle, {"absolute": _spelled(high - middle)} if high > low else {}
    value = _number(text)
    if not tolerance:
        return value, {}
    if tolerance.endswith("%"):
        share = _number(tolerance.removesuffix("%")) / 100
        if share >= 1:
            return value, {"absolute": _spelled(abs(value) * share)} if value else {}
        return value, {"relative": _spelled(share)} if share > 0 else {}
    room = _number(tolerance)
    return value, {"absolute": _spelled(room)} if room > 0 else {}


def _number(text: str) -> Decimal:
    """A plain number; a formula or a variable is not worked out."""
    try:
        if FEW.fullmatch(text.strip()) is None:
            raise InvalidOperation
        number = Decimal(text.strip())
        if not number.is_finite() or abs(number.adjusted()) > MOST_EXPONENT:
            raise InvalidOperation
    except InvalidOperation:
        raise CannotAsk("scoring", f"has {text[:60]!r} where a plain number belongs") from None
    return number


def _note_shuffle(response: Element, asked: Asked) -> None:
    for group in response.iter("choicegroup", "checkboxgroup"):
        if group.get("shuffle", "").lower() == "true":
            asked.settings["shuffle"] = "true"
        if group.get("answer-pool"):
            asked.settings["answer-pool"] = group.get("answer-pool", "")
            asked.say("answer_pool", "showed some of its options only; here all of them are shown")


def _as_html(text: str) -> str:
    plain = text.replace("\\'", "'").replace('\\"', '"')
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _spelled(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


READERS: dict[str, Callable[[Element, Asked], Body]] = {
    "multiplechoiceresponse": _multiple_choice,
    "optionresponse": _option_response,
    "choiceresponse": _choice_response,
    "stringresponse": _string,
    "numericalresponse": _numerical,
}
SCORED: Sequence[str] = tuple(READERS)
