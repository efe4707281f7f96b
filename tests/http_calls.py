"""Small services for tests, and ways to call them."""

from typing import Any

from quizapp.domain.http_play import Exchange, play
from quizapp.domain.http_requests import read_requests
from quizapp.domain.http_responses import HttpResponse
from quizapp.domain.http_service import HttpService

JSON = "Content-Type: application/json"
MERGE = "Content-Type: application/merge-patch+json"
PATCH = "Content-Type: application/json-patch+json"


def service(**fields: Any) -> HttpService:
    """Orders at /orders: two of them, unless told otherwise."""
    outer = {
        name: fields.pop(name) for name in ("auth", "rate_limit", "failures", "meanwhile") if name in fields
    }
    orders = {"name": "orders", "path": "/orders", "items": {"1": {"total": 5}, "2": {"total": 7}}, **fields}
    return HttpService.model_validate({"collections": [orders], **outer})


def sent(declared: HttpService, *blocks: str) -> tuple[Exchange, ...]:
    return play(declared, read_requests("\n###\n".join(blocks), host=declared.host)).exchanges


def answers(declared: HttpService, *blocks: str) -> list[HttpResponse]:
    return [exchange.response for exchange in sent(declared, *blocks)]


def answer(declared: HttpService, *lines: str) -> HttpResponse:
    return answers(declared, "\n".join(lines))[-1]


def statuses(declared: HttpService, *blocks: str) -> list[int]:
    return [response.status for response in answers(declared, *blocks)]


def ids(listed: HttpResponse) -> list[str]:
    """The ids of the objects in a list."""
    return [each["id"] for each in listed.content["items"]]


def keyed(key: str, body: str = '{"total": 1}') -> str:
    return f"POST /orders\n{JSON}\nIdempotency-Key: {key}\n\n{body}"


FIELDS = {
    "total": {"type": "integer", "required": True, "min": 1, "max": 100},
    "note": {"type": "string", "min_length": 2, "max_length": 4, "nullable": True},
    "state": {
        "type": "string",
        "enum": ["open", "paid"],
        "default": "open",
        "transitions": {"open": ["paid"]},
    },
    "made": {"type": "string", "read_only": True, "default": "today"},
    "code": {"type": "string", "unique": True},
}
STRICT = {"fields": FIELDS, "items": {"1": {"total": 5, "state": "open", "made": "then", "code": "A"}}}

AUTH = {
    "realm": "shop",
    "tokens": {"reader": {"scopes": ["orders:read"], "expires": 60}, "writer": {"scopes": ["orders:write"]}},
    "token_endpoint": {
        "path": "/token",
        "lifetime": 30,
        "clients": {"till": {"secret": "s3", "scopes": ["orders:read"]}},
    },
}
GUARDED = {"auth": AUTH, "scopes": {"GET": "orders:read", "DELETE": "orders:write"}}

FORM = "Content-Type: application/x-www-form-urlencoded"
GRANT = "grant_type=client_credentials"
