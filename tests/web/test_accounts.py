"""Registering, and the page of settings, from a browser's side."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

import people
from quizapp.app import create_app
from quizapp.db.models import Account
from quizapp.services import accounts

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
    assert who is not None
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
