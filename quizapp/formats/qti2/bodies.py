"""The text around the answers of an item."""

from typing import Any

from quizapp.formats.qti2.asking import Asking, words
from quizapp.formats.qti2.content import OWN_FIELD, has_content
from quizapp.formats.qti2.tree import attribute, below
from quizapp.formats.reading.xml import Element


def kept_in_place(asking: Asking) -> dict[Element, str]:
    """What stands in the body beside plain text, and is part of the question."""
    if asking.body is None:
        return {}
    replaced = {
        block: f"<div>{asking.inner(block)}</div>"
        for block in below(asking.body, "rubricBlock")
        if "candidate" in attribute(block, "view").split()
    }
    for number in asking.initially_shown:
        element = asking.feedback[number]
        replaced[element] = asking.inner(element)
    return replaced


def stem_of(asking: Asking, replaced: dict[Element, str]) -> Any:
    """The text of the item, with the prompts where their answers stood."""
    own = own_field(asking, "stem")
    stem = asking.text(own) if own is not None else asking.text(asking.body, kept_in_place(asking) | replaced)
    return stem if has_content(words(stem)) else in_place_of_a_stem(asking)


def in_place_of_a_stem(asking: Asking) -> Any:
    return {"plain": attribute(asking.item, "title") or "Answer the question."}


def own_field(asking: Asking, name: str) -> Element | None:
    """A text as this program's export marks it."""
    if asking.body is None:
        return None
    return next(
        (each for each in below(asking.body, "div") if attribute(each, "class") == f"{OWN_FIELD} {name}"),
        None,
    )
