from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from reqplatform.errors import InvalidInput, NotFound
from reqplatform.teams.actions.tokens import issue_token, revoke_token, user_of_token
from reqplatform.teams.models import ApiToken, User
from reqplatform.teams.models.api_token import PREFIX_LENGTH, digest, generate
from tests.conftest import World


def test_the_token_is_nowhere_in_the_database(world: World) -> None:
    row, token = issue_token(world.viewer, "  CI  ")
    assert row.name == "CI"
    assert token.startswith(row.prefix)
    assert len(row.prefix) == PREFIX_LENGTH
    stored = ApiToken.objects.filter(pk=row.pk).values().get()
    assert token not in "".join(str(value) for value in stored.values())
    assert token[PREFIX_LENGTH:] not in str(stored)


def test_the_hash_is_keyed(settings: object, world: World) -> None:
    _, token = issue_token(world.viewer, "CI")
    before = digest(token)
    settings.SECRET_KEY = "another key, as long as keys should be"  # type: ignore[attr-defined]
    assert digest(token) != before
    assert user_of_token(token) is None


def test_tokens_are_long_and_never_the_same() -> None:
    made = {generate() for _ in range(200)}
    assert len(made) == 200
    assert {len(token) for token in made} == {46}


def test_whose_token_it_is(world: World) -> None:
    _, viewers = issue_token(world.viewer, "CI")
    _, editors = issue_token(world.editor, "CI")
    assert user_of_token(viewers) == world.viewer
    assert user_of_token(editors) == world.editor
    for wrong in ("", viewers[:-1], viewers + "x", viewers.upper(), digest(viewers)):
        assert user_of_token(wrong) is None


def test_expiry(world: World) -> None:
    now = timezone.now()
    _, token = issue_token(world.viewer, "CI", expires_at=now + timedelta(hours=1))
    assert user_of_token(token) == world.viewer
    ApiToken.objects.update(expires_at=now - timedelta(microseconds=1))
    assert user_of_token(token) is None


def test_people_who_left_have_no_tokens(world: World) -> None:
    _, token = issue_token(world.viewer, "CI")
    User.objects.filter(pk=world.viewer.pk).update(is_active=False)
    assert user_of_token(token) is None


def test_revoking(world: World) -> None:
    row, token = issue_token(world.viewer, "CI")
    with pytest.raises(NotFound):
        revoke_token(world.editor, row.pk)  # another person's
    assert user_of_token(token) == world.viewer
    revoke_token(world.viewer, row.pk)
    assert user_of_token(token) is None
    with pytest.raises(NotFound):
        revoke_token(world.viewer, row.pk)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_cannot_be(world: World, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        issue_token(world.viewer, name)
    assert refusal.value.field == "name"
    assert ApiToken.objects.count() == 0


def test_use_is_noted_at_most_once_a_minute(world: World) -> None:
    row, token = issue_token(world.viewer, "CI")
    assert row.last_used_at is None
    user_of_token(token)
    first = ApiToken.objects.get(pk=row.pk).last_used_at
    assert first is not None
    user_of_token(token)
    assert ApiToken.objects.get(pk=row.pk).last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    user_of_token(token)
    later = ApiToken.objects.get(pk=row.pk).last_used_at
    assert later is not None
    assert later > first


def test_one_hash_one_row(world: World) -> None:
    row, _ = issue_token(world.viewer, "CI")
    with pytest.raises(IntegrityError):
        ApiToken.objects.create(user=world.viewer, name="x", prefix="rp_", digest=row.digest)
