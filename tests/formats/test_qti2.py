"""Items of QTI 2.x and 3.0: what is asked, what is right, and what cannot be asked here."""

import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from quizapp.domain.imports import Import, Imported, Outcome, judge
from quizapp.formats import formats
from quizapp.formats.qti2 import Qti2

FILES = Path(__file__).parent / "files" / "qti2"
SAMPLES = sorted(FILES.glob("*.xml"))
CORPUS = Path(__file__).parents[3] / "shared" / "formats"
TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"
MATCH = f'<responseProcessing template="{TEMPLATES}match_correct"/>'
MAP = f'<responseProcessing template="{TEMPLATES}map_response.xml"/>'


def imported(data: bytes | str, name: str = "item.xml") -> Import:
    raw = data.encode() if isinstance(data, str) else data
    return judge(Qti2.read(raw, name, {}), name)


def only(data: bytes | str) -> Imported:
    [question] = imported(data).questions
    return question


def document(data: bytes | str) -> dict[str, Any]:
    question = only(data)
    assert question.outcome is Outcome.RECOVERED, question.diagnostics
    assert question.document is not None
    return question.document


def codes(data: bytes | str) -> set[str]:
    return {said.code for said in only(data).diagnostics}


def kept(data: bytes | str, code: str) -> Imported:
    """An item that is kept whole, for a reason."""
    question = only(data)
    assert question.outcome is Outcome.OPAQUE
    assert question.document is not None
    assert code in {said.code for said in question.diagnostics if said.severity == "error"}
    return question


def declare(
    correct: str = "",
    mapping: str = "",
    *,
    name: str = "RESPONSE",
    cardinality: str = "single",
    kind: str = "identifier",
    bounds: str = "",
) -> str:
    values = "".join(f"<value>{each}</value>" for each in correct.split("|") if each)
    right = f"<correctResponse>{values}</correctResponse>" if values else ""
    entries = "".join(
        f'<mapEntry mapKey="{key}" mappedValue="{worth}"/>'
        for key, _, worth in (each.partition("=") for each in mapping.split("|") if each)
    )
    mapped = f"<mapping {bounds}>{entries}</mapping>" if entries else ""
    return (
        f'<responseDeclaration identifier="{name}" cardinality="{cardinality}" baseType="{kind}">'
        f"{right}{mapped}</responseDeclaration>"
    )


def item(
    body: str, declared: str, processing: str = MATCH, rest: str = "", head: str = 'adaptive="false"'
) -> str:
    return (
        '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i1" title="An item"'
        f' {head} timeDependent="false">{declared}'
        '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
        '<outcomeDeclaration identifier="FEEDBACK" cardinality="multiple" baseType="identifier"/>'
        f"<itemBody>{body}</itemBody>{processing}{rest}</assessmentItem>"
    )


def choices(*texts: str, most: int = 1, name: str = "RESPONSE", prompt: str = "") -> str:
    asked = f"<prompt>{prompt}</prompt>" if prompt else ""
    listed = "".join(
        f'<simpleChoice identifier="{letter}">{text}</simpleChoice>'
        for letter, text in zip("ABCDEFGHIJKLMNOP", texts, strict=False)
    )
    return f'<choiceInteraction responseIdentifier="{name}" maxChoices="{most}">{asked}{listed}</choiceInteraction>'


def rules(text: str) -> str:
    return f"<responseProcessing>{text}</responseProcessing>"


LOCKS = choices("Shared", "Exclusive", "None at all")


