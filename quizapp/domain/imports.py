"""Importing: what a reader found in a file, and the judgement of each question in it.

A reader of a format never raises for content.  It returns a `Reading`: one `Found` for every
question that the file holds, whatever became of it.  `judge` then passes each document through
the one door.  What cannot be asked here is kept as an opaque question with its source, so that

    found = recovered + opaque + dropped

always, and every question that was not fully carried has a diagnostic which says so.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from quizapp.domain.characters import UNSTORABLE
from quizapp.domain.documents import read_question
from quizapp.domain.problems import Path, Place
from quizapp.domain.texts import Markup, markup_of, text_value

MOST_QUESTIONS = 20_000
MESSAGE_CHARS = 500
ID_CHARS = 60
NO_TOPIC = "unsorted"
"""The topic of imported questions until somebody says better."""


class Action(StrEnum):
    """What was done with what a diagnostic is about."""

    KEPT = "kept"
    """Nothing is lost: it is there, perhaps as an opaque question or a setting without effect."""
    APPROXIMATED = "approximated"
    """It is there in another form, which the message names."""
    DROPPED = "dropped"


class Outcome(StrEnum):
    """What became of a question that was found."""

    RECOVERED = "recovered"
    OPAQUE = "opaque"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to know about an import: what, where, and what was done."""

    severity: str
    """`error`, `warning` or `info`."""
    code: str
    line: int
    question: str
    """The question's name in the file; empty for the file itself."""
    message: str
    action: Action
    member: str = ""
    """The file inside an archive."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Found:
    """One question of a file, as far as its reader could carry it."""

    name: str
    line: int
    document: dict[str, Any] | None = None
    """The question as this house writes it; `id` and `topic` may be missing.  None: see `source`."""
    kind: str = ""
    """What its format calls its type."""
    text: str = ""
    """What can be read of it, for an opaque question; `Marked` where it is not Markdown."""
    source: str = ""
    """The question as the file has it, to the letter."""
    member: str = ""
    place: tuple[Place, Path] | None = None
    """Where the document's fields stand, if the reader knows."""
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def say(
        self,
        code: str,
        message: str,
        action: Action = Action.KEPT,
        *,
        severity: str = "warning",
        line: int | None = None,
    ) -> None:
        """Report something about this question."""
        line = line or self.line
        name = self.name[:200]
        self.diagnostics.append(
            Diagnostic(severity, code, line, name, message[:MESSAGE_CHARS], action, self.member)
        )

    def give_up(self, code: str, message: str, *, line: int | None = None) -> None:
        """It cannot be asked here: it is kept as its source says, or dropped if there is none."""
        self.document = None
        action = Action.KEPT if self.source else Action.DROPPED
        self.say(code, message, action, severity="error", line=line)


@dataclass(slots=True)
class Columns:
    """A table whose columns somebody has to explain before it can be read."""

    headers: list[str]
    rows: list[list[str]]
    """The first rows, to look at."""
    guesses: dict[str, str]
    """What each header seems to hold: header → meaning."""
    meanings: dict[str, str]
    """What a column can hold: key → words for people."""


@dataclass(slots=True)
class Reading:
    """Everything that a reader got out of a file."""

    format: str
    title: str = ""
    found: list[Found] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    """About the file as a whole."""
    images: dict[str, bytes] = field(default_factory=dict)
    """Pictures by the SHA-256 of their bytes; texts name them `asset:` and that."""
    columns: Columns | None = None

    def say(
        self,
        code: str,
        message: str,
        action: Action = Action.KEPT,
        *,
        severity: str = "warning",
        line: int = 1,
        member: str = "",
    ) -> None:
        """Report something about the file."""
        self.diagnostics.append(Diagnostic(severity, code, line, "", message[:MESSAGE_CHARS], action, member))

    def add_image(self, data: bytes) -> str:
        """Carry a picture over; the address that a text names it by."""
        name = hashlib.sha256(data).hexdigest()
        self.images[name] = data
        return f"asset:{name}"


