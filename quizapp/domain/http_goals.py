"""Goals of a kata: what must be true of the exchanges, or of what the collections hold at the end."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Literal, Self
from urllib.parse import parse_qsl

from pydantic import Field, StringConstraints, model_validator

from quizapp.domain.http_json import BadJson, Json, has, read_json, same
from quizapp.domain.http_play import Exchange, Played
from quizapp.domain.http_requests import TOKEN, HttpRequest
from quizapp.domain.http_service import HttpService, Members, Name, Segment
from quizapp.domain.questions import Document, Line, Note
from quizapp.domain.wildcards import matches

Count = Annotated[int, Field(ge=0, le=20)]
PathPattern = Annotated[str, StringConstraints(pattern=r"^(/([A-Za-z0-9._~%-]+|\*))+$", max_length=200)]
HeaderName = Annotated[str, StringConstraints(pattern=f"^{TOKEN.pattern}$")]
ValuePattern = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Status = Annotated[int, Field(ge=100, le=599)] | Literal["2xx", "3xx", "4xx", "5xx"]
MethodWord = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,20}$")]


class HttpMatch(Document):
    """Which exchanges are meant: all that is given must fit."""

    method: MethodWord | tuple[MethodWord, ...] = ()
    path: PathPattern | None = None
    """Without the query; `*` stands for one whole segment."""
    query: dict[str, ValuePattern] = Field(default_factory=dict, max_length=10)
    status: Status | tuple[Status, ...] = ()
    sent: dict[HeaderName, ValuePattern] = Field(default_factory=dict, max_length=10)
    """Headers of the request; in a value `*` stands for any text."""
    lacks: Annotated[tuple[HeaderName, ...], Field(max_length=10)] = ()
    """Headers that the request does not have."""
    got: dict[HeaderName, ValuePattern] = Field(default_factory=dict, max_length=10)
    """Headers of the response."""
    body: Members = Field(default_factory=dict)
    """Members of the response's JSON."""
    sent_body: Members = Field(default_factory=dict)
    """Members of the request's JSON."""

    def fits(self, exchange: Exchange) -> bool:
        request, response = exchange.request, exchange.response
        methods = (self.method,) if isinstance(self.method, str) else self.method
        statuses = self.status if isinstance(self.status, tuple) else (self.status,)
        return (
            (not methods or request.method in methods)
            and (self.path is None or _fits_path(self.path, request.path))
            and (not statuses or any(_fits_status(each, response.status) for each in statuses))
            and _fit_values(self.query, dict(parse_qsl(request.query, keep_blank_values=True)).get)
            and _fit_values(self.sent, request.header)
            and _fit_values(self.got, response.header)
            and all(request.header(name) is None for name in self.lacks)
            and (not self.body or has(response.content, self.body))
            and (not self.sent_body or has(_json_of(request), self.sent_body))
        )


class HttpCount(HttpMatch):
    """How many exchanges fit; at least one, unless counts are given."""

    at_least: Count | None = None
    at_most: Count | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.at_most is not None and (self.at_least or 0) > self.at_most:
            raise ValueError("at_least is more than at_most")
        return self

    def holds(self, played: Played) -> bool:
        found = sum(map(self.fits, played.exchanges))
        least = self.at_least if self.at_least is not None else int(self.at_most is None)
        return found >= least and (self.at_most is None or found <= self.at_most)


class HttpState(Document):
    """What a collection holds at the end."""

    collection: Name
    id: Segment | None = None
    has: Members | None = None
    equals: Members | None = None
    without: Annotated[tuple[str, ...], Field(max_length=10)] = ()
    absent: bool = False
    where: Members | None = None
    count: Annotated[int, Field(ge=0, le=300)] | None = None
    untouched_except: Annotated[tuple[Segment, ...], Field(max_length=20)] | None = None

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        of_one = (self.has is not None) + (self.equals is not None) + bool(self.without) + self.absent
        of_all = (self.count is not None) + (self.untouched_except is not None)
        if of_one + of_all != 1 or (self.id is not None) != bool(of_one):
            raise ValueError(
                "give `id` and one of `has`, `equals`, `without`, `absent`; or `count`; or `untouched_except`"
            )
        if self.where is not None and self.count is None:
            raise ValueError("`where` needs a `count`")
        return self

    def holds(self, played: Played) -> bool:
        objects = played.after[self.collection]
        if self.count is not None:
            return sum(has(members, self.where or {}) for members in objects.values()) == self.count
        if self.untouched_except is not None:
            before = played.before[self.collection]
            places = {*before, *objects} - set(self.untouched_except)
            return all(
                place in before and place in objects and same(before[place], objects[place])
                for place in places
            )
        members = objects.get(self.id or "")
        if self.absent or members is None:
            return self.absent and members is None
        if self.equals is not None:
            return same(members, self.equals)
        return has(members, self.has or {}) and not any(name in members for name in self.without)


