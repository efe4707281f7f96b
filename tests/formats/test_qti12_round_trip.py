"""QTI 1.2 there and back: whatever the format can say reads the same again."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quizapp.domain.documents import read_question
from quizapp.domain.imports import Outcome, judge
from quizapp.domain.problems import Place
from quizapp.formats.qti12 import Qti12


def normal(document: dict[str, Any]) -> dict[str, Any] | None:
    """A document as the one door gives it back; None where it is none."""
    question, _ = read_question({"topic": "apis", **document}, Place("x", {}))
    return question.document() if question is not None else None


# A strategy over what the format can say

letters = st.characters(
    codec="utf-8",
    exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Co"),
    exclude_characters="\ufffe\uffff\ufeff",
)
words = st.text(letters, min_size=1, max_size=12).map(lambda text: f"w{text}")
html = st.builds(
    lambda text, tag: f"<{tag}>{text.replace('&', '&amp;').replace('<', '&lt;')}</{tag}>",
    words,
    st.sampled_from(["p", "em", "code"]),
)
text = html | words.map(lambda plain: {"plain": plain})
patterns = words.filter(lambda word: "*" not in word and "\\" not in word)
credit = st.integers(1, 99).map(lambda number: str(Decimal(number).scaleb(-2).normalize()))
amount = st.integers(-10_000, 10_000).map(lambda number: str(number / 100).removesuffix(".0"))
tolerances = st.none() | st.sampled_from(
    [{"absolute": "0.5"}, {"absolute": "2"}, {"relative": "0.05"}, {"significant_figures": 3}]
)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def distinct(strategy: st.SearchStrategy[Any], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    def folded(value: Any) -> str:
        return " ".join(str(value).split()).casefold()

    return st.lists(strategy, min_size=least, max_size=most, unique_by=folded)


shared = optional(
    name=words,
    category=st.lists(words.filter(lambda word: "/" not in word), min_size=1, max_size=2).map("/".join),
    explanation=text,
    hints=st.lists(text, min_size=1, max_size=2),
    tags=st.lists(words, min_size=1, max_size=3, unique=True),
    points=st.integers(1, 100),
    level=st.sampled_from(["junior", "senior"]),
    as_of=st.just("2026-11"),
)


@st.composite
def choices(draw: st.DrawFn, credited: bool = True) -> dict[str, Any]:
    texts = draw(distinct(text, 2, 5))
    options = [{"text": each, **draw(optional(feedback=text))} for each in texts]
    key = draw(st.integers(0, len(options) - 1))
    options[key]["key"] = True
    for place, option in enumerate(options):
        if credited and place != key and draw(st.booleans()):
            option["credit"] = draw(credit)
    return {"type": "single_choice", "options": options}


@st.composite
def several(draw: st.DrawFn) -> dict[str, Any]:
    marking = draw(st.sampled_from(["all_or_nothing", "right_minus_wrong", "per_option", "weighted"]))
    texts = draw(distinct(text, 3, 6))
    keys = draw(st.integers(1, len(texts) - 1))
    options: list[dict[str, Any]] = [{"text": each, **draw(optional(feedback=text))} for each in texts]
    shares = {1: "1", 2: "0.5", 3: "0.333333333", 4: "0.25", 5: "0.2"}
    for place, option in enumerate(options):
        if place < keys:
            option["key"] = True
            option |= {"credit": shares[keys]} if marking == "weighted" else {}
        elif marking == "weighted" and draw(st.booleans()):
            option["credit"] = f"-{draw(credit)}"
    return {"type": "multiple_choice", "marking": marking, "options": options}


statements = st.builds(
    lambda answer, more: {"type": "true_false", "answer": answer, **more},
    st.booleans(),
    optional(feedback_true=text, feedback_false=text),
)


@st.composite
def short_texts(draw: st.DrawFn) -> dict[str, Any]:
    known = draw(distinct(patterns, 2, 5))
    answers = [{"text": each, **draw(optional(feedback=text))} for each in known[1:]]
    for answer in answers[1:]:
        answer |= draw(optional(credit=credit))
    if draw(st.booleans()):
        answers[0]["text"] = draw(st.sampled_from([f"*{known[1]}*", f"{known[1]} \\*"]))
    mistakes = [{"text": known[0], "feedback": draw(text)}, {"text": "*", "feedback": draw(text)}]
    case = draw(st.booleans()) and not answers[0]["text"].startswith("*")
    body = {"type": "short_text", "answers": answers, "mistakes": mistakes[: draw(st.integers(0, 2))]}
    return {**body, "case_sensitive": True} if case else body


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    values = draw(st.lists(amount, min_size=3, max_size=3, unique_by=lambda each: round(Decimal(each) / 50)))
    tolerance = draw(tolerances)
    body: dict[str, Any] = {
        "type": "number",
        "answer": values[0],
        **draw(optional(feedback=text, otherwise=text)),
    }
    if tolerance:
        body["tolerance"] = tolerance
    if draw(st.booleans()):
        body["accepted"] = [
            {
                "value": values[1],
                "credit": draw(credit),
                "tolerance": {"absolute": "0.1"},
                **draw(optional(feedback=text)),
            }
        ]
    if draw(st.booleans()):
        body["mistakes"] = [{"value": values[2], "tolerance": {"absolute": "0.25"}, "feedback": draw(text)}]
    return body


@st.composite
def matchings(draw: st.DrawFn) -> dict[str, Any]:
    sides = draw(distinct(text, 5, 9))
    half = len(sides) // 2
    pairs = [
        {"prompt": prompt, "match": match, **draw(optional(feedback=text))}
        for prompt, match in zip(sides[:half], sides[half : 2 * half], strict=True)
    ]
    return {"type": "matching", "pairs": pairs, "distractors": [{"text": each} for each in sides[2 * half :]]}


orderings = distinct(text, 3, 6).map(
    lambda texts: {"type": "ordering", "items": [{"text": each} for each in texts]}
)
ESSAY: dict[str, Any] = {
    "type": "open_response",
    "prompts": [{"id": "answer", "title": "Your answer"}],
    "rubric": [
        {
            "id": "quality",
            "title": "Answer",
            "levels": ["Not answered or wrong", "Partly right", "Right and complete"],
        }
    ],
}
essays = optional(model_answer=text).map(lambda more: {**ESSAY, **more})


@st.composite
def gaps(draw: st.DrawFn) -> dict[str, Any]:
    typed = draw(st.booleans())
    parts: list[dict[str, Any]] = []
    for name in draw(
        st.lists(st.sampled_from(["a", "when", "gap-2", "port"]), min_size=1, max_size=4, unique=True)
    ):
        part: dict[str, Any] = {"id": name, **draw(optional(weight=st.integers(1, 5)))}
        if typed:
            answers = [
                {"text": each, **draw(optional(feedback=text))} for each in draw(distinct(patterns, 1, 3))
            ]
            part |= {"type": "short_text", "answers": answers}
        else:
            part |= draw(choices(credited=False))
        parts.append(part)
    running = " ".join(f"{draw(words)} [[{part['id']}]]" for part in parts).replace("<", "&lt;")
    body: dict[str, Any] = {
        "type": "composite",
        "stem": {"plain": "Fill in the gaps."},
        "text": f"<p>{running}</p>",
        "parts": parts,
    }
    if len(parts) > 1 and draw(st.booleans()):
        body["marking"] = "all_or_nothing"
        for part in parts:
            part.pop("weight", None)
    return body


bodies = (
    choices() | several() | statements | short_texts() | numbers() | matchings() | orderings | essays | gaps()
    | st.just({"type": "information"})
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(1, 3))):
        body = draw(bodies)
        fields = draw(shared)
        if body["type"] == "information":
            fields.pop("points", None)
        raw = {"id": f"q-{number}", "markup": "html", "stem": draw(html), **fields, **body}
        document = normal(raw)
        if document is not None:  # two options may still say the same, or a mistake be right
            found.append(document)
    return found


def scaled(document: dict[str, Any]) -> dict[str, Any]:
    """Weights of gaps count as proportions: 2 and 4 are 1 and 2, and one gap has no weight at all."""
    parts = document.get("parts", [])
    weights = [part.get("weight", 1) for part in parts]
    least = min(weights, default=1)
    return {
        **document,
        "parts": [{**part, "weight": str(Decimal(part.get("weight", 1)) / least)[:8]} for part in parts],
    }


@settings(max_examples=150, deadline=None)
@given(documents())
def test_what_is_written_reads_the_same(questions: list[dict[str, Any]]) -> None:
    found = judge(Qti12.read(Qti12.write("Backend", questions, {}).data, "x.zip", {}), "x.zip")

    assert found.count(Outcome.DROPPED) == 0
    assert list(map(scaled, found.documents)) == list(map(scaled, questions))
