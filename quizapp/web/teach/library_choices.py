"""What the library can be filtered by: from an address to what is looked for, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from quizapp.db.models import QuestionSet
from quizapp.domain.curriculum import Curriculum
from quizapp.domain.permissions import Actor
from quizapp.domain.question_types import question_types
from quizapp.domain.questions import Level
from quizapp.queries import sets
from quizapp.queries.library import Health, Owner, Sort, Wanted
from quizapp.web.teach.quiz_choices import in_map_order

MOST_WORDS, WORDS_CHARS, VALUE_CHARS = 10, 200, 120
MOST_ADDRESS = 2000

STATUSES: Mapping[str, str] = {
    "": "All but retired",
    "draft": "Draft",
    "review": "In review",
    "published": "Published",
    "retired": "Retired",
    "any": "All",
}
OWNERS: Mapping[str, str] = {
    "": "Everybody",
    Owner.MINE: "Me",
    Owner.SHARED: "Colleagues",
    Owner.BANK: "The question bank",
}
HEALTHS: Mapping[str, str] = {
    "": "Any",
    Health.NEVER: "Never answered",
    Health.FEW: "Fewer than 10 answers",
    Health.HARD: "Too hard: under 20 % right",
    Health.EASY: "Too easy: over 95 % right",
    Health.FINE: "Fine",
}
SORTS: Mapping[str, str] = {
    Sort.CHANGED: "Last changed",
    Sort.TOPIC: "Topic",
    Sort.HARDEST: "Hardest",
    Sort.ANSWERED: "Most answered",
}
NAMES = ("q", "topic", "type", "level", "status", "set", "tag", "owner", "health", "sort")
"""The names in the address; `topic` takes a subtopic, too."""

Options = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address asks for, as text and as a question to the database."""

    values: Mapping[str, str]
    """Only what is asked for, by the names of the address."""
    wanted: Wanted = field(default_factory=Wanted)

    def without(self, name: str) -> dict[str, str]:
        return {key: value for key, value in self.values.items() if key != name}


def filters_of(given: Mapping[str, str]) -> Filters:
    """Read the values of an address.  What it does not know is passed over, so old links still work."""
    known: dict[str, Options] = {
        "type": {key: kind.title for key, kind in question_types.items()},
        "level": {level.value: level.value for level in Level},
        "status": STATUSES,
        "owner": OWNERS,
        "health": HEALTHS,
        "sort": SORTS,
    }
    values = {}
    for name in NAMES:
        text = " ".join(given.get(name, "").replace("\x00", "").split())
        text = text[: WORDS_CHARS if name == "q" else VALUE_CHARS]
        is_number = text.isascii() and text.isdigit() and len(text) < 10
        if text and text in known.get(name, {text: ""}) and (name != "set" or is_number):
            values[name] = text
    if values.get("sort") == Sort.CHANGED:
        del values["sort"]
    return Filters(values, _wanted(values))


def _wanted(values: Mapping[str, str]) -> Wanted:
    return Wanted(
        words=tuple(values.get("q", "").split()[:MOST_WORDS]),
        place=values.get("topic", ""),
        type=values.get("type", ""),
        level=values.get("level", ""),
        status=values.get("status", ""),
        set_id=int(values["set"]) if "set" in values else None,
        tag=values.get("tag", ""),
        owner=values.get("owner", ""),
        health=values.get("health", ""),
        sort=values.get("sort", Sort.CHANGED),
    )


def filters_in(address: str) -> Filters:
    """The filters in the part of an address behind its question mark, as a form brings it back."""
    return filters_of(MultiDict(parse_qsl(address[:MOST_ADDRESS])))


@dataclass(frozen=True, slots=True)
class Choices:
    """What every select of the page offers, and a link to take each filter away."""

    places: Options
    types: Options
    levels: Options
    sets: Options
    tags: Options
    own_sets: Sequence[QuestionSet]
    """Where questions can be moved to."""
    new_places: Options
    """Topics and subtopics that a question can be given: `topic|subtopic`."""


def choices(
    actor: Actor,
    filters: Filters,
    titles: Curriculum,
    places: Sequence[tuple[str, str | None]],
    homes: Sequence[QuestionSet],
    tags: Sequence[tuple[str, int]],
) -> Choices:
    """Fill the selects.  What the address asks for is always among them."""
    nested = _nested(titles, places)
    own = [row for row in homes if sets.may_change(actor, row) and row.status != "retired"]
    offered_sets = {str(row.id): f"{row.title}{_whose(actor, row)}" for row in homes}
    offered_tags = {tag: f"{tag} ({count})" for tag, count in tags}
    asked_set, asked_tag = filters.values.get("set", ""), filters.values.get("tag", "")
    return Choices(
        {"": "All topics"}
        | {sub or topic: f"– {titles.title(sub)}" if sub else titles.title(topic) for topic, sub in nested},
        {"": "All types"} | {key: kind.title for key, kind in question_types.items()},
        {"": "All levels"} | {level.value: level.value.capitalize() for level in Level},
        {"": "All sets"} | {each: "Another set" for each in [asked_set] if each} | offered_sets,
        {"": "All tags"} | {each: each for each in [asked_tag] if each} | offered_tags,
        own,
        {f"{topic}|{sub}": f"– {titles.title(sub)}" if sub else titles.title(topic) for topic, sub in nested},
    )


def _whose(actor: Actor, row: QuestionSet) -> str:
    if row.source is not None:
        return " (bank)"
    status = "in review" if sets.is_in_review(row) else row.status
    return f" ({status})" if row.owner_id == actor.id else f" (shared, {status})"


def _nested(titles: Curriculum, places: Sequence[tuple[str, str | None]]) -> list[tuple[str, str]]:
    """Every topic of the map and of the questions, each with its subtopics below it."""
    known = {(topic.id, sub.id) for topic in titles.topics for sub in topic.subtopics}
    known |= {(topic.id, "") for topic in titles.topics}
    known |= {(topic, sub or "") for topic, sub in places} | {(topic, "") for topic, _ in places}
    return in_map_order(known, titles)
