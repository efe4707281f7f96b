"""What learners type becomes requests, or a hint that names the request and the line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.domain.errors import UnreadableAnswer
from quizapp.domain.http_requests import MAX_CHARS, read_requests

HOST = "api.example.com"


def read(text, limit=20):
    return read_requests(text, host=HOST, limit=limit)


def test_a_request_has_a_line_headers_and_a_body():
    (request,) = read('POST /orders?dry=1 HTTP/1.1\nContent-Type: application/json\nX-A:b\n\n{"a":\n\n1}\n\n')

    assert (request.method, request.path, request.query) == ("POST", "/orders", "dry=1")
    assert request.headers == (("Content-Type", "application/json"), ("X-A", "b"))
    assert request.body == '{"a":\n\n1}'


def test_line_ends_and_trailing_spaces_of_any_system_are_the_same():
    assert read("GET /a  \r\nAccept: */*  \r\n\r\n### next\r\nGET /b") == read(
        "GET /a\nAccept: */*\n\n###\nGET /b"
    )


def test_waiting_stands_before_a_request_or_alone():
    first, second = read("WAIT 5\nGET /a\n###\nWAIT 20\n###\n# a remark\nWAIT 10s\nGET /b")

    assert (first.wait, second.wait) == (5, 30)


def test_empty_blocks_and_remarks_are_skipped():
    assert [each.path for each in read("###\n\n### one\n# remark\nGET /a\n###\n")] == ["/a"]


def test_the_whole_address_of_the_service_is_as_good_as_the_path():
    assert [each.target for each in read(f"GET https://{HOST}/a?b=c\n###\nGET http://{HOST}")] == [
        "/a?b=c",
        "/",
    ]


def test_what_no_path_can_hold_is_percent_encoded():
    assert read("GET /café/%41")[0].target == "/caf%C3%A9/%41"


def test_lines_of_one_header_are_one_list():
    assert read("GET /a\nAccept: text/html\naccept: */*")[0].header("ACCEPT") == "text/html, */*"


def test_a_method_nobody_knows_is_sent_as_it_is():
    assert read("BREW /pot")[0].method == "BREW"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "at least one request"),
        ("WAIT 5", "at least one request"),
        ("# only a remark", "at least one request"),
        ("get /orders", "Request 1, line 1: methods are case-sensitive; write GET."),
        ("GET", "Request 1, line 1: start with a method and a path"),
        ("GET the orders, please", "start with a method and a path"),
        ("GET orders", "starts with a slash"),
        ("GET /a#b", "leave out the #"),
        ("GET https://elsewhere.example/a", f"only service here is {HOST}"),
        ("GET http://[/a", "cannot be read"),
        ("GET /a\nHost: elsewhere", "leave out Host"),
        ("GET /a\nContent-Length: 3", "leave out Content-Length"),
        ("GET /a\n###\nGET /b\nAccept text", "Request 2, line 2: a header is written as Name: value."),
        ("GET /a\nBad Name: x", "a header is written as Name: value."),
        ("GET /a\nGET /b", "Request 1, line 2: put ### on a line of its own between two requests."),
        ('POST /a\n{"b": 1}', "put an empty line between the headers and the body"),
        ("GET /a\nX-A: b\n  folded", "a header starts at the beginning"),
        ("GET /a\nX-A: ü", "ASCII"),
        ("GET /a\nX-A: \x01", "ASCII"),
        ("WAIT\nGET /a", "whole seconds"),
        ("WAIT ٣\nGET /a", "whole seconds"),
        ("WAIT 0\nGET /a", "whole seconds"),
        ("WAIT 86401\nGET /a", "whole seconds"),
        ("GET /" + "a" * 1001, "1,000 characters"),
        ("GET /a\n" + "X: y\n" * 31, "at most 30 headers"),
        ("x" * (MAX_CHARS + 1), "at most 8,000 characters"),
    ],
)
def test_what_cannot_be_sent_comes_back_with_a_hint(text, hint):
    with pytest.raises(UnreadableAnswer) as refused:
        read(text)

    assert hint in str(refused.value)


def test_there_are_only_so_many_requests():
    with pytest.raises(UnreadableAnswer, match="at most 2 requests"):
        read("GET /a\n###\nGET /b\n###\nGET /c", limit=2)


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["GET /a", "###", "WAIT 3", "", "X: y", "{", "\r"])).map("\n".join)
)
def test_any_text_is_read_or_refused(text):
    with suppress(UnreadableAnswer):
        for request in read(text):
            assert request.target.isascii()
