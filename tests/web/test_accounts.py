"""Registering, signing in and out, and the page of settings, from a browser's side."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

import people
from quizapp.app import create_app
from quizapp.db.models import Account, SignIn
from quizapp.services import accounts
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


# Registering


def test_whoever_registers_is_signed_in_as_a_learner(app, visitor):
    answer = visitor.post("/register", LENA)
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_in(visitor)
    assert account(app).role == "learner"


def test_registering_cannot_set_anything_but_name_and_password(app, visitor):
    more = {"role": "admin", "is_demo": "1", "time_percent": "200", "id": "99", "preferences": "{}"}
    visitor.post("/register", LENA | more)
    kept = account(app)
    assert (kept.role, kept.is_demo, kept.time_percent, kept.preferences) == ("learner", False, 100, {})
    assert kept.id != 99


def test_a_taken_name_is_told_beside_the_field_and_what_was_typed_stays(app, lena, visitor):
    answer = visitor.post("/register", {"name": " LENA ", "password": PASSWORD})
    assert answer.status_code == 422
    assert re.search(r'id="name-error">.*?This name is taken', answer.text, re.DOTALL)
    assert 'value=" LENA "' in answer.text
    assert PASSWORD not in answer.text
    assert count(app, Account) == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "Enter a name."),
        ({"name": "Lena"}, "Enter a password."),
        ({"name": "a", "password": PASSWORD}, "Use at least 2 characters."),
        ({"name": "a\u202eb", "password": PASSWORD}, "invisible character"),
        ({"name": "a\x00b", "password": PASSWORD}, "invisible character"),
        ({"name": "deleted-1", "password": PASSWORD}, "kept for deleted accounts"),
        ({"name": "Lena", "password": "short"}, "at least 12 characters"),
        ({"name": "Lena", "password": "x" * 257}, "at most 256 characters"),
        ({"name": "Lena", "password": "lena likes kettles"}, "Your name is the first thing"),
        ({"name": "Lena", "password": "password1234"}, "first passwords"),
    ],
)
def test_a_form_that_cannot_be_accepted_says_why(app, visitor, data, told):
    answer = visitor.post("/register", data)
    assert answer.status_code == 422
    assert told in answer.text
    assert "<title>Error: " in answer.text
    assert count(app, Account) == 0


def test_where_registration_is_closed_the_page_says_so(settings, clock):
    app = create_app(settings.model_copy(update={"registration": "closed"}), CLOCK=clock)
    visitor = people.Browser(app)
    page = visitor.get("/register")
    assert (page.status_code, "Registration is closed" in page.text) == (200, True)
    assert visitor.post("/register", LENA).status_code == 403
    assert count(app, Account) == 0
    app.extensions["quizapp_database"].dispose()


def test_ten_accounts_an_hour_can_be_made_from_one_address(app, clock):
    def register(number: int, address: str = "192.0.2.1") -> int:
        data = {"name": f"Lena {number}", "password": PASSWORD}
        browser = people.Browser(app)
        return browser.post("/register", data, environ_base={"REMOTE_ADDR": address}).status_code

    assert [register(number) for number in range(11)] == [302] * 10 + [429]
    assert register(10, "192.0.2.2") == 302
    clock.forward(hours=1)
    assert register(11) == 302


def test_mistakes_in_the_form_do_not_count_as_registrations(visitor):
    for _ in range(12):
        visitor.post("/register", {"name": "Lena", "password": "short"})
    assert visitor.post("/register", LENA).status_code == 302


def test_without_a_csrf_token_nothing_happens(app, lena):
    visitor = people.Browser(app)
    assert visitor.client.post("/register", data={"name": "Otto", "password": PASSWORD}).status_code == 400
    assert visitor.client.post("/sign-in", data=LENA).status_code == 400
    for path in ("password", "sign-out-everywhere", "preferences", "export", "delete"):
        assert lena.client.post(f"/account/{path}", data={}).status_code == 400
    assert lena.client.post("/sign-out").status_code == 400
    assert is_in(lena)


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


# Settings


def test_visitors_are_sent_to_sign_in_from_every_setting(app):
    for path in ("password", "sign-out-everywhere", "preferences", "export", "delete"):
        answer = people.Browser(app).post(f"/account/{path}", {})
        assert answer.status_code == 302
        assert answer.location.startswith("/sign-in?next=")


def test_every_field_of_the_settings_page_has_its_own_id(lena):
    page = lena.get("/account").text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for word in ("current-password", "new-password", "username"):
        assert f'autocomplete="{word}"' in page


def test_a_new_password_signs_out_the_other_devices(app, lena):
    other, _ = sign_in(app)
    data = {"current_password": PASSWORD, "new_password": OTHER}
    assert lena.post("/account/password", data).location == "/account"
    assert (is_in(lena), is_in(other)) == (True, False)
    assert sign_in(app)[1].status_code == 422
    assert sign_in(app, password=OTHER)[1].status_code == 302


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "Enter your current password."),
        ({"current_password": "wrong wrong wrong", "new_password": OTHER}, "This is not your password."),
        ({"current_password": PASSWORD, "new_password": "short"}, "at least 12 characters"),
        ({"current_password": PASSWORD, "new_password": PASSWORD}, "the password that you have"),
        ({"current_password": PASSWORD, "new_password": "lena likes kettles"}, "Your name"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(app, lena, data, told):
    answer = lena.post("/account/password", data)
    assert answer.status_code == 422
    assert told in answer.text
    assert "Enter your password." not in answer.text
    assert sign_in(app)[1].status_code == 302


def test_signing_out_everywhere_means_everywhere(app, lena):
    other, _ = sign_in(app)
    assert lena.post("/account/sign-out-everywhere").location == "/"
    assert (is_in(lena), is_in(other)) == (False, False)


def test_preferences_are_kept_and_shown(app, lena):
    page = lena.get("/account").text
    assert re.search(r'<input[^>]*checked[^>]*name="shortcuts"', page)
    assert not re.search(r'<input[^>]*checked[^>]*name="hide_timer"', page)
    data = {"theme": "dark", "hide_timer": "y", "role": "admin"}
    assert lena.post("/account/preferences", data).location == "/account"
    kept = account(app)
    assert kept.preferences == {"theme": "dark", "shortcuts": False, "hide_timer": True}
    assert kept.role == "learner"
    assert 'data-theme="dark"' in lena.get("/account").text


@pytest.mark.parametrize("theme", ["", "pink", "\x00", "dark dark"])
def test_an_unknown_theme_is_refused(app, lena, theme):
    assert lena.post("/account/preferences", {"theme": theme}).status_code == 422
    assert lena.post("/theme", {"theme": theme}).status_code == 422
    assert account(app).preferences == {}


def test_visitors_choose_colours_and_keep_them_when_they_sign_in(app, lena):
    visitor = people.Browser(app)
    answer = visitor.post("/theme", {"theme": "dark", "next": "/sign-in"})
    assert answer.location == "/sign-in"
    assert 'data-theme="dark"' in visitor.get("/sign-in").text
    visitor.post("/sign-in", LENA)
    assert 'data-theme="dark"' in visitor.get("/account").text
    visitor.post("/sign-out")
    assert 'data-theme="dark"' in visitor.get("/sign-in").text
    assert visitor.post("/theme", {"theme": "light", "next": "//evil.example"}).location == "/"


def test_signed_in_people_keep_their_colours_with_the_account(app, lena):
    lena.post("/theme", {"theme": "light"})
    assert account(app).preferences == {"theme": "light"}


def test_one_downloads_ones_own_data_as_a_file(lena, other_learner):
    answer = lena.post("/account/export")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == "attachment; filename=quizapp-my-data.json"
    assert answer.json["account"]["name"] == "Lena"
    assert "Otto" not in answer.text
    assert "argon2" not in answer.text
    assert lena.get("/account/export").status_code == 405


def test_downloading_over_and_over_is_slowed_down(lena):
    assert [lena.post("/account/export").status_code for _ in range(11)] == [200] * 10 + [429]


def test_deleting_takes_the_name_away_and_signs_out_everywhere(app, lena):
    other, _ = sign_in(app)
    number = account(app).id
    answer = lena.post("/account/delete", {"password": PASSWORD, "confirmation": " Delete "})
    assert answer.location == "/"
    assert (is_in(lena), is_in(other)) == (False, False)
    assert account(app, f"deleted-{number}").name == "deleted"
    assert sign_in(app)[1].status_code == 422
    assert sign_in(app, f"deleted-{number}", "")[1].status_code == 422
    assert people.Browser(app).post("/register", LENA).status_code == 302
    assert account(app).id != number


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "Enter your password."),
        ({"password": PASSWORD}, "Type “delete”"),
        ({"password": PASSWORD, "confirmation": "yes"}, "Type the word “delete”"),
        ({"password": "wrong wrong wrong", "confirmation": "delete"}, "This is not your password."),
    ],
)
def test_an_account_is_not_deleted_by_accident(app, lena, data, told):
    answer = lena.post("/account/delete", data)
    assert answer.status_code == 422
    assert told in answer.text
    assert account(app).deleted_at is None
    assert is_in(lena)


def test_deleting_twice_at_once_is_deleting_once(app, lena, now):
    with app.extensions["quizapp_database"].reading() as session:
        who = accounts.recognise(session, "Lena", PASSWORD)
    lena.post("/account/delete", {"password": PASSWORD, "confirmation": "delete"})
    with (
        pytest.raises(accounts.Refused),
        app.extensions["quizapp_database"].writing() as session,
    ):
        accounts.delete(session, who, now=now + timedelta(seconds=1))
    assert lena.post("/account/delete", {"password": PASSWORD, "confirmation": "delete"}).status_code == 302


def test_what_is_typed_is_shown_as_text_only(visitor):
    answer = visitor.post("/register", {"name": "<script>alert(1)</script>", "password": PASSWORD})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