def test_a_choice_has_its_key_its_credits_its_feedback_and_its_points() -> None:
    found = document((FILES / "queue_21.xml").read_bytes())

    assert found["type"] == "single_choice"
    assert found["points"] == 2
    assert found["markup"] == "html"
    assert found["name"] == "A full queue"
    assert found["options"] == [
        {"text": "The producer waits.", "feedback": "Nothing tells it to."},
        {"text": "Memory runs out.", "key": True, "feedback": "A bounded queue would push back."},
        {"text": "Latency grows.", "credit": "0.5"},
    ]
    assert "Think of memory." in found["stem"]
    assert "producer &amp; the queue is <em>unbounded</em>.<br/>What" in found["stem"]
    assert "comment" not in found["stem"]
    assert "back pressure" not in found["stem"]
    assert found["origin"] == {
        "format": "qti2",
        "id": "17",
        "settings": {
            "version": "2.1",
            "shuffle": "true",
            "language": "en",
            "rubric-scorer-tutor": "<p>Discuss back pressure afterwards.</p>",
        },
    }


def test_answers_inside_a_text_are_gaps_with_their_weights() -> None:
    found = document((FILES / "headers_30.xml").read_bytes())

    assert found["type"] == "composite"
    assert found["points"] == 3
    assert "carries [[gap1]], so" in found["text"]
    assert "with\n      [[gap2]].</p>" in found["text"]
    assert 'data-catalog-idref="c1"' in found["text"]
    text, status = found["parts"]
    # In 3.0 capitals do not count unless the item says so.
    assert text == {"id": "gap1", "type": "short_text", "answers": [{"text": "ETag"}]}
    assert status["weight"] == 2
    assert status["options"] == [{"text": "200"}, {"text": "304", "key": True}]
    assert found["origin"]["settings"]["version"] == "3.0"


def test_prefixed_names_of_2_0_are_read_and_what_is_left_over_is_a_distractor() -> None:
    found = document((FILES / "protocols_20.xml").read_bytes())

    assert found["type"] == "matching"
    assert found["stem"] == "<p>Which port belongs to which protocol?</p>"
    assert [(pair["prompt"], pair["match"]) for pair in found["pairs"]] == [
        ("SSH", "22"),
        ("DNS", "53"),
        ("HTTPS", "443"),
    ]
    assert found["distractors"] == [{"text": "25"}]
    assert found["points"] == 3


def test_a_number_has_its_tolerance_other_values_and_feedback_for_the_rest() -> None:
    found = document((FILES / "latency_22.xml").read_bytes())

    assert found["type"] == "number"
    assert (found["answer"], found["tolerance"]) == ("0.2", {"absolute": "0.01"})
    assert found["accepted"] == [{"value": "5", "credit": "0.25", "feedback": "That is λ over L."}]
    assert found["otherwise"] == "Divide what is in flight by the rate."
    assert "<math><mi>L</mi><mo>=</mo>" in found["stem"]
    assert found["points"] == 4


@pytest.mark.parametrize(
    "address",
    [
        "http://www.imsglobal.org/question/qti_v2p0/rptemplates/match_correct",
        "http://www.imsglobal.org/question/qti_v2p2/rptemplates/match_correct.xml",
        "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml",
        "rptemplates/CC2_match.xml",
    ],
)
def test_a_standard_template_is_known_by_any_of_its_addresses(address: str) -> None:
    for place in ("template", "templateLocation"):
        found = document(item(LOCKS, declare("B"), f'<responseProcessing {place}="{address}"/>'))

        assert [bool(option.get("key")) for option in found["options"]] == [False, True, False]


def test_a_template_that_nobody_knows_is_flagged_and_never_guessed() -> None:
    processing = '<responseProcessing template="https://example.org/rp/count_vowels.xml"/>'

    question = kept(item(LOCKS, declare("B"), processing), "scoring")

    assert "count_vowels" in question.diagnostics[0].message
    assert "Shared" in str(question.document)


def test_two_statements_true_and_false_are_a_statement_to_judge() -> None:
    body = "<p>TCP keeps the order.</p>" + choices("True", "False").replace('"A"', '"true"').replace(
        '"B"', '"false"'
    )
    feedback = '<modalFeedback outcomeIdentifier="FEEDBACK" identifier="false" showHide="show">It does.</modalFeedback>'
    processing = rules(
        '<setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/></setOutcomeValue>'
        '<responseCondition><responseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>'
        '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
        "</responseIf></responseCondition>"
    )

    found = document(item(body, declare("true"), processing, feedback))

    assert (found["type"], found["answer"], found["feedback_false"]) == ("true_false", True, "It does.")


