"""Moodle's matchings, orderings and matrices as the fields of their types here."""

import re
from collections.abc import Sequence
from html import unescape

from quizapp.domain.choices import text_id
from quizapp.domain.imports import Action, Found
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.reading.moodle_choices import Fields, field, is_blank, note
from quizapp.formats.reading.moodle_question import Answer, Asked, Pair

SEEN_AS_HTML = re.compile(
    r"</?(?:a|b|br|code|div|em|font|i|img|p|pre|s|small|span|strong|sub|sup|tt|u)\b[^<>]{0,500}>"
    r"|&(?:amp|lt|gt|quot|nbsp|#[0-9]{1,6});",
    re.IGNORECASE,
)
TAG = re.compile(r"<[^<>]{0,500}>")
LONGEST_RUN = "5"


def matching(asked: Asked, found: Found) -> Fields | None:
    """Pairs, and answers that belong to nothing."""
    pairs: dict[str, Fields] = {}
    matches: dict[str, str] = {}
    lonely: list[Pair] = []
    for pair in asked.pairs:
        if is_blank(pair.left):
            lonely.append(pair)
            continue
        if not pair.right.strip():
            found.give_up("no_match", f"{pair.left[:80]!r} has no answer")
            return None
        same = matches.setdefault(text_id(pair.left), text_id(pair.right))
        if same != text_id(pair.right):
            found.give_up("contradiction", f"{pair.left[:80]!r} is there twice, with different answers")
            return None
        if text_id(pair.left) in pairs:
            message = f"{pair.left[:80]!r} was there twice; one is kept"
            found.say("duplicate_option", message, Action.APPROXIMATED)
            continue
        pairs[text_id(pair.left)] = {"prompt": field(pair.left, asked), "match": _answer(pair.right, asked)}
    offered = set(matches.values())
    distractors = []
    for pair in lonely:
        if pair.right.strip() and text_id(pair.right) not in offered:
            offered.add(text_id(pair.right))
            distractors.append({"text": _answer(pair.right, asked)})
    fields: Fields = {"type": "matching", "pairs": list(pairs.values())}
    return fields | {"distractors": distractors} if distractors else fields


def _answer(text: str, asked: Asked) -> object:
    """An answer of a matching: plain, unless somebody wrote HTML there."""
    return field(Marked(text, Markup.HTML if SEEN_AS_HTML.search(text) else Markup.PLAIN), asked)


def ordering(asked: Asked, answers: Sequence[Answer], found: Found) -> Fields | None:
    """Items in their right order."""
    items = []
    for answer in answers:
        item: Fields = {"text": field(answer.text, asked)}
        note(item, "feedback", answer.feedback, asked)
        items.append(item)
    subset = asked.settings.get("selecttype", "0").strip().casefold() not in ("0", "all")
    if subset and asked.settings.get("selectcount", "0").strip() not in ("", "0"):
        message = "Moodle shows only some of the items; here all are shown"
        found.say("ordering_subset", message, Action.APPROXIMATED)
    if asked.settings.get("gradingtype", "").strip() != LONGEST_RUN:
        message = "is graded by the longest run of items that keeps its order"
        found.say("ordering_grading", message, Action.APPROXIMATED, severity="info")
    return {"type": "ordering", "items": items}


def matrix(asked: Asked, found: Found, *, several: bool, whole: bool) -> Fields | None:
    """Rows of choices: parts that are marked one by one, or a matrix that is all or nothing."""
    if not asked.rows or any(not row.right for row in asked.rows):
        found.give_up("no_key", "a row has no right choice")
        return None
    if any(column >= len(asked.columns) for row in asked.rows for column in row.right):
        found.give_up("no_key", "a row names a choice that is not there")
        return None
    if several and not whole:
        found.give_up("scoring", "its partly right rows are marked in a way that is not known here")
        return None
    if several or (whole and _fits_matrix(asked)):
        return _all_or_nothing(asked, several)
    if any(len(row.right) > 1 for row in asked.rows):
        found.give_up("scoring", "a row of one choice has several right ones")
        return None
    parts = [_part(asked, number) for number in range(len(asked.rows))]
    fields: Fields = {"type": "composite", "parts": parts}
    return fields | {"marking": "all_or_nothing"} if whole else fields


def _fits_matrix(asked: Asked) -> bool:
    """Whether it is a matrix that the type here takes: of ten rows at most, and not all of them alike."""
    return len(asked.rows) <= 10 and len(asked.columns) <= 6 and len({row.right for row in asked.rows}) > 1


def _all_or_nothing(asked: Asked, several: bool) -> Fields:
    columns = [as_words(column) for column in asked.columns]
    rows = []
    for row in asked.rows:
        keys = [columns[number] for number in row.right]
        fields: Fields = {"text": field(row.text, asked), "key": keys if several else keys[0]}
        note(fields, "feedback", row.feedback, asked)
        rows.append(fields)
    fields = {"type": "matrix", "columns": columns, "rows": rows, "marking": "all_or_nothing"}
    return fields | {"multiple": True} if several else fields


def _part(asked: Asked, number: int) -> Fields:
    row = asked.rows[number]
    options: list[Fields] = [{"text": field(column, asked)} for column in asked.columns]
    options[row.right[0]]["key"] = True
    part: Fields = {"id": f"r{number + 1}", "type": "single_choice", "prompt": field(row.text, asked)}
    part["options"] = options
    note(part, "explanation", row.feedback, asked)
    return part


def as_words(text: Marked) -> str:
    """A text without its markup, on one line."""
    plain = str(text)
    if text.markup in (Markup.HTML, Markup.MOODLE):
        plain = unescape(TAG.sub(" ", plain))
    return " ".join(plain.split())
