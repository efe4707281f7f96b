"""A block of a GIFT file as a question: its name, its text, and which kind its answers make it."""

import re
from collections.abc import Callable

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, text_value
from quizapp.formats.gift.answers import choices, numbers, pairs, truth, words
from quizapp.formats.gift.blocks import Block
from quizapp.formats.gift.braces import Group, answer_group
from quizapp.formats.gift.marks import ANSWER_GUARDS, guarded, hidden, shown
from quizapp.formats.gift.wording import KEEPS_LINES, Wording, flat, tagged, tidied
from quizapp.formats.reading.building import essay
from quizapp.formats.reading.moodle_choices import Fields
from quizapp.formats.reading.moodle_names import name_from_text
from quizapp.formats.reading.moodle_question import Asked

GAP = "_____"
GENERAL = "####"
MOST_NAME = 500
MOST_ANSWERS = 1_000
"""No question has more."""
SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
MOST_SLUG = 120
INVISIBLE = ("\xa0", "\u2007", "\u202f", "\u3000")
TRUTHS = ("T", "TRUE", "F", "FALSE")

Kind = Callable[[str, Wording, Asked], Fields | None]
KINDS: dict[str, Kind] = {
    "essay": lambda body, wording, asked: essay(wording.found),
    "numerical": numbers,
    "multichoice": choices,
    "match": pairs,
    "truefalse": truth,
    "shortanswer": words,
}


def question(block: Block, reading: Reading) -> Found:
    """What a block asks, as far as it can be carried."""
    named, text = _named(_joined(block))
    text = guarded(text)
    choice = answer_group(text)
    stem, body = _parted(text, choice.group)
    found = Found("", block.first.number if block.first else 1, source=block.source)
    wording = Wording(found, reading)
    wording.markup, _ = tagged(stem, wording.markup)
    found.name = _name(named, stem, found)
    for code, message in block.notes:
        found.say(code, message)
    asked = Asked(
        "question" if choice.is_broken else _kind(body), found.name, wording.marked(stem), found.line
    )
    found.kind = asked.kind
    found.text = asked.text or Marked(found.name, wording.markup)
    fields = _shared(block, asked)
    own: Fields | None = None
    if choice.is_broken:
        found.give_up("brace", "has a brace without its counterpart; write \\{ or \\} where text is meant")
    elif not asked.text and not asked.name:
        found.give_up("no_text", "has no text and no name, so nothing is asked")
    else:
        _tell_of_braces(choice.odd, text, choice.group, found)
        _tell_of_text(block, stem, found, wording)
        own = _own(body, wording, asked, fields)
    fields["stem"] = text_value(_stem(asked, found), asked.text.markup)
    found.document = {**fields, **(own or _kept(found))}
    return found


def _shared(block: Block, asked: Asked) -> Fields:
    """The fields that do not depend on the answers."""
    identity, tags = block.labels
    origin = {"format": "gift", "id": identity} if identity else {"format": "gift"}
    fields: Fields = {"markup": asked.text.markup.value, "origin": origin, "name": asked.name}
    fields |= {"category": block.category} if block.category else {}
    fields |= {"tags": tags} if tags else {}
    if len(identity) <= MOST_SLUG and SLUG.fullmatch(identity):
        fields["id"] = identity
    return fields


def _own(body: str | None, wording: Wording, asked: Asked, fields: Fields) -> Fields | None:
    """The fields of the question's kind; None where it was given up."""
    if body is None:
        return {"type": "information"}
    body, _, feedback = _general_feedback(body)
    general = wording.marked(feedback)
    if general:
        fields["explanation"] = text_value(general, wording.markup)
    if sum(map(body.count, "=~")) > MOST_ANSWERS:
        wording.found.give_up("too_many_answers", f"has more than {MOST_ANSWERS:,} answers")
        return None
    return KINDS[asked.kind](body.lstrip(), wording, asked)


