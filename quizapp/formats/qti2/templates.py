"""The response processing of an item: its own rules, a standard template, or none."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from quizapp.formats.qti2.tree import attribute, first
from quizapp.formats.qti2.values import Declaration, NotScorable
from quizapp.formats.reading.xml import Element

_IF_RIGHT = (
    "<responseIf><match><variable identifier='{0}'/><correct identifier='{0}'/></match>{1}</responseIf>"
)
_SCORE = "<setOutcomeValue identifier='SCORE'>{0}</setOutcomeValue>"
_FEEDBACK = (
    "<setOutcomeValue identifier='{0}'><baseValue baseType='identifier'>{1}</baseValue></setOutcomeValue>"
)
_ONE = _SCORE.format("<baseValue baseType='float'>1</baseValue>")
_MAXIMUM = _SCORE.format("<variable identifier='MAXSCORE'/>")
_MAPPED = _SCORE.format("<mapResponse identifier='{0}'/>")


def _judged(score: str, feedback: str = "") -> str:
    """Right or wrong, with the feedback that Common Cartridge shows for either."""
    right = score + (_FEEDBACK.format(feedback, "correct") if feedback else "")
    wrong = f"<responseElse>{_FEEDBACK.format(feedback, 'incorrect')}</responseElse>" if feedback else ""
    return f"<responseCondition>{_IF_RIGHT.replace('{1}', right)}{wrong}</responseCondition>"


_CHOSEN = "<setOutcomeValue identifier='FEEDBACK'><variable identifier='{0}'/></setOutcomeValue>"
_ALL_OF_IT = (
    "<responseCondition><responseIf><equal toleranceMode='exact'><variable identifier='SCORE'/>"
    f"<variable identifier='MAXSCORE'/></equal>{_FEEDBACK.format('FEEDBACK', 'correct')}</responseIf>"
    f"<responseElse>{_FEEDBACK.format('FEEDBACK', 'incorrect')}</responseElse></responseCondition>"
)
TEMPLATES = {
    "match_correct": _judged(_ONE),
    "map_response": _MAPPED,
    "cc2_match": _judged(_ONE, "FEEDBACKBASIC") + _CHOSEN,
    "cc2_match_basic": _judged(_MAXIMUM, "FEEDBACKBASIC"),
    "cc2_map_response": _MAPPED + _ALL_OF_IT,
}
"""What the standard templates say, by the last part of their address; `{0}` is the response."""
OUTCOMES_OF_TEMPLATES = {
    "SCORE": Declaration("SCORE", base_type="float"),
    "MAXSCORE": Declaration("MAXSCORE", base_type="float"),
    "FEEDBACK": Declaration("FEEDBACK", base_type="identifier"),
    "FEEDBACKBASIC": Declaration("FEEDBACKBASIC", base_type="identifier"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules, and whether the item has any of its own."""

    element: Element
    given: bool


def rules_of(item: Element, responses: Mapping[str, Declaration]) -> Rules:
    """How an item is scored.  Raises `NotScorable` for a template that nobody knows.

    Without any rules, the key is what the response variables declare: their mapping, or else
    their correct response.
    """
    processing = first(item, "responseProcessing")
    if processing is not None and len(processing):
        return Rules(processing, given=True)
    address = ""
    if processing is not None:
        address = attribute(processing, "template") or attribute(processing, "templateLocation")
    if not address:
        return Rules(declared_rules(responses), given=False)
    name = address.rstrip("/").rpartition("/")[2].lower().removesuffix(".xml").removesuffix(".html")
    if name not in TEMPLATES:
        raise NotScorable(f"follows the template {name[:60]!r}")
    return Rules(_parsed(TEMPLATES[name].replace("{0}", _escaped(_response_of(responses)))), given=True)


def _response_of(responses: Mapping[str, Declaration]) -> str:
    """The response that a template is about: it is called RESPONSE, or the only one."""
    if "RESPONSE" in responses or len(responses) != 1:
        return "RESPONSE"
    return next(iter(responses))


def declared_rules(responses: Mapping[str, Declaration]) -> Element:
    """Rules as the mappings and correct responses would have them, each worth what it says."""
    terms = []
    for name, response in responses.items():
        if response.mapped:
            terms.append(_added(f"<mapResponse identifier='{_escaped(name)}'/>"))
        elif response.correct is not None:
            one = _added("<baseValue baseType='float'>1</baseValue>")
            right = _IF_RIGHT.replace("{1}", one).replace("{0}", _escaped(name))
            terms.append(f"<responseCondition>{right}</responseCondition>")
    return _parsed("".join(terms))


def _added(term: str) -> str:
    return _SCORE.format(f"<sum><variable identifier='SCORE'/>{term}</sum>")


def _parsed(rules: str) -> Element:
    return etree.fromstring(f"<responseProcessing>{rules}</responseProcessing>")


def _escaped(name: str) -> str:
    return name.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;")
