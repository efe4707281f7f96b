"""Requests played against a declared service: no socket, no clock, the same every time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from quizapp.domain.http_access import Access
from quizapp.domain.http_collections import Shelf
from quizapp.domain.http_json import merge_patched
from quizapp.domain.http_requests import METHODS, HttpRequest
from quizapp.domain.http_responses import HttpRefusal, HttpResponse, require_single_headers
from quizapp.domain.http_service import HttpFailure, HttpMeanwhile, HttpService, HttpTokenEndpoint, Members

KNOWN = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its response, and the second of the virtual clock in which it happened."""

    request: HttpRequest
    response: HttpResponse
    at: int


@dataclass(frozen=True, slots=True)
class Played:
    """Everything that happened, and what the collections hold before and after."""

    exchanges: tuple[Exchange, ...]
    before: Mapping[str, Mapping[str, Members]]
    after: Mapping[str, Mapping[str, Members]]


def play(service: HttpService, requests: Sequence[HttpRequest]) -> Played:
    """Send the requests one after the other to the service in its initial state."""
    world = World(service)
    before = world.contents()
    exchanges = []
    now = 0
    for request in requests:
        now += request.wait
        response = world.answer(request, now)
        exchanges.append(
            Exchange(request, response.without_body() if request.method == "HEAD" else response, now)
        )
    return Played(tuple(exchanges), before, world.contents())


@dataclass(frozen=True, slots=True)
class Target:
    """What a path leads to: a collection, an object in it, or the token endpoint."""

    shelf: Shelf | None = None
    place: str | None = None
    tokens: HttpTokenEndpoint | None = None

    def allowed(self) -> list[str]:
        return self.shelf.allowed(self.place) if self.shelf else ["POST", "OPTIONS"]


