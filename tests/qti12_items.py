"""Makers of QTI 1.2 items; a test writes only what matters to it."""

from html import escape
from typing import Any

from quizapp.domain.imports import Import, Imported, judge
from quizapp.formats.qti12 import Qti12


def read(text: str | bytes, name: str = "quiz.xml") -> Import:
    data = text.encode() if isinstance(text, str) else text
    return judge(Qti12.read(data, name, {}), name)


def one(text: str) -> Imported:
    [question] = read(text).questions
    return question


def named(found: Import) -> dict[str, dict[str, Any]]:
    return {each.name: each.document or {} for each in found.questions}


def codes(question: Imported) -> list[str]:
    return [said.code for said in question.diagnostics]


def material(text: str, kind: str = "html") -> str:
    return f'<material><mattext texttype="text/{kind}">{escape(text, quote=False)}</mattext></material>'


def item(inside: str, rules: str = "", kind: str = "", tail: str = "", stem: str = "Which one?") -> str:
    field = f"<qtimetadatafield><fieldlabel>question_type</fieldlabel><fieldentry>{kind}</fieldentry></qtimetadatafield>"
    return f"""<questestinterop><item ident="i1" title="T">
<itemmetadata><qtimetadata>{field if kind else ""}</qtimetadata></itemmetadata>
<presentation>{material(stem)}{inside}</presentation>
<resprocessing><outcomes><decvar varname="SCORE" minvalue="0" maxvalue="100"/></outcomes>{rules}</resprocessing>
{tail}</item></questestinterop>"""


def options(*texts: str, cardinality: str = "Single", ident: str = "r") -> str:
    labels = "".join(
        f'<response_label ident="{letter}">{material(text, "plain")}</response_label>'
        for letter, text in zip("abcdefgh", texts, strict=False)
    )
    return f'<response_lid ident="{ident}" rcardinality="{cardinality}"><render_choice>{labels}</render_choice></response_lid>'


def rule(test: str, score: object = 100, action: str = "Set") -> str:
    setting = f'<setvar varname="SCORE" action="{action}">{score}</setvar>'
    return f"<respcondition><conditionvar>{test}</conditionvar>{setting}</respcondition>"


def equal(value: str, ident: str = "r", more: str = "") -> str:
    return f'<varequal respident="{ident}"{more}>{value}</varequal>'


TYPED = '<response_str ident="r" rcardinality="Single"><render_fib/></response_str>'
NUMBER = '<response_num ident="r" rcardinality="Single"><render_fib fibtype="Decimal"/></response_num>'
