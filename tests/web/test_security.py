"""Headers, cookies, errors and untrusted text, on every page."""

import re
from typing import Any

import pytest
from flask import Flask

import make
import people
from quizapp.db.engine import Database
from quizapp.web.markup import inline_markdown, markdown, plain_text

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "[a]( javascript:alert(1))",
    "<javascript:alert(1)>",
    "![x](https://evil.example/x.png)",
    "![x](javascript:alert(1))",
    "[a][1]\n\n[1]: javascript:alert(1)",
    '<a href="x" onclick="alert(1)">a</a>',
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>`",
    "$<script>alert(1)</script>$",
    "$$\n</span><img src=x onerror=alert(1)>\n$$",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "{{ 7*7 }} {% import os %}",
    "<style>*{display:none}</style>",
    '<div style="position:fixed">',
    "<iframe src=//evil.example></iframe>",
    "<form action=//evil.example><button>",
]
TAG = re.compile(
    r"<\s*(script|img|svg|iframe|style|form|math|noscript|object|embed|input|button|base|meta|link)\b", re.I
)
EVENT = re.compile(r"<[^>]*\son\w+\s*=", re.I)
SCHEME = re.compile(r"(?:href|src)\s*=\s*[\"']?\s*(?!https?:|mailto:|#|/)[a-z]+:", re.I)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_authors_write_never_becomes_active(text: str) -> None:
    for html in (str(markdown(text)), str(inline_markdown(text))):
        assert not TAG.search(html), html
        assert not EVENT.search(html), html
        assert not SCHEME.search(html), html
        assert not re.search(r"<[^>]*style=", html), html
    assert "49" not in str(markdown("{{ 7*7 }}"))
    plain_text(text)


@pytest.mark.parametrize(
    "depth", ["> " * 2000 + "x", "* " * 2000 + "x", "[" * 5000, "*a " * 5000, "`" * 5000, "|a" * 3000]
)
def test_a_hostile_nesting_is_rendered_or_shown_as_text(depth: str) -> None:
    assert len(markdown(depth)) > 0


def test_dollars_are_money_unless_they_are_math() -> None:
    assert "math" not in markdown("It costs $5 and $6.")
    assert 'class="math inline">n^2' in markdown("It takes $n^2$ steps.")


def test_code_is_coloured_and_can_be_focused() -> None:
    html = markdown("```sql\nSELECT 1\n```")

    assert '<span class="k">SELECT</span>' in html
    assert 'tabindex="0"' in html


def pages(app: Flask) -> list[str]:
    """Every GET address without parameters."""
    return sorted(
        rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    )


def test_every_response_carries_the_headers(
    app: Flask, learner: people.Browser, instructor: people.Browser
) -> None:
    for who in (people.Browser(app), learner, instructor):
        for path in [*pages(app), "/no-such-page", "/attempts/unknown"]:
            headers = who.get(path).headers
            policy = headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["X-Frame-Options"] == "DENY", path
            assert "default-src 'none'" in policy, path
            assert "frame-ancestors 'none'" in policy, path
            assert "unsafe" not in policy, path
            assert headers["Cache-Control"] == "no-store", path
            assert "Cookie" in headers["Vary"], path


def test_pages_have_no_inline_script_style_or_handler_and_ask_nobody_else(
    app: Flask, learner: people.Browser, instructor: people.Browser
) -> None:
    for who in (people.Browser(app), learner, instructor):
        for path in pages(app):
            html = who.get(path).text
            assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html), path
            assert not re.search(r"<style|\sstyle=", html), path
            assert not EVENT.search(html), path
            assert not re.search(r"(?:src|action)=[\"']?(?:https?:)?//", html), path
            for link in re.findall(r"<link[^>]*href=[\"']([^\"']+)", html):
                assert link.startswith("/"), path


def test_a_nonce_is_new_for_every_response(learner: people.Browser) -> None:
    policies = [learner.get("/help").headers["Content-Security-Policy"] for _ in range(5)]

    assert len({nonce for policy in policies for nonce in set(re.findall(r"nonce-([\w-]+)", policy))}) == 5


def test_static_files_may_be_kept_and_carry_no_session(learner: people.Browser) -> None:
    address = re.search(r'href="(/static/[^"]+\.css)"', learner.get("/help").text)
    assert address
    with learner.get(address[1]) as response:
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../app.py",
        "/static/x/%2e%2e/app.py",
        "/static/x/.hidden",
        "/static/x/",
        "/static/x/vendor",
        "/static/x//etc/passwd",
    ],
)
def test_static_serves_nothing_else(visitor: people.Browser, path: str) -> None:
    assert visitor.get(path).status_code in {301, 308, 404}


def test_a_bug_shows_a_number_and_nothing_of_itself(app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    app.add_url_rule("/broken", "broken", broken)
    visitor = people.Browser(app)

    page, api = visitor.get("/broken"), visitor.get("/broken", headers={"Content-Type": "application/json"})

    assert page.status_code == 500
    for response in (page, api):
        assert "secret detail" not in response.text
        assert "Traceback" not in response.text
    assert re.search(r"<code>[0-9a-f]{12}</code>", page.text)


@pytest.mark.parametrize("path", ["/quizzes/%00", "/topics/a%00b", "/attempts/%00/result"])
def test_a_nul_in_an_address_leads_nowhere(learner: people.Browser, path: str) -> None:
    assert learner.get(path).status_code == 404


def test_the_wrong_method_is_said_so(visitor: people.Browser) -> None:
    response = visitor.get("/sign-out")

    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


def test_get_never_needs_a_token_and_never_changes_an_account(app: Flask, learner: people.Browser) -> None:
    database: Database = app.extensions["quizapp_database"]
    before = snapshot(database)

    for path in pages(app):
        learner.get(path)

    assert snapshot(database) == before


def snapshot(database: Database) -> dict[str, Any]:
    from sqlalchemy import select

    from quizapp.db.base import Base

    with database.reading() as session:
        return {
            name: sorted(map(repr, session.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
            if name != "rate_limit"
        }


@pytest.mark.parametrize("text", [HOSTILE[0], HOSTILE[1], "{{ 7*7 }}"])
def test_what_a_learner_types_is_only_ever_text(app: Flask, learner: people.Browser, text: str) -> None:
    database: Database = app.extensions["quizapp_database"]
    with database.writing() as session:
        _, attempt_id = make.running(session, learner.actor, [make.sample("short_text")], mode="practice")
    attempt = f"/attempts/{attempt_id}"
    learner.post(f"{attempt}/questions/1", {"sequence": "0", "action": "next", "text": text})

    for path in ("/questions/1", "/summary"):
        html = learner.get(f"{attempt}{path}").text
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    learner.post(f"{attempt}/submit")
    review = learner.get(f"{attempt}/review").text
    assert "<script>alert" not in review
    assert "<img src=x" not in review
    assert "49" not in review.split("<main")[1].split("Your answer")[1][:400]
