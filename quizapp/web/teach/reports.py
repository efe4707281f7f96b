"""What a page says about an uploaded file: problems, advice, counts and differences."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import ndiff
from typing import Any

from quizapp.domain.problems import Problem
from quizapp.formats.quizapp_yaml import QuizappYaml
from quizapp.services.sets import Change, Fate, Plan
from quizapp.services.uploads import Judgement, Upload, line_and_field

MOST_DIFFERENCES = 40
MOST_LINES = 300
"""Comparing takes time that grows with the square of the lines."""

LINE_CHARS = 100
LINE_ENDS = re.compile("\r\n?|\n")

PLAINER = {
    "missing": "This field is missing",
    "string_too_short": "This should not be empty",
}
COUNTED = re.compile(r"should have (at least|at most) (\d+) items? .*not (\d+)$")
"""How the models tell of a list that is too short or too long."""

IDENTITY = "Use lower-case letters and digits, with single - _ or . between them"
PATTERNS = {
    **dict.fromkeys(("id", "topic", "subtopic", "objective"), IDENTITY),
    "url": "Should be an https address without spaces",
    "as_of": "Should be a month or a day, such as 2026-11 or 2026-11-21",
}

FATES = {
    Fate.NEW: "New",
    Fate.CHANGED: "Changed",
    Fate.BACK: "Back again",
    Fate.GONE: "Retired",
    Fate.UNCHANGED: "Unchanged",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem or a piece of advice, as a row of a table."""

    line: int
    field: str
    message: str
    text: str
    """What stands in that line."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A changed question: the fields that differ, and their lines (`+`, `-` or a space first)."""

    uid: str
    fields: list[str]
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of judging a file and of planning its upload."""

    judgement: Judgement
    plan: Plan | None
    errors: list[Finding]
    advice: list[Finding]
    name: str

    @classmethod
    def of(cls, judgement: Judgement, plan: Plan | None, name: str, text: str) -> "Report":
        problems = [*judgement.errors, *(plan.problems if plan else ())]
        lines = LINE_ENDS.split(text)
        return cls(
            judgement, plan, _findings(problems, name, lines), _findings(judgement.advice, name, lines), name
        )

    @property
    def is_clean(self) -> bool:
        return not self.errors and self.judgement.upload is not None

    @property
    def is_known(self) -> bool:
        """Whether the same file was uploaded before."""
        return self.plan is not None and self.plan.already_in is not None

    @property
    def upload(self) -> Upload:
        if self.judgement.upload is None:
            raise AssertionError("a file with errors is no upload")
        return self.judgement.upload

    @property
    def topics(self) -> Counter[str]:
        return Counter(entry.document["topic"] for entry in self.upload.entries)

    @property
    def types(self) -> Counter[str]:
        return Counter(entry.document["type"] for entry in self.upload.entries)

    @property
    def fates(self) -> list[tuple[str, int]]:
        """How many questions meet each fate, in words."""
        counted = Counter(change.fate for change in self.plan.changes) if self.plan else Counter()
        return [(words, counted[fate]) for fate, words in FATES.items() if counted[fate]]

    @property
    def differences(self) -> list[Difference]:
        changed = [c for c in self.plan.changes if c.fate in (Fate.CHANGED, Fate.BACK)] if self.plan else []
        return [_difference(change, number < MOST_DIFFERENCES) for number, change in enumerate(changed)]


def _findings(problems: Iterable[Problem], name: str, lines: Sequence[str]) -> list[Finding]:
    rows = []
    for problem in problems:
        line, field = line_and_field(problem, name)
        text = lines[line - 1].strip()[:LINE_CHARS] if line <= len(lines) else ""
        rows.append(Finding(line, field, _sentence(problem, field), text))
    return sorted(rows, key=lambda row: row.line)


def _sentence(problem: Problem, field: str) -> str:
    """The models' words, and plainer ones where theirs are for programmers."""
    if problem.code == "string_pattern_mismatch":
        return PATTERNS.get(field.rpartition(".")[2], IDENTITY)
    counted = COUNTED.search(problem.message)
    if counted:
        return f"Give {counted[1]} {counted[2]} entries here, not {counted[3]}"
    text = PLAINER.get(problem.code) or problem.message.replace("input should", "should")
    return text[:1].upper() + text[1:]


def _difference(change: Change, in_full: bool) -> Difference:
    before = list(_lines(change.before, change.fields)) if in_full else []
    after = list(_lines(change.after, change.fields)) if in_full else []
    if len(before) + len(after) > MOST_LINES:
        return Difference(change.uid, change.fields, [])
    lines = [f"{line[0]} {line[2:]}" for line in ndiff(before, after) if line[0] != "?"]
    return Difference(change.uid, change.fields, lines)


def _lines(document: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    """Some fields of a question as its file shows them, without the frame around a question."""
    part = {name: document[name] for name in names if name in document}
    if part:
        for line in QuizappYaml.write("-", [part], {}).data.decode().splitlines()[2:]:
            yield line[4:]
