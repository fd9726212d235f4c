from collections.abc import Callable
from typing import Any

from runs.models import Run, RunStatus, SourceRequirement, TraceLink
from tests import factories
from tests.audience import check_page
from tests.conftest import World


def page(world: World, run: Run, show: str) -> Any:
    return world.client(world.viewer).get(f"/runs/{run.pk}/trace", {"show": show})


def keys(answer: Any) -> list[str]:
    return [allocation.source.key for allocation in answer.context["page"]]


def test_members_only(world: World) -> None:
    check_page(world, f"/runs/{factories.completed_run(world.project).pk}/trace")


def test_three_lists_hold_every_source_requirement_once(world: World) -> None:
    run = factories.completed_run(world.project, requirements=3)
    TraceLink.objects.filter(parent__ordinal=2).delete()
    assert keys(page(world, run, "traced")) == ["SYS-001", "SYS-003"]
    assert keys(page(world, run, "gaps")) == ["SYS-002"]
    assert keys(page(world, run, "elsewhere")) == ["SYS-004"]
    assert page(world, run, "nonsense").context["counts"] == {
        "traced": 2,
        "gaps": 1,
        "elsewhere": 1,
    }


def test_says_which_child_and_why(world: World) -> None:
    run = factories.completed_run(world.project)
    text = page(world, run, "traced").text
    for said in ("NAV-PERF-001", "refines", "Restated for NAV."):
        assert said in text
    assert "Nothing names it." in page(world, run, "elsewhere").text


def test_says_which_child_carries_what(world: World) -> None:
    run = factories.completed_run(world.project, requirements=2)
    SourceRequirement.objects.filter(ordinal=1).update(
        text="When the tank is full, the plant shall sound the horn.", lead_in=""
    )
    answer = page(world, run, "traced")
    first, second = (answer.context["proofs"][row.source_id] for row in answer.context["page"])
    assert first.lost == 2
    assert second.holds
    assert "not carried" in answer.text
    assert "Something is lost" in answer.text
    assert "Everything is carried" in answer.text


def test_another_runs_children_are_not_shown(world: World) -> None:
    run = factories.completed_run(world.project, requirements=1)
    other = factories.run(world.project, revision=run.revision, status=RunStatus.COMPLETED)
    version = run.requirement_versions.get()
    version.pk, version.run, version.text = None, other, "Of another run."
    version.save()
    TraceLink.objects.create(
        parent=SourceRequirement.objects.get(extraction=run.extraction, ordinal=1),
        child=version,
        relationship="refines",
        rationale="-",
    )
    assert "Of another run." not in page(world, run, "traced").text


def test_queries_do_not_grow(world: World, django_assert_num_queries: Callable[[int], Any]) -> None:
    run = factories.completed_run(world.project, requirements=12)
    client = world.client(world.viewer)
    with django_assert_num_queries(11):
        assert client.get(f"/runs/{run.pk}/trace").status_code == 200
