"""Objects of the modelled service: made, replaced, patched, deleted, and what they may hold."""

import pytest

from http_calls import JSON, MERGE, PATCH, STRICT, answer, answers, service, statuses


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
