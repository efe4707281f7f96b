"""A note as a question: a card to turn over, a word to type, or a text with gaps."""

import re
from collections.abc import Mapping
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Markup
from quizapp.formats.anki.cloze import Gap, pieces_of
from quizapp.formats.anki.notes import Note, Template
from quizapp.formats.anki.templates import Side, answer_part, plain_text, rendered
from quizapp.formats.reading.building import first_words, flashcard, literal
from quizapp.formats.reading.html_pictures import Resolve, with_own_pictures

MOST_TYPED = 100
"""Characters of an answer that people can be asked to type."""

MOST_GAPS = 60
SOUND = re.compile(r"\[sound:([^\[\]\n]{1,300})\]")
NOT_TYPED = ("<img", "[sound:", "\\(", "\\[", "[latex]", "[$]", "[$$]")
BREAKS = re.compile(r"\A(?:<br ?/?>|\s)+", re.IGNORECASE)
"""What a template puts between a text and what is said beside it."""

OWN_GAP = re.compile(r"\[\[(?=[a-z])")
OCCLUSION = ("image-occlusion", "cloze:Occlusion", "cloze:cloze-1-image")
GAPS_STEM = {"plain": "Fill in the gaps."}
TEXTS = ("stem", "text", "model_answer", "explanation")


def question_of(note: Note, resolve: Resolve, reading: Reading, format_key: str, member: str) -> Found:
    """One question for a note, with everything that was lost on the way."""
    found = Found("", note.line, kind=note.type.name, source=note.source(), member=member)
    template = _template(note)
    front = rendered(template.front, note.values)
    found.text = front.html or " / ".join(filter(None, note.values.values()))
    found.name = first_words(_read(found.text, note)) or f"note {note.line}"
    if any(mark in template.front for mark in OCCLUSION):
        found.give_up("kind", "hides parts of a picture, which cannot be asked here")
        return found
    if not _read(front.html, note) and "<img" not in front.html:
        front.html = _first_filled(note)
    if not front.html.strip():
        found.give_up("empty", "has nothing on its front")
        return found
    document = _cloze(note, template, front, found) if note.type.is_cloze else None
    document = document or _card(note, template, front, found)
    document |= _shared(note, template, front, format_key)
    found.document = _with_pictures(document, resolve, found, reading)
    _tell_of_cards(note, found)
    _tell_of_sounds(document, found)
    return found


def _template(note: Note) -> Template:
    """The first card that the note has."""
    templates = note.type.templates
    number = 0 if note.type.is_cloze else min(note.cards, default=0)
    if not templates:
        names = list(note.values)
        back = "<br>".join(f"{{{{{name}}}}}" for name in names[1:])
        return Template("", f"{{{{{names[0]}}}}}" if names else "", back)
    return templates[number] if 0 <= number < len(templates) else templates[0]


def _shared(note: Note, template: Template, front: Side, format_key: str) -> dict[str, Any]:
    """Tags, deck, identity, and the fields that stand on neither side of the card."""
    back = rendered(template.back, note.values)
    hidden = {
        name[:100]: value
        for name, value in list(note.values.items())[:100]
        if value.strip() and name not in front.shown | back.shown
    }
    origin = {"format": format_key, "id": note.guid, "settings": {"notetype": note.type.name, **hidden}}
    shared: dict[str, Any] = {
        "markup": note.type.markup.value,
        "category": _category(note.deck),
        "tags": list(dict.fromkeys(tag[:100] for tag in note.tags))[:100],
        "origin": origin,
    }
    return {name: value for name, value in shared.items() if value}


def _category(deck: str) -> str:
    """`A::B/C` is B/C within A; a slash inside a name is doubled."""
    return "/".join(part.strip().replace("/", "//") for part in deck.split("::") if part.strip())[:1_000]


def _card(note: Note, template: Template, front: Side, found: Found) -> dict[str, Any]:
    """A card that is typed, or one that is turned over."""
    back = rendered(answer_part(template.back), note.values).html
    if front.typed:
        answer = note.values.get(front.typed[0], "")
        if _can_be_typed(answer, note):
            return {"stem": front.html} | _typed(answer, back, note)
        message = "is to be typed, but its answer is no short text; here it is a card to turn over"
        found.say("typed", message, Action.APPROXIMATED, severity="info")
        back = "<br>".join(filter(None, (answer, back)))
    return {"stem": front.html, **flashcard(back)}


def _typed(answer: str, back: str, note: Note) -> dict[str, Any]:
    answer = _read(answer, note)
    document: dict[str, Any] = {"type": "short_text", "answers": [{"text": literal(answer)}]}
    if _read(back, note) not in ("", answer) or "<img" in back:
        document["explanation"] = back
    return document


