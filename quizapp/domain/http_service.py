"""A small HTTP service declared as data: collections of JSON objects and the rules they keep.

Nothing here listens or acts: `http_play` plays requests against such a declaration.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, field_validator, model_validator

from quizapp.domain.http_json import fingerprint, is_bounded, is_storable
from quizapp.domain.questions import Document

MAX_ITEMS = 200
MAX_STATE = 20_000

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
AnyMethod = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PathText = Annotated[
    str, StringConstraints(pattern=r"^(/[A-Za-z0-9._~-]+)+$", max_length=120, strip_whitespace=True)
]
Segment = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{1,60}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,59}$")]
TokenText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~+/-]{1,200}=*$")]
Scope = Annotated[str, StringConstraints(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,60}$")]
"""A scope-token of RFC 6749, section 3.3: it goes into a quoted string as it is."""
HeaderText = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,200}$")]
Seconds = Annotated[int, Field(ge=1, le=1_000_000)]
Ordinal = Annotated[int, Field(ge=1, le=20)]
Members = dict[str, JsonValue]


class HttpField(Document):
    """What a member of a collection's objects may hold."""

    type: Literal["string", "integer", "number", "boolean", "object", "array", "any"] = "any"
    required: bool = False
    nullable: bool = False
    enum: Annotated[tuple[JsonValue, ...], Field(max_length=30)] = ()
    min: Annotated[int, Field(ge=-(10**15), le=10**15)] | None = None
    max: Annotated[int, Field(ge=-(10**15), le=10**15)] | None = None
    min_length: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """For texts and arrays."""
    max_length: Annotated[int, Field(ge=0, le=10_000)] | None = None
    default: JsonValue = None
    """What a new object gets when the client leaves the member out."""
    read_only: bool = False
    """Only the service sets it: a client that sends another value gets 422."""
    unique: bool = False
    """A second object with the same value gets 409."""
    transitions: dict[str, tuple[str, ...]] = Field(default_factory=dict, max_length=20)
    """From each value, the values it may change to; any other change gets 409."""


