"""A block of a GIFT file as a question: its name, its text, and which kind its answers make it."""

import re
from collections.abc import Callable

from quizapp.formats.gift.answers import choices, numbers, pairs, truth, words

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, text_value
from quizapp.formats.gift.blocks import Block
from quizapp.formats.gift.braces import answer_group
from quizapp.formats.gift.marks import guarded, hidden, shown
from quizapp.formats.gift.wording import Wording, flat, tagged
from quizapp.formats.reading.building import essay
from quizapp.formats.reading.moodle_choices import Fields
from quizapp.formats.reading.moodle_names import name_from_text
from quizapp.formats.reading.moodle_question import Asked

GAP = "_____"
GENERAL = "####"
MOST_NAME = 500
SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
MOST_SLUG = 120
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
    first = block.first
    line = first.number if first else 1
    named, text = _named(_joined(block))
    found = Found(shown(named or ""), line, source=block.source)
    text = guarded(text)
    choice = answer_group(text)
    stem, body = _parted(text, choice.group)
    found.kind = _kind(body)
    wording = Wording(found, reading)
    wording.markup, _ = tagged(stem, wording.markup)
    asked = Asked(found.kind, found.name, Marked("", wording.markup), line)
    asked.name = found.name = _name(named, stem, found)
    for code, message in block.notes:
        found.say(code, message)
    if choice.is_broken:
        found.text = Marked(shown(text).strip(), wording.markup)
        found.give_up("brace", "has a brace without its counterpart; write \\{ or \\} where text is meant")
        return found
    _look_for_oddities(block, text, choice.group, found)
    if choice.odd:
        found.say("braces", choice.odd)
    asked.text = wording.marked(stem)
    found.text = asked.text or Marked(found.name, wording.markup)
    _fill(found, block, wording, asked, body)
    return found


def _fill(found: Found, block: Block, wording: Wording, asked: Asked, body: str | None) -> None:
    """The document of a question, unless its answers give it up."""
    identity, tags = block.labels
    origin = {"format": "gift", "id": identity} if identity else {"format": "gift"}
    fields: Fields = {"markup": wording.markup.value, "origin": origin, "name": asked.name}
    fields |= {"category": block.category} if block.category else {}
    fields |= {"tags": tags} if tags else {}
    if len(identity) <= MOST_SLUG and SLUG.fullmatch(identity):
        fields["id"] = identity
    fields["stem"] = text_value(_stem(asked, wording), wording.markup)
    own: Fields | None = {"type": "information"}
    if body is not None:
        body, feedback = _general_feedback(body)
        general = wording.marked(feedback)
        if general:
            fields["explanation"] = text_value(general, wording.markup)
        own = KINDS[asked.kind](body, wording, asked)
    if own is not None:
        found.document = {**fields, **own}
    else:
        found.refused = fields


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
    if named is None:
        _, text = tagged(stem, Wording(found, Reading("")).markup)
        return name_from_text(shown(flat(text)).strip())
    name = shown(named).strip()
    if len(name) > MOST_NAME:
        message = f"its name was cut after {MOST_NAME} characters"
        found.say("name", message, Action.APPROXIMATED, severity="info")
    return name[:MOST_NAME].strip()
