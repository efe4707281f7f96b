"""Items with several answers, or with answers inside a text: questions of several parts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm
from string import ascii_lowercase
from typing import Any

from quizapp.formats.qti2.asking import Asking, CannotAsk, best_of, share, spelled, with_feedback, words
from quizapp.formats.qti2.bodies import in_place_of_a_stem, kept_in_place, own_field
from quizapp.formats.qti2.choices import choice_body
from quizapp.formats.qti2.content import OWN_FIELD, OWN_PART, has_content, outer_html
from quizapp.formats.qti2.entries import entry_body
from quizapp.formats.qti2.pairs import associate_body, key_pairs, match_body, order_body, tell_uneven
from quizapp.formats.qti2.tree import attribute, below, children, first
from quizapp.formats.qti2.values import Many
from quizapp.formats.reading.xml import Element

Body = dict[str, Any]
IN_A_LINE = ("inlineChoiceInteraction", "textEntryInteraction", "gapMatchInteraction")
PART_ID = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
OPENED, CLOSED = "\ue000", "\ue001"
"""Stand around a gap until everything else that looks like one has been disarmed."""
MOST_WEIGHT = 100
MOST_PARTS = 60


@dataclass(slots=True)
class PartMade:
    """A part of the question, with what it earns there."""

    interaction: Element
    id: str
    worth: Decimal
    fields: Body
    gap: str = ""
    """The name of its gap in a text that things are dragged into."""


def several(asking: Asking, asked: Sequence[Element]) -> Body:
    """The fields of a question of several parts."""
    made = [part for number, each in enumerate(asked) for part in _parts(asking, each, number)]
    if len(made) > MOST_PARTS:
        raise CannotAsk("kind", f"has {len(made)} answers, more than one question holds")
    names = [part.id for part in made]
    if len(set(names)) < len(names):
        for number, part in enumerate(made, start=1):
            part.id = f"part{number}"
    inline = [part for part in made if _is_gap(part)]
    body = _with_gaps(asking, asked, made, inline) if inline else _with_prompts(asking, asked, made)
    _weigh(asking, made)
    if asking.own:
        # An export of this program writes gaps first, and declares the answers in the order of the parts.
        order = list(asking.responses)
        made.sort(key=lambda part: order.index(attribute(part.interaction, "responseIdentifier")))
    body["parts"] = [part.fields for part in made]
    only_together = asking.scoring.all_or_nothing or (len(asked) == 1 and _only_all(asking, asked[0]))
    if only_together and len(made) > 1:
        body["marking"] = "all_or_nothing"
    return {"type": "composite", **body}


def _parts(asking: Asking, interaction: Element, number: int) -> Iterator[PartMade]:
    name = attribute(interaction, "responseIdentifier")
    response, part = asking.responses[name], asking.scoring.parts[name]
    if interaction.tag == "gapMatchInteraction":
        yield from _dragged(asking, interaction, number)
        return
    worth = best_of(part)
    fields: Body
    match interaction.tag:
        case "textEntryInteraction":
            fields = entry_body(asking, interaction, response, part)
        case "inlineChoiceInteraction":
            fields = choice_body(
                asking, interaction, response, part, list(children(interaction, "inlineChoice"))
            )
        case "choiceInteraction":
            fields = choice_body(
                asking, interaction, response, part, list(children(interaction, "simpleChoice"))
            )
        case "hottextInteraction":
            fields = choice_body(asking, interaction, response, part, list(below(interaction, "hottext")))
        case "orderInteraction":
            fields = order_body(asking, interaction, response, part)
        case "matchInteraction":
            fields = match_body(asking, interaction, response, part)
        case _:
            fields = associate_body(asking, interaction, response, part)
    if fields["type"] == "composite":
        raise CannotAsk("kind", "joins things in a way that cannot be a part of a question")
    yield PartMade(interaction, _part_id(name, interaction, number), worth, fields)


def _part_id(name: str, interaction: Element, number: int) -> str:
    if PART_ID.fullmatch(name) and len(name) <= 40:
        return name
    if interaction.tag in IN_A_LINE:
        return f"gap{number + 1}"
    return ascii_lowercase[number] if number < len(ascii_lowercase) else f"part{number + 1}"


def _dragged(asking: Asking, interaction: Element, number: int) -> Iterator[PartMade]:
    """One part for each gap of a text that things are dragged into."""
    name = attribute(interaction, "responseIdentifier")
    part = asking.scoring.parts[name]
    if next(children(interaction, "gapImg"), None) is not None:
        raise CannotAsk("kind", "has pictures to be dragged into gaps")
    key = key_pairs(asking.responses[name], part)
    filled = [attribute(gap, "identifier") for gap in below(interaction, "gap")]
    if len({gap for _, gap in key}) < len(key) and not asking.responses[name].mapped:
        raise CannotAsk("kind", "wants several things in one gap")
    if any(gap not in filled for _, gap in key):
        raise CannotAsk("no_key", "has a key with names that are not there")
    singles = {value.items[0]: effect for value, effect in part.effects if len(value.items) == 1}
    counted = {
        gap: max((singles[p].score for p in singles if p[1] == gap), default=Decimal(0)) for gap in filled
    }
    each_counts = all(counted[gap] > 0 for _, gap in key)
    if each_counts and abs(sum(counted.values()) - part.best) > Decimal("0.001"):
        tell_uneven(asking, part, key)
    choices = {attribute(each, "identifier"): each for each in children(interaction, "gapText")}
    for place, gap in enumerate(filled):
        right = {text for text, where in key if where == gap}
        if not right:
            continue
        options: list[Body] = []
        for text, choice in choices.items():
            effect = singles.get((text, gap))
            credit = share(effect.score, counted[gap]) if effect and each_counts else Decimal(text in right)
            option: Body = {"text": asking.text(choice)}
            if credit == 1 and not any(each.get("key") for each in options):
                option["key"] = True
            elif credit > 0:
                option["credit"] = spelled(credit)
            options.append(with_feedback(option, ""))
        identity = gap if PART_ID.fullmatch(gap) else f"gap{number + place + 1}"
        worth = counted[gap] if each_counts else part.best / len(key)
        yield PartMade(interaction, identity, worth, {"type": "single_choice", "options": options}, gap)


def _only_all(asking: Asking, interaction: Element) -> bool:
    """Whether a text with gaps counts only when all of them are right."""
    part = asking.scoring.parts[attribute(interaction, "responseIdentifier")]
    return interaction.tag == "gapMatchInteraction" and all(
        effect.score <= 0
        for value, effect in part.effects
        if isinstance(value, Many) and len(value.items) == 1
    )


def _is_gap(part: PartMade) -> bool:
    own = any(attribute(each, "class") == OWN_PART for each in part.interaction.iterancestors("div"))
    return part.interaction.tag in IN_A_LINE and not own


def _with_gaps(
    asking: Asking, asked: Sequence[Element], made: Sequence[PartMade], inline: Sequence[PartMade]
) -> Body:
    """Running text with gaps; what does not stand in it is asked below."""
    assert asking.body is not None  # it has gaps
    replaced = kept_in_place(asking)
    for interaction in asked:
        replaced.setdefault(interaction, "")
    for part in inline:
        if not part.gap:
            replaced[part.interaction] = f"{OPENED}{part.id}{CLOSED}"
    stem: Any = None
    for interaction in dict.fromkeys(part.interaction for part in inline if part.gap):
        inside, prompt = _gapped_text(asking, interaction, made), first(interaction, "prompt")
        if prompt is not None and len(asked) == 1:
            stem = asking.pictured(asking.block(prompt))
        elif prompt is not None:
            inside = f"{asking.block(prompt)}{inside}"
        replaced[interaction] = inside
    own = own_field(asking, "gapped")
    text = asking.text(asking.body if own is None else own, replaced)
    text = _disarmed(text) if isinstance(text, str) else {"plain": _disarmed(words(text), "[\u200b[")}
    own_stem = own_field(asking, "stem")
    if own_stem is not None:
        stem = asking.text(own_stem)
    for part in made:
        if part not in inline:
            part.fields = {"prompt": _own_prompt(asking, part), **part.fields}
    _identify(asking, made)
    return {"stem": stem or {"plain": "Fill in the gaps."}, "text": text}


def _gapped_text(asking: Asking, interaction: Element, made: Sequence[PartMade]) -> str:
    """The text of a gap match, without the things to drag and the prompt."""
    names = {part.gap: part.id for part in made if part.interaction is interaction}
    inside: dict[Element, str] = dict.fromkeys(children(interaction, "gapText"), "")
    inside |= dict.fromkeys(children(interaction, "prompt"), "")
    for gap in below(interaction, "gap"):
        name = attribute(gap, "identifier")
        inside[gap] = f"{OPENED}{names[name]}{CLOSED}" if name in names else "____"
        if name not in names:
            asking.say("gap", f"the gap {name[:40]!r} stays empty in the key; it is a blank line here")
    return asking.inner(interaction, inside)


def _disarmed(text: str, two: str = "[&#91;") -> str:
    """The text with gaps as documents write them; what only looks like a gap is not one any more."""
    return text.replace("[[", two).replace(OPENED, "[[").replace(CLOSED, "]]")


def _own_prompt(asking: Asking, part: PartMade) -> Any:
    """What a part asks, where it does not stand in a text."""
    holder = next(
        (each for each in part.interaction.iterancestors("div") if attribute(each, "class") == OWN_PART), None
    )
    field = None
    if holder is not None:
        field = next(
            (each for each in below(holder, "div") if attribute(each, "class").startswith(OWN_FIELD)), None
        )
    if field is not None:
        return asking.text(field)
    prompt = asking.block(first(part.interaction, "prompt"))
    return asking.pictured(prompt) if has_content(prompt) else {"plain": f"Part {part.id}"}


def _with_prompts(asking: Asking, asked: Sequence[Element], made: Sequence[PartMade]) -> Body:
    """Parts one below the other, each with the text that stands before it."""
    assert asking.body is not None  # it has parts
    own_stem = own_field(asking, "stem")
    if own_stem is not None:
        for part in made:
            part.fields = {"prompt": _own_prompt(asking, part), **part.fields}
        _identify(asking, made)
        return {"stem": asking.text(own_stem)}
    before, after = _segments(asking, asking.body, asked)
    own_prompts = {each: asking.block(first(each, "prompt")) for each in asked}
    lead: list[str] = []
    opening = before[asked[0]]
    if has_content(own_prompts[asked[0]]):
        lead, before[asked[0]] = opening, []
    elif len(opening) > 1:
        lead, before[asked[0]] = opening[:-1], opening[-1:]
    stem = "\n".join([*lead, *after]).strip()
    for part in made:
        prompt = "\n".join(filter(has_content, [*before[part.interaction], own_prompts[part.interaction]]))
        text = asking.pictured(prompt.strip()) if has_content(prompt) else {"plain": f"Part {part.id}"}
        part.fields = {"prompt": text, **part.fields}
    _identify(asking, made)
    return {"stem": asking.pictured(stem) if has_content(stem) else in_place_of_a_stem(asking)}


def _segments(
    asking: Asking, body: Element, asked: Sequence[Element]
) -> tuple[dict[Element, list[str]], list[str]]:
    """The text before each interaction, and what follows the last one."""
    while len(body) == 1 and body[0] not in asked and not (body.text or "").strip():
        body = body[0]
    silent = {**kept_in_place(asking), **dict.fromkeys(asked, "")}
    before: dict[Element, list[str]] = {each: [] for each in asked}
    pending = [body.text.strip()] if body.text and body.text.strip() else []
    for child in body:
        html = outer_html(child, silent, asking.note)
        inside = [each for each in asked if each is child or child in each.iterancestors()]
        pending += [html] if has_content(html) else []
        if inside:
            before[inside[0]] = pending
            pending = []
        if child.tail and child.tail.strip():
            pending.append(child.tail.strip())
    return before, pending


def _identify(asking: Asking, made: Sequence[PartMade]) -> None:
    """Give every part its name, and the explanation that this program's export has for it."""
    named = {attribute(each, "identifier"): number for number, each in enumerate(asking.feedback)}
    for part in made:
        part.fields = {"id": part.id, **part.fields}
        number = named.get(f"explanation.{part.id}") if asking.own else None
        if number is not None:
            part.fields["explanation"] = asking.feedback_of(frozenset({number}))


def _weigh(asking: Asking, made: Sequence[PartMade]) -> None:
    """Whole weights in the same proportions."""
    if asking.scoring.all_or_nothing:
        return
    shares = [Fraction(part.worth).limit_denominator(10_000) for part in made]
    scale = lcm(*(each.denominator for each in shares))
    weights = [int(each * scale) for each in shares]
    common = gcd(*weights) or 1
    weights = [each // common for each in weights]
    if max(weights) > MOST_WEIGHT:
        asking.say("weights", "the parts have weights that are only nearly kept", severity="info")
        weights = [max(round(each * MOST_WEIGHT / max(weights)), 1) for each in weights]
    for part, weight in zip(made, weights, strict=True):
        if weight != 1:
            part.fields["weight"] = weight
