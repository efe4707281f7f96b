"""Whether an object may stand in a collection: 422 for what it is, 409 for what stands there already."""

from collections.abc import Mapping
from urllib.parse import quote

from pydantic import JsonValue

from quizapp.domain.http_json import same
from quizapp.domain.http_responses import HttpRefusal
from quizapp.domain.http_service import HttpCollection, HttpField, Members


def judged(rule: HttpCollection, content: Members, before: Members | None, *, fill: bool) -> Members:
    """The object, its gaps filled with defaults if `fill`; 422 with every fault if it is not valid."""
    if not rule.fields:
        return content
    faults = {name: "is not known here" for name in content if name not in rule.fields}
    members = dict(content)
    for name, field in rule.fields.items():
        if field.read_only and _is_tampered(field, name, content, before):
            faults[name] = "is set by the service only"
        if fill and name not in members and field.default is not None:
            members[name] = field.default
        if name not in members:
            if field.required:
                faults.setdefault(name, "is missing")
        elif fault := fault_of(field, members[name]):
            faults.setdefault(name, fault)
    if faults:
        raise invalid(faults)
    return members


def _is_tampered(field: HttpField, name: str, content: Members, before: Members | None) -> bool:
    if before is None:
        return name in content and not same(content[name], field.default)
    return (name in content) != (name in before) or not same(content.get(name), before.get(name))


def require_unique(rule: HttpCollection, members: Members, others: Mapping[str, Members]) -> None:
    for name in (name for name, field in rule.fields.items() if field.unique and name in members):
        for place, other in others.items():
            if name in other and same(other[name], members[name]):
                raise HttpRefusal(409, f"{rule.path}/{place} has this {name} already.")


def require_transitions(rule: HttpCollection, old: Members, new: Members) -> None:
    for name, field in rule.fields.items():
        before, after = old.get(name), new.get(name)
        is_change = field.transitions and not same(before, after)
        if is_change and after not in field.transitions.get(str(before), ()):
            raise HttpRefusal(409, f"The {name} cannot change from {before} to {after}.")


def invalid(faults: Mapping[str, str]) -> HttpRefusal:
    """422 with one entry a fault, each with a pointer to its place (RFC 9457, section 3)."""
    errors = [
        {"detail": fault, "pointer": "#/" + quote(name.replace("~", "~0").replace("/", "~1"))}
        for name, fault in faults.items()
    ]
    return HttpRefusal(422, "The content is not valid.", errors=errors)


def fits_type(rule: HttpField, value: JsonValue) -> bool:
    """Whether a value is of the field's type; 2.0 is an integer, as JSON Schema has it."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match rule.type:
        case "string":
            return isinstance(value, str)
        case "integer":
            return is_number and float(value).is_integer()  # type: ignore[arg-type]  # a number, as just seen
        case "number":
            return is_number
        case "boolean":
            return isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
    return True


def fault_of(rule: HttpField, value: JsonValue) -> str:
    """What is wrong with a member, in words; empty when nothing is."""
    if value is None and rule.type != "any":
        return "" if rule.nullable else "should not be null"
    if not fits_type(rule, value):
        return f"should be of type {rule.type}"
    if rule.enum and not any(same(value, known) for known in rule.enum):
        return f"should be one of {', '.join(map(str, rule.enum))}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if rule.min is not None and value < rule.min:
            return f"should be at least {rule.min}"
        if rule.max is not None and value > rule.max:
            return f"should be at most {rule.max}"
    if isinstance(value, str | list):
        if rule.min_length is not None and len(value) < rule.min_length:
            return f"should have a length of at least {rule.min_length}"
        if rule.max_length is not None and len(value) > rule.max_length:
            return f"should have a length of at most {rule.max_length}"
    return ""
