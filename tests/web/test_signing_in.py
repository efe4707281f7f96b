"""Signing in and out, and guessing at passwords, from a browser's side."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

import people
from quizapp.app import create_app
from quizapp.db.models import Account, SignIn
from quizapp.web.accounts import limits
from quizapp.web.accounts.forms import next_page

PASSWORD = "four rusty kettles sing"
OTHER = "seven patient otters row"
LENA = {"name": "Lena", "password": PASSWORD}


@pytest.fixture
def lena(app):
    """A browser that has just registered."""
    browser = people.Browser(app)
    assert browser.post("/register", LENA).status_code == 302
    return browser


def account(app: Flask, key: str = "lena") -> Account:
    with app.extensions["quizapp_database"].reading() as session:
        return session.scalars(select(Account).where(Account.name_key == key)).one()


def count(app: Flask, model: type) -> int:
    with app.extensions["quizapp_database"].reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def is_in(browser: people.Browser) -> bool:
    return browser.get("/account").status_code == 200


def sign_in(app: Flask, name: str = "Lena", password: str = PASSWORD, address: str = "192.0.2.1", **more):
    browser = people.Browser(app)
    data = {"name": name, "password": password, **more}
    return browser, browser.post("/sign-in", data, environ_base={"REMOTE_ADDR": address})


# Signing in


def test_one_signs_in_with_the_name_in_any_form(app, lena):
    browser, answer = sign_in(app, "  ｌＥＮＡ ")
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_in(browser)


def test_unknown_names_and_wrong_passwords_look_alike(app, lena):
    def shown(name: str) -> tuple[int, str, set[str]]:
        _, answer = sign_in(app, name, "wrong wrong wrong")
        text = answer.text.replace(name, "NAME")
        text = re.sub(r'(nonce|value|content)="[\w.-]{16,}"', r'\1=""', text)
        return answer.status_code, text, {name for name, _ in answer.headers}

    known = shown("Lena")
    assert known == shown("Nobody") == shown("not a name, though")
    assert known[0] == 422
    assert "Name and password do not match." in known[1]
    assert "wrong wrong" not in known[1]


@pytest.mark.parametrize("data", [{}, {"name": "Lena"}, {"password": PASSWORD}, {"name": "", "password": ""}])
def test_an_empty_sign_in_is_asked_for_what_is_missing(lena, visitor, data):
    answer = visitor.post("/sign-in", data)
    assert answer.status_code == 422
    assert "Enter your" in answer.text


@pytest.mark.parametrize("name", ["\x00", "a\x00b", "x" * 100_000, "'; DROP TABLE account; --"])
def test_strange_names_are_only_unknown(app, name):
    assert sign_in(app, name)[1].status_code == 422


def test_after_signing_in_one_is_where_one_wanted_to_be(app, lena):
    assert sign_in(app, next="/account?tab=1")[1].location == "/account?tab=1"
    visitor = people.Browser(app)
    asked = visitor.get("/account")
    assert asked.status_code == 302
    page = visitor.get(asked.location).text
    assert re.search(r'name="next"[^>]*value="/account"', page)
    assert 'href="/register?next=%2Faccount"' in page or 'href="/register?next=/account"' in page


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "http:///evil.example",
        "%09//evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\n/evil.example",
        "/%5cevil.example",
        "javascript:alert(1)",
        "///evil.example",
        "/@evil.example",
        "account",
        "/account/delete",
        "/sign-out",
        "/no-such-page",
        "/account" + "?" + "x" * 3000,
        "",
    ],
)
def test_a_next_that_is_no_page_of_ours_leads_home(app, lena, target):
    assert sign_in(app, next=target)[1].location == "/"
    with app.test_request_context("/"):
        assert next_page(target) is None


def test_who_is_signed_in_is_sent_home_from_the_doors(lena):
    for path in ("/sign-in", "/register", "/sign-in?next=/account"):
        assert (lena.get(path).status_code, lena.get(path).location) == (302, "/")
        assert lena.post(path, LENA).location == "/"


def test_what_the_session_held_before_signing_in_is_worth_nothing_after(app, lena):
    visitor = people.Browser(app)
    token = visitor.token("/sign-in")
    with visitor.client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    before = visitor.client.get_cookie("quizapp").value
    visitor.post("/sign-in", LENA)
    assert visitor.client.get_cookie("quizapp").value != before
    with visitor.client.session_transaction() as kept:
        assert "planted" not in kept
    assert visitor.client.post("/account/sign-out-everywhere", data={"csrf_token": token}).status_code == 400
    stolen = people.Browser(app)
    stolen.client.set_cookie("quizapp", before)
    assert not is_in(stolen)


def test_two_pages_opened_together_after_signing_in_both_have_a_form_that_can_be_sent(app, lena):
    cookie = lena.client.get_cookie("quizapp").value
    one, other = people.Browser(app), people.Browser(app)
    tokens = []
    for each in (one, other):
        each.client.set_cookie("quizapp", cookie)
        tokens.append(each.token("/account"))
    for token in tokens:
        sent = other.client.post("/theme", data={"csrf_token": token, "theme": "dark"})
        assert sent.status_code == 302


def test_a_sign_in_cookie_is_worthless_after_signing_out(app, lena):
    cookie = lena.client.get_cookie("quizapp").value
    assert lena.post("/sign-out").location == "/"
    assert not is_in(lena)
    thief = people.Browser(app)
    thief.client.set_cookie("quizapp", cookie)
    assert not is_in(thief)
    assert count(app, SignIn) == 0
    assert lena.post("/sign-out").status_code == 302


def test_a_sign_in_ends_after_thirty_days(clock, lena):
    clock.forward(days=29)
    assert is_in(lena)
    clock.forward(days=2)
    assert not is_in(lena)


# Guessing


def test_the_ninth_wrong_password_waits_and_so_does_the_right_one(app, clock, lena):
    tries = [sign_in(app, password=f"wrong wrong {number}")[1] for number in range(9)]
    assert [answer.status_code for answer in tries] == [422] * 8 + [429]
    assert tries[-1].headers["Retry-After"] == "900"
    assert sign_in(app)[1].status_code == 429
    assert sign_in(app, "ＬＥＮＡ")[1].status_code == 429
    assert sign_in(app, address="192.0.2.77")[1].status_code == 302
    assert is_in(lena)
    clock.forward(minutes=15)
    assert sign_in(app)[1].status_code == 302


def test_unknown_names_are_locked_like_known_ones(app):
    tries = [sign_in(app, "Nobody")[1].status_code for _ in range(9)]
    assert tries == [422] * 8 + [429]


def test_forty_wrong_passwords_are_all_an_address_has(app, lena):
    tries = [sign_in(app, f"Name {number}")[1].status_code for number in range(41)]
    assert tries == [422] * 40 + [429]
    assert sign_in(app)[1].status_code == 429
    assert sign_in(app, address="192.0.2.2")[1].status_code == 302


def test_every_page_that_asks_for_the_password_counts_together(app, lena):
    wrong = {"current_password": "wrong wrong wrong", "new_password": OTHER}
    away = {"password": "wrong wrong wrong", "confirmation": "delete"}
    assert [lena.post("/account/password", wrong).status_code for _ in range(4)] == [422] * 4
    assert [lena.post("/account/delete", away).status_code for _ in range(4)] == [422] * 4
    right = {"current_password": PASSWORD, "new_password": OTHER}
    assert lena.post("/account/password", right).status_code == 429
    assert lena.post("/account/delete", {"password": PASSWORD, "confirmation": "delete"}).status_code == 429
    assert sign_in(app, address="127.0.0.1")[1].status_code == 429
    assert account(app).deleted_at is None


def test_one_customers_ipv6_addresses_are_one_address(app):
    def seen(address: str) -> str:
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
            return limits.address()

    assert seen("2001:db8:1:2:3:4:5:6") == seen("2001:db8:1:2::9")
    assert seen("2001:db8:1:2::9") != seen("2001:db8:1:3::9")
    assert seen("::ffff:192.0.2.1") == seen("192.0.2.1") == "192.0.2.1"
    assert seen("not an address") == "not an address"


def test_without_its_counters_nobody_signs_in_but_everything_else_goes_on(settings, clock, lena):
    app = create_app(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}), CLOCK=clock)
    answer = sign_in(app)[1]
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert people.Browser(app).post("/register", {"name": "Otto", "password": PASSWORD}).status_code == 503
    with app.test_request_context("/"):
        limits.hit("start", "17", "30 per minute")
    app.extensions["quizapp_database"].dispose()


def test_a_limit_of_another_area_is_a_429_that_says_how_long(app):
    with app.test_request_context("/"):
        for _ in range(2):
            limits.hit("start", "17", "2 per minute")
        with pytest.raises(limits.TooMany) as refusal:
            limits.hit("start", "17", "2 per minute")
    assert refusal.value.code == 429
    assert ("Retry-After", "60") in refusal.value.get_headers()