def test_several_choices_count_all_together_or_each_for_itself() -> None:
    body = choices("a", "b", "c", "d", most=0)
    together = document(item(body, declare("A|C", cardinality="multiple")))
    each = document(
        item(
            body,
            declare("A|C", "A=1|C=1|B=-1", cardinality="multiple", bounds='lowerBound="0" defaultValue="-2"'),
            MAP,
        )
    )

    assert together["marking"] == "all_or_nothing"
    assert [option.get("key", False) for option in together["options"]] == [True, False, True, False]
    assert each["marking"] == "weighted"
    assert [option.get("credit") for option in each["options"]] == ["0.5", "-0.5", "0.5", "-1"]
    assert each["points"] == 2


def test_a_choice_with_more_options_than_can_all_be_combined_is_worked_out_too() -> None:
    texts = [f"option {letter}" for letter in "abcdefghijkl"]
    mapped = declare(
        "A|B|C",
        "A=1|B=1|C=1",
        cardinality="multiple",
        bounds='lowerBound="0" upperBound="3" defaultValue="-1"',
    )

    found = document(item(choices(*texts, most=0), mapped, MAP))

    earned = [option.get("credit") for option in found["options"]]
    assert earned == ["0.3333333"] * 3 + ["-0.3333333"] * 9


def test_scoring_that_is_no_sum_of_choices_is_flagged() -> None:
    pair = '<match><variable identifier="RESPONSE"/><multiple>{}</multiple></match>'
    base = '<baseValue baseType="identifier">{}</baseValue>'
    one, two = (pair.format("".join(base.format(name) for name in names)) for names in ("AB", "CD"))
    score = '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
    processing = rules(
        f"<responseCondition><responseIf><or>{one}{two}</or>{score}</responseIf></responseCondition>"
    )

    kept(
        item(choices("a", "b", "c", "d", most=0), declare("A|B", cardinality="multiple"), processing),
        "scoring",
    )


@pytest.mark.parametrize(
    "expression",
    [
        '<customOperator class="x.Y"><variable identifier="RESPONSE"/></customOperator>',
        "<random><multiple><baseValue baseType='float'>1</baseValue></multiple></random>",
        '<mapResponsePoint identifier="RESPONSE"/>',
        '<variable identifier="numAttempts"/>',
        '<variable identifier="NOT_DECLARED"/>',
        '<baseValue baseType="float">many</baseValue>',
        '<baseValue baseType="float">1e999999</baseValue>',
        "<patternMatch pattern='(a+)+$'><variable identifier='RESPONSE'/></patternMatch>",
        "<__class__/>",
    ],
)
def test_what_cannot_be_worked_out_is_flagged(expression: str) -> None:
    processing = rules(f'<setOutcomeValue identifier="SCORE">{expression}</setOutcomeValue>')

    kept(item(LOCKS, declare("B"), processing), "scoring")


def test_rules_without_a_score_leave_it_to_the_declared_key() -> None:
    processing = rules(
        '<setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/></setOutcomeValue>'
    )

    found = item(LOCKS, declare("B"), processing)

    assert document(found)["options"][1]["key"]
    assert "no_processing" in codes(found)


def test_an_item_without_processing_is_read_by_its_key_and_flagged() -> None:
    by_key = item(LOCKS, declare("B"), "")
    by_mapping = item(LOCKS, declare("", "B=2|C=1"), "<responseProcessing/>")

    assert document(by_key)["options"][1] == {"text": "Exclusive", "key": True}
    assert [option.get("credit") for option in document(by_mapping)["options"]] == [None, None, "0.5"]
    assert "no_processing" in codes(by_key) & codes(by_mapping)


def test_an_item_that_names_no_right_answer_is_kept() -> None:
    kept(item(LOCKS, declare(), ""), "no_key")
    kept(item(LOCKS, declare(), MATCH), "no_key")


