"""Runs and models beside one another, and what they took in energy."""

from typing import Any
from uuid import uuid4

import pytest

from observability import rollups
from runs.models import Run
from runs.views.compared import MOST_COLUMNS
from tests import factories
from tests.conftest import World
from tests.money import CENT, paid_call, paid_model

BASE = "/projects/survey/reports/"


@pytest.fixture
def run(world: World) -> Run:
    done = factories.completed_run(world.project)
    paid_call(done, 3 * CENT, more={"energy_low_wh": 0.25, "energy_high_wh": 1.5})
    rollups.refresh()
    return done


def get(world: World, page: str, query: str = "") -> Any:
    return world.client(world.viewer).get(f"{BASE}{page}{query}")


def test_runs_beside_one_another(world: World, run: Run) -> None:
    other = factories.completed_run(world.project, gate_passed=False)
    paid_call(other, CENT)
    rollups.refresh()
    answer = get(world, "runs", f"?run={other.pk}&run={run.pk}&run={run.pk}")
    assert [one.run for one in answer.context["columns"]] == [other, run]
    lines = {line.label: line.values for line in answer.context["lines"]}
    assert lines["Cost"] == (CENT, 3 * CENT)
    assert lines["Overall"] == (0.91, 0.91)
    assert "Domain" not in lines  # none has a domain
    for words in ("Gate missed", "Gate passed", "0.25 to 1.5 Wh", "Decompose"):
        assert words in answer.text, words


def test_runs_that_cannot_be_compared_are_told(world: World, run: Run) -> None:
    elsewhere = factories.completed_run(world.other_project)
    paid_call(elsewhere)
    rollups.refresh()
    answer = get(world, "runs", f"?run={elsewhere.pk}&run={uuid4()}&run=none&run={run.pk}")
    assert [one.run for one in answer.context["columns"]] == [run]
    assert "they are left out" in answer.text
    assert elsewhere.short_id not in answer.text


def test_more_runs_than_fit(world: World) -> None:
    runs = [factories.completed_run(world.project) for _ in range(MOST_COLUMNS + 1)]
    for one in runs:
        paid_call(one)
    rollups.refresh()
    answer = get(world, "runs", "?" + "&".join(f"run={one.pk}" for one in runs))
    assert len(answer.context["columns"]) == MOST_COLUMNS
    assert "the first six are shown" in answer.text


def test_models_on_one_revision(world: World, run: Run) -> None:
    assert "No revision was worked on by more than one" in get(world, "models").text
    other = factories.completed_run(world.project)
    Run.objects.filter(pk=other.pk).update(revision=run.revision)
    other.quality_records.update(revision=run.revision)
    run.quality_records.update(revision=run.revision)
    paid_call(other, CENT, profile=paid_model("Other", "gpt-other"))
    rollups.rebuild([world.project.pk])
    ((title, rows),) = get(world, "models").context["groups"]
    assert title == f"{run.revision.specification.title}, revision 1"
    assert {row.route: row.nusd_per_run for row in rows} == {
        "openai_compatible/gpt-other": CENT,
        "openai_compatible/gpt-test": 3 * CENT,
    }
    assert "small sample" in get(world, "models").text


def test_energy_that_is_not_known_is_said_so(world: World, run: Run) -> None:
    paid_call(run, CENT, profile=paid_model("Other", "gpt-other"))
    rollups.refresh()
    answer = get(world, "energy")
    assert "0.25 to 1.5 Wh, and 1 of the calls unknown" in answer.text
    rows = {label: part.sum.energy for label, part, _ in answer.context["groups"][0][1]}
    assert rows == {
        "openai_compatible/gpt-test": (0.25, 1.5, 0),
        "openai_compatible/gpt-other": (None, None, 1),
    }
