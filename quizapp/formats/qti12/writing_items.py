"""Question documents as items, one function for each type that QTI 1.2 can say."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from quizapp.domain.texts import Marked, Markup
from quizapp.formats.qti12.own import MARKING
from quizapp.formats.qti12.sheet import CannotSay, Sheet
from quizapp.formats.qti12.typed import ESSAY, written
from quizapp.formats.qti12.writing_gaps import write_gaps
from quizapp.formats.qti12.writing_rules import FULL, INCORRECT, RESPONSE, equal, rule, saying, share
from quizapp.formats.qti12.writing_texts import feedback_node, node
from quizapp.formats.reading.xml import Element

Document = Mapping[str, Any]


def write_body(document: Document, sheet: Sheet) -> None:
    """Write what the type of a question knows.  Raises `CannotSay`."""
    writer = WRITERS.get(document["type"])
    if writer is None:
        raise CannotSay(f"QTI 1.2 has no question of the type {document['type']}; it is left out")
    writer(document, sheet)


def _single_choice(document: Document, sheet: Sheet) -> None:
    sheet.question_type = "multiple_choice_question"
    idents = _options(document["options"], sheet, "Single")
    for option, ident in zip(document["options"], idents, strict=True):
        credit = Decimal(1) if option.get("key") else Decimal(str(option.get("credit") or 0))
        if credit:
            shows = sheet.right if credit == 1 else []
            sheet.rules.append(rule(equal(ident), score=credit * FULL, shows=shows, goes_on=False))


def _multiple_choice(document: Document, sheet: Sheet) -> None:
    sheet.question_type = "multiple_answers_question"
    options = document["options"]
    idents = _options(options, sheet, "Multiple")
    marking = document.get("marking", "right_minus_wrong")
    if marking == "weighted":
        sheet.outlet.lack("Canvas may mark it without the credits of its options")
        for option, ident in zip(options, idents, strict=True):
            credit = Decimal(str(option.get("credit") or 0))
            if credit:
                sheet.rules.append(rule(equal(ident), score=credit * FULL, action="Add"))
        return
    if marking != "all_or_nothing":
        sheet.fields.append((MARKING, marking))
        sheet.outlet.lack(f"the marking {marking} is known to this house only")
    tests = [
        equal(ident) if option.get("key") else node("not", equal(ident))
        for option, ident in zip(options, idents, strict=True)
    ]
    sheet.rules.append(rule(node("and", *tests), score=FULL, shows=sheet.right, goes_on=False))


def _options(options: Sequence[Document], sheet: Sheet, cardinality: str) -> list[str]:
    """The options of a choice with their feedback; their identities."""
    idents = [sheet.new_id() for _ in options]
    labels = []
    for option, ident in zip(options, idents, strict=True):
        labels.append(node("response_label", sheet.outlet.material(option["text"]), ident=ident))
        if option.get("feedback"):
            sheet.notes.append(saying(sheet.remark(option["feedback"], ident), equal(ident)))
    choice = node("render_choice", *labels)
    sheet.responses.append(node("response_lid", choice, ident=RESPONSE, rcardinality=cardinality))
    return idents


def _true_false(document: Document, sheet: Sheet) -> None:
    options = [
        {
            "text": {"plain": word},
            "key": document["answer"] is value,
            "feedback": document.get(f"feedback_{word.lower()}"),
        }
        for word, value in (("True", True), ("False", False))
    ]
    _single_choice({"options": options}, sheet)
    sheet.question_type = "true_false_question"


def _short_text(document: Document, sheet: Sheet) -> None:
    sheet.question_type = "short_answer_question"
    if document.get("case_sensitive"):
        sheet.outlet.lack("Canvas compares texts without regard to case")
    case = {"case": "Yes"} if document.get("case_sensitive") else {}
    sheet.responses.append(_typed())
    has_key = False
    for answer in document["answers"]:
        test = _text_test(answer["text"], sheet, case)
        if test is None:
            continue
        credit = Decimal(str(answer.get("credit", 1)))
        has_key = has_key or credit == 1
        if answer.get("feedback"):
            again = _text_test(answer["text"], sheet, case)
            assert again is not None  # it was written just now
            sheet.notes.append(saying(sheet.remark(answer["feedback"], sheet.new_id()), again))
        shows = sheet.right if credit == 1 else []
        sheet.rules.append(rule(test, score=credit * FULL, shows=shows, goes_on=False))
    if not has_key:
        raise CannotSay("its right answers are patterns, which QTI 1.2 does not have; it is left out")
    for mistake in document.get("mistakes", ()):
        _mistake(mistake, sheet, case)


def _mistake(mistake: Document, sheet: Sheet, case: Mapping[str, str]) -> None:
    if not mistake.get("feedback"):
        sheet.outlet.lack("known mistakes without feedback are left out")
    elif mistake["text"] == "*":
        _for_the_wrong(mistake["feedback"], sheet)
    elif (test := _text_test(mistake["text"], sheet, case)) is not None:
        sheet.notes.append(saying(sheet.remark(mistake["feedback"], sheet.new_id()), test))


def _for_the_wrong(value: Any, sheet: Sheet) -> None:
    """Feedback for every answer that nothing else is said about."""
    sheet.feedback.append(feedback_node(INCORRECT, sheet.outlet.material(value)))
    sheet.said.add(INCORRECT)


def _text_test(pattern: str, sheet: Sheet, attributes: Mapping[str, str]) -> Element | None:
    """A comparison for a pattern; None where it has stars that no comparison knows."""
    hidden = pattern.replace("\\*", "\x00")
    inner = hidden[1:-1] if len(hidden) > 2 and hidden[0] == hidden[-1] == "*" else hidden
    if "*" in inner:
        sheet.outlet.lack(f"the pattern {pattern[:60]!r} is left out: QTI 1.2 has no wildcards")
        return None
    name = "varequal" if inner == hidden else "varsubstring"
    return node(name, inner.replace("\x00", "*"), respident=RESPONSE, **attributes)


def _typed(**attributes: str) -> Element:
    box = node("render_fib", node("response_label", ident="answer1", rshuffle="No"), **attributes)
    return node("response_str", box, ident=RESPONSE, rcardinality="Single")


def _number(document: Document, sheet: Sheet) -> None:
    sheet.question_type = "numerical_question"
    sheet.responses.append(_typed(fibtype="Decimal"))
    for name in ("unit", "units", "suffixes", "unit_required"):
        if document.get(name):
            sheet.outlet.lack("its unit is left out: answers are plain numbers there")
    own = document.get("tolerance", {})
    key = {"value": document["answer"], "tolerance": own, "feedback": document.get("feedback")}
    for each in (key, *document.get("accepted", ())):
        _accepted_number(each, Decimal(str(each.get("credit", 1))), sheet)
    for mistake in document.get("mistakes", ()):
        if mistake.get("feedback"):
            _accepted_number({"tolerance": own, **mistake}, Decimal(0), sheet)
        else:
            sheet.outlet.lack("known mistakes without feedback are left out")
    if document.get("otherwise"):
        _for_the_wrong(document["otherwise"], sheet)


def _accepted_number(entry: Document, credit: Decimal, sheet: Sheet) -> None:
    value = Decimal(str(entry["value"]))
    room, attributes = _room(value, entry.get("tolerance") or {}, sheet)
    shows = [sheet.remark(entry["feedback"], sheet.new_id())] if entry.get("feedback") else []
    shows += sheet.right if credit == 1 else []
    ends = node(
        "and",
        node("vargte", written(value - room), respident=RESPONSE),
        node("varlte", written(value + room), respident=RESPONSE),
    )
    test = node("or", equal(written(value), **attributes), ends)
    sheet.rules.append(rule(test, score=credit * FULL, shows=shows, goes_on=False))


def _room(value: Decimal, tolerance: Document, sheet: Sheet) -> tuple[Decimal, dict[str, str]]:
    """How far off a number may be, and the attributes that say how that was meant."""
    if tolerance.get("absolute"):
        return Decimal(str(tolerance["absolute"])), {}
    if tolerance.get("relative"):
        part = Decimal(str(tolerance["relative"]))
        return abs(value) * part, {"margintype": "percent", "margin": written(part * 100)}
    if tolerance.get("significant_figures"):
        figures = int(tolerance["significant_figures"])
        sheet.outlet.lack("significant figures are written as a range")
        half = Decimal(5).scaleb(value.adjusted() - figures)
        return half, {"precisiontype": "significantDigits", "precision": str(figures)}
    return Decimal(0), {}


def _matching(document: Document, sheet: Sheet) -> None:
    sheet.question_type = "matching_question"
    pairs = document["pairs"]
    offered: dict[str, tuple[str, Any]] = {}
    for each in (*(pair["match"] for pair in pairs), *(d["text"] for d in document.get("distractors", ()))):
        offered.setdefault(_folded(sheet.outlet.marked(each)), (sheet.new_id(), each))
    if any(each.get("feedback") for each in document.get("distractors", ())):
        sheet.outlet.lack("feedback of distractors is left out")
    for pair in pairs:
        ident = sheet.new_id()
        name = f"response_{ident}"
        labels = [
            node("response_label", sheet.outlet.material(text), ident=each) for each, text in offered.values()
        ]
        prompt = sheet.outlet.material(pair["prompt"])
        sheet.responses.append(node("response_lid", prompt, node("render_choice", *labels), ident=name))
        match, _ = offered[_folded(sheet.outlet.marked(pair["match"]))]
        sheet.rules.append(rule(equal(match, name), score=share(1, len(pairs)), action="Add"))
        if pair.get("feedback"):
            link = sheet.remark(pair["feedback"], ident)
            sheet.rules.append(rule(node("not", equal(match, name)), shows=[link]))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _ordering(document: Document, sheet: Sheet) -> None:
    sheet.question_type = "ordering_question"
    sheet.outlet.lack("Canvas has no ordering in its classic quizzes; other systems do")
    if any(item.get("feedback") for item in document["items"]):
        sheet.outlet.lack("feedback of the things to order is left out")
    idents = [sheet.new_id() for _ in document["items"]]
    labels = [
        node("response_label", sheet.outlet.material(item["text"]), ident=ident)
        for item, ident in zip(document["items"], idents, strict=True)
    ]
    choice = node("render_choice", *labels, shuffle="Yes")
    sheet.responses.append(node("response_lid", choice, ident=RESPONSE, rcardinality="Ordered"))
    tests = [equal(ident, index=str(place)) for place, ident in enumerate(idents, start=1)]
    sheet.rules.append(rule(node("and", *tests), score=FULL, shows=sheet.right, goes_on=False))


def _open_response(document: Document, sheet: Sheet) -> None:
    sheet.question_type = "essay_question"
    sheet.responses.append(_typed())
    sheet.rules.append(rule(node("other"), goes_on=False))
    if document.get("prompts") != ESSAY["prompts"] or document.get("rubric") != ESSAY["rubric"]:
        sheet.outlet.lack("its rubric and the titles of its prompts are left out")
        texts = [prompt.get("text") for prompt in document.get("prompts", ()) if prompt.get("text")]
        if texts:
            own = [sheet.outlet.html(document["stem"]), *map(sheet.outlet.html, texts)]
            sheet.text = Marked("".join(f"<p>{each}</p>" for each in own), Markup.HTML)
    if document.get("follow_ups") or document.get("image") or document.get("kind", "essay") != "essay":
        sheet.outlet.lack("follow-up questions, diagrams and its kind are left out")
    if document.get("model_answer"):
        material = node("solutionmaterial", sheet.outlet.material(document["model_answer"]))
        sheet.feedback.append(node("itemfeedback", node("solution", material), ident="solution"))


def _information(document: Document, sheet: Sheet) -> None:
    sheet.question_type = "text_only_question"


WRITERS: Mapping[str, Callable[[Document, Sheet], None]] = {
    "single_choice": _single_choice,
    "multiple_choice": _multiple_choice,
    "true_false": _true_false,
    "short_text": _short_text,
    "number": _number,
    "matching": _matching,
    "ordering": _ordering,
    "open_response": _open_response,
    "information": _information,
    "composite": write_gaps,
}
