"""A question of Moodle's as a document of this house: what every type shares, and which type it is."""

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from quizapp.domain.imports import Action, Found
from quizapp.domain.texts import Marked, Markup, text_value
from quizapp.formats.reading import moodle_gaps, moodle_rows
from quizapp.formats.reading.moodle_choices import (
    Fields,
    all_or_nothing,
    choice,
    field,
    is_blank,
    note,
    short_text,
    true_false,
)
from quizapp.formats.reading.moodle_numbers import number
from quizapp.formats.reading.moodle_question import MOST_PARTS, Asked, number_of, truth
from quizapp.formats.reading.moodle_rows import as_words

SAID_BY_THE_TYPE = frozenset(("single", "usecase"))
MOST_SETTINGS = 200
MOST_NAME, MOST_TAG, MOST_TAGS, MOST_HINTS, MOST_SETTING = 500, 100, 100, 20, 20_000
SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
USUAL_WORDS = frozenset(
    (
        "",
        "your answer is correct.",
        "your answer is partially correct.",
        "your answer is incorrect.",
        "correct.",
        "correct",
        "incorrect.",
        "incorrect",
    )
)
"""What Moodle says to answers as a whole unless somebody thought of something else."""

RUBRIC = {
    "id": "quality",
    "title": "Answer",
    "levels": ["Not answered or wrong", "Partly right", "Right and complete"],
}


def document_of(asked: Asked, found: Found, format_key: str) -> None:
    """Give a found question its document, or give it up with the reason."""
    found.kind, found.text = asked.kind, asked.text
    maker = MAKERS.get(asked.kind)
    if maker is None:
        found.give_up("kind", f"questions of the kind {asked.kind[:60]!r} cannot be asked here")
    elif max(len(each) for each in (asked.answers, asked.pairs, asked.rows, asked.choices)) > MOST_PARTS:
        found.give_up("too_many_answers", f"has more than {MOST_PARTS:,} answers")
    else:
        body = maker(asked, found)
        if body is not None:
            found.document = _shared(asked, found, format_key, body)
    if found.document is None:
        keep_whole(found, format_key, asked.category, asked.tags, asked.idnumber)


def keep_whole(
    found: Found, format_key: str, category: str = "", tags: Sequence[str] = (), idnumber: str = ""
) -> None:
    """Keep a question that was given up as it is, in its place among the others."""
    if not found.source.strip():
        return
    reasons = [each.message for each in found.diagnostics if each.severity == "error"]
    document: dict[str, Any] = {
        "type": "opaque",
        "name": found.name[:MOST_NAME],
        "category": category,
        "stem": text_value(found.text, Markup.MARKDOWN) if found.text.strip() else "(no text)",
        "tags": _tags(tags),
        "kind": (found.kind or "question")[:MOST_NAME],
        "reason": " ".join(reasons)[:5_000],
        "source": found.source,
        "origin": {"format": format_key, "id": idnumber[:1_000]},
    }
    found.document = {name: value for name, value in document.items() if value}


def _shared(asked: Asked, found: Found, format_key: str, body: Fields) -> dict[str, Any]:
    document: dict[str, Any] = {"type": body.pop("type"), "name": _name(asked, found)}
    if SLUG.fullmatch(asked.idnumber) and 3 <= len(asked.idnumber) <= 120:
        document["id"] = asked.idnumber
    if asked.category:
        document["category"] = asked.category
    document["markup"] = asked.text.markup.value
    document["stem"] = body.pop("stem", None) or _stem(asked, found)
    note(document, "explanation", asked.general_feedback, asked)
    _help(document, asked, found)
    document["points"] = _points(asked, found)
    document |= body
    _overall(asked, found)
    origin: dict[str, Any] = {"format": format_key, "settings": _settings(asked, found)}
    if asked.idnumber:
        origin["id"] = asked.idnumber[:1_000]
    return document | {"origin": origin}


