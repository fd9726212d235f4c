import pytest
from django.conf import LazySettings
from django.test import Client

from tests import factories


@pytest.mark.parametrize("name", ["ada", "ada@example.org"])
def test_signs_in_by_name_or_address(db: None, name: str) -> None:
    factories.user("ada")
    answer = Client().post("/accounts/login/", {"login": name, "password": "correct horse 1"})
    assert answer.headers["Location"] == "/"
    assert "messages" not in answer.cookies


def test_says_when_the_password_is_wrong(db: None) -> None:
    factories.user("ada")
    answer = Client().post("/accounts/login/", {"login": "ada", "password": "wrong"})
    assert 'role="alert"' in answer.text


def test_sign_out_needs_a_post(db: None) -> None:
    client = Client()
    client.force_login(factories.user("ada"))
    client.get("/accounts/logout/")
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_sign_up_is_offered_only_where_it_is_open(db: None, settings: LazySettings) -> None:
    assert "/accounts/signup/" not in Client().get("/accounts/login/").text
    settings.ACCOUNT_SIGNUP_OPEN = True
    assert "/accounts/signup/" in Client().get("/accounts/login/").text


@pytest.mark.parametrize("page", ["login", "password/reset", "signup"])
def test_entrance_pages_stand_in_our_frame(db: None, page: str) -> None:
    answer = Client().get(f"/accounts/{page}/")
    assert answer.status_code == 200
    assert "css/tokens.css" in answer.text
    assert "style=" not in answer.text


def test_password_change(db: None) -> None:
    client = Client()
    client.force_login(factories.user("ada"))
    values = {"oldpassword": "correct horse 1", "password1": "battery staple 2"}
    client.post("/accounts/password/change/", {**values, "password2": "battery staple 2"})
    assert Client().login(username="ada", password="battery staple 2")