def _kept(found: Found) -> Fields:
    """A question that was given up: all that is known of it, and its source."""
    said = [each.message for each in found.diagnostics if each.severity == "error"]
    return {"type": "opaque", "kind": found.kind, "reason": "; ".join(said), "source": found.source}


def _stem(asked: Asked, found: Found) -> Marked:
    """What is asked.  Some files ask in the name and have no other text."""
    if asked.text or not asked.name:
        return asked.text or Marked("(no text)", asked.text.markup)
    found.say("no_text", "has no text; its name stands there instead", Action.APPROXIMATED)
    return Marked(asked.name, asked.text.markup)


def _joined(block: Block) -> str:
    """The text of a block without its comments, its escapes out of sight."""
    return "\n".join(hidden(line.raw) for line in block.lines if not line.is_comment).strip()


def _named(text: str) -> tuple[str | None, str]:
    """The name between `::` and `::`, and what follows; None where there is no name."""
    if not text.startswith("::"):
        return None, text
    end = text.find("::", 2)
    if end < 0:
        return None, text[2:]
    return flat(text[2:end]).strip(), text[end + 2 :].strip()


def _name(named: str | None, stem: str, found: Found) -> str:
    if not (named or "").strip():
        _, text = tagged(stem, Wording(found, Reading("")).markup)
        return name_from_text(shown(flat(text)).strip())
    name = shown(named or "").strip()
    if len(name) > MOST_NAME:
        message = f"its name was cut after {MOST_NAME} characters"
        found.say("name", message, Action.APPROXIMATED, severity="info")
    return name[:MOST_NAME].strip()


def _parted(text: str, group: Group | None) -> tuple[str, str | None]:
    """The question's text with a gap where its answers stood in the middle, and the answers."""
    if group is None:
        return text, None
    gap = "" if group.is_last(text) else GAP
    return text[: group.start] + gap + text[group.end + 1 :], group.inside(text)


def _general_feedback(body: str) -> tuple[str, str, str]:
    """The answers, and what follows the last `####`."""
    answers, mark, feedback = body.rpartition(GENERAL)
    return (answers, mark, feedback) if mark else (body, "", "")


def _kind(body: str | None) -> str:
    """What Moodle would call the question."""
    if body is None:
        return "description"
    body = _general_feedback(body)[0].strip()
    if not body:
        return "essay"
    if body.startswith("#"):
        return "numerical"
    if "~" in body:
        return "multichoice"
    if "=" in body and "->" in body:
        return "match"
    return "truefalse" if body.partition("#")[0].strip() in TRUTHS else "shortanswer"


def _tell_of_braces(odd: str, text: str, group: Group | None, found: Found) -> None:
    if odd:
        found.say("braces", odd)
    if group is None:
        return
    body = group.inside(text)
    if body.lstrip(" \t\n").startswith(INVISIBLE):
        message = "has an invisible character before its answers, which Moodle takes for an answer"
        found.say("blank", f"{message}; it was left out")
    if any(mark in body for mark in ANSWER_GUARDS):
        message = "has =, ~ or # inside an HTML tag or entity among its answers; they were taken for text"
        found.say("html_marks", f"{message}, by Moodle for marks")
    if group.is_cloze(text):
        found.say(
            "cloze", "is written like Cloze, which GIFT is not: only the first gap is asked, as Moodle does"
        )


def _tell_of_text(block: Block, stem: str, found: Found, wording: Wording) -> None:
    if wording.markup in KEEPS_LINES and tidied(stem, wording.markup) != flat(stem):
        message = "keeps the indentation and the line ends of its text, which Moodle removes"
        found.say("indentation", message, severity="info")
    numbers = [line.number for line in block.lines if line.marked]
    for line in block.lines:
        if line.is_comment and numbers[0] < line.number < numbers[-1]:
            message = f"a line beginning // is a comment and was left out: {line.raw.strip()[:80]}"
            found.say("comment", message, Action.DROPPED, severity="info", line=line.number)