@pytest.mark.parametrize(
    ("head", "declared", "code"),
    [
        ('adaptive="true"', "", "adaptive"),
        (
            'adaptive="false"',
            '<templateDeclaration identifier="N" cardinality="single" baseType="integer"/>',
            "template",
        ),
    ],
)
def test_items_that_are_programs_are_kept(head: str, declared: str, code: str) -> None:
    question = kept(item(f"<p>Which lock?</p>{LOCKS}", declare("B") + declared, head=head), code)

    assert question.document is not None
    assert question.document["kind"] == "choiceInteraction"
    assert "Which lock?" in question.document["stem"]["html"]
    assert "<li>Exclusive</li>" in question.document["stem"]["html"]


@pytest.mark.parametrize(
    "name", ["hotspotInteraction", "sliderInteraction", "uploadInteraction", "customInteraction"]
)
def test_interactions_that_cannot_be_shown_here_are_kept_to_the_letter(name: str) -> None:
    text = item(f'<p>Point at it.</p><{name} responseIdentifier="RESPONSE"/>', declare("A"))

    question = kept(text, "kind")

    assert question.document is not None
    assert question.document["source"] == text
    assert question.document["kind"] == name


def test_an_xinclude_is_told_and_never_followed() -> None:
    body = f'<div><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname"/></div>{LOCKS}'

    assert "xinclude" in codes(item(body, declare("B")))


def test_a_prefix_that_is_not_declared_does_not_spoil_the_item() -> None:
    body = f'<div><xi:include href="shared.xml"/></div>{LOCKS}'

    assert {"xinclude", "xml"} <= codes(item(body, declare("B")))
    assert document(item(body, declare("B")))["type"] == "single_choice"


def test_an_order_is_read_as_it_is_right() -> None:
    body = (
        '<p>How does a name become an address?</p><orderInteraction responseIdentifier="RESPONSE">'
        '<simpleChoice identifier="A">Root</simpleChoice><simpleChoice identifier="B">Cache</simpleChoice>'
        '<simpleChoice identifier="C">Zone</simpleChoice></orderInteraction>'
    )
    found = document(item(body, declare("B|A|C", cardinality="ordered")))

    assert [each["text"] for each in found["items"]] == ["Cache", "Root", "Zone"]
    assert "marking" in codes(item(body, declare("B|A|C", cardinality="ordered")))


ASSOCIATE = (
    '<associateInteraction responseIdentifier="RESPONSE" maxAssociations="2"><prompt>What belongs together?</prompt>'
    + "".join(
        f'<simpleAssociableChoice identifier="{name}" matchMax="{most}">{text}</simpleAssociableChoice>'
        for name, most, text in (
            ("A", 1, "INSERT"),
            ("B", 1, "201"),
            ("C", 1, "DELETE"),
            ("D", 1, "204"),
            ("E", 0, "418"),
        )
    )
    + "</associateInteraction>"
)


def test_things_of_one_list_become_prompts_and_matches() -> None:
    found = document(item(ASSOCIATE, declare("B A|C D", cardinality="multiple", kind="pair")))

    assert [(pair["prompt"], pair["match"]) for pair in found["pairs"]] == [
        ("INSERT", "201"),
        ("DELETE", "204"),
    ]
    assert found["distractors"] == [{"text": "418"}]


def match(*left: str, right: str = "xyz") -> str:
    sides = (
        "".join(
            f'<simpleAssociableChoice identifier="{each}" matchMax="0">{each}</simpleAssociableChoice>'
            for each in side
        )
        for side in (left, right)
    )
    sets = "".join(f"<simpleMatchSet>{side}</simpleMatchSet>" for side in sides)
    return f'<p>Match.</p><matchInteraction responseIdentifier="RESPONSE" maxAssociations="0">{sets}</matchInteraction>'


