from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from observability.models import NodeCost, QualityRecord
from runs.models import Decision, EventKind, Review, Run, RunStatus
from runs.models.review import ReviewKind
from runs.records import append_event
from tests import factories
from tests.audience import check_page
from tests.conftest import World


def page(world: World, run: Run) -> Any:
    return world.client(world.viewer).get(f"/runs/{run.pk}/")


def test_members_only(world: World) -> None:
    check_page(world, f"/runs/{factories.completed_run(world.project).pk}/")


def test_a_passed_run(world: World) -> None:
    text = page(world, factories.completed_run(world.project)).text
    assert "The result passed its quality gate." in text
    assert "0.910" in text
    assert "Gate missed" not in text


def test_a_missed_gate_never_shows_as_passed(world: World) -> None:
    run = factories.completed_run(world.project, gate_passed=False)
    text = page(world, run).text
    assert "missed the quality gate" in text
    assert "Gate missed" in text
    assert "Gate passed" not in text


@pytest.mark.parametrize("status", [status for status in RunStatus if status != "completed"])
def test_every_state_says_what_to_do_next(world: World, status: RunStatus) -> None:
    run = factories.run(world.project, status=status, reason="<b>Because</b>")
    answer = page(world, run)
    assert answer.context["standing"].next_step in answer.text
    assert status.label in answer.text
    assert "&lt;b&gt;Because&lt;/b&gt;" in answer.text


def test_zero_allocated_is_explained(world: World) -> None:
    run = factories.completed_run(world.project)
    QualityRecord.objects.filter(run=run).update(allocated_count=0, overall=1)
    text = page(world, run).text
    assert "Nothing in this specification belongs to the subsystem." in text
    assert "by definition" in text


def test_the_breakdown_adds_up_and_keeps_the_extraction_apart(world: World) -> None:
    run = factories.completed_run(world.project)
    NodeCost.objects.filter(run=run, node="extract").update(
        run=None, extraction=run.extraction, cost_nusd=7_000_000_000
    )
    NodeCost.objects.filter(run=run, node="validate").update(duration_ms=240, cost_nusd=1_500_000)
    answer = page(world, run)
    breakdown = answer.context["breakdown"]
    assert breakdown.nodes[0].node.node == "validate"
    assert breakdown.duration_ms == 600
    assert sum(share.share for share in breakdown.nodes) == pytest.approx(1)
    assert (breakdown.total.calls, breakdown.total.cost_nusd) == (4, 1_500_000)
    assert "$0.0015" in answer.text
    assert "$7.00" in answer.text


def test_steps_follow_the_events(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.RUNNING, iteration=2)
    for node, iteration in (("extract", 0), ("analyze", 0), ("decompose", 1), ("validate", 1)):
        append_event(run.pk, EventKind.NODE_STARTED, "…", node=node, iteration=iteration)
        append_event(run.pk, EventKind.NODE_FINISHED, "ok", node=node, iteration=iteration)
    append_event(run.pk, EventKind.NODE_STARTED, "…", node="decompose", iteration=2)
    steps = page(world, run).context["steps"]
    assert [(step.node, step.iteration, step.state) for step in steps] == [
        ("extract", 0, "done"),
        ("analyze", 0, "done"),
        ("decompose", 1, "done"),
        ("validate", 1, "done"),
        ("decompose", 2, "running"),
        ("validate", 0, "ahead"),
        ("document", 0, "ahead"),
    ]


def test_a_step_that_was_begun_stands_still_when_the_run_does(world: World) -> None:
    run = factories.run(world.project, status=RunStatus.FAILED)
    append_event(run.pk, EventKind.NODE_STARTED, "…", node="extract")
    assert page(world, run).context["steps"][0].state == "stopped"


def test_buttons_match_state_and_role(world: World) -> None:
    running = factories.run(world.project, status=RunStatus.RUNNING)
    failed = factories.run(world.project, status=RunStatus.FAILED)
    for person, expected in ((world.editor, True), (world.reviewer, False)):
        client = world.client(person)
        assert (f"/runs/{running.pk}/cancel" in client.get(f"/runs/{running.pk}/").text) is expected
        assert (f"/runs/{failed.pk}/resume" in client.get(f"/runs/{failed.pk}/").text) is expected
        assert f"/runs/{failed.pk}/cancel" not in client.get(f"/runs/{failed.pk}/").text


@pytest.mark.parametrize("part", ["", "requirements", "trace", "quality", "issues", "files"])
def test_what_a_reviewer_rejected_is_not_offered_again(world: World, part: str) -> None:
    run = factories.run(world.project, status=RunStatus.CANCELLED)
    client = world.client(world.editor)
    assert f"/runs/{run.pk}/resume" in client.get(f"/runs/{run.pk}/{part}").text
    Review.objects.create(
        run=run, kind=ReviewKind.RESULT, iteration=1, decision=Decision.REJECTED,
        decided_by=world.reviewer, decided_at=timezone.now(),
    )  # fmt: skip
    assert f"/runs/{run.pk}/resume" not in client.get(f"/runs/{run.pk}/{part}").text


@pytest.mark.parametrize(("seconds", "lost"), [(-1, True), (60, False), (None, False)])
def test_a_lost_worker_is_told_and_its_run_can_be_resumed(
    world: World, seconds: int | None, lost: bool
) -> None:
    ends = None if seconds is None else timezone.now() + timedelta(seconds=seconds)
    run = factories.run(world.project, status=RunStatus.RUNNING, lease_expires_at=ends)
    client = world.client(world.editor)
    text = client.get(f"/runs/{run.pk}/").text
    assert ("The worker of this run seems to be lost." in text) is lost
    assert (f"/runs/{run.pk}/resume" in text) is lost
    assert f"/runs/{run.pk}/cancel" in text
    assert client.get(f"/runs/{run.pk}/events").json()["lost"] is lost
    ended = factories.run(world.project, status=RunStatus.COMPLETED, lease_expires_at=ends)
    assert "seems to be lost" not in client.get(f"/runs/{ended.pk}/").text


def test_only_a_working_run_is_followed(world: World) -> None:
    running = factories.run(world.project, status=RunStatus.RUNNING)
    assert "follow-run.js" in page(world, running).text
    assert "follow-run.js" not in page(world, factories.completed_run(world.project)).text


def test_a_score_below_the_threshold_never_reads_as_the_threshold(world: World) -> None:
    run = factories.completed_run(world.project, gate_passed=False)
    QualityRecord.objects.filter(run=run).update(overall=0.79999, threshold=Decimal("0.8"))
    assert "0.799" in page(world, run).text


def test_queries_do_not_grow(world: World, django_assert_num_queries: Callable[[int], Any]) -> None:
    run = factories.completed_run(world.project, requirements=10)
    client = world.client(world.viewer)
    with django_assert_num_queries(14):
        assert client.get(f"/runs/{run.pk}/").status_code == 200
