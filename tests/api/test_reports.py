"""Reports in the API: what they answer, and what they refuse."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from observability import rollups
from reqplatform.teams.models import User
from runs.models import Run
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World
from tests.money import CENT, paid_call, paid_model

Call = Callable[[User | None], Caller]
BASE = "/projects/survey/reports/"


@pytest.fixture
def run(world: World) -> Run:
    done = factories.completed_run(world.project)
    paid_call(done, 3 * CENT)
    rollups.refresh()
    return done


def test_runs_beside_one_another(world: World, run: Run, call: Call) -> None:
    elsewhere = factories.completed_run(world.other_project)
    paid_call(elsewhere)
    rollups.refresh()
    path = f"{BASE}runs?run={run.pk}&run={elsewhere.pk}&run={uuid4()}"
    (answer,) = call(world.viewer).get(path).json()
    assert (answer["run"], answer["subsystem"], answer["overall"]) == (str(run.pk), "NAV", 0.91)
    assert answer["sum"]["cost"] == "0.030000000"
    assert [(part["key"], part["share"]) for part in answer["by_node"]] == [("decompose", 1.0)]
    problem(call(world.viewer).get(f"{BASE}runs"), 422, "invalid_input")


def test_models_on_one_revision(world: World, run: Run, call: Call) -> None:
    other = factories.completed_run(world.project)
    Run.objects.filter(pk=other.pk).update(revision=run.revision)
    for one in (run, other):
        one.quality_records.update(revision=run.revision)
    paid_call(other, CENT, profile=paid_model("Other", "gpt-other"))
    rollups.rebuild([world.project.pk])
    answer: list[dict[str, Any]] = call(world.viewer).get(f"{BASE}models").json()
    assert {one["models"]: one["usd_per_run"] for one in answer} == {
        "openai_compatible/gpt-other": "0.010000000000",
        "openai_compatible/gpt-test": "0.030000000000",
    }


@pytest.mark.parametrize(
    "query",
    ["days=0", "days=3661", "month=2026-13", "days=7&month=2026-01", "first=2026-02-30",
     "subsystem=XYZ", "node=nobody", "model=gpt", "source=guess", "last=2026-01-01"],
)  # fmt: skip
def test_what_makes_no_sense(world: World, run: Run, call: Call, query: str) -> None:
    answer = call(world.viewer).get(f"{BASE}cost?{query}")
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")


def test_a_strangers_name_is_answered_as_nobodys(world: World, run: Run, call: Call) -> None:
    for name in (world.stranger.username, "no-such-person"):
        answer = call(world.viewer).get(f"{BASE}cost?person={name}").json()
        assert answer["total"]["calls"] == 0
