"""What a package says of its items: the manifest with its descriptions, and the order in its tests."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Any
from urllib.parse import unquote

from quizapp.formats.qti2.tree import attribute, below, children, first, text_in
from quizapp.formats.reading.xml import Element, local_name, parse_xml, refuse_entities

OWN = "urn:quizapp:question"
"""The namespace in which this program's export says what QTI has no place for."""
OWN_FIELDS = frozenset(
    {"id", "name", "topic", "subtopic", "objective", "level", "cognitive", "category", "hints", "references"}
    | {"as_of", "versions", "tags", "origin"}
)
MOST_TAGS = 100
MOST_OWN = 200_000


@dataclass(frozen=True, slots=True)
class Description:
    """What the manifest says of one item."""

    tags: tuple[str, ...] = ()
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Manifest:
    """A manifest, as far as it matters for questions."""

    folder: str = ""
    title: str = ""
    hrefs: list[str] = field(default_factory=list)
    item_hrefs: list[str] = field(default_factory=list)
    described: dict[str, Description] = field(default_factory=dict)
    """By the name of the member."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test has an item."""

    category: str = ""
    weight: str = ""


def read_manifest(text: str, folder: str) -> Manifest:
    """Raises `BadXml`."""
    refuse_entities(text)
    root = parse_xml(text)
    made = Manifest(folder)
    for resource in (each for each in root.iter() if local_name(each) == "resource"):
        href = attribute(resource, "href")
        if not href:
            file = next((each for each in resource if local_name(each) == "file"), None)
            href = "" if file is None else attribute(file, "href")
        if not href:
            continue
        made.hrefs.append(href)
        if "item_xmlv" in attribute(resource, "type"):
            made.item_hrefs.append(href)
        path = normpath(join(folder, unquote(href)))
        made.described[path] = Description(tuple(_keywords(resource))[:MOST_TAGS], _own(resource))
    for title in (each for each in root if local_name(each) == "metadata"):
        made.title = next((text_in(each) for each in title.iter() if local_name(each) == "title"), "")
    return made


def _keywords(resource: Element) -> Iterator[str]:
    """The keywords of learning object metadata, each once."""
    found = (text_in(each)[:100] for each in resource.iter() if local_name(each) == "keyword")
    return iter(dict.fromkeys(filter(None, found)))


def _own(resource: Element) -> Mapping[str, Any]:
    element = next(resource.iter(f"{{{OWN}}}question"), None)
    text = "" if element is None else (element.text or "")
    if not text or len(text) > MOST_OWN:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(value, Mapping):
        return {}
    fields = value.get("fields")
    known = (
        {name: each for name, each in fields.items() if name in OWN_FIELDS}
        if isinstance(fields, Mapping)
        else {}
    )
    return {**value, "fields": known}


def read_test(test: Element) -> tuple[str, list[tuple[str, Place]]]:
    """The title of a test, and the addresses of its items in order."""
    parts = list(children(test, "testPart")) or [test]
    sections = [section for part in parts for section in children(part, "assessmentSection")]
    found = [each for section in sections for each in _items_of(section, ())]
    if len({place.category for _, place in found}) == 1:
        # One section around everything is no category.
        found = [(href, Place("", place.weight)) for href, place in found]
    if not found:
        found = [(attribute(each, "href"), Place()) for each in below(test, "assessmentItemRef")]
    return attribute(test, "title"), found


def _items_of(section: Element, above: tuple[str, ...], depth: int = 0) -> Iterator[tuple[str, Place]]:
    title = " ".join(attribute(section, "title").split())
    path = (*above, title) if title else above
    for child in section:
        if child.tag == "assessmentItemRef":
            weight = first(child, "weight")
            value = "" if weight is None else attribute(weight, "value")
            yield attribute(child, "href"), Place("/".join(path)[:1_000], value[:40])
        elif child.tag == "assessmentSection" and depth < 40:
            yield from _items_of(child, path, depth + 1)
