"""The feedback of an item: to which answer, or to the whole, each text of it belongs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from quizapp.domain.texts import Marked
from quizapp.formats.qti12.materials import EMPTY, Texts, together
from quizapp.formats.qti12.scoring import Program, Rule, comparisons_in
from quizapp.formats.reading.xml import Element, local_name

GENERAL = re.compile(r"\A(?:general_fb|general_feedback|wct_general_feedback.*|.{1,60}_ALL)\Z")
CORRECT = re.compile(r"\A(?:correct|correct_fb|general_correct_fb|.{1,60}_C)\Z")
INCORRECT = re.compile(r"\A(?:incorrect|incorrect_fb|general_incorrect_fb|.{1,60}_IC)\Z")
OVERALL = ((GENERAL, "general"), (CORRECT, "correct"), (INCORRECT, "incorrect"))


@dataclass(slots=True)
class Feedback:
    """Every text of feedback by what it is for."""

    overall: dict[str, Marked] = field(default_factory=dict)
    """`general`, `correct` and `incorrect`."""
    solution: Marked = EMPTY
    hints: list[Marked] = field(default_factory=list)
    texts: dict[str, Marked] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    _of_values: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _of_responses: dict[str, list[str]] = field(default_factory=dict)

    def of_value(self, respident: str, value: str) -> Marked:
        """What somebody is told who gives this value."""
        return self._joined(self._of_values.get((respident, value), ()))

    def of_response(self, respident: str) -> Marked:
        """What somebody is told who does not give the right one."""
        return self._joined(self._of_responses.get(respident, ()))

    def of_rule(self, rule: Rule) -> Marked:
        """What somebody is told whom a rule meets."""
        return self._joined(link for link in rule.shows if kind_of(link) is None)

    def unused(self) -> dict[str, Marked]:
        """What found no place."""
        return {ident: text for ident, text in self.texts.items() if ident not in self.used and text}

    def _joined(self, links: Iterable[str]) -> Marked:
        own = [link for link in dict.fromkeys(links) if self.texts.get(link)]
        self.used.update(own)
        return together([self.texts[link] for link in own])

    def attribute(self, program: Program, options: frozenset[str]) -> None:
        """Find the answers that each text belongs to."""
        for rule in program.rules:
            for link in rule.shows:
                if kind_of(link) is None and self.texts.get(link):
                    self._attribute_one(rule, link)
        if len(options) > 1:
            self._whatever_is_chosen(options)

    def _attribute_one(self, rule: Rule, link: str) -> None:
        tests = list(comparisons_in(rule.test))
        if not tests:
            self._make_general(link)
            return
        met = [test for test, negated in tests if not negated]
        for test in met:
            known = self._of_values.setdefault((test.respident, test.value), [])
            if link not in known:
                known.append(link)
        if not met:
            self._of_responses.setdefault(tests[0][0].respident, []).append(link)

    def _whatever_is_chosen(self, options: frozenset[str]) -> None:
        """A text that every option shows belongs to none of them."""
        shown: dict[str, set[str]] = {}
        for (_, value), links in self._of_values.items():
            for link in links:
                shown.setdefault(link, set()).add(value)
        for link, values in shown.items():
            if values >= options:
                self._make_general(link)
                for links in self._of_values.values():
                    if link in links:
                        links.remove(link)

    def _make_general(self, link: str) -> None:
        if link not in self.used:
            self.used.add(link)
            self.overall["general"] = together([self.overall.get("general", EMPTY), self.texts[link]])


def feedback_of(item: Element, texts: Texts, program: Program) -> Feedback:
    """All feedback of an item, not yet attributed."""
    result = Feedback()
    linked = {link for rule in program.rules for link in rule.shows}
    for element in item:
        if local_name(element) != "itemfeedback":
            continue
        ident = (element.get("ident") or "").strip()
        own = [each for each in element if local_name(each) not in ("hint", "solution")]
        solutions = [each for each in element if local_name(each) == "solution"]
        result.hints += [
            text for each in element if local_name(each) == "hint" for text in [texts.of([each])] if text
        ]
        if ident in linked:
            own += solutions
        elif solutions:
            result.solution = together([result.solution, texts.of(solutions)])
        text = texts.of(own)
        kind = kind_of(ident)
        if kind is not None:
            result.overall[kind] = together([result.overall.get(kind, EMPTY), text])
        elif text:
            result.texts[ident] = together([result.texts.get(ident, EMPTY), text])
    return result


def kind_of(ident: str) -> str | None:
    """Whether feedback of this name is for every answer, every right or every wrong one."""
    return next((kind for pattern, kind in OVERALL if pattern.match(ident)), None)
