"""Rows of everything, and people who may use the admin."""

import pytest
from django.test import Client

from reqplatform.teams.models import User
from tests import factories
from tests.admin.rows import populate
from tests.conftest import World


@pytest.fixture
def staffed(world: World) -> World:
    """The world with rows of everything in both projects; its owners are staff."""
    User.objects.filter(pk__in=[world.owner.pk, world.stranger.pk]).update(is_staff=True)
    world.owner.refresh_from_db()
    world.stranger.refresh_from_db()
    populate(world.project, world.owner)
    return world


@pytest.fixture
def root(staffed: World) -> Client:
    return staffed.client(factories.user("root", is_staff=True, is_superuser=True))
