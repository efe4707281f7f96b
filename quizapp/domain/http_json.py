"""JSON of strangers, read within bounds, and the two ways to patch it (RFC 7396, RFC 6902)."""

import json
import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NoReturn

from quizapp.domain.characters import UNSTORABLE

MAX_DEPTH = 20
MAX_DIGITS = 40
MAX_OPERATIONS = 50
OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
WITH_A_VALUE = {"add", "replace", "test"}
WITH_A_SOURCE = {"move", "copy"}

Json = Any
"""What `read_json` gives: objects, arrays, texts, finite numbers, true, false and null."""


class BadJson(ValueError):
    """The text is no JSON that this service takes; the message says why."""


class BadPatch(ValueError):
    """The document is JSON, but no patch."""


class PatchConflict(ValueError):
    """The patch cannot be applied to this state: a test failed or a place is missing."""


def read_json(text: str) -> Json:
    """One JSON value.  Raises `BadJson`, also where it is too deep, repeats a name or overflows."""
    if _deepest(text) > MAX_DEPTH:
        raise BadJson(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    try:
        value = json.loads(
            text,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_without_repeats,
        )
    except json.JSONDecodeError as error:
        raise BadJson(f"The body is not JSON: line {error.lineno}, column {error.colno}.") from None
    if not is_storable(value):
        raise BadJson("The body holds a character that cannot be stored.")
    return value


def is_storable(value: Json) -> bool:
    """Whether all texts inside a value, the names of members too, hold nothing that cannot be kept."""
    return not any(UNSTORABLE.search(text) for text in _texts_in(value))


def _texts_in(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield name
            yield from _texts_in(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _texts_in(member)


def written(value: Json) -> str:
    """The value on one line, members in their own order."""
    return json.dumps(value, ensure_ascii=False)


def fingerprint(value: Json) -> str:
    """The same for values that are the same JSON, however they were written."""
    return json.dumps(value, sort_keys=True)


def same(one: Json, other: Json) -> bool:
    """Equality as JSON has it: 1 is 1.0, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def has(value: Json, wanted: Mapping[str, Json]) -> bool:
    """Whether an object has these members with these values; further members do not matter."""
    return isinstance(value, Mapping) and all(
        name in value and same(value[name], member) for name, member in wanted.items()
    )


def is_bounded(value: Json, depth: int = MAX_DEPTH) -> bool:
    """Whether a value written by an author keeps the bounds that a learner's text must keep."""
    if isinstance(value, Mapping):
        return depth > 0 and all(is_bounded(member, depth - 1) for member in value.values())
    if isinstance(value, list | tuple):
        return depth > 0 and all(is_bounded(member, depth - 1) for member in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < 10**MAX_DIGITS


def merge_patched(target: Json, patch: Json) -> Json:
    """RFC 7396: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patched(merged.get(name), value)
    return merged


def json_patched(target: Json, patch: Json) -> Json:
    """RFC 6902: all operations or none.  Raises `BadPatch` or `PatchConflict`."""
    if not isinstance(patch, list) or len(patch) > MAX_OPERATIONS:
        raise BadPatch(f"A JSON Patch is an array of at most {MAX_OPERATIONS} operations.")
    for operation in patch:
        _require_operation(operation)
    value = _copied(target)
    for operation in patch:
        value = _operated(value, operation)
        # `copy` can double a value: without a bound fifty of them would not fit into any memory.
        if not is_bounded(value) or len(fingerprint(value)) > 20_000:
            raise PatchConflict("The result would be too large or nested too deep.")
    return value


def _require_operation(operation: Json) -> None:
    if not isinstance(operation, Mapping) or operation.get("op") not in OPERATIONS:
        raise BadPatch(f"An operation is an object whose `op` is one of {', '.join(OPERATIONS)}.")
    name = operation["op"]
    if name in WITH_A_VALUE and "value" not in operation:
        raise BadPatch(f"The operation {name} needs a `value`.")
    _pointer(operation.get("path"))
    if name in WITH_A_SOURCE:
        _pointer(operation.get("from"))


def _operated(value: Json, operation: Mapping[str, Json]) -> Json:
    place = _pointer(operation["path"])
    match operation["op"]:
        case "test":
            if not same(_found(value, place), operation["value"]):
                raise PatchConflict(f"The test of {operation['path']!r} failed.")
            return value
        case "add":
            return _added(value, place, operation["value"])
        case "remove":
            return _removed(value, place)
        case "replace":
            _found(value, place)
            return _added(_removed(value, place), place, operation["value"]) if place else operation["value"]
    source = _pointer(operation["from"])
    taken = _copied(_found(value, source))
    if operation["op"] == "move":
        if place[: len(source)] == source and place != source:
            raise PatchConflict("A value cannot be moved into itself.")
        value = _removed(value, source)
    return _added(value, place, taken)


def _pointer(text: Json) -> tuple[str, ...]:
    """The reference tokens of a JSON Pointer (RFC 6901)."""
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise BadPatch("A place is a JSON Pointer, such as /total.")
    if any(one == "~" and after not in "01" for one, after in pairwise(f"{text}/")):
        raise BadPatch("In a JSON Pointer ~ is written as ~0, and / inside a name as ~1.")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def _found(value: Json, place: tuple[str, ...]) -> Json:
    for token in place:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list):
            value = value[_index(token, len(value) - 1)]
        else:
            raise PatchConflict(f"There is no {token!r} to be found.")
    return value


def _added(value: Json, place: tuple[str, ...], new: Json) -> Json:
    """Changes `value`, which is a copy, in place; at the root the new value takes over."""
    new = _copied(new)
    if not place:
        return new
    parent = _found(value, place[:-1])
    if isinstance(parent, dict):
        parent[place[-1]] = new
    elif isinstance(parent, list):
        end = len(parent)
        parent.insert(end if place[-1] == "-" else _index(place[-1], end), new)
    else:
        raise PatchConflict(f"There is no object or array that could hold {place[-1]!r}.")
    return value


def _removed(value: Json, place: tuple[str, ...]) -> Json:
    if not place:
        return None
    _found(value, place)
    parent = _found(value, place[:-1])
    del parent[place[-1] if isinstance(parent, dict) else int(place[-1])]
    return value


def _index(token: str, last: int) -> int:
    plain = token.isascii() and token.isdigit() and len(token) < 6 and str(int(token)) == token
    if not plain or int(token) > last:
        raise PatchConflict(f"The array has no element {token!r}.")
    return int(token)


def _copied(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _copied(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(member) for member in value]
    return value


def _deepest(text: str) -> int:
    """How deep brackets nest outside of texts: known before a parser would recurse into them."""
    deepest = depth = 0
    inside = escaped = False
    for sign in text:
        if inside:
            if escaped:
                escaped = False
            elif sign == "\\":
                escaped = True
            elif sign == '"':
                inside = False
        elif sign == '"':
            inside = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _no_constant(text: str) -> NoReturn:
    raise BadJson(f"JSON has no {text}.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadJson("A number in the body is out of range.")
    return number


def _bounded(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise BadJson("A number in the body is out of range.")
    return int(text)


def _without_repeats(members: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(members)
    if len(value) != len(members):
        raise BadJson("An object in the body repeats a name.")
    return value