def test_lists_joined_in_other_ways_become_the_type_that_fits() -> None:
    def read(key: str) -> dict[str, Any]:
        return document(item(match("a", "b"), declare(key, cardinality="multiple", kind="directedPair")))

    turned = read("a x|a y|b z")
    table = read("a x|a y|b y|b z")
    alone = document(
        item(match("a", "b", "c"), declare("a x|a y|b y", cardinality="multiple", kind="directedPair"))
    )

    assert [(pair["prompt"], pair["match"]) for pair in turned["pairs"]] == [
        ("x", "a"),
        ("y", "a"),
        ("z", "b"),
    ]
    assert table["type"] == "matrix"
    assert table["rows"] == [{"text": "a", "key": ["x", "y"]}, {"text": "b", "key": ["y", "z"]}]
    assert [part["type"] for part in alone["parts"]] == ["multiple_choice", "single_choice"]


def test_words_marked_in_a_text_are_the_options() -> None:
    body = (
        '<hottextInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>What is wrong?</prompt>'
        '<p>A <hottext identifier="A">mutex</hottext> lets <hottext identifier="B">many</hottext> in.</p></hottextInteraction>'
    )
    found = document(item(body, declare("B")))

    assert found["options"] == [{"text": "mutex"}, {"text": "many", "key": True}]
    assert "A <strong>mutex</strong> lets" in found["stem"]


def test_things_dragged_into_a_text_are_choices_in_gaps() -> None:
    body = (
        '<gapMatchInteraction responseIdentifier="RESPONSE"><prompt>Complete it.</prompt>'
        '<gapText identifier="W" matchMax="1">write</gapText><gapText identifier="R" matchMax="1">read</gapText>'
        '<p>A replica may <gap identifier="G1"/>, the primary may <gap identifier="G2"/>. [[note]]</p></gapMatchInteraction>'
    )
    key = declare("R G1|W G2", "R G1=1|W G2=3", cardinality="multiple", kind="directedPair")
    weighed = document(item(body, key, MAP))
    together = document(item(body, declare("R G1|W G2", cardinality="multiple", kind="directedPair")))

    assert weighed["stem"] == "<p>Complete it.</p>"
    assert "may [[gap1]], the primary may [[gap2]]. [&#91;note]]" in weighed["text"]
    assert [part.get("weight", 1) for part in weighed["parts"]] == [1, 3]
    assert together["marking"] == "all_or_nothing"


def test_a_text_is_compared_as_the_mapping_says() -> None:
    entry = '<mapEntry mapKey="{}" mappedValue="{}" caseSensitive="{}"/>'
    mapping = entry.format("Raft", 1, "true") + entry.format("raft", "0.5", "true")
    declared = declare(kind="string").replace("</responseD", f"<mapping>{mapping}</mapping></responseD")
    body = '<p>Which algorithm elects leaders by terms?</p><p><textEntryInteraction responseIdentifier="RESPONSE"/></p>'

    found = document(item(body, declared, MAP))
    folded = document(item(body, declared.replace('"true"', '"false"').replace('"raft"', '"raf*"'), MAP))

    assert found["type"] == "short_text"
    assert found["case_sensitive"]
    assert found["answers"] == [{"text": "Raft"}, {"text": "raft", "credit": "0.5"}]
    assert "case_sensitive" not in folded
    assert folded["answers"] == [{"text": "Raft"}, {"text": "raf\\*", "credit": "0.5"}]
    assert found["stem"] == "<p>Which algorithm elects leaders by terms?</p>\n<p></p>".replace("\n", "")


