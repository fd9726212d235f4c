from typing import Any

from observability.models import QualityRecord
from runs.models import Run, RunStatus
from tests import factories
from tests.audience import check_page
from tests.conftest import World


def page(world: World, run: Run) -> Any:
    return world.client(world.viewer).get(f"/runs/{run.pk}/quality")


def test_members_only(world: World) -> None:
    check_page(world, f"/runs/{factories.completed_run(world.project).pk}/quality")


def test_rules_and_judge_stand_apart(world: World) -> None:
    run = factories.completed_run(world.project)
    assert "no judge was asked" in page(world, run).text
    QualityRecord.objects.filter(run=run).update(
        judge_overall=0.625, judge_scores={"clarity": 0.5}, overall=0.625
    )
    text = page(world, run).text
    assert "0.910" in text  # by the rules
    assert "0.625" in text
    assert "Judge on clarity" in text


def test_every_iteration_shows_with_its_reason(world: World) -> None:
    run = factories.completed_run(world.project, gate_passed=False)
    record = QualityRecord.objects.get(run=run)
    record.pk, record.iteration_count, record.gate_reason = None, 2, "One <critical> issue."
    record.save()
    answer = page(world, run)
    assert [one.iteration_count for one in answer.context["records"]] == [1, 2]
    assert "One &lt;critical&gt; issue." in answer.text
    assert "Gate passed" not in answer.text


def test_zero_allocated_scores_by_definition(world: World) -> None:
    run = factories.completed_run(world.project)
    QualityRecord.objects.filter(run=run).update(allocated_count=0, overall=1)
    assert "Scores by definition" in page(world, run).text


def test_no_scores_yet(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.RUNNING)
    assert "No scores yet" in page(world, run).text