@dataclass(slots=True)
class World:
    """The service in action."""

    service: HttpService
    shelves: list[Shelf] = field(init=False)
    access: Access | None = field(init=False)
    window_end: int = 0
    in_window: int = 0
    """How many requests the running window of the rate limit has let through."""
    failures: list["Script"] = field(init=False)
    meanwhile: list["Script"] = field(init=False)

    def __post_init__(self) -> None:
        self.shelves = [Shelf.stocked(rule) for rule in self.service.collections]
        self.access = Access(self.service.auth) if self.service.auth else None
        self.failures = [Script(each) for each in self.service.failures]
        self.meanwhile = [Script(each) for each in self.service.meanwhile]

    def contents(self) -> dict[str, dict[str, Members]]:
        return {shelf.rule.name: shelf.contents() for shelf in self.shelves}

    def answer(self, request: HttpRequest, now: int) -> HttpResponse:
        try:
            self._require_rate(now)
        except HttpRefusal as refusal:
            return refusal.response
        # Every script counts, also while another one has its turn.
        due = [script.declared for script in self.failures if script.counts(request)]
        failure = next((each for each in due if isinstance(each, HttpFailure)), None)
        if failure is None:
            response = self._processed(request, now)
        elif not failure.applied:
            response = _failed(failure)
        else:
            # What is refused is refused: only the response to a success gets lost.
            response = self._processed(request, now)
            response = _failed(failure) if response.status < 300 else response
        for script in self.meanwhile:
            if script.counts(request) and isinstance(script.declared, HttpMeanwhile):
                self._other_client(script.declared)
        return response

    def _require_rate(self, now: int) -> None:
        limit = self.service.rate_limit
        if limit is None:
            return
        if now >= self.window_end:
            self.window_end = now + limit.seconds
            self.in_window = 0
        if self.in_window == limit.requests:
            wait = self.window_end - now
            detail = f"At most {limit.requests} requests in {limit.seconds} seconds."
            raise HttpRefusal(429, detail, ("Retry-After", str(wait)))
        self.in_window += 1

    def _processed(self, request: HttpRequest, now: int) -> HttpResponse:
        try:
            return self._routed(request, now)
        except HttpRefusal as refusal:
            return refusal.response

    def _routed(self, request: HttpRequest, now: int) -> HttpResponse:
        if request.method not in METHODS:
            raise HttpRefusal(501, f"The method {request.method} is not known to this service.")
        require_single_headers(request)
        if request.target == "*":
            known = {
                method for shelf in self.shelves for place in (None, "") for method in shelf.allowed(place)
            }
            return HttpResponse(204, (("Allow", ", ".join(m for m in KNOWN if m in known)),))
        target = self._target(request) if request.method == "OPTIONS" else self._entered(request, now)
        if target.tokens is not None and self.access is not None and request.method == "POST":
            return self.access.issue(target.tokens, request, now)
        if target.shelf is None:
            return HttpResponse(204, (("Allow", ", ".join(target.allowed())),))
        if request.method == "OPTIONS":
            return target.shelf.options(target.place)
        return target.shelf.answer(request, target.place, now)

    def _entered(self, request: HttpRequest, now: int) -> Target:
        """What the request is for: 401 comes first, so that strangers learn nothing; then 404, 405, 403."""
        target = self._find(request)
        method = "GET" if request.method == "HEAD" else request.method
        rule = target.shelf.rule if target and target.shelf else None
        is_open = (rule is not None and method in rule.public) or (target is not None and target.tokens)
        token = None if self.access is None or is_open else self.access.token(request, now)
        target = self._target(request)
        if request.method not in target.allowed():
            allow = ("Allow", ", ".join(target.allowed()))
            raise HttpRefusal(405, f"{request.method} is not allowed on {request.path}.", allow)
        if token is not None and self.access is not None and rule is not None:
            scope = next((scope for name, scope in rule.scopes.items() if name == method), None)
            self.access.require_scope(token, scope)
        return target

    def _target(self, request: HttpRequest) -> Target:
        found = self._find(request)
        if found is None:
            raise HttpRefusal(404, f"There is nothing at {request.path}.")
        return found

    def _find(self, request: HttpRequest) -> Target | None:
        path = _decoded(request.path)
        endpoint = self.service.auth.token_endpoint if self.service.auth else None
        if endpoint is not None and path == endpoint.path.split("/"):
            return Target(tokens=endpoint)
        by_path = {tuple(shelf.rule.path.split("/")): shelf for shelf in self.shelves}
        if tuple(path) in by_path:
            return Target(by_path[tuple(path)])
        parent = by_path.get(tuple(path[:-1]))
        return Target(parent, path[-1]) if parent and path[-1] else None

    def _other_client(self, deed: HttpMeanwhile) -> None:
        shelf = next(each for each in self.shelves if each.rule.name == deed.collection)
        known = shelf.objects.get(deed.id)
        if deed.delete:
            shelf.remove(deed.id)
        elif deed.create is not None:
            shelf.put(deed.id, dict(deed.create))
        elif known is not None:
            shelf.put(deed.id, merge_patched(known.members, deed.merge))


@dataclass(slots=True)
class Script:
    """A declared incident, and how many requests have met its description so far."""

    declared: HttpFailure | HttpMeanwhile
    met: int = 0

    def counts(self, request: HttpRequest) -> bool:
        """Count the request; whether its turn is now."""
        if (request.method, request.path) != (self.declared.method, self.declared.path):
            return False
        self.met += 1
        times = self.declared.times if isinstance(self.declared, HttpFailure) else 1
        return self.declared.nth <= self.met < self.declared.nth + times


def _failed(failure: HttpFailure) -> HttpResponse:
    headers = [("Retry-After", str(failure.retry_after))] if failure.retry_after else []
    return HttpRefusal(failure.status, "The service could not answer.", *headers).response


def _decoded(path: str) -> list[str]:
    """The segments of a path, each decoded on its own: an encoded slash parts nothing."""
    if any(
        not all(sign in "0123456789abcdefABCDEF" for sign in part[:2]) or len(part) < 2
        for part in path.split("%")[1:]
    ):
        raise HttpRefusal(400, "The path has a % that is not followed by two hexadecimal digits.")
    try:
        segments = [unquote(segment, errors="strict") for segment in path.split("/")]
    except UnicodeDecodeError:
        raise HttpRefusal(400, "The path is not UTF-8 once it is decoded.") from None
    if any(sign < " " or sign == "\x7f" for segment in segments for sign in segment):
        raise HttpRefusal(400, "The path holds a control character.")
    return segments
