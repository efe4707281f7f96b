"""What the modelled service answers, and the conditions and media types that it judges first.

Date, Content-Length and Server are left out: they would fill a transcript and teach nothing.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Literal

from quizapp.domain.http_json import Json, written
from quizapp.domain.http_requests import Headers, HttpRequest

JSON = "application/json"
PROBLEM = "application/problem+json"
FORM = "application/x-www-form-urlencoded"
SAFE = frozenset({"GET", "HEAD"})
SINGLE = ("Authorization", "Content-Type", "Host", "Idempotency-Key")
"""Headers that are no lists: a second line of the same name makes the request ambiguous."""

ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')

Strength = Literal["strong", "weak", "none"]


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A status, headers and a body; `content` is the body before it was written as JSON."""

    status: int
    headers: Headers = ()
    content: Json = None
    body: str = ""

    @property
    def phrase(self) -> str:
        return reason_phrase(self.status)

    def header(self, name: str) -> str | None:
        values = [value for known, value in self.headers if known.lower() == name.lower()]
        return ", ".join(values) if values else None

    def without_body(self) -> "HttpResponse":
        """The answer to HEAD: what GET would say, less its content."""
        return replace(self, content=None, body="")


class HttpRefusal(Exception):
    """The service will not do it; `response` says why, as problem details (RFC 9457)."""

    def __init__(self, status: int, detail: str, *headers: tuple[str, str], **more: Json) -> None:
        super().__init__(detail)
        content = {"type": "about:blank", "title": reason_phrase(status), "status": status, "detail": detail}
        content |= more
        self.response = with_json(status, content, *headers, media_type=PROBLEM)


def reason_phrase(status: int) -> str:
    # Python renamed two phrases on its way to RFC 9110; these are the RFC's.
    return {422: "Unprocessable Content", 413: "Content Too Large"}.get(status) or HTTPStatus(status).phrase


def with_json(status: int, content: Json, *headers: tuple[str, str], media_type: str = JSON) -> HttpResponse:
    return HttpResponse(status, (("Content-Type", media_type), *headers), content, written(content))


def require_single_headers(request: HttpRequest) -> None:
    for name in SINGLE:
        if len(request.all_of(name)) > 1:
            raise HttpRefusal(400, f"The header {name} is sent more than once.")


# Media types


def require_acceptable(request: HttpRequest) -> None:
    """406 unless JSON may be sent; no Accept accepts everything."""
    accept = request.header("Accept")
    if accept and not _accepts_json(accept):
        raise HttpRefusal(406, f"This resource has one representation: {JSON}.")


def _accepts_json(accept: str) -> bool:
    """Whether the most specific range that covers JSON has a quality above 0 (RFC 9110, 12.5.1)."""
    found: dict[str, bool] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        found[kind] = bool(weight.strip("0."))
    return next((found[kind] for kind in (JSON, "application/*", "*/*") if kind in found), False)


def require_media_type(request: HttpRequest, allowed: Iterable[str], header: str) -> str:
    """415 unless the content is of an allowed type; `header` tells the client which are."""
    known = list(allowed)
    told = (header, ", ".join(known))
    if request.header("Content-Encoding") not in (None, "", "identity"):
        raise HttpRefusal(
            415, "Content is taken without a Content-Encoding only.", ("Accept-Encoding", "identity")
        )
    given = request.header("Content-Type")
    if given is None and not request.body:
        raise HttpRefusal(400, f"The request has no content; send {' or '.join(known)}.")
    kind = (given or "").partition(";")[0].strip().lower()
    if kind not in known:
        detail = (
            f"Content of the type {kind} is not taken here" if kind else "The content has no Content-Type"
        )
        raise HttpRefusal(415, f"{detail}; send {' or '.join(known)}.", told)
    return kind


# Entity tags


def tag_of(strength: Strength, opaque: str) -> str | None:
    return {"strong": f'"{opaque}"', "weak": f'W/"{opaque}"', "none": None}[strength]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def require_conditions(request: HttpRequest, tag: str | None, *, exists: bool) -> None:
    """The preconditions in their order (RFC 9110, section 13.2.2): 412, or 304 for GET and HEAD.

    There are no modification dates here, so the conditions on dates are ignored, as they must be then.
    """
    wanted = _tags(request, "If-Match")
    if wanted is not None:
        # Strong comparison: a weak tag, on either side, never matches.
        met = exists if wanted == ["*"] else tag in wanted and not str(tag).startswith("W/")
        if not met:
            raise HttpRefusal(412, "The resource is not in the state that If-Match names.")
    known = _tags(request, "If-None-Match")
    if known is None:
        return
    opaque = {each.removeprefix("W/") for each in known}
    if exists if known == ["*"] else tag is not None and tag.removeprefix("W/") in opaque:
        if request.method in SAFE:
            raise NotModified
        raise HttpRefusal(412, "The resource is in a state that If-None-Match excludes.")


class NotModified(Exception):
    """The client has this representation already: 304."""


def _tags(request: HttpRequest, name: str) -> list[str] | None:
    """The entity tags of a header, `["*"]`, or None where it is not sent."""
    text = request.header(name)
    if text is None:
        return None
    if text == "*":
        return ["*"]
    tags = []
    place = 0
    while place < len(text):
        found = ENTITY_TAG.match(text, place)
        if found is None:
            raise HttpRefusal(400, f'{name} lists entity tags in double quotes, such as "v1", or is *.')
        tags.append(found[0])
        place = found.end()
        rest = text[place:].lstrip(" \t")
        if rest and not rest.startswith(","):
            raise HttpRefusal(400, f"{name} parts its entity tags by commas.")
        place = len(text) - len(rest.lstrip(", \t"))
    if not tags:
        raise HttpRefusal(400, f"{name} is empty.")
    return tags
