"""A question on a run's account, to models that answer as a test wants them to."""

from collections.abc import Callable
from typing import Any

import pytest

from observability.llm.context import CallContext
from observability.models import Node
from reqplatform.teams.models import User
from runs.models import Run
from tests.conftest import World

Asker = Callable[..., CallContext]


def steps(*models: str) -> list[dict[str, str]]:
    return [{"model": model, "temperature": "0.00"} for model in models]


@pytest.fixture
def person(world: World) -> User:
    return world.editor


@pytest.fixture
def asker(run: Run, person: User) -> Asker:
    """Who asks, by default the first model only."""

    def asker(*models: str, **values: Any) -> CallContext:
        defaults: dict[str, Any] = {
            "project_id": run.project_id,
            "node": Node.DECOMPOSE,
            "routes": steps(*(models or ("first/m-1",))),
            "run_id": run.pk,
            "subsystem_id": run.subsystem_id,
            "person_id": person.pk,
            "iteration": 2,
            "ordinal": 3,
            "skill": "decomposition@4",
        }
        return CallContext(**{**defaults, **values})

    return asker
