"""What there is to know: topics, their subtopics and objectives."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Self

from pydantic import model_validator

from quizapp.domain.questions import Cognitive, Document, Level, Line, Slug


class Objective(Document):
    """One thing a learner can show to know."""

    id: Slug
    level: Level
    cognitive: Cognitive
    statement: Line


class Subtopic(Document):
    id: Slug
    title: Line
    objectives: tuple[Objective, ...] = ()


class Topic(Document):
    id: Slug
    title: Line
    core: bool = False
    subtopics: tuple[Subtopic, ...] = ()


class Curriculum(Document):
    """The map of the field, in the order in which pages show it."""

    topics: tuple[Topic, ...] = ()

    @model_validator(mode="after")
    def _ids_nest_and_differ(self) -> Self:
        seen: set[str] = set()
        for parent, child in self._edges():
            if child in seen:
                raise ValueError(f"the id {child!r} is used twice")
            if parent and not child.startswith(f"{parent}."):
                raise ValueError(f"the id {child!r} should begin with {parent + '.'!r}")
            seen.add(child)
        return self

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """The title of every topic and subtopic, by id."""
        named = {topic.id: topic.title for topic in self.topics}
        return named | {sub.id: sub.title for topic in self.topics for sub in topic.subtopics}

    @cached_property
    def objectives(self) -> Mapping[str, Objective]:
        return {o.id: o for topic in self.topics for sub in topic.subtopics for o in sub.objectives}

    def title(self, identity: str) -> str:
        """The title of a topic or subtopic; a readable guess where the map has none."""
        return self.titles.get(identity) or identity.split(".")[-1].replace("_", " ").capitalize()

    def _edges(self) -> Iterator[tuple[str, str]]:
        for topic in self.topics:
            yield "", topic.id
            for sub in topic.subtopics:
                yield topic.id, sub.id
                for objective in sub.objectives:
                    yield sub.id, objective.id
