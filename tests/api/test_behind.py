"""The calls and runs behind the figures of reports, for scripts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from observability import rollups
from observability.models import Node
from runs.models import Run
from tests import factories
from tests.api.conftest import Caller, problem
from tests.conftest import World
from tests.money import CENT, held_call, paid_call, paid_model, refused_call

BASE = "/projects/survey/reports/"


@pytest.fixture
def run(world: World) -> Run:
    return factories.completed_run(world.project)


def every(caller: Caller, path: str, **words: Any) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = caller.get(f"{BASE}{path}", limit=2, cursor=cursor, **words).json()
        found += page["items"]
        cursor = page["next"]
    return found


def test_calls_add_up_to_the_figure(viewer: Caller, run: Run) -> None:
    for number in range(5):
        paid_call(run, CENT + number, subsystem=run.subsystem)
    paid_call(run, 7, node=Node.VALIDATE, profile=paid_model("Other", "gpt-other"))
    held_call(run)  # counts when it has ended
    refused_call(run)  # released: at no cost
    paid_call(factories.completed_run(run.project), 3 * CENT)
    rollups.refresh()
    report = viewer.get(f"{BASE}cost").json()
    for words in (
        {}, {"node": "validate"}, {"model": "openai_compatible/gpt-test", "days": 7},
        {"subsystem": "NAV", "source": "metered"}, {"person": "none"}, {"source": "released"},
    ):  # fmt: skip
        total = viewer.get(f"{BASE}cost", **words).json()["total"]
        calls = every(viewer, "cost/calls", **words)
        assert sum(Decimal(call["cost"] or 0) for call in calls) == Decimal(total["cost"]), words
        counted = total["released_calls"] if words.get("source") == "released" else total["calls"]
        assert len({call["id"] for call in calls}) == len(calls) == counted, words
    calls = every(viewer, "cost/calls")
    assert len(calls) == report["total"]["calls"] == 7
    times = [call["created_at"] for call in calls]
    assert times == sorted(times, reverse=True)
    assert (calls[-1]["run"], calls[-1]["subsystem"]) == (str(run.pk), "NAV")


def test_runs_behind_a_figure(viewer: Caller, world: World) -> None:
    runs = [factories.completed_run(world.project, requirements=1) for _ in range(5)]
    for number, one in enumerate(runs):
        paid_call(one, CENT + number)
    rollups.refresh()
    report = viewer.get(f"{BASE}cost").json()
    begun = every(viewer, "cost/runs")
    assert {one["run"] for one in begun} == {str(one.pk) for one in runs}
    assert sum(Decimal(one["cost"]) for one in begun) == Decimal(report["per_run"]["total"])
    judged = every(viewer, "quality/runs")
    assert {one["run"] for one in judged} == {str(one.pk) for one in runs}
    assert judged[0]["overall"] == 0.91
    (finding, *_) = viewer.get(f"{BASE}quality").json()["findings"]
    with_rule = every(viewer, "quality/runs", rule=finding["rule"])
    assert len(with_rule) == finding["runs"]
    found = sum(one["findings_by_rule"][finding["rule"]] for one in with_rule)
    assert found == finding["findings"]
    assert every(viewer, "quality/runs", rule="no-such-rule") == []


def test_nothing_of_another_project(viewer: Caller, world: World) -> None:
    paid_call(factories.completed_run(world.other_project))
    rollups.refresh()
    for path in ("cost/calls", "cost/runs", "quality/runs"):
        assert every(viewer, path) == []


def test_a_cursor_belongs_to_its_filters(viewer: Caller, run: Run) -> None:
    for _ in range(3):
        paid_call(run)
    cursor = viewer.get(f"{BASE}cost/calls", limit=2).json()["next"]
    wrong = viewer.get(f"{BASE}cost/calls", cursor=cursor, node="validate")
    problem(wrong, 422, "bad_cursor")
    problem(viewer.get(f"{BASE}quality/runs", subsystem="XYZ"), 422, "invalid_input")


def test_queries(viewer: Caller, run: Run, django_assert_num_queries: Callable[[int], Any]) -> None:
    for _ in range(12):
        paid_call(run)
    rollups.refresh()
    for path, count in (("cost/calls", 12), ("cost/runs", 1), ("quality/runs", 1)):
        viewer.get(f"{BASE}{path}")
        with django_assert_num_queries(8):  # token, project, rows, names (5)
            assert len(viewer.get(f"{BASE}{path}").json()["items"]) == count