def test_a_mapping_that_rewards_every_text_is_flagged() -> None:
    declared = declare("", "Raft=1", kind="string", bounds='defaultValue="1"')

    kept(
        item('<p>Say anything: <textEntryInteraction responseIdentifier="RESPONSE"/></p>', declared, MAP),
        "scoring",
    )


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('<equal toleranceMode="relative" tolerance="5 5">{c}{v}</equal>', {"relative": "0.05"}),
        (
            '<equalRounded roundingMode="significantFigures" figures="3">{v}{c}</equalRounded>',
            {"significant_figures": 3},
        ),
        (
            '<equalRounded roundingMode="decimalPlaces" figures="1">{v}{c}</equalRounded>',
            {"absolute": "0.05"},
        ),
        (
            '<and><gte>{v}<baseValue baseType="float">39.5</baseValue></gte><lte>{v}<baseValue baseType="float">40.5'
            "</baseValue></lte></and>",
            {"absolute": "0.5"},
        ),
    ],
)
def test_a_tolerance_is_understood_however_it_is_written(test: str, expected: dict[str, Any]) -> None:
    condition = test.format(v='<variable identifier="RESPONSE"/>', c='<correct identifier="RESPONSE"/>')
    score = '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
    processing = rules(f"<responseCondition><responseIf>{condition}{score}</responseIf></responseCondition>")
    body = '<p>How many? <textEntryInteraction responseIdentifier="RESPONSE"/></p>'

    found = document(item(body, declare("40", kind="float"), processing))

    assert (found["answer"], found["tolerance"]) == ("40", expected)


def test_numbers_without_an_end_are_flagged() -> None:
    score = '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
    condition = '<gt><variable identifier="RESPONSE"/><baseValue baseType="float">3</baseValue></gt>'
    processing = rules(f"<responseCondition><responseIf>{condition}{score}</responseIf></responseCondition>")

    kept(
        item(
            '<p><textEntryInteraction responseIdentifier="RESPONSE"/></p>',
            declare("4", kind="float"),
            processing,
        ),
        "scoring",
    )


def added(name: str, score: str = "1") -> str:
    return (
        f'<responseCondition><responseIf><match><variable identifier="{name}"/><correct identifier="{name}"/></match>'
        '<setOutcomeValue identifier="SCORE"><sum><variable identifier="SCORE"/>'
        f'<baseValue baseType="float">{score}</baseValue></sum></setOutcomeValue></responseIf></responseCondition>'
    )


TWO = (
    "<p>A table has no index.</p><p>What is read?</p>"
    + choices("All rows", "One row", name="R1")
    + "<p>And with one?</p>"
    + choices("All rows", "One row", name="R2")
)
BOTH = declare("A", name="R1") + declare("B", name="R2")


def test_several_answers_are_parts_with_the_text_before_them() -> None:
    found = document(item(TWO, BOTH, rules(added("R1") + added("R2", "3"))))

    assert found["stem"] == "<p>A table has no index.</p>"
    assert [part["prompt"] for part in found["parts"]] == ["<p>What is read?</p>", "<p>And with one?</p>"]
    assert [part.get("weight", 1) for part in found["parts"]] == [1, 3]
    assert found["points"] == 4


def test_answers_that_count_together_only_are_all_or_nothing() -> None:
    test = "".join(
        f'<match><variable identifier="{name}"/><correct identifier="{name}"/></match>'
        for name in ("R1", "R2")
    )
    score = '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">2</baseValue></setOutcomeValue>'
    whole = f"<responseCondition><responseIf><and>{test}</and>{score}</responseIf>"

    found = document(item(TWO, BOTH, rules(f"{whole}</responseCondition>")))
    half = score.replace(">2<", ">1<")
    first = '<match><variable identifier="R1"/><correct identifier="R1"/></match>'

    assert found["marking"] == "all_or_nothing"
    # One answer that counts only with the other is no sum of parts.
    kept(
        item(TWO, BOTH, rules(f"{whole}<responseElseIf>{first}{half}</responseElseIf></responseCondition>")),
        "scoring",
    )


def test_a_free_text_is_read_by_people() -> None:
    body = '<extendedTextInteraction responseIdentifier="RESPONSE"><prompt>Explain MVCC.</prompt></extendedTextInteraction>'

    found = document(item(body, declare(kind="string"), ""))

    assert found["type"] == "open_response"
    assert found["stem"] == "<p>Explain MVCC.</p>"
    assert "rubric" in codes(item(body, declare(kind="string"), ""))
    kept(
        item(body + LOCKS.replace("RESPONSE", "R2"), declare(kind="string") + declare("B", name="R2")), "kind"
    )


