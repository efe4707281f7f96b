"""Choices: of one, of several, true or false, words marked in a text."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from quizapp.formats.qti2.asking import (
    NEAR,
    Asking,
    CannotAsk,
    TextField,
    best_of,
    meaning,
    share,
    spelled,
    with_feedback,
    words,
)
from quizapp.formats.qti2.probing import Effect, Part
from quizapp.formats.qti2.tree import attribute, is_true, whole_number
from quizapp.formats.qti2.values import Declaration, Many, NotScorable, Value
from quizapp.formats.reading.xml import Element

Body = dict[str, Any]
Choices = Sequence[Element]


def is_single(interaction: Element, response: Declaration) -> bool:
    """Whether one choice is to be made; where limit and variable disagree, the variable is right."""
    if response.cardinality != "multiple":
        return True
    return whole_number(interaction, "maxChoices", 1 if interaction.tag == "hottextInteraction" else 0) == 1


def as_value(choice: Element, response: Declaration) -> Value:
    name = attribute(choice, "identifier")
    return Many((name,)) if response.cardinality == "multiple" else name


def choice_body(
    asking: Asking, interaction: Element, response: Declaration, part: Part, choices: Choices
) -> Body:
    """The fields of a question in which something is chosen."""
    best = _mended(best_of(part), response)
    if is_single(interaction, response):
        return _single(asking, response, part, choices, best)
    return _several(asking, response, part, choices, best)


def _mended(best: Decimal, response: Declaration) -> Decimal:
    """The best score without what decimal fractions lose: three thirds are one."""
    near = [each for each in (response.upper, best.to_integral_value()) if each and abs(each - best) < NEAR]
    return near[0] if near else best


def _single(asking: Asking, response: Declaration, part: Part, choices: Choices, best: Decimal) -> Body:
    effects = [part.effect(as_value(choice, response)) for choice in choices]
    common = frozenset.intersection(*(effect.shown for effect in effects))
    texts = [asking.text(choice) for choice in choices]
    told = [
        _feedback(asking, choice, effect.shown - common)
        for choice, effect in zip(choices, effects, strict=True)
    ]
    earned = [share(effect.score, best) for effect in effects]
    _tell_negatives(asking, earned)
    as_statement = _true_or_false(choices, texts, earned, told)
    if as_statement:
        return as_statement
    options: list[Body] = []
    has_key = False
    for text, credit, feedback in zip(texts, earned, told, strict=True):
        option: Body = {"text": text}
        if credit == 1 and not has_key:
            option["key"] = has_key = True
        elif credit > 0:
            option["credit"] = spelled(credit)
        options.append(with_feedback(option, feedback))
    return {"type": "single_choice", "options": _distinct(asking, options)}


def _several(asking: Asking, response: Declaration, part: Part, choices: Choices, best: Decimal) -> Body:
    names = [attribute(choice, "identifier") for choice in choices]
    singles = {name: _effect_of(part, name) for name in names}
    shown = [effect.shown for effect in singles.values() if effect]
    common = frozenset.intersection(*shown) if shown else frozenset()
    options = []
    for name, choice in zip(names, choices, strict=True):
        effect = singles[name]
        feedback = _feedback(asking, choice, effect.shown - common if effect else frozenset())
        options.append(with_feedback({"text": asking.text(choice)}, feedback))
    worths = _added_worths(part, names, best)
    key = _only_key(part)
    if key is not None and asking.own_marking(response.identifier) in ("", "all_or_nothing"):
        for name, option in zip(names, options, strict=True):
            if name in key.items:
                option["key"] = True
        if len(key.items) < len(names):
            return {
                "type": "multiple_choice",
                "options": _distinct(asking, options),
                "marking": "all_or_nothing",
            }
        asking.say("marking", "all choices are right, and each of them earns a part here")
        worths = dict.fromkeys(names, 1 / Decimal(len(names)))
    if worths is None:
        raise NotScorable("gives a score that is no sum over the choices")
    for name, option in zip(names, options, strict=True):
        credit = share(worths[name], Decimal(1))
        if credit > 0:
            option["key"] = True
        if credit:
            option["credit"] = spelled(credit)
    return _as_own_marking(
        asking, response, {"type": "multiple_choice", "options": _distinct(asking, options)}
    )


def _effect_of(part: Part, name: str) -> Effect | None:
    return next((effect for value, effect in part.effects if value == Many((name,))), None)


def _only_key(part: Part) -> Many | None:
    """The one set of choices that earns all, if nothing else earns anything."""
    earning = [value for value, effect in part.effects if effect.score > 0]
    if len(earning) != 1 or len(part.effects) < 2:
        return None
    [key] = earning
    return key if isinstance(key, Many) else None


def _added_worths(part: Part, names: Sequence[str], best: Decimal) -> dict[str, Decimal] | None:
    """What each choice earns, if the score is always their sum, within nothing and all."""
    effects = {name: _effect_of(part, name) for name in names}
    if not all(effects.values()):
        return None
    worths = {name: effect.score / best for name, effect in effects.items() if effect}
    if _explain(part, worths, best):
        return worths
    # Where the score never falls below none, a single wrong choice hides what it costs.
    right = {name for name, worth in worths.items() if worth > 0}
    most: dict[str, Decimal] = {}
    for value, effect in part.effects:
        extra = [name for name in value.items if name not in right]
        kept = sum((worths[name] for name in value.items if name in right), Decimal(0))
        if len(extra) == 1 and most.get(extra[0], Decimal(0)) < kept <= 1 + NEAR:
            most[extra[0]] = kept
            if effect.score <= 0:
                worths[extra[0]] = Decimal(-1)
            elif effect.score < best:
                worths[extra[0]] = effect.score / best - kept
    return worths if _explain(part, worths, best) else None


def _explain(part: Part, worths: dict[str, Decimal], best: Decimal) -> bool:
    for value, effect in part.effects:
        total = sum((worths.get(name, Decimal(0)) for name in value.items), Decimal(0))
        expected = min(max(total, Decimal(0)), Decimal(1))
        if abs(max(effect.score / best, Decimal(0)) - expected) > Decimal("0.0001"):
            return False
    return True


def _as_own_marking(asking: Asking, response: Declaration, body: Body) -> Body:
    """The marking that this program's export names, where the numbers bear it out."""
    options = body["options"]
    keys = sum(bool(option.get("key")) for option in options)
    one = 1 / Decimal(keys or 1)
    fits = keys < len(options) and all(
        abs(Decimal(option.get("credit", 0)) - (one if option.get("key") else -one)) < NEAR
        for option in options
    )
    if asking.own_marking(response.identifier) == "right_minus_wrong" and fits:
        for option in options:
            del option["credit"]
        return body
    negative = any(Decimal(option.get("credit", 0)) < -1 for option in options)
    if negative:
        asking.say("negative", "a choice costs more than the whole question; here it costs all of it")
        for option in options:
            option["credit"] = spelled(max(Decimal(option.get("credit", 0)), Decimal(-1)))
    return {**body, "marking": "weighted"}


