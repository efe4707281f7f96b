"""HTTP requests as a learner types them: blocks of text parted by lines of `###`.

Only the writing is judged here.  A request that can be sent is sent, however
unwise it is: what is wrong with it is for the service to answer.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from quizapp.domain.errors import UnreadableAnswer

MAX_CHARS = 8_000
MAX_REQUESTS = 20
MAX_HEADERS = 30
MAX_TARGET = 1_000
MAX_WAIT = 86_400

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
ADDED_BY_THE_CLIENT = {"content-length", "transfer-encoding", "connection"}
PRINTABLE = re.compile(r"[\t\x20-\x7e]*")
ALLOWED_IN_TARGETS = "!#$%&'()*+,/:;=?@[]~-._"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request, and how many seconds of the virtual clock pass before it is sent."""

    method: str
    target: str
    headers: Headers = ()
    body: str = ""
    wait: int = 0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def all_of(self, name: str) -> list[str]:
        """The values of a header, one for each line that bears its name."""
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The header's value; lines of one name are one list (RFC 9110, section 5.3)."""
        values = self.all_of(name)
        return ", ".join(values) if values else None

    def in_words(self) -> str:
        """`POST /orders, 2 headers and a body of 34 characters`."""
        words = [f"{len(self.headers)} header{'s' if len(self.headers) > 1 else ''}"] if self.headers else []
        words += [f"a body of {len(self.body)} characters"] if self.body else []
        sent = f"{self.method} {self.target}" + (f" with {' and '.join(words)}" if words else "")
        return f"after {self.wait} s {sent}" if self.wait else sent


@dataclass(slots=True)
class _Block:
    """The lines between two separators; `number` counts the requests."""

    number: int
    lines: list[str] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> UnreadableAnswer:
        return UnreadableAnswer(f"Request {self.number}, line {line + 1}: {why}")


def read_requests(typed: str, *, host: str, limit: int = MAX_REQUESTS) -> tuple[HttpRequest, ...]:
    """The requests of a text.  Raises `UnreadableAnswer`, which names the request and its line."""
    if len(typed) > MAX_CHARS:
        raise UnreadableAnswer(f"Please use at most {MAX_CHARS:,} characters.")
    requests: list[HttpRequest] = []
    carried = 0
    for block in _blocks(typed):
        block.number = len(requests) + 1
        start, wait = _before_the_request(block)
        carried = min(carried + wait, MAX_WAIT * MAX_REQUESTS)
        if start == len(block.lines):
            continue
        if len(requests) == limit:
            raise UnreadableAnswer(f"Send at most {limit} request{'s' if limit > 1 else ''}.")
        requests.append(_request(block, start, carried, host))
        carried = 0
    if not requests:
        raise UnreadableAnswer("Write at least one request, such as GET /orders.")
    return tuple(requests)


def _blocks(typed: str) -> Iterator[_Block]:
    block = _Block(0)
    for line in typed.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.startswith("###"):
            yield block
            block = _Block(0)
        elif line.strip() or block.lines:
            block.lines.append(line)
    yield block


def _before_the_request(block: _Block) -> tuple[int, int]:
    """Where the request line stands, and the seconds waited before it."""
    wait = 0
    for place, line in enumerate(block.lines):
        text = line.strip()
        word, _, rest = text.partition(" ")
        if word == "WAIT":
            wait += _seconds(block, place, rest)
        elif text and not text.startswith(("#", "//")):
            return place, wait
    return len(block.lines), wait


def _seconds(block: _Block, place: int, text: str) -> int:
    digits = text.strip().removesuffix("s").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6 and 1 <= int(digits) <= MAX_WAIT):
        raise block.refuse(place, f"write WAIT with whole seconds, 1 to {MAX_WAIT:,}, such as WAIT 30.")
    return int(digits)


def _request(block: _Block, start: int, wait: int, host: str) -> HttpRequest:
    method, target = _request_line(block, start, host)
    headers: list[tuple[str, str]] = []
    place = start + 1
    while place < len(block.lines) and block.lines[place].strip():
        name, value = _header(block, place)
        if name.lower() == "host" and value.lower() != host:
            raise block.refuse(place, f"the service is {host}; leave out Host, your client adds it.")
        headers.append((name, value))
        place += 1
    if len(headers) > MAX_HEADERS:
        raise block.refuse(start, f"send at most {MAX_HEADERS} headers.")
    body = "\n".join(block.lines[place + 1 :]).strip()
    return HttpRequest(method, target, tuple(headers), body, wait)


def _request_line(block: _Block, place: int, host: str) -> tuple[str, str]:
    parts = block.lines[place].split()
    if len(parts) == 3 and parts[2].upper() in {"HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"}:
        parts.pop()
    if len(parts) != 2 or not TOKEN.fullmatch(parts[0]):
        raise block.refuse(place, "start with a method and a path, such as GET /orders.")
    method, target = parts
    # A service would refuse `get`, because methods are case-sensitive; a slip of the shift key costs no mark.
    if method not in METHODS and method.upper() in METHODS:
        raise block.refuse(place, f"methods are case-sensitive; write {method.upper()}.")
    return method, _target(block, place, method, target, host)


def _target(block: _Block, place: int, method: str, target: str, host: str) -> str:
    if target == "*" and method == "OPTIONS":
        return target
    if "#" in target:
        raise block.refuse(place, "leave out the #: a fragment is never sent to the service.")
    if target.lower().startswith(("http://", "https://")):
        target = _without_origin(block, place, target, host)
    if not target.startswith("/"):
        raise block.refuse(place, "the path starts with a slash, such as /orders.")
    if len(target) > MAX_TARGET:
        raise block.refuse(place, f"the path and its query have at most {MAX_TARGET:,} characters.")
    return quote(target, safe=ALLOWED_IN_TARGETS)


def _without_origin(block: _Block, place: int, target: str, host: str) -> str:
    try:
        parts = urlsplit(target)
    except ValueError:
        raise block.refuse(place, "that address cannot be read; write the path only.") from None
    if parts.netloc.lower() != host:
        raise block.refuse(place, f"the only service here is {host}; write the path only.")
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _header(block: _Block, place: int) -> tuple[str, str]:
    line = block.lines[place].rstrip()
    name, colon, value = line.partition(":")
    value = value.strip()
    if line.lstrip().startswith(("{", "[")):
        raise block.refuse(place, "put an empty line between the headers and the body.")
    if line[:1].isspace():
        raise block.refuse(
            place, "a header starts at the beginning of its line, and does not go on in the next."
        )
    if name.partition(" ")[0] in METHODS:
        raise block.refuse(place, "put ### on a line of its own between two requests.")
    if not colon or not TOKEN.fullmatch(name):
        raise block.refuse(place, "a header is written as Name: value.")
    if name.lower() in ADDED_BY_THE_CLIENT:
        raise block.refuse(place, f"leave out {name}: your client adds it.")
    if not PRINTABLE.fullmatch(value):
        raise block.refuse(place, "a header's value is written in ASCII.")
    return name, value


def as_text(request: HttpRequest) -> Mapping[str, object]:
    """The request as a transcript shows it."""
    return {
        "method": request.method,
        "target": request.target,
        "headers": [list(pair) for pair in request.headers],
        "body": request.body,
    }
