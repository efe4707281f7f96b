"""Rules on how a query is worked out, judged by the lines of SQLite's query plan."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from quizapp.domain.questions import Document
from quizapp.domain.sql_data import Sql

Rule = Annotated[
    str,
    StringConstraints(
        pattern=r"^(sort|(index|covering_index|search|scan|automatic_index)( [A-Za-z_]\w*)?)$", max_length=120
    ),
]
"""A word, and the index or table that it is about: `index`, `scan orders`."""

STEP = re.compile(r"^(scan|search) (.+)")
INDEX = re.compile(r" using (automatic )?(partial )?(covering )?index (\S+)?")
TOKEN = re.compile(
    r"""--[^\n]* | /\*.*?(?:\*/|\Z)
    | '((?:[^']|'')*)(?:'|\Z) | "((?:[^"]|"")*)(?:"|\Z) | `([^`]*)(?:`|\Z) | \[([^\]]*)(?:\]|\Z)
    | (?P<word>[^\W\d]\w*|[(),.;])""",
    re.DOTALL | re.VERBOSE,
)
"""What is never closed goes on to the end, so no text is looked at twice."""

AFTER_A_TABLE = """
as on using where group order limit having union except intersect join left right full inner outer cross
natural set values select indexed not window returning
"""
NO_ALIAS = frozenset(AFTER_A_TABLE.split())

WORDS = {
    "index": "an index is used",
    "covering_index": "a covering index is used",
    "search": "a table is searched, not scanned",
    "scan": "a table is scanned",
    "sort": "rows are sorted",
    "automatic_index": "an index is built for this query alone",
}
NAMED = {
    "index": "the index {} is used",
    "covering_index": "the index {} covers the query",
    "search": "{} is searched, not scanned",
    "scan": "{} is scanned",
    "automatic_index": "an index on {} is built for this query alone",
}


class PlanRules(Document):
    """What the plan has to show, and what it must not."""

    require: Annotated[tuple[Rule, ...], Field(max_length=6)] = ()
    forbid: Annotated[tuple[Rule, ...], Field(max_length=6)] = ()
    of: Sql | None = None
    """The query whose plan is looked at after a change; otherwise it is the answer itself."""


def broken(rules: PlanRules, lines: Sequence[str], query: str) -> list[str]:
    """The rules that a plan breaks, in words."""
    return [words for words, kept in judged(rules, lines, query) if not kept]


def judged(rules: PlanRules, lines: Sequence[str], query: str) -> list[tuple[str, bool]]:
    """Every rule in words, and whether it is kept."""
    required = [(f"required: {in_words(rule)}", holds(rule, lines, query)) for rule in rules.require]
    return required + [
        (f"not wanted: {in_words(rule)}", not holds(rule, lines, query)) for rule in rules.forbid
    ]


def holds(rule: str, lines: Sequence[str], query: str) -> bool:
    """Whether some line of the plan shows what the rule speaks of."""
    word, _, name = rule.partition(" ")
    names = _called(name, query) if name else frozenset()
    return any(_shows(line.strip().casefold(), word, name.casefold(), names) for line in lines)


def in_words(rule: str) -> str:
    word, _, name = rule.partition(" ")
    return NAMED[word].format(name) if name else WORDS[word]


def _shows(line: str, word: str, name: str, names: AbstractSet[str]) -> bool:
    if word == "sort":
        return line.startswith("use temp b-tree")
    step, index = STEP.match(line), INDEX.search(line)
    if step is None:
        return False
    if word in {"index", "covering_index"}:
        if index is None or index[1] or (word == "covering_index" and not index[3]):
            return False
        return not name or index[4] == name
    automatic = index is not None and bool(index[1])
    fits = automatic if word == "automatic_index" else step[1] == word
    return fits and (not name or any(f"{step[2]} ".startswith(f"{known} ") for known in names))


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a query; between quotes, every word is a name."""

    text: str
    quoted: bool


AS, DOT = Token("as", quoted=False), Token(".", quoted=False)
BRACKETS = Token("(", quoted=False), Token(")", quoted=False)
SIGNS = "(),.;"


def _called(table: str, query: str) -> AbstractSet[str]:
    """A table's name and every alias that a query gives it: a plan shows the alias."""
    tokens = list(_tokens(query))
    name = table.casefold()
    places = (place for place, token in enumerate(tokens) if token.text == name)
    return {name, *filter(None, (_alias(tokens, place) for place in places))}


def _tokens(query: str) -> Iterator[Token]:
    for found in TOKEN.finditer(query):
        if found["word"]:
            yield Token(found["word"].casefold(), quoted=False)
        elif found.lastindex:
            mark = found[0][0]
            yield Token(found[found.lastindex].replace(mark * 2, mark).casefold(), quoted=True)


def _alias(tokens: Sequence[Token], place: int) -> str:
    """What the table at a place is called there: `orders o`, `orders AS "o"`, `(main.orders) o`."""
    before = place - 1 if place < 2 or tokens[place - 1] != DOT else place - 3
    after = place + 1
    while before >= 0 and after < len(tokens) and (tokens[before], tokens[after]) == BRACKETS:
        before, after = before - 1, after + 1
    following = next((token for token in tokens[after : after + 2] if token != AS), Token("", quoted=False))
    is_name = following.quoted or (following.text not in NO_ALIAS and following.text not in SIGNS)
    return following.text if is_name else ""
