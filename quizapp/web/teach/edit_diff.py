"""What differs between two texts of a question, field by field."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from quizapp.web.teach import edit_yaml
from quizapp.web.teach.field_tree import in_words

MOST_PIECES = 1_500
"""Comparing takes time that grows with the square of the pieces."""

ALIKE = 0.5
"""Texts that have less than this in common are shown one after the other, not word by word."""

SAME, GONE, NEW = " ", "-", "+"
WORD = re.compile(r"\s+|\w+|[^\w\s]")

Pieces = Sequence[tuple[str, str]]
"""Parts of a text: the same in both, only in the first, or only in the second."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs."""

    name: str
    pieces: Pieces
    is_code: bool
    """Whether it is shown line by line, as YAML."""

    @property
    def label(self) -> str:
        return in_words(self.name)

    def side(self, mark: str) -> list[tuple[str, str]]:
        """One of the two texts, with what the other one lacks marked."""
        return [(op, text) for op, text in self.pieces if op in (SAME, mark)]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The fields that differ, in the order of the documents."""
    return [
        _difference(name, before.get(name), after.get(name))
        for name in dict.fromkeys([*after, *before])
        if before.get(name) != after.get(name)
    ]


def _difference(name: str, before: Any, after: Any) -> Difference:
    are_texts = all(each is None or isinstance(each, str | int | float) for each in (before, after))
    if are_texts:
        texts = ["" if each is None else str(each) for each in (before, after)]
        pieces = [WORD.findall(text) for text in texts]
    else:
        texts = [edit_yaml.dumped(each) for each in (before, after)]
        pieces = [text.splitlines(keepends=True) for text in texts]
    return Difference(name, list(_pieces(*pieces)), not are_texts)


def _pieces(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if len(before) + len(after) > MOST_PIECES or matcher.ratio() < ALIKE:
        if before:
            yield GONE, "".join(before)
        if before and after:
            yield SAME, "\n"
        if after:
            yield NEW, "".join(after)
        return
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            yield SAME, "".join(before[a:b])
            continue
        if b > a:
            yield GONE, "".join(before[a:b])
        if d > c:
            yield NEW, "".join(after[c:d])
