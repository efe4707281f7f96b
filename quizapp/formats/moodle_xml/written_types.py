"""What is particular to each type of question, as Moodle XML."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from quizapp.domain.texts import Marked, Markup
from quizapp.formats.moodle_xml.marks import Document, Marks
from quizapp.formats.moodle_xml.written_cloze import cloze
from quizapp.formats.moodle_xml.written_numbers import numbers
from quizapp.formats.reading.moodle_choices import is_neutral
from quizapp.formats.reading.moodle_documents import RUBRIC
from quizapp.formats.reading.moodle_question import spelled

NONE, FULL = Decimal(0), Decimal(1)
NOTHING = Marked("", Markup.HTML)


def single_choice(marks: Marks) -> tuple[str, str]:
    """The type and what belongs to it."""
    answers = [
        marks.answer(marks.text_of(option, "text"), _earns(option), marks.text_of(option, "feedback"))
        for option in marks.document["options"]
    ]
    return "multichoice", "<single>true</single>\n" + "".join(answers)


def multiple_choice(marks: Marks) -> tuple[str, str]:
    """Several right options: with the marks that add up to the same, or as all or nothing."""
    options: Sequence[Document] = marks.document["options"]
    marking = marks.document.get("marking", "right_minus_wrong")
    keys, kind = sum(bool(option.get("key")) for option in options), "multichoice"
    if marking == "weighted":
        earned = [Decimal(str(option.get("credit") or 0)) for option in options]
    elif marking == "all_or_nothing" or _is_of_the_open_university(marks):
        kind = "multichoiceset" if marking == "all_or_nothing" else "oumultiresponse"
        marks.limit(f"its marking needs the plugin “{kind}” in Moodle")
        earned = [Decimal(bool(option.get("key"))) for option in options]
    else:
        share = _share_of(keys)
        earned = [share if option.get("key") else -share for option in options]
        if marking == "per_option":
            marks.limit("Moodle cannot mark every option by itself; a wrong choice cancels a right one")
    answers = [
        marks.answer(marks.text_of(option, "text"), earns, marks.text_of(option, "feedback"))
        for option, earns in zip(options, earned, strict=True)
    ]
    return kind, "<single>false</single>\n" + "".join(answers)


def _is_of_the_open_university(marks: Marks) -> bool:
    """Whether it came as a question of the plugin `oumultiresponse`."""
    settings = (marks.document.get("origin") or {}).get("settings", {})
    return bool(settings.get("qtype") == "oumultiresponse")


def true_false(marks: Marks) -> tuple[str, str]:
    """A statement."""
    answers = []
    for said in (True, False):
        word = Marked(str(said).lower(), Markup.PLAIN)
        feedback = marks.text_of(marks.document, f"feedback_{word}")
        answers.append(marks.answer(word, Decimal(said is marks.document["answer"]), feedback, plain=True))
    return "truefalse", "".join(answers)


def short_text(marks: Marks) -> tuple[str, str]:
    """Patterns; what is known to be wrong stands behind what is right."""
    document = marks.document
    entries = [*document["answers"], *({**each, "credit": 0} for each in document.get("mistakes", ()))]
    answers = [
        marks.answer(
            Marked(each["text"], Markup.PLAIN),
            Decimal(str(each.get("credit", 1))),
            marks.text_of(each, "feedback"),
            plain=True,
        )
        for each in entries
    ]
    usecase = "1" if document.get("case_sensitive") else "0"
    return "shortanswer", marks.words("usecase", usecase) + "".join(answers)


def number(marks: Marks) -> tuple[str, str]:
    """A number with its tolerance, others, and units."""
    document = marks.document
    answers = [
        marks.answer(
            Marked(value, Markup.PLAIN),
            earns,
            feedback,
            plain=True,
            more=marks.words("tolerance", tolerance),
        )
        for value, tolerance, earns, feedback in numbers(document, marks)
    ]
    if document.get("suffixes"):
        marks.limit("Moodle does not read suffixes such as 1.5k")
    return "numerical", "".join(answers) + _units(marks)


def _units(marks: Marks) -> str:
    document = marks.document
    if not document.get("unit"):
        return ""
    factors = {document["unit"]: FULL} | {
        name: FULL / Decimal(str(factor)) for name, factor in document.get("units", {}).items()
    }
    units = "".join(
        f"<unit>\n{marks.words('multiplier', spelled(factor))}{marks.words('unit_name', name)}</unit>\n"
        for name, factor in factors.items()
    )
    graded = "1" if document.get("unit_required") else "0"
    kept = (document.get("origin") or {}).get("settings", {})
    written = "" if "unitgradingtype" in kept else marks.words("unitgradingtype", graded)
    return f"{written}<units>\n{units}</units>\n"


def matching(marks: Marks) -> tuple[str, str]:
    """Pairs, and answers that belong to nothing; Moodle's answers are plain."""
    document = marks.document
    if any(pair.get("feedback") for pair in document["pairs"]):
        marks.limit("the feedback of its pairs has no place in Moodle")
    if any(each.get("feedback") for each in document.get("distractors", ())):
        marks.limit("the feedback of its distractors has no place in Moodle")
    pairs = [(marks.text_of(pair, "prompt"), marks.text_of(pair, "match")) for pair in document["pairs"]] + [
        (NOTHING, marks.text_of(each, "text")) for each in document.get("distractors", ())
    ]
    written = []
    for left, right in pairs:
        if right.markup is not Markup.PLAIN and not is_neutral(right, right.markup):
            marks.limit("Moodle shows the answers of a matching without markup")
        written.append(marks.text("subquestion", left, inside=marks.in_text("answer", right)))
    return "matching", "".join(written)


