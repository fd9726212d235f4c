"""Model profiles and routes in the admin: prices said plainly, and the order of asking."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from observability.models import ModelProfile, Provider, Route
from reqplatform.teams.models import User
from tests import factories
from tests.admin.test_people import act
from tests.conftest import World
from tests.money import paid_model

PROFILES = "admin:observability_modelprofile_changelist"
ROUTES = "admin:observability_route_changelist"


@pytest.fixture
def root(world: World) -> Client:
    return world.client(factories.user("root", is_staff=True, is_superuser=True))


@pytest.fixture
def owner(world: World) -> Client:
    User.objects.filter(pk=world.owner.pk).update(is_staff=True)
    return world.client(User.objects.get(pk=world.owner.pk))


def page_of(profile: ModelProfile) -> str:
    return reverse("admin:observability_modelprofile_change", args=[profile.pk])


def profile_form(profile: ModelProfile, **changes: Any) -> dict[str, Any]:
    names = (
        "name", "provider", "model", "base_url", "api_key_env", "context_window",
        "max_output_tokens", "output_cap", "answer_format", "timeout_seconds", "input_price",
        "output_price",
    )  # fmt: skip
    values = {name: getattr(profile, name) for name in names}
    known = {name: value for name, value in values.items() if value is not None}
    return {**known, **({"enabled": "on"} if profile.enabled else {}), **changes}


def listed_model(**values: Any) -> ModelProfile:
    """One that the price list knows."""
    defaults: dict[str, Any] = {
        "name": "Mini", "provider": Provider.OPENAI, "model": "gpt-5-mini",
        "context_window": 400_000, "max_output_tokens": 8_000,
    }  # fmt: skip
    return ModelProfile.objects.create(**{**defaults, **values})


def test_the_price_list_is_quoted(root: Client) -> None:
    text = root.get(page_of(listed_model())).text
    assert text.count("as openai/gpt-5-mini") == 2
    assert "genai-prices" in text
    assert " in, " in root.get(reverse(PROFILES)).text


def test_an_entered_price_wins_and_the_list_is_quoted_beside_it(root: Client) -> None:
    text = root.get(page_of(listed_model(input_price=7, output_price=9))).text
    assert "Input $7.00, output $9.00" in text
    assert "entered by an administrator" in text
    assert text.count("as openai/gpt-5-mini") == 1


def test_free_is_said_plainly(root: Client) -> None:
    local = paid_model(input_price=0, output_price=0)
    text = root.get(page_of(local)).text
    assert "Free: an administrator has entered that it costs nothing." in text
    assert "Free" in root.get(reverse(PROFILES)).text


def test_an_unknown_price_says_how_to_add_one(root: Client) -> None:
    unknown = paid_model(input_price=None, output_price=None)
    text = root.get(page_of(unknown)).text
    assert "Unknown: the model is not asked until its price is entered." in text
    assert "Enter its price under Admin, Model profiles" in text
    assert "Unknown: not asked" in root.get(reverse(PROFILES)).text


def test_why_a_model_is_off_is_shown_until_it_is_on_again(root: Client) -> None:
    profile = paid_model(enabled=False, disabled_reason="The cap was ignored.")
    assert '<span class="money-bad">The cap was ignored.</span>' in root.get(page_of(profile)).text
    assert "The cap was ignored." in root.get(reverse(PROFILES)).text
    response = root.post(page_of(profile), profile_form(profile, enabled="on"), follow=True)
    assert "was changed successfully" in response.text
    profile.refresh_from_db()
    assert (profile.enabled, profile.disabled_reason) == (True, "")
    assert act(root, PROFILES, "switch_off", profile) == ["1 switched off."]
    profile.refresh_from_db()
    assert (profile.enabled, profile.disabled_reason) == (False, "Switched off by root.")
    assert act(root, PROFILES, "switch_on", profile) == ["1 switched on."]


def test_mending_a_price_leaves_the_reason(root: Client) -> None:
    profile = paid_model(enabled=False, disabled_reason="The cap was ignored.")
    assert root.post(page_of(profile), profile_form(profile, input_price="4")).status_code == 302
    profile.refresh_from_db()
    assert (profile.enabled, profile.disabled_reason) == (False, "The cap was ignored.")


def test_all_that_a_model_is_asked_with_can_be_set(root: Client) -> None:
    profile = paid_model()
    changes = {
        "base_url": "127.0.0.1:8080/v1", "api_key_env": "LOCAL_API_KEY", "output_cap": "max_tokens",
        "answer_format": "json_schema", "streaming": "on", "timeout_seconds": "30",
        "cache_read_price": "0.1", "energy_wh_per_1k_output": "0.5",
    }  # fmt: skip
    assert root.post(page_of(profile), profile_form(profile, **changes)).status_code == 302
    profile.refresh_from_db()
    assert profile.base_url == "http://127.0.0.1:8080/v1"
    assert (profile.answer_format, profile.streaming) == ("json_schema", True)
    assert (profile.timeout_seconds, profile.sends_temperature) == (30, False)
    assert "LOCAL_API_KEY is not set on this server" in root.get(page_of(profile)).text


def test_a_price_of_input_alone_is_told(root: Client) -> None:
    profile = listed_model()
    response = root.post(page_of(profile), profile_form(profile, input_price="1"))
    assert response.context["adminform"].form.errors


def test_no_key_is_ever_shown(root: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_API_KEY", "sk-very-secret")
    text = root.get(page_of(paid_model(api_key_env="LOCAL_API_KEY"))).text
    assert "LOCAL_API_KEY is set on this server." in text
    assert "sk-very-secret" not in text


def test_owners_switch_nothing(owner: Client) -> None:
    profile = paid_model()
    assert owner.get(page_of(profile)).status_code == 200
    assert owner.post(page_of(profile), profile_form(profile)).status_code == 403
    act(owner, PROFILES, "switch_off", profile)
    profile.refresh_from_db()
    assert profile.enabled


@pytest.fixture
def three(world: World) -> list[Route]:
    return [
        Route.objects.create(
            project=world.project, node="decompose", position=number, profile=paid_model(name, name)
        )
        for number, name in enumerate("abc", start=1)
    ]


def order(world: World) -> str:
    rows = Route.objects.filter(project=world.project).order_by("position")
    return "".join(row.profile.name for row in rows)


def test_routes_are_moved_by_actions(world: World, owner: Client, three: list[Route]) -> None:
    first, _, third = three
    assert act(owner, ROUTES, "ask_later", first) == ["1 moved."]
    assert order(world) == "bac"
    assert act(owner, ROUTES, "ask_earlier", first, third) == ["2 moved."]
    assert order(world) == "acb"
    text = owner.get(reverse(ROUTES)).text
    assert "$3.00 in, $15.00 out" in text


def test_a_position_that_is_taken_moves_the_others(
    world: World, owner: Client, three: list[Route]
) -> None:
    data = {
        "project": world.project.pk, "node": "decompose", "position": 2, "temperature": "0.5",
        "profile": paid_model("d", "d").pk,
    }  # fmt: skip
    assert owner.post(reverse("admin:observability_route_add"), data).status_code == 302
    assert order(world) == "adbc"
    page = reverse("admin:observability_route_change", args=[three[2].pk])
    change = {**data, "position": 1, "profile": three[2].profile_id}
    assert owner.post(page, change).status_code == 302
    assert order(world) == "cadb"


def test_a_model_stands_on_a_route_once(world: World, owner: Client, three: list[Route]) -> None:
    data = {
        "project": world.project.pk, "node": "decompose", "position": 9, "temperature": "0",
        "profile": three[0].profile_id,
    }  # fmt: skip
    response = owner.post(reverse("admin:observability_route_add"), data)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert order(world) == "abc"


def test_editors_and_strangers_move_nothing(world: World, three: list[Route]) -> None:
    for person in (world.editor, world.stranger):
        User.objects.filter(pk=person.pk).update(is_staff=True)
        client = world.client(User.objects.get(pk=person.pk))
        act(client, ROUTES, "ask_later", three[0])
    assert order(world) == "abc"
