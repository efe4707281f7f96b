"""What is joined or put in order: matching, association, matrices, orders."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from quizapp.formats.qti2.asking import Asking, CannotAsk, TextField, best_of, meaning
from quizapp.formats.qti2.content import has_content
from quizapp.formats.qti2.probing import Part
from quizapp.formats.qti2.tree import attribute, below, children, text_in
from quizapp.formats.qti2.values import Declaration, Many, NotScorable
from quizapp.formats.reading.xml import Element

Body = dict[str, Any]
Pair = tuple[str, str]
MOST_COLUMNS, MOST_ROWS = 6, 10
"""Of a matrix."""


def order_body(asking: Asking, interaction: Element, response: Declaration, part: Part) -> Body:
    """The fields of a question in which things are put in order."""
    best_of(part)
    right = part.right()
    if len(right) != 1:
        raise NotScorable("takes several orders for right")
    [order] = right
    choices = {attribute(each, "identifier"): each for each in children(interaction, "simpleChoice")}
    if not isinstance(order, Many) or sorted(order.items) != sorted(choices):
        raise CannotAsk("kind", "puts some of the things in order only, which cannot be asked here")
    if not asking.own:
        message = "counts the whole order only; here an order that is nearly right earns a part"
        if any(0 < effect.score < part.best for _, effect in part.effects):
            message = "says what other orders earn; here an order that is nearly right earns a part"
        asking.say("marking", message, severity="info")
    return {"type": "ordering", "items": [{"text": asking.text(choices[name])} for name in order.items]}


def key_pairs(response: Declaration, part: Part) -> list[Pair]:
    """The pairs that are right together."""
    best_of(part)
    right = [value for value in part.right() if isinstance(value, Many)]
    named = [value for value in right if isinstance(response.correct, Many) and value.same(response.correct)]
    chosen = named[0] if named else max(right, key=lambda value: len(value.items), default=None)
    if chosen is None:
        raise CannotAsk("no_key", "says of no pair that it is right")
    return list(dict.fromkeys(chosen.items))


def tell_uneven(asking: Asking, part: Part, key: Sequence[Pair]) -> None:
    """Say where each pair does not earn the same part of the whole."""
    if asking.own:
        return
    each = part.best / len(key)
    for value, effect in part.effects:
        earned = each * sum(pair in key for pair in value.items)
        if effect.score > 0 and abs(effect.score - earned) > Decimal("0.001"):
            asking.say(
                "marking",
                "weighs its pairs in another way; here each of them earns the same part",
                severity="info",
            )
            return
        if effect.score <= 0 < earned and len(value.items) == 1:
            asking.say(
                "marking",
                "counts all pairs together only; here each right pair earns its part",
                severity="info",
            )
            return


def match_body(asking: Asking, interaction: Element, response: Declaration, part: Part) -> Body:
    """The fields of a question that joins two lists."""
    sets = [list(below(each, "simpleAssociableChoice")) for each in children(interaction, "simpleMatchSet")]
    if len(sets) != 2:
        raise CannotAsk("kind", "joins things that do not stand in two lists")
    key = key_pairs(response, part)
    left, right = ({attribute(each, "identifier"): each for each in side} for side in sets)
    if any(a not in left or b not in right for a, b in key):
        raise CannotAsk("no_key", "has a key with names that are not there")
    tell_uneven(asking, part, key)
    wanted = asking.own.get("type")
    if wanted == "categorise" and _partners(key, left):
        return _bins(left, right, key, part, [asking.text(each) for each in left.values()])
    if wanted != "matrix" and len({meaning(asking.text(right[b])) for _, b in key}) > 1:
        if _partners(key, left):
            return _matching(asking, left, right, key)
        if _partners([(b, a) for a, b in key], right):
            return _matching(asking, right, left, [(b, a) for a, b in key])
    return _matrix(asking, left, right, key)


def associate_body(asking: Asking, interaction: Element, response: Declaration, part: Part) -> Body:
    """The fields of a question that joins things of one list: one of each two becomes the prompt."""
    choices = {
        attribute(each, "identifier"): each for each in children(interaction, "simpleAssociableChoice")
    }
    key = key_pairs(response, part)
    if any(name not in choices for pair in key for name in pair):
        raise CannotAsk("no_key", "has a key with names that are not there")
    tell_uneven(asking, part, key)
    place = {name: number for number, name in enumerate(choices)}
    used: set[str] = set()
    joined = []
    for pair in sorted(key, key=lambda pair: min(place[name] for name in pair)):
        names = sorted(pair, key=place.__getitem__)
        free = next((name for name in names if name not in used), None)
        if free is None:
            raise CannotAsk("kind", "joins one thing with several others, which cannot be asked here")
        used.add(free)
        joined.append((free, names[1] if names[0] == free else names[0]))
    asking.say(
        "pairs", "any two things could be joined there; here one of each pair is given", severity="info"
    )
    prompts = {prompt for prompt, _ in joined}
    offered = {
        name: each for name, each in choices.items() if name not in prompts or name in {b for _, b in joined}
    }
    return _matching(asking, {name: choices[name] for name in choices if name in prompts}, offered, joined)


def _partners(key: Sequence[Pair], side: Mapping[str, Element]) -> bool:
    """Whether everything on a side has exactly one partner."""
    return sorted(a for a, _ in key) == sorted(side)


def _matching(
    asking: Asking, left: Mapping[str, Element], right: Mapping[str, Element], key: Sequence[Pair]
) -> Body:
    partner = dict(key)
    pairs = [{"prompt": asking.text(left[name]), "match": asking.text(right[partner[name]])} for name in left]
    said = {meaning(pair["match"]) for pair in pairs}
    rest = [asking.text(each) for name, each in right.items() if name not in partner.values()]
    distractors: list[TextField] = []
    for text in rest:
        if meaning(text) in said:
            asking.say("duplicate_option", "a match is there twice; one was kept")
            continue
        said.add(meaning(text))
        distractors.append(text)
    body: Body = {"type": "matching", "pairs": pairs}
    return body | ({"distractors": [{"text": text} for text in distractors]} if distractors else {})


def _matrix(
    asking: Asking, left: Mapping[str, Element], right: Mapping[str, Element], key: Sequence[Pair]
) -> Body:
    """Rows by columns; the shorter list makes the columns."""
    rows, columns, joined = left, right, list(key)
    if len(right) > MOST_COLUMNS >= len(left):
        rows, columns, joined = right, left, [(b, a) for a, b in key]
    chosen = {name: [b for a, b in joined if a == name] for name in rows}
    if not all(chosen.values()) or len(columns) > MOST_COLUMNS or len(rows) > MOST_ROWS:
        return _each_alone(asking, rows, columns, chosen)
    names = {name: text_in(each) for name, each in columns.items()}
    if any(has_content(asking.inner(each)) and not names[name] for name, each in columns.items()):
        raise CannotAsk("kind", "has columns that are pictures")
    multiple = any(len(keys) > 1 for keys in chosen.values()) or bool(asking.own.get("multiple"))
    listed = [
        {
            "text": asking.text(each),
            "key": [names[b] for b in chosen[name]] if len(chosen[name]) > 1 else names[chosen[name][0]],
        }
        for name, each in rows.items()
    ]
    body: Body = {"type": "matrix", "columns": list(names.values()), "rows": listed}
    if multiple:
        body["multiple"] = True
    if asking.own.get("marking") == "all_or_nothing":
        body["marking"] = "all_or_nothing"
    return body


def _each_alone(
    asking: Asking,
    rows: Mapping[str, Element],
    columns: Mapping[str, Element],
    chosen: Mapping[str, Sequence[str]],
) -> Body:
    """A question of several parts, one for each thing that has a partner."""
    if sum(map(bool, chosen.values())) < 2:
        raise CannotAsk("kind", "joins things in a way that cannot be asked here")
    if not all(chosen.values()):
        asking.say("pairs", "some things belong to nothing; they are left out here")
    parts: list[Body] = []
    for number, (name, each) in enumerate(
        ((name, each) for name, each in rows.items() if chosen[name]), start=1
    ):
        options: list[Body] = [
            {"text": asking.text(column), **({"key": True} if place in chosen[name] else {})}
            for place, column in columns.items()
        ]
        single = len(chosen[name]) == 1
        kind = {"type": "single_choice"} if single else {"type": "multiple_choice"}
        parts.append({"id": f"row{number}", **kind, "prompt": asking.text(each), "options": options})
    return {"type": "composite", "parts": parts}


def _bins(
    left: Mapping[str, Element],
    right: Mapping[str, Element],
    key: Sequence[Pair],
    part: Part,
    texts: Sequence[TextField],
) -> Body:
    """Things to sort, as this program's export says that they are."""
    partner = dict(key)
    names = {name: text_in(each) for name, each in right.items()}
    earning = [value.items[0] for value, effect in part.effects if len(value.items) == 1 and effect.score > 0]
    items = []
    for name, text in zip(left, texts, strict=True):
        item = {"text": text, "bin": names[partner[name]]}
        also = [names[b] for a, b in earning if a == name and b != partner[name]]
        items.append({**item, "also": also} if also else item)
    return {"type": "categorise", "bins": [{"name": name} for name in names.values()], "items": items}
