from collections.abc import Callable
from typing import Any

from runs.models import RequirementVersion, Run, RunStatus
from tests import factories
from tests.audience import check_page
from tests.conftest import World


def page(world: World, run: Run, **query: str) -> Any:
    return world.client(world.viewer).get(f"/runs/{run.pk}/requirements", query)


def test_members_only(world: World) -> None:
    check_page(world, f"/runs/{factories.completed_run(world.project).pk}/requirements")


def test_shows_each_with_all_that_belongs_to_it(world: World) -> None:
    text = page(world, factories.completed_run(world.project)).text
    for said in (
        "NAV-PERF-001",
        "The Navigation shall report position 1 within 250 ms.",
        "In a test of 100 reports, each arrives within 250 ms.",
        "Restated for Navigation.",
        "Verification: test",
        "SYS-001",
        "vague-term",
        "Accepted",
    ):
        assert said in text


def test_filters_by_type_and_text(world: World) -> None:
    run = factories.completed_run(world.project, requirements=3)
    RequirementVersion.objects.filter(run=run, ordinal=1).update(type="FUNC")
    assert [row.ordinal for row in page(world, run, type="FUNC").context["page"]] == [1]
    assert [row.ordinal for row in page(world, run, text="POSITION 2").context["page"]] == [2]
    assert [row.ordinal for row in page(world, run, text="perf-003").context["page"]] == [3]
    assert "No requirement matches" in page(world, run, text="submarine").text


def test_of_a_missed_gate_they_are_proposals(world: World) -> None:
    text = page(world, factories.completed_run(world.project, gate_passed=False)).text
    assert "This result missed its quality gate" in text
    assert "Accepted" not in text


def test_only_the_last_iteration_shows(world: World) -> None:
    run = factories.completed_run(world.project, requirements=1)
    again = RequirementVersion.objects.get(run=run)
    again.pk, again.iteration, again.text = None, 2, "Said anew."
    again.save()
    assert [row.text for row in page(world, run).context["page"]] == ["Said anew."]


def test_why_there_are_none(world: World) -> None:
    said = {
        RunStatus.COMPLETED: "a valid outcome",
        RunStatus.RUNNING: "The run is working",
        RunStatus.FAILED: "The run stopped before",
    }
    for status, sentence in said.items():
        run = factories.run(world.project, status=status)
        assert sentence in page(world, run).text


def test_text_cannot_carry_markup(world: World) -> None:
    run = factories.completed_run(world.project, requirements=1)
    attack = "<script>alert(1)</script>"
    RequirementVersion.objects.filter(run=run).update(
        text=attack, rationale=attack, acceptance_criteria=[attack]
    )
    text = page(world, run).text
    assert attack not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3


def test_queries_do_not_grow(world: World, django_assert_num_queries: Callable[[int], Any]) -> None:
    run = factories.completed_run(world.project, requirements=12)
    client = world.client(world.viewer)
    with django_assert_num_queries(11):
        assert client.get(f"/runs/{run.pk}/requirements").status_code == 200