class HttpSeen(Document):
    """Which objects were in a successful answer to GET."""

    collection: Name
    ids: Annotated[tuple[Segment, ...], Field(max_length=200)] | None = None
    """Without it: all that are there at the end."""

    def holds(self, played: Played, path: str) -> bool:
        wanted = set(played.after[self.collection] if self.ids is None else self.ids)
        return wanted <= set(_shown(played.exchanges, path))


class HttpRequests(Document):
    """How many requests may be sent."""

    at_most: Annotated[int, Field(ge=1, le=20)]


class HttpCheck(Document):
    """One condition: exactly one of these is given."""

    state: HttpState | None = None
    exchange: HttpCount | None = None
    in_order: Annotated[tuple[HttpMatch, ...], Field(min_length=2, max_length=8)] | None = None
    """Exchanges that happened in this order; others may stand between them."""
    last: HttpMatch | None = None
    """The last exchange."""
    requests: HttpRequests | None = None
    respects_retry_after: Literal[True] | None = None
    """No request came too early after a Retry-After: any after 429, else one to the same path."""
    seen: HttpSeen | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(value is not None for _, value in self) != 1:
            raise ValueError(f"a check has exactly one of {', '.join(type(self).model_fields)}")
        return self

    def names(self) -> Iterator[str]:
        """The collections that the check speaks of."""
        yield from (each.collection for each in (self.state, self.seen) if each is not None)

    def holds(self, played: Played, service: HttpService) -> bool:
        exchanges = played.exchanges
        if self.state is not None:
            return self.state.holds(played)
        if self.exchange is not None:
            return self.exchange.holds(played)
        if self.in_order is not None:
            return _happened_in_order(self.in_order, exchanges)
        if self.last is not None:
            return bool(exchanges) and self.last.fits(exchanges[-1])
        if self.requests is not None:
            return len(exchanges) <= self.requests.at_most
        if self.seen is not None:
            rule = service.named(self.seen.collection)
            return rule is not None and self.seen.holds(played, rule.path)
        return not any(_too_early(exchanges, place) for place in range(len(exchanges)))


class HttpGoal(Document):
    """Something to achieve, and what to say to those who did not."""

    text: Line
    told: bool = True
    """Whether the learner is told before the answer is graded."""
    weight: Annotated[int, Field(ge=1, le=10)] = 1
    feedback: Note = ""
    check: HttpCheck


def _fits_path(pattern: str, path: str) -> bool:
    wanted, given = pattern.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        one == other or (one == "*" and other) for one, other in zip(wanted, given, strict=True)
    )


def _fits_status(wanted: int | str, status: int) -> bool:
    return status == wanted if isinstance(wanted, int) else str(status)[0] == wanted[0]


def _fit_values(wanted: dict[str, str], given: Callable[[str], str | None]) -> bool:
    for name, pattern in wanted.items():
        value = given(name)
        if value is None or not matches(pattern, value):
            return False
    return True


def _json_of(request: HttpRequest) -> Json:
    try:
        return read_json(request.body)
    except BadJson:
        return None


def _happened_in_order(steps: Sequence[HttpMatch], exchanges: Sequence[Exchange]) -> bool:
    remaining = iter(exchanges)
    return all(any(step.fits(exchange) for exchange in remaining) for step in steps)


def _too_early(exchanges: Sequence[Exchange], place: int) -> bool:
    """Whether a request was sent before a Retry-After that an earlier response gave had passed."""
    later = exchanges[place]
    return any(
        later.at < earlier.at + int(earlier.response.header("Retry-After") or 0)
        and (earlier.response.status == 429 or earlier.request.path == later.request.path)
        for earlier in exchanges[:place]
    )


def _shown(exchanges: Sequence[Exchange], path: str) -> Iterator[str]:
    """The ids of the objects under a path that successful answers to GET contained."""
    for exchange in exchanges:
        if exchange.request.method != "GET" or exchange.response.status != 200:
            continue
        content = exchange.response.content
        if exchange.request.path == path:
            yield from (each["id"] for each in content["items"])
        elif _fits_path(f"{path}/*", exchange.request.path):
            yield content["id"]
