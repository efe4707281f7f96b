"""Reading a file to import, in a child process: hostile bytes cost the child, and not the server.

`read_file` is what runs in the child.  `read_in_child` is the same behind limits, and what pages and
commands use.  Pictures are drawn anew in the same child.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from threading import BoundedSemaphore
from typing import Any

from quizapp.domain.characters import UNSTORABLE
from quizapp.domain.errors import Overloaded, Refused
from quizapp.domain.imports import (
    Action,
    Columns,
    Diagnostic,
    Found,
    Import,
    Imported,
    Outcome,
    Reading,
    judge,
)
from quizapp.formats import detected, readable
from quizapp.sandbox import runner
from quizapp.sandbox.child import ChildFailed, LimitReached, run_limited, tell
from quizapp.sandbox.pictures import Redrawn, drawn_here
from quizapp.services.images import named_in, renamed

SECONDS = 30
MEGABYTES = 1_024
MOST_BYTES = 64 * 1024 * 1024
MOST_ANSWER = 192 * 1024 * 1024
"""Bytes of what a file became, which wait in the database for its author's word."""
MOST_REMARKS = 2_000
"""Remarks about a file as a whole, or about one question; the others are counted."""
AT_ONCE = 2
"""Children that read; each may take a processor and its memory for long."""
PATIENCE = 20.0
OFTEN = 500
MOST_TITLE = 500
TOO_MUCH = "takes too long or too much memory to read; split it into smaller files"
READER_FAILED = "reader_failed"
"""The code of a diagnostic that no file should ever get."""


log = logging.getLogger(__name__)
_turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Request:
    """A file and how to read it."""

    data: bytes
    name: str
    format: str = ""
    """Empty: found out by content."""
    topic: str = ""
    """That of questions which name none."""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """A file, read and judged, with its pictures as they will be kept."""

    imported: Import
    pictures: Mapping[str, Redrawn]


def read_in_child(request: Request, told: Callable[[str], None] | None = None) -> Read:
    """Read a file behind limits of time and memory; reaching one is a problem of the file."""
    return from_bytes(answer_of_child(request, told))


def answer_of_child(request: Request, told: Callable[[str], None] | None = None) -> bytes:
    """The same, as bytes that can be kept for a while."""
    if len(request.data) > MOST_BYTES:
        return as_bytes(_unread(request, "size", f"has more than {MOST_BYTES // 1024 // 1024} MB"))
    head = {name: value for name, value in _plain(request).items() if name != "data"}
    payload = json.dumps(head).encode() + b"\n" + request.data
    target = f"{__name__}:read_payload"
    try:
        with _turn():
            answer = run_limited(target, payload, seconds=SECONDS, megabytes=MEGABYTES, told=told)
    except LimitReached:
        return as_bytes(_unread(request, "limit", TOO_MUCH))
    except ChildFailed as error:
        # Whatever a file does to the child that reads it, it is the file that cannot be read.
        log.error("import_child_failed: %s", error)
        message = "broke off the program that reads files; please report this file"
        return as_bytes(_unread(request, READER_FAILED, message))
    return answer if len(answer) <= MOST_ANSWER else as_bytes(_unread(request, "limit", TOO_MUCH))


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise Overloaded
    try:
        yield
    finally:
        _turns.release()


def read_payload(payload: bytes) -> bytes:
    """The child's side."""
    runner.install()  # this process is a fresh one
    head, _, data = payload.partition(b"\n")
    return as_bytes(read_file(Request(data, **json.loads(head)), tell))


def read_file(request: Request, told: Callable[[str], None] = lambda line: None) -> Read:
    """Read and judge a file in this very process."""
    key = request.format or detected(request.data, request.name)
    if key is None or key not in readable():
        known = ", ".join(each.title for each in readable().values())
        return _unread(request, "format", f"is of no format that can be read here: {known}")
    told(f"reading as {readable()[key].title}")
    try:
        reading = readable()[key].read(request.data, request.name, request.options)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # whatever a reader stumbles over, its file is kept and its author told
        reading = _kept_as_a_whole(key, request, error)
    told(f"judging {len(reading.found):,} questions")
    imported = judge(reading, request.name, **({"topic": request.topic} if request.topic else {}))
    return _drawn(_honestly_named(_presentable(imported)), told)


