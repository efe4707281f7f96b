"""GIFT and Aiken as Moodle's own importer reads them: real files, field by field.

Where this house deliberately reads something else, the construct and the reason stand in `DELIBERATE`.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from quizapp.domain.imports import Import, Imported, Outcome, judge
from quizapp.formats import readable

FILES = Path(__file__).parents[3] / "shared" / "formats"
EXPECTED = FILES / "expected_moodle.jsonl"
LEAST = Decimal("0.995")
DELIBERATE = {
    "braces": "braces of code or formulas are text, where Moodle takes the first pair for the answers",
    "html_marks": "= ~ # inside an HTML tag or entity are text, where Moodle cuts the tag in pieces",
    "blank": "an invisible character is no answer",
    "blank_line": "an empty line among answers does not end the question",
    "no_blank_line": "a name or category at the start of a line begins something new",
    "category_line": "a category ends with its line",
    "no_text": "a question without a text asks what its name says",
    "duplicate_option": "an option that stands twice is offered once",
    "long_text": "a text of several lines is kept whole, where Moodle keeps the last line",
    "wrapped_option": "an option of several lines is kept whole, where Moodle gives up the question",
    "encoding": "other encodings than UTF-8 are read",
}
"""Codes of diagnostics that excuse a difference.

Besides, everywhere: answers without a text are left out, as Moodle itself does when it saves; and the
blanks of a text are compared as single spaces, because the indentation of Markdown is kept here.
"""
TYPES = {
    "single_choice": "multichoice",
    "multiple_choice": "multichoice",
    "short_text": "shortanswer",
    "true_false": "truefalse",
    "number": "numerical",
    "matching": "match",
    "open_response": "essay",
    "information": "description",
}
MARKUPS = {"0": "moodle", "1": "html", "2": "plain", "4": "markdown"}


class Field(NamedTuple):
    name: str
    ours: Any
    moodles: Any


def expected() -> list[dict[str, Any]]:
    if not EXPECTED.is_file():
        return []
    files = [json.loads(line) for line in EXPECTED.read_text("utf-8").splitlines()]
    return [each for each in files if each["fmt"] in ("gift", "aiken") and (FILES / each["file"]).is_file()]


FILES_READ = expected()
needs_files = pytest.mark.skipif(
    not FILES_READ, reason="the corpus of real question files is not beside the project"
)


def read(row: dict[str, Any]) -> Import:
    data = (FILES / row["file"]).read_bytes()
    return judge(readable()[row["fmt"]].read(data, row["file"], {}), row["file"])


def words(value: Any) -> str:
    """A text of either side."""
    if isinstance(value, dict):
        value = value["text"] if "text" in value else next(iter(value.values()))
    return " ".join(str(value or "").split())


def exact(value: Any) -> Decimal:
    return Decimal(str(value or 0)).quantize(Decimal("0.00001"))


def fields(question: Imported, moodle: dict[str, Any], is_aiken: bool) -> Iterator[Field]:
    document = question.document or {}
    text = (lambda value: words(unescape(words(value)))) if is_aiken else words
    yield Field("type", TYPES.get(document["type"]), moodle["t"])
    yield Field("name", words(document.get("name")), words(moodle["n"]))
    yield Field("stem", words(document["stem"]), text(moodle["q"]))
    yield Field("general feedback", words(document.get("explanation")), words(moodle["gf"]))
    yield Field("tags", document.get("tags", []), moodle.get("tags", []))
    yield Field("id", document.get("origin", {}).get("id", ""), moodle.get("idnumber", ""))
    if not is_aiken:
        yield Field("markup", document.get("markup", "markdown"), MARKUPS[moodle["fmt"]])
    for place, (ours, moodles) in enumerate(
        zip(answers(document), moodles_answers(moodle, text), strict=False)
    ):
        for part, (own, other) in enumerate(zip(ours, moodles, strict=True)):
            yield Field(f"answer {place}.{part}", own, other)
    yield Field("answers", len(answers(document)), len(moodles_answers(moodle, text)))


def answers(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The answers of a document: text, fraction, feedback and what else its type has."""

    def tolerance(each: dict[str, Any]) -> Decimal:
        return exact((each.get("tolerance") or {}).get("absolute"))

    def fed(each: dict[str, Any], fraction: Any) -> tuple[Any, ...]:
        return words(each.get("text", "")), exact(fraction), words(each.get("feedback"))

    match document["type"]:
        case "single_choice" | "multiple_choice":
            return [
                fed(each, each.get("credit", int(each.get("key", False)))) for each in document["options"]
            ]
        case "short_text":
            accepted = [fed(each, each.get("credit", 1)) for each in document["answers"]]
            return accepted + [fed(each, 0) for each in document.get("mistakes", [])]
        case "true_false":
            return [(document["answer"],)]
        case "matching":
            pairs = [(words(each["prompt"]), words(each["match"])) for each in document["pairs"]]
            return pairs + [("", words(each["text"])) for each in document.get("distractors", [])]
        case "number":
            key = {**document, "value": document["answer"]}
            numbers = [(key, 1)] + [(each, each.get("credit", 1)) for each in document.get("accepted", [])]
            numbers += [(each, 0) for each in document.get("mistakes", [])]
            values = [
                (exact(e["value"]), tolerance(e), exact(f), words(e.get("feedback"))) for e, f in numbers
            ]
            other = document.get("otherwise")
            return values + ([("*", exact(0), exact(0), words(other))] if other else [])
    return []


