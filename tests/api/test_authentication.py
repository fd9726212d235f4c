import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from reqplatform.teams.actions.tokens import issue_token, revoke_token
from reqplatform.teams.models import ApiToken, User
from runs.models import Subsystem
from tests.api.conftest import BASE, Caller, problem
from tests.conftest import World

SUBSYSTEMS = "/projects/survey/subsystems"
BODY = {"code": "PWR", "name": "Power"}


def bearer(token: str) -> Caller:
    return Caller({"Authorization": f"Bearer {token}"})


def test_a_token_speaks_for_its_owner(world: World) -> None:
    _, token = issue_token(world.viewer, "script")
    answer = bearer(token).get("/projects/survey").json()
    assert (answer["slug"], answer["role"]) == ("survey", "viewer")


def test_the_scheme_is_read_in_any_case(world: World) -> None:
    _, token = issue_token(world.viewer, "script")
    assert Caller({"Authorization": f"bearer {token}"}).get("/projects").status_code == 200


@pytest.mark.parametrize(
    "sent",
    ["", "rp_", "rp_" + "x" * 43, "rp_" + "x" * 100_000, "ключ", "rp_" + "\x00" * 43, "a b"],
)
def test_a_wrong_token(world: World, sent: str) -> None:
    problem(bearer(sent).get("/projects"), 401, "not_authenticated")


def test_a_revoked_an_expired_and_a_leaver_s_token(world: World) -> None:
    row, token = issue_token(world.viewer, "script")
    revoke_token(world.viewer, row.pk)
    problem(bearer(token).get("/projects"), 401, "not_authenticated")

    past = timezone.now() - timedelta(seconds=1)
    _, token = issue_token(world.viewer, "script", expires_at=past)
    problem(bearer(token).get("/projects"), 401, "not_authenticated")

    _, token = issue_token(world.viewer, "script")
    User.objects.filter(pk=world.viewer.pk).update(is_active=False)
    problem(bearer(token).get("/projects"), 401, "not_authenticated")


def test_a_token_needs_no_csrf(world: World) -> None:
    _, token = issue_token(world.editor, "script")
    strict = Caller({"Authorization": f"Bearer {token}"}, Client(enforce_csrf_checks=True))
    assert strict.post(SUBSYSTEMS, BODY).status_code == 201


def test_a_session_needs_csrf_to_change_something(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.editor)
    browser = Caller(client=client)
    assert browser.get("/projects/survey").status_code == 200

    problem(browser.post(SUBSYSTEMS, BODY), 403, "csrf_failed")
    assert not Subsystem.objects.filter(code="PWR").exists()

    client.get(f"{BASE}/docs")  # a page with a form sets the cookie
    token = client.cookies["csrftoken"].value
    answer = client.post(
        BASE + SUBSYSTEMS, BODY, "application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 201
    problem(browser.post(SUBSYSTEMS, BODY), 403, "csrf_failed")


def test_anonymous_is_asked_to_sign_in_before_csrf(world: World) -> None:
    strict = Caller(client=Client(enforce_csrf_checks=True))
    problem(strict.post(SUBSYSTEMS, BODY), 401, "not_authenticated")


def test_a_wrong_token_beside_a_session_is_not_forgiven(world: World) -> None:
    caller = Caller({"Authorization": "Bearer rp_wrong"}, world.client(world.editor))
    problem(caller.get("/projects"), 401, "not_authenticated")
    basic = Caller({"Authorization": "Basic b3duZXI6cHc="}, world.client(world.editor))
    problem(basic.get("/projects"), 401, "not_authenticated")


def test_wrong_tokens_are_slowed_down_and_right_ones_are_not(world: World) -> None:
    wrong = bearer("rp_" + "x" * 43)
    for _ in range(20):
        problem(wrong.get("/projects"), 401, "not_authenticated")
    response = wrong.get("/projects")
    problem(response, 429, "throttled")
    assert int(response["Retry-After"]) > 0
    spoofed = Caller({**wrong.headers, "X-Forwarded-For": "203.0.113.9"})
    problem(spoofed.get("/projects"), 429, "throttled")

    _, token = issue_token(world.viewer, "script")
    assert bearer(token).get("/projects").status_code == 200


def test_uploads_of_one_person_are_paced(
    owner: Caller, editor: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/projects/survey/specifications"
    for _ in range(30):
        problem(editor.upload(path), 422, "invalid_input")  # no file: cheap, and counted
    problem(editor.upload(path), 429, "throttled")
    problem(owner.upload(path), 422, "invalid_input")
    assert editor.get(path).status_code == 200


def test_tokens_are_not_logged(
    world: World, caplog: pytest.LogCaptureFixture, call: Callable[[User], Caller]
) -> None:
    caplog.set_level(logging.DEBUG)
    caller = call(world.viewer)
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    caller.get("/projects")
    caller.get("/nowhere")
    assert token not in caplog.text


def test_using_a_token_is_noted_once_a_minute(
    world: World, django_assert_num_queries: Callable[[int], object]
) -> None:
    row, token = issue_token(world.viewer, "script")
    caller = bearer(token)
    caller.get("/projects")
    used = ApiToken.objects.get(pk=row.pk).last_used_at
    assert used is not None
    with django_assert_num_queries(3):  # type: ignore[attr-defined]  # the token, projects, roles
        caller.get("/projects")
    assert ApiToken.objects.get(pk=row.pk).last_used_at == used
