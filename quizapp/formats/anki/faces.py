"""What of a question goes on the front and the back of a card."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from quizapp.formats import QuestionDocument
from quizapp.formats.anki.html import html_of
from quizapp.formats.reading.building import ESSAY_PROMPTS, RECALL_RUBRIC

Say = Callable[[str], None]
TURNED = "becomes a card to turn over; Anki does not grade it"


@dataclass(slots=True)
class Face:
    """The sides of a note: `card`, `typed` or `gaps`."""

    kind: str
    front: str
    back: str = ""
    extra: str = ""


def face_of(document: QuestionDocument, say: Say) -> Face | None:
    """The sides of a question; None, and said why, where cards cannot ask it."""
    kind = str(document.get("type"))
    maker = _makers.get(kind)
    face = maker(document, say) if maker else None
    if maker is None:
        say(f"a card cannot ask what a question of the type {kind} asks, so it is left out")
    if face is not None:
        face.extra = html_of(document, "explanation")
    return face


def _open(document: QuestionDocument, say: Say) -> Face:
    if (
        list(document.get("rubric") or ()) != RECALL_RUBRIC
        or list(document.get("prompts") or ()) != ESSAY_PROMPTS
    ):
        say("its stages and its rubric are not written: a card is recalled or not")
    if document.get("explanation"):
        say("its explanation becomes a part of the back")
    return Face("card", html_of(document, "stem"), html_of(document, "model_answer"))


def _short_text(document: QuestionDocument, say: Say) -> Face:
    answers = document["answers"]
    right = next((each for each in answers if str(each.get("credit", 1)) in ("1", "1.0")), answers[0])
    if len(answers) > 1 or document.get("mistakes") or document.get("case_sensitive"):
        say("only one right answer is written, without its mistakes")
    return Face("typed", html_of(document, "stem"), escape(_unescaped(str(right["text"])), quote=False))


def _number(document: QuestionDocument, say: Say) -> Face:
    say("only the number itself is written: Anki knows no tolerance and compares letters")
    unit = f" {document['unit']}" if document.get("unit_required") and document.get("unit") else ""
    return Face("typed", html_of(document, "stem"), f"{document['answer']}{escape(unit)}")


def _true_false(document: QuestionDocument, say: Say) -> Face:
    say(TURNED)
    said = "true" if document["answer"] else "false"
    front = f"{html_of(document, 'stem')}<br><br>True or false?"
    back = "<br>".join(filter(None, (said.capitalize(), html_of(document, f"feedback_{said}"))))
    return Face("card", front, back)


def _choice(document: QuestionDocument, say: Say) -> Face:
    say(TURNED)
    options = [_inner(each, document) for each in document["options"]]
    keys = [html for html, each in zip(options, document["options"], strict=True) if each.get("key")]
    front = f"{html_of(document, 'stem')}{_listed(options, 'ul')}"
    return Face("card", front, keys[0] if len(keys) == 1 else _listed(keys, "ul"))


def _ordering(document: QuestionDocument, say: Say) -> Face:
    say(TURNED)
    items = [_inner(each, document) for each in document["items"]]
    front = f"{html_of(document, 'stem')}{_listed(sorted(items), 'ul')}"
    return Face("card", front, _listed(items, "ol"))


def _matching(document: QuestionDocument, say: Say) -> Face:
    say(TURNED)
    pairs = [
        (_inner(each, document, "prompt"), _inner(each, document, "match")) for each in document["pairs"]
    ]
    offered = [_inner(each, document) for each in document.get("distractors") or ()]
    matches = sorted({*(match for _, match in pairs), *offered})
    front = f"{html_of(document, 'stem')}{_listed([p for p, _ in pairs], 'ul')}{_listed(matches, 'ul')}"
    return Face("card", front, _listed([f"{prompt} – {match}" for prompt, match in pairs], "ul"))


def _composite(document: QuestionDocument, say: Say) -> Face | None:
    """A text of which every part is a gap to type into."""
    html = html_of(document, "text")
    parts = {str(part["id"]): part for part in document["parts"]}
    if not html or any(f"[[{name}]]" not in html for name in parts):
        say("has parts that are no gaps in a text, so it is left out")
        return None
    for number, (name, part) in enumerate(parts.items(), start=1):
        answer = _gap_answer(part)
        if answer is None:
            say(f"has a gap of the type {part.get('type')}, so it is left out")
            return None
        shown = int(name[1:].partition("-")[0]) if name[:1] == "c" and name[1:2].isdigit() else number
        html = html.replace(f"[[{name}]]", f"{{{{c{shown}::{answer}}}}}")
    stem = document.get("stem")
    if stem not in ("Fill in the gaps.", {"plain": "Fill in the gaps."}):
        html = f"{html_of(document, 'stem')}<br><br>{html}"
        say("its text begins with its stem")
    if any(len(part.get("answers") or ()) > 1 for part in parts.values()):
        say("only one right answer of a gap is written")
    return Face("gaps", html)


def _gap_answer(part: Mapping[str, Any]) -> str | None:
    match part.get("type"):
        case "short_text":
            text = _unescaped(str(part["answers"][0]["text"]))
        case "number":
            text = str(part["answer"])
        case "single_choice":
            key = next(each for each in part["options"] if each.get("key"))["text"]
            text = str(next(iter(key.values())) if isinstance(key, Mapping) else key)
        case _:
            return None
    # Two colons would begin a hint, and two braces would end the gap.
    return escape(text, quote=False).replace("::", ":&#58;").replace("}}", "}&#125;")


_makers: dict[str, Callable[[QuestionDocument, Say], Face | None]] = {
    "open_response": _open,
    "short_text": _short_text,
    "number": _number,
    "true_false": _true_false,
    "single_choice": _choice,
    "multiple_choice": _choice,
    "ordering": _ordering,
    "matching": _matching,
    "composite": _composite,
}


def _inner(value: Mapping[str, Any], document: QuestionDocument, field: str = "text") -> str:
    """A text inside a question, in the markup of the question unless it says otherwise."""
    return html_of({"markup": document.get("markup", "markdown"), field: value[field]}, field)


def _listed(items: Sequence[str], tag: str) -> str:
    return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>" if items else ""


def _unescaped(pattern: str) -> str:
    """A pattern for short answers as the text that somebody would type."""
    return pattern.replace("\\*", "*")
