"""One item of a file as a question document: what all kinds share, and which reader takes it on."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from quizapp.domain.imports import Action, Found, Reading
from quizapp.domain.texts import Marked, Markup, markup_of, text_value
from quizapp.formats.qti12.calculated import calculated
from quizapp.formats.qti12.choices import choice, true_false
from quizapp.formats.qti12.feedback import feedback_of
from quizapp.formats.qti12.fragments import item_of, readable_text
from quizapp.formats.qti12.gaps import blanks, dropdowns
from quizapp.formats.qti12.item import CannotAsk, Item
from quizapp.formats.qti12.kinds import LABELS, Kind, said_kind
from quizapp.formats.qti12.materials import Texts, as_html, plain_of, together
from quizapp.formats.qti12.own import CARRIED, ORIGIN, OWN, SEPARATOR, carried_fields
from quizapp.formats.qti12.presentation import Presentation, presentation_of
from quizapp.formats.qti12.rows import matching, ordering
from quizapp.formats.qti12.scoring import (
    Program,
    Rule,
    Setting,
    Unrecognised,
    comparisons_in,
    number_of,
    program_of,
)
from quizapp.formats.qti12.splitting import item_attributes
from quizapp.formats.qti12.typed import essay, number, short
from quizapp.formats.reading.html_pictures import Resolve
from quizapp.formats.reading.xml import Element, local_name

POINTS = ("points_possible", "respondusapi_qpoints", "qmd_absolutescore_max", "qmd_weighting")
CATEGORY = "wct_questioncategory"
BOOKKEEPING = frozenset(
    {*LABELS, *POINTS, "original_answer_ids", "assessment_question_identifierref"}
    | {"bbmd_asi_object_id", CATEGORY}
)
"""Fields that are read, or that mean nothing outside of the file that they stand in."""
MOST_SETTINGS = 150
MOST_OF_A_SETTING = 5_000

READERS: Mapping[Kind, Callable[[Item], dict[str, Any]]] = {
    Kind.CHOICE: choice,
    Kind.TRUE_FALSE: true_false,
    Kind.SHORT: short,
    Kind.NUMBER: number,
    Kind.ESSAY: essay,
    Kind.BLANKS: blanks,
    Kind.DROPDOWNS: dropdowns,
    Kind.MATCHING: matching,
    Kind.ORDERING: ordering,
    Kind.CALCULATED: calculated,
}
NOT_ASKED = {
    Kind.UPLOAD: "an upload of a file cannot be asked here",
    Kind.HOT_SPOT: "a place on a picture cannot be asked here",
    Kind.OTHER: "a question of this kind cannot be asked here",
}


def read_item(found: Found, category: str, resolve: Resolve, reading: Reading) -> None:
    """Make a document of an item, or give it up with the reason."""
    found.text = readable_text(found.source)
    element = item_of(found.source, found)
    if element is None:
        found.document = _opaque(found, {}, category, found.diagnostics[-1].message)
        return
    fields = fields_of(element)
    own = carried_fields(fields)
    texts = Texts(found, reading, resolve, is_own=bool(own))
    shown = presentation_of(element, texts)
    found.text = _readable(shown)
    known = {**own, "origin": {"format": "qti12", "id": _ident(element, fields)}}
    kind, word = said_kind(fields)
    found.kind = word or "item"
    try:
        program = _program(element, shown, fields)
        said, kind = kind, _kind(kind, element, shown, program)
        found.kind = word or kind.value or "item"
        word = word if kind is said else ""
        feedback = feedback_of(element, texts, program)
        options = frozenset(label.ident for asked in shown.asked for label in asked.labels)
        feedback.attribute(program, options if len(shown.asked) == 1 else frozenset())
        item = Item(found, element, fields, kind, word, shown, program, feedback)
        item.markup = markup_of(shown.stem) if shown.stem else Markup.HTML
        body = _body(item)
        document = {**_shared(item, own, category), **body}
        if not document.get("stem"):
            raise CannotAsk("no_text", "has no text that asks something")
        found.document = document
    except CannotAsk as reason:
        _give_up(found, reason.code, str(reason), known, category)
    except Unrecognised as reason:
        message = f"its scoring is not understood, so it is not guessed: {reason}"
        _give_up(found, "scoring", message, known, category)


def _give_up(found: Found, code: str, message: str, known: Mapping[str, Any], category: str) -> None:
    """Keep an item as it is, under its own identity, so that the next import finds it again."""
    found.say(code, message, severity="error")
    found.document = _opaque(found, known, category, message)


def _opaque(found: Found, known: Mapping[str, Any], category: str, reason: str) -> dict[str, Any]:
    given = item_attributes(found.source)
    return {
        "type": "opaque",
        "name": given.get("title", "")[:500],
        "category": category,
        "origin": {"format": "qti12", "id": given.get("ident", "")[:1_000]},
        **known,
        "stem": text_value(found.text, Markup.MARKDOWN) if found.text.strip() else "(no text)",
        "kind": (found.kind or "item")[:500],
        "reason": reason[:5_000],
        "source": found.source,
    }


def fields_of(element: Element) -> dict[str, str]:
    """The metadata of an item by name."""
    fields: dict[str, str] = {}
    for metadata in element:
        if local_name(metadata) != "itemmetadata":
            continue
        for each in metadata.iter():
            name = local_name(each)
            if name in ("qtimetadatafield", "qti_metadatafield"):
                said = {local_name(part): "".join(part.itertext()).strip() for part in each}
                label, entry = said.get("fieldlabel", ""), said.get("fieldentry", "")
                if label in CARRIED:
                    fields[label] = f"{fields[label]}{SEPARATOR}{entry}" if label in fields else entry
                elif label:
                    fields.setdefault(label, entry)
            elif name.startswith(("bbmd_", "qmd_")):
                fields.setdefault(name, "".join(each.itertext()).strip())
    return fields


def _program(element: Element, shown: Presentation, fields: Mapping[str, str]) -> Program:
    """The scoring, with what one dialect leaves unsaid put in."""
    typed = frozenset(asked.ident for asked in shown.asked if asked.is_typed)
    multiple = frozenset(asked.ident for asked in shown.asked if asked.is_multiple)
    options = {label.ident: asked.ident for asked in shown.asked for label in asked.labels}
    program = program_of(element, typed, multiple, options)
    if not shown.asked:
        program.texts = frozenset(name for name in _named_in(program))
    if "bbmd_questiontype" in fields:
        for rule in program.rules:
            _say_score(rule, program)
    return program


def _say_score(rule: Rule, program: Program) -> None:
    """A rule that shows the feedback for right answers and sets no score means the full score."""
    if not rule.settings and any(link.lower() == "correct" for link in rule.shows):
        rule.settings.append(Setting(program.score, "set", f"{program.score}.max"))


def _named_in(program: Program) -> list[str]:
    return [test.respident for rule in program.rules for test, _ in comparisons_in(rule.test)]


def _kind(said: Kind, element: Element, shown: Presentation, program: Program) -> Kind:
    """The kind of an item: as it says, or as it is built."""
    if said is not Kind.UNSAID and not _contradicts(said, shown):
        return said
    if any(local_name(each) in ("calculated", "calculated_answer") for each in element.iter()):
        return Kind.CALCULATED
    asked = shown.asked
    if not asked:
        return Kind.BLANKS if any(_named_in(program)) and program.scores else Kind.INFORMATION
    if any(each.is_drawn for each in asked):
        return Kind.HOT_SPOT
    if len(asked) == 1:
        return _kind_of_one(shown, program)
    if all(each.is_typed for each in asked):
        return Kind.BLANKS
    if any(each.prompt for each in asked) and not _names_stand_in_text(shown):
        return Kind.MATCHING
    return Kind.DROPDOWNS


def _contradicts(said: Kind, shown: Presentation) -> bool:
    """Whether an item asks for something else than it says: some systems have one word for several kinds."""
    if said in (Kind.CHOICE, Kind.TRUE_FALSE):
        return len(shown.asked) > 1 or any(asked.is_typed for asked in shown.asked)
    if said in (Kind.SHORT, Kind.NUMBER):
        return len(shown.asked) > 1 or shown.is_interleaved()
    return False


def _kind_of_one(shown: Presentation, program: Program) -> Kind:
    [asked] = shown.asked
    if asked.is_ordered:
        return Kind.ORDERING
    if asked.is_typed:
        if not any(_named_in(program)):
            return Kind.ESSAY
        if shown.is_interleaved():
            return Kind.BLANKS
        return Kind.NUMBER if asked.is_numeric else Kind.SHORT
    if f"[{plain_of(asked.prompt, markup_of(asked.prompt))}]" in shown.stem and asked.prompt:
        return Kind.DROPDOWNS
    return Kind.CHOICE


def _names_stand_in_text(shown: Presentation) -> bool:
    names = (plain_of(asked.prompt, markup_of(asked.prompt)) for asked in shown.asked)
    return any(f"[{name}]" in shown.stem for name in names if name)


def _body(item: Item) -> dict[str, Any]:
    if item.kind is Kind.INFORMATION:
        return {"type": "information"}
    reader = READERS.get(item.kind)
    if reader is None:
        raise CannotAsk("kind", NOT_ASKED.get(item.kind, "a question of this kind cannot be asked here"))
    return reader(item)


def _shared(item: Item, own: Mapping[str, Any], category: str) -> dict[str, Any]:
    """What a question of any kind has."""
    explanation = item.feedback.overall.get("general", Marked("", item.markup))
    if item.kind is not Kind.ESSAY:
        explanation = together([explanation, item.feedback.solution])
    document: dict[str, Any] = {
        "name": item.element.get("title", "").strip()[:500],
        "category": item.fields.get(CATEGORY, "") or category,
        "markup": item.markup.value,
        "stem": item.value(item.shown.stem),
        "explanation": item.value(explanation),
        "hints": [item.value(hint) for hint in item.feedback.hints],
    }
    settings = _settings(item)
    points = _points(item, settings)
    if points not in (None, 1) and item.kind is not Kind.INFORMATION:
        document["points"] = points
    document |= own
    if not own or ORIGIN in item.fields:
        theirs = item.fields.get(ORIGIN, "") if own else _ident(item.element, item.fields)
        origin = {"format": "qti12", "id": theirs, "settings": settings}
        document["origin"] = {name: value for name, value in origin.items() if value}
    return {name: value for name, value in document.items() if value not in ("", [], None)}


def _ident(element: Element, fields: Mapping[str, str]) -> str:
    return " ".join((element.get("ident") or fields.get("bbmd_asi_object_id", "")).split())[:1_000]


def _settings(item: Item) -> dict[str, str]:
    """What can be given back; overall feedback is told, because nobody will see it here."""
    settings = {
        name: entry
        for name, entry in list(item.fields.items())[:MOST_SETTINGS]
        if name not in BOOKKEEPING and name not in OWN and entry and len(entry) <= MOST_OF_A_SETTING
    }
    for kind in ("correct", "incorrect"):
        text = item.feedback.overall.get(kind)
        if text:
            settings[f"{kind}_feedback"] = str(text)
            if markup_of(text) is not Markup.HTML:
                settings[f"{kind}_feedback_markup"] = markup_of(text).value
            message = f"the feedback for every {kind} answer is kept, but not shown here"
            item.found.say("overall_feedback", message, Action.KEPT, severity="info")
    for ident, text in item.feedback.unused().items():
        settings[f"feedback:{ident}"[:200]] = as_html(text, markup_of(text))
        item.found.say(
            "feedback", f"feedback that belongs to no answer ({ident[:60]}) is kept", severity="info"
        )
    return settings


def _points(item: Item, settings: dict[str, str]) -> int | None:
    """Whole points; what is not one of 1 to 100 is rounded and told."""
    label = next((label for label in POINTS if (number_of(item.fields.get(label, "")) or 0) > 0), None)
    if label is None:
        return None
    written = item.fields[label]
    exact = number_of(written) or Decimal(1)
    whole = min(max(int(exact.to_integral_value("ROUND_HALF_UP")), 1), 100)
    if whole != exact:
        settings["points_possible"] = written
        message = f"{written} points became {whole}: points are whole, from 1 to 100"
        item.found.say("points", message, Action.APPROXIMATED, severity="info")
    return whole


def _readable(shown: Presentation) -> str:
    """The text and the options of an item, for whoever looks at one that cannot be asked."""
    lines = [as_html(shown.stem, markup_of(shown.stem))]
    for asked in shown.asked:
        own = [asked.prompt, *(label.text for label in asked.labels)]
        rows = [f"<li>{as_html(text, markup_of(text))}</li>" for text in own if text]
        if rows:
            lines.append(f"<ul>{''.join(rows)}</ul>")
    text = "\n".join(line for line in lines if line)[:50_000]
    return Marked(text, Markup.HTML)