def _feedback(asking: Asking, choice: Element, shown: frozenset[int]) -> TextField:
    """What is shown for a choice; feedback that stands inside it belongs to it in any case."""
    inside = {number for number, element in enumerate(asking.feedback) if choice in element.iterancestors()}
    foreign = {
        number
        for number in shown - inside
        if any(each.tag == choice.tag for each in asking.feedback[number].iterancestors())
    }
    return asking.feedback_of(frozenset(shown | inside) - foreign)


def _true_or_false(
    choices: Choices, texts: Sequence[TextField], earned: Sequence[Decimal], told: Sequence[TextField]
) -> Body:
    """A statement to judge, if that is what the two choices are."""
    names = [attribute(choice, "identifier").lower() for choice in choices]
    said = [words(text).strip().lower() for text in texts]
    if sorted(names) != ["false", "true"] or names != said or sorted(earned) != [Decimal(0), Decimal(1)]:
        return {}
    body: Body = {"type": "true_false", "answer": names[earned.index(Decimal(1))] == "true"}
    for name, feedback in zip(names, told, strict=True):
        if feedback:
            body[f"feedback_{name}"] = feedback
    return body


def _distinct(asking: Asking, options: list[Body]) -> list[Body]:
    """Options without those that say and earn the same as another one."""
    kept: dict[tuple[str, bool, str], Body] = {}
    for option in options:
        own = (meaning(option["text"]), bool(option.get("key")), str(option.get("credit", "")))
        right_too = (own[0], True, "") if option.get("credit") == "1" else own
        if own in kept or right_too in kept:
            asking.say(
                "duplicate_option", f"the choice {words(option['text'])[:80]!r} is there twice; one was kept"
            )
            continue
        kept[own] = option
    options = list(kept.values())
    empty = [option for option in options if not words(option["text"]).strip()]
    if any(option.get("key") or option.get("credit") for option in empty):
        raise CannotAsk("empty_option", "has a right choice without any text")
    if empty:
        asking.say("empty_option", "a choice without any text was left out", severity="info")
    return [option for option in options if option not in empty]


def _tell_negatives(asking: Asking, earned: Sequence[Decimal]) -> None:
    if any(credit < 0 for credit in earned):
        asking.say("negative", "a wrong answer costs points there; here it earns none")


def shuffled_setting(interaction: Element) -> dict[str, str]:
    return {"shuffle": "true"} if is_true(interaction, "shuffle") else {}
