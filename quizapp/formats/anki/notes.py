"""What a collection holds: notes, and the kinds of notes with their templates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from quizapp.domain.texts import Markup


@dataclass(frozen=True, slots=True)
class Template:
    """How one card of a note looks in front and behind."""

    name: str
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """The names of a note's fields, and its cards."""

    name: str
    fields: tuple[str, ...]
    templates: tuple[Template, ...]
    is_cloze: bool = False
    markup: Markup = Markup.HTML


@dataclass(slots=True)
class Note:
    """What somebody wrote down once, whatever cards come of it."""

    line: int
    """From 1, in the order of the collection; in a text, its line."""
    guid: str
    type: NoteType
    values: Mapping[str, str]
    """By the names of the fields."""
    tags: list[str] = field(default_factory=list)
    deck: str = ""
    """Parts of the name are joined by `::`."""
    cards: tuple[int, ...] = ()
    """The numbers of the templates that made a card."""
    text: str = ""
    """As the file has it; made up where that is a database."""

    def source(self) -> str:
        """The note to the letter, with all that is needed to write it again."""
        if self.text:
            return self.text
        return json.dumps(
            {
                "guid": self.guid,
                "deck": self.deck,
                "notetype": self.type.name,
                "cloze": self.type.is_cloze,
                "fields": dict(self.values),
                "tags": self.tags,
                "templates": [[each.name, each.front, each.back] for each in self.type.templates],
            },
            ensure_ascii=False,
            indent=1,
        )
