"""One collection of the modelled service in action: the semantics of the methods."""

from dataclasses import dataclass, field, replace

from quizapp.domain.http_json import (
    BadJson,
    BadPatch,
    Json,
    PatchConflict,
    fingerprint,
    json_patched,
    merge_patched,
    read_json,
    same,
    written,
)
from quizapp.domain.http_lists import Listed, listed
from quizapp.domain.http_requests import HttpRequest
from quizapp.domain.http_responses import (
    JSON,
    HttpRefusal,
    HttpResponse,
    NotModified,
    digest,
    require_acceptable,
    require_conditions,
    require_media_type,
    tag_of,
    with_json,
)
from quizapp.domain.http_service import HttpCollection, Members
from quizapp.domain.http_validity import invalid, judged, require_transitions, require_unique

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
PATCH_TYPES = {"merge": MERGE_PATCH, "json_patch": JSON_PATCH}
REPLAYED = ("Idempotent-Replayed", "true")
MAX_KEY = 255


@dataclass(slots=True)
class Stored:
    """An object, when it came to the list, and how often it changed."""

    members: Members
    sequence: int
    version: int = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was answered to an idempotency key, to which content, and until when it is kept."""

    content: str
    response: HttpResponse
    until: int


@dataclass(slots=True)
class Shelf:
    """The state of a collection while requests are played."""

    rule: HttpCollection
    objects: dict[str, Stored] = field(default_factory=dict)
    next_id: int = 1
    sequence: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    """The last version of every id, deleted ones too: a tag never means two different states."""
    deleted: set[str] = field(default_factory=set)
    keys: dict[tuple[str, str], Remembered] = field(default_factory=dict)

    @classmethod
    def stocked(cls, rule: HttpCollection) -> "Shelf":
        shelf = cls(rule, next_id=rule.first_id())
        for place, members in rule.items.items():
            shelf.put(place, dict(members))
        return shelf

    # What happens to the objects, whoever wants it

    def put(self, place: str, members: Members) -> bool:
        """Store an object; whether it is new.  What does not change keeps its version."""
        known = self.objects.get(place)
        if known is not None and same(known.members, members):
            return False
        version = self.versions.get(place, 0) + 1
        self.versions[place] = version
        if known is not None:
            self.objects[place] = Stored(members, known.sequence, version)
            return False
        self.sequence += 1
        self.deleted.discard(place)
        self.objects[place] = Stored(members, self.sequence, version)
        return True

    def remove(self, place: str) -> None:
        if self.objects.pop(place, None) is not None:
            self.deleted.add(place)

    def free_id(self) -> str:
        while str(self.next_id) in self.versions:
            self.next_id += 1
        self.next_id += 1
        return str(self.next_id - 1)

    def contents(self) -> dict[str, Members]:
        return {place: stored.members for place, stored in self.objects.items()}

    # What the methods do

    def allowed(self, place: str | None) -> list[str]:
        """The methods of the collection itself, or of an object in it."""
        known = ("GET", "POST") if place is None else ("GET", "PUT", "PATCH", "DELETE")
        methods: list[str] = [method for method in known if method in self.rule.methods]
        if "GET" in methods:
            methods.insert(1, "HEAD")
        return [*methods, "OPTIONS"]

    def options(self, place: str | None) -> HttpResponse:
        headers = [("Allow", ", ".join(self.allowed(place)))]
        if "PATCH" in self.allowed(place):
            headers.append(("Accept-Patch", ", ".join(self.patch_types())))
        return HttpResponse(204, tuple(headers))

    def answer(self, request: HttpRequest, place: str | None, now: int) -> HttpResponse:
        """The answer to a method that is allowed here."""
        if request.method in {"GET", "HEAD", "DELETE"} and request.body:
            raise HttpRefusal(400, f"Content in a {request.method} request has no meaning; leave it out.")
        if place is None:
            return self._list(request) if request.method in {"GET", "HEAD"} else self._create(request, now)
        stored = self._stored(request, place)
        if request.method != "DELETE":
            require_acceptable(request)
        match request.method:
            case "GET" | "HEAD":
                return self._show(request, place, stored)
            case "DELETE":
                self._require_conditions(request, stored)
                self.remove(place)
                return HttpResponse(204)
            case "PUT":
                return self._replace(request, place)
        return self._patch(request, place)

    def patch_types(self) -> list[str]:
        return [PATCH_TYPES[kind] for kind in self.rule.patch]

    def _stored(self, request: HttpRequest, place: str) -> Stored | None:
        """The object, or None where PUT may make it."""
        stored = self.objects.get(place)
        if stored is None and not (request.method == "PUT" and self.rule.put_creates):
            if self.rule.gone and place in self.deleted:
                raise HttpRefusal(410, f"{self.rule.path}/{place} was deleted.")
            raise HttpRefusal(404, f"There is no {self.rule.path}/{place}.")
        return stored

    def _tag(self, stored: Stored | None) -> str | None:
        return tag_of(self.rule.etags, f"v{stored.version}") if stored else None

    def _headers(self, tag: str | None) -> list[tuple[str, str]]:
        headers = [("ETag", tag)] if tag else []
        return headers + ([("Cache-Control", self.rule.cache_control)] if self.rule.cache_control else [])

    def _require_conditions(self, request: HttpRequest, stored: Stored | None) -> None:
        if stored and self.rule.require_if_match and request.header("If-Match") is None:
            raise HttpRefusal(428, "Send If-Match with the entity tag of the state that you want to change.")
        require_conditions(request, self._tag(stored), exists=stored is not None)

    def _show(self, request: HttpRequest, place: str, stored: Stored | None) -> HttpResponse:
        headers = self._headers(self._tag(stored))
        try:
            require_conditions(request, self._tag(stored), exists=True)
        except NotModified:
            return HttpResponse(304, tuple(headers))
        return with_json(200, self.represented(place), *headers)

    def represented(self, place: str) -> Json:
        return {"id": place, **self.objects[place].members}

    # POST

    def _create(self, request: HttpRequest, now: int) -> HttpResponse:
        require_acceptable(request)
        require_media_type(request, [JSON], "Accept")
        require_conditions(request, None, exists=True)
        key = self._key(request)
        content = _object(_json(request))
        known = self.keys.get(key) if key else None
        if known is not None and now < known.until:
            if known.content != fingerprint(content):
                raise HttpRefusal(422, "This Idempotency-Key was used with other content.")
            return replace(known.response, headers=(*known.response.headers, REPLAYED))
        if "id" in content:
            raise invalid({"id": "is given by the service"})
        members = judged(self.rule, content, None, fill=True)
        require_unique(self.rule, members, self.contents())
        place = self.free_id()
        self.put(place, members)
        response = self._created(place)
        if key:
            until = now + self.rule.idempotency_seconds
            self.keys[key] = Remembered(fingerprint(content), response, until)
        return response

    def _created(self, place: str) -> HttpResponse:
        tag = self._tag(self.objects[place])
        headers = [("Location", f"{self.rule.path}/{place}")] + ([("ETag", tag)] if tag else [])
        return with_json(201, self.represented(place), *headers)

    def _key(self, request: HttpRequest) -> tuple[str, str] | None:
        """The idempotency key, together with whose it is; quotes around it are part of its syntax."""
        if self.rule.idempotency == "none":
            return None
        text = request.header("Idempotency-Key")
        if text is None:
            if self.rule.idempotency == "required":
                raise HttpRefusal(400, "This request needs an Idempotency-Key.")
            return None
        key = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
        if not key or len(key) > MAX_KEY:
            raise HttpRefusal(400, f"An Idempotency-Key has 1 to {MAX_KEY} characters.")
        return request.header("Authorization") or "", key

    # PUT and PATCH

    def _replace(self, request: HttpRequest, place: str) -> HttpResponse:
        require_media_type(request, [JSON], "Accept")
        before = self.objects.get(place)
        self._require_conditions(request, before)
        content = _object(_json(request))
        if not same(content.pop("id", place), place):
            raise HttpRefusal(409, f"The content says another id than the path, which says {place}.")
        if before is not None:
            # PUT replaces what clients may write; what only the service sets stays.
            content = {**self._read_only(before.members), **content}
        is_new = self._changed(place, content, before, fill=True)
        # No ETag: the service adds `id` and writes JSON its own way, so what it stores is not byte for
        # byte what was sent, and then a PUT must not be answered with a validator (RFC 9110, 9.3.4).
        return with_json(201 if is_new else 200, self.represented(place))

    def _patch(self, request: HttpRequest, place: str) -> HttpResponse:
        kind = require_media_type(request, self.patch_types(), "Accept-Patch")
        before = self.objects[place]
        self._require_conditions(request, before)
        document = _json(request)
        try:
            patched = json_patched if kind == JSON_PATCH else merge_patched
            content = _object(patched(self.represented(place), document))
        except BadPatch as error:
            raise HttpRefusal(400, str(error)) from None
        except PatchConflict as error:
            raise HttpRefusal(409, str(error)) from None
        if not same(content.pop("id", None), place):
            raise HttpRefusal(409, "The id of an object cannot be changed.")
        self._changed(place, content, before, fill=False)
        return with_json(200, self.represented(place), *self._headers(self._tag(self.objects[place])))

    def _changed(self, place: str, content: Members, before: Stored | None, *, fill: bool) -> bool:
        old = before.members if before else None
        members = judged(self.rule, content, old, fill=fill)
        others = {other: known for other, known in self.contents().items() if other != place}
        require_unique(self.rule, members, others)
        if old is not None:
            require_transitions(self.rule, old, members)
        return self.put(place, members)

    def _read_only(self, members: Members) -> Members:
        rules = self.rule.fields
        return {name: value for name, value in members.items() if name in rules and rules[name].read_only}

    # Lists

    def _list(self, request: HttpRequest) -> HttpResponse:
        require_acceptable(request)
        places, links = listed(self.rule, self._in_order(), request.query)
        content: dict[str, Json] = {"items": [self.represented(place) for place in places]}
        if self.rule.pagination is not None:
            content["next"] = links.get("next")
        tag = tag_of(self.rule.etags, digest(written(content)))
        headers = self._headers(tag)
        try:
            require_conditions(request, tag, exists=True)
        except NotModified:
            return HttpResponse(304, tuple(headers))
        if links:
            headers.append(("Link", ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items())))
        return with_json(200, content, *headers)

    def _in_order(self) -> list[Listed]:
        return [Listed(place, each.sequence, each.members) for place, each in self.objects.items()]


def _json(request: HttpRequest) -> Json:
    try:
        return read_json(request.body)
    except BadJson as error:
        raise HttpRefusal(400, str(error)) from None


def _object(value: Json) -> Members:
    if not isinstance(value, dict):
        raise HttpRefusal(422, "The content should be a JSON object.")
    return dict(value)
