"""An item becomes a question, or is kept as it is with the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, Markup
from quizapp.formats.qti2.asking import NEAR, Asking, CannotAsk, spelled, words
from quizapp.formats.qti2.content import readable
from quizapp.formats.qti2.gaps import MOST_PARTS
from quizapp.formats.qti2.probing import Scoring, Trial, numbers, orders, pairs, scored, subsets, texts
from quizapp.formats.qti2.processing import Processing
from quizapp.formats.qti2.questions import ANSWERED, NOT_ASKED, body_of, explanation_of
from quizapp.formats.qti2.templates import OUTCOMES_OF_TEMPLATES, Rules, declared_rules, rules_of
from quizapp.formats.qti2.tree import INCLUDED, attribute, below, children, first, is_true, whole_number
from quizapp.formats.qti2.values import Declaration, NotScorable, Value, declared
from quizapp.formats.reading.xml import Element, local_name

FEEDBACK = ("modalFeedback", "feedbackBlock", "feedbackInline")
MOST_POINTS = 100
MOST_CHOICES = 300


@dataclass(slots=True)
class ItemSource:
    """Where an item stands, and what its package says of it."""

    text: str
    line: int
    member: str
    resolve: Callable[[str], bytes | None]
    version: str
    category: str = ""
    tags: tuple[str, ...] = ()
    weight: str = ""
    """How much its test says that it counts."""
    own: Mapping[str, Any] = field(default_factory=dict)
    stimuli: tuple[Element, ...] = ()
    """Shared material of the package, to be read before the question."""


def read_item(item: Element, source: ItemSource, reading: Reading) -> Found:
    """A question from an item in a plain tree."""
    name = attribute(item, "title") or attribute(item, "identifier") or "item"
    found = Found(name, source.line, source=source.text, member=source.member)
    body = first(item, "itemBody")
    interactions = _interactions(body)
    found.kind = ", ".join(dict.fromkeys(local_name(each) for each in interactions)) or "assessmentItem"
    found.text = Marked(readable(body)[:5_000], Markup.HTML)
    try:
        _refuse_programs(item, interactions, found)
        found.document = _document(item, body, interactions, source, found, reading)
    except CannotAsk as error:
        found.give_up(error.code, str(error))
    except NotScorable as error:
        found.give_up("scoring", f"its scoring was not understood: it {error}")
    return found


def _interactions(body: Element | None) -> list[Element]:
    if body is None:
        return []
    return [each for each in body.iter() if isinstance(each.tag, str) and each.tag.endswith("Interaction")]


def _refuse_programs(item: Element, interactions: list[Element], found: Found) -> None:
    """Items that are more than a question with a key."""
    if next(below(item, INCLUDED), None) is not None:
        message = "includes a part of another file (XInclude), which is never read"
        found.say("xinclude", message, Action.DROPPED)
    if is_true(item, "adaptive"):
        raise CannotAsk("adaptive", "is adaptive: it goes on in steps that depend on the answer")
    if first(item, "templateProcessing") is not None or first(item, "templateDeclaration") is not None:
        raise CannotAsk("template", "is made anew for each learner by template rules, which are not run")
    odd = next(
        (each for each in interactions if each.tag not in ANSWERED and each.tag not in NOT_ASKED), None
    )
    if len(interactions) > MOST_PARTS:
        raise CannotAsk("kind", f"has {len(interactions)} places to answer, more than a question holds")
    if odd is not None:
        raise CannotAsk("kind", f"asks with a `{local_name(odd)}`, which cannot be asked here")


def _document(
    item: Element,
    body: Element | None,
    interactions: list[Element],
    source: ItemSource,
    found: Found,
    reading: Reading,
) -> dict[str, Any]:
    asked = [each for each in interactions if each.tag in ANSWERED]
    responses = declared(item, "responseDeclaration", folding=source.version == "3.0")
    feedback = list(below(item, *FEEDBACK))
    rules, scoring = _scoring(item, responses, interactions, feedback, found)
    asking = Asking(
        item, body, found, reading, source.resolve, responses, rules, feedback, scoring, source.own
    )
    fields = body_of(asking, asked, source.stimuli)
    document: dict[str, Any] = {"markup": "html", "name": found.name, **fields}
    hints = [asking.feedback_of(shown) for shown in scoring.hints]
    if any(hints):
        document["hints"] = [hint for hint in hints if hint]
    explanation, unshown = explanation_of(asking)
    if explanation:
        document["explanation"] = explanation
    if scoring.best > 0:
        _set_points(document, scoring.best, found, given=not source.own)
    document["origin"] = _origin(item, asking, source, document.pop("settings", {}) | unshown)
    if source.category:
        document["category"] = source.category
    if source.tags:
        document["tags"] = list(source.tags)
    return _with_own_fields(document, source.own)


def _scoring(
    item: Element,
    responses: Mapping[str, Declaration],
    interactions: list[Element],
    feedback: list[Element],
    found: Found,
) -> tuple[Element, Scoring]:
    asked = [each for each in interactions if each.tag in ANSWERED]
    rules = rules_of(item, responses)
    outcomes = {**OUTCOMES_OF_TEMPLATES, **declared(item, "outcomeDeclaration", folding=False)}
    score = _score_variable(rules.element, outcomes) if rules.given else "SCORE"
    if rules.given and not score:
        # Rules that only choose feedback leave the scoring to whoever reads the declarations.
        rules = Rules(declared_rules(responses), given=False)
        score = "SCORE"
    processing = Processing(rules.element, responses, outcomes)
    buttons = {
        attribute(each, "responseIdentifier"): False
        for each in interactions
        if each.tag == "endAttemptInteraction"
    }
    trial = Trial(processing, score, feedback, buttons)
    scoring = _counted(asked, responses, rules, trial, found)
    scoring.hints = _hints(trial, buttons, scoring)
    return rules.element, scoring


def _hints(trial: Trial, buttons: Mapping[str, Value], scoring: Scoring) -> list[frozenset[int]]:
    """The feedback that each button shows, and no answer does."""
    nothing = dict.fromkeys(trial.processing.responses)
    answered = scoring.shown_when_right | scoring.shown_when_wrong
    try:
        return [trial.effect({**nothing, name: True}).shown - answered for name in buttons]
    except NotScorable:
        return []


def _counted(
    asked: list[Element], responses: Mapping[str, Declaration], rules: Rules, trial: Trial, found: Found
) -> Scoring:
    free = [each for each in asked if each.tag == "extendedTextInteraction"]
    if not asked or (free and len(asked) == 1):
        return _unscored(trial, _maximum(trial.processing.outcomes) if free else Decimal(0))
    if free:
        raise CannotAsk("kind", "asks for a free text beside other answers")
    scoring = scored(trial, _probes(asked, responses, rules))
    if not rules.given:
        message = "says nothing of its scoring; its declared key is used"
        found.say("no_processing", message, Action.APPROXIMATED)
    return scoring


def _maximum(outcomes: Mapping[str, Declaration]) -> Decimal:
    """What an answer can earn, as far as it is declared."""
    maximum = outcomes["MAXSCORE"].default
    return maximum if isinstance(maximum, Decimal) else outcomes["SCORE"].most or Decimal(1)


def _unscored(trial: Trial, best: Decimal) -> Scoring:
    """Nothing is counted, but feedback may be shown."""
    try:
        shown = trial.effect(dict.fromkeys(trial.processing.responses)).shown
    except NotScorable:
        shown = frozenset()
    return Scoring(best, {}, shown_when_right=shown)


def _score_variable(rules: Element, outcomes: Mapping[str, Declaration]) -> str:
    """The outcome that is the score: SCORE, or the only number that the rules set."""
    names = dict.fromkeys(
        attribute(each, "identifier") for each in below(rules, "setOutcomeValue", "lookupOutcomeValue")
    )
    if "SCORE" in names:
        return "SCORE"
    counted = [name for name in names if name in outcomes and outcomes[name].is_number]
    if len(counted) > 1:
        raise NotScorable("sets several scores and no total")
    return counted[0] if counted else ""


def _probes(
    asked: list[Element], responses: Mapping[str, Declaration], rules: Rules
) -> dict[str, list[Value]]:
    probes: dict[str, list[Value]] = {}
    for interaction in asked:
        name = attribute(interaction, "responseIdentifier")
        if name not in responses:
            raise NotScorable(f"uses the response {name!r}, which is not declared")
        if name in probes:
            raise NotScorable("has two places for one answer")
        found = _probes_of(interaction, responses[name], rules.element)
        keyless = not rules.given and not responses[name].mapped and responses[name].correct is None
        if not found or keyless:
            raise CannotAsk("no_key", "says of no answer that it is right")
        probes[name] = found
    return probes


def _probes_of(interaction: Element, response: Declaration, rules: Element) -> list[Value]:
    names = [attribute(each, "identifier") for each in below(interaction, *ANSWERED[str(interaction.tag)])]
    if len(names) > MOST_CHOICES:
        raise CannotAsk("kind", f"offers {len(names)} choices, more than a question holds")
    if len(set(names)) < len(names):
        raise CannotAsk("identifiers", "has two choices of the same name")
    if response.base_type in ("pair", "directedPair") and response.cardinality != "multiple":
        raise CannotAsk("kind", "asks for a single pair")
    if response.base_type == "identifier" and response.cardinality == "ordered":
        return orders(names, rules, response)
    if interaction.tag == "orderInteraction":
        raise NotScorable("has an order whose variable keeps none")
    if interaction.tag == "textEntryInteraction":
        return (numbers if response.base_type in ("float", "integer") else texts)(rules, response)
    if interaction.tag in ("associateInteraction", "matchInteraction", "gapMatchInteraction"):
        sides = _sides(interaction, names)
        return pairs(sides[0], sides[1], response) if len(sides) == 2 else []
    if response.cardinality == "multiple":
        return subsets(names, rules, response, whole_number(interaction, "maxChoices", 0))
    return list(names)


def _sides(interaction: Element, names: list[str]) -> list[list[str]]:
    """The names of what is joined with what."""
    match interaction.tag:
        case "associateInteraction":
            return [names, names]
        case "gapMatchInteraction":
            return [names, [attribute(each, "identifier") for each in below(interaction, "gap")]]
    sets = children(interaction, "simpleMatchSet")
    return [[attribute(each, "identifier") for each in side] for side in sets]


def _set_points(document: dict[str, Any], best: Decimal, found: Found, *, given: bool) -> None:
    whole = best.to_integral_value()
    points = min(max(int(whole), 1), MOST_POINTS)
    if points != 1:
        document["points"] = points
    if abs(best - points) > NEAR and given:
        message = f"is worth {spelled(best)} points there and {points} here"
        found.say("points", message, Action.APPROXIMATED, severity="info")
        document.setdefault("settings", {})["score"] = spelled(best)


def _origin(item: Element, asking: Asking, source: ItemSource, settings: dict[str, str]) -> dict[str, Any]:
    if source.version:
        settings = {"version": source.version, **settings}
    for block in below(item, "rubricBlock"):
        views = attribute(block, "view").split()
        if "candidate" not in views and "quizapp-model-answer" not in attribute(block, "class"):
            view = "-".join(views) or "all"
            rubric = words(asking.text(block))
            settings[f"rubric-{view}"] = "\n".join(filter(None, [settings.get(f"rubric-{view}"), rubric]))
    language = attribute(item, "lang")
    settings |= {"language": language} if language else {}
    settings |= {"weight": source.weight} if source.weight not in ("", "1", "1.0") else {}
    origin: dict[str, Any] = {"format": "qti2", "id": attribute(item, "identifier")}
    return origin | ({"settings": settings} if settings else {})


def _with_own_fields(document: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What this program's own export says beside the item; what the item says itself comes first."""
    if not own:
        return document
    del document["origin"]
    shared = own.get("fields")
    return document | dict(shared) if isinstance(shared, Mapping) else document