def _name(asked: Asked, found: Found) -> str:
    if len(asked.name) <= MOST_NAME:
        return asked.name
    message = f"its name was cut to {MOST_NAME} characters"
    found.say("long_name", message, Action.APPROXIMATED, severity="info")
    return asked.name[: MOST_NAME - 1].rstrip() + "…"


def _stem(asked: Asked, found: Found) -> Any:
    if not is_blank(asked.text):
        return field(asked.text, asked)
    found.say("no_text", "has no text; its name stands for it", Action.APPROXIMATED)
    return field(Marked(asked.name or "(no text)", Markup.PLAIN), asked)


def _help(document: dict[str, Any], asked: Asked, found: Found) -> None:
    hints = [field(hint, asked) for hint in asked.hints if not is_blank(hint)]
    if len(hints) > MOST_HINTS:
        found.say("hints", f"only the first {MOST_HINTS} hints are kept", Action.DROPPED)
    if hints:
        document["hints"] = hints[:MOST_HINTS]
    tags = _tags(asked.tags)
    if len(tags) < len({" ".join(tag.split()) for tag in asked.tags if tag.strip()}):
        found.say("tags", "some tags are too long, or too many", Action.DROPPED)
    if tags:
        document["tags"] = tags


def _tags(tags: Sequence[str]) -> list[str]:
    plain = dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip())
    return [tag for tag in plain if len(tag) <= MOST_TAG][:MOST_TAGS]


def _points(asked: Asked, found: Found) -> int:
    """Moodle's default mark as whole points; a text without a question has none there."""
    grade = number_of(asked.grade or "1")
    if asked.kind == "description":
        return 1
    if grade is None:
        found.say("points", f"the mark {asked.grade[:40]!r} cannot be read; it became 1", Action.APPROXIMATED)
        return 1
    whole = min(max(grade, Decimal(1)), Decimal(100)).quantize(Decimal(1), ROUND_HALF_UP)
    if whole != grade:
        asked.settings["defaultgrade"] = asked.grade.strip()
        message = f"its mark {asked.grade.strip()[:40]} became {whole}"
        found.say("points", message, Action.APPROXIMATED, severity="info")
    return int(whole)


def _overall(asked: Asked, found: Found) -> None:
    """Feedback to answers as a whole and texts for graders are kept for the way back."""
    for name, text in {**asked.overall, **asked.extra}.items():
        if not text.strip():
            continue
        asked.settings[name] = str(text)
        if text.markup is not asked.text.markup:
            asked.settings[f"{name}.format"] = text.markup.value
    if any(as_words(text).casefold() not in USUAL_WORDS for text in asked.overall.values()):
        message = "what it says to right and wrong answers as a whole is kept, but not shown"
        found.say("overall_feedback", message, severity="info")
    if asked.extra.get("graderinfo", ""):
        found.say("grader_info", "the information for graders is kept, but not shown", severity="info")
    if asked.extra.get("responsetemplate", ""):
        message = "the text that stands in the field at first is kept, but not shown"
        found.say("response_template", message, severity="info")
    if truth(asked.settings.get("hidden", "0")):
        found.say("hidden", "is hidden in Moodle; here it is like the others", severity="info")


def _settings(asked: Asked, found: Found) -> dict[str, str]:
    wanted = {name: value for name, value in asked.settings.items() if name not in SAID_BY_THE_TYPE}
    kept = {name: value for name, value in wanted.items() if len(value) <= MOST_SETTING}
    kept = dict(list(kept.items())[:MOST_SETTINGS])
    for name in sorted(wanted.keys() - kept.keys()):
        found.say("long_setting", f"its {name[:60]} is too long to be kept", Action.DROPPED)
    return kept


def _multichoice(asked: Asked, found: Found) -> Fields | None:
    return choice(asked, asked.answers, found, single=asked.is_set("single", "true"))


def _multichoiceset(asked: Asked, found: Found) -> Fields | None:
    return all_or_nothing(asked, found, "all_or_nothing")


