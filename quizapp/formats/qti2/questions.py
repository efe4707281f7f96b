"""The body of an item as the stem and the parts of a question."""

import re
from collections.abc import Sequence
from typing import Any

from quizapp.formats.qti2.asking import Asking, CannotAsk, words
from quizapp.formats.qti2.bodies import stem_of
from quizapp.formats.qti2.choices import choice_body, shuffled_setting
from quizapp.formats.qti2.content import OWN_UNIT, has_content
from quizapp.formats.qti2.entries import entry_body
from quizapp.formats.qti2.gaps import IN_A_LINE, several
from quizapp.formats.qti2.pairs import associate_body, match_body, order_body
from quizapp.formats.qti2.tree import attribute, below, children, first
from quizapp.formats.reading.xml import Element

Body = dict[str, Any]
ANSWERED: dict[str, tuple[str, ...]] = {
    "choiceInteraction": ("simpleChoice",),
    "hottextInteraction": ("hottext",),
    "orderInteraction": ("simpleChoice",),
    "associateInteraction": ("simpleAssociableChoice",),
    "matchInteraction": ("simpleAssociableChoice",),
    "gapMatchInteraction": ("gapText", "gapImg"),
    "inlineChoiceInteraction": ("inlineChoice",),
    "textEntryInteraction": (),
    "extendedTextInteraction": (),
}
"""The interactions that can be asked here, and what is chosen from in them."""
NOT_ASKED = frozenset({"endAttemptInteraction", "mediaInteraction"})
"""Buttons, and films to look at."""
ANSWER = {"id": "answer", "title": "Your answer"}
QUALITY = {
    "id": "quality",
    "title": "Answer",
    "levels": ["Not answered or wrong", "Partly right", "Right and complete"],
}


def body_of(asking: Asking, asked: Sequence[Element], stimuli: Sequence[Element]) -> Body:
    """All that a question's document says of what is asked."""
    if not asked:
        return _information(asking, stimuli)
    [only] = asked if len(asked) == 1 else [None]
    if only is None or (only.tag in IN_A_LINE and not _ends_the_body(asking, only)):
        body = several(asking, asked)
    else:
        body = _alone(asking, only)
    lead = "\n".join(each for each in (asking.inner(stimulus) for stimulus in stimuli) if has_content(each))
    if lead:
        body["stem"] = asking.pictured(f"{lead}\n{words(body['stem'])}")
    return body


def _alone(asking: Asking, interaction: Element) -> Body:
    response = asking.responses.get(attribute(interaction, "responseIdentifier"))
    settings = shuffled_setting(interaction)
    replaced = {interaction: asking.block(first(interaction, "prompt"))}
    fields: Body
    if interaction.tag == "extendedTextInteraction":
        fields = _open(asking)
    else:
        assert response is not None  # probed before
        part = asking.scoring.parts[response.identifier]
        match interaction.tag:
            case "choiceInteraction":
                choices = list(children(interaction, "simpleChoice"))
                fields = choice_body(asking, interaction, response, part, choices)
            case "hottextInteraction":
                choices = list(below(interaction, "hottext"))
                fields = choice_body(asking, interaction, response, part, choices)
                replaced = _marked(asking, interaction, choices)
            case "orderInteraction":
                fields = order_body(asking, interaction, response, part)
            case "matchInteraction":
                fields = match_body(asking, interaction, response, part)
            case "associateInteraction":
                fields = associate_body(asking, interaction, response, part)
            case _:
                fields = entry_body(asking, interaction, response, part)
    body = {"stem": stem_of(asking, replaced), **fields}
    return body | ({"settings": settings} if settings else {})


def _marked(asking: Asking, interaction: Element, choices: Sequence[Element]) -> dict[Element, str]:
    """The text with the words that can be chosen in it standing out."""
    inside = {choice: f"<strong>{asking.inner(choice)}</strong>" for choice in choices}
    prompt = first(interaction, "prompt")
    if prompt is not None:
        inside[prompt] = asking.block(prompt)
    return {interaction: asking.inner(interaction, inside)}


def _open(asking: Asking) -> Body:
    message = "a text is read by people here; a plain rubric was added"
    if not asking.own:
        asking.say("rubric", message, severity="info")
    body: Body = {"type": "open_response", "prompts": [ANSWER], "rubric": [QUALITY]}
    for block in below(asking.item, "rubricBlock"):
        if attribute(block, "class") == "quizapp-model-answer":
            body["model_answer"] = asking.text(block)
    return body


def _information(asking: Asking, stimuli: Sequence[Element]) -> Body:
    if asking.body is None or (not has_content(asking.inner(asking.body)) and not stimuli):
        raise CannotAsk("empty", "holds neither text nor question")
    stem = stem_of(asking, {})
    lead = "\n".join(asking.inner(each) for each in stimuli)
    return {"type": "information", "stem": asking.pictured(f"{lead}\n{words(stem)}") if lead else stem}


def _ends_the_body(asking: Asking, interaction: Element) -> bool:
    """Whether an answer stands behind the question, and not in the middle of a sentence."""
    if interaction.tag != "textEntryInteraction" or asking.body is None:
        return False
    element = interaction
    while element is not asking.body:
        parent = element.getparent()
        following = [each for each in element.itersiblings() if attribute(each, "class") != OWN_UNIT]
        tails = [str(each.tail or "") for each in (element, *element.itersiblings())]
        if parent is None or re.search(r"\w", " ".join(tails)) or any(map(_says_something, following)):
            return False
        if parent.tag in ("td", "th", "li"):
            return False
        element = parent
    return True


def _says_something(element: Element) -> bool:
    if element.tag in ("rubricBlock", "feedbackBlock", "feedbackInline", "endAttemptInteraction"):
        return False
    return (
        bool("".join(map(str, element.itertext())).strip())
        or next(below(element, "img", "object"), None) is not None
    )


def explanation_of(asking: Asking) -> tuple[Any, dict[str, str]]:
    """Feedback for whoever is right that belongs to no single answer; and what nobody is shown here."""
    scoring = asking.scoring
    rest = frozenset(range(len(asking.feedback))) - asking.explained - asking.initially_shown
    shown = asking.feedback_of(rest & scoring.shown_when_right)
    kept: dict[str, str] = {}
    for number in sorted(rest - scoring.shown_when_right):
        text = words(asking.text(asking.feedback[number]))
        if has_content(text):
            name = attribute(asking.feedback[number], "identifier") or str(number)
            kept[f"feedback-{name}"] = "\n".join(filter(None, [kept.get(f"feedback-{name}"), text]))
    if kept:
        asking.say(
            "feedback",
            "has feedback for wrong answers as a whole, or for other reasons; it is kept, and not shown here",
        )
    return shown, kept