def _presentable(imported: Import) -> Import:
    """The same with a title that a database can keep, and with no more remarks than somebody can read."""
    title = " ".join(UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", imported.title[:MOST_TITLE]).split())
    about = _counted(imported.about_file)
    questions = imported.questions
    if any(len(each.diagnostics) > MOST_REMARKS for each in questions):
        questions = tuple(replace(each, diagnostics=_counted(each.diagnostics)) for each in questions)
    return replace(imported, title=title, about_file=about, questions=questions)


def _honestly_named(imported: Import) -> Import:
    """Every picture under the digest of its bytes, whatever a file calls it.

    Who could choose a name would choose what others see who import the picture of that name.
    """
    names = {name: hashlib.sha256(data).hexdigest() for name, data in imported.images.items()}
    wrong = {name: digest for name, digest in names.items() if name != digest}
    if not wrong:
        return imported
    questions = tuple(replace(each, document=renamed(each.document, wrong)) for each in imported.questions)
    pictures = {names[name]: data for name, data in imported.images.items()}
    return replace(imported, questions=questions, images=pictures)


def _counted(said: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The first remarks, and how many more there are; one that something was dropped is among them."""
    if len(said) <= MOST_REMARKS:
        return said
    first, others = said[:MOST_REMARKS], said[MOST_REMARKS:]
    dropped = any(each.action is Action.DROPPED for each in others)
    action = Action.DROPPED if dropped else Action.KEPT
    message = f"there are {len(others):,} more remarks like these"
    return *first, replace(others[0], severity="warning", code="more", message=message, action=action)


def as_bytes(read: Read) -> bytes:
    """A line of JSON, then the pictures one after another."""
    pictures = [
        {"name": name, "media_type": p.media_type, "width": p.width, "height": p.height, "size": len(p.data)}
        for name, p in read.pictures.items()
    ]
    imported = read.imported
    head = {
        "file": imported.file,
        "format": imported.format,
        "title": imported.title,
        "questions": [asdict(each) for each in imported.questions],
        "about_file": [asdict(each) for each in imported.about_file],
        "columns": asdict(imported.columns) if imported.columns else None,
        "pictures": pictures,
    }
    body = b"".join(each.data for each in read.pictures.values())
    return json.dumps(head, ensure_ascii=False).encode("utf-8", "replace") + b"\n" + body


def from_bytes(answer: bytes) -> Read:
    """What `as_bytes` wrote."""
    line, _, body = answer.partition(b"\n")
    head = json.loads(line)
    pictures, at = {}, 0
    for each in head["pictures"]:
        data = body[at : at + each["size"]]
        at += each["size"]
        pictures[each["name"]] = Redrawn(each["media_type"], each["width"], each["height"], data)
    imported = Import(
        head["file"],
        head["format"],
        head["title"],
        tuple(_imported(each) for each in head["questions"]),
        tuple(_diagnostic(each) for each in head["about_file"]),
        {},
        Columns(**head["columns"]) if head["columns"] else None,
    )
    return Read(imported, pictures)


def _plain(request: Request) -> dict[str, Any]:
    return {
        "name": request.name,
        "format": request.format,
        "topic": request.topic,
        "options": dict(request.options),
    }


def _imported(each: dict[str, Any]) -> Imported:
    said = tuple(_diagnostic(one) for one in each["diagnostics"])
    return Imported(
        Outcome(each["outcome"]), each["document"], each["name"], each["line"], each["member"], said
    )


def _diagnostic(each: dict[str, Any]) -> Diagnostic:
    return Diagnostic(**{**each, "action": Action(each["action"])})


def _unread(request: Request, code: str, message: str) -> Read:
    """What is said of a file that could not be read at all."""
    reading = Reading(request.format)
    reading.say(code, message, Action.DROPPED, severity="error")
    return Read(judge(reading, request.name), {})


def _kept_as_a_whole(key: str, request: Request, error: Exception) -> Reading:
    """A file that its reader could not cope with, which none should be, as one question with its source."""
    reading = Reading(key)
    text = request.data.decode("utf-8", "replace")
    found = Found(request.name, 1, kind="file", text=text[:2_000], source=text)
    message = f"its reader broke off ({type(error).__name__}: {error}); please report this file"
    found.give_up(READER_FAILED, message)
    reading.found.append(found)
    return reading


def _drawn(imported: Import, told: Callable[[str], None]) -> Read:
    """The pictures that the questions show, drawn anew; one that cannot be is told where it is shown."""
    wanted = named_in(imported.documents) & imported.images.keys()
    pictures: dict[str, Redrawn] = {}
    broken: dict[str, str] = {}
    for number, name in enumerate(sorted(wanted)):
        if number % OFTEN == 0:
            told(f"drawing {len(wanted):,} pictures")
        try:
            pictures[name] = drawn_here(imported.images[name])
        except Refused as error:
            broken[name] = str(error)
    if not broken:
        return Read(imported, pictures)
    return Read(_with_broken(imported, broken), pictures)


def _with_broken(imported: Import, broken: Mapping[str, str]) -> Import:
    questions = []
    for each in imported.questions:
        shown = named_in([each.document]) & broken.keys()
        said = tuple(_broken(each, broken[name]) for name in sorted(shown))
        questions.append(
            Imported(each.outcome, each.document, each.name, each.line, each.member, each.diagnostics + said)
        )
    return Import(
        imported.file,
        imported.format,
        imported.title,
        tuple(questions),
        imported.about_file,
        {},
        imported.columns,
    )


def _broken(each: Imported, reason: str) -> Diagnostic:
    message = f"a picture {reason}"
    return Diagnostic("error", "image", each.line, each.name, message, Action.DROPPED, each.member)
