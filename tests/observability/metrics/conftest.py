from collections.abc import Iterator

import pytest

from observability.metrics import exposition
from runs.models import Run
from tests import factories
from tests.conftest import World


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    """What was read for another test is not kept."""
    exposition.forget()
    yield
    exposition.forget()


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)
