"""Which braces of a question hold its answers.

Moodle takes the first `{` and the first `}`, whatever stands between them.  Here the braces have to
match, and of several groups that one counts which looks like answers.
"""

import re
from dataclasses import dataclass

BRACE = re.compile("[{}]")
ANSWERS = re.compile(r"\s*(?:[=~]|#\s*(?:[=~%.*\d+-]|\Z)|####|(?:TRUE|FALSE|T|F)\s*(?:#|\Z))")
CLOZE = re.compile(r"\s*[0-9]{0,3}:[A-Z_]{2,30}:")


@dataclass(frozen=True, slots=True)
class Group:
    """The places of an opening brace and of the one that closes it."""

    start: int
    end: int

    def inside(self, text: str) -> str:
        return text[self.start + 1 : self.end]

    def is_answers(self, text: str) -> bool:
        return ANSWERS.match(text, self.start + 1, self.end) is not None

    def is_cloze(self, text: str) -> bool:
        return CLOZE.match(text, self.start + 1, self.end) is not None

    def is_last(self, text: str) -> bool:
        """Whether nothing follows it."""
        return not text[self.end + 1 :].strip()


@dataclass(frozen=True, slots=True)
class Choice:
    """The group of the answers, if there is one, and what is odd about the braces."""

    group: Group | None
    odd: str = ""
    is_broken: bool = False
    """Whether there are braces, but no group."""


def answer_group(text: str) -> Choice:
    """The braces that hold the answers of a question whose escapes are out of sight."""
    groups, nested, unclosed, stray = _groups(text)
    if unclosed:
        return _unbalanced(text)
    if not groups:
        return Choice(None, is_broken=stray)
    if len(groups) == 1:
        odd = "has braces inside its answers, which Moodle ends at the first }" if nested else ""
        return Choice(groups[0], odd or ("has a } that closes nothing" if stray else ""))
    chosen = groups[0]
    if not chosen.is_answers(text) and not chosen.is_cloze(text):
        chosen = next((group for group in groups if group.is_answers(text)), chosen)
    if chosen is groups[0]:
        return Choice(chosen, "has several {} of which only the first can be asked; the others are text")
    return Choice(chosen, "has several {}; those that look like answers count, where Moodle takes the first")


def _groups(text: str) -> tuple[list[Group], bool, bool, bool]:
    """The outermost groups; whether some have groups inside, one is not closed, a brace closes nothing."""
    groups: list[Group] = []
    depth, start, nested, stray = 0, 0, False, False
    for brace in BRACE.finditer(text):
        if brace[0] == "{":
            nested = nested or depth > 0
            start = start if depth else brace.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                groups.append(Group(start, brace.start()))
        else:
            stray = True
    return groups, nested, depth > 0, stray


def _unbalanced(text: str) -> Choice:
    """Where braces do not match: the last ones if they end the question as answers do, else as Moodle."""
    odd = "has braces that do not match"
    last = Group(text.rfind("{"), text.rfind("}"))
    if last.start < last.end and last.is_last(text) and last.is_answers(text):
        return Choice(last, odd)
    first = Group(text.find("{"), text.find("}", text.find("{")))
    return Choice(first, odd) if first.end > 0 else Choice(None, is_broken=True)
