"""Tokens, idempotency keys, limits, failures and other clients of the modelled service."""

import pytest

from http_calls import (
    FORM,
    GRANT,
    GUARDED,
    JSON,
    MERGE,
    STRICT,
    answer,
    answers,
    ids,
    keyed,
    service,
    statuses,
)


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
    assert challenge in (response.header("WWW-Authenticate") or "")


def test_a_good_token_opens_and_the_scheme_is_case_insensitive():
    assert answer(service(**GUARDED), "HEAD /orders", "Authorization: bearer reader").status == 200
    assert answer(service(**GUARDED), "DELETE /orders/1", "Authorization: Bearer writer").status == 204


def test_strangers_learn_nothing_of_what_is_there():
    assert statuses(service(**GUARDED), "GET /orders/9", "GET /nothing", "OPTIONS /orders") == [401, 401, 204]


def test_public_methods_need_no_token():
    declared = service(**GUARDED, public=["GET"])

    assert statuses(declared, "GET /orders", "HEAD /orders/1", "DELETE /orders/1") == [200, 200, 401]


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
