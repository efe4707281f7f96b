"""Elements of Moodle's XML files: their children and their words."""

from typing import overload

from quizapp.formats.reading.xml import Element, local_name


def children(element: Element | None, name: str) -> list[Element]:
    """The children of a name."""
    return [] if element is None else [each for each in element if local_name(each) == name]


@overload
def child(element: Element | None, name: str) -> Element | None: ...
@overload
def child(element: Element | None, name: str, otherwise: Element) -> Element: ...
def child(element: Element | None, name: str, otherwise: Element | None = None) -> Element | None:
    """The first child of a name, or what stands for it."""
    return next(iter(children(element, name)), otherwise)


def said(element: Element | None, *path: str) -> str:
    """All words of a descendant, or nothing where it is not there."""
    for name in path:
        element = child(element, name)
    return "" if element is None else all_words(element).strip()


def own_words(element: Element) -> str:
    """What stands in an element beside its children."""
    return "".join([element.text or "", *(each.tail or "" for each in element)]).strip()


def all_words(element: Element) -> str:
    """What stands in an element and in its children."""
    return "".join(str(words) for words in element.itertext(with_tail=False))
