"""The elements of one text2qti question as a document."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quizapp.domain.imports import Action, Found
from quizapp.formats.reading.building import (
    decimal_text,
    essay,
    literal,
    number_in,
    points_of,
    shares,
    without_repeats,
)
from quizapp.formats.text2qti.elements import Element, Kind

ANSWERS = {
    Kind.RIGHT: "choices",
    Kind.WRONG: "choices",
    Kind.TICKED: "ticks",
    Kind.UNTICKED: "ticks",
    Kind.ACCEPTED: "short answer",
    Kind.NUMBER: "number",
    Kind.ESSAY: "essay",
    Kind.UPLOAD: "file upload",
    Kind.GAP: "gaps",
    Kind.MATCH: "gaps",
}
TRUE_FALSE = {"true": True, "false": False}
IMAGE = re.compile(r"!\[[^\]\n]{0,300}\]\(([^()\s]{1,500})")
NOT_SHOWN = re.compile(r"<(iframe|script|object|embed|video|audio)\b", re.IGNORECASE)
PERCENT = re.compile(r"%\s*$")


@dataclass(slots=True)
class Draft:
    """A question that is being collected."""

    line: int
    title: str = ""
    points: str = ""
    stem: str = ""
    elements: list[Element] = field(default_factory=list)
    category: str = ""
    loose: int = 0


def document_of(draft: Draft, found: Found) -> None:
    """Fill in what can be made of a question, or give it up."""
    kinds = {ANSWERS[each.kind] for each in draft.elements if each.kind in ANSWERS}
    found.kind = next(iter(kinds)) if len(kinds) == 1 else "question"
    if len(kinds) > 1:
        found.give_up("mixed", f"mixes kinds of answers: {', '.join(sorted(kinds))}")
        return
    if not kinds:
        found.give_up("no_answers", "has no answers, and does not say that it is an essay")
        return
    shared = _shared(draft, found)
    own = _readers[next(iter(kinds))](draft, found)
    if own is not None:
        found.document = shared | own
        _check_texts(found, draft)


def _shared(draft: Draft, found: Found) -> dict[str, Any]:
    document: dict[str, Any] = {"name": draft.title, "stem": _plain(draft.stem), "category": draft.category}
    settings: dict[str, str] = {}
    if draft.points:
        document["points"], original = points_of(draft.points, found)
        settings |= {"points": original} if original else {}
    explanation = [_texts(draft, Kind.FEEDBACK, before_answers=True)]
    solution = _texts(draft, Kind.SOLUTION)
    if solution and not any(each.kind is Kind.ESSAY for each in draft.elements):
        explanation.append(solution)
        message = "has a solution that was for teachers only; here it is part of the explanation"
        found.say("solution", message, Action.APPROXIMATED, severity="info")
    document["explanation"] = "\n\n".join(filter(None, explanation))
    document["origin"] = {"format": "text2qti"} | ({"settings": settings} if settings else {})
    return {name: value for name, value in document.items() if value}


def _choices(draft: Draft, found: Found) -> dict[str, Any] | None:
    of_all = {True: _texts(draft, Kind.IF_RIGHT), False: _texts(draft, Kind.IF_WRONG)}
    places = _places(draft, Kind.RIGHT, Kind.WRONG)
    options = [_option(draft, number, Kind.RIGHT, of_all) for number in places]
    right = sum(bool(option.get("key")) for option in options)
    if right != 1:
        found.give_up("no_key", f"should have one right choice, but marks {right or 'none'}")
        return None
    said = [str(option["text"]).strip() for option in options]
    if len(said) == 2 and {text.casefold() for text in said} == TRUE_FALSE.keys():
        return _true_false(options)
    return {"type": "single_choice", "options": without_repeats(options, found)}


def _true_false(options: list[dict[str, Any]]) -> dict[str, Any]:
    own: dict[str, Any] = {"type": "true_false"}
    for option in options:
        said = str(option["text"]).strip().casefold()
        if option.get("key"):
            own["answer"] = TRUE_FALSE[said]
        if option.get("feedback"):
            own[f"feedback_{said}"] = option["feedback"]
    return own


def _ticks(draft: Draft, found: Found) -> dict[str, Any] | None:
    options = [
        _option(draft, number, Kind.TICKED, {}) for number in _places(draft, Kind.TICKED, Kind.UNTICKED)
    ]
    keys = [option for option in options if option.get("key")]
    if not keys:
        found.give_up("no_key", "ticks none of its choices")
        return None
    if len(keys) == len(options):
        for option, credit in zip(keys, shares(len(keys)), strict=True):
            option["credit"] = credit
        marking = "weighted"
    else:
        marking = "all_or_nothing"
    message = "does not say what some of the right choices earn; all of them are needed"
    if marking == "weighted":
        message = "has right choices only; each earns its share"
    found.say("marking", message, Action.APPROXIMATED, severity="info")
    return {
        "type": "multiple_choice",
        "marking": marking,
        "options": without_repeats(options, found),
        **_said_of_all(draft, found),
    }


def _option(draft: Draft, number: int, right: Kind, of_all: Mapping[bool, str]) -> dict[str, Any]:
    """A choice with its own feedback and, where only one can be chosen, that of the whole question."""
    element = draft.elements[number]
    option: dict[str, Any] = {"text": _plain(element.text)}
    is_right = element.kind is right
    if is_right:
        option["key"] = True
    feedback = [
        _plain(each.text)
        for each in draft.elements[number + 1 : _next_answer(draft, number)]
        if each.kind is Kind.FEEDBACK
    ]
    feedback.append(of_all.get(is_right, ""))
    said = "\n\n".join(filter(None, feedback))
    return option | ({"feedback": said} if said else {})


def _said_of_all(draft: Draft, found: Found) -> dict[str, Any]:
    """Feedback for right and wrong answers of a kind that has no place for it."""
    said = [
        f"{when}: {text}"
        for when, kind in (("If right", Kind.IF_RIGHT), ("If wrong", Kind.IF_WRONG))
        if (text := _texts(draft, kind))
    ]
    if not said:
        return {}
    message = "has feedback for right and for wrong answers; here it is part of the explanation"
    found.say("feedback", message, Action.APPROXIMATED)
    general = _texts(draft, Kind.FEEDBACK, before_answers=True)
    return {"explanation": "\n\n".join(filter(None, [general, *said]))}


def _short_answer(draft: Draft, found: Found) -> dict[str, Any]:
    right, wrong = _texts(draft, Kind.IF_RIGHT), _texts(draft, Kind.IF_WRONG)
    feedback = {"feedback": right} if right else {}
    texts = dict.fromkeys(each.text.strip() for each in draft.elements if each.kind is Kind.ACCEPTED)
    own: dict[str, Any] = {"type": "short_text", "answers": [{"text": literal(t), **feedback} for t in texts]}
    return own | ({"mistakes": [{"text": "*", "feedback": wrong}]} if wrong else {})


def _number(draft: Draft, found: Found) -> dict[str, Any] | None:
    given = [each.text.strip() for each in draft.elements if each.kind is Kind.NUMBER]
    read = [_answer_of(text, found) for text in given]
    if len(given) > 1 or read[0] is None:
        wanted = "one number, a number with +- and a margin, or [least, most]"
        found.give_up("number", f"should have {wanted}, not {'; '.join(given)[:120]!r}")
        return None
    own = {"type": "number", **read[0]}
    right, wrong = _texts(draft, Kind.IF_RIGHT), _texts(draft, Kind.IF_WRONG)
    return own | ({"feedback": right} if right else {}) | ({"otherwise": wrong} if wrong else {})


def _answer_of(text: str, found: Found) -> dict[str, Any] | None:
    if text.startswith("[") and text.endswith("]"):
        least, _, most = text[1:-1].partition(",")
        low, high = number_in(least), number_in(most)
        if low is None or high is None or low > high:
            return None
        return _with_tolerance((low + high) / 2, (high - low) / 2)
    value, sign, margin = text.partition("+-")
    answer = number_in(value.replace("_", ""))
    if answer is None:
        return None
    if not sign:
        if answer != answer.to_integral_value() or "e" in value.lower():
            message = f"says no margin for {value.strip()}; only exactly this number is right"
            found.say("margin", message, Action.APPROXIMATED)
        return _with_tolerance(answer, Decimal(0))
    share = PERCENT.search(margin)
    room = number_in(margin[: share.start()] if share else margin)
    if room is None or room < 0:
        return None
    if share and 0 < room < 100:
        return {"answer": decimal_text(answer), "tolerance": {"relative": decimal_text(room / 100)}}
    return _with_tolerance(answer, abs(answer) * room / 100 if share else room)


def _with_tolerance(answer: Decimal, room: Decimal) -> dict[str, Any]:
    tolerance = {"tolerance": {"absolute": decimal_text(room)}} if room else {}
    return {"answer": decimal_text(answer), **tolerance}


def _essay(draft: Draft, found: Found) -> dict[str, Any]:
    solution = _texts(draft, Kind.SOLUTION)
    return essay(found) | ({"model_answer": solution} if solution else {}) | _said_of_all(draft, found)


def _upload(draft: Draft, found: Found) -> None:
    found.give_up("kind", "asks for a file, which cannot be handed in here")


def _gaps(draft: Draft, found: Found) -> dict[str, Any] | None:
    """A dialect: `{G1}` in the text, texts to put there, and which belongs where."""
    offered: dict[str, str] = {}
    belongs: dict[str, str] = {}
    for element in draft.elements:
        if element.kind is Kind.GAP:
            name, _, text = element.text.partition(")")
            offered[name.strip()] = _plain(text)
        elif element.kind is Kind.MATCH:
            name, _, gap = element.text.strip().partition(" ")
            belongs[gap.strip()] = name
    if not belongs or any(name not in offered for name in belongs.values()):
        found.give_up("gaps", "has gaps to which no offered text belongs")
        return None
    text, parts = _plain(draft.stem), []
    for number, (gap, name) in enumerate(belongs.items(), start=1):
        if text.count(f"{{{gap}}}") != 1:
            found.give_up("gaps", f"should have the gap {gap[:40]!r} in its text once")
            return None
        text = text.replace(f"{{{gap}}}", f"[[gap-{number}]]")
        options = [{"text": each, **({"key": True} if key == name else {})} for key, each in offered.items()]
        parts.append({"id": f"gap-{number}", "type": "single_choice", "options": options})
    return {"type": "composite", "stem": {"plain": "Fill in the gaps."}, "text": text, "parts": parts}


_readers = {
    "choices": _choices,
    "ticks": _ticks,
    "short answer": _short_answer,
    "number": _number,
    "essay": _essay,
    "file upload": _upload,
    "gaps": _gaps,
}


def _places(draft: Draft, *kinds: Kind) -> list[int]:
    return [number for number, each in enumerate(draft.elements) if each.kind in kinds]


def _next_answer(draft: Draft, number: int) -> int:
    following = (n for n in range(number + 1, len(draft.elements)) if draft.elements[n].kind in ANSWERS)
    return next(following, len(draft.elements))


def _texts(draft: Draft, kind: Kind, *, before_answers: bool = False) -> str:
    """What elements of a kind say together; `before_answers`: not what is said of a choice."""
    elements = draft.elements
    if before_answers:
        choices = _places(draft, Kind.RIGHT, Kind.WRONG, Kind.TICKED, Kind.UNTICKED)
        elements = elements[: choices[0]] if choices else elements
    return "\n\n".join(_plain(each.text) for each in elements if each.kind is kind)


def _plain(text: str) -> str:
    """Markdown without the comments that its writer left in it."""
    parts, at = [], 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin)) >= 0:
        parts.append(text[at:begin])
        at = end + 3
    return "".join([*parts, text[at:]]).strip()


def _check_texts(found: Found, draft: Draft) -> None:
    """Tell of what the texts name and a text file cannot hold."""
    if draft.loose:
        message = "goes on in a line that is not indented; it was taken for a part of the text"
        found.say("indentation", message, Action.APPROXIMATED, line=draft.loose)
    for each in [Element(Kind.QUESTION, draft.line, draft.stem), *draft.elements]:
        for image in IMAGE.finditer(each.text):
            remote = image[1].lower().startswith(("http://", "https://", "//"))
            why = "lies elsewhere and was not fetched" if remote else "is not in the file"
            code = "remote_image" if remote else "missing_image"
            found.say(code, f"the picture {image[1][:80]} {why}", Action.DROPPED, line=each.line)
        if (html := NOT_SHOWN.search(each.text)) is not None:
            message = f"holds <{html[1].lower()}>, which is not shown here"
            found.say("html", message, Action.DROPPED, line=each.line)