def _oumultiresponse(asked: Asked, found: Found) -> Fields | None:
    message = (
        "here a wrong choice cancels a right one; in Moodle only choosing more than there are right does"
    )
    found.say("scoring", message, Action.APPROXIMATED)
    asked.settings["qtype"] = asked.kind
    return all_or_nothing(asked, found, "right_minus_wrong")


def _shortanswer(asked: Asked, found: Found) -> Fields | None:
    return short_text(asked, asked.answers, found, cases=asked.is_set("usecase"))


def _numerical(asked: Asked, found: Found) -> Fields | None:
    return number(asked, asked.answers, found)


def _description(asked: Asked, found: Found) -> Fields:
    return {"type": "information"}


def _essay(asked: Asked, found: Found) -> Fields:
    found.say("rubric", "a plain rubric was added", Action.APPROXIMATED, severity="info")
    if asked.is_set("attachments"):
        found.say("attachments", "files cannot be handed in here", Action.APPROXIMATED)
    prompts = [{"id": "answer", "title": "Your answer"}]
    return {"type": "open_response", "kind": "essay", "prompts": prompts, "rubric": [RUBRIC]}


def _ordering(asked: Asked, found: Found) -> Fields | None:
    return moodle_rows.ordering(asked, asked.answers, found)


def _order(asked: Asked, found: Found) -> Fields | None:
    """The older plugin numbers its subquestions instead of keeping them in order."""
    places = [(number_of(pair.right), pair) for pair in asked.pairs]
    if any(place is None for place, _ in places) or len({place for place, _ in places}) < len(places):
        found.give_up("no_key", "does not say in which order its items belong")
        return None
    placed = sorted(places, key=lambda each: each[0] or 0)
    items = [{"text": field(pair.left, asked)} for _, pair in placed]
    message = "is graded by the longest run of items that keeps its order"
    found.say("ordering_grading", message, Action.APPROXIMATED, severity="info")
    return {"type": "ordering", "items": items}


def _words(asked: Asked, found: Found) -> Fields | None:
    return moodle_gaps.words(asked, found, dragged=asked.kind == "ddwtos")


SCORED_BY_ROW = {"subpoints": False, "mtfonezero": True, "kprimeonezero": True}
"""Whether all rows are needed, by what the plugins call it."""


def _true_false_rows(asked: Asked, found: Found) -> Fields | None:
    method = asked.settings.get("scoringmethod", "").strip()
    if method not in SCORED_BY_ROW:
        found.give_up("scoring", f"the way it is marked, {method[:40]!r}, is not known here")
        return None
    return moodle_rows.matrix(asked, found, several=False, whole=SCORED_BY_ROW[method])


def _oumatrix(asked: Asked, found: Found) -> Fields | None:
    several = asked.settings.get("inputtype", "single").strip() == "multiple"
    method = asked.settings.get("grademethod", "partial").strip()
    if method not in ("partial", "allnone"):
        found.give_up("scoring", f"the way it is marked, {method[:40]!r}, is not known here")
        return None
    return moodle_rows.matrix(asked, found, several=several, whole=method == "allnone")


MAKERS: dict[str, Callable[[Asked, Found], Fields | None]] = {
    "multichoice": _multichoice,
    "multichoiceset": _multichoiceset,
    "oumultiresponse": _oumultiresponse,
    "truefalse": true_false,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "match": moodle_rows.matching,
    "matching": moodle_rows.matching,
    "essay": _essay,
    "description": _description,
    "ordering": _ordering,
    "order": _order,
    "cloze": moodle_gaps.cloze,
    "multianswer": moodle_gaps.cloze,
    "gapselect": _words,
    "ddwtos": _words,
    "gapfill": moodle_gaps.bracketed,
    "mtf": _true_false_rows,
    "kprime": _true_false_rows,
    "oumatrix": _oumatrix,
}
"""The types of Moodle and its plugins that can be asked here."""
