"""What a run is started from, and the queue that its start writes to."""

import pytest

from runs.models import Revision, Subsystem
from skills.loading import load_library
from tests import factories
from tests.conftest import World


@pytest.fixture
def revision(world: World) -> Revision:
    load_library()
    return factories.revision(world.project)


@pytest.fixture
def subsystem(world: World) -> Subsystem:
    return factories.subsystem(world.project)