def moodles_answers(moodle: dict[str, Any], text: Any) -> list[tuple[Any, ...]]:
    """The same of Moodle's, those that earn nothing last where we keep them apart."""
    if moodle["t"] == "truefalse":
        return [(bool(moodle["correctanswer"]),)]
    if moodle["t"] == "match":
        pairs = [
            (words(a), words(b)) for a, b in zip(moodle["subquestions"], moodle["subanswers"], strict=True)
        ]
        return sorted(pairs, key=lambda pair: not pair[0])
    if "answer" not in moodle:
        return []
    parts = zip(moodle["answer"], moodle["fraction"], moodle["feedback"], strict=True)
    if moodle["t"] == "numerical":
        tolerances = moodle["tolerance"]
        return [
            (a if a == "*" else exact(a), exact(t), exact(f), words(b))
            for (a, f, b), t in zip(parts, tolerances, strict=True)
        ]
    listed = [(text(a), exact(f), words(b)) for a, f, b in parts if words(a)]
    return sorted(listed, key=lambda each: each[1] <= 0) if moodle["t"] == "shortanswer" else listed


@needs_files
def test_every_field_is_what_moodle_reads_unless_there_is_a_reason() -> None:
    same, different, excused = 0, [], 0
    for row in FILES_READ:
        result = read(row)
        assert len(result.questions) >= row["n"], row["file"]
        if len(result.questions) != row["n"]:
            assert {said.code for said in result.diagnostics} & DELIBERATE.keys(), row["file"]
            continue
        for question, moodle in zip(result.questions, row["questions"], strict=True):
            if question.outcome is not Outcome.RECOVERED:
                assert question.diagnostics
                continue
            is_excused = bool({said.code for said in question.diagnostics} & DELIBERATE.keys())
            for field in fields(question, moodle, row["fmt"] == "aiken"):
                if field.ours == field.moodles:
                    same += 1
                elif is_excused:
                    excused += 1
                else:
                    different.append((row["file"], question.name, field))
    assert Decimal(same) / (same + len(different)) >= LEAST, different[:20]
    assert excused <= same // 100


@needs_files
def test_nearly_every_question_is_recovered() -> None:
    results = [read(row) for row in FILES_READ]

    recovered = sum(each.count(Outcome.RECOVERED) for each in results)
    assert recovered * 1_000 >= sum(row["n"] for row in FILES_READ) * 995


@needs_files
def test_every_category_is_one_that_moodle_reads() -> None:
    for row in FILES_READ:
        ours = {each.get("category", "") for each in read(row).documents} - {""}
        assert ours <= set(row["cats"]), row["file"]
