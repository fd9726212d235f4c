from datetime import timedelta

import pytest
from django.utils import timezone

from reqplatform.teams.actions.tokens import issue_token, user_of_token
from reqplatform.teams.models import ApiToken
from tests.audience import check_anonymous, check_csrf
from tests.conftest import World

URL = "/account/tokens/"


def test_anonymous_people_sign_in(db: None) -> None:
    check_anonymous(URL)


def test_a_token_is_shown_once(world: World) -> None:
    client = world.client(world.viewer)
    answer = client.post(URL, {"name": "CI", "days": "90"})
    token = answer.context["token"]
    assert token in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert user_of_token(token) == world.viewer
    again = client.get(URL)
    assert token not in again.text
    assert ApiToken.objects.get().prefix in again.text


def test_expiry_is_chosen(world: World) -> None:
    client = world.client(world.viewer)
    client.post(URL, {"name": "soon", "days": "30"})
    client.post(URL, {"name": "forever", "days": "0"})
    soon = ApiToken.objects.get(name="soon").expires_at
    assert soon is not None
    assert timedelta(days=29) < soon - timezone.now() <= timedelta(days=30)
    assert ApiToken.objects.get(name="forever").expires_at is None


@pytest.mark.parametrize("values", [{"name": " ", "days": "90"}, {"name": "CI", "days": "5"}])
def test_refuses_bad_values(world: World, values: dict[str, str]) -> None:
    answer = world.client(world.viewer).post(URL, values)
    assert answer.context["form"].errors
    assert not ApiToken.objects.exists()


def test_revokes_own_tokens_only(world: World) -> None:
    row, token = issue_token(world.viewer, "CI")
    url = f"{URL}{row.pk}/revoke"
    assert world.client(world.owner).post(url).status_code == 404
    assert user_of_token(token) == world.viewer
    assert world.client(world.viewer).get(url).status_code == 405
    assert "is revoked" in world.client(world.viewer).post(url, follow=True).text
    assert user_of_token(token) is None


def test_csrf(world: World) -> None:
    check_csrf(world, URL)
    assert not ApiToken.objects.exists()


def test_a_name_cannot_carry_markup(world: World) -> None:
    issue_token(world.viewer, "<script>x</script>")
    assert "<script>x" not in world.client(world.viewer).get(URL).text
