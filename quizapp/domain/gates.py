"""Gates: measures over a whole bank that give away careless writing.

Most of them ask how often somebody would be right who cannot read the question, by
picking the longest option, say.  The ids are those of the lint rules.  Each value
stands beside the same measure of a large public bank (9,449 questions), so that a
reader sees what is usual.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any

from quizapp.domain.choices import Option
from quizapp.domain.documents import QuestionSet
from quizapp.domain.linting import Placed, lint, placed
from quizapp.domain.problems import Severity
from quizapp.domain.questions import Question

ENOUGH = 200
"""With fewer questions a share says more about chance than about the authors."""

CLEARLY_LONGER, BY_CHARS = 1.25, 5
OUT_OF_PROPORTION = 3

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"[^\W_]+")
SENTENCE_END = re.compile(r"(?<=[.:?])\s+")
NEGATION = re.compile(r"\b(?:not|except|(?<!at )least|(?<!true or )false)\b|n't\b", re.IGNORECASE)

Wanted = float | tuple[float, float]


@dataclass(frozen=True, slots=True)
class Gate:
    """One measure over a bank, and what is wanted of it."""

    id: str
    title: str
    n: int
    """How many questions it was measured on."""
    value: float | None
    threshold: Wanted
    """At most this, or from the first to the second."""
    baseline: float
    ok: bool | None
    """None: measured on too few questions to judge."""

    def as_json(self) -> dict[str, Any]:
        wanted = self.threshold if isinstance(self.threshold, float) else list(self.threshold)
        values = {"id": self.id, "value": self.value, "threshold": wanted}
        return values | {"baseline": self.baseline, "ok": self.ok}


@dataclass(frozen=True)
class Choice:
    """A question with four options and one key, as a guesser looks at it."""

    stem: str
    options: tuple[Option, ...]

    @cached_property
    def key(self) -> int:
        return next(place for place, option in enumerate(self.options) if option.key)

    @cached_property
    def lengths(self) -> list[int]:
        return [len(option.text) for option in self.options]

    @cached_property
    def words(self) -> list[frozenset[str]]:
        return [_words(option.text) for option in self.options]

    def picked_by(self, scores: Sequence[float]) -> float:
        """How often the key is picked by whoever takes the best score; ties are shared."""
        best = [place for place, score in enumerate(scores) if score == max(scores)]
        return 1 / len(best) if self.key in best else 0.0


def gates_of(sets: Sequence[QuestionSet]) -> list[Gate]:
    """Every gate over some sets, in the order of their ids."""
    questions = placed(sets)
    options = [found for item in questions if (found := _options(item.question))]
    choices = [Choice(q.question.stem, _options(q.question)) for q in questions if _is_choice_of_four(q)]
    alone = [{finding.code for finding in lint([item], None, Severity.ADVICE)} for item in questions]
    together = [{finding.code} for finding in lint(questions, None, Severity.ADVICE)]
    gates = [_judged(rule, rule.measure(choices), ENOUGH) for rule in GUESSES]
    gates += [_judged(rule, rule.measure(options)) for rule in BUILT]
    gates += [_judged(rule, rule.measure(alone)) for rule in WRITTEN]
    gates += [_judged(rule, (len(questions), rule.measure(together)[1])) for rule in REPEATED]
    return sorted(gates, key=lambda gate: int(gate.id[1:]))


def _judged(rule: "_Rule", measured: tuple[int, float], enough: int = 1) -> Gate:
    n, value = measured
    low, high = rule.wanted if isinstance(rule.wanted, tuple) else (0.0, rule.wanted)
    ok = low <= value <= high if n >= enough else None
    return Gate(rule.id, rule.title, n, round(value, 2) if n else None, rule.wanted, rule.baseline, ok)


def _options(question: Question) -> tuple[Option, ...]:
    """The options of a choice question; other types have none."""
    options: tuple[Option, ...] = getattr(question.body, "options", ())
    return options


def _is_choice_of_four(item: Placed) -> bool:
    options = _options(item.question)
    return len(options) == 4 and sum(option.key for option in options) == 1


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in WORD.findall(text.casefold()) if len(word) > 2)


def _per_cent(values: Iterable[float]) -> tuple[int, float]:
    listed = list(values)
    return len(listed), 100 * fmean(listed) if listed else 0.0


def _key_position(choices: Sequence[Choice]) -> tuple[int, float]:
    """How far the commonest or rarest place of the key is from a quarter."""
    places = Counter(choice.key for choice in choices)
    shares = [100 * places[place] / max(len(choices), 1) for place in range(4)]
    return len(choices), max(abs(share - 25) for share in shares)


def _longest(choices: Sequence[Choice]) -> tuple[int, float]:
    return _per_cent(c.picked_by(c.lengths) for c in choices)


def _clearly_longest(choices: Sequence[Choice]) -> tuple[int, float]:
    """Among questions with an option that stands out by its length."""
    standing_out = []
    for choice in choices:
        *_, second, first = sorted(choice.lengths)
        if first >= second * CLEARLY_LONGER and first - second >= BY_CHARS:
            standing_out.append(choice)
    return _longest(standing_out)


def _length_ratio(choices: Sequence[Choice]) -> tuple[int, float]:
    """Mean length of the keys by the mean length of the distractors."""
    if not choices:
        return 0, 0.0
    keys = fmean(choice.lengths[choice.key] for choice in choices)
    others = fmean(n for c in choices for place, n in enumerate(c.lengths) if place != c.key)
    return len(choices), keys / others


def _shortest(choices: Sequence[Choice]) -> tuple[int, float]:
    return _per_cent(c.picked_by([-length for length in c.lengths]) for c in choices)


def _uneven(choices: Sequence[Choice]) -> tuple[int, float]:
    """Code has the length that it has, so it does not count."""
    prose = [c for c in choices if not any("`" in option.text for option in c.options)]
    return _per_cent(max(c.lengths) > OUT_OF_PROPORTION * min(c.lengths) for c in prose)


def _like_the_stem(choices: Sequence[Choice]) -> tuple[int, float]:
    return _per_cent(c.picked_by([len(words & _words(c.stem)) for words in c.words]) for c in choices)


def _like_the_others(choices: Sequence[Choice]) -> tuple[int, float]:
    def overlap(words: Sequence[frozenset[str]]) -> list[float]:
        return [sum(len(mine & other) for other in words) - len(mine) for mine in words]

    return _per_cent(c.picked_by(overlap(c.words)) for c in choices)


def _negative(choices: Sequence[Choice]) -> tuple[int, float]:
    """Whether the last sentence, which is the question, asks for the exception."""
    questions = (SENTENCE_END.split(FENCE.sub(" ", choice.stem).strip())[-1] for choice in choices)
    return _per_cent(NEGATION.search(question) is not None for question in questions)


def _same_options(listed: Sequence[Sequence[Option]]) -> tuple[int, float]:
    return _per_cent(len({o.id for o in options}) < len(options) for options in listed)


def _incomplete(listed: Sequence[Sequence[Option]]) -> tuple[int, float]:
    return _per_cent(not any(o.key for o in each) or not all(o.text for o in each) for each in listed)


def _share_with(code: str) -> Callable[[Sequence[Set[str]]], tuple[int, float]]:
    return lambda codes: _per_cent(code in found for found in codes)


def _share_without(code: str) -> Callable[[Sequence[Set[str]]], tuple[int, float]]:
    return lambda codes: _per_cent(code not in found for found in codes)


def _count_of(code: str) -> Callable[[Sequence[Set[str]]], tuple[int, float]]:
    return lambda findings: (len(findings), sum(code in found for found in findings))


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is wanted of a measure, which gives the number of questions that count and a value."""

    id: str
    title: str
    wanted: Wanted
    baseline: float
    measure: Callable[[Sequence[Any]], tuple[int, float]]


