"""A problem becomes a question, or is kept as it is with the reason."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.olx.markup import inner_html, labelled, outer_html
from quizapp.formats.olx.responses import SCORED, Asked, CannotAsk, body_of
from quizapp.formats.reading.html_pictures import with_own_pictures
from quizapp.formats.reading.xml import Element, local_name

SCRIPTS = ("python", "loncapa", "perl")
KEPT_SETTINGS = (
    "max_attempts",
    "showanswer",
    "rerandomize",
    "show_reset_button",
    "attempts",
    "seed",
    "source",
)
OPENED, CLOSED = "\ue000", "\ue001"
"""Stand around a gap until everything else that looks like one has been disarmed."""
GAPS = ("optionresponse", "stringresponse", "numericalresponse")
MOST_POINTS = 100
MOST_PARTS = 60


@dataclass(frozen=True, slots=True)
class ProblemSource:
    """Where a problem stands, and what its course says of it."""

    text: str
    line: int
    member: str = ""
    name: str = ""
    category: str = ""
    resolve: Callable[[str], bytes | None] = lambda address: None


def read_problem(problem: Element, source: ProblemSource, reading: Reading) -> Found:
    """A question from a `problem` element."""
    name = problem.get("display_name", "").strip() or source.name or "problem"
    found = Found(name, source.line, source=source.text, member=source.member)
    responses = _responses(problem)
    found.kind = ", ".join(dict.fromkeys(map(local_name, responses))) or "problem"
    found.text = Marked(_readable(problem)[:5_000], Markup.HTML)

    def picture(html: str) -> str:
        return with_own_pictures(html, source.resolve, found, reading)

    asked = Asked(found, picture)
    try:
        found.document = _document(problem, responses, source, asked)
    except CannotAsk as error:
        found.give_up(error.code, str(error))
    return found


def _responses(problem: Element) -> list[Element]:
    """The elements that take an answer, the outermost ones."""
    found = [each for each in problem.iter() if local_name(each).endswith("response")]
    inside = {below for each in found for below in each.iterdescendants()}
    return [each for each in found if each not in inside]


def _document(
    problem: Element, responses: Sequence[Element], source: ProblemSource, asked: Asked
) -> dict[str, Any]:
    _refuse_scripts(problem, asked)
    odd = next((each for each in responses if local_name(each) not in SCORED), None)
    if len(responses) > MOST_PARTS:
        raise CannotAsk("kind", f"has {len(responses)} places to answer, more than a question holds")
    if odd is not None:
        raise CannotAsk("kind", f"asks with a `{local_name(odd)}`, which cannot be asked here")
    bodies = [body_of(each, asked) for each in responses]
    document: dict[str, Any] = {"markup": "html", "name": asked.found.name}
    if not responses:
        document |= {"type": "information", "stem": _stem(problem, {}, asked)}
    elif any(map(_is_inside_text, responses)) and all(local_name(each) in GAPS for each in responses):
        document |= _gapped(problem, responses, bodies, asked)
    elif len(responses) == 1:
        document |= {"stem": _stem(problem, {}, asked), **bodies[0]}
    else:
        document |= _parts(problem, responses, bodies, asked)
    if not document["stem"]:
        raise CannotAsk("empty", "holds no text to ask anything with")
    return document | _around(problem, source, asked)


def _around(problem: Element, source: ProblemSource, asked: Asked) -> dict[str, Any]:
    """What stands beside the question: explanation, hints, points, where it comes from."""
    fields: dict[str, Any] = {}
    solutions = [asked.text(each) for each in problem.iter("solution")]
    if any(solutions):
        fields["explanation"] = "\n".join(filter(None, solutions))
    hints = [asked.text(each) for group in problem.iter("demandhint") for each in group.iter("hint")]
    if any(hints):
        fields["hints"] = [hint for hint in hints if hint]
    for group in problem.iter("hintgroup"):
        asked.say("hintgroup", "hints for certain answers are kept, and not shown here")
        asked.settings["hintgroup"] = asked.text(group)
    weight = problem.get("weight", "").strip()
    if re.fullmatch(r"[0-9]{1,3}(\.0*)?", weight) and 1 <= float(weight) <= MOST_POINTS:
        fields["points"] = int(float(weight))
    elif weight not in ("", "null"):
        asked.settings["weight"] = weight
        asked.say("points", f"is worth {weight[:20]} points there and 1 here", severity="info")
    settings = {
        key: problem.get(key, "") for key in KEPT_SETTINGS if problem.get(key) not in (None, "", "null")
    }
    origin: dict[str, Any] = {"format": "olx", "id": source.name}
    fields["origin"] = origin | ({"settings": settings | asked.settings} if settings | asked.settings else {})
    return fields | ({"category": source.category} if source.category else {})


def _refuse_scripts(problem: Element, asked: Asked) -> None:
    for script in problem.iter("script"):
        kind = f"{script.get('type', '')} {script.get('language', '')}".lower()
        if any(name in kind for name in SCRIPTS) or not kind.strip():
            raise CannotAsk("script", "is made by a program, which is never run")
        asked.found.say("script", "a script for the page was left out", Action.DROPPED)


def _stem(problem: Element, replaced: dict[Element, str], asked: Asked) -> Any:
    html = inner_html(problem, labelled(problem, replaced)).strip()
    return asked.picture(html) if _has_content(html) else _title(problem)


def _title(problem: Element) -> Any:
    title = problem.get("display_name", "").strip()
    return {"plain": title} if title else ""


def _is_inside_text(response: Element) -> bool:
    """Whether an answer stands in the middle of a sentence."""
    if local_name(response) not in GAPS:
        return False
    lined = any(each.get("inline") in ("1", "true") for each in response.iter())
    return lined or bool(re.search(r"\w", response.tail or ""))


def _gapped(
    problem: Element, responses: Sequence[Element], bodies: Sequence[dict[str, Any]], asked: Asked
) -> dict[str, Any]:
    """Running text with gaps."""
    replaced: dict[Element, str] = {}
    parts = []
    for number, (response, body) in enumerate(zip(responses, bodies, strict=True), start=1):
        # What else the response holds is text before its gap.
        inside = inner_html(response, labelled(response, {})).strip()
        replaced[response] = f"{inside} {OPENED}gap{number}{CLOSED}".strip()
        parts.append({"id": f"gap{number}", **body})
    html = inner_html(problem, labelled(problem, replaced)).strip()
    text = html.replace("[[", "[&#91;").replace(OPENED, "[[").replace(CLOSED, "]]")
    return {
        "type": "composite",
        "stem": {"plain": "Fill in the gaps."},
        "text": asked.picture(text),
        "parts": parts,
    }


def _parts(
    problem: Element, responses: Sequence[Element], bodies: Sequence[dict[str, Any]], asked: Asked
) -> dict[str, Any]:
    """Parts one below the other, each with the text that stands before it."""
    before, after = _segments(problem, responses)
    labels = [inner_html(each, labelled(each, {})).strip() for each in responses]
    lead: list[str] = []
    opening = before[0]
    if _has_content(labels[0]):
        lead, before[0] = opening, []
    elif len(opening) > 1:
        lead, before[0] = opening[:-1], opening[-1:]
    parts = []
    for number, (body, label) in enumerate(zip(bodies, labels, strict=True)):
        name = ascii_lowercase[number] if number < len(ascii_lowercase) else f"part{number + 1}"
        prompt = "\n".join(filter(_has_content, [*before[number], label]))
        text: Any = asked.picture(prompt) if prompt else {"plain": f"Part {name}"}
        parts.append({"id": name, "prompt": text, **body})
    stem = "\n".join([*lead, *after]).strip()
    shown = asked.picture(stem) if _has_content(stem) else _title(problem) or {"plain": "Answer each part."}
    return {"type": "composite", "stem": shown, "parts": parts}


def _segments(problem: Element, responses: Sequence[Element]) -> tuple[list[list[str]], list[str]]:
    """The text before each response, and what follows the last one."""
    body = problem
    shown = [each for each in body if isinstance(each.tag, str)]
    while len(shown) == 1 and shown[0] not in responses:
        body = shown[0]
        shown = [each for each in body if isinstance(each.tag, str)]
    replaced = labelled(body, dict.fromkeys(responses, ""))
    before: list[list[str]] = [[] for _ in responses]
    pending = [body.text.strip()] if body.text and body.text.strip() else []
    for child in shown:
        html = outer_html(child, replaced).strip()
        pending += [html] if _has_content(html) else []
        inside = [
            number for number, each in enumerate(responses) if each is child or child in each.iterancestors()
        ]
        if inside:
            before[inside[0]] = pending
            pending = []
        if child.tail and child.tail.strip():
            pending.append(child.tail.strip())
    return before, pending


def _readable(problem: Element) -> str:
    """The text with its choices, for somebody who wants to know what it asks."""
    replaced = labelled(problem, {})
    for group in problem.iter("choicegroup", "checkboxgroup", "optioninput"):
        items = (inner_html(each, {}).strip() for each in group.iter("choice", "option"))
        replaced[group] = f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
    return inner_html(problem, replaced).strip()


def _has_content(html: str) -> bool:
    return bool(re.sub(r"<[^<>]*>|&nbsp;|\s", "", html)) or "<img" in html
