"""Judging an uploaded file, in a child process: hostile text costs the child, and not the server.

`judge_upload` is pure.  `judge_in_child` is the same behind limits, and what pages use.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from quizapp.domain.documents import QuestionSet
from quizapp.domain.linting import lint, placed
from quizapp.domain.problems import Place, Problem, Severity
from quizapp.formats.quizapp_yaml import read_set_file
from quizapp.sandbox import runner
from quizapp.sandbox.child import LimitReached, run_limited

SECONDS = 10
MEGABYTES = 512
MOST_TOLD = 1_000
"""More problems than this are counted, not told: nobody mends them one by one."""

MESSAGE_CHARS = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """A judged question of an upload: what is stored, and the line of its id."""

    document: dict[str, Any]
    content_hash: str
    line: int

    @property
    def uid(self) -> str:
        return str(self.document["id"])


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that can be accepted, as far as the file alone can tell."""

    name: str
    title: str
    description: str
    licence: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a file: an upload or errors, advice, and how many problems were left out."""

    upload: Upload | None
    errors: tuple[Problem, ...] = ()
    advice: tuple[Problem, ...] = ()
    untold: int = 0


def judge_in_child(data: bytes, name: str) -> Judgement:
    """Judge a file behind limits of time and memory; reaching one is a problem of the file."""
    payload = json.dumps(name).encode() + b"\n" + data
    try:
        answer = run_limited(f"{__name__}:judge_payload", payload, seconds=SECONDS, megabytes=MEGABYTES)
    except LimitReached:
        message = "takes too long or too much memory to read; split it into smaller files"
        return Judgement(None, (Place(name, {}).error((), "limit", message),))
    return _from_json(json.loads(answer))


BROKEN = frozenset({"B40"})
"""Findings that are no matter of taste: nobody could answer such a question rightly."""


def judge_payload(payload: bytes) -> bytes:
    """The child's side: the file's name as JSON in the first line, then its bytes."""
    runner.install()  # this process is a fresh one
    name, _, data = payload.partition(b"\n")
    return json.dumps(asdict(judge_upload(data, json.loads(name)))).encode()


def judge_upload(data: bytes, name: str) -> Judgement:
    """Read a set and say everything that is wrong with it, in the order of its lines."""
    found, problems = read_set_file(data, name)
    errors = [problem for problem in problems if problem.is_error]
    advice = [problem for problem in problems if not problem.is_error]
    if found is not None:
        remarks = lint(placed([found]), None, Severity.ADVICE)
        errors += [replace(each, severity=Severity.ERROR) for each in remarks if each.code in BROKEN]
        advice += [each for each in remarks if each.code not in BROKEN]
    untold = max(0, len(errors) - MOST_TOLD) + max(0, len(advice) - MOST_TOLD)
    upload = None if found is None or errors else _upload(found, name)
    return Judgement(upload, _told(errors, name), _told(advice, name), untold)


def line_and_field(problem: Problem, name: str) -> tuple[int, str]:
    """A problem's place in the file that is called `name`: its line, and the field's path."""
    line, _, field = problem.where.removeprefix(f"{name}:").partition(": ")
    return (int(line) if line.isdecimal() else 1), field


def _upload(found: QuestionSet, name: str) -> Upload:
    lines = found.place.lines
    entries = tuple(
        Entry(
            question.document(),
            question.content_hash(),
            lines.get(("questions", number, "id"), lines.get(("questions", number), 1)),
        )
        for number, question in enumerate(found.questions)
    )
    return Upload(name, found.title, found.description, found.licence, entries)


def _told(problems: Sequence[Problem], name: str) -> tuple[Problem, ...]:
    ordered = sorted(problems, key=lambda problem: line_and_field(problem, name)[0])
    return tuple(
        Problem(_printable(p.where), p.severity, p.code, _printable(p.message)) for p in ordered[:MOST_TOLD]
    )


def _printable(text: str) -> str:
    """Text that any page can show: no half characters, no control characters, no endless words."""
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:MESSAGE_CHARS])
    return plain + "…" if len(text) > MESSAGE_CHARS else plain


def _from_json(data: dict[str, Any]) -> Judgement:
    upload = data["upload"]
    if upload is not None:
        upload = Upload(**{**upload, "entries": tuple(Entry(**entry) for entry in upload["entries"])})
    errors, advice = ([Problem(**p) for p in data[key]] for key in ("errors", "advice"))
    return Judgement(
        upload,
        tuple(Problem(p.where, Severity(p.severity), p.code, p.message) for p in errors),
        tuple(Problem(p.where, Severity(p.severity), p.code, p.message) for p in advice),
        data["untold"],
    )
