"""Preconditions and lists of the modelled service."""

import pytest

from http_calls import JSON, MERGE, answer, answers, ids, service, statuses


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


def five(**pagination):
    items = {str(number): {"n": number, "odd": bool(number % 2)} for number in range(1, 6)}
    return service(items=items, filters=["odd", "n"], pagination=pagination or None)


def followed(declared, path):
    """The ids of all pages, by the links alone."""
    pages: list[list[str]] = []
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