GUESSES = (
    _Rule("B1", "key's place: most uneven, in points off 25 %", 3.0, 5.0, _key_position),
    _Rule("B2", "picking the longest option, % right", 28.0, 39.1, _longest),
    _Rule("B3", "picking a clearly longest option, % right", 28.0, 54.8, _clearly_longest),
    _Rule("B4", "length of keys by length of distractors", (0.95, 1.05), 1.2, _length_ratio),
    _Rule("B5", "picking the shortest option, % right", (22.0, 28.0), 18.6, _shortest),
    _Rule("B6", "options of very uneven length, %", 5.0, 15.9, _uneven),
    _Rule("B8", "picking the words of the stem, % right", 28.0, 30.8, _like_the_stem),
    _Rule("B9", "picking what the others resemble, % right", (22.0, 28.0), 24.7, _like_the_others),
    _Rule("B12", "asking for the exception, %", 2.0, 4.2, _negative),
)
"""Measured on questions with four options and one key; judged when there are `ENOUGH`."""

BUILT = (
    _Rule("B14", "the same option twice, %", 0.0, 1.1, _same_options),
    _Rule("B18", "without a key or with an empty option, %", 0.0, 1.1, _incomplete),
)
"""Measured on the options of every choice question."""

WRITTEN = (
    _Rule("B10", "offering all or none of the above, %", 0.0, 3.3, _share_with("B10")),
    _Rule("B22", "with an explanation that says why, %", (100.0, 100.0), 13.2, _share_without("B22")),
    _Rule("B23", "with feedback on every mistake, %", (100.0, 100.0), 0.0, _share_without("B23")),
    _Rule("B24", "with a reference to a place in a source, %", (100.0, 100.0), 31.5, _share_without("B24")),
)
"""Measured on the lint findings of each question."""

REPEATED = (
    _Rule("B19", "the same question again", 0.0, 840.0, _count_of("B19")),
    _Rule("B21", "the same stem with another key", 0.0, 33.0, _count_of("B21")),
)
"""Measured on the lint findings of all questions together."""
