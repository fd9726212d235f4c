"""Switching models on and off."""

import pytest

from observability.actions.profiles import disable, enable
from reqplatform.errors import NotAllowed
from tests import factories
from tests.conftest import World
from tests.money import paid_model


def test_switching_on_forgets_why_it_was_off(world: World) -> None:
    root = factories.user("root", is_superuser=True)
    profile = paid_model(enabled=False, disabled_reason="The cap was ignored.")
    enable(root, profile)
    profile.refresh_from_db()
    assert (profile.enabled, profile.disabled_reason) == (True, "")
    disable(root, profile)
    profile.refresh_from_db()
    assert (profile.enabled, profile.disabled_reason) == (False, "Switched off by root.")


@pytest.mark.parametrize("who", ["owner", "editor", "viewer", "stranger"])
def test_administrators_only(world: World, who: str) -> None:
    profile = paid_model()
    for act in (disable, enable):
        with pytest.raises(NotAllowed):
            act(getattr(world, who), profile)
    profile.refresh_from_db()
    assert profile.enabled
