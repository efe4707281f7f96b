"""Rules on how a query is worked out, judged by the lines of SQLite's query plan."""

import re
from collections.abc import Iterable, Sequence
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

STEP = re.compile(r"^(SCAN|SEARCH) (\S+)")
INDEX = re.compile(r" USING (AUTOMATIC )?(PARTIAL )?(COVERING )?INDEX (\S+)?")
TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|[A-Za-z_]\w*|\"[^\"]*\"|[(),.;]", re.DOTALL)
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
    return any(_shows(line.strip(), word, name, query) for line in lines)


def in_words(rule: str) -> str:
    word, _, name = rule.partition(" ")
    return NAMED[word].format(name) if name else WORDS[word]


def _shows(line: str, word: str, name: str, query: str) -> bool:
    if word == "sort":
        return line.startswith("USE TEMP B-TREE")
    step, index = STEP.match(line), INDEX.search(line)
    if step is None:
        return False
    if word in {"index", "covering_index"}:
        if index is None or index[1] or (word == "covering_index" and not index[3]):
            return False
        return not name or (index[4] or "").casefold() == name.casefold()
    automatic = index is not None and bool(index[1])
    fits = automatic if word == "automatic_index" else step[1] == word.upper()
    return fits and (not name or step[2].casefold() in _called(name, query))


def _called(table: str, query: str) -> set[str]:
    """A table's name and every alias that a query gives it: a plan shows the alias."""
    names = {table.casefold()}
    tokens = [t.strip('"').casefold() for t in TOKEN.findall(query) if not t.startswith(("'", "--", "/*"))]
    for place, token in enumerate(tokens):
        if token != table.casefold():
            continue
        after = _first(t for t in tokens[place + 1 : place + 3] if t != "as")
        if after and after not in NO_ALIAS and after[0] not in "(),.;":
            names.add(after)
    return names


def _first(tokens: Iterable[str]) -> str:
    return next(iter(tokens), "")
