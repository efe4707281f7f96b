"""Lists of the modelled service: filters, and pages by cursor, number or offset."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from quizapp.domain.http_json import Json, written
from quizapp.domain.http_responses import HttpRefusal
from quizapp.domain.http_service import HttpCollection, HttpPages, Members

PARAMETERS = {"cursor": ("cursor", "limit"), "page": ("page", "size"), "offset": ("offset", "limit")}

Turns = dict[str, dict[str, str]]
"""The query parameters of the pages around one, by their relation: next, prev."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object of a list: its id, when it came to it, what it holds."""

    place: str
    sequence: int
    members: Members


def listed(
    rule: HttpCollection, objects: Sequence[Listed], query_text: str
) -> tuple[list[str], dict[str, str]]:
    """The ids that a query asks for, and the links to the pages around them."""
    query = _query(rule, query_text)
    filters = {name: query[name] for name in rule.filters if name in query}
    found = [
        each
        for each in objects
        if all(
            name in each.members and _as_text(each.members[name]) == text for name, text in filters.items()
        )
    ]
    turns: Turns = {}
    if rule.pagination is not None:
        found, turns = _page(found, query, rule.pagination)
    links = {rel: f"{rule.path}?{urlencode(filters | turn)}" for rel, turn in turns.items()}
    return [each.place for each in found], links


def _query(rule: HttpCollection, text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise HttpRefusal(400, "The query cannot be read.") from None
    query = dict(pairs)
    if len(query) != len(pairs):
        raise HttpRefusal(400, "A query parameter is repeated.")
    known = {*rule.filters, *(PARAMETERS[rule.pagination.kind] if rule.pagination else ())}
    if unknown := query.keys() - known:
        raise HttpRefusal(400, f"The query parameter {min(unknown)} is not known here.")
    return query


def _page(found: list[Listed], query: Mapping[str, str], pages: HttpPages) -> tuple[list[Listed], Turns]:
    where, how_many = PARAMETERS[pages.kind]
    size = min(_whole(query, how_many, pages.size, least=1), pages.max)
    given = {how_many: query[how_many]} if how_many in query else {}
    turns: Turns = {}
    if pages.kind == "cursor":
        after = _after(query[where]) if where in query else 0
        # Objects have their place for ever, so a deletion before it moves no page.
        rest = [each for each in found if each.sequence > after]
        if len(rest) > size:
            turns["next"] = {where: _cursor(rest[size - 1].sequence), **given}
        return rest[:size], turns
    by_page = pages.kind == "page"
    number = _whole(query, where, 1 if by_page else 0, least=1 if by_page else 0)
    start = (number - 1) * size if by_page else number
    if start > 0:
        turns["prev"] = {where: str(number - 1 if by_page else max(start - size, 0)), **given}
    if start + size < len(found):
        turns["next"] = {where: str(number + 1 if by_page else start + size), **given}
    return found[start : start + size], turns


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else written(value)


def _whole(query: Mapping[str, str], name: str, otherwise: int, *, least: int) -> int:
    text = query.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) >= least):
        raise HttpRefusal(400, f"The query parameter {name} is a whole number from {least} on.")
    return int(text)


def _cursor(sequence: int) -> str:
    return base64.urlsafe_b64encode(f"after:{sequence}".encode()).decode().rstrip("=")


def _after(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(f"{cursor}{'=' * (-len(cursor) % 4)}").decode()
    except (binascii.Error, ValueError):
        text = ""
    digits = text.removeprefix("after:")
    if digits == text or not (digits.isascii() and digits.isdigit() and len(digits) <= 6):
        raise HttpRefusal(400, "The cursor is not one that this service gave.")
    return int(digits)
