"""Sets of our own in a plain value, from YAML or JSON: head, defaults, pictures and questions."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.problems import Path, Place

QUESTIONS = re.compile(rb"""(?m)^["']?questions["']?[ \t]*:|["']questions["'][ \t]*:""")
QUESTION_TYPE = re.compile(rb"""["']?(?:stem|type)["']?[ \t]*:""")
HEAD = frozenset({"title", "description", "licence", "authors", "defaults", "questions", "images"})
NO_LIST = "holds no list of `questions`"


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a question stands, and what it inherits."""

    number: int
    """From 0, in the whole file."""
    place: Place
    path: Path
    inherited: Mapping[str, Any]


def looks_like_a_set(data: bytes) -> bool:
    """Whether a file has the two words without which it is none of ours."""
    plain = data.replace(b"\0", b"")  # of two bytes a character, in which these words have none but these
    return QUESTIONS.search(plain) is not None and QUESTION_TYPE.search(plain) is not None


def questions_of(value: Any, place: Place, reading: Reading) -> None:
    """Every question of a set, each with its place; what is odd about the rest is told."""
    inherited = read_head(value, place, reading)
    if not isinstance(value, Mapping) or not isinstance(value.get("questions"), list):
        reading.say("no_questions", NO_LIST, Action.DROPPED, severity="error")
        return
    for number, item in enumerate(value["questions"]):
        path = ("questions", number)
        read_item(item, Stands(len(reading.found), place, path, inherited), reading)


def read_head(value: Any, place: Place, reading: Reading) -> dict[str, Any]:
    """Title and pictures of a set; what its questions inherit."""
    if not isinstance(value, Mapping):
        return {}
    title = value.get("title")
    reading.title = reading.title or (title if isinstance(title, str) else "")
    for name in value:
        if name not in HEAD:
            line = place.lines.get((name,), 1)
            reading.say("unknown_field", f"the set's field {name!r} is not known", Action.DROPPED, line=line)
    _read_images(value.get("images"), reading)
    defaults = value.get("defaults")
    return dict(defaults) if isinstance(defaults, Mapping) else {}


def read_item(item: Any, stands: Stands, reading: Reading) -> None:
    """One question of a set."""
    line = stands.place.lines.get(stands.path, 1)
    if not isinstance(item, Mapping):
        found = Found(f"question {stands.number + 1}", line, source=str(item), text=str(item)[:2_000])
        found.give_up("mapping_type", "should be a mapping of fields to values")
    else:
        name = str(item.get("name") or item.get("id") or f"question {stands.number + 1}")
        found = Found(name, line, {**stands.inherited, **item}, kind=str(item.get("type", "")))
        stem = item.get("stem")
        found.text = stem if isinstance(stem, str) else ""
        found.place = (stands.place, stands.path)
    reading.found.append(found)


def broken_item(source: str, line: int, reading: Reading, why: tuple[str, str, int]) -> None:
    """A question whose text cannot be read: kept as it is.  `why` is a code, a message and its line."""
    code, message, at = why
    found = Found(f"question {len(reading.found) + 1}", line, kind="question", source=source)
    found.text = source[:2_000]
    found.give_up(code, message, line=at)
    reading.found.append(found)


def _read_images(images: Any, reading: Reading) -> None:
    if not isinstance(images, Mapping):
        return
    for name, text in images.items():
        try:
            data = b64decode(str(text), validate=True)
        except (binascii.Error, ValueError):
            reading.say("image", f"the picture {str(name)[:20]} is not base 64", Action.DROPPED)
            continue
        # A set keeps the names of its pictures: its texts use them.
        if isinstance(name, str) and re.fullmatch(r"[0-9a-f]{64}", name):
            reading.images[name] = data
        else:
            message = f"the picture {str(name)[:20]!r} has no name that a text could use"
            reading.say("image", message, Action.DROPPED)
