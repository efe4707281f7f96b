"""What is joined, sorted or put in order, as QTI 2.1."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from quizapp.formats.qti2.writing_answers import Answer, Fields, plain
from quizapp.formats.qti2.writing_texts import clean

Pair = tuple[str, str]


def matching(answer: Answer) -> None:
    pairs = answer.fields["pairs"]
    distractors = answer.fields.get("distractors", ())
    offered: dict[str, Any] = {}
    for each in [*(pair["match"] for pair in pairs), *(each["text"] for each in distractors)]:
        offered.setdefault(_same(answer, each), each)
    names = {text: f"match{number}" for number, text in enumerate(offered, start=1)}
    key = [
        (f"prompt{number}", names[_same(answer, pair["match"])]) for number, pair in enumerate(pairs, start=1)
    ]
    _unexplained(answer, [*pairs, *distractors])
    _joined(answer, [pair["prompt"] for pair in pairs], "prompt", list(offered.values()), "match", key, key)


def categorise(answer: Answer) -> None:
    bins, items = answer.fields["bins"], answer.fields["items"]
    names = {_line(each["name"]): f"bin{number}" for number, each in enumerate(bins, start=1)}
    key = [(f"item{number}", names[_line(each["bin"])]) for number, each in enumerate(items, start=1)]
    also = [
        (f"item{number}", names[_line(name)])
        for number, each in enumerate(items, start=1)
        for name in each.get("also", ())
    ]
    if any(each.get("about") for each in bins):
        answer.tell("what is said about its bins")
    answer.tell("that guessing costs: each item in its bin earns a part")
    _unexplained(answer, items)
    answer.own["type"] = "categorise"
    _joined(
        answer,
        [each["text"] for each in items],
        "item",
        _lines(each["name"] for each in bins),
        "bin",
        key,
        also,
    )


def matrix(answer: Answer) -> None:
    columns, rows = answer.fields["columns"], answer.fields["rows"]
    names = {_line(each): f"column{number}" for number, each in enumerate(columns, start=1)}
    key = [
        (f"row{number}", names[_line(name)])
        for number, row in enumerate(rows, start=1)
        for name in (row["key"] if isinstance(row["key"], list | tuple) else [row["key"]])
    ]
    _unexplained(answer, rows)
    answer.own |= {"type": "matrix", "multiple": bool(answer.fields.get("multiple"))}
    if answer.fields.get("marking") == "all_or_nothing":
        answer.own["marking"] = "all_or_nothing"
    else:
        answer.tell("that guessing costs: each right cell earns a part")
    together = "marking" in answer.own
    _joined(
        answer, [row["text"] for row in rows], "row", _lines(columns), "column", key, () if together else key
    )


def ordering(answer: Answer) -> None:
    items = answer.fields["items"]
    names = [f"step{number}" for number in range(1, len(items) + 1)]
    answer.declare("ordered", "identifier", names)
    answer.right = f'<match>{answer.variable()}<correct identifier="{answer.id}"/></match>'
    answer.by_match()
    answer.tell("that an order which is nearly right earns a part")
    if any(item.get("feedback") for item in items) or answer.fields.get("misconception"):
        answer.tell("the reasons of its order")
    # As written they would give the answer away where a reader does not shuffle.
    shown = sorted(zip(names, items, strict=True), key=lambda each: str(each[1]["text"]))
    choices = "".join(
        f'<simpleChoice identifier="{name}">{answer.texts.inline(item["text"])}</simpleChoice>'
        for name, item in shown
    )
    answer.interaction = (
        f'<orderInteraction responseIdentifier="{answer.id}" shuffle="true">{choices}</orderInteraction>'
    )


def _joined(
    answer: Answer,
    left: Sequence[Any],
    left_name: str,
    right: Sequence[Any],
    right_name: str,
    key: Sequence[Pair],
    counted: Sequence[Pair],
) -> None:
    """A match interaction; each counted pair earns the same part, or only all of the key counts."""
    answer.right = f'<match>{answer.variable()}<correct identifier="{answer.id}"/></match>'
    correct = [" ".join(pair) for pair in key]
    if counted:
        each = plain(answer.worth / Decimal(len(key)))
        pairs = dict.fromkeys([*key, *counted])
        entries = "".join(f'<mapEntry mapKey="{" ".join(pair)}" mappedValue="{each}"/>' for pair in pairs)
        answer.declare("multiple", "directedPair", correct, entries, f' upperBound="{plain(answer.worth)}"')
        answer.by_mapping()
    else:
        answer.declare("multiple", "directedPair", correct)
        answer.by_match()
    most = max(sum(pair[0] == name for pair in key) for name in {pair[0] for pair in key})
    sides = [
        _side(answer, left, left_name, most),
        _side(answer, right, right_name, len(left)),
    ]
    limit = len(left) * most
    head = f'matchInteraction responseIdentifier="{answer.id}" shuffle="true" maxAssociations="{limit}"'
    answer.interaction = f"<{head}>{''.join(sides)}</matchInteraction>"


def _side(answer: Answer, texts: Sequence[Any], name: str, most: int) -> str:
    choices = "".join(
        f'<simpleAssociableChoice identifier="{name}{number}" matchMax="{most}">'
        f"{answer.texts.inline(text)}</simpleAssociableChoice>"
        for number, text in enumerate(texts, start=1)
    )
    return f"<simpleMatchSet>{choices}</simpleMatchSet>"


def _unexplained(answer: Answer, entries: Sequence[Fields]) -> None:
    if any(each.get("feedback") or each.get("misconception") for each in entries):
        answer.tell("the feedback and the misconceptions of single pairs")


def _lines(names: Iterable[str]) -> list[dict[str, str]]:
    """Names without markup, as texts."""
    return [{"html": escape(clean(name), quote=False)} for name in names]


def _line(name: str) -> str:
    return " ".join(name.split()).casefold()


def _same(answer: Answer, text: Any) -> str:
    return _line(answer.texts.marked(text))


WRITERS = {"matching": matching, "categorise": categorise, "matrix": matrix, "ordering": ordering}