@dataclass(frozen=True, slots=True)
class Imported:
    """A question of a file with its verdict."""

    outcome: Outcome
    document: dict[str, Any] | None
    name: str
    line: int
    member: str
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """A file, judged: what would be imported, and everything that there is to say about it."""

    file: str
    format: str
    title: str
    questions: tuple[Imported, ...]
    about_file: tuple[Diagnostic, ...]
    images: Mapping[str, bytes]
    columns: Columns | None = None

    def count(self, outcome: Outcome) -> int:
        return sum(each.outcome is outcome for each in self.questions)

    @property
    def documents(self) -> list[dict[str, Any]]:
        """What there is to keep, in the order of the file."""
        return [each.document for each in self.questions if each.document is not None]

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return [*self.about_file, *(said for each in self.questions for said in each.diagnostics)]

    def as_json(self) -> dict[str, Any]:
        """What `quizapp import --json` says of one file."""
        return {
            "file": self.file,
            "format": self.format,
            "found": len(self.questions),
            **{outcome.value: self.count(outcome) for outcome in Outcome},
            "questions": self.documents,
            "diagnostics": [each.as_json() for each in self.diagnostics],
        }


def judge(reading: Reading, file: str, topic: str = NO_TOPIC) -> Import:
    """Pass every question of a reading through the one door.

    `topic` is that of questions which name none.  Ids are made of names where there are none,
    and are distinct within the file.
    """
    ids = _Ids()
    judged = [_judged(found, reading.format, topic, ids) for found in reading.found[:MOST_QUESTIONS]]
    for found in reading.found[MOST_QUESTIONS:]:
        found.say("too_many", f"a file gives at most {MOST_QUESTIONS:,} questions", Action.DROPPED)
        judged.append(_verdict(Outcome.DROPPED, None, found))
    about = tuple(reading.diagnostics)
    return Import(file, reading.format, reading.title, tuple(judged), about, reading.images, reading.columns)


def _judged(found: Found, format_key: str, topic: str, ids: "_Ids") -> Imported:
    document = _storable(found) if found.document is not None else None
    if document is not None:
        document.setdefault("topic", topic)
        identity = _identity(document, found, ids)
        place, path = found.place or (Place(found.member, {(): found.line}), ())
        question, problems = read_question({**document, "id": identity}, place, path)
        if question is not None:
            ids.taken.add(identity)
            is_opaque = question.type == "opaque"
            return _verdict(Outcome.OPAQUE if is_opaque else Outcome.RECOVERED, question.document(), found)
        for problem in problems[:5]:
            field_path = problem.where.partition(": ")[2].removeprefix(".".join(map(str, path))).strip(".")
            message = f"{field_path}: {problem.message}" if field_path else problem.message
            line = _line_of(problem.where) if found.place else found.line
            found.say(
                "not_askable", f"kept, but cannot be asked here: {message}", severity="error", line=line
            )
        found.source = found.source or json.dumps(document, ensure_ascii=False, indent=1)
    return _kept_whole(found, document, format_key, topic, ids)


def _kept_whole(
    found: Found, refused: Mapping[str, Any] | None, format_key: str, topic: str, ids: "_Ids"
) -> Imported:
    """What cannot be asked, as an opaque question; dropped where there is nothing to keep."""
    if not found.source.strip():
        return _verdict(Outcome.DROPPED, None, found)
    said = [each.message for each in found.diagnostics if each.severity == "error"]
    kept = {
        name: value
        for name, value in (refused or {}).items()
        if name in ("category", "tags", "markup", "stem") and value
    }
    text = text_value(found.text, Markup.MARKDOWN) if found.text.strip() else "(no text)"
    document = {
        "type": "opaque",
        "topic": topic,
        "name": found.name[:500],
        "stem": text,
        **kept,
        "kind": (found.kind or "question")[:500],
        "reason": " ".join(said)[:5_000],
        "source": found.source,
        "origin": (refused or {}).get("origin") or {"format": format_key},
    }
    found.document = document
    document = _storable(found)
    identity = _identity(document, found, ids)
    for attempt in (document, {**document, "stem": "(no text)", "tags": (), "category": "", "origin": None}):
        question, problems = read_question({**attempt, "id": identity}, Place(found.member, {}))
        if question is not None:
            ids.taken.add(identity)
            return _verdict(Outcome.OPAQUE, question.document(), found)
    reason = problems[0].message if problems else ""
    found.say("too_large", f"cannot even be kept: {reason}", Action.DROPPED, severity="error")
    return _verdict(Outcome.DROPPED, None, found)


