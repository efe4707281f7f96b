"""The modelled service answers as the RFCs say."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.http_play import play
from quizapp.domain.http_requests import read_requests
from quizapp.domain.http_service import HttpService

JSON = "Content-Type: application/json"
MERGE = "Content-Type: application/merge-patch+json"
PATCH = "Content-Type: application/json-patch+json"


def service(**fields):
    """Orders at /orders: two of them, unless told otherwise."""
    outer = {
        name: fields.pop(name) for name in ("auth", "rate_limit", "failures", "meanwhile") if name in fields
    }
    orders = {"name": "orders", "path": "/orders", "items": {"1": {"total": 5}, "2": {"total": 7}}, **fields}
    return HttpService.model_validate({"collections": [orders], **outer})


def sent(declared, *blocks):
    return play(declared, read_requests("\n###\n".join(blocks), host=declared.host)).exchanges


def answers(declared, *blocks):
    return [exchange.response for exchange in sent(declared, *blocks)]


def answer(declared, *lines):
    return answers(declared, "\n".join(lines))[-1]


def statuses(declared, *blocks):
    return [response.status for response in answers(declared, *blocks)]


# Methods and paths


def test_an_object_is_shown_with_its_id():
    response = answer(service(), "GET /orders/1")

    assert (response.status, response.content) == (200, {"id": "1", "total": 5})
    assert response.header("Content-Type") == "application/json"


def test_head_says_what_get_says_without_content():
    got, head = answers(service(etags="strong"), "GET /orders/1", "HEAD /orders/1")

    assert (head.status, head.headers, head.body) == (200, got.headers, "")


def test_a_head_for_nothing_has_no_content_either():
    response = answer(service(), "HEAD /orders/9")

    assert (response.status, response.body) == (404, "")


@pytest.mark.parametrize(
    "path", ["/", "/order", "/orders/", "/orders/9", "/orders/1/total", "//orders", "/orders%2F1"]
)
def test_other_paths_lead_nowhere(path):
    assert answer(service(), f"GET {path}").status == 404


@pytest.mark.parametrize("path", ["/orders/%", "/orders/%zz", "/orders/%ff", "/orders/%00"])
def test_a_path_that_cannot_be_decoded_is_a_bad_request(path):
    assert answer(service(), f"GET {path}").status == 400


def test_an_unknown_method_is_not_implemented_a_known_one_not_allowed():
    unknown, known, traced = answers(
        service(methods=["GET"]), "BREW /orders", "DELETE /orders/1", "TRACE /orders"
    )

    assert unknown.status == 501
    assert (known.status, known.header("Allow")) == (405, "GET, HEAD, OPTIONS")
    assert traced.status == 405


def test_a_collection_allows_other_methods_than_its_objects():
    response = answer(service(), "PUT /orders", JSON, "", "{}")

    assert (response.status, response.header("Allow")) == (405, "GET, HEAD, POST, OPTIONS")


def test_options_tells_what_is_allowed_and_how_to_patch():
    one, everything = answers(service(patch=["merge", "json_patch"]), "OPTIONS /orders/1", "OPTIONS *")

    assert (one.status, one.header("Allow")) == (204, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")
    assert one.header("Accept-Patch") == "application/merge-patch+json, application/json-patch+json"
    assert everything.header("Allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def test_errors_are_problem_details():
    response = answer(service(), "GET /orders/9")

    assert response.header("Content-Type") == "application/problem+json"
    assert response.content == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no /orders/9.",
    }


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_content_has_no_meaning_in_some_methods(method):
    assert answer(service(), f"{method} /orders/1", "", "{}").status == 400


@pytest.mark.parametrize(
    "name", ["Content-Type: application/json", "Authorization: Bearer a", "Idempotency-Key: a"]
)
def test_a_header_that_is_no_list_is_sent_once(name):
    assert answer(service(), "POST /orders", name, name, "", "{}").status == 400


# Creating, replacing, changing, deleting


def test_a_post_creates_at_an_address_that_it_tells():
    made, again, listed = answers(
        service(etags="strong"),
        f'POST /orders\n{JSON}\n\n{{"total": 1}}',
        f'POST /orders\n{JSON}\n\n{{"total": 1}}',
        "GET /orders",
    )

    assert (made.status, made.header("Location"), made.header("ETag")) == (201, "/orders/3", '"v1"')
    assert made.content == {"id": "3", "total": 1}
    assert again.header("Location") == "/orders/4"
    assert [each["id"] for each in listed.content["items"]] == ["1", "2", "3", "4"]


def test_the_id_of_a_deleted_object_is_not_given_again():
    declared = service(next_id=3)
    create = f"POST /orders\n{JSON}\n\n{{}}"

    assert answers(declared, create, "DELETE /orders/3", create)[-1].header("Location") == "/orders/4"


def test_the_service_gives_the_ids():
    assert answer(service(), "POST /orders", JSON, "", '{"id": "9"}').status == 422


def test_put_replaces_the_whole_object():
    declared = service(items={"1": {"total": 5, "note": "x"}})
    put, got = answers(declared, f'PUT /orders/1\n{JSON}\n\n{{"total": 6}}', "GET /orders/1")

    assert put.status == 200
    assert got.content == {"id": "1", "total": 6}


def test_put_tells_no_validator_because_the_service_adds_the_id():
    declared = service(etags="strong", put_creates=True)
    changed, created = answers(declared, f"PUT /orders/1\n{JSON}\n\n{{}}", f"PUT /orders/8\n{JSON}\n\n{{}}")

    assert (changed.status, changed.header("ETag")) == (200, None)
    assert (created.status, created.header("ETag")) == (201, None)


def test_put_is_idempotent():
    declared = service(etags="strong")
    put = f'PUT /orders/1\n{JSON}\n\n{{"total": 6}}'

    assert answers(declared, put, put, put, "GET /orders/1")[-1].header("ETag") == '"v2"'


def test_put_creates_only_where_it_may():
    put = f'PUT /orders/nine\n{JSON}\n\n{{"id": "nine"}}'

    assert statuses(service(), put) == [404]
    assert statuses(service(put_creates=True), put, put, "GET /orders/nine") == [201, 200, 200]


def test_put_with_another_id_is_a_conflict():
    assert answer(service(), "PUT /orders/1", JSON, "", '{"id": "2"}').status == 409


def test_a_merge_patch_changes_what_it_names_and_null_removes():
    declared = service(items={"1": {"total": 5, "note": "x", "tags": ["a", "b"]}}, etags="strong")
    body = '{"note": null, "tags": ["c"]}'
    response = answer(declared, "PATCH /orders/1", MERGE, "", body)

    assert (response.status, response.header("ETag")) == (200, '"v2"')
    assert response.content == {"id": "1", "total": 5, "tags": ["c"]}


def test_a_merge_patch_that_is_no_object_would_replace_the_object():
    assert answer(service(), "PATCH /orders/1", MERGE, "", "[1]").status == 422


def test_a_json_patch_is_applied_whole_or_not_at_all():
    declared = service(patch=["json_patch"])
    broken = '[{"op": "replace", "path": "/total", "value": 1}, {"op": "test", "path": "/total", "value": 9}]'
    sound = '[{"op": "test", "path": "/total", "value": 5}, {"op": "add", "path": "/note", "value": "x"}]'
    responses = answers(
        declared,
        f"PATCH /orders/1\n{PATCH}\n\n{broken}",
        "GET /orders/1",
        f"PATCH /orders/1\n{PATCH}\n\n{sound}",
    )

    assert responses[0].status == 409
    assert responses[1].content == {"id": "1", "total": 5}
    assert responses[2].content == {"id": "1", "total": 5, "note": "x"}


@pytest.mark.parametrize(
    ("body", "status"),
    [("{}", 400), ('[{"op": "x", "path": ""}]', 400), ('[{"op": "remove", "path": "/id"}]', 409)],
)
def test_a_json_patch_that_cannot_be_applied_is_refused(body, status):
    assert answer(service(patch=["json_patch"]), "PATCH /orders/1", PATCH, "", body).status == status


def test_a_patch_in_another_format_is_told_the_right_ones():
    response = answer(service(), "PATCH /orders/1", JSON, "", "{}")

    assert (response.status, response.header("Accept-Patch")) == (415, "application/merge-patch+json")


@pytest.mark.parametrize(("gone", "status"), [(False, 404), (True, 410)])
def test_a_deleted_object_is_gone(gone, status):
    declared = service(gone=gone)

    assert statuses(declared, "DELETE /orders/1", "DELETE /orders/1", "GET /orders/1") == [
        204,
        status,
        status,
    ]
    assert statuses(declared, "GET /orders/9") == [404]


# What objects may hold


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


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ("{}", "#/total"),
        ('{"total": "5"}', "#/total"),
        ('{"total": true}', "#/total"),
        ('{"total": 1.5}', "#/total"),
        ('{"total": 0}', "#/total"),
        ('{"total": 101}', "#/total"),
        ('{"total": null}', "#/total"),
        ('{"total": 5, "note": "x"}', "#/note"),
        ('{"total": 5, "note": "xxxxx"}', "#/note"),
        ('{"total": 5, "state": "lost"}', "#/state"),
        ('{"total": 5, "made": "now"}', "#/made"),
        ('{"total": 5, "what/ever": 1}', "#/what~1ever"),
    ],
)
def test_an_invalid_object_is_told_where(body, pointer):
    response = answer(service(**STRICT), "POST /orders", JSON, "", body)

    assert response.status == 422
    assert [error["pointer"] for error in response.content["errors"]] == [pointer]


def test_a_valid_object_gets_its_defaults():
    response = answer(service(**STRICT), "POST /orders", JSON, "", '{"total": 5.0, "note": null}')

    assert response.content == {"id": "2", "total": 5.0, "note": None, "state": "open", "made": "today"}


def test_a_value_that_is_taken_is_a_conflict_except_for_its_owner():
    declared = service(**STRICT)

    assert statuses(
        declared,
        f'POST /orders\n{JSON}\n\n{{"total": 5, "code": "A"}}',
        f'PATCH /orders/1\n{MERGE}\n\n{{"code": "A", "total": 6}}',
    ) == [409, 200]


def test_a_state_changes_only_as_it_may():
    paid = f'PATCH /orders/1\n{MERGE}\n\n{{"state": "paid"}}'
    opened = f'PATCH /orders/1\n{MERGE}\n\n{{"state": "open"}}'

    assert statuses(service(**STRICT), opened, paid, paid, opened) == [200, 200, 200, 409]


def test_what_only_the_service_sets_survives_a_put():
    declared = service(**STRICT)
    put, patched = answers(
        declared, f'PUT /orders/1\n{JSON}\n\n{{"total": 9}}', f'PATCH /orders/1\n{MERGE}\n\n{{"made": null}}'
    )

    assert put.content == {"id": "1", "made": "then", "total": 9, "state": "open"}
    assert patched.status == 422


@pytest.mark.parametrize("body", ["", "{", "NaN", '{"total": 1e999}', "[" * 3000])
def test_content_that_is_no_json_is_a_bad_request(body):
    assert answer(service(), "POST /orders", JSON, "", body).status == 400


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7"])
def test_content_that_is_no_object_cannot_be_processed(body):
    assert answer(service(), "POST /orders", JSON, "", body).status == 422


# Negotiation


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("APPLICATION/*", 200),
        ("text/html, */*;q=0.1", 200),
        ("application/json; charset=utf-8", 200),
        ("", 200),
        ("text/html", 406),
        ("application/json;q=0, */*", 406),
        ("*/*;q=0.000", 406),
        ("text/*", 406),
    ],
)
def test_a_client_that_takes_no_json_gets_none(accept, status):
    assert answer(service(), "GET /orders/1", f"Accept: {accept}").status == status


def test_nothing_is_written_for_a_client_that_cannot_take_the_answer():
    refused, listed = answers(service(), f"POST /orders\n{JSON}\nAccept: text/csv\n\n{{}}", "GET /orders")

    assert refused.status == 406
    assert len(listed.content["items"]) == 2


@pytest.mark.parametrize("header", ["Content-Type: text/plain", "X-Other: 1", "Content-Encoding: gzip"])
def test_content_of_another_type_is_not_taken(header):
    assert answer(service(), "POST /orders", header, "", "{}").status == 415


def test_the_type_of_content_is_case_insensitive_and_may_have_parameters():
    assert (
        answer(service(), "POST /orders", "Content-Type: Application/JSON; charset=utf-8", "", "{}").status
        == 201
    )


# Conditions


def test_a_representation_that_the_client_has_is_not_sent_again():
    declared = service(etags="strong", cache_control="max-age=60")
    response = answer(declared, "GET /orders/1", 'If-None-Match: "x", W/"v1"')

    assert (response.status, response.body) == (304, "")
    assert response.headers == (("ETag", '"v1"'), ("Cache-Control", "max-age=60"))


def test_a_changed_representation_is_sent():
    declared = service(etags="strong")
    change = f'PATCH /orders/1\n{MERGE}\n\n{{"total": 6}}'

    assert statuses(declared, change, 'GET /orders/1\nIf-None-Match: "v1"') == [200, 200]


def test_lists_have_tags_too():
    declared = service(etags="strong")
    tag = answer(declared, "GET /orders").header("ETag")

    assert answer(declared, "GET /orders", f"If-None-Match: {tag}").status == 304
    assert statuses(declared, "DELETE /orders/1", f"GET /orders\nIf-None-Match: {tag}") == [204, 200]


@pytest.mark.parametrize(
    ("strength", "header", "status"),
    [
        ("strong", 'If-Match: "v1"', 200),
        ("strong", 'If-Match: "v0", "v1"', 200),
        ("strong", "If-Match: *", 200),
        ("strong", 'If-Match: "v2"', 412),
        ("strong", 'If-Match: W/"v1"', 412),
        ("weak", 'If-Match: W/"v1"', 412),
        ("none", 'If-Match: "v1"', 412),
        ("strong", "If-None-Match: *", 412),
        ("strong", 'If-None-Match: "v1"', 412),
        ("weak", 'If-None-Match: "v1"', 412),
        ("strong", 'If-None-Match: "v2"', 200),
        ("strong", "If-Match: v1", 400),
        ("strong", 'If-Match: "v1" "v2"', 400),
        ("strong", "If-Match:", 400),
        ("strong", "If-Match: ,", 400),
        ("strong", "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT", 200),
    ],
)
def test_a_write_happens_only_under_its_conditions(strength, header, status):
    declared = service(etags=strength)
    put, got = answers(declared, f'PUT /orders/1\n{JSON}\n{header}\n\n{{"total": 6}}', "GET /orders/1")

    assert put.status == status
    assert got.content["total"] == (6 if status == 200 else 5)


def test_only_if_there_is_none_yet():
    declared = service(put_creates=True, etags="strong")
    put = f"PUT /orders/9\n{JSON}\nIf-None-Match: *\n\n{{}}"

    assert statuses(declared, put, put) == [201, 412]
    assert statuses(declared, f"PUT /orders/9\n{JSON}\nIf-Match: *\n\n{{}}") == [412]


def test_a_write_without_a_condition_is_refused_where_one_is_required():
    declared = service(etags="strong", require_if_match=True)
    patch = f'PATCH /orders/1\n{MERGE}\n\n{{"total": 6}}'

    assert statuses(declared, patch, "DELETE /orders/1", 'DELETE /orders/1\nIf-Match: "v1"') == [
        428,
        428,
        204,
    ]


def test_a_condition_is_not_looked_at_when_the_request_fails_anyway():
    declared = service(etags="strong", require_if_match=True)

    assert answer(declared, "PATCH /orders/1", JSON, 'If-Match: "v9"', "", "{}").status == 415
    assert answer(declared, "DELETE /orders/9", 'If-Match: "v9"').status == 404


def test_a_condition_comes_before_the_content_is_judged():
    declared = service(etags="strong")

    assert answer(declared, "PUT /orders/1", JSON, 'If-Match: "v9"', "", "no json").status == 412


def test_a_tag_never_stands_for_two_states():
    declared = service(etags="strong", put_creates=True)
    put = f"PUT /orders/1\n{JSON}\n\n{{}}"

    assert answers(declared, "DELETE /orders/1", put, "GET /orders/1")[-1].header("ETag") == '"v2"'


# Lists


def five(**pagination):
    items = {str(number): {"n": number, "odd": bool(number % 2)} for number in range(1, 6)}
    return service(items=items, filters=["odd", "n"], pagination=pagination or None)


def ids(response):
    return [each["id"] for each in response.content["items"]]


def followed(declared, path):
    """The ids of all pages, by the links alone."""
    pages = []
    while path and len(pages) < 10:
        response = answer(declared, f"GET {path}")
        assert (response.header("Link") or "").count('rel="next"') == bool(response.content["next"])
        pages.append(ids(response))
        path = response.content["next"]
    return pages


@pytest.mark.parametrize("kind", ["cursor", "page", "offset"])
def test_the_links_lead_through_all_pages(kind):
    assert followed(five(kind=kind, size=2), "/orders") == [["1", "2"], ["3", "4"], ["5"]]


@pytest.mark.parametrize(("kind", "size"), [("cursor", "limit"), ("page", "size"), ("offset", "limit")])
def test_a_client_chooses_the_size_up_to_the_largest(kind, size):
    declared = five(kind=kind, size=2, max=4)

    assert followed(declared, f"/orders?{size}=3") == [["1", "2", "3"], ["4", "5"]]
    assert followed(declared, f"/orders?{size}=99") == [["1", "2", "3", "4"], ["5"]]


def test_a_filter_stays_in_the_links():
    declared = five(kind="cursor", size=2)

    assert followed(declared, "/orders?odd=true") == [["1", "3"], ["5"]]
    assert ids(answer(declared, "GET /orders?n=4")) == ["4"]


def test_pages_by_number_lead_back_too():
    response = answer(five(kind="page", size=2), "GET /orders?page=2")

    assert response.header("Link") == '</orders?page=1>; rel="prev", </orders?page=3>; rel="next"'


@pytest.mark.parametrize(("kind", "second"), [("cursor", ["3", "4"]), ("offset", ["4", "5"])])
def test_a_deletion_shifts_offsets_but_no_cursor(kind, second):
    declared = five(kind=kind, size=2)
    after = answer(declared, "GET /orders").content["next"]

    assert ids(answers(declared, "DELETE /orders/1", f"GET {after}")[-1]) == second


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "page=٣", "page=1&page=2", "size=0", "what=1", "page=9999999", "cursor=x", "%ff=1"],
)
def test_a_query_that_means_nothing_is_a_bad_request(query):
    assert answer(five(kind="page", size=2), f"GET /orders?{query}").status == 400


@pytest.mark.parametrize("cursor", ["", "x", "ä", "YWZ0ZXI6", "YWZ0ZXI6LTE", "====", "MTIz"])
def test_a_made_up_cursor_is_a_bad_request(cursor):
    assert answer(five(kind="cursor", size=2), f"GET /orders?cursor={cursor}").status == 400


# Idempotency keys


def keyed(key, body='{"total": 1}'):
    return f"POST /orders\n{JSON}\nIdempotency-Key: {key}\n\n{body}"


def test_a_key_gives_the_first_response_again():
    first, again, other, listed = answers(
        service(idempotency="optional"),
        keyed('"a"'),
        keyed("a", '{ "total" : 1 }'),
        keyed("b"),
        "GET /orders",
    )

    assert (again.status, again.body, again.header("Location")) == (201, first.body, "/orders/3")
    assert (first.header("Idempotent-Replayed"), again.header("Idempotent-Replayed")) == (None, "true")
    assert other.header("Location") == "/orders/4"
    assert len(ids(listed)) == 4


def test_a_key_belongs_to_its_content_and_to_its_client():
    declared = service(idempotency="optional")
    other_client = keyed("a").replace("\n\n", "\nAuthorization: Bearer x\n\n")

    assert statuses(declared, keyed("a"), keyed("a", '{"total": 2}')) == [201, 422]
    assert answers(declared, keyed("a"), other_client)[-1].header("Location") == "/orders/4"


def test_a_key_is_forgotten_after_its_time():
    declared = service(idempotency="optional", idempotency_seconds=60)

    assert answers(declared, keyed("a"), f"WAIT 59\n{keyed('a')}")[-1].header("Location") == "/orders/3"
    assert answers(declared, keyed("a"), f"WAIT 60\n{keyed('a')}")[-1].header("Location") == "/orders/4"


def test_a_refused_request_uses_no_key_up():
    declared = service(idempotency="required", **STRICT)

    assert statuses(declared, keyed("a", "{}"), keyed("a", '{"total": 1}')) == [422, 201]
    assert statuses(declared, f"POST /orders\n{JSON}\n\n{{}}", keyed('""')) == [400, 400]


# Tokens


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


@pytest.mark.parametrize(
    ("lines", "status", "challenge"),
    [
        ([], 401, 'Bearer realm="shop"'),
        (["Authorization: Basic abc"], 401, 'Bearer realm="shop"'),
        (["Authorization: Bearer nobody"], 401, 'error="invalid_token"'),
        (["WAIT"], 401, "expired"),
        (["Authorization: Bearer writer"], 403, 'error="insufficient_scope", scope="orders:read"'),
    ],
)
def test_who_may_not_read_is_told_why(lines, status, challenge):
    waits = lines == ["WAIT"]
    lines = ["Authorization: Bearer reader"] if waits else lines
    response = answer(service(**GUARDED), *(["WAIT 60"] if waits else []), "GET /orders", *lines)

    assert response.status == status
    assert challenge in response.header("WWW-Authenticate")


def test_a_good_token_opens_and_the_scheme_is_case_insensitive():
    assert answer(service(**GUARDED), "HEAD /orders", "Authorization: bearer reader").status == 200
    assert answer(service(**GUARDED), "DELETE /orders/1", "Authorization: Bearer writer").status == 204


def test_strangers_learn_nothing_of_what_is_there():
    assert statuses(service(**GUARDED), "GET /orders/9", "GET /nothing", "OPTIONS /orders") == [401, 401, 204]


def test_public_methods_need_no_token():
    declared = service(**GUARDED, public=["GET"])

    assert statuses(declared, "GET /orders", "HEAD /orders/1", "DELETE /orders/1") == [200, 200, 401]


FORM = "Content-Type: application/x-www-form-urlencoded"
GRANT = "grant_type=client_credentials"


def test_a_client_gets_a_token_that_expires():
    declared = service(**GUARDED)
    ask = f"POST /token\n{FORM}\n\n{GRANT}&client_id=till&client_secret=s3"
    token = answer(declared, ask)
    use = f"GET /orders\nAuthorization: Bearer {token.content['access_token']}"

    assert token.content | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 30,
        "scope": "orders:read",
    }
    assert token.header("Cache-Control") == "no-store"
    assert statuses(declared, ask, use, f"WAIT 29\n{use}", f"WAIT 1\n{use}") == [200, 200, 200, 401]
    assert statuses(declared, use) == [401]


@pytest.mark.parametrize(
    ("lines", "status", "error"),
    [
        ([FORM, "", GRANT], 401, "invalid_client"),
        ([FORM, "", f"{GRANT}&client_id=till&client_secret=no"], 401, "invalid_client"),
        ([FORM, "Authorization: Basic !", "", GRANT], 401, "invalid_client"),
        ([FORM, "", "client_id=till&client_secret=s3"], 400, "invalid_request"),
        ([FORM, "", "grant_type=password&client_id=till&client_secret=s3"], 400, "unsupported_grant_type"),
        ([FORM, "", f"{GRANT}&client_id=till&client_secret=s3&scope=orders:write"], 400, "invalid_scope"),
        ([FORM, "", f"{GRANT}&{GRANT}"], 400, "invalid_request"),
        ([JSON, "", "{}"], 400, "invalid_request"),
        (
            [FORM, "Authorization: Basic dGlsbDpzMw==", "", f"{GRANT}&client_secret=s3"],
            400,
            "invalid_request",
        ),
    ],
)
def test_a_request_for_a_token_can_be_wrong_in_many_ways(lines, status, error):
    response = answer(service(**GUARDED), "POST /token", *lines)

    assert (response.status, response.content["error"]) == (status, error)


def test_a_client_may_authenticate_by_basic():
    lines = ["POST /token", FORM, "Authorization: Basic dGlsbDpzMw==", "", GRANT]

    assert answer(service(**GUARDED), *lines).status == 200
    assert statuses(service(**GUARDED), "GET /token", "OPTIONS /token") == [405, 204]


# Time, failures, other clients


def test_too_many_requests_wait_for_the_window_to_end():
    declared = service(rate_limit={"requests": 2, "seconds": 60})
    responses = answers(
        declared, "GET /orders", "WAIT 20\nGET /orders", "WAIT 10\nGET /orders", "WAIT 30\nGET /orders"
    )

    assert [each.status for each in responses] == [200, 200, 429, 200]
    assert responses[2].header("Retry-After") == "30"


def test_a_failure_may_hide_that_the_write_happened():
    failure = {"method": "POST", "path": "/orders", "status": 503, "retry_after": 5, "applied": True}
    declared = service(failures=[failure], idempotency="optional")
    lost, again, listed = answers(declared, keyed("a"), keyed("a"), "GET /orders")

    assert (lost.status, lost.header("Retry-After")) == (503, "5")
    assert (again.status, again.header("Idempotent-Replayed")) == (201, "true")
    assert len(ids(listed)) == 3


def test_a_failure_may_come_before_anything_was_written():
    failure = {"method": "DELETE", "path": "/orders/1", "nth": 2, "times": 2, "status": 500}
    declared = service(failures=[failure], put_creates=True)
    delete, put = "DELETE /orders/1", f"PUT /orders/1\n{JSON}\n\n{{}}"

    assert statuses(declared, delete, put, delete, delete, "GET /orders/1", delete) == [
        204,
        201,
        500,
        500,
        200,
        204,
    ]


def test_what_is_refused_is_refused_whatever_would_fail_later():
    failure = {"method": "POST", "path": "/orders", "status": 503, "applied": True}

    assert answer(service(failures=[failure]), "POST /orders", JSON, "", "no json").status == 400


def test_another_client_writes_in_between():
    deed = {
        "method": "GET",
        "path": "/orders/1",
        "collection": "orders",
        "id": "1",
        "merge": {"note": "theirs"},
    }
    declared = service(etags="strong", require_if_match=True, meanwhile=[deed])

    def write(tag):
        return f'PATCH /orders/1\n{MERGE}\nIf-Match: "{tag}"\n\n{{"total": 6}}'

    responses = answers(declared, "GET /orders/1", write("v1"), "GET /orders/1", write("v2"))

    assert [each.status for each in responses] == [200, 412, 200, 200]
    assert responses[-1].content == {"id": "1", "total": 6, "note": "theirs"}


@pytest.mark.parametrize(
    ("deed", "status"), [({"delete": True}, 404), ({"merge": {"a": 1}}, 200), ({"create": {}}, 200)]
)
def test_another_client_may_do_anything_once(deed, status):
    meanwhile = {"method": "GET", "path": "/orders/1", "collection": "orders", "id": "1", **deed}

    assert statuses(service(meanwhile=[meanwhile]), "GET /orders/1", "GET /orders/1") == [200, status]


# The declaration


@pytest.mark.parametrize(
    "fields",
    [
        {"items": {"1": {"id": "1"}}},
        {"items": {"a b": {}}},
        {"items": {"1": {"a": float("nan")}}},
        {"items": {"1": {"a": 10**50}}},
        {"items": {"1": {"a": "x" * 21_000}}},
        {"path": "orders"},
        {"path": "/orders/"},
        {"methods": []},
        {"etags": "weak", "require_if_match": True},
        {"etags": "none", "require_if_match": True},
        {"fields": {"total": {}}, "filters": ["other"]},
        {"fields": {"other": {}}},
        {"pagination": {"kind": "page", "size": 20, "max": 10}},
        {"scopes": {"GET": "a"}},
        {"public": ["GET"]},
        {"auth": {}},
        {"auth": {"token_endpoint": {"path": "/orders", "clients": {"a": {"secret": "b"}}}}},
        {
            "meanwhile": [
                {"method": "GET", "path": "/orders", "collection": "nothing", "id": "1", "delete": True}
            ]
        },
        {"meanwhile": [{"method": "GET", "path": "/orders", "collection": "orders", "id": "1"}]},
        {"failures": [{"method": "GET", "path": "/orders", "status": 200}]},
        {"unknown": 1},
    ],
)
def test_a_service_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValidationError):
        service(**fields)


def test_two_collections_differ_in_name_and_path():
    orders = {"name": "orders", "path": "/orders"}

    for other in ({"name": "orders", "path": "/others"}, {"name": "others", "path": "/orders"}):
        with pytest.raises(ValidationError):
            HttpService.model_validate({"collections": [orders, other]})


EVERYTHING = service(
    **GUARDED | {"auth": AUTH | {"realm": "all"}},
    fields=FIELDS,
    items=STRICT["items"],
    etags="strong",
    put_creates=True,
    gone=True,
    patch=["merge", "json_patch"],
    idempotency="optional",
    pagination={"kind": "cursor", "size": 2},
    filters=["state"],
    public=["GET", "POST", "PUT", "PATCH", "DELETE"],
    rate_limit={"requests": 9, "seconds": 10},
    failures=[{"method": "PUT", "path": "/orders/1", "status": 502, "applied": True}],
    meanwhile=[
        {"method": "GET", "path": "/orders/1", "collection": "orders", "id": "1", "merge": {"total": 8}}
    ],
)

lines = st.sampled_from(
    [
        *(JSON, MERGE, PATCH, FORM, 'If-Match: "v1"', "If-None-Match: *", "If-Match: ,,", "Accept: ;q=,x"),
        *("Idempotency-Key: a", "Authorization: Basic a", "Authorization: Bearer reader", "X: y"),
    ]
)
bodies = st.sampled_from(
    [
        "",
        "{}",
        '{"total": 3}',
        '{"total": {"a": []}}',
        "[1",
        "[]",
        '[{"op": "add", "path": "/note", "value": []}]',
        GRANT,
    ]
) | st.text(max_size=20)
blocks = st.builds(
    lambda method, path, headers, body: "\n".join([f"{method} {path}", *headers, "", body]),
    st.sampled_from(
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "WAIT 5\nGET", "TRACE"]
    ),
    st.sampled_from(
        ["/orders", "/orders/1", "/orders/%41", "/orders?cursor=a", "/orders?%=", "/token", "/x%", "*", "/é"]
    )
    | st.text(max_size=8).map("/orders/{}".format),
    st.lists(lines, max_size=3),
    bodies,
)


@settings(max_examples=150)
@given(st.lists(blocks, min_size=1, max_size=6))
def test_the_service_answers_anything_and_always_the_same(texts):
    try:
        requests = read_requests("\n###\n".join(texts), host=EVERYTHING.host)
    except UnreadableAnswer:
        return
    played = play(EVERYTHING, requests)

    assert play(EVERYTHING, requests) == played
    for exchange in played.exchanges:
        assert 200 <= exchange.response.status < 600
        assert (exchange.response.status in {204, 304}) <= (not exchange.response.body)
        assert json.loads(exchange.response.body or "null") == exchange.response.content