def ordering(marks: Marks) -> tuple[str, str]:
    """Items in their order, graded by the longest run as here."""
    items = [
        marks.text(
            "answer",
            marks.text_of(item, "text"),
            f' fraction="{place}"',
            marks.text("feedback", marks.text_of(item, "feedback")),
        )
        for place, item in enumerate(marks.document["items"], start=1)
    ]
    origin = marks.document.get("origin") or {}
    grading = "" if origin.get("format") == "moodle_xml" else marks.words("gradingtype", "5")
    return "ordering", grading + "".join(items)


def open_response(marks: Marks) -> tuple[str, str]:
    """A free text; rubric and stages are this house's own."""
    document = marks.document
    if list(document["rubric"]) != [RUBRIC]:
        marks.limit("its rubric has no place in Moodle")
    if len(document["prompts"]) > 1 or document["prompts"][0].get("text"):
        marks.limit("Moodle has one field for the answer; its stages are left out")
    for field, name in (
        ("follow_ups", "follow-up questions"),
        ("image", "diagrams"),
        ("max_chars", "length"),
    ):
        if document.get(field):
            marks.limit(f"its {name} have no place in Moodle")
    if not document.get("model_answer"):
        return "essay", ""
    marks.limit("its model answer is written as information for graders")
    return "essay", marks.text("graderinfo", marks.text_of(document, "model_answer"))


def information(marks: Marks) -> tuple[str, str]:
    """A text without a question."""
    return "description", ""


def _earns(option: Document) -> Decimal:
    if option.get("key"):
        return FULL
    return Decimal(str(option.get("credit") or 0))


def _share_of(keys: int) -> Decimal:
    """One of several equal shares, with the digits that Moodle gives it."""
    return (FULL / keys).quantize(Decimal("1e-7")).normalize()


WRITERS: dict[str, Callable[[Marks], tuple[str, str]]] = {
    "single_choice": single_choice,
    "multiple_choice": multiple_choice,
    "true_false": true_false,
    "short_text": short_text,
    "number": number,
    "matching": matching,
    "ordering": ordering,
    "open_response": open_response,
    "information": information,
    "composite": cloze,
}
"""The types that Moodle has something for."""