def test_an_item_that_asks_nothing_is_a_text_and_one_without_text_is_kept() -> None:
    assert document(item("<p>Read the schema first.</p>", "", ""))["type"] == "information"
    kept(item("", "", ""), "empty")


def test_hints_behind_a_button_are_hints_and_feedback_as_a_whole_is_explanation() -> None:
    body = LOCKS + '<endAttemptInteraction responseIdentifier="HELP" title="Hint"/>'
    declared = (
        declare("B") + '<responseDeclaration identifier="HELP" cardinality="single" baseType="boolean"/>'
    )
    show = '<setOutcomeValue identifier="FEEDBACK"><multiple><baseValue baseType="identifier">{}</baseValue></multiple></setOutcomeValue>'
    score = '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
    processing = rules(
        f'<responseCondition><responseIf><variable identifier="HELP"/>{show.format("hint")}</responseIf>'
        f'<responseElseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>{score}'
        f"</responseElseIf></responseCondition>"
    )
    rest = (
        '<modalFeedback outcomeIdentifier="FEEDBACK" identifier="hint" showHide="show">Writers wait.</modalFeedback>'
        '<modalFeedback outcomeIdentifier="FEEDBACK" identifier="never" showHide="hide">See the manual.</modalFeedback>'
        '<modalFeedback outcomeIdentifier="FEEDBACK" identifier="lost" showHide="show">Nobody sees this.</modalFeedback>'
    )

    text = item(body, declared, processing, rest)
    found = document(text)

    assert found["hints"] == ["Writers wait."]
    assert found["explanation"] == "See the manual."
    assert found["origin"]["settings"]["feedback-lost"] == "Nobody sees this."
    assert "feedback" in codes(text)


def test_the_same_option_twice_is_kept_once_unless_it_is_right_and_wrong() -> None:
    twice = item(choices("a", "a", "b"), declare("C"))

    assert [option["text"] for option in document(twice)["options"]] == ["a", "b"]
    assert "duplicate_option" in codes(twice)
    kept(item(choices("a", "a", "b"), declare("A")), "not_askable")


def test_what_costs_points_is_told() -> None:
    assert "negative" in codes(item(LOCKS, declare("B", "B=1|A=-1"), MAP))


def test_elements_that_are_no_part_of_qti_do_not_give_the_key_away() -> None:
    text = item(f"<rationale>B is right.</rationale>{LOCKS}", declare("B"))

    assert "B is right" not in document(text)["stem"]
    assert "unknown_element" in codes(text)


def test_films_and_values_of_variables_are_told() -> None:
    body = (
        f'<p>Watch. <object data="a.mp4" type="video/mp4"/> <printedVariable identifier="SCORE"/></p>{LOCKS}'
    )

    assert {"media", "variable"} <= codes(item(body, declare("B")))


def test_no_picture_is_fetched_and_every_missing_one_is_told() -> None:
    remote = item(f'<p><img src="https://example.org/a.png" alt=""/></p>{LOCKS}', declare("B"))
    missing = item(f'<p><object data="plan.png" type="image/png">The plan</object></p>{LOCKS}', declare("B"))

    assert "remote_image" in codes(remote)
    assert "missing_image" in codes(missing)
    assert '<img src="plan.png" alt="The plan"/>' in document(missing)["stem"]


def test_several_items_in_one_file_are_read_each_for_itself() -> None:
    text = f"<items>\n{item(LOCKS, declare('B'))}\n{item(LOCKS, declare())}</items>"

    first, second = imported(text).questions

    assert (first.outcome, second.outcome) == (Outcome.RECOVERED, Outcome.OPAQUE)
    assert (first.line, second.line) == (2, 3)


