"""The modelled service answers as RFC 9110 says: methods, paths, media types."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from http_calls import (
    AUTH,
    FIELDS,
    FORM,
    GRANT,
    GUARDED,
    JSON,
    MERGE,
    PATCH,
    STRICT,
    answer,
    answers,
    service,
)
from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.http_play import play
from quizapp.domain.http_requests import read_requests
from quizapp.domain.http_service import HttpService


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