class HttpPages(Document):
    """How a list is cut into pages."""

    kind: Literal["cursor", "page", "offset"]
    size: Annotated[int, Field(ge=1, le=100)]
    max: Annotated[int, Field(ge=1, le=100)] = 100
    """A client that asks for larger pages gets pages of this size."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.size > self.max:
            raise ValueError("the size of a page is larger than its max")
        return self


class HttpCollection(Document):
    """Objects under one path, and what clients may do with them."""

    name: Name
    path: PathText
    methods: Annotated[tuple[Method, ...], Field(min_length=1)] = ("GET", "POST", "PUT", "PATCH", "DELETE")
    """What is not listed gets 405; HEAD comes with GET, and OPTIONS is always there."""
    items: dict[Segment, Members] = Field(default_factory=dict, max_length=MAX_ITEMS)
    next_id: Annotated[int, Field(ge=1, le=10**9)] | None = None
    fields: dict[Name, HttpField] = Field(default_factory=dict, max_length=30)
    """Without any, every object is valid."""
    etags: Literal["strong", "weak", "none"] = "none"
    require_if_match: bool = False
    pagination: HttpPages | None = None
    filters: Annotated[tuple[Name, ...], Field(max_length=10)] = ()
    idempotency: Literal["none", "optional", "required"] = "none"
    idempotency_seconds: Seconds = 86_400
    put_creates: bool = False
    gone: bool = False
    """Whether a deleted object answers 410 for ever, not 404."""
    patch: Annotated[tuple[Literal["merge", "json_patch"], ...], Field(min_length=1)] = ("merge",)
    scopes: dict[Method, Scope] = Field(default_factory=dict)
    public: tuple[Method, ...] = ()
    """Methods that need no token."""
    cache_control: HeaderText | None = None

    @field_validator("items")
    @classmethod
    def _plain_objects(cls, items: dict[str, Members]) -> dict[str, Members]:
        for place, members in items.items():
            require_plain(members, f"item {place}")
        return items

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.require_if_match and self.etags != "strong":
            raise ValueError("`require_if_match` needs strong etags: If-Match never meets a weak one")
        names = {name for members in self.items.values() for name in members}
        if self.fields and not names | set(self.filters) <= self.fields.keys():
            raise ValueError(f"{self.name}: an item or a filter names a field that `fields` does not")
        for name, rule in self.fields.items():
            require_plain({name: [rule.default, *rule.enum]}, f"field {name}")
        return self

    def first_id(self) -> int:
        numbers = [int(place) for place in self.items if place.isascii() and place.isdigit()]
        return self.next_id or max(numbers, default=0) + 1


class HttpToken(Document):
    """A bearer token that the service knows."""

    scopes: Annotated[tuple[Scope, ...], Field(max_length=20)] = ()
    expires: Annotated[int, Field(ge=0, le=10**9)] | None = None
    """The second of the virtual clock from which it is refused."""


class HttpClient(Document):
    """A client that may ask for tokens in its own name."""

    secret: Segment
    scopes: Annotated[tuple[Scope, ...], Field(max_length=20)] = ()


class HttpTokenEndpoint(Document):
    """Where clients get tokens: the client credentials grant of RFC 6749."""

    path: PathText
    lifetime: Seconds = 3_600
    clients: dict[Segment, HttpClient] = Field(min_length=1, max_length=10)


class HttpAuth(Document):
    """Bearer tokens (RFC 6750)."""

    realm: Name = "api"
    tokens: dict[TokenText, HttpToken] = Field(default_factory=dict, max_length=20)
    token_endpoint: HttpTokenEndpoint | None = None

    @model_validator(mode="after")
    def _somebody_gets_in(self) -> Self:
        if not self.tokens and self.token_endpoint is None:
            raise ValueError("auth needs `tokens` or a `token_endpoint`")
        return self


class HttpRateLimit(Document):
    """So many requests within so many seconds of the virtual clock."""

    requests: Annotated[int, Field(ge=1, le=100)]
    seconds: Annotated[int, Field(ge=1, le=86_400)]


class HttpFailure(Document):
    """A scripted failure of the nth request that fits, and of the `times` - 1 after it."""

    method: AnyMethod
    path: PathText
    nth: Ordinal = 1
    times: Ordinal = 1
    status: Literal[500, 502, 503, 504]
    retry_after: Annotated[int, Field(ge=1, le=86_400)] | None = None
    applied: bool = False
    """Whether the service did what it was asked, and only its response was lost."""


class HttpMeanwhile(Document):
    """What another client does right after the nth request that fits was answered."""

    method: AnyMethod
    path: PathText
    nth: Ordinal = 1
    collection: Name
    id: Segment
    merge: Members | None = None
    create: Members | None = None
    delete: bool = False

    @model_validator(mode="after")
    def _one_deed(self) -> Self:
        if (self.merge is not None) + (self.create is not None) + self.delete != 1:
            raise ValueError("give one of `merge`, `create` and `delete`")
        require_plain(self.merge or self.create or {}, "meanwhile")
        return self


class HttpService(Document):
    """The whole service."""

    host: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{1,100}$")] = "api.example.com"
    collections: Annotated[tuple[HttpCollection, ...], Field(min_length=1, max_length=8)]
    auth: HttpAuth | None = None
    rate_limit: HttpRateLimit | None = None
    failures: Annotated[tuple[HttpFailure, ...], Field(max_length=10)] = ()
    meanwhile: Annotated[tuple[HttpMeanwhile, ...], Field(max_length=10)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _require_different((each.name for each in self.collections), "collections have the name")
        _require_different(self._paths(), "things have the path")
        names = {each.name for each in self.collections}
        if unknown := {each.collection for each in self.meanwhile} - names:
            raise ValueError(
                f"`meanwhile` names a collection that is not there: {', '.join(sorted(unknown))}"
            )
        if self.auth is None and any(each.scopes or each.public for each in self.collections):
            raise ValueError("`scopes` and `public` need `auth`")
        items = [members for each in self.collections for members in each.items.values()]
        if len(items) > MAX_ITEMS or len(fingerprint(items)) > MAX_STATE:
            raise ValueError(
                f"the items are too many: at most {MAX_ITEMS}, and {MAX_STATE} characters of JSON"
            )
        return self

    def named(self, name: str) -> HttpCollection | None:
        return next((each for each in self.collections if each.name == name), None)

    def _paths(self) -> Iterator[str]:
        yield from (each.path for each in self.collections)
        if self.auth and self.auth.token_endpoint:
            yield self.auth.token_endpoint.path


def require_plain(members: Members, where: str) -> None:
    """Refuse an author's object that could not have come through the service's own door."""
    if "id" in members:
        raise ValueError(f"{where}: the service itself adds `id`")
    if not is_bounded(members):
        raise ValueError(f"{where}: nested too deep, or a number out of range")
    if not is_storable(members):
        raise ValueError(f"{where}: a character that cannot be stored")


def _require_different(texts: Iterable[str], noun: str) -> None:
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise ValueError(f"two {noun} {text!r}")
        seen.add(text)