def test_entities_of_its_own_and_broken_xml_are_refused_and_kept() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "y">]>' + item(LOCKS, declare("B"))
    broken = item(LOCKS, declare("B"))[:-40]

    kept(bomb, "xml")
    question = kept(broken, "xml")
    assert question.name == "An item"


def test_a_file_without_items_says_so() -> None:
    found = imported(
        '<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="t" title="T"/>'
    )

    assert [said.code for said in found.about_file] == ["no_questions"]


def test_items_are_recognised_by_content_in_any_encoding() -> None:
    for sample in SAMPLES:
        text = sample.read_text(encoding="utf-8")
        for data in (text.encode(), text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode()):
            assert formats["qti2"].recognises(data, "a.bin") >= 90
    assert Qti2.recognises(b"<quiz><question/></quiz>", "item.xml") == 0
    assert Qti2.recognises(b"", "item.xml") == 0


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_an_item_means_the_same_in_every_encoding(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    expected = document(text)

    for data in (text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode(), text.replace("\n", "\r\n").encode()):
        assert document(data) == expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_damaged_item_is_never_half_believed(sample: Path) -> None:
    data = sample.read_bytes()
    random = Random(7)
    damaged = [data[: len(data) * point // 20] for point in range(20)]
    for _ in range(40):
        flipped = bytearray(data)
        for _ in range(3):
            flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
        damaged.append(bytes(flipped))
    for each in damaged:
        found = imported(each)
        assert len(found.questions) == sum(found.count(outcome) for outcome in Outcome)
        assert all(said.line >= 1 for said in found.diagnostics)
    assert all(imported(each).count(Outcome.RECOVERED) == 0 for each in damaged[:20])


def test_a_hostile_item_is_given_up_in_good_time() -> None:
    many = "".join(f'<simpleChoice identifier="c{n}">{n}</simpleChoice>' for n in range(20_000))
    deep = "<div>" * 200 + LOCKS + "</div>" * 200
    long_rules = rules(added("RESPONSE") * 3_000)
    nested = f'<setOutcomeValue identifier="SCORE">{"<sum>" * 230}<null/>{"</sum>" * 230}</setOutcomeValue>'
    wide = "".join(f'<baseValue baseType="string">{n}</baseValue>' for n in range(20_000))
    listed = rules(
        f'<setOutcomeValue identifier="SCORE"><containerSize><multiple>{wide}</multiple></containerSize></setOutcomeValue>'
    )
    entry = '<p>Name it: <textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    texts = item(
        f'<choiceInteraction responseIdentifier="RESPONSE" maxChoices="0">{many}</choiceInteraction>',
        declare("c1", cardinality="multiple"),
    )
    started = time.process_time()

    kept(texts, "kind")
    assert document(item(deep, declare("B")))["type"] == "single_choice"
    kept(item(LOCKS, declare("B"), rules(nested)), "no_key")
    kept(item(entry, declare("B", kind="string"), listed), "scoring")
    kept(item(choices(*"abcdefgh", most=0), declare("A", cardinality="multiple"), long_rules), "scoring")
    assert time.process_time() - started < 20


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real question files is not beside the project")
def test_every_real_item_is_carried() -> None:
    rows = [line.split("\t") for line in (CORPUS / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()]
    counted = {row[1]: int(row[2] or 0) for row in rows if row[0] in ("qti2", "qti3")}
    recovered = 0
    for name, expected in counted.items():
        started = time.process_time()
        found = imported((CORPUS / name).read_bytes(), name)
        assert time.process_time() - started < 2
        assert found.count(Outcome.DROPPED) == 0
        assert len(found.questions) >= expected
        recovered += found.count(Outcome.RECOVERED)
    assert recovered >= 300


def test_reading_bytes_that_are_no_text_at_all_raises_nothing() -> None:
    for data in (b"", b"\0" * 50, bytes(range(256)), b"PK\x03\x04broken"):
        assert imported(data).questions == () or imported(data).count(Outcome.RECOVERED) == 0
