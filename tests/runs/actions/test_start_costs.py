"""A run that does not fit its budget is not started, or is started on a cheaper route."""

from decimal import Decimal
from typing import Any

import pytest

from observability.models import LLMCall, ModelProfile, Node, Route, Scope
from reqplatform.teams.models import Project
from runs.actions.start import RunOptions, TooExpensive, estimate_run, start_run
from runs.models import EventKind, Revision, Run, RunEvent, Subsystem
from tests.conftest import World
from tests.runs.estimated import give_document, limit, priced


def start(revision: Revision, subsystem: Subsystem, **options: Any) -> Run:
    return start_run(None, revision, subsystem, RunOptions(**options), enqueue=False)


def nothing_was_left() -> bool:
    return not (Run.objects.exists() or RunEvent.objects.exists() or LLMCall.objects.exists())


@pytest.fixture
def costly(world: World, revision: Revision) -> list[ModelProfile]:
    """A dear model that every node asks first, a cheaper one after it; then the analyst."""
    give_document(revision)
    models = [priced("Dear"), priced("Cheap", input_price=Decimal("0.01"), output_price="0.1")]
    for position, model in enumerate(models, start=1):
        for node in Node:
            Route.objects.create(project=world.project, node=node, profile=model, position=position)
    return models


def test_the_estimate_is_kept_with_the_run(
    revision: Revision, subsystem: Subsystem, costly: list[ModelProfile]
) -> None:
    run = start(revision, subsystem, max_iterations=2)
    run.refresh_from_db()
    kept = run.estimate
    assert kept is not None
    assert 0 < kept["expected_nusd"] < kept["worst_nusd"]
    assert (kept["models"], kept["max_iterations"]) == ([costly[0].key], 2)
    assert kept["expected_nusd"] == sum(node["expected_nusd"] for node in kept["nodes"])
    assert "at" in kept


def test_what_costs_nothing_is_estimated_at_nothing(
    revision: Revision, subsystem: Subsystem
) -> None:
    run = start(revision, subsystem)
    assert run.estimate is not None
    assert (run.estimate["expected_nusd"], run.estimate["worst_nusd"]) == (0, 0)


def test_a_run_that_does_not_fit_its_budget_is_refused_before_its_first_call(
    world: World, revision: Revision, subsystem: Subsystem, costly: list[ModelProfile]
) -> None:
    limit(world.project, Scope.RUN, 1_000)
    with pytest.raises(TooExpensive) as refusal:
        start(revision, subsystem)
    said = str(refusal.value)
    for words in (
        costly[0].key, "Heuristic (±30%)", "$0.000001 left of $0.000001", "its own budget",
        "Raise the limit under Budgets", "cheaper model", "Nothing was started",
    ):  # fmt: skip
        assert words in said
    assert (refusal.value.status, refusal.value.code) == (409, "too_expensive")
    assert nothing_was_left()
    assert not LLMCall.objects.exists()


def test_the_tightest_budget_is_named(
    world: World, revision: Revision, subsystem: Subsystem, costly: list[ModelProfile]
) -> None:
    limit(world.project, Scope.RUN, 2_000)
    limit(world.project, Scope.GROUP, 1_000)
    with pytest.raises(TooExpensive, match="Group Tuesday has"):
        start(revision, subsystem, group="Tuesday")
    with pytest.raises(TooExpensive, match="its own budget has"):
        start(revision, subsystem)


def test_a_single_call_that_may_cost_too_much_is_refused_with_its_reason(
    world: World, revision: Revision, subsystem: Subsystem
) -> None:
    give_document(revision)
    limit(world.project, Scope.RUN, 10**9)
    wordy = priced("Wordy", max_output_tokens=100_000)
    with pytest.raises(TooExpensive, match=r"for a single call.*lower its output cap"):
        start(revision, subsystem, model=wordy)


def test_a_cheaper_route_is_taken_if_the_project_says_so(
    world: World, revision: Revision, subsystem: Subsystem, costly: list[ModelProfile]
) -> None:
    Project.objects.filter(pk=world.project.pk).update(cheaper_route=True)
    subsystem.refresh_from_db()
    dear, cheap = costly
    expected = estimate_run(revision, subsystem, RunOptions())
    limit(world.project, Scope.RUN, expected.first.needed_nusd - 1)
    run = start(revision, subsystem)
    for steps in run.routes.values():
        assert [step["model"] for step in steps] == [cheap.key, "embedded/analyst-1"]
    assert run.estimate is not None
    assert run.estimate["expected_nusd"] == expected.routes[1].expected_nusd
    event = run.events.get(kind=EventKind.WARNING)
    assert event.figures == {
        "happening": "cheaper_route", "models": [cheap.key], "instead_of": [dear.key],
    }  # fmt: skip
    assert f"Started with {cheap.key}" in event.message
    assert "its own budget has" in event.message


def test_with_no_money_left_the_embedded_analyst_is_the_cheaper_route(
    world: World, revision: Revision, subsystem: Subsystem, costly: list[ModelProfile]
) -> None:
    Project.objects.filter(pk=world.project.pk).update(cheaper_route=True)
    limit(world.project, Scope.TOTAL, 0)
    subsystem.refresh_from_db()
    run = start(revision, subsystem)
    assert {step["model"] for steps in run.routes.values() for step in steps} == {
        "embedded/analyst-1"
    }
    assert "Started with Embedded analyst" in run.events.get(kind=EventKind.WARNING).message


def test_where_no_cheaper_route_fits_the_run_is_refused_all_the_same(
    world: World, revision: Revision, subsystem: Subsystem, costly: list[ModelProfile]
) -> None:
    Project.objects.filter(pk=world.project.pk).update(cheaper_route=True, embedded_fallback=False)
    limit(world.project, Scope.TOTAL, 0)
    subsystem.refresh_from_db()
    with pytest.raises(TooExpensive, match=costly[0].key):
        start(revision, subsystem)
    assert nothing_was_left()


def test_a_run_that_fits_says_nothing_of_routes(
    revision: Revision, subsystem: Subsystem, costly: list[ModelProfile]
) -> None:
    run = start(revision, subsystem)
    assert [event.kind for event in run.events.all()] == [EventKind.STATUS]
