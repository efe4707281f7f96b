"""The text of a problem as HTML, without what belongs to its answers."""

from collections.abc import Mapping
from html import escape

from quizapp.formats.reading.xml import Element, local_name

VOID = frozenset({"br", "hr", "img", "col", "input", "source", "wbr"})
TRANSPARENT = frozenset(
    {
        "problem",
        "text",
        "startouttext",
        "endouttext",
        "label",
        "legend",
        "question",
        "outtext",
        "center",
        "option",
    }
    | {
        "choice",
        "hint",
        "correcthint",
        "choicehint",
        "optionhint",
        "stringequalhint",
        "solution",
        "solutionset",
    }
    | {"multiplechoiceresponse", "choiceresponse", "optionresponse", "stringresponse", "numericalresponse"}
)
LEFT_OUT = frozenset(
    {
        "script",
        "style",
        "solution",
        "solutionset",
        "demandhint",
        "hintgroup",
        "choicehint",
        "optionhint",
        "correcthint",
    }
    | {
        "stringequalhint",
        "compoundhint",
        "responseparam",
        "additional_answer",
        "textline",
        "formulaequationinput",
    }
    | {"choicegroup", "checkboxgroup", "optioninput", "hintpart", "stringhint", "numericalhint", "meta"}
)
"""What is read elsewhere, or is nothing to read."""

Replaced = Mapping[Element, str]


def outer_html(element: Element, replaced: Replaced) -> str:
    """An element as HTML; `replaced` gives the HTML of some elements."""
    if element in replaced:
        return replaced[element]
    name = local_name(element)
    if not name or name in LEFT_OUT:
        return ""
    inner = inner_html(element, replaced)
    if name == "description":
        return f"<p>{inner}</p>"
    if name in TRANSPARENT:
        return inner
    attributes = "".join(f' {key!s}="{escape(str(value))}"' for key, value in element.attrib.items())
    return f"<{name}{attributes}/>" if name in VOID else f"<{name}{attributes}>{inner}</{name}>"


def inner_html(element: Element, replaced: Replaced) -> str:
    """What is in an element, as HTML."""
    parts = [_escaped(element.text)]
    for child in element:
        # Of a comment only the text behind it is read.
        shown = outer_html(child, replaced) if isinstance(child.tag, str) else ""
        parts += [shown, _escaped(child.tail)]
    return "".join(parts)


def labelled(element: Element, replaced: dict[Element, str]) -> dict[Element, str]:
    """Labels as paragraphs of their own, beside what else is replaced."""
    for label in element.iter("label", "legend"):
        replaced.setdefault(label, f"<p>{inner_html(label, replaced).strip()}</p>")
    return replaced


def _escaped(text: object) -> str:
    return escape(str(text), quote=False) if text else ""