def _verdict(outcome: Outcome, document: dict[str, Any] | None, found: Found) -> Imported:
    if outcome is Outcome.DROPPED and not any(d.action is Action.DROPPED for d in found.diagnostics):
        found.say("dropped", "nothing of it could be read", Action.DROPPED, severity="error")
    if outcome is Outcome.OPAQUE and not found.diagnostics:
        found.say("opaque", "kept as it is: it cannot be asked here")
    diagnostics = tuple(found.diagnostics)
    return Imported(outcome, document, found.name, found.line, found.member, diagnostics)


def _storable(found: Found) -> dict[str, Any]:
    """The document without characters that no database can keep."""
    document, replaced = _cleaned(found.document or {})
    if replaced:
        message = "holds characters that no database can store; each became \N{REPLACEMENT CHARACTER}"
        found.say("character", message, Action.APPROXIMATED)
    result: dict[str, Any] = document
    return result


def _cleaned(value: Any) -> tuple[Any, bool]:
    if isinstance(value, str):
        if UNSTORABLE.search(value) is None:
            return value, False
        return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value), True
    if isinstance(value, Mapping):
        pairs = {_cleaned(name)[0]: _cleaned(each) for name, each in value.items()}
        return {name: each[0] for name, each in pairs.items()}, any(each[1] for each in pairs.values())
    if isinstance(value, list | tuple):
        parts = [_cleaned(each) for each in value]
        return [each[0] for each in parts], any(each[1] for each in parts)
    return value, False


def _identity(document: Mapping[str, Any], found: Found, ids: "_Ids") -> str:
    """An id that is new in the file: the document's own, or made of its name."""
    given = document.get("id")
    wanted = given if isinstance(given, str) and given else ""
    if not wanted:
        origin = document.get("origin")
        own = origin.get("id", "") if isinstance(origin, Mapping) else ""
        wanted = as_id(own or found.name or _stem(document))
    return ids.free(wanted)


@dataclass(slots=True)
class _Ids:
    """The ids of a file, and how often each name was wanted: thousands of questions may have one name."""

    taken: set[str] = field(default_factory=set)
    wanted: dict[str, int] = field(default_factory=dict)

    def free(self, name: str) -> str:
        """The name itself if it is free, or with the next number."""
        candidate = name
        while candidate in self.taken:
            self.wanted[name] = self.wanted.get(name, 1) + 1
            candidate = f"{name}-{self.wanted[name]}"
        return candidate


def _stem(document: Mapping[str, Any]) -> str:
    stem = document.get("stem", "")
    return str(next(iter(stem.values()), "")) if isinstance(stem, Mapping) else str(stem)


def as_id(text: str) -> str:
    """`Joins & indexes (1)` becomes `joins-indexes-1`; a text of other letters becomes its digest."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(slug) >= 3 and len(slug) <= ID_CHARS and plain.isascii() and len(slug) * 2 >= len(text):
        return slug
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:10]
    return f"{slug[:ID_CHARS].strip('-')}-{digest}".strip("-")


def _line_of(where: str) -> int:
    found = re.search(r":(\d+)(?::|$)", where)
    return int(found[1]) if found else 1


def marked_value(text: str, default: Markup) -> Any:
    """A text for a document whose `markup` is `default` (see `texts.text_value`)."""
    return text_value(text, default) if markup_of(text) is not default else str(text)


def told(diagnostics: Sequence[Diagnostic]) -> dict[str, int]:
    """How many diagnostics there are of each action."""
    counted = dict.fromkeys((action.value for action in Action), 0)
    for each in diagnostics:
        counted[each.action.value] += 1
    return counted
