"""A question as an item of QTI 2.1."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from typing import Any

from quizapp.formats.qti2.content import OWN_PART
from quizapp.formats.qti2.questions import ANSWER, QUALITY
from quizapp.formats.qti2.writing_answers import WRITERS as TYPED
from quizapp.formats.qti2.writing_answers import Answer, CannotWrite, add, points
from quizapp.formats.qti2.writing_pairs import WRITERS as JOINED
from quizapp.formats.qti2.writing_texts import Texts, attribute

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
SCHEMA = "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"
TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"
WRITERS = {**TYPED, **JOINED}
PARTS = ("single_choice", "multiple_choice", "true_false", "short_text", "number", "matching", "ordering")
IN_A_LINE = ("single_choice", "number", "short_text")
GAP = re.compile(r"\[\[([a-z][a-z0-9_-]{0,39})\]\]")


@dataclass(slots=True)
class WrittenItem:
    """An item, and what its package has to say beside it."""

    xml: str
    own: dict[str, Any] = field(default_factory=dict)


def write_item(document: Mapping[str, Any], identifier: str, texts: Texts, tell: Any) -> WrittenItem:
    """Raises `CannotWrite`."""
    worth = Decimal(document.get("points", 1))
    kind = document["type"]
    if kind == "composite":
        return _composite(document, identifier, texts, tell, worth)
    if kind == "information":
        body = texts.field("stem", document["stem"])
        return WrittenItem(_item(document, identifier, "", body, "", _explained(document, texts)))
    if kind == "open_response":
        return _open(document, identifier, texts, tell, worth)
    if kind not in WRITERS:
        raise CannotWrite(f"a question of the type {kind} cannot be asked by other systems")
    answer = Answer("RESPONSE", document, worth, texts, tell)
    WRITERS[kind](answer)
    body = texts.field("stem", document["stem"]) + _in_a_block(answer)
    explained = _explained(document, texts)
    if answer.template and not answer.feedback_rules:
        processing = f'<responseProcessing template="{TEMPLATES}{answer.template}"/>'
    else:
        scored = answer.rules or f'<setOutcomeValue identifier="SCORE">{answer.score}</setOutcomeValue>'
        processing = f"<responseProcessing>{scored}{answer.feedback_rules}</responseProcessing>"
    declarations = answer.declaration + _outcomes(worth) + _feedback_outcome(answer)
    own = {**answer.own, **_markings([answer])}
    xml = _item(document, identifier, declarations, body, processing, _shown(answer) + explained)
    return WrittenItem(xml, own)


def _composite(
    document: Mapping[str, Any], identifier: str, texts: Texts, tell: Any, worth: Decimal
) -> WrittenItem:
    gaps = GAP.findall(texts.marked(document.get("text", "")))
    answers = _part_answers(document["parts"], gaps, texts, tell, worth)
    body = [texts.field("stem", document["stem"])]
    if gaps:
        inside = {answer.id: answer.interaction for answer in answers}
        field = texts.field("gapped", document["text"])
        body.append(GAP.sub(lambda found: inside.get(found[1], found[0]), field))
    for answer in answers:
        if answer.id not in gaps:
            prompt = texts.field("prompt", answer.fields.get("prompt", ""))
            body.append(f'<div class="{OWN_PART}">{prompt}{_in_a_block(answer)}</div>')
    together = document.get("marking") == "all_or_nothing"
    each = "".join(answer.rules or add(answer.score) for answer in answers)
    rules = _together(answers, worth) if together else each
    rules += "".join(answer.feedback_rules for answer in answers)
    declared = "".join(answer.declaration for answer in answers) + _outcomes(worth)
    declared += "".join(_feedback_outcome(answer) for answer in answers)
    explained = {
        f"explanation.{answer.id}": answer.fields["explanation"]
        for answer in answers
        if answer.fields.get("explanation")
    }
    shown = "".join(_shown(answer) for answer in answers) + _explained(document, texts, explained)
    processing = f"<responseProcessing>{rules}</responseProcessing>"
    xml = _item(document, identifier, declared, "".join(body), processing, shown)
    return WrittenItem(xml, _markings(answers))


def _part_answers(
    parts: Sequence[Mapping[str, Any]], gaps: Sequence[str], texts: Texts, tell: Any, worth: Decimal
) -> list[Answer]:
    odd = next((part["type"] for part in parts if part["type"] not in PARTS), None)
    if odd is not None:
        raise CannotWrite(f"a part of the type {odd} cannot be asked by other systems")
    total = sum(part.get("weight", 1) for part in parts)
    answers = []
    for part in parts:
        share = worth * part.get("weight", 1) / total
        answer = Answer(part["id"], part, share, texts, tell, inline=part["id"] in gaps)
        WRITERS[part["type"]](answer)
        answers.append(answer)
    return answers


def _markings(answers: list[Answer]) -> dict[str, Any]:
    named = {answer.id: answer.marking for answer in answers if answer.marking}
    return {"markings": named} if named else {}


def _together(answers: list[Answer], worth: Decimal) -> str:
    for answer in answers:
        if any(
            each.get("credit")
            for name in ("options", "answers", "accepted")
            for each in answer.fields.get(name, ())
        ):
            answer.tell("partial credit within its parts")
    test = f"<and>{''.join(answer.right for answer in answers)}</and>"
    judged = f"<responseCondition><responseIf>{test}{add(points(worth))}</responseIf></responseCondition>"
    # The feedback on a number is said where its points would be.
    said = "".join(
        re.sub(r'<setOutcomeValue identifier="SCORE">.*?</setOutcomeValue>', "", answer.rules)
        for answer in answers
    )
    return judged + said


def _open(
    document: Mapping[str, Any], identifier: str, texts: Texts, tell: Any, worth: Decimal
) -> WrittenItem:
    body = texts.field("stem", document["stem"])
    if list(document["prompts"]) != [ANSWER]:
        tell("its stages are one text box")
        body += texts.field("stages", {"plain": "\n".join(each["title"] for each in document["prompts"])})
    if list(document["rubric"]) != [QUALITY]:
        tell("its rubric is written as a text for whoever scores")
        levels = "\n".join(f"{each['title']}: {' / '.join(each['levels'])}" for each in document["rubric"])
        body += f'<rubricBlock view="scorer"><div>{texts.xhtml({"plain": levels})}</div></rubricBlock>'
    for name in ("kind", "image", "max_chars", "follow_ups"):
        if document.get(name):
            tell(f"`{name}` of an open answer")
    if document.get("model_answer"):
        model = texts.xhtml(document["model_answer"])
        body += f'<rubricBlock view="scorer tutor" class="quizapp-model-answer">{model}</rubricBlock>'
    body += '<extendedTextInteraction responseIdentifier="RESPONSE" expectedLines="10"/>'
    declared = '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="string"/>'
    shown = _explained(document, texts)
    return WrittenItem(_item(document, identifier, declared + _outcomes(worth), body, "", shown))


def _in_a_block(answer: Answer) -> str:
    inline = answer.fields["type"] in ("short_text", "number")
    return f"<p>{answer.interaction}</p>" if inline else answer.interaction


def _outcomes(worth: Decimal) -> str:
    return "".join(
        f'<outcomeDeclaration identifier="{name}" cardinality="single" baseType="float">'
        f"<defaultValue><value>{value}</value></defaultValue></outcomeDeclaration>"
        for name, value in (("SCORE", "0"), ("MAXSCORE", f"{worth:f}"))
    )


def _feedback_outcome(answer: Answer) -> str:
    if not answer.feedback:
        return ""
    return (
        f'<outcomeDeclaration identifier="{answer.outcome}" cardinality="{answer.feedback_cardinality}"'
        ' baseType="identifier"/>'
    )


def _shown(answer: Answer) -> str:
    return "".join(
        f'<modalFeedback outcomeIdentifier="{answer.outcome}" identifier="{name}" showHide="show">'
        f"{answer.texts.xhtml(text)}</modalFeedback>"
        for name, text in answer.feedback
    )


def _explained(document: Mapping[str, Any], texts: Texts, others: Mapping[str, Any] | None = None) -> str:
    """Feedback that is always shown: an outcome that never has a value hides nothing."""
    explanations = {**(others or {})}
    if document.get("explanation"):
        explanations["explanation"] = document["explanation"]
    return "".join(
        f'<modalFeedback outcomeIdentifier="SOLUTION" identifier="{name}" showHide="hide">'
        f"{texts.xhtml(text)}</modalFeedback>"
        for name, text in explanations.items()
    )


def _item(
    document: Mapping[str, Any], identifier: str, declarations: str, body: str, processing: str, feedback: str
) -> str:
    title = attribute(document.get("name") or document["id"])
    if 'outcomeIdentifier="SOLUTION"' in feedback:
        declarations += (
            '<outcomeDeclaration identifier="SOLUTION" cardinality="single" baseType="identifier"/>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<assessmentItem xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{NAMESPACE} {SCHEMA}" identifier="{escape(identifier)}" title="{title}"'
        ' adaptive="false" timeDependent="false">\n'
        f"{declarations}\n<itemBody>{body}</itemBody>\n{processing}{feedback}\n</assessmentItem>\n"
    )
