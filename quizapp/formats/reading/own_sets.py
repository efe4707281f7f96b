"""Sets of our own in a plain value, from YAML or JSON: head, defaults, pictures and questions."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.problems import Place

QUESTIONS = re.compile(rb"""(?m)^["']?questions["']?\s*:|["']questions["']\s*:""")
QUESTION_TYPE = re.compile(rb"""["']?(?:stem|type)["']?\s*:""")
HEAD = frozenset({"title", "description", "licence", "authors", "defaults", "questions", "images"})


def looks_like_a_set(data: bytes) -> bool:
    """Whether a file has the two words without which it is none of ours."""
    return QUESTIONS.search(data) is not None and QUESTION_TYPE.search(data) is not None


def questions_of(value: Any, place: Place, reading: Reading) -> None:
    """Every question of a set, each with its place; what is odd about the rest is told."""
    if not isinstance(value, Mapping) or not isinstance(value.get("questions"), list):
        reading.say("no_questions", "holds no list of `questions`", Action.DROPPED, severity="error")
        return
    title = value.get("title")
    reading.title = title if isinstance(title, str) else ""
    for name in value.keys() - HEAD:
        line = place.lines.get((name,), 1)
        reading.say("unknown_field", f"the set's field {name!r} is not known", Action.DROPPED, line=line)
    _read_images(value.get("images"), reading)
    defaults = value.get("defaults")
    inherited = dict(defaults) if isinstance(defaults, Mapping) else {}
    for number, item in enumerate(value["questions"]):
        path = ("questions", number)
        line = place.lines.get(path, 1)
        if not isinstance(item, Mapping):
            found = Found(f"question {number + 1}", line, source=str(item), text=str(item)[:2_000])
            found.give_up("mapping_type", "should be a mapping of fields to values")
        else:
            name = str(item.get("name") or item.get("id") or f"question {number + 1}")
            found = Found(name, line, {**inherited, **item}, kind=str(item.get("type", "")))
            stem = item.get("stem")
            found.text = stem if isinstance(stem, str) else ""
            found.place = (place, path)
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