def _cloze(note: Note, template: Template, front: Side, found: Found) -> dict[str, Any] | None:
    """A text with gaps to type into; None where a card is all that it can be."""
    pieces = pieces_of(front.html)
    gaps = [piece for piece in pieces if isinstance(piece, Gap)]
    if not gaps:
        return None
    explanation = _beside_the_gaps(note, template)
    if why := _not_typed(pieces, gaps, note):
        found.say("cloze", f"{why}; here it is a card to turn over", Action.APPROXIMATED, severity="info")
        shown = "".join(each if isinstance(each, str) else f"[{each.hint or '…'}]" for each in pieces)
        whole = "".join(each if isinstance(each, str) else each.answer for each in pieces)
        front.html = shown
        return {"stem": shown, **flashcard(_joined(whole, explanation, note))}
    if any(gap.holds_gaps for gap in gaps):
        found.say(
            "cloze", "has gaps within gaps; the outer ones are asked", Action.APPROXIMATED, severity="info"
        )
    if len({gap.number for gap in gaps}) > 1:
        message = "asks its gaps one after another; here they are asked together"
        found.say("cloze", message, Action.APPROXIMATED, severity="info")
    text, parts = _with_gaps(pieces, note)
    document = {"type": "composite", "stem": GAPS_STEM, "text": text, "parts": parts}
    return document | ({"explanation": explanation} if explanation else {})


def _with_gaps(pieces: list[str | Gap], note: Note) -> tuple[str, list[dict[str, Any]]]:
    text: list[str] = []
    parts: list[dict[str, Any]] = []
    used: dict[int, int] = {}
    for piece in pieces:
        if isinstance(piece, str):
            text.append(OWN_GAP.sub("&#91;[", piece) if note.type.markup is Markup.HTML else piece)
            continue
        used[piece.number] = used.get(piece.number, 0) + 1
        again = f"-{used[piece.number]}" if used[piece.number] > 1 else ""
        gap = f"c{piece.number}{again}"
        text.append(f"[[{gap}]]" + (f" ({piece.hint})" if piece.hint else ""))
        answer = literal(_read(piece.answer, note))
        parts.append({"id": gap, "type": "short_text", "answers": [{"text": answer}]})
    return "".join(text), parts


def _not_typed(pieces: list[str | Gap], gaps: list[Gap], note: Note) -> str:
    """Why the gaps of a text cannot be typed into, or nothing."""
    if len(gaps) > MOST_GAPS:
        return f"has more than {MOST_GAPS} gaps"
    if not all(_can_be_typed(gap.answer, note) for gap in gaps):
        return "has a gap whose answer is no short text"
    if note.type.markup is not Markup.HTML and any(OWN_GAP.search(p) for p in pieces if isinstance(p, str)):
        return "has brackets that look like gaps"
    depth = 0
    for piece in pieces:
        if isinstance(piece, Gap) and depth > 0:
            return "has a gap within a formula"
        if isinstance(piece, str):
            depth += sum(map(piece.count, ("\\(", "\\["))) - sum(map(piece.count, ("\\)", "\\]")))
    return ""


def _beside_the_gaps(note: Note, template: Template) -> str:
    """What the back of a text with gaps shows beside it."""
    without = {name: "" if pieces_of(value)[1:] else value for name, value in note.values.items()}
    back = BREAKS.sub("", rendered(answer_part(template.back), without).html)
    return back if _read(back, note) or "<img" in back else ""


def _joined(text: str, more: str, note: Note) -> str:
    between = "<br><br>" if note.type.markup is Markup.HTML else "\n\n"
    return between.join(filter(None, (text, more)))


def _can_be_typed(answer: str, note: Note) -> bool:
    plain = _read(answer, note)
    return 0 < len(plain) <= MOST_TYPED and not any(mark in answer for mark in NOT_TYPED)


def _read(text: str, note: Note) -> str:
    """A text in one line without its marks."""
    return plain_text(text) if note.type.markup is Markup.HTML else " ".join(text.split())


def _first_filled(note: Note) -> str:
    return next((value for value in note.values.values() if value.strip()), "")


def _with_pictures(
    document: dict[str, Any], resolve: Resolve, found: Found, reading: Reading
) -> dict[str, Any]:
    if document.get("markup") == Markup.HTML:
        for name in TEXTS:
            if isinstance(document.get(name), str):
                document[name] = with_own_pictures(document[name], resolve, found, reading)
    return document


def _tell_of_cards(note: Note, found: Found) -> None:
    if len(note.cards) > 1 and not note.type.is_cloze:
        message = f"makes {len(note.cards)} cards, such as one for each direction; the first one is asked"
        found.say("cards", message, Action.APPROXIMATED, severity="info")


def _tell_of_sounds(document: Mapping[str, Any], found: Found) -> None:
    texts = [document[name] for name in TEXTS if isinstance(document.get(name), str)]
    sounds = dict.fromkeys(sound[1] for text in texts for sound in SOUND.finditer(text))
    for sound in sounds:
        message = f"the sound {sound[:80]!r} cannot be played here; its name stays in the text"
        found.say("sound", message, Action.DROPPED)
