"""What this house writes into the metadata of an item, because QTI has no other place for it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

PREFIX = "quizapp_"
SEPARATOR = "\x1f"
"""Between several fields of one name; XML cannot hold it, so no field has it inside."""
SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
LEVELS = frozenset({"junior", "mid", "senior", "staff"})
COGNITIVE = frozenset({"recall", "apply", "analyse", "evaluate"})


def _is_slug(text: str) -> bool:
    return len(text) <= 120 and SLUG.fullmatch(text) is not None


FIELDS: Mapping[str, Callable[[str], bool]] = {
    "id": _is_slug,
    "topic": _is_slug,
    "subtopic": _is_slug,
    "objective": _is_slug,
    "level": LEVELS.__contains__,
    "cognitive": COGNITIVE.__contains__,
    "as_of": lambda text: DATE.fullmatch(text) is not None,
    "category": bool,
}
TAG = f"{PREFIX}tag"
MARKING = f"{PREFIX}marking"
ORIGIN = f"{PREFIX}origin"
"""What the system that it first came from calls it, if that spoke QTI 1.2."""
CARRIED = frozenset({TAG})
"""Fields that may be there several times."""
OWN = frozenset({*(PREFIX + name for name in FIELDS), TAG, MARKING, ORIGIN})


def carried_fields(fields: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a document that metadata holds; anybody can write it, so what is none is passed over."""
    if f"{PREFIX}id" not in fields:
        return {}
    given = {
        name: fields[PREFIX + name]
        for name, fits in FIELDS.items()
        if PREFIX + name in fields and fits(fields[PREFIX + name])
    }
    tags = [tag for tag in fields.get(TAG, "").split(SEPARATOR) if tag]
    return {**given, "tags": tags} if tags else given


def own_fields(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The metadata that carries a document's fields."""
    told = [(PREFIX + name, str(document[name])) for name in FIELDS if document.get(name)]
    told += [(TAG, str(tag)) for tag in document.get("tags", ())]
    origin = document.get("origin") or {}
    return [*told, (ORIGIN, str(origin.get("id", "")))] if origin.get("format") == "qti12" else told
